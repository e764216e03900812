"""Reading Markdown: from the outline of a change request's text to what its author states."""

from collections.abc import Iterable, Sequence

from gate.core.change.outline import Block, Fence, ItemList, Outline
from gate.core.change.reading_keys import KeyCollector
from gate.core.change.reading_parts import is_data_block
from gate.core.change.reading_prose import read_prose
from gate.core.change.reading_sections import Section, SectionFinder, folded, said_lines
from gate.core.change.reading_statements import Reading, Written
from gate.core.change.reading_text import emptiness_of, quoted
from gate.core.change.reading_values import read_written
from gate.core.change.template import Template
from gate.core.change.vocabulary import CHANGE_KEYS, Key

_LINES_NAMED = 5


def read_markdown(outline: Outline, source: str, *, templates: Sequence[Template] = ()) -> Reading:
    """Return what a text states under the headings that are understood, and what of it does not count and why."""
    reading = Reading(source)
    sections = SectionFinder(reading).find(outline)
    plans = [section for section in sections if section.meaning == "rollback"]
    for section in sections:
        if section.meaning != "rollback":
            plans += _read_change(section, reading, templates)
    _read_plan(plans, reading, templates)
    return reading


def data_blocks(outline: Outline) -> list[Fence]:
    """Return the fenced blocks that are data for the gate, in lists as well, never in quotes."""
    return list(_data_blocks(outline.blocks))


def _data_blocks(blocks: Iterable[Block]) -> Iterable[Fence]:
    for block in blocks:
        if isinstance(block, Fence) and is_data_block(block):
            yield block
        elif isinstance(block, ItemList):
            for item in block.items:
                if item.is_checked is not False:
                    yield from _data_blocks(item.blocks)


def _read_change(section: Section, reading: Reading, templates: Sequence[Template]) -> list[Section]:
    """Read the section `Change`, or one whose heading is itself a key; return the rollback plans among its keys."""
    collector = KeyCollector(reading, is_plan=False)
    if section.meaning not in {"change", "rollback"}:
        collector.start(CHANGE_KEYS[section.meaning], section.line)
    collector.take(section.blocks)
    for written in collector.written():
        read_written(written, reading, shipped=_shipped(templates, written.key))
    for loose in collector.loose:
        if loose.label:
            collector.report_label(loose.label, loose.part.line)
    return collector.plans


def _shipped(templates: Sequence[Template], key: Key) -> frozenset[str]:
    return frozenset().union(*(template.values.get(key, frozenset()) for template in templates))


def _read_plan(plans: Sequence[Section], reading: Reading, templates: Sequence[Template]) -> None:
    if not plans:
        return
    plan = plans[0]
    reading.gaps.clear()
    reading.plan_line = plan.line
    if len(plans) > 1:
        lines = ", ".join(str(section.line) for section in plans[:_LINES_NAMED])
        text = f"There are {len(plans)} rollback plans (lines {lines}); keep one and remove the others."
        reading.report("rollback-ambiguous", text, plans[1].line, key="rollback")
        return
    said = {text for text, _ in said_lines(plan) if text}
    if any(one.has_plan and (said <= one.lines if said else not one.lines) for one in templates):
        text = f"The rollback plan is the untouched template (line {plan.line}); fill in how to get back."
        reading.lack("rollback-template", text, plan.line)
        return
    collector = KeyCollector(reading, is_plan=True)
    collector.take(plan.blocks)
    shipped = frozenset().union(*(template.lines for template in templates))
    if not collector.has_keys:
        read_prose(collector.loose, reading, plan.line, shipped=shipped)
        return
    before = len(reading.statements)
    for written in _with_loose_steps(collector, reading, shipped):
        read_written(written, reading, shipped=_shipped(templates, written.key))
    if len(reading.statements) == before:
        _report_nothing(plan, reading)


def _with_loose_steps(collector: KeyCollector, reading: Reading, shipped: frozenset[str]) -> list[Written]:
    """Take list items beside the keys for the steps where no steps are stated; anything else is shown back."""
    written = collector.written()
    has_steps = any(one.key == "steps" and any(not emptiness_of(part.text) for part in one.parts) for one in written)
    steps = []
    for loose in collector.loose:
        if emptiness_of(loose.part.text) == "empty" or folded(loose.part.text) in shipped:
            continue
        if loose.is_item and loose.label is None and not has_steps:
            steps.append(loose)
            continue
        if loose.label:
            collector.report_label(loose.label, loose.part.line)
        else:
            text = f"{quoted(loose.part.plain)} belongs to no key of the plan."
            reading.not_understood(text, loose.part.line, key="rollback")
    if not steps:
        return written
    return [*written, Written("steps", steps[0].part.line, tuple(loose.part for loose in steps))]


def _report_nothing(plan: Section, reading: Reading) -> None:
    placeholder = next((one for one in reading.problems if one.code == "rollback-placeholder"), None)
    if placeholder is not None:
        text = f"The rollback plan holds only placeholders (line {placeholder.line}); write how to get back."
        reading.lack("rollback-placeholder", text, placeholder.line)
    else:
        text = f"The rollback plan says nothing (line {plan.line}); write how to get back, beginning with `Method`."
        reading.lack("rollback-missing", text, plan.line)
