"""R37: what looks like a rollback plan and is none."""

import pytest
from builders_declaration import codes_of, declared

from gate.core.change.template import PULL_REQUEST_TEMPLATE

_PLAN = "## Rollback plan\n- Method: revert\n"


class TestWhatIsNoPlan:
    @pytest.mark.parametrize(
        "body",
        [
            None,
            "",
            "   \r\n\t",
            "\u200b\u200b",
            f"<!--\n{_PLAN}-->\n",
            f"<!-- {_PLAN}",
            f"```\n{_PLAN}```\n",
            f"~~~markdown\n{_PLAN}~~~\n",
            f"```\n{_PLAN}",
            "".join(f"    {line}\n" for line in _PLAN.splitlines()),
            "".join(f"> {line}\n" for line in _PLAN.splitlines()),
            f"<blockquote>\n\n{_PLAN}\n</blockquote>\n",
            f"<del>\n\n{_PLAN}\n</del>\n",
            "`## Rollback plan`\n",
            "See the rollback plan in the wiki.\n",
            "## ~~Rollback plan~~\n- Method: revert\n",
            "![Rollback plan](x.png)\n- Method: revert\n",
        ],
    )
    def test_where_nothing_is_said_there_is_none(self, body: str | None) -> None:
        assert declared(body).rollback is None

    @pytest.mark.parametrize(
        "said",
        [
            "",
            "\u200b",
            "\u2060\ufeff",
            "&#8203;",
            "&nbsp;",
            "<!-- revert it -->",
            "> Method: revert",
            "```\nMethod: revert\n```",
            "    Method: revert",
            "~~Method: revert~~",
            "`Method: revert`",
            "![Method: revert](x.png)",
            "[Method: revert](https://example.com)",
            "- [ ] Method: revert",
            "-",
            "[the runbook](https://wiki.example.com/gone)",
            "https://wiki.example.com/gone",
            "![how](https://example.com/how.png)",
            "- Steps: https://wiki.example.com/gone",
            "- Steps: [revert it](https://wiki.example.com/gone)",
            "<div hidden>Method: revert</div>",
        ],
    )
    def test_a_heading_without_anything_said_is_missing(self, said: str) -> None:
        found = declared(f"Hi\n\n## Rollback plan\n{said}\n")
        assert found.rollback is None
        assert codes_of(found) == ["rollback-missing"]

    @pytest.mark.parametrize(
        "said",
        [
            "N/A", "n/a.", "None", "none needed", "TBD", "T B D", "todo", "--", "...", "?", "_TBD_", "**TODO**",
            "T\u200bBD", "\uff34\uff22\uff24", "T\u0412D", "[describe the way back]", "{{ plan }}", "Not applicable",
            "No rollback needed.", "- TBD", "1. N/A", "- [x] TBD", "> x\n\nN/A", "Fill in", "- Method: TBD",
            "- Steps: TBD", "- Steps:\n  1. TODO\n  2. TODO\n", "- Verification: tbd", "- Time to restore: TBD",
        ],
    )  # fmt: skip
    def test_a_placeholder_is_named_with_its_line(self, said: str) -> None:
        found = declared(f"Hi\n\n## Rollback plan\n{said}\n")
        assert found.rollback is None
        assert set(codes_of(found)) == {"rollback-placeholder"}
        assert all(4 <= problem.line <= 6 for problem in found.problems)

    def test_the_untouched_template_is_named_with_the_line_of_its_heading(self) -> None:
        found = declared(f"Hello\n\n{PULL_REQUEST_TEMPLATE}".replace("\n", "\r\n"))
        line = PULL_REQUEST_TEMPLATE.splitlines().index("## Rollback plan") + 3
        assert found.rollback is None
        assert [(one.code, one.line) for one in found.problems] == [("rollback-template", line)]


class TestWhichOfSeveralPlansCounts:
    @pytest.mark.parametrize(
        "body",
        [
            _PLAN + _PLAN,
            "## Rollback\nN/A\n\n" + _PLAN,
            _PLAN + "\n## Backout plan\n- Method: manual\n",
            _PLAN + "\n**Rollback**\n\nRevert it.\n",
            "## Change\n- Rollback: revert\n\n" + _PLAN,
            "Rollback: revert\n\n" + _PLAN,
        ],
    )
    def test_none(self, body: str) -> None:
        found = declared(body)
        assert found.rollback is None
        assert "rollback-ambiguous" in codes_of(found)

    def test_both_lines_are_named(self) -> None:
        [problem] = declared(_PLAN + "\n" + _PLAN).problems
        assert problem.text == "There are 2 rollback plans (lines 1, 4); keep one and remove the others."


class TestWhatIsStillAPlan:
    @pytest.mark.parametrize(
        "body",
        [
            _PLAN,
            _PLAN.replace("\n", "\r\n"),
            _PLAN.replace("\n", "\r"),
            "\ufeff" + _PLAN,
            f"<!-- {_PLAN} -->\n\n{_PLAN}",
            f"```\n{_PLAN}```\n\n{_PLAN}",
            f"> Rollback plan: none\n\n{_PLAN}",
            f"<details>\n<summary>More</summary>\n\n{_PLAN}\n</details>\n",
            _PLAN + "- Data impact: none\n",
        ],
    )
    def test_what_is_said_plainly_counts(self, body: str) -> None:
        found = declared(body)
        assert found.rollback is not None
        assert found.rollback.method == "revert"
        assert codes_of(found) == []
