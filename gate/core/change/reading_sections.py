"""Sections of a declaration: the parts of an outline that stand under a heading which is understood."""

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

from gate.core.change.outline import Block, Heading, ItemList, ListItem, Outline, Paragraph, Table, TextLine
from gate.core.change.reading_statements import Reading
from gate.core.change.reading_text import MAX_NEAR_CHECKS, emptiness_of, nearest, quoted, words_of
from gate.core.change.vocabulary import (
    CHANGE_HEADINGS,
    CHANGE_KEYS,
    HEADINGS_TO_SUGGEST,
    PROSE_HEADINGS,
    ROLLBACK_HEADINGS,
    ROLLBACK_KEYS,
    ROLLBACK_PREFIXES,
    ChangeKey,
    RollbackKey,
)
from gate.core.values import dataclass

Meaning = Literal["change", "rollback"] | ChangeKey
BOLD_LEVEL = 7
"""The level of a line that is a heading only by its looks (`**Rollback plan**`, `Rollback plan:`)."""
_STANDING_ALONE = frozenset({"type", "risk", "tickets", "window", "affects", "environments"})


@dataclass(slots=True)
class Section:
    """What stands under one heading; headings further down remain among the blocks."""

    meaning: Meaning
    line: int
    level: int
    blocks: list[Block] = field(default_factory=list)
    is_line: bool = False
    """Whether it began with a line that already says something (`Rollback: revert`); another paragraph ends it."""

    @property
    def has_text(self) -> bool:
        """Return whether anything is said under the heading."""
        return any(isinstance(block, Paragraph | ItemList | Table) for block in self.blocks)


class SectionFinder:
    """Goes through the blocks of an outline from top to bottom and hands them to the section they belong to."""

    def __init__(self, reading: Reading) -> None:
        self.sections: list[Section] = []
        self._reading = reading
        self._open: Section | None = None
        self._checks = 0

    def find(self, outline: Outline) -> list[Section]:
        """Return all sections in their written order."""
        for block in outline.blocks:
            if isinstance(block, Heading):
                self._heading(block)
            elif not (isinstance(block, Paragraph) and self._paragraph(block)):
                self._keep(block)
        return self.sections

    def _keep(self, block: Block) -> None:
        if self._open is not None:
            self._open.blocks.append(block)
        elif isinstance(block, ItemList):
            for item in block.items:
                self._suggest_item(item)

    def _suggest_item(self, item: ListItem) -> None:
        """Tell about `- Rollback: ...` in a list under no heading of ours, where it may as well be an item to tick."""
        first = item.blocks[0] if item.blocks else None
        line = first.lines[0] if isinstance(first, Paragraph) and first.lines else None
        if line is not None and line.label is not None and meaning_of(words_of(line.label)) == "rollback":
            text = f"{quoted(line.label)} stands in a list; put it under a heading `Rollback plan` for it to count."
            self._reading.not_understood(text, line.line)
            self._lack(f"There is no rollback plan; {text}", line.line)

    def _heading(self, heading: Heading) -> None:
        words = words_of(heading.text)
        key = rollback_key_of(words, is_inside=False)
        plan = self._plan()
        is_deeper = self._open is not None and heading.level > self._open.level
        if key and plan is not None and not (is_deeper and self._open is not plan):
            plan.blocks.append(heading)
            self._open = plan
            return
        if is_deeper and self._open is not None and self._continues(self._open, words):
            self._open.blocks.append(heading)
            return
        meaning = meaning_of(words)
        if meaning == "rollback" and is_deeper and self._open is plan and plan is not None and not plan.has_text:
            return
        if meaning is None and is_deeper and self._open is not None:
            self._open.blocks.append(heading)
            return
        self._start(meaning, heading.line, heading.level)
        if meaning is None:
            self._suggest(heading.text, words, heading.line)

    def _continues(self, section: Section, words: tuple[str, ...]) -> bool:
        """Return whether a deeper heading is a key of the section it stands in, rather than a section of its own."""
        if section.meaning == "rollback":
            return rollback_key_of(words, is_inside=True) is not None or meaning_of(words) != "rollback"
        return section.meaning == "change" and meaning_of(words) in _STANDING_ALONE

    def _paragraph(self, block: Paragraph) -> bool:
        """Take a line that is a heading by its looks for one; return whether nothing is left of the paragraph."""
        lines = block.lines
        if self._open is not None and self._open.is_line:
            self._open = None
        cut = next((at for at in range(1, len(lines)) if self._is_plan_label(lines[at])), len(lines))
        if cut < len(lines):
            for part in (lines[:cut], lines[cut:]):
                if not self._paragraph(Paragraph(part)):
                    self._keep(Paragraph(part))
            return True
        return not lines or self._looks_like_heading(lines[0], lines[1:])

    def _is_plan_label(self, line: TextLine) -> bool:
        is_inside = self._open is not None and self._open.meaning == "rollback"
        return not is_inside and line.label is not None and meaning_of(words_of(line.label)) == "rollback"

    def _looks_like_heading(self, first: TextLine, rest: tuple[TextLine, ...]) -> bool:
        is_bare = first.is_strong and not first.value
        if first.label is None and not first.is_strong:
            return False
        words = words_of(first.plain if first.label is None else first.label)
        meaning = meaning_of(words)
        is_inside = self._open is not None and self._open.meaning == "rollback"
        if is_inside and rollback_key_of(words, is_inside=True):
            return False
        if meaning == "rollback" or (meaning == "change" and not first.value) or (meaning is not None and is_bare):
            if not (is_inside and meaning == "rollback" and self._open is not None and not self._open.has_text):
                self._start(meaning, first.line, BOLD_LEVEL)
            self._keep_labelled(first, rest)
            return True
        if is_bare and not rest and self._open is not None and self._open.level == BOLD_LEVEL:
            self._open = None
        elif self._open is None and first.label is not None:
            self._suggest_label(first.label, words, first.line)
        return False

    def _keep_labelled(self, first: TextLine, rest: tuple[TextLine, ...]) -> None:
        """Hand what stands behind and below a label to its section; other labels (`Signed-off-by:`) are none of it."""
        section = self._open
        if section is None:
            return
        if first.value:
            section.is_line = section.level == BOLD_LEVEL
            value = TextLine(first.value, first.plain_value, first.line, is_link=first.is_value_link)
            ends = (at for at, line in enumerate(rest) if line.label and not rollback_key_of(words_of(line.label)))
            end = next(ends, len(rest))
            for line in rest[end:]:
                self._suggest_label(line.label or "", words_of(line.label or ""), line.line)
            rest = (value, *rest[:end])
        if rest:
            section.blocks.append(Paragraph(rest))

    def _start(self, meaning: Meaning | None, line: int, level: int) -> None:
        self._open = None
        if meaning is not None:
            self._open = Section(meaning, line, level)
            self.sections.append(self._open)

    def _plan(self) -> Section | None:
        return next((one for one in reversed(self.sections) if one.meaning == "rollback"), None)

    def _suggest(self, text: str, words: tuple[str, ...], line: int) -> None:
        near = self._near(words)
        if near:
            self._reading.not_understood(f"{quoted(text)}: did you mean `{near}`?", line)
            if meaning_of(words_of(near)) == "rollback":
                self._lack(f"There is no rollback plan; {quoted(text)}: did you mean `{near}`?", line)

    def _lack(self, text: str, line: int) -> None:
        """Keep the first reason why what may be meant for the plan is none, for where there is no other plan."""
        if not self._reading.gaps:
            self._reading.lack("rollback-missing", text, line)

    def _suggest_label(self, label: str, words: tuple[str, ...], line: int) -> None:
        if any(word in CHANGE_KEYS and CHANGE_KEYS[word] != "tickets" for word in words):
            text = f"{quoted(label)} stands under no heading; put it under `Change` for it to count."
            self._reading.not_understood(text, line)
        else:
            self._suggest(label, words, line)

    def _near(self, words: tuple[str, ...]) -> str | None:
        self._checks += 1
        if self._checks > MAX_NEAR_CHECKS:
            return None
        for word in words:
            if word in PROSE_HEADINGS:
                continue
            for known, shown in HEADINGS_TO_SUGGEST.items():
                if nearest(word, [known]):
                    return shown
        return None


def meaning_of(words: tuple[str, ...]) -> Meaning | None:
    """Return what a heading announces, None where it is none of ours."""
    for word in words:
        if word in ROLLBACK_HEADINGS:
            return "rollback"
        if word in CHANGE_HEADINGS:
            return "change"
        if word in CHANGE_KEYS and word not in PROSE_HEADINGS:
            return CHANGE_KEYS[word]
    return None


def rollback_key_of(words: tuple[str, ...], *, is_inside: bool = True) -> RollbackKey | None:
    """Return the key of the plan that a heading names; outside of the plan only with `Rollback` before it."""
    for word in words:
        if is_inside and word in ROLLBACK_KEYS:
            return ROLLBACK_KEYS[word]
        for prefix in ROLLBACK_PREFIXES:
            rest = word.removeprefix(prefix)
            if rest != word and rest in ROLLBACK_KEYS:
                return ROLLBACK_KEYS[rest]
    return None


def said_lines(section: Section) -> Iterator[tuple[str, int]]:
    """Yield every line of text in a section, folded to what is compared with a template, with its line."""
    yield from _said(section.blocks)


def _said(blocks: "list[Block] | tuple[Block, ...]", box: str = "") -> Iterator[tuple[str, int]]:
    for block in blocks:
        match block:
            case Paragraph():
                for line in block.lines:
                    yield box + folded(line.text), line.line
            case ItemList():
                for item in block.items:
                    inner = "[x]" if item.is_checked else "[ ]" if item.is_checked is False else ""
                    yield from ((text, line) for text, line in _said(item.blocks, inner))
            case Table():
                for row in block.rows:
                    yield "|".join(folded(cell.text) for cell in row.cells), row.line
            case Heading():
                yield folded(block.text), block.line
            case _:
                pass


def folded(text: str) -> str:
    """Return a text without case and with single blanks; empty where it shows nothing."""
    return "" if emptiness_of(text) == "empty" else " ".join(text.casefold().split())
