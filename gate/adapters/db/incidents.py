"""Incidents: kept once by id and by ticket, with landings and what tickets were told, each an insert that may fail."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, false, or_, select, tuple_, update

from gate.adapters.db.rows import change_key_of, is_change, is_repository, key_values, storable, values_of
from gate.adapters.db.tables_incidents import incident_changes, incidents, landings, ticket_notes
from gate.adapters.db.upserts import is_inserted, put
from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.usecases.incident_stored import IncidentChange, StoredIncident, StoredLanding, WrittenNote

_MOST_REPOSITORIES = 10_000


class ReadingIncidents(ABC):
    """Looks incidents up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def incident(self, identity: str) -> StoredIncident | None:
        """Return an incident by its id."""
        return self._one_incident(incidents.c.id == storable(identity))

    def incident_of_ticket(self, tracker: str, ticket: str) -> StoredIncident | None:
        """Return the incident that a ticket stands for."""
        is_named = (incidents.c.tracker == storable(tracker)) & (incidents.c.ticket == storable(ticket))
        return self._one_incident(is_named) if ticket else None

    def incidents(
        self,
        repositories: Sequence[RepositoryKey] | None = None,
        *,
        component: str = "",
        began_since: Instant = "",
        limit: int = 200,
    ) -> Sequence[StoredIncident]:
        """Return incidents, those that began last first; of some repositories (None: of all), of one component."""
        wanted = select(incidents).order_by(incidents.c.began_at.desc(), incidents.c.id).limit(limit)
        if repositories is not None:
            pairs = [(key.tenant, key.id) for key in repositories[:_MOST_REPOSITORIES]]
            is_one = tuple_(incidents.c.tenant, incidents.c.repository).in_(pairs)
            wanted = wanted.where(is_one if pairs else false())
        if component:
            wanted = wanted.where(incidents.c.component == storable(component))
        if began_since:
            wanted = wanted.where(incidents.c.began_at >= began_since)
        return tuple(_incident_of(row) for row in self._look().execute(wanted).mappings())

    def incident_changes(self, identity: str) -> Sequence[IncidentChange]:
        """Return what changes had to do with an incident, oldest statement first."""
        table = incident_changes
        wanted = select(table).where(table.c.incident == storable(identity))
        rows = self._look().execute(wanted.order_by(table.c.at, table.c.number, table.c.relation)).mappings()
        return tuple(
            IncidentChange(
                row["incident"], change_key_of(row), row["relation"], row["confirmation"], row["at"], row["by"],
                row["reason"],
            )
            for row in rows
        )  # fmt: skip

    def landing(self, key: ChangeKey) -> StoredLanding | None:
        """Return when a change was merged, None where it was not."""
        row = self._look().execute(select(landings).where(is_change(landings, key))).mappings().one_or_none()
        return None if row is None else _landing_of(row)

    def landings(
        self, repository: RepositoryKey, *, since: Instant, until: Instant, limit: int = 5000
    ) -> Sequence[StoredLanding]:
        """Return what was merged from `since` to `until`, both included, newest first."""
        merged_at = landings.c.merged_at
        wanted = select(landings).where(is_repository(landings, repository), merged_at >= since, merged_at <= until)
        wanted = wanted.order_by(merged_at.desc(), landings.c.number).limit(limit)
        return tuple(_landing_of(row) for row in self._look().execute(wanted).mappings())

    def reverting(self, key: ChangeKey) -> StoredLanding | None:
        """Return the first landing that takes a change back, None where there is none."""
        wanted = select(landings).where(
            is_repository(landings, key.repository_key), landings.c.reverts == key.number, landings.c.reverts > 0
        )
        row = self._look().execute(wanted.order_by(landings.c.merged_at).limit(1)).mappings().one_or_none()
        return None if row is None else _landing_of(row)

    def _one_incident(self, condition: Any) -> StoredIncident | None:
        row = self._look().execute(select(incidents).where(condition)).mappings().one_or_none()
        return None if row is None else _incident_of(row)


class WritingIncidents(ReadingIncidents):
    """Keeps incidents."""

    def add_incident(self, incident: StoredIncident) -> bool:
        """Keep a new incident, and return False where its id or its ticket is kept already."""
        connection = self._look()
        same_ticket = (incidents.c.tracker == storable(incident.tracker)) & (
            incidents.c.ticket == storable(incident.ticket)
        )
        same = or_(incidents.c.id == storable(incident.id), same_ticket if incident.ticket else false())
        if connection.execute(select(incidents.c.id).where(same).limit(1)).first() is not None:
            return False
        return is_inserted(connection, incidents, _incident_values(incident))

    def save_incident(self, incident: StoredIncident) -> None:
        """Keep what became of a known incident."""
        values = _incident_values(incident)
        self._look().execute(update(incidents).where(incidents.c.id == values.pop("id")).values(values))

    def save_incident_change(self, link: IncidentChange) -> None:
        """Keep what a change had to do with an incident; of each relation the last statement counts."""
        row = {name: storable(getattr(link, name)) for name in ("incident", "relation", "confirmation", "by", "reason")}
        put(self._look(), incident_changes, {**row, **key_values(link.change), "at": link.at})

    def add_landing(self, landing: StoredLanding) -> bool:
        """Keep that a change was merged, and return False where that is kept already."""
        return is_inserted(self._look(), landings, values_of(landing))

    def add_written_note(self, note: WrittenNote) -> bool:
        """Keep that a ticket was told something, and return False where that is kept already."""
        return is_inserted(self._look(), ticket_notes, values_of(note))


def _incident_values(incident: StoredIncident) -> dict[str, Any]:
    return {
        **values_of(incident, "repository"),
        "tenant": incident.repository.tenant,
        "repository": incident.repository.id,
    }


def _incident_of(row: RowMapping) -> StoredIncident:
    plain = {name: row[name] for name in row if name not in {"tenant", "repository", "paths"}}
    return StoredIncident(
        **plain, repository=RepositoryKey(row["tenant"], row["repository"]), paths=tuple(json.loads(row["paths"]))
    )


def _landing_of(row: RowMapping) -> StoredLanding:
    return StoredLanding(change_key_of(row), row["merged_at"], row["merge_sha"], row["reverts"])
