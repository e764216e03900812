"""The plan of notifications: who is told, of what, how and when; and who is left in peace."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from builders_decision import signed
from builders_facts import AT, PEOPLE, TEAMS, a_component, a_file, a_policy, an_ownership, some_facts

from gate.core.asks import Asks
from gate.core.change.facts import Facts
from gate.core.notify.plan import MOST_PEOPLE, Circumstances, Notice, Told, plan_notices
from gate.core.notify.reach import Address
from gate.core.ownership.records import Away, Contact, PersonRecord, TeamRecord

QUIET_UNTIL = "2026-12-01T18:00:00Z"


def planned(
    facts: Facts, *, told: Collection[Told] = (), at: str = AT, quiet: bool = False, unusable: str = "nothing:"
) -> list[Notice]:
    circumstances = Circumstances(
        at=at,
        told=told,
        quiet_until=lambda _: QUIET_UNTIL if quiet else "",
        is_usable=lambda address: not address.to.startswith(unusable),
    )
    return plan_notices(Asks(facts, at=at), circumstances)


def names(notices: list[Notice]) -> list[str]:
    return [notice.callee.name for notice in notices]


def with_person(name: str, **fields: Any) -> Any:
    people = {**PEOPLE, name: PEOPLE[name].model_copy(update=fields)}
    return replace(an_ownership(), people=people)


class TestWhoIsTold:
    def test_everybody_who_may_sign_off_and_has_not(self) -> None:
        assert names(planned(some_facts())) == ["alice", "bob"]

    def test_nobody_more_once_enough_have_signed(self) -> None:
        assert planned(some_facts(signoffs=signed("alice"))) == []

    def test_not_those_who_signed_while_one_more_is_needed(self) -> None:
        policy = a_policy(signoffs={"each_component": 2})
        assert names(planned(some_facts(policy=policy, signoffs=signed("alice")))) == ["bob"]

    def test_one_notice_for_many_components_of_one_push(self) -> None:
        ownership = an_ownership(
            a_component("payments-api", "payments", "/payments/"), a_component("ledger", "payments", "/ledger/")
        )
        facts = some_facts(ownership=ownership, files=(a_file("payments/a.py"), a_file("ledger/b.py")))
        (alice, bob) = planned(facts)
        assert alice.names == bob.names == ("ledger", "payments-api")

    def test_the_teams_own_contacts_where_its_people_have_no_address(self) -> None:
        people = {name: PersonRecord() if name in {"alice", "bob"} else one for name, one in PEOPLE.items()}
        chat = Contact(channel="chat", to="notify:payments")
        teams = {**TEAMS, "payments": TeamRecord(members=("alice", "bob"), contacts=(chat,))}
        (notice,) = planned(some_facts(ownership=replace(an_ownership(), people=people, teams=teams)))
        assert (notice.callee.name, notice.callee.person) == ("payments", "")
        assert notice.addresses == (Address("chat", "notify:payments"),)

    def test_the_team_of_a_circle_too_large_to_tell_one_by_one(self) -> None:
        many = {f"p{n}": PersonRecord(email=f"p{n}@example.com") for n in range(MOST_PEOPLE + 1)}
        chat = Contact(channel="chat", to="notify:payments")
        teams = {**TEAMS, "payments": TeamRecord(members=tuple(many), contacts=(chat,))}
        ownership = replace(an_ownership(), people={**PEOPLE, **many}, teams=teams)
        assert names(planned(some_facts(ownership=ownership))) == ["payments"]


class TestWhoIsLeftInPeace:
    def test_everybody_while_it_is_a_draft(self) -> None:
        facts = some_facts()
        assert planned(replace(facts, change=replace(facts.change, is_draft=True))) == []

    def test_everybody_while_the_policy_is_only_evaluated(self) -> None:
        assert planned(some_facts(policy=a_policy(enforcement="evaluate"))) == []

    def test_everybody_while_the_author_has_to_act_first(self) -> None:
        facts = some_facts()
        assert planned(replace(facts, declaration=replace(facts.declaration, rollback=None))) == []

    def test_whoever_was_told_of_exactly_this_before(self) -> None:
        (alice, bob) = planned(some_facts())
        told = {("alice", subject, scope) for subject, scope in alice.subjects.items()}
        assert names(planned(some_facts(), told=told)) == ["bob"]
        assert names(planned(some_facts(files=(a_file("services/payments/other.py"),)), told=told)) == ["alice", "bob"]
        assert bob.subjects == alice.subjects

    def test_until_their_quiet_hours_are_over(self) -> None:
        assert {notice.not_before for notice in planned(some_facts(), quiet=True)} == {QUIET_UNTIL}
        assert {notice.not_before for notice in planned(some_facts())} == {AT}


class TestStandIns:
    AWAY = Away.model_validate({"from": dt.date(2026, 11, 30), "to": dt.date(2026, 12, 5), "stand_in": "bob"})

    def test_one_who_may_sign_off_is_told_instead(self) -> None:
        assert names(planned(some_facts(ownership=with_person("alice", away=(self.AWAY,))))) == ["bob"]

    def test_one_who_may_not_is_told_nothing(self) -> None:
        away = self.AWAY.model_copy(update={"stand_in": "dave"})
        assert names(planned(some_facts(ownership=with_person("alice", away=(away,))))) == ["alice", "bob"]

    def test_after_the_days_are_over_the_person_themselves(self) -> None:
        ownership = with_person("alice", away=(self.AWAY,))
        facts = some_facts(ownership=ownership)
        assert names(planned(facts, at="2026-12-06T00:00:00Z")) == ["alice", "bob"]


class TestByWhatChannel:
    def test_mail_before_a_review_request(self) -> None:
        notice = planned(some_facts())[0]
        assert [address.to for address in notice.addresses] == ["mailto:alice@example.com", "review:alice"]

    def test_contacts_as_written_before_mail(self) -> None:
        chat = Contact(channel="chat", to="slack://a/b/c")
        notice = planned(some_facts(ownership=with_person("alice", contacts=(chat,))))[0]
        assert [address.channel for address in notice.addresses] == ["chat", "email", "review-request"]

    def test_what_a_person_prefers_before_everything(self) -> None:
        notice = planned(some_facts(ownership=with_person("alice", prefers="review-request")))[0]
        assert notice.addresses[0] == Address("review-request", "review:alice")

    def test_nothing_that_cannot_be_used(self) -> None:
        notice = planned(some_facts(), unusable="mailto:")[0]
        assert notice.addresses == (Address("review-request", "review:alice"),)
