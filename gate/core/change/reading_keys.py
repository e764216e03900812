"""Keys of a declaration: which text of a section belongs to which key, in lists, lines, tables and headings."""

from collections.abc import Iterator, Mapping, Sequence

from gate.core.change.outline import (
    Block,
    Fence,
    Heading,
    ItemList,
    ListItem,
    Omitted,
    Paragraph,
    Table,
    TextLine,
)
from gate.core.change.reading_parts import (
    Loose,
    OpenKey,
    is_data_block,
    joined,
    part_of,
    row_part,
    takes_item,
    value_part,
)
from gate.core.change.reading_sections import BOLD_LEVEL, Section, rollback_key_of
from gate.core.change.reading_statements import Part, Reading, Written
from gate.core.change.reading_text import MAX_NEAR_CHECKS, nearest, quoted, words_of
from gate.core.change.vocabulary import (
    CHANGE_KEYS,
    FREE_TEXT,
    IGNORED_LABELS,
    LABELS,
    LISTS,
    ROLLBACK_HEADINGS,
    ROLLBACK_KEYS,
    Key,
)

_LABEL_WORDS = 4
_SET_ASIDE = {"quote": "Quoted text", "code": "Indented code", "html": "HTML"}


class KeyCollector:
    """Goes through the blocks of one section and hands each text to its key, or to what is loose."""

    def __init__(self, reading: Reading, *, is_plan: bool) -> None:
        self.has_keys = False
        self.loose: list[Loose] = []
        self.plans: list[Section] = []
        self._reading = reading
        self._is_plan = is_plan
        self._keys: Mapping[str, Key] = ROLLBACK_KEYS if is_plan else CHANGE_KEYS
        self._done: list[OpenKey] = []
        self._open: OpenKey | None = None
        self._is_all_value = False
        self._checks = 0
        self._late: list[Paragraph] = []

    def start(self, key: Key, line: int) -> None:
        """Take everything that follows for the value of one key, whose name is the heading of the section."""
        self._start(OpenKey(key, line, is_heading=True, is_soft=True))
        self._is_all_value = True

    def take(self, blocks: Sequence[Block]) -> None:
        """Go through blocks from top to bottom."""
        for block in blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph():
                    self._paragraph(block)
                case ItemList():
                    for item in block.items:
                        self._item(item, block)
                        self._take_late()
                case Table():
                    self._table(block)
                case Fence():
                    self._fence(block)
                case Omitted():
                    self._omitted(block)

    def written(self) -> list[Written]:
        """Return every key with its value as written, in order."""
        return [Written(one.key, one.line, tuple(one.parts), is_soft=one.is_soft) for one in self._done]

    def report_label(self, label: str, line: int) -> None:
        """Show back a label that is no key, with the key that it resembles."""
        known = self._near(label)
        hint = f"did you mean `{LABELS[known]}`?" if known else "that is no key here."
        if known or len(label.split()) <= _LABEL_WORDS:
            self._reading.not_understood(f"{quoted(label)}: {hint}", line, key=known or "")

    def _start(self, opened: OpenKey) -> OpenKey:
        self._open = opened
        self._done.append(opened)
        self.has_keys = True
        return opened

    def _key_of(self, label: str | None) -> Key | None:
        if label is None or self._is_all_value:
            return None
        words = words_of(label)
        inside = rollback_key_of(words, is_inside=True) if self._is_plan else None
        return inside or next((self._keys[word] for word in words if word in self._keys), None)

    def _near(self, label: str) -> Key | None:
        self._checks += 1
        if self._checks > MAX_NEAR_CHECKS:
            return None
        found = next((near for word in words_of(label) if (near := nearest(word, self._keys))), None)
        return self._keys[found] if found else None

    def _heading(self, heading: Heading) -> None:
        key = self._key_of(heading.text)
        if key:
            self._start(OpenKey(key, heading.line, is_heading=True, is_soft=not self._is_plan))
        elif not self._is_all_value:
            self._open = None
            if near := self._near(heading.text):
                self._reading.not_understood(f"{quoted(heading.text)}: did you mean `{LABELS[near]}`?", heading.line)

    def _paragraph(self, block: Paragraph, home: ItemList | None = None) -> None:
        """Take the lines of a paragraph; one that names a key begins it, others go on with what stands before."""
        opened: OpenKey | None = None
        plain: list[TextLine] = []
        for line in block.lines:
            name = line.label if line.label is not None else line.plain if line.is_strong else None
            key = self._key_of(name)
            if key:
                opened = self._start(OpenKey(key, line.line, home=home))
                if line.label is not None and line.value:
                    opened.parts.append(value_part(line))
                    opened.has_inline = True
            elif opened is None:
                plain.append(line)
            elif not self._goes_on(opened, line):
                self.loose.append(Loose(part_of(line), label=line.label))
        if plain:
            self._add_text(plain, is_item=home is not None)

    def _goes_on(self, opened: OpenKey, line: TextLine) -> bool:
        """Add a line to the value that the line before it began, where that value may be of several lines."""
        if line.label is not None and self._near(line.label):
            return False
        if not opened.parts or (opened.key == "steps" and not opened.has_inline):
            opened.parts.append(part_of(line))
        elif opened.key in FREE_TEXT or opened.key in LISTS:
            last = opened.parts[-1]
            opened.parts[-1] = Part(f"{last.text} {line.text}", f"{last.plain} {line.plain}", last.line)
        else:
            return False
        return True

    def _add_text(self, lines: Sequence[TextLine], *, is_item: bool) -> None:
        part = joined(lines)
        opened = self._open
        if opened is not None and (opened.is_heading or (not opened.parts and not is_item)):
            opened.parts.append(part)
            return
        if opened is not None and not is_item:
            self._open = None
        if all(line.label is None for line in lines):
            self.loose.append(Loose(part, is_item=is_item))
            return
        for line in lines:
            self.loose.append(Loose(part_of(line), is_item=is_item, label=line.label))

    def _item(self, item: ListItem, home: ItemList) -> None:
        if item.is_checked is False:
            self._report_unticked(item)
            return
        first = item.blocks[0] if item.blocks else None
        line = first.lines[0] if isinstance(first, Paragraph) and first.lines else None
        name = line and (line.label if line.label is not None else line.plain if line.is_strong else None)
        if line is not None and name and self._key_of(name) and isinstance(first, Paragraph):
            self._paragraph(first, home)
            if self._open is not None:
                self._open.parts.extend(self._values(item.blocks[1:]))
        elif line is not None and name and self._is_plan_label(name):
            self._nested_plan(line, item)
        elif self._open is not None and takes_item(self._open, home, line):
            self._open.parts.extend(self._values(item.blocks))
        else:
            self._open = None
            self._loose_item(item)

    def _loose_item(self, item: ListItem) -> None:
        first = item.blocks[0] if item.blocks else None
        rest = item.blocks
        if isinstance(first, Paragraph) and first.lines:
            self.loose.append(Loose(joined(self._own(first.lines)), is_item=True, label=first.lines[0].label))
            rest = item.blocks[1:]
        if self._has_keys_in(rest):
            self.take(rest)
        else:
            self.loose.extend(Loose(part, is_item=True) for part in self._values(rest))

    def _own(self, lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
        """Return the lines of an item up to one that begins a key: that one only lacks a blank line before it."""
        for at in range(1, len(lines)):
            if self._key_of(lines[at].label):
                self._late.append(Paragraph(lines[at:]))
                return lines[:at]
        return lines

    def _take_late(self) -> None:
        late, self._late = self._late, []
        for block in late:
            self._paragraph(block)

    def _has_keys_in(self, blocks: Sequence[Block]) -> bool:
        lists = [block for block in blocks if isinstance(block, ItemList)]
        firsts = [item.blocks[0] for one in lists for item in one.items if item.blocks]
        return any(
            isinstance(first, Paragraph) and first.lines and self._key_of(first.lines[0].label) for first in firsts
        )

    def _is_plan_label(self, name: str) -> bool:
        return not self._is_plan and not self._is_all_value and bool(ROLLBACK_HEADINGS.intersection(words_of(name)))

    def _nested_plan(self, line: TextLine, item: ListItem) -> None:
        """Take `Rollback: ...` among the keys of the change for the plan."""
        self._open = None
        value = [Paragraph((TextLine(line.value, line.plain_value, line.line),))] if line.value else []
        blocks = [*value, *item.blocks[1:]]
        if blocks:
            self.plans.append(Section("rollback", line.line, BOLD_LEVEL, blocks))

    def _table(self, table: Table) -> None:
        for row in table.rows:
            if len(row.cells) < 2:  # noqa: PLR2004 (a key and a value)
                continue
            name, value = row.cells[0], row.cells[1]
            key = self._key_of(name.plain)
            if key:
                opened = self._start(OpenKey(key, row.line))
                if value.text:
                    opened.parts.append(Part(value.text, value.plain, row.line, is_link=value.is_link))
                self._open = None
            elif self._is_all_value and self._open is not None:
                self._open.parts.append(Part(name.text, name.plain, row.line))
            elif name.plain and not IGNORED_LABELS.intersection(words_of(name.plain)):
                self.report_label(name.plain, row.line)

    def _fence(self, fence: Fence) -> None:
        if is_data_block(fence):
            return
        part = Part(fence.content, fence.content, fence.line, is_code=True)
        opened = self._open
        if opened is not None and (opened.is_heading or not opened.parts or opened.key in {"steps", "command"}):
            opened.parts.append(part)
        elif self._is_plan and self.loose and not self.has_keys:
            self.loose.append(Loose(part))
        elif self._is_plan:
            self._reading.not_understood("A code block that belongs to no step does not count.", fence.line)

    def _omitted(self, block: Omitted) -> None:
        if self._is_plan:
            kind = _SET_ASIDE[block.kind]
            self._reading.not_understood(f"{kind} does not count; write it as text of your own.", block.line)

    def _report_unticked(self, item: ListItem) -> None:
        if self._open is not None and self._open.key in {"type", "risk"}:
            return  # the other choices of a list of boxes are meant to stay unticked
        first = item.blocks[0] if item.blocks else None
        said = first.lines[0].plain if isinstance(first, Paragraph) and first.lines else ""
        text = f"{quoted(said)} is not ticked and does not count; tick it, or remove the box."
        self._reading.report("unticked", text, item.line, blocks=False)

    def _values(self, blocks: Sequence[Block]) -> Iterator[Part]:
        """Yield all text of some blocks, item by item, as parts of one value."""
        for block in blocks:
            match block:
                case Paragraph() if block.lines:
                    yield joined(self._own(block.lines))
                case Heading():
                    yield Part(block.text, block.text, block.line)
                case ItemList():
                    yield from self._item_values(block)
                case Table():
                    yield from map(row_part, block.rows)
                case Fence() if not is_data_block(block):
                    yield Part(block.content, block.content, block.line, is_code=True)
                case Omitted():
                    self._omitted(block)
                case _:
                    pass

    def _item_values(self, block: ItemList) -> Iterator[Part]:
        for item in block.items:
            if item.is_checked is False:
                self._report_unticked(item)
            else:
                yield from self._values(item.blocks)
