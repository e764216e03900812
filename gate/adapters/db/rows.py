"""Rows: values of the use cases as rows of tables and back, with text that every database can hold."""

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Column, RowMapping, Table
from sqlalchemy.sql import ColumnElement, and_, false

from gate.core.change.facts import ChangedFile
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.lazy_regex import lazy_regex
from gate.core.ledger.entries import LedgerEntry, SignedCheckpoint
from gate.core.ledger.labels import labels_of
from gate.usecases.stored import ApiToken, Session, StoredChange, StoredSignoff

_UNSTORABLE = lazy_regex("[\x00\ud800-\udfff]")
_MAX_NUMBER = 2**63 - 1
_KEYS = frozenset({"key", "tenant", "repository", "number"})


def storable(text: str) -> str:
    """Return text with U+FFFD for what no database holds alike: NUL and lone surrogates (S04)."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def values_of(value: Any, *without: str) -> dict[str, Any]:
    """Return a dataclass as a row: texts storable, its `key` as columns, mappings and tuples as JSON."""
    row: dict[str, Any] = {}
    for name in _names(value.__class__):
        if name == "key":
            row |= key_values(value.key)
        elif name not in without:
            row[name] = _cell(getattr(value, name))
    return row


def key_values(key: ChangeKey | RepositoryKey) -> dict[str, Any]:
    """Return a key as columns."""
    if isinstance(key, ChangeKey):
        return {"tenant": key.tenant, "repository": key.repository, "number": key.number}
    return {"tenant": key.tenant, "id": key.id}


def is_change(table: Table, key: ChangeKey) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a change; none belongs to one that cannot be numbered."""
    c = table.c
    if not _is_numbered(key.tenant, key.repository, key.number):
        return false()
    return and_(c.tenant == key.tenant, c.repository == key.repository, c.number == key.number)


def is_repository(table: Table, key: RepositoryKey) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a repository; none belongs to one that cannot be numbered."""
    if not _is_numbered(key.tenant, key.id):
        return false()
    column: Column[int] = table.c.id if "number" not in table.c and "id" in table.c else table.c.repository
    return and_(table.c.tenant == key.tenant, column == key.id)


def change_key_of(row: RowMapping) -> ChangeKey:
    """Return the change that a row belongs to."""
    return ChangeKey(row["tenant"], row["repository"], row["number"])


def change_of(row: RowMapping) -> StoredChange:
    """Return a change; its generation stands in a table of its own."""
    return StoredChange(key=change_key_of(row), **_plain(StoredChange, row))


def repository_of(row: RowMapping) -> ForgeRepository:
    """Return a repository."""
    return ForgeRepository(RepositoryKey(row["tenant"], row["id"]), **_plain(ForgeRepository, row))


def signoff_of(row: RowMapping) -> StoredSignoff:
    """Return a sign-off."""
    plain = _plain(StoredSignoff, row)
    plain["subjects"] = tuple(json.loads(plain["subjects"]))
    plain["scopes"] = json.loads(plain["scopes"])
    return StoredSignoff(key=change_key_of(row), **plain)


def session_of(row: RowMapping) -> Session:
    """Return a session."""
    return Session(**_plain(Session, row))


def api_token_of(row: RowMapping) -> ApiToken:
    """Return a token without its secret."""
    plain = _plain(ApiToken, row)
    return ApiToken(**{**plain, "repositories": tuple(json.loads(plain["repositories"]))})


def entry_of(row: RowMapping) -> LedgerEntry:
    """Return a ledger entry with its exact bytes; where they are no entry, of no kind, time and subject."""
    content = bytes(row["content"])
    _, kind, at, subject = labels_of(content) or (0, "", "", "")
    return LedgerEntry(row["idx"], kind, at, subject, content)  # type: ignore[arg-type]  # bytes may say any kind


def checkpoint_of(row: RowMapping) -> SignedCheckpoint:
    """Return a checkpoint."""
    return SignedCheckpoint(row["size"], bytes(row["root"]), row["at"], row["note"])


def file_of(value: Mapping[str, Any]) -> ChangedFile:
    """Return a file of a content."""
    return ChangedFile(**value)


def dumped(value: Any) -> str:
    """Return a value as JSON that every text column holds."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _is_numbered(*numbers: int) -> bool:
    return all(0 <= number <= _MAX_NUMBER for number in numbers)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping | tuple):
        return dumped(dict(value) if isinstance(value, Mapping) else list(value))
    return value


def _plain(kind: type, row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in _names(kind) if name not in _KEYS}


@cache
def _names(kind: "type[Any]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
