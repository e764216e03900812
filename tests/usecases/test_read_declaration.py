"""Reading the declaration: which sources count, in which order, and that nothing an author writes makes it fail."""

import time

import pytest
from builders_declaration import codes_of, declared
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.canonical import digest_of
from gate.core.change.plan_digest import plan_digest
from gate.core.change.template import PULL_REQUEST_TEMPLATE
from gate.usecases.read_declaration import MAX_BODY_BYTES, MAX_FILES

_MESSAGE = "shop: turn it on\n\nBecause.\n\n## Rollback plan\n- Method: revert\n"


class TestTheCommitMessage:
    def test_counts_where_nothing_else_is_said(self) -> None:
        found = declared(None, commit_message=_MESSAGE)
        assert found.sources == ("commit message",)
        assert (found.rollback.method, found.rollback.line, found.rollback.source) == ("revert", 5, "commit message")

    def test_its_subject_does_not_count(self) -> None:
        assert declared(None, commit_message="Rollback: revert\n\nHello.\n").rollback is None

    def test_a_plan_in_a_line_counts(self) -> None:
        found = declared(None, commit_message="fix: x\n\nRollback: revert\nSigned-off-by: A <a@b.example>\n")
        assert found.rollback.method == "revert"
        assert not found.problems or not any(problem.blocks for problem in found.problems)

    def test_does_not_count_beside_a_body_that_states_something(self) -> None:
        found = declared("## Change\n- Risk: low\n", commit_message=_MESSAGE)
        assert (found.rollback, found.sources) == (None, ("body",))

    def test_counts_beside_an_untouched_template(self) -> None:
        found = declared(PULL_REQUEST_TEMPLATE, commit_message=_MESSAGE)
        assert found.rollback.method == "revert"
        assert not found.problems

    @pytest.mark.parametrize("message", ["", "\n", "subject", "subject\n", "\r\n\r\n"])
    def test_an_empty_one_states_nothing(self, message: str) -> None:
        assert declared(None, commit_message=message).sources == ()


class TestWhatIsTooMuch:
    def test_a_body_beyond_its_bound_is_a_problem_and_is_not_read(self) -> None:
        found = declared("## Rollback\n- Method: revert\n" + "x" * MAX_BODY_BYTES)
        assert found.rollback is None
        assert codes_of(found) == ["declaration-invalid"]
        assert "at most 262,144 are read" in found.problems[0].text

    def test_a_file_beyond_its_bound_is_a_problem(self) -> None:
        found = declared(files=[("a.yaml", b"#" * (MAX_BODY_BYTES + 1))])
        assert [(one.code, one.source) for one in found.problems] == [("declaration-invalid", "a.yaml")]

    def test_too_many_files_are_a_problem(self) -> None:
        files = [(f"{number}.yaml", b"change: {risk: low}") for number in range(MAX_FILES + 1)]
        assert codes_of(declared(files=files)) == ["declaration-invalid"]


_HOSTILE = {
    "plans": "## Rollback plan\n",
    "misspelt plans": "## Rolback plan\n",
    "keys": "- Method: revert\n",
    "misspelt keys": "- Methodx: revert\n",
    "loose items": "- foo bar\n",
    "empty boxes": "- [ ] a\n",
    "quotes": "> a\n\n",
    "commas": "Steps: a,",
    "dashes": "Window: - ",
    "hours": "Time to restore: 1 h ",
    "tickets": "A-1 ",
    "prose": "to revert, ",
    "brackets": "Steps: [a",
    "blocks": "```yaml gate\na: 1\n```\n",
    "open data": "```yaml gate\n[[[[[",
    "bold": "**Rollback**\n\n",
    "other letters": "\u0430",
    "nothing to see": "\u200b",
}


_PIECES = st.sampled_from(
    [
        "## Rollback plan", "## Change", "**Rollback**", "- Method: revert", "- Steps:", "  1. stop it",
        "  - [ ] x", "- [x] Type: normal", "> q", "```", "```yaml gate", "rollback: {method: manual}",
        "change: [", "<!--", "-->", "<del>", "</del>", "| Method | revert |", "|---|---|", "TBD",
        "Revert it now.", "[a](b)", "- Tickets: INC-1", "- Window: 2026-12-01T10:00Z / 1h", "\u200b",
        "\x00", "\ud800", "\u202e", "---", "", "    code", "- Time to restore: 1h", "### Steps",
        "Rollback: revert", "- Rollback:", "&#0;", "&#xD800;",
    ]
)  # fmt: skip


class TestHostileBodies:
    @pytest.mark.parametrize("name", _HOSTILE)
    @pytest.mark.parametrize("head", ["", "## Rollback plan\n- Method: manual\n", "## Change\n- Tickets: "])
    def test_they_take_bounded_time_and_give_bounded_answers(self, name: str, head: str) -> None:
        piece = _HOSTILE[name]
        start = time.perf_counter()
        found = declared(head + piece * (40_000 // len(piece)))
        assert time.perf_counter() - start < 15  # well below one second on a quiet machine
        assert len(found.problems) < 150
        assert len(repr(found)) < 200_000

    @settings(max_examples=200)
    @given(st.lists(_PIECES | st.text(max_size=20), max_size=15))
    def test_whatever_is_written_there_is_an_answer(self, pieces: list[str]) -> None:
        body = "\n".join(pieces)
        found = declared(body, template=body[: len(body) // 2], commit_message=body)
        plan_digest(found.rollback)
        digest_of([problem.text for problem in found.problems])
        assert all(problem.text.isprintable() for problem in found.problems)
        count = len(pieces) + sum(len(piece.splitlines()) + piece.count("\r") for piece in pieces) + 2
        assert all(0 <= problem.line <= count for problem in found.problems)
        assert declared(body, template=body[: len(body) // 2], commit_message=body) == found

    @settings(max_examples=60)
    @given(st.binary(max_size=60) | st.sampled_from([b"rollback: {steps: [1, null, {}]}", b"change: {window: []}"]))
    def test_whatever_a_file_holds_there_is_an_answer(self, raw: bytes) -> None:
        found = declared(files=[(".gate/changes/x.yaml", raw)])
        plan_digest(found.rollback)
        assert found.rollback is None or found.sources
