"""Blocks: a few hundred entries at once, proven by their own bytes to stand in their places and to rise in time."""

from collections.abc import Sequence

from gate.core.ledger.labels import places_and_times

HEAD = b'{"at":"'
"""How the bytes of an entry begin that names no actor."""
_TIME_END = len(HEAD) + len("2026-12-01T12:00:00Z")
_PLACE = b'","index":'
_THOUSAND = 1000
_LAST_DIGITS = [b"%03d" % number for number in range(_THOUSAND)]
NO_PLACE = -1
"""The index that an entry says whose bytes say none."""


def plain_heads(contents: Sequence[bytes], first: int) -> list[bytes] | None:
    """Return how entries begin, up to the end of their times, where they plainly stand from `first` on; else None.

    What is compared is whole columns of the block: in a list that is sorted, everything between two texts that begin
    alike begins like them; and joined indexes are those of the places, or some entry is not in its own. None says
    nothing against the entries: they are to be looked at one by one.
    """
    end = first + len(contents)
    digits = len(str(first))
    if first < _THOUSAND or len(str(end - 1)) != digits:
        return None
    heads = [content[:_TIME_END] for content in contents]
    if not heads[0].startswith(HEAD) or not heads[-1].startswith(HEAD) or heads != sorted(heads):
        return None
    joined = b"".join(heads)
    if joined.count(b'"') != HEAD.count(b'"') * len(heads) or b"\\" in joined:
        return None
    place_end = _TIME_END + len(_PLACE) + digits + 1
    if b"".join([content[_TIME_END:place_end] for content in contents]) != _places(first, end):
        return None
    return heads


def odd_heads(contents: Sequence[bytes], before: bytes) -> tuple[list[int], list[bytes]]:
    """Return which index each entry says, and how a plain one of its time would begin; `before` where it says none."""
    places, heads = [], []
    for said in places_and_times(contents):
        if said is not None:
            before = HEAD + said[1]
        places.append(NO_PLACE if said is None else said[0])
        heads.append(before)
    return places, heads


def time_of(head: bytes) -> str:
    """Return the time that an entry's head says."""
    return head[len(HEAD) :].decode("utf-8", "replace")


def _places(first: int, end: int) -> bytes:
    """Return what stands between time and kind in plain entries, from `first` to before `end`, one after the other."""
    parts = []
    while first < end:
        thousand, low = divmod(first, _THOUSAND)
        high = min(low + end - first, _THOUSAND)
        opening = b"%b%d" % (_PLACE, thousand)
        parts.append(opening + (b"," + opening).join(_LAST_DIGITS[low:high]) + b",")
        first += high - low
    return b"".join(parts)
