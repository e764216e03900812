"""Holidays: a shop whose records name a calendar of holidays, written by and by, and a ladder that waits for it.

with a_shop(tmp_path) as (service, notifier):
    keep(service, calendar(today(service), 2))     # payments is on holiday today and tomorrow
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from builders_signoff import entries

ALICE, BOB, CAROL = "mailto:alice@example.com", "mailto:bob@example.com", "mailto:carol@example.com"
RECORDS = OWNERSHIP.replace(
    "{name: payments-api, owner: payments, paths: [/api/]}",
    "{name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/],"
    " reviewed: 2020-01-01, review_every_days: 30}",
)
LADDER = """\
escalations:
  ladder:
    remind_after: 4h
    begin_after: 1d
    levels:
      - {notify: [owner], channel: email, acknowledge_within: 15m}
      - {notify: [backup], channel: email, acknowledge_within: 30m}
"""
HOLIDAYS = "holidays:\n  land: {{calendar: {calendar}, observed_by: [{who}]}}\n"
MINUTE, HOUR, DAY = 60, 3600, 86_400


def calendar(first: dt.date, days: int, *, times: str = ";VALUE=DATE") -> str:
    """A calendar with one holiday of some days; with times it is a meeting."""
    time = "" if times else "T000000Z"
    until = first + dt.timedelta(days=days)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//days//EN\r\nBEGIN:VEVENT\r\nUID:1@acme\r\n"
        f"DTSTAMP:20200101T000000Z\r\nDTSTART{times}:{first:%Y%m%d}{time}\r\nDTEND{times}:{until:%Y%m%d}{time}\r\n"
        "SUMMARY:Holiday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@contextmanager
def a_shop(
    folder: Path, *, who: str = "payments", at: str = "holidays.ics"
) -> Iterator[tuple[Service, NotingNotifier]]:
    """A shop whose records name a calendar that is written by and by."""
    notifier = NotingNotifier()
    text = RECORDS + LADDER + HOLIDAYS.format(calendar=at, who=who)
    with a_service(folder, files={".gate/ownership.yaml": text}, notifier=notifier) as service:
        yield service, notifier
        assert service.errors == []


def today(service: Service) -> dt.date:
    return dt.datetime.fromisoformat(service.gate.instant()).date()


def keep(service: Service, raw: str) -> None:
    """Write the calendar."""
    service.forge.shop.commit("main", {"holidays.ics": raw}, author=service.forge.carol)


def told(notifier: NotingNotifier) -> list[str]:
    found = [message.to for message in notifier.sent]
    notifier.sent.clear()
    return sorted(found)


def outcomes(service: Service, pull: Any) -> list[str]:
    found = [one["payload"] for one in entries(service, pull, "escalated")]
    return [one.get("outcome") or f"level {one['level']}" for one in found]


def until(service: Service, day: dt.date) -> int:
    """How many seconds it is until a day begins."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    return int((midnight - dt.datetime.fromisoformat(service.gate.instant())).total_seconds()) + MINUTE
