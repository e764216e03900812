"""Builders of ledgers that were recorded as the service records them, and of what somebody does to their database.

    ledger = a_recorded_ledger(tmp_path)            # 300 entries: changes, verdicts, sign-offs, and a full tile
    ledger.attack("DELETE FROM ledger_entries WHERE idx = 40")
    assert ledger.faults()[0].index == 40

Whoever attacks is the administrator of the database: the ledger's triggers do not stop them.
"""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from builders_facts import AT, a_file, some_facts
from builders_store import (
    ORIGIN,
    SALT,
    a_change_row,
    a_draft,
    a_known_repository,
    a_signer,
    a_stored_signoff,
    a_world,
    sqlite_url,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.adapters.db.ledger_agreement import verify_agreement
from gate.adapters.db.ledger_verification import verify_tree
from gate.core.change.sealing import settle
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes
from gate.core.ledger.entries import EntryDraft
from gate.core.ledger.merkle import Frontier, leaf_hash, leaf_hashes, root_of
from gate.core.ledger.note import Checkpoint, NoteSigner, signed_note
from gate.core.ledger.signing_keys import SigningKey
from gate.core.ledger.tiles import WIDTH
from gate.core.ledger.verification import LedgerFault
from gate.usecases.change_entries import signoff_entry
from gate.usecases.stored import StoredVerdict
from gate.usecases.verify_ledger import LedgerReport, verify_ledger

KEY = SigningKey(ORIGIN, a_signer().public_key)
CHANGES = 5
ENTRIES = 300


@dataclass(frozen=True)
class Ledger:
    """A database on disk with a recorded ledger in it."""

    file: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def attack(self, *statements: str | Callable[[sqlite3.Connection], None]) -> None:
        """Do to the database what its administrator can: no trigger is in the way, and all are back afterwards."""
        with sqlite3.connect(self.file) as connection, unguarded(connection):
            for statement in statements:
                if callable(statement):
                    statement(connection)
                else:
                    connection.execute(statement)
        connection.close()

    def verified(self, *, key: SigningKey = KEY, copies: Sequence[str] = ()) -> LedgerReport:
        store = a_world(self.url).store
        try:
            with store.reading() as reading:
                return verify_ledger(
                    reading,
                    key,
                    verify_tree=lambda keys: verify_tree(self.url, keys),
                    verify_agreement=lambda: verify_agreement(self.url),
                    verify_signature=verify_ed25519,
                    copies=copies,
                )
        finally:
            store.close()

    def faults(self, **given: Any) -> Sequence[LedgerFault]:
        return self.verified(**given).faults

    def head(self) -> str:
        """The newest signed head, as somebody would have kept it elsewhere."""
        with sqlite3.connect(self.file) as connection:
            (note,) = connection.execute("SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1").fetchone()
        connection.close()
        return str(note)


@contextmanager
def unguarded(connection: sqlite3.Connection) -> Iterator[None]:
    """Take all triggers away, and put them back at the end."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        with suppress(sqlite3.OperationalError):  # a view has none like them
            connection.execute(sql)


def a_recorded_ledger(folder: Path) -> Ledger:
    file = folder / "gate.db"
    file.write_bytes(_recorded())
    return Ledger(file)


def a_ledger_of_the_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A recorded ledger that the settings name, with its key in a file."""
    found = a_recorded_ledger(folder)
    pem = a_signer()._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    monkeypatch.setenv("GATE_DATABASE_URL", found.url)
    monkeypatch.setenv("GATE_LEDGER_KEY_FILE", str(folder / "key.pem"))
    monkeypatch.setenv("GATE_LEDGER_ORIGIN", ORIGIN)
    return found


@cache
def _recorded() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="gate-ledger-"))
    try:
        world = a_world(sqlite_url(folder))
        a_known_repository(world.store)
        for number in range(1, CHANGES + 1):
            record_change(world.store, number)
        with world.store.reading() as reading:
            size = reading.checkpoint().size  # type: ignore[union-attr]
        for number in range(size, ENTRIES):
            world.clock.at = f"2026-12-02T{number // 60:02}:{number % 60:02}:00Z"
            draft = a_draft(kind="check-posted", at=world.clock.at, payload={"n": number})
            with world.store.writing() as writing:
                writing.append(draft)
        world.store.close()
        with sqlite3.connect(folder / "gate.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return (folder / "gate.db").read_bytes()
    finally:
        shutil.rmtree(folder)


def a_large_ledger(folder: Path, count: int, *, each: int) -> Ledger:
    """A ledger of many plain entries, with a checkpoint over each so many; its rows are written past the product."""
    ledger = Ledger(Path(sqlite_url(folder).removeprefix("sqlite:///")))
    subject = "change:7/501/1"
    rest = f'"kind":"check-posted","payload":{{"n":1}},"schema":"gate.ledger-entry/1","subject":"{subject}"'
    contents = [f'{{"at":"{AT}","index":{index},{rest}}}'.encode() for index in range(count)]
    leaves = leaf_hashes(contents)
    tree, heads = Frontier(), []
    for end in [*range(each, count, each), count]:
        tree = tree.extend(leaves[tree.size : end])
        note = signed_note(Checkpoint(ORIGIN, end, tree.root()).text(), a_signer())
        heads.append((end, tree.root(), AT, note))
    with sqlite3.connect(ledger.file) as connection, unguarded(connection):
        connection.executemany("INSERT INTO ledger_entries VALUES (?, ?)", enumerate(contents))
        connection.executemany("INSERT INTO ledger_checkpoints VALUES (?, ?, ?, ?)", heads)
        connection.executemany("INSERT INTO ledger_tiles VALUES (?, ?, ?, ?)", _tiles(leaves))
        head = (1, count, tree.to_bytes(), AT, False, "")
        connection.execute("INSERT INTO ledger_head VALUES (?, ?, ?, ?, ?, ?)", head)
    connection.close()
    return ledger


def _tiles(hashes: list[bytes]) -> list[tuple[int, int, bytes, bytes]]:
    found, level = [], 0
    while len(hashes) >= WIDTH:
        tiles = [hashes[at : at + WIDTH] for at in range(0, len(hashes) - WIDTH + 1, WIDTH)]
        hashes = [root_of(tile) for tile in tiles]
        found += [(level, place, hashes[place], b"".join(tile)) for place, tile in enumerate(tiles)]
        level += 1
    return found


def record_change(store: Any, number: int) -> StoredVerdict:
    """Record a change as the service does: facts, a verdict that follows from them, and a sign-off with a reason."""
    change = a_change_row(number)
    facts = some_facts(files=(a_file("payments/api.py"),))
    facts = replace(facts, change=replace(facts.change, number=number))
    settled, sealed = settle(facts, salt=SALT)
    verdict = decide(settled, at=AT)
    raw, state = verdict_bytes(verdict), verdict.state
    with store.writing() as writing:
        generation = writing.begin_judgement(change.key)
    signoff = a_stored_signoff(key=change.key, facts_digest=sealed.digest, reason=f"Bob of team {number} agrees.")
    with store.writing() as writing:
        writing.save_signoff(signoff)
        writing.append(signoff_entry(signoff, AT))
        subject = f"change:{change.key.tenant}/{change.key.repository}/{number}"
        payload = {
            "state": state,
            "head": change.head_sha,
            "base_ref": change.base_ref,
            "verdict": "sha256:" + hashlib.sha256(raw).hexdigest(),
        }
        writing.append(EntryDraft("facts-recorded", AT, subject, facts=sealed.digest))
        index = writing.append(EntryDraft("verdict-changed", AT, subject, facts=sealed.digest, payload=payload))
        stored = StoredVerdict(
            key=change.key,
            generation=generation,
            at=AT,
            state=state,
            head_sha=change.head_sha,
            base_ref=change.base_ref,
            plan_digest="",
            facts_digest=sealed.digest,
            verdict=raw,
            ledger_index=index,
        )
        writing.save_judgement(stored, sealed, settled.files)
        judged = {"generation": generation, "judged_generation": generation, "verdict_state": state}
        writing.save_change(replace(change, **judged, facts_digest=sealed.digest, judged_at=AT))
    return stored


def rewritten(signer: NoteSigner, edit: Callable[[int, bytes], bytes]) -> Callable[[sqlite3.Connection], None]:
    """An attack that edits entries and makes everything after them anew: hashes, tiles, head, checkpoints."""

    def attack(connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT idx, content FROM ledger_entries ORDER BY idx").fetchall()
        tree, leaves = Frontier(), []
        sizes = {size for (size,) in connection.execute("SELECT size FROM ledger_checkpoints").fetchall()}
        for index, content in rows:
            new = edit(index, content)
            leaves.append(leaf_hash(new))
            connection.execute("UPDATE ledger_entries SET content = ? WHERE idx = ?", (new, index))
            tree = tree.append(leaves[-1])
            if tree.size in sizes:
                note = signed_note(Checkpoint(signer.name, tree.size, tree.root()).text(), signer)
                connection.execute(
                    "UPDATE ledger_checkpoints SET root = ?, note = ? WHERE size = ?", (tree.root(), note, tree.size)
                )
        tile = leaves[:256]
        root = Frontier().extend(tile).root()
        connection.execute("UPDATE ledger_tiles SET root = ?, hashes = ?", (root, b"".join(tile)))
        connection.execute("UPDATE ledger_head SET frontier = ?", (tree.to_bytes(),))

    return attack


STORED = "CREATE TABLE stored (idx INTEGER NOT NULL PRIMARY KEY, content BLOB, kind TEXT, at TEXT, subject TEXT)"


def store_labels(connection: sqlite3.Connection) -> None:
    """An attack that makes what entries are looked up by columns that can be edited."""
    connection.execute(STORED)
    connection.execute("INSERT INTO stored SELECT idx, content, kind, at, subject FROM ledger_entries")
    connection.execute("DROP TABLE ledger_entries")
    connection.execute("ALTER TABLE stored RENAME TO ledger_entries")
    connection.execute("CREATE INDEX ix_ledger_entries_subject ON ledger_entries (subject, idx)")


def look_through_a_view(connection: sqlite3.Connection) -> None:
    """An attack that puts a view, which may show anything, in the place of the table."""
    connection.execute("ALTER TABLE ledger_entries RENAME TO entries")
    connection.execute("CREATE VIEW ledger_entries AS SELECT * FROM entries")


def index_others(connection: sqlite3.Connection) -> None:
    """An attack that has an index of the right name over other columns."""
    connection.execute("DROP INDEX ix_ledger_entries_subject")
    connection.execute("CREATE INDEX ix_ledger_entries_subject ON ledger_entries (kind, idx)")


def redefine(old: str, new: str) -> Callable[[sqlite3.Connection], None]:
    """An attack that edits how the table of entries is defined, with its rows left as they are."""

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'ledger_entries'"
        connection.execute(change, (old, new))
        connection.execute("PRAGMA writable_schema = RESET")

    return attack


LABELS = "ix_ledger_entries_subject"


def keep_texts_as_utf16(connection: sqlite3.Connection) -> None:
    """An attack that makes the whole database anew, word for word, in an encoding that takes bytes for other texts."""
    (file,) = [file for _, name, file in connection.execute("PRAGMA database_list") if name == "main"]
    with sqlite3.connect(":memory:") as other:
        other.execute("PRAGMA encoding = 'UTF-16le'")
        other.execute("PRAGMA ignore_check_constraints = ON")
        made = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").fetchall()
        for kind, name, sql in sorted(made, key=lambda one: one[0], reverse=True):  # tables, then indexes
            other.execute(sql)
            if kind == "table":
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
                listed = ", ".join(f'"{column}"' for column in columns)
                rows = connection.execute(f"SELECT {listed} FROM {name}")  # noqa: S608  # an attack of our own
                places = ", ".join("?" * len(columns))
                other.executemany(f"INSERT INTO {name} ({listed}) VALUES ({places})", rows)  # noqa: S608
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode = DELETE")
    Path(file).write_bytes(other.serialize())
    other.close()


def list_an_index_as_anothers(connection: sqlite3.Connection) -> None:
    """An attack that adds an index over kinds, which is listed under another spelling of its table's name."""
    connection.execute("CREATE INDEX ix_further ON ledger_entries (kind)")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET tbl_name = 'LEDGER_ENTRIES' WHERE name = 'ix_further'")
    connection.execute("PRAGMA writable_schema = OFF")


def name_rows_by_another_number(connection: sqlite3.Connection) -> None:
    """An attack whose definition differs in one space: it belongs to the name of a type, and `idx` may be no number."""
    made = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'ledger_entries'").fetchall())
    rows = connection.execute("SELECT idx, content FROM ledger_entries").fetchall()
    connection.execute("DROP TABLE ledger_entries")
    connection.execute(made["ledger_entries"].replace("INTEGER NOT NULL", "INTEGER\u00a0NOT NULL"))
    connection.execute(made[LABELS])
    connection.executemany("INSERT INTO ledger_entries (idx, content) VALUES (?, ?)", rows)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET tbl_name = 'other' WHERE name LIKE 'sqlite_autoindex_ledger_entries%'")
    connection.execute("PRAGMA writable_schema = OFF")


def put_before_the_first(content: bytes, *, instead_of: int) -> Callable[[sqlite3.Connection], None]:
    """An attack that adds an entry below index 0, and has the index that rows are counted in leave out another one."""
    partial = f" WHERE idx <> {instead_of}"

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("INSERT INTO ledger_entries (idx, content) VALUES (-5, ?)", (content,))
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = sql || ? WHERE name = ?", (partial, LABELS))
        connection.execute("PRAGMA writable_schema = RESET")
        connection.commit()
        connection.execute(f"REINDEX {LABELS}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE name = ?", (partial, LABELS))
        connection.execute("PRAGMA writable_schema = RESET")

    return attack


def store_under(index: object) -> Callable[[sqlite3.Connection], None]:
    """An attack that defines the table anew without its key, and stores the last entry under something else."""

    def attack(connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT idx, content, kind, at, subject FROM ledger_entries ORDER BY idx").fetchall()
        connection.execute("DROP TABLE ledger_entries")
        connection.execute("CREATE TABLE ledger_entries (idx, content, kind, at, subject)")
        rows[-1] = (index, *rows[-1][1:])
        connection.executemany("INSERT INTO ledger_entries VALUES (?, ?, ?, ?, ?)", rows)

    return attack
