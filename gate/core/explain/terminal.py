"""The terminal tree: a verdict for a person at a prompt, what blocks first, as wide as the window."""

from collections.abc import Iterator, Sequence

from gate.core.counting import count_of
from gate.core.explain.escaping import cells, prose
from gate.core.explain.outline import (
    SYMBOLS,
    actors,
    blocking,
    listed,
    met,
    refusal,
    rule_place,
    some_files,
    tally_of,
)
from gate.core.explain.sentence import sentence
from gate.core.values import dataclass
from gate.core.verdict import RequirementState, RequirementView, State, Verdict

NARROWEST = 40
_COLOURS: dict[State | RequirementState, str] = {
    "approved": "32",
    "met": "32",
    "waiting": "33",
    "needs-author": "35",
    "rejected": "31",
    "frozen": "36",
    "error": "31",
}
_FILES = 5
_MET = 30
_LABEL = 6


def terminal(verdict: Verdict, *, width: int = 80, colour: bool = False) -> str:
    """Return a verdict as lines of at most `width` columns (40 at least), ending with a line break.

    Every state stands there as a word and a sign; colour only repeats it. All that blocks is listed with who can act;
    of met requirements and of files a long tail becomes a number.
    SECURITY: no text of a change can move the cursor, colour, hide or reorder anything.
    """
    page = _Page(max(width, NARROWEST), has_colour=colour)
    return "\n".join(line.rstrip() for line in page.lines(verdict)) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """Knows how wide lines are and whether they have colour."""

    width: int
    has_colour: bool

    def lines(self, verdict: Verdict) -> Iterator[str]:
        yield from self._headline(verdict)
        unmet, fulfilled = blocking(verdict.requirements), met(verdict.requirements)
        if unmet:
            yield from self._heading("What is missing")
            for requirement in unmet:
                yield from self._unmet(requirement)
        if fulfilled:
            yield from self._heading("What is met")
            for requirement in fulfilled[:_MET]:
                yield from self._met(requirement)
            if len(fulfilled) > _MET:
                yield f"  and {len(fulfilled) - _MET:,} more"
        yield from self._rollback(verdict)
        yield from self._risk(verdict)
        yield from self._components(verdict)
        yield from self._rest(verdict)

    def _headline(self, verdict: Verdict) -> Iterator[str]:
        sign = f"{SYMBOLS[verdict.state]} {verdict.state.upper()}"
        if verdict.enforcement == "evaluate":
            sign += " (only tried out: nothing is held back)"
        yield self._paint(sign, verdict.state)
        yield from self._wrapped(verdict.summary or sentence(verdict), "  ")
        change = verdict.change
        number = f" #{change.number}" if change.number else ""
        yield ""
        yield from self._wrapped(f"{prose(change.repository, 200)}{number}: {prose(change.title, 300)}", "", "  ")
        by = f"by {prose(change.author, 100)}, " if change.author else ""
        line = f"{by}{change.head_sha[:12]} into {prose(change.base_ref, 200)} at {change.base_sha[:12]}"
        yield from self._wrapped(line, "  ")

    def _unmet(self, requirement: RequirementView) -> Iterator[str]:
        sign = f"{SYMBOLS[requirement.state]} {requirement.state}"
        tally = f" ({tally_of(requirement)})" if requirement.needed else ""
        lines = list(self._wrapped(f"{sign}: {prose(requirement.title, 300)}{tally}", "  ", "    "))
        lines[0] = lines[0].replace(sign, self._paint(sign, requirement.state), 1)
        yield from lines
        yield from self._labelled("why", requirement.why)
        yield from self._labelled("next", requirement.next)
        for people, how in actors(requirement):
            yield from self._labelled("who", f"{listed(people, 'or', 12)}: {how}")
        if requirement.rule:
            name = prose(requirement.rule.name, 200)
            yield from self._labelled("rule", f"{rule_place(requirement.rule)} {name}")
        yield from self._files(requirement.files)
        for signoff in requirement.signoffs.counted:
            yield from self._labelled("given", f"{signoff.person} ({signoff.source}, {signoff.at})")
        for refused in requirement.signoffs.not_counted:
            yield from self._labelled("not counted", refusal(refused))

    def _files(self, files: Sequence[str]) -> Iterator[str]:
        shown, left = some_files(files, _FILES)
        for index, path in enumerate(shown):
            yield from self._labelled("files" if index == 0 else "", path)
        if left:
            yield from self._labelled("", f"and {left:,} more")

    def _met(self, requirement: RequirementView) -> Iterator[str]:
        sign = f"{SYMBOLS['met']} met"
        why = prose(requirement.why, 300)
        people = [signoff.person for signoff in requirement.signoffs.counted]
        text = f"{sign}: {prose(requirement.title, 200)}. {why}"
        if people and not all(person in requirement.why for person in people):
            text += f" Signed off by {listed(people)}."
        lines = list(self._wrapped(text, "  ", "    "))
        lines[0] = lines[0].replace(sign, self._paint(sign, "met"), 1)
        yield from lines
        for refused in requirement.signoffs.not_counted:
            yield from self._wrapped(f"not counted: {refusal(refused)}", "    ", "      ")

    def _rollback(self, verdict: Verdict) -> Iterator[str]:
        plan = verdict.rollback
        minutes = f", back within {count_of(plan.restore_minutes, 'minute')}" if plan.restore_minutes else ""
        yield from self._heading("Rollback plan, as understood")
        sign = f"{SYMBOLS[plan.state]} {plan.state}"
        yield from self._wrapped(f"{sign}: {prose(plan.method or 'no method named', 200)}{minutes}", "  ", "    ")
        for number, step in enumerate(plan.steps[:20], start=1):
            yield from self._wrapped(f"{number}. {prose(step)}", "    ", "       ")
        if len(plan.steps) > 20:  # noqa: PLR2004  # a plan that people follow is shorter
            yield f"    and {count_of(len(plan.steps) - 20, 'more step')}"
        for problem in plan.problems:
            yield from self._wrapped(f"! {prose(problem.text)} ({problem.code})", "    ", "      ")
        if plan.rehearsal:
            yield from self._wrapped(f"rehearsal: {prose(plan.rehearsal)}", "    ", "      ")

    def _risk(self, verdict: Verdict) -> Iterator[str]:
        risk = verdict.risk
        declared = f", declared {risk.declared}" if risk.declared else ""
        yield from self._heading("Risk")
        yield f"  {risk.level} (score {risk.score}{declared})"
        for term in risk.terms:
            yield from self._wrapped(f"+{term.weight} {term.name}: {prose(term.why)}", "    ", "       ")

    def _components(self, verdict: Verdict) -> Iterator[str]:
        if not verdict.components:
            return
        yield from self._heading("Touches")
        for component in verdict.components:
            facts = [f"owner {prose(component.owner, 200)}"]
            facts += [f"backup {prose(component.backup, 100)}"] if component.backup else []
            facts += [f"tier {component.tier}"] if component.tier else []
            facts += ["declared"] if component.declared else []
            facts += [count_of(len(component.files), "file")] if component.files else []
            section = "" if component.section == "default" else f" [{prose(component.section, 100)}]"
            yield from self._wrapped(f"{prose(component.name, 200)}{section}: {', '.join(facts)}", "  ", "    ")

    def _rest(self, verdict: Verdict) -> Iterator[str]:
        relaxed = [
            f"{entry.why} (`{entry.name}`)"
            if entry.kind == "unowned-allow"
            else f"{entry.kind} {entry.name}: {entry.why}"
            for entry in verdict.relaxations
        ]
        alike = [f"{entry.path} looks like {entry.looks_like}: {entry.why}" for entry in verdict.look_alikes]
        informed = [f"{entry.component} ({entry.owner}): {entry.why}" for entry in verdict.informed]
        yield from self._section("Relaxed", relaxed, len(relaxed))
        yield from self._section("Looks like something else", alike, len(alike))
        yield from self._section("Informed, not asked", informed, 20)
        yield from self._section("Assumptions", verdict.assumptions, 20)
        yield from self._section("Notes", verdict.notes, 20)
        yield ""
        until = f"; by itself it can change at {verdict.valid_until}" if verdict.valid_until else ""
        yield from self._wrapped(f"Judged at {verdict.decided_at}{until}.", "")
        yield from self._wrapped(f"Facts {verdict.facts or 'not saved'}", "")

    def _section(self, title: str, items: Sequence[str], most: int) -> Iterator[str]:
        if items:
            yield from self._heading(title)
        for item in items[:most]:
            yield from self._wrapped(f"- {prose(item)}", "  ", "    ")
        if len(items) > most:
            yield f"  and {len(items) - most:,} more"

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield f"\x1b[1m{text}\x1b[0m" if self.has_colour else text

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        if text:
            lead = f"    {label:<{_LABEL}}" if len(label) < _LABEL else f"    {label}: "
            yield from self._wrapped(prose(text, 5_000), lead, " " * (4 + _LABEL))

    def _paint(self, text: str, state: State | RequirementState) -> str:
        return f"\x1b[1;{_COLOURS[state]}m{text}\x1b[0m" if self.has_colour else text

    def _wrapped(self, text: str, first: str, later: str | None = None) -> Iterator[str]:
        """Yield a text in lines between words; only a word longer than a line is cut, at the edge."""
        line, lead, is_empty = first, first if later is None else later, True
        for word in prose(text, 6_000).split(" "):
            rest = word
            if not is_empty and cells(line) + 1 + cells(rest) > self.width:
                yield line
                line, is_empty = lead, True
            while cells(line) + cells(rest) > self.width and is_empty:
                fitting = _fitting(rest, self.width - cells(line))
                yield line + rest[:fitting]
                line, rest = lead, rest[fitting:]
            line += rest if is_empty else f" {rest}"
            is_empty = False
        yield line


def _fitting(word: str, columns: int) -> int:
    """Return how many letters of a word fit; one at least, so that wrapping ends. A path is cut between its folders."""
    taken = 0
    for index, letter in enumerate(word):
        taken += cells(letter)
        if taken > columns:
            return max(word.rfind("/", index // 2, index) + 1 or index, 1)
    return len(word)
