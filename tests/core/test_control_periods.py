"""From when to when a branch demanded the gate, and what nobody saw."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gate.core.audit.control_periods import Look, Period, control_periods

SINCE, UNTIL = "2026-07-01T00:00:00Z", "2026-07-31T00:00:00Z"


def day(number: int, hour: int = 0) -> str:
    return f"2026-07-{number:02}T{hour:02}:00:00Z"


def a_look(at: str, *, is_required: bool = True, is_seen: bool = True, unseen_since: str = "") -> Look:
    return Look(at, 7, is_seen, is_required, covers_admins=True, unseen_since=unseen_since)


def shown(*looks: Look, known_until: str = UNTIL, until: str = UNTIL) -> list[tuple[str, str, str]]:
    def word(period: Period) -> str:
        return "gap" if period.is_gap or period.look is None else "on" if period.look.is_required else "off"

    found = control_periods(looks, since=SINCE, until=until, known_until=known_until)
    return [(one.since[8:13], one.until[8:13], word(one)) for one in found]


class TestWhatIsKnown:
    def test_a_branch_that_nobody_looked_at_is_one_gap(self) -> None:
        assert shown() == [("01T00", "31T00", "gap")]

    def test_switching_the_gate_off_and_on_shows_from_when_to_when(self) -> None:
        looks = a_look(day(1)), a_look(day(2), is_required=False), a_look(day(2, 3))
        assert shown(*looks, until=day(3), known_until=day(3)) == [
            ("01T00", "02T00", "on"),
            ("02T00", "02T03", "off"),
            ("02T03", "03T00", "on"),
        ]

    def test_what_is_seen_again_and_again_is_one_period(self) -> None:
        looks = [a_look(day(number)) for number in range(1, 31)]
        assert shown(*looks) == [("01T00", "31T00", "on")]


class TestGaps:
    def test_before_the_first_look_is_a_gap(self) -> None:
        assert shown(a_look(day(2)), until=day(3)) == [("01T00", "02T00", "gap"), ("02T00", "03T00", "on")]

    def test_a_silence_is_a_gap_from_the_last_look_on(self) -> None:
        looks = a_look(day(1)), a_look(day(2, 5), unseen_since=day(1, 2)), a_look(day(3))
        assert shown(*looks, until=day(3), known_until=day(3)) == [
            ("01T00", "01T02", "on"),
            ("01T02", "02T05", "gap"),
            ("02T05", "03T00", "on"),
        ]

    def test_a_day_without_any_record_is_a_gap_whatever_the_next_record_says(self) -> None:
        assert ("01T00", "04T00", "gap") in shown(a_look(day(1)), a_look(day(4)), until=day(5))

    def test_nothing_is_known_after_the_ledger_ends(self) -> None:
        assert shown(a_look(day(1)), known_until=day(1, 9), until=day(3)) == [
            ("01T00", "01T09", "on"),
            ("01T09", "03T00", "gap"),
        ]

    def test_what_the_platform_hides_is_a_gap(self) -> None:
        assert shown(a_look(day(1), is_seen=False), until=day(2)) == [("01T00", "02T00", "gap")]


moments = st.integers(0, 40 * 24).map(
    lambda hour: f"2026-0{6 + hour // 720}-{hour // 24 % 30 + 1:02}T{hour % 24:02}:00:00Z"
)
looks = st.lists(st.tuples(moments, st.booleans(), st.booleans()), max_size=12).map(
    lambda rows: [a_look(at, is_required=is_on, is_seen=is_seen) for at, is_on, is_seen in sorted(rows)]
)


class TestAlways:
    @given(looks, moments)
    def test_the_periods_always_cover_the_whole_span_without_a_hole(self, found: list[Look], known: str) -> None:
        periods = list(control_periods(found, since=SINCE, until=UNTIL, known_until=known))
        assert periods[0].since == SINCE
        assert periods[-1].until == UNTIL
        assert all(one.until == two.since for one, two in pairwise(periods))
