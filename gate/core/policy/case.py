"""The case: one change before the gate, with what the steps of the decision have found so far."""

import dataclasses
import operator
from collections.abc import Iterable, Sequence
from dataclasses import field

from gate.core.change.facts import Facts, Instant
from gate.core.change.plan_digest import plan_digest
from gate.core.counting import count_of
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.touched import Touched, TouchedPart, survey
from gate.core.signoff.eligibility import Asked, SignoffBook
from gate.core.signoff.people import Directory, People, people_of
from gate.core.values import dataclass

MAX_HIDDEN_NAMED = 20


@dataclass(slots=True)
class Case:
    """Facts and time, what the change touches, who is who, and all sign-offs in order.

    `asked` collects every demand that was judged, together what was judged together; `boundaries` every instant at
    which the verdict could change by itself; `notes` what people should know that is no requirement.
    """

    facts: Facts
    at: Instant
    directory: Directory
    book: SignoffBook
    rules: CompiledRules
    touched: Touched
    asked: list[Iterable[Asked]] = field(default_factory=list)
    boundaries: list[Instant] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, facts: Facts, *, at: Instant, compiled: CompiledRules | None) -> "Case":
        """Return the case of a change at a time."""
        facts, paths = _in_order(facts)
        rules = compiled or CompiledRules.of(facts.ownership, facts.policy)
        touched = survey(facts, paths, rules)
        directory = Directory(facts, rules.strangers)
        book = SignoffBook(facts, directory, plan_digest(facts.declaration.rollback), at)
        case = cls(facts, at, directory, book, rules, touched)
        case.boundaries += [act.at for act in facts.signoffs if act.at > at]
        case.notes += [problem.text for problem in facts.declaration.problems if not problem.blocks]
        case.notes += _hidden(facts)
        return case

    @property
    def lines_changed(self) -> int:
        """Return how many lines the files add and remove; what cannot be counted (-1) counts as none."""
        added = [file.additions for file in self.facts.files]
        removed = [file.deletions for file in self.facts.files]
        return sum(added) + sum(removed) + added.count(-1) + removed.count(-1)

    def circle(self, parties: Sequence[str], *, of: Sequence[TouchedPart] | None = None) -> People:
        """Return the people behind some parties; `owner` and `backup` are those of any of some parts, else of all."""
        circles = [self.directory.party(party) for party in parties]
        parts = self.touched.parts if of is None else of
        circles += [self.directory.party(p, part.component) for part in parts for p in parties]
        return people_of(circles)

    @property
    def valid_until(self) -> Instant | None:
        """Return the first instant after now at which something of this case changes by the clock."""
        return min((edge for edge in self.boundaries if edge > self.at), default=None)


def _in_order(facts: Facts) -> tuple[Facts, list[str]]:
    """Return facts whose files are sorted by path, so that their listed order shows nowhere, and those paths."""
    paths = [file.path for file in facts.files]
    in_order = sorted(paths)
    if paths != in_order:
        facts = dataclasses.replace(facts, files=tuple(sorted(facts.files, key=operator.attrgetter("path"))))
    return facts, in_order


def _hidden(facts: Facts) -> list[str]:
    """Return what a reader of the usual diff does not see, so that nobody approves it unawares (R58)."""
    hidden = sorted(facts.hidden_files.items())
    notes = [f"A diff view does not show {path} in full: {why}." for path, why in hidden[:MAX_HIDDEN_NAMED]]
    more = len(hidden) - len(notes)
    return [*notes, f"A diff view does not show {count_of(more, 'more file')} in full."] if more > 0 else notes
