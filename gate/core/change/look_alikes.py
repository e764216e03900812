"""Look-alikes: touched paths that the eye, or another file system, takes for somebody else's path."""

import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import field

from gate.core.change.facts import LookAlike
from gate.core.change.paths import shown
from gate.core.values import dataclass

MAX_CANDIDATES = 64
_SLASHES = str.maketrans(dict.fromkeys("\\\u2044\u2215\u29f5\u29f8\u29f9\uff0f\uff3c", "/"))
# Letters of other alphabets that are drawn like Latin ones; what NFKC already turns into Latin is not repeated here.
# The table serves names spelled wholly in another alphabet; a single foreign letter is caught by `_is_blurred`.
_DRAWN_LIKE = {
    "a": "\u0251\u03b1\u0430\u237a\u0391\u0410\u13aa\ua4ee",
    "b": "\u0184\u0392\u0412\u0432\u13cf\u15af\ua4d0\u0253\u042c\u044c",
    "c": "\u03f2\u0441\u0421\u1d04\u13df\ua4da\u03f9\u1455",
    "d": "\u0501\u13a0\u146f\ua4d2\u0257\u13e7",
    "e": "\u0435\u0415\u0395\u03b5\u212e\u04bd\u13ac\ua4f0\u0454",
    "f": "\u03dd\u0192\ua4dd\u0584",
    "g": "\u0261\u018d\u0581\u050c\u050d\u13c0\ua4d6",
    "h": "\u04bb\u0570\u041d\u0397\u043d\u13bb\ua4e7\u04ba",
    "i": "\u0131\u0269\u03b9\u0456\u0406\u0399\u04cf\u13a5\ua4f2\u0406",
    "j": "\u0458\u0408\u03f3\u037f\u13ab\ua4d9",
    "k": "\u03ba\u043a\u041a\u039a\u13e6\ua4d7\u0138",
    "l": "\u04c0\u01c0\u2223\u13de\u14aa\ua4e1\u05c0\u0196",
    "m": "\u043c\u041c\u039c\u13b7\ua4df\u03fa",
    "n": "\u0578\u057c\u039d\ua4e0\u0438\u043f\u03b7",
    "o": "\u03bf\u043e\u041e\u039f\u0585\u0555\u05e1\u0665\u1d0f\ua4f3\u0c66\u0966\u3007",
    "p": "\u03c1\u0440\u0420\u03a1\u13e2\ua4d1\u2374",
    "q": "\u051b\u0563\u0566\u051a",
    "r": "\u0433\u1d26\u13a1\u13d2\ua4e3\u0453",
    "s": "\u0455\u0405\u01bd\u13da\u054f\ua4e2",
    "t": "\u03c4\u0442\u0422\u03a4\u13a2\ua4d4",
    "u": "\u03c5\u0446\u057d\u1d1c\u144c\ua4f4\u028b\u054d",
    "v": "\u03bd\u0475\u0474\u05d8\u1d20\u13d9\u142f\ua4e6",
    "w": "\u051d\u0461\u051c\u13b3\u0561\u1d21\ua4ea\u03c9",
    "x": "\u03c7\u0445\u0425\u03a7\u2573\u157d\ua4eb\u00d7",
    "y": "\u0443\u0423\u03b3\u03a5\u04af\u04ae\u13a9\ua4ec\u028f\u04f1",
    "z": "\u0396\u13c3\u1d22\ua4dc\u0225",
    "-": "\u2010\u2011\u2012\u2013\u2212\u02d7\u06d4\u2043\u2014",
    "_": "\u02cd\u2017",
    ".": "\u0660\u06f0\u0701\u0702\ua4f8",
}
_LATIN = {ord(drawn): plain for plain, several in _DRAWN_LIKE.items() for drawn in several}
# Marks that NFKD splits off stay; these are not drawn at all (beyond the general category of format characters).
_NOT_DRAWN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d\u180f")


def skeleton(text: str) -> str:
    """Return what a text comes to when case, Unicode form, invisible and look-alike characters are disregarded.

    Two texts with one skeleton may be one name on another file system or to the eye. ASCII loses its case only: digits
    and letters that resemble one another (0 and o) are left apart, since ordinary names differ by them.
    """
    if text.isascii():
        return text.lower()
    drawn = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not _is_invisible(letter))
    plain = drawn.translate(_LATIN).casefold()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", plain).casefold()).translate(_LATIN)


def find_look_alikes(
    paths: Iterable[str], *, spellings: "Spellings", stakes_in: Callable[[str], frozenset[Hashable]]
) -> tuple[LookAlike, ...]:
    """Return the touched paths that look like paths for which somebody is asked who would not be asked otherwise.

    `spellings` are those of all patterns in force; `stakes_in` returns whoever and whatever has a say in a path, as
    comparable marks. A path is respelled the way the patterns spell its segments; where the respelled path has an
    owner, or meets a condition, that the path itself has not, it counts for that path too (R30). Ordinary paths cost
    one look-up for each folder.
    """
    found = []
    for path in paths:
        asked: frozenset[Hashable] | None = None
        for candidate in spellings.of(path):
            asked = stakes_in(path) if asked is None else asked
            stakes = stakes_in(candidate)
            if not stakes <= asked:
                found.append(LookAlike(path, candidate, _why(path, candidate)))
                asked |= stakes
    spellings.forget()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Glob:
    """One pattern segment with wildcards: as written, and folded, with a group for every wildcard.

    `longest` is the longest text that whatever it matches holds, folded.
    """

    longest: str
    written: re.Pattern[str]
    folded: re.Pattern[str]
    parts: tuple[str | None, ...]
    is_plain: bool

    def respelled(self, segment: str, key: str) -> str | None:
        """Return the segment as the pattern would spell it, None where it matches as it is or not at all."""
        match = self.folded.fullmatch(key)
        if match is None or self.written.fullmatch(segment):
            return None
        is_aligned = len(segment) == len(key)
        captures = iter(range(1, self.folded.groups + 1))
        pieces = []
        for part in self.parts:
            if part is None:
                start, end = match.span(next(captures))
                pieces.append(segment[start:end] if is_aligned else key[start:end])
            else:
                pieces.append(part)
        return "".join(pieces)


@dataclass(slots=True)
class Spellings:
    """How some patterns spell the names of folders and files. What was asked for is remembered until `forget`."""

    patterns: Iterable[str]
    _literals: dict[str, set[str]] = field(default_factory=dict)
    _by_length: dict[int, list[str]] = field(default_factory=dict)
    _globs: list[_Glob] = field(default_factory=list)
    _of_segment: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _of_folder: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        segments = {part for pattern in self.patterns for part in re.split(r"(?<!\\)/", pattern.removeprefix("!"))}
        for segment in sorted(segments):
            parts = _parts_of(segment)
            if all(part is not None for part in parts):
                spelled = "".join(part for part in parts if part is not None)
                if spelled:
                    self._literals.setdefault(_key(spelled), set()).add(spelled)
            elif any(parts):
                self._globs.append(_glob(segment, parts))
        for folded in sorted(self._literals):
            if folded.isascii():
                self._by_length.setdefault(len(folded), []).append(folded)

    def forget(self) -> None:
        """Let go of all that was asked for: the names of a change are no part of the patterns (S11)."""
        self._of_segment.clear()
        self._of_folder.clear()

    def of(self, path: str) -> Iterator[str]:
        """Yield other spellings of a path, at most 64."""
        written = path if path.isascii() and "\\" not in path else path.translate(_SLASHES)
        folder, _, name = written.rpartition("/")
        if written == path and not self._segment(name) and not self._has_other(folder):
            return
        segments = written.split("/")
        choices = [(segment, *self._segment(segment)) for segment in segments]
        for chosen in itertools.islice(_chosen(choices), MAX_CANDIDATES):
            candidate = "/".join(chosen)
            if candidate != path:
                yield candidate

    def _has_other(self, folder: str) -> bool:
        known = self._of_folder.get(folder)
        if known is None:
            known = self._of_folder[folder] = any(map(self._segment, folder.split("/")))
        return known

    def _segment(self, segment: str) -> tuple[str, ...]:
        known = self._of_segment.get(segment)
        if known is None:
            known = self._of_segment[segment] = tuple(sorted(self._respelled(segment)))
        return known

    def _respelled(self, segment: str) -> set[str]:
        key = _key(segment)
        others = set(self._literals.get(key, ()))
        if not segment.isascii():
            drawn = "".join(one for one in unicodedata.normalize("NFKC", segment) if not _is_invisible(one))
            for folded in self._by_length.get(len(drawn), ()) if _is_half_ascii(drawn) else ():
                if _is_blurred(drawn, folded):
                    others |= self._literals[folded]
        is_plain = key == segment
        for glob in self._globs:
            if glob.longest not in key or (is_plain and glob.is_plain):
                continue
            respelled = glob.respelled(segment, key)
            if respelled is not None:
                others.add(respelled)
        return others - {segment}


def _chosen(choices: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield every way to take one of several spellings for each segment of a path, of which the first is as written.

    SECURITY: where there are more ways than are looked at, those come first in which every segment is respelled, the
    upper folders in every way: else a deep path in other letters throughout would be looked up for none of its owners.
    """
    if math.prod(map(len, choices)) <= MAX_CANDIDATES:
        yield from itertools.product(*choices)
        return
    for chosen in itertools.product(*(spellings[::-1] for spellings in reversed(choices))):
        yield chosen[::-1]


def _key(segment: str) -> str:
    """Return the skeleton of one name, without the dots and blanks that some file systems drop at its end."""
    folded = skeleton(segment)
    return folded.rstrip(". ") or folded if folded.endswith((".", " ")) else folded


def _glob(segment: str, parts: Sequence[str | None]) -> _Glob:
    wildcards = re.findall(r"\*+|\?", re.sub(r"\\.", "x", segment, flags=re.DOTALL))
    skeletons = [None if part is None else skeleton(part) for part in parts]
    longest = max(filter(None, skeletons), key=len, default="")
    written, folded = _expression(parts, wildcards), _expression(skeletons, wildcards)
    is_plain = written == folded
    return _Glob(longest, re.compile(written, re.DOTALL), re.compile(folded, re.DOTALL), tuple(parts), is_plain)


def _expression(parts: Sequence[str | None], wildcards: Sequence[str]) -> str:
    """Return the parts of a segment as a regular expression with a group for every wildcard.

    SECURITY: what stands between two stars is found leftmost, once and for all: a name of four thousand letters would
    otherwise be tried at every place for every star (S11).
    """
    kinds = iter(wildcards)
    texts = [""]
    for part in parts:
        if part is not None:
            texts[-1] += re.escape(part)
        elif next(kinds) == "?":
            texts[-1] += "(.)"
        else:
            texts.append("")
    first, *inner = texts
    return first + "".join(f"(?>(.*?){text})" for text in inner[:-1]) + "".join(f"(.*){text}" for text in inner[-1:])


def _parts_of(segment: str) -> list[str | None]:
    """Return the literal parts of a pattern's segment, backslashes resolved; None stands for a wildcard."""
    parts: list[str | None] = []
    for token in re.findall(r"\\.|\*+|\?|[^\\*?]+|\\$", segment, re.DOTALL):
        if token[0] in "*?":
            parts.append(None)
            continue
        literal = token[1:] if token[0] == "\\" and len(token) > 1 else token
        if parts and parts[-1] is not None:
            parts[-1] += literal
        else:
            parts.append(literal)
    return parts


def _is_blurred(drawn: str, folded: str) -> bool:
    """Return whether a name is an owned one of the same length with letters of another alphabet put in.

    This needs no table of what resembles what: whatever stands where an ASCII letter is expected is suspect.
    """
    pairs = zip(drawn, folded, strict=True)
    return all(not one.isascii() or one.lower() == other for one, other in pairs)


def _is_half_ascii(drawn: str) -> bool:
    return sum(1 for letter in drawn if letter.isascii()) * 2 >= len(drawn)


def _is_invisible(letter: str) -> bool:
    if letter.isascii():
        return False
    number = ord(letter)
    is_selector = 0xFE00 <= number <= 0xFE0F or 0xE0000 <= number <= 0xE0FFF  # noqa: PLR2004 (Unicode blocks)
    return is_selector or letter in _NOT_DRAWN or unicodedata.category(letter) == "Cf"


def _why(path: str, other: str) -> str:
    if path.lower() == other.lower():
        how = "only in upper and lower case"
    elif unicodedata.normalize("NFC", path) == unicodedata.normalize("NFC", other):
        how = "only in its Unicode form"
    elif any(map(_is_invisible, path)):
        how = "by characters that are not drawn"
    elif path.isascii():
        how = "by dots, blanks or backslashes that some file systems drop"
    else:
        how = "by characters that are drawn alike"
    return f"{shown(path)} differs from {shown(other)} {how}."
