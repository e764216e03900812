"""Judgements: facts and contents once, by digest; what is personal beside them; each verdict's exact bytes."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from gate.adapters.db.changes import fence
from gate.adapters.db.rows import change_key_of, file_of, is_change, key_values, storable
from gate.adapters.db.tables import contents, facts, personal_values, verdicts
from gate.adapters.db.upserts import insert_new, is_inserted
from gate.core.canonical import canonical_bytes
from gate.core.change.facts import ChangedFile
from gate.core.change.personal import PersonalValue
from gate.core.change.plain import plain_value
from gate.core.change.sealing import SealedFacts
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.store_ports import StoreError
from gate.usecases.stored import StoredVerdict

_COMMITMENT_BYTES = 32
_LEVEL = 6
_AT_ONCE = 500


def save(connection: Connection, judgement: StoredVerdict, sealed: SealedFacts, files: tuple[ChangedFile, ...]) -> None:
    """Keep facts, content and verdict. Raises StaleGenerationError where a later judgement has begun."""
    fence(connection, judgement.key, judgement.generation)
    if judgement.facts_digest != sealed.digest:
        raise StoreError("A verdict and its facts do not belong together.", next_step="This is a fault of the gate.")
    _save_facts(connection, judgement.key, sealed)
    row = {
        **key_values(judgement.key),
        "generation": judgement.generation,
        "at": judgement.at,
        "state": judgement.state,
        "head_sha": storable(judgement.head_sha),
        "base_ref": storable(judgement.base_ref),
        "plan_digest": judgement.plan_digest,
        "facts_digest": judgement.facts_digest,
        "content": _save_content(connection, files, judgement.content),
        "verdict": zlib.compress(judgement.verdict, _LEVEL),
        "ledger_index": judgement.ledger_index,
    }
    connection.execute(insert(verdicts), [row])


def verdict_at(connection: Connection, key: ChangeKey, facts_digest: str | None) -> StoredVerdict | None:
    """Return the newest judgement of a change, or the newest one on certain facts."""
    wanted = select(verdicts).where(is_change(verdicts, key))
    if facts_digest is not None:
        wanted = wanted.where(verdicts.c.facts_digest == storable(facts_digest))
    newest = wanted.order_by(verdicts.c.generation.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return None if row is None else _verdict_of(row)


def verdicts_of(connection: Connection, key: ChangeKey, *, limit: int) -> Sequence[StoredVerdict]:
    """Return the judgements of a change, newest first."""
    wanted = select(verdicts).where(is_change(verdicts, key)).order_by(verdicts.c.generation.desc()).limit(limit)
    return tuple(_verdict_of(row) for row in connection.execute(wanted).mappings())


def facts_at(connection: Connection, digest: str) -> SealedFacts | None:
    """Return sealed facts; erased personal values come back as tombstones."""
    wanted = select(facts).where(facts.c.digest == storable(digest))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    content = zlib.decompress(row["content"])
    _require(content, digest)
    raw = bytes(row["commitments"]).hex()
    size = 2 * _COMMITMENT_BYTES
    commitments = [raw[at : at + size] for at in range(0, len(raw), size)]
    return SealedFacts(content, digest, _personal_at(connection, change_key_of(row), commitments))


def content_at(connection: Connection, digest: str) -> tuple[ChangedFile, ...] | None:
    """Return the files of a content by its digest."""
    raw = connection.execute(select(contents.c.files).where(contents.c.digest == storable(digest))).scalar_one_or_none()
    if raw is None:
        return None
    content = zlib.decompress(raw)
    _require(content, digest)
    return tuple(file_of(value) for value in json.loads(content))


def _save_facts(connection: Connection, key: ChangeKey, sealed: SealedFacts) -> None:
    known = connection.execute(select(facts).where(facts.c.digest == sealed.digest)).mappings().one_or_none()
    if known is not None:
        if change_key_of(known) != key:
            raise StoreError("These facts belong to another change.", next_step="This is a fault of the gate.")
        return
    row = {
        **key_values(key),
        "digest": sealed.digest,
        "content": zlib.compress(sealed.content, _LEVEL),
        "commitments": bytes.fromhex("".join(sorted(sealed.personal))),
    }
    is_inserted(connection, facts, row)
    insert_new(connection, personal_values, [_personal_row(key, *item) for item in sorted(sealed.personal.items())])


def _personal_row(key: ChangeKey, commitment: str, value: PersonalValue) -> dict[str, Any]:
    # JSON keeps any text, whatever a database thinks of NUL, and the commitment must hold to the letter.
    kept = None if value.value is None else json.dumps(value.value)
    return {**key_values(key), "commitment": commitment, "salt": value.salt, "value": kept}


def _personal_at(connection: Connection, key: ChangeKey, commitments: Sequence[str]) -> Mapping[str, PersonalValue]:
    c = personal_values.c
    found = dict.fromkeys(commitments, PersonalValue(None, None))
    for start in range(0, len(commitments), _AT_ONCE):
        some = commitments[start : start + _AT_ONCE]
        wanted = select(c.commitment, c.salt, c.value).where(is_change(personal_values, key), c.commitment.in_(some))
        for commitment, salt, value in connection.execute(wanted):
            found[commitment] = PersonalValue(salt, None if value is None else json.loads(value))
    return found


def _save_content(connection: Connection, files: tuple[ChangedFile, ...], expected: str) -> str:
    """Keep a content and return its digest, the one of `content_digest`."""
    content = canonical_bytes([plain_value(file) for file in files])
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    if expected not in {"", digest}:
        raise StoreError("A verdict and its files do not belong together.", next_step="This is a fault of the gate.")
    if connection.execute(select(contents.c.digest).where(contents.c.digest == digest)).first() is None:
        insert_new(connection, contents, [{"digest": digest, "files": zlib.compress(content, _LEVEL)}])
    return digest


def _verdict_of(row: RowMapping) -> StoredVerdict:
    return StoredVerdict(
        key=change_key_of(row),
        generation=row["generation"],
        at=row["at"],
        state=row["state"],
        head_sha=row["head_sha"],
        base_ref=row["base_ref"],
        plan_digest=row["plan_digest"],
        facts_digest=row["facts_digest"],
        verdict=zlib.decompress(row["verdict"]),
        ledger_index=row["ledger_index"],
        content=row["content"],
    )


def _require(content: bytes, digest: str) -> None:
    """SECURITY: what was changed in the database is not taken for what was recorded under this digest."""
    if "sha256:" + hashlib.sha256(content).hexdigest() != digest:
        raise StoreError(f"What is stored as {digest[:19]} is something else.", next_step="Restore the database.")
