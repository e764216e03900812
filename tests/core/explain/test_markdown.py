"""Markdown: the summary of a check run."""

import re

import pytest
from builders_verdict import a_met_requirement, a_requirement, a_touched_component, a_verdict, not_counted
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gate.core.explain.markdown import LIMIT, markdown
from gate.core.explain.markdown_text import code, inline
from gate.core.verdict import Actor, InformedView, LookAlikeView, RelaxationView, Signoffs

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    return str(COMMONMARK.render(text))


class TestWhatIsShown:
    def test_reasons_come_before_everything_else(self) -> None:
        text = markdown(a_verdict(a_met_requirement(), a_requirement()))
        places = [
            text.index(part) for part in ("## … Waiting", "### What is missing", "### Touches", "### What is met")
        ]
        assert places == sorted(places)

    def test_a_requirement_says_why_next_who_and_rule(self) -> None:
        text = markdown(a_verdict())
        assert "- **… waiting:** Sign-off for payments-api (0 of 1)\n" in text
        assert "  - **why:** Nobody of payments has signed off yet.\n" in text
        assert "  - **next:** Ask alice or bob to sign off.\n" in text
        assert "  - **who:** `alice` or `bob`: an approving review" in text
        assert "  - **rule:** `.gate/policy.yaml:4` Owners sign off\n" in text
        assert "  - **files:** `services/payments/round.py`\n" in text

    def test_what_a_signoff_lacks_is_said(self) -> None:
        view = a_requirement(signoffs=Signoffs(not_counted=(not_counted(),)))
        assert "  - **not counted:** dave wrote this change (review, author)\n" in markdown(a_verdict(view))

    def test_the_other_sections_are_there(self) -> None:
        text = markdown(
            a_verdict(
                relaxations=(RelaxationView(kind="emergency", name="break-glass", why="carol set it"),),
                look_alikes=(LookAlikeView(path="Web/x", looks_like="web/x", why="case"),),
                informed=(InformedView(component="docs", owner="web", why="optional"),),
                assumptions=("- not a list",),
            )
        )
        assert "- **emergency** `break-glass`: carol set it\n" in text
        assert "- `Web/x` looks like `web/x`: case\n" in text
        assert "- `docs` (`web`): optional\n" in text
        assert "- \\- not a list\n" in text


class TestCutting:
    @pytest.mark.parametrize("number", [10, 100, 1_000, 10_000])
    def test_the_limit_holds_for_any_number_of_requirements(self, number: int) -> None:
        views = [a_requirement(title=f"Sign-off for c{n}") for n in range(number)]
        text = markdown(a_verdict(*views, components=[a_touched_component(f"c{n}") for n in range(number)]))
        assert len(text) <= LIMIT
        assert text.startswith("## … Waiting\n")

    def test_details_go_before_reasons(self) -> None:
        views = [a_requirement(files=tuple(f"{'x' * 200}/{n}" for n in range(50))) for _ in range(60)]
        text = markdown(a_verdict(*views))
        assert text.count("**why:**") == 60
        assert "Left out" not in text

    def test_what_was_left_out_is_said(self) -> None:
        views = [a_requirement(title=f"Sign-off for c{n}") for n in range(2_000)] + [a_met_requirement()] * 50
        text = markdown(a_verdict(*views))
        assert re.search(
            r"\*\*Left out to fit:\*\* 1,[0-9]{3} open requirements, .*50 met requirements and 1 footer; files", text
        )
        kept = text.count("**why:**")
        left = int(re.findall(r"fit:\*\* ([0-9,]+) open", text)[0].replace(",", ""))
        assert kept + left == 2_000

    def test_a_long_title_cannot_push_the_reasons_out(self) -> None:
        text = markdown(a_verdict(title="A " * 200_000))
        assert "**why:** Nobody of payments has signed off yet." in text

    def test_a_tiny_limit_still_names_the_state(self) -> None:
        assert markdown(a_verdict(), limit=60) == "WAITING. The explanation does not fit here."
        assert len(markdown(a_verdict(), limit=20)) <= 20

    @given(
        texts=st.lists(st.text(max_size=80) | st.sampled_from(["```", "<details>", "`a``b`", "@org/all"]), max_size=30),
        limit=st.integers(60, 6_000),
    )
    @settings(max_examples=120, deadline=None)
    def test_it_never_exceeds_the_limit_nor_stops_within_a_span(self, texts: list[str], limit: int) -> None:
        views = [a_requirement(why=text, title=text, files=(text or "a",)) for text in texts] or [a_requirement()]
        text = markdown(a_verdict(*views, title="".join(texts), notes=tuple(texts)), limit=limit)
        assert len(text) <= limit
        whole = set(markdown(a_verdict(*views, title="".join(texts), notes=tuple(texts)), limit=10**9).splitlines())
        details = re.compile(r"\*\*Left out|\*\*files:|does not fit|^- and |^and ")
        assert [line for line in text.splitlines() if line not in whole and not details.search(line)] == []


class TestTextOfOthers:
    @given(st.text(max_size=200))
    @settings(max_examples=200, deadline=None)
    def test_renders_as_exactly_itself(self, text: str) -> None:
        """Whatever the text, the HTML shows its visible form and nothing but text and code."""
        html = rendered(f"- **why:** {inline(text)}\n- x")
        assert re.sub(r"</?(?:ul|li|code|strong|p)>|\n", "", html).count("<") == 0
        assert html.count("<li>") == 2

    @pytest.mark.parametrize(
        "text", ["`", "``", "a`b", " a ", "`a`", "```", "a``b`c", "   ", "`` ` ``", "a\\", "<b>", "&lt;"]
    )
    def test_a_code_span_shows_exactly_its_text(self, text: str) -> None:
        html = rendered(f"x {code(text)} y")
        shown = re.fullmatch(r"<p>x <code>(.*)</code> y</p>\n", html)
        assert shown
        assert shown[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text

    def test_names_quoted_by_the_gate_stay_code(self) -> None:
        assert inline("The branch `release/1` is not governed.") == "The branch `release/1` is not governed."

    def test_two_spans_that_touch_stay_two(self) -> None:
        assert rendered(inline("`a`@b")) == "<p><code>a</code> <code>@b</code></p>\n"

    def test_people_are_named_without_being_called(self) -> None:
        view = a_requirement(who=(Actor(person="@acme/payments", how="ask @alice"),))
        text = markdown(a_verdict(view))
        assert "`@acme/payments`: ask `@alice`" in text
