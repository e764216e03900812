"""S24: whoever may write a calendar puts nobody off for good: whatever it says, a ladder calls after 31 days."""

import datetime as dt
from pathlib import Path

from builders_holidays import ALICE, BOB, CAROL, DAY, HOUR, MINUTE, a_shop, calendar, keep, outcomes, today, told
from builders_signoff import entries

LONGEST = 31
EVERY_DAY = calendar(dt.date(2020, 1, 1), 1).replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY")


class TestACalendarOfEveryDay:
    def test_holds_nothing_back(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            keep(service, EVERY_DAY)
            service.forge.a_pull()
            service.settle()
            assert told(notifier) == [ALICE, BOB]


class TestACalendarThatGetsOneMoreHolidayBeforeTheLastIsOver:
    def test_puts_a_step_off_for_31_days_and_no_longer(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            service.later(4 * HOUR + MINUTE)
            assert len(told(notifier)) == 4
            called = []
            for _ in range(8):
                keep(service, calendar(today(service), 12))
                service.settle()
                service.later(5 * DAY)
                called += [(today(service), one.to) for one in notifier.sent if one.subject.startswith("Escalation")]
                notifier.sent.clear()
            first = min(day for day, _ in called)
            steps = [one for one in entries(service, pull, "escalated") if one["payload"].get("outcome") == "put-off"]
            put_off = dt.date.fromisoformat(steps[0]["at"][:10])
            assert LONGEST <= (first - put_off).days < LONGEST + 5  # it is looked at every five days here
            assert {to for day, to in called if day == first} >= {ALICE, BOB}
            service.later(15 * MINUTE)
            assert CAROL in told(notifier)
            found = outcomes(service, pull)
            assert found[found.index("level 1") - 1] == "put-off"
