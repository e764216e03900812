"""The pull-request template that `gate init` writes, and what tells an untouched template from an author's words."""

from collections.abc import Mapping
from dataclasses import field

from gate.core.change.outline import Outline
from gate.core.change.reading_keys import KeyCollector
from gate.core.change.reading_sections import SectionFinder, folded, said_lines
from gate.core.change.reading_statements import Reading
from gate.core.values import dataclass

PULL_REQUEST_TEMPLATE = """\
<!-- What changes, and why? -->

## Change

<!-- Fill in what applies. An empty type is normal, an empty risk is taken from what the change touches. -->

- Type: <!-- standard | normal | emergency -->
- Risk: <!-- low | medium | high -->
- Environments: <!-- production, staging -->
- Affects: <!-- components that have no files in this change -->
- Tickets: <!-- INC-1234, or the address of an issue -->
- Window: <!-- when it is deployed, such as 2026-12-01T10:00Z / 1h -->

## Rollback plan

<!--
How do we get back if this goes wrong? Choose a method; a plain `revert` needs nothing more.
  revert | redeploy-previous (Artifact) | feature-flag (Flag) | migration-downgrade (Command)
  restore-backup (Backup, Data-loss window) | manual (Steps, Verification, Time to restore)
  forward-fix (Reason) | inherit (the playbook of each component)
Add the keys that your method names.
-->

- Method:
- Steps: <!-- a numbered list below, one step a line -->
- Verification: <!-- how we see that it worked -->
- Time to restore: <!-- such as 15 minutes -->
- Data impact: <!-- none, or which data is lost or changed -->
"""


@dataclass(frozen=True, slots=True)
class Template:
    """What a template ships: the lines of its rollback plan, and the values of its keys, folded for comparison."""

    lines: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    has_plan: bool = False


def template_of(outline: Outline) -> Template:
    """Return what a template ships, so that it is not taken for an author's words."""
    reading = Reading("template")
    lines: set[str] = set()
    values: dict[str, set[str]] = {}
    has_plan = False
    for section in SectionFinder(reading).find(outline):
        is_plan = section.meaning == "rollback"
        has_plan = has_plan or is_plan
        collector = KeyCollector(reading, is_plan=is_plan)
        collector.take(section.blocks)
        if is_plan:
            lines.update(text for text, _ in said_lines(section) if text)
        for written in collector.written():
            shipped = {folded(part.text) for part in written.parts}
            values.setdefault(written.key, set()).update(shipped - {""})
    return Template(frozenset(lines), {key: frozenset(texts) for key, texts in values.items()}, has_plan)
