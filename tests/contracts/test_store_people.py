"""People in the store: who stands in when, who was asked instead, and whose a login is, on every database."""

from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT
from builders_store import a_change_row, a_key, a_known_repository

from gate.usecases.command_answers import CommandAnswer
from gate.usecases.erase_person import erase_person
from gate.usecases.people import Delegation, LinkedLogin, StandIn

ALICE, BOB, CAROL = "github:1001", "github:1002", "github:1003"
COVER = StandIn(ALICE, BOB, "2026-12-21", "2027-01-03", AT, "Skiing.")
ANSWER = CommandAnswer(a_key(), 77, 1, ALICE, "Alice", "signoff", "refused", "Alice wrote this change.", AT, AT)
LOGIN = LinkedLogin("https://login.example.com", "ada", ALICE, AT)


@pytest.fixture
def kept(store: Any) -> Any:
    a_known_repository(store)
    with store.writing() as writing:
        generation = writing.begin_judgement(a_key())
        writing.save_change(replace(a_change_row(), generation=generation))
        assert writing.save_stand_in(COVER)
        assert writing.save_linked_login(LOGIN)
    return store


class TestAStandIn:
    @pytest.mark.parametrize(
        ("day", "count"), [("2026-12-20", 0), ("2026-12-21", 1), ("2027-01-03", 1), ("2027-01-04", 0)]
    )
    def test_holds_on_both_its_days_and_between(self, kept: Any, day: str, count: int) -> None:
        with kept.reading() as reading:
            assert reading.stand_ins_on(day) == [COVER] * count

    def test_is_found_by_either_of_both_until_it_is_over(self, kept: Any) -> None:
        with kept.reading() as reading:
            for account in (ALICE, BOB):
                assert reading.stand_ins_about(account, day="2026-12-01") == [COVER]
                assert reading.stand_ins_about(account, day="2027-01-04") == []
            assert reading.stand_ins_about(CAROL, day="2026-12-01") == []

    def test_ends_once(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert writing.end_stand_in(ALICE, BOB, "2026-12-21")
            assert not writing.end_stand_in(ALICE, BOB, "2026-12-21")
            assert writing.stand_ins_on("2026-12-24") == []

    def test_is_kept_once(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert not writing.save_stand_in(replace(COVER, ends_on="2027-01-09"))


class TestADelegation:
    def test_is_found_by_either_of_both_and_ends_once(self, kept: Any) -> None:
        asked = Delegation(a_key(), ALICE, BOB, AT, ("component:default/api",))
        with kept.writing() as writing:
            assert writing.save_delegation(asked)
        with kept.writing() as writing:
            assert writing.delegations_about(ALICE) == [asked] == writing.delegations_about(BOB)
            assert writing.delegations_about(CAROL) == []
            assert writing.end_delegation(asked)
            assert not writing.end_delegation(asked)
            assert writing.delegations(a_key()) == ()

    def test_of_a_change_that_is_over_is_not_listed(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.save_delegation(Delegation(a_key(), ALICE, BOB, AT))
            change = writing.change(a_key())
            writing.save_change(replace(change, state="merged"))
            assert writing.delegations_about(ALICE) == []


def test_the_open_changes_of_an_author_are_found(kept: Any) -> None:
    with kept.reading() as reading:
        assert [one.key for one in reading.open_changes_by("github:1004")] == [a_key()]
        assert reading.open_changes_by(ALICE) == []


class TestALink:
    def test_ends_and_holds_again_and_its_account_stays_known(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert writing.end_linked_login(LOGIN, "2026-12-02T00:00:00Z")
            assert not writing.end_linked_login(LOGIN, "2026-12-03T00:00:00Z")
            assert not writing.save_linked_login(replace(LOGIN, account=BOB))
            assert writing.linked_login(LOGIN.issuer, LOGIN.subject) == replace(LOGIN, ended_at="2026-12-02T00:00:00Z")
            assert writing.linked_logins(ALICE) == []
            assert writing.renew_linked_login(LOGIN)
            assert not writing.renew_linked_login(LOGIN)
            assert writing.linked_logins(ALICE) == [LOGIN]


class TestAnAnswerToACommand:
    def test_is_kept_once_and_found_by_its_change(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert writing.save_command_answer(ANSWER)
            assert not writing.save_command_answer(replace(ANSWER, outcome="taken"))
            assert writing.save_command_answer(replace(ANSWER, line=3))
        with kept.reading() as reading:
            assert reading.command_answers(a_key()) == (ANSWER, replace(ANSWER, line=3))
            assert reading.command_answers(a_key(2)) == ()

    def test_loses_what_names_a_person_who_is_forgotten(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.save_command_answer(ANSWER)
        erase_person(kept, ALICE, ["Alice"], at=AT, reason="request 18")
        with kept.reading() as reading:
            (answer,) = reading.command_answers(a_key())
        assert (answer.name, answer.why) == ("(erased)", "(erased) wrote this change.")


class TestErasure:
    def test_forgets_who_stands_in_and_whose_logins_were(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.end_linked_login(LOGIN, AT)
        erase_person(kept, ALICE, ["Alice"], at=AT, reason="request 18")
        with kept.reading() as reading:
            assert reading.stand_ins_on("2026-12-24") == []
            assert reading.linked_login(LOGIN.issuer, LOGIN.subject) is None

    def test_forgets_what_others_wrote_of_them(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.save_stand_in(StandIn(BOB, CAROL, "2026-12-21", "2026-12-22", AT, "Alice is away too."))
        erase_person(kept, ALICE, ["Alice"], at=AT, reason="request 18")
        with kept.reading() as reading:
            assert [one.reason for one in reading.stand_ins_on("2026-12-21")] == ["(erased)"]
