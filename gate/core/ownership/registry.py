"""The registry: everything known about who owns what, from all sources, in one shape."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.ownership.records import (
    EscalationPolicy,
    Kind,
    Lifecycle,
    PersonRecord,
    Playbook,
    TeamRecord,
    Transfer,
    Vendor,
)
from gate.core.values import dataclass

SourceLine = str
"""Where something is written, as `FILE:LINE`."""


@dataclass(frozen=True, slots=True)
class Component:
    """A component as the gate works with it, wherever it was written.

    `owners` holds the references of the accountable owner as written in their source: one team or person for a
    record, the sorted owner set of a CODEOWNERS rule (which is also its eligible group).
    """

    name: str
    section: str
    owners: tuple[str, ...]
    source: SourceLine
    title: str | None = None
    kind: Kind = "other"
    tier: int | None = None
    lifecycle: Lifecycle | None = None
    environments: tuple[str, ...] = ()
    data_class: str | None = None
    backup: str | None = None
    depends_on: tuple[str, ...] = ()
    escalation: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    rollback: Playbook | None = None
    reviewed: str | None = None
    review_every_days: int | None = None
    transfer: Transfer | None = None
    migrations: tuple[str, ...] = ()
    has_files: bool = True

    @property
    def owner(self) -> str:
        """Return the owner as people read it: one name, or the owner set separated by blanks."""
        return " ".join(self.owners)


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of one section, in the order in which it is written; the last that matches wins.

    `component` is the index of the component in `Ownership.components`; None un-owns what matches. `is_exclusion`
    takes what matches out of that component alone. `problem` says why the platform ignores this line: what it
    matches is blocked rather than silently given to another owner.
    """

    pattern: str
    source: SourceLine
    component: int | None
    is_exclusion: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """An independent layer of ownership over the same files.

    `required` is how many sign-offs its owners must give (None: as the policy says); an optional section informs
    and asks nobody. `dialect` is the syntax of its patterns.
    """

    name: str
    rules: tuple[Rule, ...]
    source: str
    is_optional: bool = False
    required: int | None = None
    dialect: Literal["github", "gitlab"] = "github"


@dataclass(frozen=True, slots=True)
class Ownership:
    """All ownership of one repository as of one revision: people, teams, components, sections, escalations."""

    components: tuple[Component, ...] = ()
    sections: tuple[Section, ...] = ()
    people: Mapping[str, PersonRecord] = field(default_factory=dict)
    teams: Mapping[str, TeamRecord] = field(default_factory=dict)
    escalations: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    vendors: Mapping[str, Vendor] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    is_bare_codeowners: bool = False
