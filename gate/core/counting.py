"""Counting: nouns with their number, and the words beside them that agree with it."""


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 file`, `2,997 files`."""
    return f"{number:,} {agreeing(number, noun, plural or noun + 's')}"


def agreeing(number: int, one: str, several: str) -> str:
    """Return the word that goes with a number of things: `is` with one, `are` with none or several."""
    return one if number == 1 else several
