"""Text within a Markdown block: its visible lines, with what is code, a link or struck out told apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gate.core.change.outline import TextLine
from gate.core.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from markdown_it.token import Token

_STRUCK = lazy_regex(r"<(/?)(?:del|s|strike|template)\b", re.IGNORECASE)
_BREAK = lazy_regex(r"<br\s*/?>", re.IGNORECASE)
_COLON = lazy_regex("[:\uff1a]")
_BOX = lazy_regex(r"\s*\[[ xX]\]\s*")

Kind = Literal["text", "strong", "code", "link", "address"]


@dataclass(slots=True)
class _Line:
    number: int
    pieces: list[tuple[str, Kind]] = field(default_factory=list)


def text_lines(children: "Sequence[Token]", first_line: int) -> tuple[TextLine, ...]:
    """Return the visible lines of a block's text; lines without any are left out."""
    lines = _Reader(first_line).read(children)
    return tuple(line for one in lines if (line := _finished(one)).text)


def cell_line(children: "Sequence[Token]", line: int) -> TextLine:
    """Return the text of a table's cell as one line, empty where it shows none."""
    pieces = [piece for one in _Reader(line).read(children) for piece in (*one.pieces, (" ", "text"))]
    return _finished(_Line(line, pieces))


class _Reader:
    """Reads the tokens of one block from left to right."""

    def __init__(self, first_line: int) -> None:
        self.lines = [_Line(first_line)]
        self.number = first_line
        self.struck = 0
        self.strong = 0
        self.address: str | None = None
        self.link_text = ""

    def read(self, children: "Sequence[Token]") -> list[_Line]:
        """Return all lines, empty ones included."""
        for child in children:
            self._read(child)
        return self.lines

    def _read(self, child: "Token") -> None:
        match child.type:
            case "text" | "text_special":
                self._add(child.content, "strong" if self.strong else "text")
            case "code_inline":
                self._add(child.content, "code")
            case "softbreak" | "hardbreak":
                self.number += 1
                self.lines.append(_Line(self.number))
            case "strong_open" | "strong_close":
                self.strong += child.nesting
            case "s_open" | "s_close":
                self.struck += child.nesting
            case "link_open":
                self.address, self.link_text = str(child.attrs.get("href", "")), ""
            case "link_close":
                self._close_link()
            case "html_inline":
                self._read_html(child.content)

    def _add(self, text: str, kind: Kind) -> None:
        if self.struck:
            return
        if self.address is not None:
            self.link_text += text
            kind = "link"
        self.lines[-1].pieces.append((text, kind))

    def _close_link(self) -> None:
        """Write a link's address behind its text: whoever signs off must see, and bind, where it leads (R36)."""
        said, address, self.address = self.link_text.strip(), self.address, None
        if said and address and not self.struck and address not in {said, f"mailto:{said}"}:
            self.lines[-1].pieces.append((f" <{address}>", "address"))

    def _read_html(self, content: str) -> None:
        self.number += content.count("\n")
        if _BREAK.fullmatch(content):
            self.lines.append(_Line(self.number))
        elif struck := _STRUCK.match(content):
            self.struck = max(0, self.struck + (-1 if struck[1] else 1))


def _finished(line: _Line) -> TextLine:
    visible = [(text, kind) for text, kind in line.pieces if text.strip()]
    split = _split(line.pieces)
    label, rest = split or (None, [])
    return TextLine(
        text=_joined(line.pieces),
        plain=_joined(line.pieces, is_plain=True),
        line=line.number,
        label=label,
        value=_joined(rest),
        plain_value=_joined(rest, is_plain=True),
        is_strong=bool(visible) and all(kind == "strong" for _, kind in visible if _BOX.fullmatch(_) is None),
        is_link=_is_link(line.pieces),
        is_value_link=_is_link(rest),
    )


def _split(pieces: Sequence[tuple[str, Kind]]) -> tuple[str, list[tuple[str, Kind]]] | None:
    """Return what stands before the first colon that is neither code nor part of a link, and what stands after."""
    before = ""
    for number, (text, kind) in enumerate(pieces):
        colon = _COLON.search(text) if kind in {"text", "strong"} else None
        if colon:
            rest: list[tuple[str, Kind]] = [(text[colon.end() :], kind), *pieces[number + 1 :]]
            return (before + text[: colon.start()]).strip(), rest
        before += "" if kind == "address" else text
    return None


def _is_link(pieces: Sequence[tuple[str, Kind]]) -> bool:
    said = [kind for text, kind in pieces if any(letter.isalnum() for letter in _BOX.sub("", text))]
    return bool(said) and all(kind in {"link", "address"} for kind in said)


def _joined(pieces: Sequence[tuple[str, Kind]], *, is_plain: bool = False) -> str:
    return " ".join("".join(text for text, kind in pieces if not (is_plain and kind == "address")).split())
