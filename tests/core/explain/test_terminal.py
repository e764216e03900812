"""The terminal tree: what a person at a prompt sees."""

import re

import pytest
from builders_verdict import (
    a_met_requirement,
    a_requirement,
    a_rollback,
    a_touched_component,
    a_verdict,
    not_counted,
    signed_by,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.explain.escaping import cells
from gate.core.explain.terminal import terminal
from gate.core.verdict import Actor, InformedView, LookAlikeView, RelaxationView, RollbackProblem, Signoffs

SGR = re.compile(r"\x1b\[[0-9;]*m")


class TestWhatIsShown:
    def test_a_waiting_change_reads_from_top_to_bottom(self) -> None:
        assert terminal(a_verdict()) == (
            "… WAITING\n"
            "  Waiting for alice or bob to sign off on payments-api; nothing else is missing.\n"
            "\n"
            "acme/shop #42: Round amounts half to even\n"
            "  by dave, aaaaaaaaaaaa into main at bbbbbbbbbbbb\n"
            "\n"
            "What is missing\n"
            "  … waiting: Sign-off for payments-api (0 of 1)\n"
            "    why   Nobody of payments has signed off yet.\n"
            "    next  Ask alice or bob to sign off.\n"
            "    who   alice or bob: an approving review, the approval link or the comment\n"
            "          `/signoff payments-api`\n"
            "    rule  .gate/policy.yaml:4 Owners sign off\n"
            "    files services/payments/round.py\n"
            "\n"
            "What is met\n"
            "  ✓ met: Rollback plan. The plan names a method, steps, a verification and a\n"
            "    time.\n"
            "\n"
            "Rollback plan, as understood\n"
            "  ✓ met: revert, back within 15 minutes\n"
            "    1. revert the merge commit\n"
            "    2. deploy main\n"
            "\n"
            "Risk\n"
            "  medium (score 3, declared low)\n"
            "    +3 tier_1: payments-api is of tier 1\n"
            "\n"
            "Touches\n"
            "  payments-api: owner payments, backup platform, tier 1, 1 file\n"
            "\n"
            "Judged at 2026-12-01T12:00:00Z.\n"
            "Facts sha256:5555555555555555555555555555555555555555555555555555555555555555\n"
        )

    def test_the_deciding_reason_comes_first(self) -> None:
        shown = terminal(a_verdict(a_requirement(), a_requirement(state="rejected", title="Rejected by erin")))
        assert shown.index("rejected: Rejected by erin") < shown.index("waiting: Sign-off")

    def test_a_signoff_that_does_not_count_says_why(self) -> None:
        view = a_requirement(signoffs=Signoffs(not_counted=(not_counted(why="wrote commit 3f2a1c"),)))
        assert "    not counted: dave wrote commit 3f2a1c (review, author)\n" in terminal(a_verdict(view))
        met = a_met_requirement(signoffs=Signoffs(not_counted=(not_counted(why="wrote commit 3f2a1c"),)))
        assert "    not counted: dave wrote commit 3f2a1c (review, author)\n" in terminal(a_verdict(met))

    def test_nobody_is_named_twice_in_one_reason(self) -> None:
        view = a_requirement(signoffs=Signoffs(not_counted=(not_counted(why="dave approved, but wrote this change."),)))
        shown = terminal(a_verdict(view))
        assert "not counted: dave approved, but wrote this change (review, author)\n" in shown

    def test_who_signed_is_named_where_the_reason_does_not(self) -> None:
        assert "Signed off by alice and bob." in terminal(
            a_verdict(a_met_requirement(signoffs=signed_by("alice", "bob")))
        )

    def test_many_files_become_a_number(self) -> None:
        files = tuple(f"a/{number}.py" for number in range(3002))
        shown = terminal(a_verdict(a_requirement(files=files)))
        assert "a/4.py" in shown
        assert "a/5.py" not in shown
        assert "and 2,997 more" in shown

    def test_all_who_can_act_on_what_blocks_are_there_however_many_requirements(self) -> None:
        views = [
            a_requirement(title=f"Sign-off for c{n}", who=(Actor(person=f"person-{n}", how="review"),))
            for n in range(300)
        ]
        shown = terminal(a_verdict(*views, components=tuple(a_touched_component(f"c{n}") for n in range(300))))
        assert all(f"person-{number}:" in shown for number in range(300))
        assert all(f"c{number}: owner payments" in shown for number in range(300))

    def test_many_met_requirements_become_a_number(self) -> None:
        assert "  and 470 more" in terminal(a_verdict(*(a_met_requirement() for _ in range(500))))

    def test_rollback_problems_and_rehearsal_are_shown(self) -> None:
        plan = a_rollback(
            method=None,
            state="needs-author",
            steps=("x",) * 25,
            problems=(RollbackProblem(code="rollback-missing", text="There is no plan."),),
            rehearsal="reverted cleanly",
        )
        shown = terminal(a_verdict(rollback=plan))
        assert "! needs-author: no method named" in shown
        assert "and 5 more steps" in shown
        assert "! There is no plan. (rollback-missing)" in shown
        assert "rehearsal: reverted cleanly" in shown

    def test_everything_else_has_its_own_heading(self) -> None:
        shown = terminal(
            a_verdict(
                relaxations=(
                    RelaxationView(kind="emergency", name="break-glass", why="carol set it"),
                    RelaxationView(kind="unowned-allow", name="unowned: allow", why="Nobody owns a."),
                ),
                look_alikes=(LookAlikeView(path="Web/x", looks_like="web/x", why="case"),),
                informed=(InformedView(component="docs", owner="web", why="optional"),),
                assumptions=("Committers stand for pushers.",),
                notes=("A note.",),
                valid_until="2026-12-18T17:00:00Z",
                enforcement="evaluate",
            )
        )
        for line in (
            "  - emergency break-glass: carol set it",
            "  - Nobody owns a. (`unowned: allow`)",
            "  - Web/x looks like web/x: case",
            "  - docs (web): optional",
            "  - Committers stand for pushers.",
            "  - A note.",
            "Judged at 2026-12-01T12:00:00Z; by itself it can change at 2026-12-18T17:00:00Z.",
            "… WAITING (only tried out: nothing is held back)",
        ):
            assert f"{line}\n" in shown


class TestColour:
    def test_only_repeats_what_the_words_say(self) -> None:
        verdict = a_verdict(a_requirement(state="rejected"), a_requirement(), a_met_requirement())
        coloured = terminal(verdict, colour=True)
        assert "\x1b[1;31m✗ REJECTED\x1b[0m" in coloured
        assert SGR.sub("", coloured) == terminal(verdict)

    @pytest.mark.parametrize("state", ["met", "waiting", "needs-author", "rejected", "frozen", "error"])
    def test_every_state_has_a_word(self, state: str) -> None:
        assert re.match(r"\S [A-Z-]{5,}\n", terminal(a_verdict(a_requirement(state=state))))


class TestWidth:
    @given(
        st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z", "C"]), max_size=200),
        st.lists(st.text(min_size=1, max_size=120), max_size=8),
        st.integers(40, 160),
    )
    @settings(max_examples=100, deadline=None)
    def test_no_line_is_ever_wider_than_the_window(self, text: str, files: list[str], width: int) -> None:
        view = a_requirement(why=text, title=text, files=tuple(files))
        shown = terminal(a_verdict(view, title=text, assumptions=(text,)), width=width)
        assert max(cells(line) for line in shown.splitlines()) <= max(width, len("Facts sha256:") + 64)
        facts = [line for line in shown.splitlines() if cells(line) > width]
        assert facts == []

    def test_words_are_whole_where_they_fit(self) -> None:
        text = "The plan names neither verification nor the time that it takes to restore the service again."
        shown = terminal(a_verdict(a_requirement(why=text)), width=50)
        assert " ".join(shown.split()).count(text) == 1

    def test_a_path_longer_than_the_window_is_cut_between_folders(self) -> None:
        path = "services/payments/handlers/cards.py"
        shown = terminal(a_verdict(a_requirement(files=(path,))), width=40)
        assert "    files services/payments/handlers/\n          cards.py\n" in shown

    def test_a_path_longer_than_the_window_is_cut_at_its_edge_and_nothing_is_lost(self) -> None:
        path = "deep/" * 40 + "end.py"
        assert path in re.sub(r"\n\s+", "", terminal(a_verdict(a_requirement(files=(path,)))))
