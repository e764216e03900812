"""Incident ports: what the store looks up and keeps of incidents, landings and what tickets were told."""

from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.usecases.incident_stored import IncidentChange, StoredIncident, StoredLanding, WrittenNote


class ReadingIncidents(Protocol):
    """What can be looked up of incidents."""

    def incident(self, identity: str) -> StoredIncident | None: ...  # noqa: D102  # name and types say it
    def incident_of_ticket(self, tracker: str, ticket: str) -> StoredIncident | None: ...  # noqa: D102  # name and types say it
    def incidents(
        self,
        repositories: Sequence[RepositoryKey] | None = None,
        *,
        component: str = "",
        began_since: Instant = "",
        limit: int = 200,
    ) -> Sequence[StoredIncident]:
        """Return incidents, those that began last first; of some repositories (None: of all), of one component."""
        ...

    def incident_changes(self, identity: str) -> Sequence[IncidentChange]:
        """Return what changes had to do with an incident, oldest statement first."""
        ...

    def landing(self, key: ChangeKey) -> StoredLanding | None: ...  # noqa: D102  # name and types say it
    def landings(
        self, repository: RepositoryKey, *, since: Instant, until: Instant, limit: int = 5000
    ) -> Sequence[StoredLanding]:
        """Return what was merged from `since` to `until`, both included, newest first."""
        ...

    def reverting(self, key: ChangeKey) -> StoredLanding | None:
        """Return the first landing that takes a change back, None where there is none."""
        ...


class WritingIncidents(Protocol):
    """What is kept of incidents."""

    def add_incident(self, incident: StoredIncident) -> bool:
        """Keep a new incident, and return False where its id or its ticket is kept already."""
        ...

    def save_incident(self, incident: StoredIncident) -> None:
        """Keep what became of a known incident."""
        ...

    def save_incident_change(self, link: IncidentChange) -> None:
        """Keep what a change had to do with an incident; of each relation the last statement counts."""
        ...

    def add_landing(self, landing: StoredLanding) -> bool:
        """Keep that a change was merged, and return False where that is kept already."""
        ...

    def add_written_note(self, note: WrittenNote) -> bool:
        """Keep that a ticket was told something, and return False where that is kept already."""
        ...
