"""Incidents as they are kept: what failed since when, which changes had to do with it, and what tickets were told."""

from typing import Literal

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.core.values import dataclass
from gate.usecases.tracker_ports import Edition

ChangeRelation = Literal["caused-by", "mitigated-by", "related"]
Confirmation = Literal["proposed", "confirmed", "refuted"]


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident of one component of one repository's records.

    `tracker` and `ticket` say where people work on it, both empty where it stands here alone. `began_at` is when the
    failure began, `restored_at` when service was back, `review_due_at` until when its review must be held,
    `reviewed_at` when it was.
    """

    id: str
    repository: RepositoryKey
    component: str
    title: str
    state: Literal["open", "closed"]
    began_at: Instant
    opened_at: Instant
    opened_by: AccountKey = ""
    tracker: str = ""
    ticket: str = ""
    url: str = ""
    paths: tuple[str, ...] = ()
    restored_at: Instant | None = None
    closed_at: Instant | None = None
    review_due_at: Instant | None = None
    reviewed_at: Instant | None = None

    @property
    def is_ticket_due(self) -> bool:
        """Return whether its ticket is being made: its tracker is known, the ticket's key is not yet."""
        return bool(self.tracker) and not self.ticket


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """What a change had to do with an incident, and whether somebody confirmed it."""

    incident: str
    change: ChangeKey
    relation: ChangeRelation
    confirmation: Confirmation
    at: Instant
    by: AccountKey = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredLanding:
    """A change that was merged, when, and as which commit. `reverts` is the change that it takes back (0: none)."""

    key: ChangeKey
    merged_at: Instant
    merge_sha: str
    reverts: int = 0


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A ticket shows what became of a change; `remote_id` is how its tracker names what shows it."""

    key: ChangeKey
    ticket: str
    edition: Edition
    remote_id: str
    at: Instant
