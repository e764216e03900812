"""Builders of stores with safe defaults, on SQLite files, and of what is kept in them.

    store = a_store(tmp_path)                       # migrated, with a signer and a clock that stands at AT
    key = a_known_repository(store)                 # RepositoryKey(7, 501), named `acme/shop`
    record_judgement(store, a_change_row(number=3), state="waiting")

Everything goes through the store's own ports.
"""

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from builders_facts import AT, BASE, HEAD, a_file, some_facts
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate.adapters.db import migrate
from gate.adapters.db.checkpoint_signing import Ed25519Signer
from gate.adapters.db.store import DatabaseStore, open_store
from gate.core.change.facts import ChangedFile
from gate.core.change.sealing import SealedFacts, settle
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.core.times import parse_instant
from gate.usecases.stored import Job, StoredChange, StoredSignoff, StoredVerdict

TENANT, REPOSITORY = 7, 501
ORIGIN = "gate.example/ledger"
SALT = b"\x05" * 16


@dataclass
class Clock:
    """A clock that moves only when a test moves it."""

    at: str = AT

    def __call__(self) -> dt.datetime:
        return parse_instant(self.at)


@dataclass(frozen=True)
class StoreWorld:
    """A store with what it was opened with."""

    store: DatabaseStore
    url: str
    clock: Clock = field(default_factory=Clock)
    signer: Ed25519Signer = field(default_factory=lambda: a_signer())  # noqa: PLW0108  # made further down

    def opened_again(self) -> DatabaseStore:
        return open_store(self.url, clock=self.clock, signer=self.signer, randomness=os.urandom)


@cache
def _template() -> bytes:
    """A migrated SQLite file; migrating once is much faster than for each test."""
    folder = Path(tempfile.mkdtemp(prefix="gate-template-"))
    try:
        migrate.upgrade(f"sqlite:///{folder}/gate.db")
        return (folder / "gate.db").read_bytes()
    finally:
        shutil.rmtree(folder)


def sqlite_url(folder: Path) -> str:
    """The address of a migrated SQLite file in a folder."""
    path = folder / "gate.db"
    if not path.exists():
        path.write_bytes(_template())
    return f"sqlite:///{path}"


def a_signer(seed: int = 7) -> Ed25519Signer:
    """The ledger's signer; the same one everywhere, as all processes of one ledger have."""
    return Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def a_new_signer(name: str) -> Ed25519Signer:
    """A signer with a key of its own, which nothing else has."""
    return Ed25519Signer(name, Ed25519PrivateKey.generate())


def a_world(url: str, clock: Clock | None = None) -> StoreWorld:
    clock, signer = clock or Clock(), a_signer()
    return StoreWorld(open_store(url, clock=clock, signer=signer, randomness=os.urandom), url, clock, signer)


def a_store(folder: Path, clock: Clock | None = None) -> DatabaseStore:
    """A migrated store on a SQLite file in a folder; close it to silence nothing: it holds no process or thread."""
    return a_world(sqlite_url(folder), clock).store


def a_repository(**fields: Any) -> ForgeRepository:
    given = {"key": RepositoryKey(TENANT, REPOSITORY), "name": "acme/shop", "default_branch": "main"}
    return ForgeRepository(**{**given, **fields})


def a_known_repository(store: DatabaseStore, **fields: Any) -> RepositoryKey:
    repository = a_repository(**fields)
    with store.writing() as writing:
        writing.save_repository(repository)
    return repository.key


def a_key(number: int = 1) -> ChangeKey:
    return ChangeKey(TENANT, REPOSITORY, number)


def a_change_row(number: int = 1, **fields: Any) -> StoredChange:
    given: dict[str, Any] = {
        "key": a_key(number),
        "state": "open",
        "title": f"Change {number}",
        "author": "github:1004",
        "base_ref": "main",
        "base_sha": BASE,
        "head_sha": HEAD,
        "url": f"https://forge.example/acme/shop/pull/{number}",
        "first_seen_at": AT,
    }
    return StoredChange(**{**given, **fields})


def a_draft(number: int = 1, **fields: Any) -> EntryDraft:
    subject = f"change:{TENANT}/{REPOSITORY}/{number}"
    given: dict[str, Any] = {"kind": "verdict-changed", "at": AT, "subject": subject, "payload": {"n": number}}
    return EntryDraft(**{**given, **fields})


def a_job(kind: str = "judge", **fields: Any) -> Job:
    given: dict[str, Any] = {"kind": kind, "payload": {"number": 1}, "run_at": AT}
    return Job(**{**given, **fields})


def a_stored_signoff(signoff_id: str = "review:1", **fields: Any) -> StoredSignoff:
    given: dict[str, Any] = {
        "key": a_key(),
        "id": signoff_id,
        "account": "github:1001",
        "source": "review",
        "decision": "approve",
        "at": AT,
        "first_seen_at": AT,
    }
    return StoredSignoff(**{**given, **fields})


def sealed_facts(number: int = 1, **fields: Any) -> tuple[SealedFacts, tuple[ChangedFile, ...]]:
    facts = some_facts(**{"files": (a_file("payments/api.py"),), **fields})
    facts = replace(facts, change=replace(facts.change, number=number))
    settled, sealed = settle(facts, salt=SALT)
    return sealed, settled.files


def record_judgement(
    store: DatabaseStore, change: StoredChange, *, state: str = "waiting", verdict: bytes = b"{}", **facts: Any
) -> StoredVerdict:
    """Judge a change as the service does: a generation, then facts, verdict, entry and change in one transaction."""
    sealed, files = sealed_facts(change.key.number, **facts)
    with store.writing() as writing:
        generation = writing.begin_judgement(change.key)
    with store.writing() as writing:
        index = writing.append(a_draft(change.key.number, facts=sealed.digest))
        stored = StoredVerdict(
            key=change.key,
            generation=generation,
            at=change.judged_at or AT,
            state=state,
            head_sha=change.head_sha,
            base_ref=change.base_ref,
            plan_digest="",
            facts_digest=sealed.digest,
            verdict=verdict,
            ledger_index=index,
        )
        writing.save_judgement(stored, sealed, files)
        judged = replace(
            change,
            generation=generation,
            judged_generation=generation,
            verdict_state=state,
            facts_digest=sealed.digest,
            judged_at=change.judged_at or AT,
        )
        writing.save_change(judged)
    return stored


def digest_of_database(folder: Path) -> str:
    """The digest of every row of every table."""
    with sqlite3.connect(folder / "gate.db") as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
