"""Ledger agreement: whether verdicts, facts, sign-offs and personal values are those that the ledger's entries name."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, select

from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.rows import is_change, storable
from gate.adapters.db.tables import (
    contents,
    facts,
    ledger_entries,
    ledger_personal,
    personal_values,
    signoffs,
    verdicts,
)
from gate.core.change.personal import commitment_of
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import commitment_of as entry_commitment_of
from gate.core.ledger.verification import NOWHERE, LedgerFault, first_first

VERDICT = "verdict-changed"
SIGNOFF_KINDS = ("signoff-given", "signoff-voided", "signoff-withdrawn", "signoff-rejected")
_AT_ONCE = 500
Found = Iterator[LedgerFault]


def verify_agreement(url: str) -> Sequence[LedgerFault]:
    """Return where the tables disagree with the ledger, the first entry first. Raises StoreError where unreadable.

    The ledger's entries are taken as they are; whether they are what was signed is `verify_tree`'s to say.
    """
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            checks = (_verdicts, _digests, _commitments, _recorded, _personal)
            found = [fault for check in checks for fault in check(connection)]
    finally:
        engine.dispose()
    return first_first(found)


def _verdicts(connection: Connection) -> Found:
    v, e = verdicts.c, ledger_entries.c
    wanted = (
        select(verdicts, e.content.label("entry"))
        .join(ledger_entries, v.ledger_index == e.idx, isouter=True)
        .order_by(v.ledger_index)
    )
    erased = _erased_verdicts(connection)
    for row in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)).mappings():
        if not _is_verdict_of(row, erased.get(str(row["ledger_index"]))):
            text = f"The verdict on {_subject(row)} that entry {row['ledger_index']} records is another one."
            yield LedgerFault(row["ledger_index"], "verdict-edited", text)


def _erased_verdicts(connection: Connection) -> Mapping[str, str]:
    """Return the digests of verdicts that lost somebody's name, by their entry, as the entries of erasures say.

    One that an index leaves out accuses a verdict, and excuses none.
    """
    e = ledger_entries.c
    wanted = select(e.content).where(e.subject == "service", e.kind == "personal-data-erased").order_by(e.idx)
    found: dict[str, str] = {}
    for content in connection.execute(wanted).scalars():
        found |= _parsed(content).get("payload", {}).get("verdicts", {})
    return found


def _is_verdict_of(row: RowMapping, erased: str | None) -> bool:
    """Return whether a verdict is the one that its entry records; `erased` is the digest that an erasure left."""
    entry = _parsed(row["entry"])
    payload = entry.get("payload", {})
    try:
        digest = "sha256:" + hashlib.sha256(zlib.decompress(row["verdict"])).hexdigest()
    except zlib.error:
        return False
    said = (payload.get("state"), payload.get("head"), payload.get("base_ref"), erased or payload.get("verdict"))
    stored = (row["state"], row["head_sha"], row["base_ref"], digest)
    same = (entry.get("kind"), entry.get("subject"), entry.get("facts")) == (
        VERDICT,
        _subject(row),
        row["facts_digest"],
    )
    return same and stored == tuple(storable(one) if isinstance(one, str) else one for one in said)


def _digests(connection: Connection) -> Found:
    """Check that facts and contents are what their digests say."""
    for table, column, what in ((facts, facts.c.content, "facts"), (contents, contents.c.files, "content")):
        wanted = select(table.c.digest, column).execution_options(yield_per=_AT_ONCE)
        for digest, raw in connection.execute(wanted):
            try:
                is_same = "sha256:" + hashlib.sha256(zlib.decompress(raw)).hexdigest() == digest
            except zlib.error:
                is_same = False
            if not is_same:
                index = _first_naming(connection, digest)
                yield LedgerFault(index, f"{what}-edited", f"The {what} stored as {digest[:19]} are others.")


def _first_naming(connection: Connection, digest: str) -> int:
    wanted = select(func.min(verdicts.c.ledger_index)).where(
        (verdicts.c.facts_digest == digest) | (verdicts.c.content == digest)
    )
    found = connection.execute(wanted).scalar()
    return NOWHERE if found is None else int(found)


def _commitments(connection: Connection) -> Found:
    p = personal_values.c
    wanted = select(p.commitment, p.salt, p.value).where(p.value.is_not(None)).execution_options(yield_per=_AT_ONCE)
    for commitment, salt, value in connection.execute(wanted):
        if not _is_committed(commitment, salt, value):
            text = f"The personal value {commitment[:12]} is not the one that facts were made with."
            yield LedgerFault(NOWHERE, "personal-edited", text)


def _is_committed(commitment: str, salt: str, value: str) -> bool:
    try:
        return commitment_of(salt, json.loads(value)) == commitment
    except (ValueError, AttributeError, TypeError):
        return False


def _recorded(connection: Connection) -> Found:
    """Check that no verdict is gone, each sign-off against the newest entry about it, and that none is without.

    SECURITY: entries are found by their bytes, in one pass over all of them; an index could leave some out.
    """
    v, e = verdicts.c, ledger_entries.c
    wanted = (
        select(e.idx, e.subject, e.kind, case((e.kind != VERDICT, e.content)).label("content"), v.ledger_index)
        .select_from(ledger_entries)
        .join(verdicts, v.ledger_index == e.idx, isouter=True)
        .where(e.kind.in_((VERDICT, *SIGNOFF_KINDS)))
        .order_by(e.subject.concat(""), e.idx)
        .execution_options(yield_per=_AT_ONCE)
    )
    matched = 0
    for subject, rows in groupby(connection.execute(wanted).mappings(), key=lambda row: row["subject"]):
        newest: dict[str, tuple[int, Mapping[str, Any]]] = {}
        for row in rows:
            if row["kind"] != VERDICT:
                entry = _parsed(row["content"])
                newest[storable(str(entry.get("payload", {}).get("id")))] = row["idx"], entry
            elif row["ledger_index"] is None:
                text = f"The verdict that entry {row['idx']} records is gone."
                yield LedgerFault(row["idx"], "verdict-missing", text)
        if newest:
            kept = {row["id"]: row for row in _signoffs_of(connection, subject)}
            matched += len(kept.keys() & newest.keys())
            yield from _of_one_change(newest, kept)
    if connection.execute(select(func.count()).select_from(signoffs)).scalar_one() != matched:
        yield LedgerFault(NOWHERE, "signoff-unrecorded", "There is a sign-off that no entry of the ledger records.")


def _of_one_change(newest: Mapping[str, tuple[int, Mapping[str, Any]]], kept: Mapping[str, RowMapping]) -> Found:
    for identity, (index, entry) in newest.items():
        row = kept.get(identity)
        if row is None:
            yield LedgerFault(index, "signoff-missing", f"The sign-off that entry {index} records is gone.")
        elif not _is_signoff_of(row, entry):
            yield LedgerFault(index, "signoff-edited", f"The sign-off that entry {index} records is another one.")


def _is_signoff_of(row: RowMapping, entry: Mapping[str, Any]) -> bool:
    payload = entry["payload"]
    is_void = entry["kind"] == "signoff-voided"
    actor = (row["voided_by"] or row["account"]) if is_void else row["account"]
    columns = {
        "decision": "decision",
        "source": "source",
        "at": "at",
        "commit": "commit",
        "content": "content",
        "base_ref": "base_ref",
        "plan": "plan_digest",
        "void": "void",
    }
    return (
        bool(row["void"]) == is_void
        and (entry.get("actor", ""), entry.get("facts", "")) == (actor, row["facts_digest"])
        and all(storable(str(payload.get(said, ""))) == row[column] for said, column in columns.items())
    )


def _signoffs_of(connection: Connection, subject: str) -> Sequence[RowMapping]:
    parts = subject.removeprefix("change:").split("/")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):  # noqa: PLR2004  # tenant, repository, number
        return ()
    tenant, repository, number = map(int, parts)
    wanted = select(signoffs).where(is_change(signoffs, ChangeKey(tenant, repository, number)))
    return connection.execute(wanted).mappings().all()


def _personal(connection: Connection) -> Found:
    """Check what is personal beside the entries against the commitments in them."""
    p, e = ledger_personal.c, ledger_entries.c
    wanted = (
        select(p.idx, p.path, p.salt, p.value, e.content)
        .join(ledger_entries, p.idx == e.idx, isouter=True)
        .order_by(p.idx)
        .execution_options(yield_per=_AT_ONCE)
    )
    for index, path, salt, value, content in connection.execute(wanted):
        place: Any = _parsed(content).get("payload", {})
        for step in path.split("/"):
            place = place.get(step) if isinstance(place, dict) else None
        if place is None or (value is not None and entry_commitment_of(bytes.fromhex(salt), value) != place):
            text = f"What stands beside entry {index} at {path} is not what the entry commits to."
            yield LedgerFault(index, "personal-edited", text)


def _parsed(content: bytes | None) -> Mapping[str, Any]:
    try:
        entry = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _subject(row: RowMapping) -> str:
    return f"change:{row['tenant']}/{row['repository']}/{row['number']}"
