"""Durations as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.durations import MAX_MINUTES, parse_minutes


class TestWhatIsUnderstood:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [
            ("15 minutes", 15),
            ("15min", 15),
            ("1h", 60),
            ("PT15M", 15),
            ("pt1h30m", 90),
            ("P1DT2H", 1560),
            ("1h30", 90),
            ("1 h 30 m", 90),
            ("90 min.", 90),
            ("2 days", 2880),
            ("1 hour and 5 minutes", 65),
            ("1.5 hours", 90),
            ("1,5 h", 90),
            ("an hour", 60),
            ("half an hour", 30),
            ("about 10 minutes", 10),
            ("~5 min", 5),
            ("< 30 minutes", 30),
            ("10-15 minutes", 15),
            ("5 to 10 min", 10),
            ("0 minutes", 0),
        ],
    )
    def test_as_people_write_it(self, text: str, minutes: int) -> None:
        assert parse_minutes(text) == minutes

    def test_seconds_are_rounded_up(self) -> None:
        assert parse_minutes("30 s") == 1
        assert parse_minutes("61 seconds") == 2


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "text",
        ["", "15", "soon", "minutes", "PT", "P", "-5 minutes", "1h soon", "5 parsecs", "TBD", "1 minute 5", "٣ h"],
    )
    def test_what_has_no_number_or_no_unit(self, text: str) -> None:
        assert parse_minutes(text) is None

    @pytest.mark.parametrize("text", ["9999999 weeks", "P99999W", "1" * 50 + " h", "1 h " * 1000])
    def test_what_is_beyond_a_year_or_endless(self, text: str) -> None:
        assert parse_minutes(text) is None

    @settings(max_examples=150)
    @given(st.text(alphabet="0123456789.,hmdwsptPT -\u2013~<andto", max_size=60) | st.text(max_size=90))
    def test_whatever_is_written_it_never_fails_and_stays_in_bounds(self, text: str) -> None:
        minutes = parse_minutes(text)
        assert minutes is None or 0 <= minutes <= MAX_MINUTES
