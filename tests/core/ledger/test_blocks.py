"""Blocks: whole columns are compared only where that proves what looking at each entry would."""

import pytest

from gate.core.ledger.blocks import HEAD, NO_PLACE, odd_heads, plain_heads, time_of

SECONDS = [f"2026-12-01T12:{number // 60:02}:{number % 60:02}Z" for number in range(300)]


def an_entry(index: int, at: str = SECONDS[0], before: str = "") -> bytes:
    return f'{{{before}"at":"{at}","index":{index},"kind":"check-posted","payload":{{}},"subject":"x"}}'.encode()


def a_block(first: int, count: int = 256) -> list[bytes]:
    return [an_entry(first + place, SECONDS[place]) for place in range(count)]


@pytest.mark.parametrize("first", [1000, 1001, 1999, 65_536, 999_744, 10**9 - 256])
def test_entries_in_their_places_are_plain(first: int) -> None:
    heads = plain_heads(a_block(first), first)
    assert heads is not None
    assert [time_of(head) for head in heads] == SECONDS[:256]


@pytest.mark.parametrize("first", [0, 744, 999, 9_900, 99_999])
def test_where_places_are_not_equally_long_each_is_looked_at(first: int) -> None:
    block = a_block(first)
    assert plain_heads(block, first) is None
    assert odd_heads(block, HEAD) == ([*range(first, first + 256)], [HEAD + at.encode() for at in SECONDS[:256]])


@pytest.mark.parametrize("place", [0, 1, 128, 254, 255])
@pytest.mark.parametrize(
    "wrong",
    [
        an_entry(9000),
        an_entry(7100, "2025-12-01T12:00:00Z"),
        an_entry(7100, "2027-12-01T12:00:00Z"),
        an_entry(7100, before='"actor":"x",'),
        b"",
        b"\xff" * 99,
        an_entry(71001),
        an_entry(710),
    ],
)
def test_one_that_is_not_in_its_place_or_time_makes_no_plain_block(place: int, wrong: bytes) -> None:
    block = a_block(7000)
    block[place] = wrong
    if wrong.startswith(HEAD + b"2027") and place == len(block) - 1:
        block[place] = an_entry(7100, "2025-12-01T12:00:00Z")
    assert plain_heads(block, 7000) is None


@pytest.mark.parametrize("at", ['2026-12-01","x":"0Z', "2026-12-01T12:00:0\\u", "2026-12-01T12:00:00.5Z", "2026"])
def test_a_time_is_plain_only_where_it_is_the_whole_text(at: str) -> None:
    block = [an_entry(7000 + place, at) for place in range(256)]
    assert plain_heads(block, 7000) is None


def test_one_that_says_no_place_has_the_time_of_the_one_before_it() -> None:
    block = [an_entry(5, SECONDS[3]), b"nothing", an_entry(7, SECONDS[4], '"actor":"\\n",')]
    times = [HEAD + SECONDS[place].encode() for place in (3, 3, 4)]
    assert odd_heads(block, HEAD) == ([5, NO_PLACE, 7], times)
