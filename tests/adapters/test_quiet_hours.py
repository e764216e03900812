"""Quiet hours: until when, by the clock of whose zone, over midnight and over a change of clocks."""

import pytest

from gate.adapters.calendars.quiet_hours import quiet_until
from gate.core.ownership.records import QuietHours


def quiet(begins: str, ends: str, timezone: str = "Europe/Berlin") -> QuietHours:
    return QuietHours.model_validate({"from": begins, "to": ends, "timezone": timezone})


class TestUntilWhen:
    @pytest.mark.parametrize(
        ("at", "until"),
        [
            ("2026-12-01T18:59:59Z", ""),
            ("2026-12-01T19:00:00Z", "2026-12-02T06:00:00Z"),
            ("2026-12-02T01:00:00Z", "2026-12-02T06:00:00Z"),
            ("2026-12-02T06:00:00Z", ""),
        ],
    )
    def test_over_midnight_until_the_morning(self, at: str, until: str) -> None:
        assert quiet_until(quiet("20:00", "07:00"), at) == until

    def test_within_a_day(self) -> None:
        assert quiet_until(quiet("12:00", "13:00"), "2026-12-01T11:30:00Z") == "2026-12-01T12:00:00Z"
        assert quiet_until(quiet("12:00", "13:00"), "2026-12-01T12:00:00Z") == ""

    def test_an_hour_longer_where_clocks_are_set_back(self) -> None:
        # On 25 October 2026 Berlin leaves summer time at 01:00 UTC.
        assert quiet_until(quiet("20:00", "07:00"), "2026-10-24T18:00:00Z") == "2026-10-25T06:00:00Z"
        assert quiet_until(quiet("20:00", "07:00"), "2026-10-23T18:00:00Z") == "2026-10-24T05:00:00Z"

    def test_never_where_both_times_are_equal(self) -> None:
        assert quiet_until(quiet("00:00", "00:00"), "2026-12-01T00:00:00Z") == ""

    def test_a_zone_that_nobody_knows_is_utc(self) -> None:
        assert quiet_until(quiet("20:00", "07:00", "Nowhere/Land"), "2026-12-01T20:00:00Z") == "2026-12-02T07:00:00Z"
