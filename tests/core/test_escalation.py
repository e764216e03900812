"""The ladder: when each step is due, who is called on it, and that a calendar that ran out silences nobody."""

import datetime as dt
from dataclasses import replace
from typing import Any

from builders_facts import AT, PEOPLE, TEAMS, a_component, an_ownership

from gate.core.escalation.calling import OnCallNow, called_on
from gate.core.escalation.ladder import level_ladder, signoff_ladder
from gate.core.ownership.records import Contact, EscalationLevel, EscalationPolicy, OnCall, TeamRecord, Vendor

PAGER = Contact(channel="pager", to="pagerduty://key@api")


def a_level(*notify: str, channel: str = "email", within: str = "30m") -> EscalationLevel:
    given = {"notify": notify, "channel": channel, "acknowledge_within": within}
    return EscalationLevel.model_validate(given, strict=False)


def a_ladder(*levels: EscalationLevel, **fields: Any) -> EscalationPolicy:
    return EscalationPolicy(levels=levels or (a_level("owner", within="15m"), a_level("backup")), **fields)


def minutes(ladder: Any) -> list[int]:
    return [int(step.after.total_seconds()) // 60 for step in ladder.steps]


OWNERSHIP = replace(
    an_ownership(a_component("payments-api", "payments", "/services/", backup="platform")),
    people={**PEOPLE, "alice": PEOPLE["alice"].model_copy(update={"contacts": (PAGER,)})},
    teams={**TEAMS, "payments": TeamRecord(members=("alice", "bob"), on_call=OnCall(schedule="on-call.ics"))},
    vendors={"stripe": Vendor(name="Stripe", contacts=(Contact(channel="email", to="mailto://help@stripe.example"),))},
)


def called(level: EscalationLevel, on_call: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    component = OWNERSHIP.components[0]
    return [
        (one.callee.name, one.why)
        for one in called_on(
            level, component, OWNERSHIP, {name: OnCallNow(one) for name, one in (on_call or {}).items()}, at=AT
        )
    ]


class TestWhenEachStepIsDue:
    def test_a_reminder_then_each_level_after_the_time_of_the_one_before(self) -> None:
        ladder = signoff_ladder(a_ladder(remind_after="4h", begin_after="1d"))
        assert minutes(ladder) == [240, 1440, 1455]
        assert [step.number for step in ladder.steps] == [0, 1, 2]
        assert ladder.ends_after == dt.timedelta(days=1, minutes=45)

    def test_no_reminder_where_the_ladder_begins_first(self) -> None:
        assert minutes(signoff_ladder(a_ladder(remind_after="1d", begin_after="1h"))) == [60, 75]

    def test_the_whole_ladder_again_as_often_as_the_policy_says(self) -> None:
        ladder = level_ladder(a_ladder(repeat=1))
        assert minutes(ladder) == [0, 15, 45, 60]
        assert [step.turn for step in ladder.steps] == [0, 0, 1, 1]

    def test_at_once_in_an_emergency(self) -> None:
        assert minutes(signoff_ladder(a_ladder(), is_emergency=True)) == [0, 15]

    def test_two_reminders_where_there_is_no_policy(self) -> None:
        ladder = signoff_ladder(None)
        assert [(step.after.days, step.level) for step in ladder.steps] == [(1, None), (3, None)]


class TestWhoIsCalled:
    def test_who_is_on_call_by_address_login_or_name(self) -> None:
        level = a_level("owner:on-call")
        for name in ("mailto:alice@example.com", "alice@example.com", "alice", "Alice Adams"):
            assert called(level, {"payments": (name,)}) == [("alice", "on call for payments")]

    def test_the_whole_team_where_nobody_is_on_call_or_nobody_known(self) -> None:
        level = a_level("owner:on-call")
        assert called(level, {"payments": ()})[0] == ("alice", "of payments; nobody is on call")
        assert [name for name, _ in called(level, {"payments": ("stranger@example.com",)})] == ["alice", "bob"]
        assert called(level)[1] == ("bob", "of payments; it cannot be told who is on call")

    def test_everybody_in_the_teams_that_the_owner_holds_where_nobody_is_on_call(self) -> None:
        teams = {**TEAMS, "engineering": TeamRecord(members=("payments", "web"))}
        ownership = replace(OWNERSHIP, teams=teams)
        component = replace(OWNERSHIP.components[0], owners=("engineering",))
        found = called_on(a_level("owner:on-call"), component, ownership, {"engineering": OnCallNow(())}, at=AT)
        assert [one.callee.name for one in found] == ["alice", "bob", "erin"]
        assert found[0].why == "of engineering; nobody is on call"

    def test_backup_team_person_and_vendor(self) -> None:
        level = a_level("backup", "team:web", "person:bob", "vendor:stripe")
        assert called(level) == [
            ("carol", "of platform, the backup"),
            ("erin", "named as team:web"),
            ("bob", "named as person:bob"),
            ("Stripe", "vendor stripe"),
        ]

    def test_each_once_however_often_a_level_names_them(self) -> None:
        assert [name for name, _ in called(a_level("owner", "person:alice", "team:payments"))] == ["alice", "bob"]

    def test_by_the_levels_channel_first_and_by_any_other_after_it(self) -> None:
        (one, _) = called_on(a_level("owner", channel="email"), OWNERSHIP.components[0], OWNERSHIP, {}, at=AT)
        assert [address.channel for address in one.callee.addresses] == ["email", "pager", "review-request"]
