"""The case: what is noted of a change beside its requirements, how much it changes, and when that may be otherwise."""

import pytest
from builders_decision import a_case, decided, signed
from builders_facts import AT, a_declaration, a_file, a_policy, a_signoff

from gate.core.change.declaration import DeclarationProblem
from gate.core.policy.case import MAX_HIDDEN_NAMED


class TestNotes:
    def test_are_what_in_the_declaration_was_only_shown_back(self) -> None:
        shown = DeclarationProblem("unticked", "The box `high` is not ticked.", "body", 3, blocks=False)
        blocking = DeclarationProblem("declaration-conflict", "Two types are declared.", "body", 4)
        assert decided(declaration=a_declaration(problems=(shown, blocking))).notes == (shown.text,)

    def test_are_the_files_whose_diff_a_reader_does_not_see_by_path(self) -> None:
        hidden = {"z.min.js": "it is too long", "a.bin": "it is binary"}
        assert decided(hidden_files=hidden).notes == (
            "A diff view does not show a.bin in full: it is binary.",
            "A diff view does not show z.min.js in full: it is too long.",
        )
        assert decided().notes == ()

    @pytest.mark.parametrize("more", [1, 2, 30])
    def test_name_so_many_files_at_most_and_count_the_others(self, more: int) -> None:
        hidden = {f"f{number:03}": "it is binary" for number in range(MAX_HIDDEN_NAMED + more)}
        notes = decided(hidden_files=hidden).notes
        assert len(notes) == MAX_HIDDEN_NAMED + 1
        counted = "1 more file" if more == 1 else f"{more} more files"
        assert notes[-1] == f"A diff view does not show {counted} in full."

    def test_name_them_all_as_long_as_they_are_so_many(self) -> None:
        hidden = {f"f{number:03}": "it is binary" for number in range(MAX_HIDDEN_NAMED)}
        notes = decided(hidden_files=hidden).notes
        assert (len(notes), notes[-1]) == (MAX_HIDDEN_NAMED, "A diff view does not show f019 in full: it is binary.")


class TestLinesChanged:
    def test_are_those_added_and_those_removed_of_all_files(self) -> None:
        files = (a_file("a", additions=10, deletions=1), a_file("b", additions=200, deletions=3000))
        assert a_case(files=files).lines_changed == 3211

    def test_are_none_where_they_cannot_be_counted(self) -> None:
        files = (a_file("a", additions=10, deletions=1), a_file("x.png", additions=-1, deletions=-1))
        assert a_case(files=files).lines_changed == 11
        assert (
            a_case(files=(a_file("a", additions=-1, deletions=5), a_file("b", additions=7, deletions=-1))).lines_changed
            == 12
        )

    def test_are_what_conditions_and_the_risk_are_told(self) -> None:
        rule = {"name": "Big", "when": {"lines_changed": ">500"}, "require": {"escalation": True}}
        for additions, is_big in ((300, False), (301, True)):
            files = (a_file("services/payments/round.py", additions=additions, deletions=200),)
            verdict = decided(files=files, policy=a_policy(rules=[rule]))
            assert ("escalation:Big" in [view.id for view in verdict.requirements]) is is_big


class TestWhenTheVerdictMayBeOtherwise:
    def test_is_when_an_act_comes_that_is_dated_later(self) -> None:
        later = a_signoff("bob", "reject", at="2026-12-01T12:30:00Z")
        assert decided(signoffs=(*signed("alice"), later)).valid_until == "2026-12-01T12:30:00Z"

    def test_is_not_for_what_was_done_before_or_right_now(self) -> None:
        assert decided(signoffs=(*signed("alice"), a_signoff("bob", at=AT))).valid_until is None

    def test_is_the_first_of_several_instants(self) -> None:
        acts = [a_signoff("bob", at=f"2026-12-0{day}T00:00:00Z", id=f"{day}") for day in (4, 2, 3)]
        assert decided(signoffs=tuple(acts)).valid_until == "2026-12-02T00:00:00Z"


class TestTheOrderOfFiles:
    def test_shows_nowhere(self) -> None:
        files = (a_file("web/page.html"), a_file("services/payments/round.py"), a_file("a"))
        assert decided(files=files) == decided(files=files[::-1])
        assert [file.path for file in a_case(files=files).facts.files] == [
            "a",
            "services/payments/round.py",
            "web/page.html",
        ]
