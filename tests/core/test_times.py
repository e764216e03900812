"""Times: as they are written, to the second, in UTC."""

import time

import pytest

from gate.core.times import duration, instant, moment_of, parse_instant


@pytest.mark.parametrize(("text", "hours"), [("90m", 1.5), ("4h", 4), ("2d", 48), ("1w", 168)])
def test_lengths_of_time_are_read_as_written(text: str, hours: float) -> None:
    assert duration(text).total_seconds() == hours * 3600


def test_instants_are_utc_to_the_second() -> None:
    assert instant(parse_instant("2026-12-01T12:00:00+02:00")) == "2026-12-01T10:00:00Z"
    assert instant(parse_instant("2026-12-01T12:00:00.987654Z")) == "2026-12-01T12:00:00Z"


class TestTimesFromOutside:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("2026-12-01", "2026-12-01T00:00:00Z"),
            ("2026-12-01T10:00", "2026-12-01T10:00:00Z"),
            ("2026-12-01T10:00+02:00", "2026-12-01T08:00:00Z"),
            ("0001-01-01T00:00Z", "0001-01-01T00:00:00Z"),
        ],
    )
    def test_are_utc_where_they_name_no_zone(self, text: str, at: str) -> None:
        assert instant(moment_of(text)) == at

    def test_are_utc_whatever_zone_the_machine_is_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        try:
            with monkeypatch.context() as patch:
                patch.setenv("TZ", "FAR-14")
                time.tzset()
                assert instant(moment_of("2026-12-01T10:00")) == "2026-12-01T10:00:00Z"
        finally:
            time.tzset()

    @pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
    def test_are_refused_where_there_is_no_such_time_in_utc(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"\S"):
            moment_of(text)

    def test_may_have_to_name_their_zone(self) -> None:
        assert instant(moment_of("2026-12-01T10:00Z", needs_zone=True)) == "2026-12-01T10:00:00Z"
        with pytest.raises(ValueError, match="without a zone"):
            moment_of("2026-12-01T10:00", needs_zone=True)
