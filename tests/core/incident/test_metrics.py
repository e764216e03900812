"""Metrics of failure: what is counted, of which population, and what is not."""

from gate.core.incident.metrics import Outage, change_failure_rate, time_to_restore

SINCE, UNTIL = "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"
OUTAGES = [
    Outage("i1", "api", "2026-11-02T10:00:00Z", "2026-11-02T10:30:00Z", ("c1",)),
    Outage("i2", "api", "2026-11-03T10:00:00Z", "2026-11-03T12:00:00Z", ("c1", "c9")),
    Outage("i3", "db", "2026-11-04T10:00:00Z", None),
    Outage("i4", "db", "2026-12-01T00:00:00Z", "2026-12-01T09:00:00Z", ("c2",)),
]


class TestChangeFailureRate:
    def test_counts_a_change_once_and_by_when_it_landed(self) -> None:
        landed = [("c1", SINCE), ("c2", "2026-11-30T23:59:59Z"), ("c3", "2026-11-05T00:00:00Z"), ("c9", UNTIL)]
        rate = change_failure_rate(landed, OUTAGES, since=SINCE, until=UNTIL)
        assert (rate.changes, rate.failed, rate.percent) == (3, ("c1", "c2"), 66.7)

    def test_of_no_changes_is_nothing_rather_than_zero(self) -> None:
        assert change_failure_rate([], OUTAGES, since=SINCE, until=UNTIL).percent is None


class TestTimeToRestore:
    def test_is_a_measured_value_and_names_what_lasts(self) -> None:
        found = time_to_restore(OUTAGES, since=SINCE, until=UNTIL)
        assert (found.median_minutes, found.p90_minutes) == (30, 120)
        assert (found.restored, found.open) == (("i1", "i2"), ("i3",))

    def test_of_nothing_restored_is_nothing(self) -> None:
        found = time_to_restore([OUTAGES[2]], since=SINCE, until=UNTIL)
        assert (found.median_minutes, found.p90_minutes, found.open) == (None, None, ("i3",))
