"""Words and texts of a declaration: folded for comparison, cleaned for keeping, and told from placeholders."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal

from gate.core.change.look_alikes import skeleton
from gate.core.change.paths import is_deceiving
from gate.core.change.paths import quoted as quoted_at_length
from gate.core.change.vocabulary import ACTIONS, BE, FILLERS, NEGATIONS, NOT_APPLICABLE, UNFINISHED
from gate.core.lazy_regex import lazy_regex

MAX_TEXT = 2_000
MAX_WORD = 60
MAX_NEAR_CHECKS = 100
_NEAR = 0.8
_SHOWN = 60
_SURROGATES = lazy_regex("[\ud800-\udfff]")
_NUMBERING = lazy_regex(r"^[0-9]+(?=[a-z])")
_IN_BRACKETS = lazy_regex(r"\([^()]*\)|\[[^\[\]]*\]")
_TO_FILL_IN = lazy_regex(r"<[^<>]*>|\[[^\[\]]*\]|\{+[^{}]*\}+|\([^()]*\)|_{2,}|\.{2,}")
_SENTENCES = lazy_regex(r"[.;!?](?:\s|$)|\n")
_SEGMENTS = lazy_regex(r"[:,(]|\s[-\u2013\u2014]\s")
_CLAUSES = lazy_regex(r"\b(?:and|then|or|by|to|via|with|we|you|please|should|must)\b")
_ENUMERATOR = lazy_regex(r"\d{1,2}[.)]", re.ASCII)
_DASHES = lazy_regex("[-\u2010-\u2015]+")

Emptiness = Literal["", "unfinished", "not-applicable", "empty"]


def word_of(text: str) -> str:
    """Return a heading or key without case, blanks, hyphens, punctuation, numbering and look-alikes."""
    if len(text) > MAX_WORD:
        return ""
    folded = "".join(letter for letter in skeleton(text) if letter.isalnum())
    return _NUMBERING.sub("", folded)


def words_of(text: str) -> tuple[str, ...]:
    """Return the ways to fold a heading: as it is, and without what stands in brackets (`Rollback plan (required)`)."""
    bare = _IN_BRACKETS.sub("", text)
    return tuple(dict.fromkeys(word for word in (word_of(text), word_of(bare)) if word))


def cleaned(text: str) -> str:
    """Return a value with its blanks made one, line by line; lines without visible text are left out."""
    whole = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    lines = (" ".join(line.split()) for line in whole.splitlines())
    return "\n".join(line for line in lines if is_visible(line))


def is_visible(text: str) -> bool:
    """Return whether a text shows anything: zero-width and other format characters alone are nothing (R37)."""
    if text.isascii():
        return bool(text.strip())
    return any(not letter.isspace() and unicodedata.category(letter)[0] not in "CZ" for letter in skeleton(text))


def is_suspicious(text: str) -> bool:
    """Return whether a text holds control characters or such as reorder what is shown."""
    plain = text.replace("\n", "").replace("\t", "")
    return not (plain.isascii() and plain.isprintable()) and any(map(is_deceiving, plain))


def emptiness_of(text: str) -> Emptiness:
    """Return why a text says nothing: it is empty, a placeholder still to be replaced, or a word for nothing."""
    if not is_visible(text) or _ENUMERATOR.fullmatch(text.strip()):
        return "empty"
    if _DASHES.fullmatch(text.strip()):
        return "not-applicable"
    folded = "".join(letter for letter in skeleton(text[: MAX_TEXT * 2]) if letter.isalnum())
    if not folded or folded in UNFINISHED or _is_to_fill_in(text):
        return "unfinished"
    return "not-applicable" if folded in NOT_APPLICABLE else ""


def _is_to_fill_in(text: str) -> bool:
    """Return whether a text is nothing but something in brackets, such as `[describe the way back]`."""
    left = _TO_FILL_IN.sub("", text)
    return left != text and not any(letter.isalnum() for letter in left)


def is_concrete(text: str) -> bool:
    """Return whether prose holds something to be done: a clause of two words that begins with what to do.

    What stands between two commas and holds a negation (`it is not possible to roll back`) says nothing to do.
    """
    for sentence in _SENTENCES.split(text[: MAX_TEXT * 2].lower()):
        if _is_passive_action(sentence):
            return True
        for segment in _SEGMENTS.split(sentence):
            if not NEGATIONS.intersection(_words_in(segment)) and any(map(_is_action, _clauses(segment))):
                return True
    return False


def _clauses(segment: str) -> Iterator[list[str]]:
    """Yield the words from the beginning of every clause on."""
    for start in (0, *(found.end() for found in _CLAUSES.finditer(segment))):
        yield _words_in(segment[start : start + 200])


def _words_in(text: str) -> list[str]:
    words = [word.strip("`'\"*_().,;:!?") for word in text.split()]
    return [word for word in words if word]


def _is_action(words: list[str]) -> bool:
    at = 0
    while at < len(words) and words[at] in FILLERS:
        at += 1
    return at + 1 < len(words) and words[at + 1] not in BE and bool(_forms(words[at]) & ACTIONS)


def _is_passive_action(sentence: str) -> bool:
    """Return whether a sentence says what is done, in other words: `the flag can be turned off`."""
    words = _words_in(sentence)
    if "be" not in words or NEGATIONS.intersection(words):
        return False
    rest = words[words.index("be") + 1 :]
    while rest and rest[0] in FILLERS:
        rest = rest[1:]
    return len(rest) > 1 and rest[0].endswith("ed") and bool({rest[0][:-2], rest[0][:-1]} & ACTIONS)


def _forms(word: str) -> set[str]:
    stem = word.removesuffix("ing")
    if stem == word:
        return {word, word.replace("-", "")}
    return {stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem}


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the known word that a mistyped one is closest to, None where none is near."""
    if len(word) < 4:  # noqa: PLR2004 (too short to tell a slip from another word)
        return None
    import difflib

    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)), None)


def quoted(text: str) -> str:
    """Return a foreign text as a short part of a sentence: in backticks, on one line, without control characters."""
    return quoted_at_length(" ".join(text.split()), _SHOWN)
