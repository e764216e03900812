"""Notices: messages and ladders as rows; whom somebody is told of is an insert that may fail."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from gate.adapters.db.rows import change_key_of, is_change, key_values, storable
from gate.adapters.db.tables_notices import escalations, known_contacts, notice_scopes, notices
from gate.adapters.db.upserts import is_inserted, put
from gate.core.change.facts import PersonKey
from gate.core.forge.snapshot import ChangeKey
from gate.core.notify.plan import Told
from gate.core.notify.reach import Address
from gate.core.notify.standing_in import InPlaceOf
from gate.core.notify.wording import NoticeKind
from gate.usecases.notices import Cause, KnownContacts, StoredEscalation, StoredNotice

_NOTICE_TEXTS = (
    "id", "kind", "recipient", "person", "planned_at", "not_before", "state", "sending_until", "done_at", "why",
    "escalation",
)  # fmt: skip
_NOTICE_NUMBERS = ("round", "attempts")
_ESCALATION_TEXTS = (
    "id", "cause", "subject", "scope", "component", "begun_at", "next_at", "state", "acknowledged_by",
    "acknowledged_at",
)  # fmt: skip


class ReadingNotices(ABC):
    """Looks messages and ladders up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def notice(self, notice_id: str) -> StoredNotice | None:
        """Return a message by its id, whatever became of it."""
        wanted = select(notices).where(notices.c.id == storable(notice_id))
        row = self._look().execute(wanted).mappings().one_or_none()
        return None if row is None else _notice_of(row)

    def notices(self, key: ChangeKey) -> Sequence[StoredNotice]:
        """Return the messages about a change, in the order in which they were planned."""
        wanted = select(notices).where(is_change(notices, key)).order_by(notices.c.planned_at, notices.c.id)
        return tuple(_notice_of(row) for row in self._look().execute(wanted).mappings())

    def told(self, key: ChangeKey, kind: NoticeKind, round_: int = 0) -> frozenset[Told]:
        """Return who was, or is about to be, told of which subject in which scope."""
        table = notice_scopes
        wanted = select(table.c.recipient, table.c.subject, table.c.scope).where(
            is_change(table, key), table.c.kind == kind, table.c.round == round_
        )
        return frozenset((row.recipient, row.subject, row.scope) for row in self._look().execute(wanted))

    def escalation(self, escalation_id: str) -> StoredEscalation | None:
        """Return a ladder by its id, whatever became of it."""
        wanted = select(escalations).where(escalations.c.id == storable(escalation_id))
        row = self._look().execute(wanted).mappings().one_or_none()
        return None if row is None else _escalation_of(row)

    def escalations(self, key: ChangeKey | None = None, *, cause: Cause | None = None) -> Sequence[StoredEscalation]:
        """Return ladders in the order in which they began, of one change or of one cause."""
        wanted: Select[Any] = select(escalations).order_by(escalations.c.begun_at, escalations.c.id)
        if key is not None:
            wanted = wanted.where(is_change(escalations, key))
        if cause is not None:
            wanted = wanted.where(escalations.c.cause == cause)
        return tuple(_escalation_of(row) for row in self._look().execute(wanted).mappings())

    def known_contacts(self, key: ChangeKey, person: PersonKey) -> KnownContacts | None:
        """Return by which addresses a person of a change's repository was told last."""
        table = known_contacts
        wanted = select(table).where(
            table.c.tenant == key.tenant, table.c.repository == key.repository, table.c.person == storable(person)
        )
        row = self._look().execute(wanted).mappings().one_or_none()
        if row is None:
            return None
        lists = {name: tuple(json.loads(row[name])) for name in ("addresses", "added")}
        return KnownContacts(key, row["person"], changed_at=row["changed_at"], **lists)


class WritingNotices(ReadingNotices):
    """Keeps messages and ladders."""

    def plan_notice(self, notice: StoredNotice) -> StoredNotice | None:
        """Keep a new message with those of its subjects that its recipient was not told of; None where none is left."""
        connection = self._look()
        place = {**key_values(notice.key), "kind": notice.kind, "round": notice.round}
        place["recipient"] = storable(notice.recipient)
        new = {
            subject: scope
            for subject, scope in notice.subjects.items()
            if is_inserted(connection, notice_scopes, {**place, "subject": storable(subject), "scope": scope})
        }
        if not new:
            return None
        kept = replace(notice, subjects=new)
        return kept if is_inserted(connection, notices, _notice_row(kept)) else None

    def save_notice(self, notice: StoredNotice) -> None:
        """Keep what became of a known message."""
        self._look().execute(update(notices).where(notices.c.id == notice.id).values(_notice_row(notice)))

    def begin_escalation(self, escalation: StoredEscalation) -> bool:
        """Keep a new ladder, and return False where there is one of the same id."""
        return is_inserted(self._look(), escalations, _escalation_row(escalation))

    def save_escalation(self, escalation: StoredEscalation) -> None:
        """Keep where a known ladder stands."""
        self._look().execute(
            update(escalations).where(escalations.c.id == escalation.id).values(_escalation_row(escalation))
        )

    def save_known_contacts(self, contacts: KnownContacts) -> None:
        """Keep by which addresses somebody is told now."""
        row = {
            "tenant": contacts.key.tenant,
            "repository": contacts.key.repository,
            "person": storable(contacts.person),
            "addresses": _listed(contacts.addresses),
            "changed_at": contacts.changed_at,
            "added": _listed(contacts.added),
        }
        put(self._look(), known_contacts, row)


def _notice_row(notice: StoredNotice) -> dict[str, Any]:
    row = {name: storable(getattr(notice, name)) for name in _NOTICE_TEXTS}
    numbers = {name: getattr(notice, name) for name in _NOTICE_NUMBERS}
    lists = {
        "addresses": _listed([[address.channel, address.to] for address in notice.addresses]),
        "subjects": json.dumps(dict(notice.subjects), ensure_ascii=True, sort_keys=True),
        "names": _listed(notice.names),
        "instead": _listed([[one.person, one.until] for one in notice.instead]),
    }
    return {**row, **numbers, **lists, **key_values(notice.key)}


def _notice_of(row: RowMapping) -> StoredNotice:
    return StoredNotice(
        key=change_key_of(row),
        addresses=tuple(Address(channel, to) for channel, to in json.loads(row["addresses"])),
        subjects=json.loads(row["subjects"]),
        names=tuple(json.loads(row["names"])),
        instead=tuple(InPlaceOf(person, until) for person, until in json.loads(row["instead"])),
        **{name: row[name] for name in (*_NOTICE_TEXTS, *_NOTICE_NUMBERS)},
    )


def _escalation_row(escalation: StoredEscalation) -> dict[str, Any]:
    row = {name: storable(getattr(escalation, name)) for name in _ESCALATION_TEXTS}
    return {**row, **key_values(escalation.key), "step": escalation.step, "told": _listed(escalation.told)}


def _escalation_of(row: RowMapping) -> StoredEscalation:
    return StoredEscalation(
        key=change_key_of(row),
        step=row["step"],
        told=tuple((step, at, tuple(names)) for step, at, names in json.loads(row["told"])),
        **{name: row[name] for name in _ESCALATION_TEXTS},
    )


def _listed(values: Sequence[object]) -> str:
    return json.dumps(list(values), ensure_ascii=True)
