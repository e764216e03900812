"""`gate escalation preview`: who would be called when, by the calendars as they are then."""

from pathlib import Path

import pytest
from builders_calendars import on_call
from builders_gate_command import run_gate
from builders_git import a_repository

RECORDS = """\
version: 1
people:
  alice: {github: alice, email: alice@example.com}
  bob: {github: bob, email: bob@example.com, quiet_hours: {from: "20:00", to: "07:00"}}
teams:
  payments:
    members: [alice, bob]
    on_call: {schedule: on-call.ics}
    contacts: [{channel: chat, to: "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"}]
  platform: {members: ["@carol"]}
components:
  - {name: payments-api, owner: payments, backup: platform, paths: [/pay/], escalation: ladder}
  - {name: web, owner: platform, paths: [/web/]}
vendors:
  stripe: {name: Stripe support, contacts: [{channel: email, to: "mailto://support@example.com"}]}
escalations:
  ladder:
    levels:
      - {notify: [owner:on-call], channel: email, acknowledge_within: 15m}
      - {notify: [backup, vendor:stripe], channel: email, acknowledge_within: 4h}
"""
CALENDAR = on_call("bob", "20261224", "20261225")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    files = {".gate/ownership.yaml": RECORDS, "on-call.ics": CALENDAR, "pay/a.py": "x = 1\n"}
    return a_repository(tmp_path / "shop", files).path


class TestWhoWouldBeCalledWhen:
    def test_each_level_at_its_time_with_who_is_on_call_then(self, shop: Path) -> None:
        ran = run_gate(
            "escalation", "preview", "payments-api", "--at", "2026-12-24T23:00", "--rev", "main", "--repo", shop
        )
        assert ran.code == 0
        assert ran.rows == [
            ["LEVEL", "AT", "WHO", "BY", "WHY", "NEXT LEVEL"],
            ["1", "2026-12-24T23:00:00Z", "bob", "email mailto:bob@example.com",
             "on call for payments; quiet until 2026-12-25T07:00:00Z", "2026-12-24T23:15:00Z"],
            ["2", "2026-12-24T23:15:00Z", "carol", "review-request review:carol", "of platform, the backup",
             "2026-12-25T03:15:00Z"],
            ["2", "2026-12-24T23:15:00Z", "Stripe support", "email mailto:support@example.com", "vendor stripe",
             "2026-12-25T03:15:00Z"],
        ]  # fmt: skip

    def test_with_the_holidays_of_whoever_is_called(self, tmp_path: Path) -> None:
        days = "holidays: {land: {calendar: days.ics, timezone: Europe/Berlin, observed_by: [payments]}}\n"
        whole_day = CALENDAR.replace("DTSTART:20261224T000000Z", "DTSTART;VALUE=DATE:20261224")
        whole_day = whole_day.replace("DTEND:20261225T000000Z", "DTEND;VALUE=DATE:20261227")
        files = {".gate/ownership.yaml": RECORDS + days, "on-call.ics": CALENDAR, "days.ics": whole_day}
        shop = a_repository(tmp_path / "shop", files).path
        ran = run_gate(
            "escalation", "preview", "payments-api", "--at", "2026-12-24T12:00", "--rev", "main", "--repo", shop
        )
        assert [row[4] for row in ran.rows[1:]] == [
            "on call for payments; on holiday until 2026-12-26T23:00:00Z (a sign-off waits, an incident does not)",
            "of platform, the backup",
            "vendor stripe",
        ]

    def test_the_team_where_the_calendar_has_run_out_and_no_secret_of_its_address(self, shop: Path) -> None:
        ran = run_gate(
            "escalation",
            "preview",
            "payments-api",
            "--at",
            "2026-12-31T12:00+01:00",
            "--rev",
            "main",
            "--repo",
            shop,
            "--json",
        )
        first = ran.json[0]
        assert (first["recipient"], first["channel"], first["to"]) == ("payments", "chat", "slack://...")
        assert first["why"] == "of payments; nobody is on call"
        assert first["at"] == "2026-12-31T11:00:00Z"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("payment-api",), "There is no component 'payment-api'."),
            (("web",), "web has no escalation policy."),
            (("payments-api", "--at", "tomorrow"), "'tomorrow' is no time."),
            (("payments-api", "--at", "0001-01-01T00:00+14:00"), "'0001-01-01T00:00+14:00' is no time."),
        ],
    )
    def test_what_cannot_be_answered_is_one_sentence(self, shop: Path, arguments: tuple[str, ...], said: str) -> None:
        ran = run_gate("escalation", "preview", *arguments, "--rev", "main", "--repo", shop)
        assert ran.code == 2
        assert said in ran.err
