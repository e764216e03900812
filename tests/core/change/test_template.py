"""The template that is shipped, and what tells an untouched template from an author's words."""

import pytest
from builders_declaration import codes_of, declared, plan_of

from gate.adapters.markdown.outline import read_outline
from gate.core.change.outline import Heading
from gate.core.change.template import PULL_REQUEST_TEMPLATE, template_of

_OWN = """\
## Rollback plan
Describe how to roll back.

- Method: revert
- Steps: revert the merge commit
- Verification: dashboards are green
"""


class TestTheTemplateThatIsShipped:
    def test_untouched_it_is_no_plan_and_the_line_of_the_heading_is_named(self) -> None:
        found = declared(PULL_REQUEST_TEMPLATE)
        line = PULL_REQUEST_TEMPLATE.splitlines().index("## Rollback plan") + 1
        assert found.rollback is None
        [problem] = found.problems
        assert (problem.code, problem.line, problem.blocks) == ("rollback-template", line, True)
        assert problem.text == f"The rollback plan is the untouched template (line {line}); fill in how to get back."

    def test_untouched_it_declares_nothing_else(self) -> None:
        found = declared(PULL_REQUEST_TEMPLATE)
        assert (found.change_type, found.risk, found.tickets, found.sources) == ("normal", None, (), ())

    def test_its_values_are_empty(self) -> None:
        assert not any(template_of(read_outline(PULL_REQUEST_TEMPLATE)).values.values())

    def test_every_key_of_it_is_understood_once_it_is_filled_in(self) -> None:
        said = {
            "Type": "standard",
            "Risk": "low",
            "Environments": "production",
            "Affects": "ledger-db",
            "Tickets": "INC-1",
            "Window": "2026-12-01T10:00Z / 1h",
            "Method": "manual",
            "Verification": "graphs are calm",
            "Time to restore": "15 minutes",
            "Data impact": "none",
        }
        body = PULL_REQUEST_TEMPLATE.replace("- Verification:", "  1. turn it off\n- Verification:")
        for key, value in said.items():
            assert f"- {key}:" in body
            body = body.replace(f"- {key}:", f"- {key}: {value}")
        found = declared(body, template=PULL_REQUEST_TEMPLATE)
        assert not found.problems
        assert (found.change_type, found.risk, found.affects, found.tickets) == (
            "standard",
            "low",
            ("ledger-db",),
            ("INC-1",),
        )
        assert found.rollback.steps == ("turn it off",)
        assert found.rollback.restore_minutes == 15
        assert found.window is not None

    def test_it_fits_on_a_screen(self) -> None:
        assert len(PULL_REQUEST_TEMPLATE.splitlines()) <= 40
        assert sum(isinstance(block, Heading) for block in read_outline(PULL_REQUEST_TEMPLATE).blocks) == 2


class TestTheRepositorysOwnTemplate:
    def test_untouched_it_is_no_plan(self) -> None:
        assert codes_of(declared(_OWN, template=_OWN)) == ["rollback-template"]

    def test_without_the_template_the_same_words_are_the_authors(self) -> None:
        assert plan_of(_OWN).steps == ("revert the merge commit",)

    @pytest.mark.parametrize(
        "body",
        [
            _OWN.replace("\n", "\r\n"),
            _OWN.upper(),
            _OWN.replace("- ", "* "),
            _OWN.replace("- Verification: dashboards are green\n", ""),
            _OWN.replace("## Rollback plan", "### Rollback"),
            _OWN.replace("green", "green <!-- sure -->"),
            _OWN.replace("green", "gre\u200ben").replace("\u200b", ""),
        ],
    )
    def test_case_blanks_and_deletions_do_not_make_it_ones_own(self, body: str) -> None:
        found = declared(body, template=_OWN)
        assert found.rollback is None
        assert codes_of(found) == ["rollback-template"]

    def test_what_it_says_in_prose_is_no_part_of_the_authors_prose(self) -> None:
        template = "## Rollback\nRun the steps of the handbook, please.\n"
        plan = plan_of(f"{template}\nRevert the merge and deploy it.\n", template=template)
        assert plan.steps == ("Revert the merge and deploy it.",)

    def test_what_it_says_beside_the_keys_is_not_shown_back(self) -> None:
        body = _OWN.replace("revert the merge commit", "turn it off").replace("dashboards are green", "calm")
        assert not declared(body, template=_OWN).problems

    def test_a_value_that_was_left_is_named_and_does_not_count(self) -> None:
        body = _OWN.replace("dashboards are green", "order rate is back")
        found = declared(body, template=_OWN)
        assert found.rollback.steps == ()
        assert found.rollback.verification == "order rate is back"
        [problem] = [one for one in found.problems if one.blocks]
        assert (problem.code, problem.key, problem.line) == ("rollback-template", "steps", 5)

    def test_a_choice_that_was_left_counts_beside_an_own_value(self) -> None:
        body = _OWN.replace("revert the merge commit", "turn it off").replace("dashboards are green", "calm")
        assert plan_of(body, template=_OWN).method == "revert"

    def test_a_template_of_nothing_but_a_comment(self) -> None:
        template = "## Rollback\n<!-- How do we get back? -->\n"
        assert codes_of(declared(template, template=template)) == ["rollback-template"]

    def test_a_template_without_a_plan_changes_nothing(self) -> None:
        assert plan_of("## Rollback\n- Method: revert\n", template="## Summary\n").method == "revert"

    def test_a_ticket_that_the_template_ships_does_not_count(self) -> None:
        template = "## Change\n- Tickets: INC-1234\n"
        assert declared(template, template=template).tickets == ()
        assert declared("## Change\n- Tickets: INC-9\n", template=template).tickets == ("INC-9",)

    def test_a_box_that_was_ticked_is_the_authors(self) -> None:
        template = "## Rollback\n- [ ] Revert the pull request\n- [ ] Turn the flag off\n"
        assert codes_of(declared(template, template=template)) == ["rollback-template"]
        body = template.replace("[ ] Turn", "[x] Turn")
        assert plan_of(body, template=template).steps == ("Turn the flag off",)

    def test_steps_that_were_left_empty_are_no_placeholder(self) -> None:
        body = PULL_REQUEST_TEMPLATE.replace("- Method:", "- Method: revert")
        assert not declared(body, template=PULL_REQUEST_TEMPLATE).problems

    def test_a_number_that_was_left_without_a_step_is_no_step(self) -> None:
        found = declared("## Rollback\n- Method: revert\n- Steps:\n  1.\n- Flag: -\n")
        assert (found.rollback.steps, found.rollback.flag) == ((), None)
        assert codes_of(found) == []
