"""Holidays: who keeps which calendar, and until when they hold."""

import datetime as dt
import json

from hypothesis import given
from hypothesis import strategies as st

from gate.core.escalation.holidays import LONGEST, Holidays, who_keeps
from gate.core.ownership.records import OwnershipRecords
from gate.core.times import instant, parse_instant

CHRISTMAS = (
    ("2026-12-24T23:00:00Z", "2026-12-25T23:00:00Z"),
    ("2026-12-25T23:00:00Z", "2026-12-26T23:00:00Z"),
)
NOON = "2026-12-25T12:00:00Z"


def records(**observed_by: list[str]) -> OwnershipRecords:
    calendars = {name: {"calendar": f"{name}.ics", "observed_by": who} for name, who in observed_by.items()}
    people = {"alice": {"github": "Alice"}, "bob": {}, "carol": {}}
    teams = {"payments": {"members": ["@alice", "bob"]}, "web": {"members": ["bob", "carol"]}}
    teams["everybody"] = {"members": ["payments", "web"]}
    whole = {"version": 1, "people": people, "teams": teams, "holidays": calendars}
    return OwnershipRecords.model_validate_json(json.dumps(whole))


class TestWhoKeepsWhich:
    def test_a_team_and_those_of_its_members_who_are_not_named_themselves(self) -> None:
        found = who_keeps(records(germany=["payments"], france=["bob"]))
        assert found == {"payments": ("germany",), "alice": ("germany",), "bob": ("france",)}

    def test_a_member_of_two_teams_keeps_both_calendars(self) -> None:
        found = who_keeps(records(germany=["payments"], france=["web"]))
        assert found["bob"] == ("france", "germany")
        assert (found["alice"], found["carol"]) == (("germany",), ("france",))

    def test_everybody_in_a_team_that_is_in_theirs_except_who_is_named_otherwise(self) -> None:
        found = who_keeps(records(germany=["everybody"], france=["web"]))
        assert (found["alice"], found["payments"]) == (("germany",), ("germany",))
        assert (found["web"], found["carol"]) == (("france",), ("france",))
        assert found["bob"] == ("france", "germany")


class TestUntilWhen:
    def test_days_that_follow_one_another_are_one_holiday_of_whatever_calendars(self) -> None:
        sunday = (("2026-12-26T23:00:00Z", "2026-12-27T23:00:00Z"),)
        holidays = Holidays({"germany": CHRISTMAS, "weekends": sunday}, {"alice": ("germany", "weekends")})
        assert holidays.until("alice", NOON) == "2026-12-27T23:00:00Z"
        assert holidays.until("alice", "2026-12-27T23:00:00Z") == ""
        assert holidays.until("alice", "2026-12-24T22:59:59Z") == ""
        assert holidays.until("bob", NOON) == ""

    def test_a_calendar_that_could_not_be_read_holds_nothing_back(self) -> None:
        assert Holidays({}, {"alice": ("germany",)}, {"germany": "It is gone."}).until("alice", NOON) == ""

    @given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(0, 60))
    def test_nothing_is_ever_held_back_for_more_than_31_days(self, lengths: list[int], start: int) -> None:
        base, days = parse_instant("2026-12-01T00:00:00Z"), []
        moment = base
        for length in lengths:
            until = moment + dt.timedelta(days=length)
            days.append((instant(moment), instant(until)))
            moment = until
        at = base + dt.timedelta(days=start)
        until_at = Holidays({"all": days}, {"alice": ("all",)}).until("alice", instant(at))
        assert not until_at or parse_instant(until_at) - at <= LONGEST
        if moment > at:
            assert bool(until_at) == (moment - at <= LONGEST)
