"""Times: as they are written, to the second, in UTC."""

import pytest

from gate.core.times import duration, instant, parse_instant


@pytest.mark.parametrize(("text", "hours"), [("90m", 1.5), ("4h", 4), ("2d", 48), ("1w", 168)])
def test_lengths_of_time_are_read_as_written(text: str, hours: float) -> None:
    assert duration(text).total_seconds() == hours * 3600


def test_instants_are_utc_to_the_second() -> None:
    assert instant(parse_instant("2026-12-01T12:00:00+02:00")) == "2026-12-01T10:00:00Z"
    assert instant(parse_instant("2026-12-01T12:00:00.987654Z")) == "2026-12-01T12:00:00Z"
