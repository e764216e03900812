"""Durations as people write them (`15 minutes`, `1h30`, `PT15M`, `2 days`), in whole minutes."""

import re

from gate.core.lazy_regex import lazy_regex

MAX_MINUTES = 366 * 24 * 60
_MINUTES_OF = {
    "m": 1, "min": 1, "mins": 1, "minute": 1, "minutes": 1,
    "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60,
    "d": 1440, "day": 1440, "days": 1440,
    "w": 10080, "week": 10080, "weeks": 10080,
}  # fmt: skip
_SECONDS = {"s", "sec", "secs", "second", "seconds"}
_WORDS = {
    "a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "ten": "10",
    "fifteen": "15", "twenty": "20", "thirty": "30", "forty-five": "45", "sixty": "60", "half an": "0.5",
    "half": "0.5",
}  # fmt: skip
_HEDGE = lazy_regex(
    r"^(?:about|approx(?:imately|\.)?|around|roughly|circa|ca\.?|up to|at most|max(?:imum|\.)?|less than|under|within"
    r"|~|<=?|≤|≈)\s*"
)
_WORD = lazy_regex(
    r"\b(half an|forty-five|" + "|".join(word for word in _WORDS if " " not in word) + r")\b(?=\s+[a-z])"
)
_PART = lazy_regex(r"(\d{1,7})(?:[.,](\d{1,4}))?\s*([a-z]+)\.?\s*(?:,|and\b|&)?\s*", re.ASCII)
_HOURS_AND_MINUTES = lazy_regex(r"(\d{1,5})\s*h\s*(\d{1,2})", re.ASCII)
_ISO = lazy_regex(r"p(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:t(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?)?", re.ASCII)
_RANGE = lazy_regex(r"(\d{1,7})\s*(?:-|\u2013|to)\s*(\d{1,7})\s*([a-z]+)", re.ASCII)
_LONGEST = 80


def parse_minutes(text: str) -> int | None:
    """Return a duration in whole minutes, rounded up; None where it is none, has no unit or is beyond a year.

    A range (`10-15 minutes`) is its longer end, and `about` or `at most` changes nothing.
    """
    plain = " ".join(text.lower().split()).rstrip(".")
    if not plain or len(plain) > _LONGEST:
        return None
    plain = _HEDGE.sub("", plain)
    plain = _WORD.sub(lambda found: _WORDS[found[1]], plain)
    seconds = _seconds_of(plain)
    if seconds is None:
        return None
    minutes = -(-seconds // 60)
    return minutes if minutes <= MAX_MINUTES else None


def _seconds_of(plain: str) -> int | None:
    if match := _HOURS_AND_MINUTES.fullmatch(plain):
        return int(match[1]) * 3600 + int(match[2]) * 60
    if (match := _ISO.fullmatch(plain)) and any(match.groups()):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    if match := _RANGE.fullmatch(plain):
        plain = f"{max(int(match[1]), int(match[2]))} {match[3]}"
    return _sum_of_parts(plain)


def _sum_of_parts(plain: str) -> int | None:
    total, at = 0, 0
    while at < len(plain):
        match = _PART.match(plain, at)
        size = _unit_seconds(match[3]) if match else None
        if match is None or size is None:
            return None
        fraction = match[2] or ""
        scale = 10 ** len(fraction)
        total += -(-(int(match[1]) * scale + int(fraction or 0)) * size // scale)
        at = match.end()
    return total


def _unit_seconds(unit: str) -> int | None:
    if unit in _SECONDS:
        return 1
    minutes = _MINUTES_OF.get(unit)
    return None if minutes is None else minutes * 60
