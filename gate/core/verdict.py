"""The verdict: its states, their precedence, and the tree that explains it; the shape `gate.verdict/1`."""

from collections.abc import Collection
from dataclasses import field
from typing import Any, ClassVar, Literal

from gate.core.late import Late
from gate.core.values import dataclass

State = Literal["approved", "waiting", "needs-author", "rejected", "frozen", "error"]
RequirementState = Literal["met", "waiting", "needs-author", "rejected", "frozen", "error"]
RequirementKind = Literal[
    "ownership",
    "rule",
    "rollback",
    "ticket",
    "freeze",
    "escalation",
    "veto",
    "emergency",
    "policy-change",
    "complete",
]
NotCountedCode = Literal[
    "author",
    "committer",
    "co-author",
    "pusher",
    "not-eligible",
    "unknown-person",
    "bot",
    "scope-changed",
    "old-commit",
    "dismissed",
    "withdrawn",
    "expired",
    "edited",
    "left-team",
]
SCHEMA: Literal["gate.verdict/1"] = "gate.verdict/1"
PRECEDENCE: tuple[RequirementState, ...] = ("error", "rejected", "needs-author", "frozen", "waiting", "met")
"""Which state wins when several hold, strongest first."""


class Shape:
    """A part of the verdict: a value that is printed and never changed.

    The parts are plain dataclasses, because a verdict has thousands of them and is made of values that were checked
    already; only a verdict that is read back is checked by its types (`gate.core.explain.json`), and then strictly.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class ChangeSummary(Shape):
    """Which change was judged."""

    repository: str
    number: int
    title: str
    author: str
    base_ref: str
    base_sha: str
    head_sha: str
    url: str


@dataclass(frozen=True, slots=True)
class TouchedComponent(Shape):
    """A component that the change touches, with the files that brought it in."""

    name: str
    section: str
    owner: str
    backup: str | None
    tier: int | None
    declared: bool
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollbackProblem(Shape):
    """One thing that is wrong with the rollback plan."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class RollbackView(Shape):
    """The rollback plan as understood, with what is wrong with it and how its rehearsal went."""

    method: str | None
    state: RequirementState
    steps: tuple[str, ...]
    restore_minutes: int | None
    problems: tuple[RollbackProblem, ...]
    rehearsal: str | None


@dataclass(frozen=True, slots=True)
class RiskTermView(Shape):
    """One named term of the risk score."""

    name: str
    weight: int
    why: str


@dataclass(frozen=True, slots=True)
class RiskView(Shape):
    """The risk: as declared, as observed, and the higher of both as `level`."""

    level: Literal["low", "medium", "high"]
    declared: Literal["low", "medium", "high"] | None
    score: int
    terms: tuple[RiskTermView, ...]


@dataclass(frozen=True, slots=True)
class Actor(Shape):
    """Somebody who can act, and how."""

    person: str
    how: str


@dataclass(frozen=True, slots=True)
class RuleRef(Shape):
    """The rule that asked for something, and where it is written."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CountedSignoff(Shape):
    """A sign-off that counts."""

    person: str
    source: str
    at: str


@dataclass(frozen=True, slots=True)
class NotCountedSignoff(Shape):
    """A sign-off that does not count, and why."""

    person: str
    source: str
    code: NotCountedCode
    why: str


@dataclass(frozen=True, slots=True)
class Signoffs(Shape):
    """The sign-offs that count for a requirement, and those that do not."""

    counted: tuple[CountedSignoff, ...] = ()
    not_counted: tuple[NotCountedSignoff, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementView(Shape):
    """One requirement: what is asked, whether it is met, why, and what to do next.

    `files` are those that brought the requirement in. `needed` and `given` count people.
    """

    id: str
    kind: RequirementKind
    title: str
    state: RequirementState
    code: str
    why: str
    next: str
    who: tuple[Actor, ...] = ()
    needed: int = 0
    given: int = 0
    rule: RuleRef | None = None
    files: tuple[str, ...] = ()
    signoffs: Signoffs = field(default_factory=Signoffs)


@dataclass(frozen=True, slots=True)
class RelaxationView(Shape):
    """Something that was relaxed, by what, and on whose approval; there are no others."""

    kind: Literal["standard-change", "emergency", "unowned-allow"]
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class LookAlikeView(Shape):
    """A touched path that looks like an owned one."""

    path: str
    looks_like: str
    why: str


@dataclass(frozen=True, slots=True)
class InformedView(Shape):
    """A component that is informed, not asked, and why."""

    component: str
    owner: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Late, Shape):
    """The answer to one question about one change, with its whole explanation.

    `valid_until` is the next instant at which it could change by itself, None where time alone changes nothing.
    """

    schema: Literal["gate.verdict/1"] = SCHEMA
    engine: str
    state: State
    summary: str
    facts: str
    enforcement: Literal["active", "evaluate"]
    change: ChangeSummary
    components: tuple[TouchedComponent, ...]
    rollback: RollbackView
    risk: RiskView
    requirements: tuple[RequirementView, ...]
    relaxations: tuple[RelaxationView, ...]
    look_alikes: tuple[LookAlikeView, ...]
    informed: tuple[InformedView, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    decided_at: str
    valid_until: str | None


def state_of(states: Collection[RequirementState]) -> State:
    """Return the state of the whole from those of its requirements: the strongest, `error` where there are none.

    SECURITY: no requirements at all is never a pass; an empty tree means that nothing was looked at.
    """
    if not states:
        return "error"
    strongest = min(states, key=PRECEDENCE.index)
    return "approved" if strongest == "met" else strongest
