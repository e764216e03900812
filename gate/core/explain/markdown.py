"""Markdown: a verdict as a check-run summary, reasons first, cut by importance to what the platform takes."""

from collections.abc import Iterator, Sequence

from gate.core.counting import count_of
from gate.core.explain.escaping import clip
from gate.core.explain.markdown_text import code, inline, path, quoted
from gate.core.explain.outline import (
    SYMBOLS,
    actors,
    blocking,
    listed,
    met,
    refusal,
    rule_place,
    tally_of,
)
from gate.core.explain.sentence import sentence
from gate.core.values import dataclass
from gate.core.verdict import RequirementView, TouchedComponent, Verdict

LIMIT = 65_535
"""What GitHub takes for the summary of a check run, in characters."""
_NOTICE = 500


@dataclass(frozen=True, slots=True)
class _Block:
    """A piece that is shown whole or not at all; `noun` is what it counts as when it is left out.

    Of two blocks the one with the larger `importance` stays longer. `heading` groups neighbours.
    """

    text: str
    importance: int
    noun: str
    heading: str = ""


def markdown(verdict: Verdict, *, limit: int = LIMIT) -> str:
    """Return a verdict as Markdown of at most `limit` characters, reasons first.

    Where it is too long, details go first, then met requirements, then requirements from the end; it never stops
    within a word, a code span or a tag, and says what was left out.
    SECURITY: no text of a change makes a mention, link, image, tag or heading (S06), or pushes the reasons out.
    """
    for detail in (_FULL, _SHORT, _BARE):
        blocks = _blocks(verdict, detail)
        text = _joined(blocks)
        if len(text) <= limit:
            return text
    return _cut(blocks, limit, verdict)


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is said: files and refused sign-offs of each requirement, steps, lines of the other sections."""

    files: int
    refused: int
    others: int
    has_more: bool = True


_FULL = _Detail(files=12, refused=20, others=100)
_SHORT = _Detail(files=3, refused=3, others=10)
_BARE = _Detail(files=1, refused=0, others=3, has_more=False)


def _blocks(verdict: Verdict, detail: _Detail) -> list[_Block]:
    unmet, fulfilled = blocking(verdict.requirements), met(verdict.requirements)
    return [
        _Block(_headline(verdict), 100, "headline"),
        *(_Block(_unmet(one, detail), 90, "open requirement", "What is missing") for one in unmet),
        *(_Block(_component(one), 60, "component", "Touches") for one in verdict.components),
        _Block(_rollback(verdict, detail), 80, "rollback plan", "Rollback plan, as understood"),
        _Block(_risk(verdict), 70, "risk", "Risk"),
        *(_Block(_met(one, detail), 50, "met requirement", "What is met") for one in fulfilled),
        *_further(verdict, detail),
        _Block(_footer(verdict), 75, "footer", "---"),
    ]


def _further(verdict: Verdict, detail: _Detail) -> Iterator[_Block]:
    """Yield the sections that are plain lists."""
    relaxed = [f"**{one.kind}** {quoted(one.name, 200)}: {inline(one.why)}" for one in verdict.relaxations]
    alike = [f"{path(one.path)} looks like {path(one.looks_like)}: {inline(one.why)}" for one in verdict.look_alikes]
    informed = [
        f"{quoted(one.component, 200)} ({quoted(one.owner, 200)}): {inline(one.why)}" for one in verdict.informed
    ]
    sections: tuple[tuple[str, str, int, list[str]], ...] = (
        ("Relaxed", "relaxation", 85, relaxed),
        ("Looks like something else", "look-alike", 65, alike),
        ("Informed, not asked", "informed component", 20, informed),
        ("Assumptions", "assumption", 40, [inline(text, starts_line=True) for text in verdict.assumptions]),
        ("Notes", "note", 30, [inline(text, starts_line=True) for text in verdict.notes]),
    )
    for heading, noun, importance, items in sections:
        for item in items[: detail.others]:
            yield _Block(f"- {item}", importance, noun, heading)
        if len(items) > detail.others:
            yield _Block(f"- and {len(items) - detail.others:,} more", importance, noun, heading)


def _joined(blocks: Sequence[_Block]) -> str:
    """Return the blocks below one another, a heading wherever the group changes."""
    lines: list[str] = []
    heading = ""
    for block in blocks:
        if block.heading != heading:
            heading = block.heading
            lines += ["", heading if heading == "---" else f"### {heading}", ""]
        lines.append(block.text)
    return "\n".join(lines) + "\n"


def _cut(blocks: list[_Block], limit: int, verdict: Verdict) -> str:
    """Return as much as fits, the least important left out first, of equals the last."""
    kept = set(range(len(blocks)))
    size = len(_joined(blocks)) + _NOTICE
    for index in sorted(kept, key=lambda number: (blocks[number].importance, -number)):
        if size <= limit:
            break
        kept.discard(index)
        size -= len(blocks[index].text) + 1
    left_out: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if index not in kept:
            left_out[block.noun] = left_out.get(block.noun, 0) + 1
    counts = listed([count_of(number, noun, _plural(noun)) for noun, number in left_out.items()])
    notice = _Block(f"\n**Left out to fit:** {counts}; files and details are shortened.", 100, "notice", "")
    shown = [blocks[index] for index in sorted(kept)]
    text = _joined([*shown[:1], notice, *shown[1:]])
    if shown and len(text) <= limit:
        return text
    plain = f"{verdict.state.upper()}. The explanation does not fit here."
    return plain if len(plain) <= limit else clip(plain, limit)


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _headline(verdict: Verdict) -> str:
    change = verdict.change
    number = f" number {change.number}" if change.number else ""
    by = f" by {quoted(change.author, 100)}" if change.author else ""
    tried = " (only tried out: nothing is held back)" if verdict.enforcement == "evaluate" else ""
    return (
        f"## {SYMBOLS[verdict.state]} {verdict.state.capitalize()}{tried}\n\n"
        f"{inline(verdict.summary or sentence(verdict), 2_000)}\n\n"
        f"Change{number} of {quoted(change.repository, 200)}: {quoted(change.title, 300)}{by}, "
        f"{quoted(change.head_sha[:12])} into {quoted(change.base_ref, 200)} at {quoted(change.base_sha[:12])}"
    )


def _unmet(requirement: RequirementView, detail: _Detail) -> str:
    tally = f" ({tally_of(requirement)})" if requirement.needed else ""
    sign = f"{SYMBOLS[requirement.state]} {requirement.state}"
    lines = [f"- **{sign}:** {inline(requirement.title, 200)}{tally}", f"  - **why:** {inline(requirement.why)}"]
    if requirement.next:
        lines.append(f"  - **next:** {inline(requirement.next, 500)}")
    for people, how in actors(requirement)[:10]:
        lines.append(f"  - **who:** {listed([code(name) for name in people], 'or', 12)}: {inline(how, 300)}")
    if requirement.rule:
        name = inline(requirement.rule.name, 200)
        lines.append(f"  - **rule:** {code(rule_place(requirement.rule))} {name}")
    lines += _files(requirement.files, detail.files)
    if detail.has_more:
        for signoff in requirement.signoffs.counted[: detail.refused]:
            lines.append(
                f"  - **given:** {quoted(signoff.person, 100)} ({inline(signoff.source)}, {inline(signoff.at)})"
            )
        lines += _refused(requirement, detail.refused)
    return "\n".join(lines)


def _refused(requirement: RequirementView, most: int) -> list[str]:
    refused = requirement.signoffs.not_counted
    lines = [f"  - **not counted:** {inline(refusal(one))}" for one in refused[:most]]
    if len(refused) > most > 0:
        lines.append(f"  - **not counted:** {len(refused) - most:,} more")
    return lines


def _files(files: Sequence[str], most: int) -> list[str]:
    if not files:
        return []
    shown = [path(name) for name in files[:most]]
    more = f" and {len(files) - most:,} more" if len(files) > most else ""
    return [f"  - **files:** {', '.join(shown)}{more}"]


def _met(requirement: RequirementView, detail: _Detail) -> str:
    lines = [f"- **{SYMBOLS['met']} met:** {inline(requirement.title, 200)}. {inline(requirement.why, 400)}"]
    return "\n".join(lines + (_refused(requirement, detail.refused) if detail.has_more else []))


def _rollback(verdict: Verdict, detail: _Detail) -> str:
    plan = verdict.rollback
    minutes = f", back within {count_of(plan.restore_minutes, 'minute')}" if plan.restore_minutes else ""
    method = inline(plan.method, 200) if plan.method else "no method named"
    lines = [f"**{SYMBOLS[plan.state]} {plan.state}:** {method}{minutes}", ""]
    lines += [
        f"{number}. {inline(step, 500, starts_line=True)}"
        for number, step in enumerate(plan.steps[: detail.others], start=1)
    ]
    if len(plan.steps) > detail.others:
        lines += ["", f"and {count_of(len(plan.steps) - detail.others, 'more step')}"]
    lines += ["", *(f"- **problem:** {inline(p.text, 500)} ({inline(p.code, 60)})" for p in plan.problems[:20])]
    if plan.rehearsal:
        lines.append(f"- **rehearsal:** {inline(plan.rehearsal, 500)}")
    return "\n".join(lines).rstrip()


def _risk(verdict: Verdict) -> str:
    risk = verdict.risk
    declared = f", declared {risk.declared}" if risk.declared else ""
    terms = [f"- +{term.weight} {inline(term.name, 60)}: {inline(term.why, 300)}" for term in risk.terms[:30]]
    return "\n".join([f"**{risk.level}** (score {risk.score}{declared})", "", *terms]).rstrip()


def _component(component: TouchedComponent) -> str:
    facts = [f"owner {quoted(component.owner, 200)}"]
    facts += [f"backup {quoted(component.backup, 100)}"] if component.backup else []
    facts += [f"tier {component.tier}"] if component.tier else []
    facts += ["declared"] if component.declared else []
    facts += [count_of(len(component.files), "file")] if component.files else []
    section = "" if component.section == "default" else f" in section {quoted(component.section, 100)}"
    return f"- {quoted(component.name, 200)}{section}: {', '.join(facts)}"


def _footer(verdict: Verdict) -> str:
    until = f"; by itself it can change at {inline(verdict.valid_until)}" if verdict.valid_until else ""
    facts = f" Facts {quoted(verdict.facts)}." if verdict.facts else ""
    return f"Judged at {inline(verdict.decided_at)}{until}.{facts} Engine {inline(verdict.engine, 50)}."
