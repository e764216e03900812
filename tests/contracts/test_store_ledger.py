"""The store keeps the ledger: no gap, no fork, nothing lost or edited, and a signed checkpoint over all of it."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from builders_facts import AT
from builders_store import ORIGIN, a_draft, a_key
from sqlalchemy import text

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.adapters.db.statements import Insertion
from gate.adapters.db.tables import ledger_entries
from gate.core.ledger.entries import EntryDraft, commitment_of
from gate.core.ledger.merkle import Frontier, leaf_hash
from gate.core.ledger.note import verify_checkpoint
from gate.usecases.store_ports import StoreError


def append(store: Any, *drafts: Any) -> Any:
    with store.writing() as writing:
        return [writing.append(draft) for draft in drafts]


def run(world: Any, statement: Any, **values: Any) -> None:
    with world.store._transactions.writing() as connection:
        connection.execute(text(statement), values)


def verified_entries(world: Any) -> Any:
    """All entries, after everything that the ledger promises was checked against its exact bytes."""
    with world.store.reading() as reading:
        checkpoint = reading.checkpoint()
        entries = [reading.ledger_entry(index) for index in range(checkpoint.size if checkpoint else 0)]
        assert reading.ledger_entry(len(entries)) is None
    frontier, last = Frontier(), ""
    for index, entry in enumerate(entries):
        parsed = json.loads(entry.content)
        assert (entry.index, parsed["index"], parsed["kind"]) == (index, index, entry.kind)
        assert (parsed["at"], parsed["subject"]) == (entry.at, entry.subject)
        assert entry.leaf_hash == leaf_hash(entry.content)
        assert entry.at >= last
        frontier, last = frontier.append(entry.leaf_hash), entry.at
    if checkpoint:
        signer = world.signer
        told = verify_checkpoint(checkpoint.note, name=signer.name, public_key=signer.public_key, verify=verify_ed25519)
        assert (told.origin, told.size, told.root) == (ORIGIN, len(entries), frontier.root())
        assert (checkpoint.root, checkpoint.at) == (frontier.root(), last)
    return entries


class TestAppending:
    def test_indexes_count_from_zero_without_a_gap(self, world: Any) -> None:
        assert append(world.store, a_draft(1), a_draft(2)) == [0, 1]
        assert append(world.store, a_draft(3)) == [2]
        assert len(verified_entries(world)) == 3

    def test_a_transaction_that_failed_leaves_no_gap(self, world: Any) -> None:
        append(world.store, a_draft())
        with pytest.raises(ZeroDivisionError):
            append(world.store, a_draft(), *(1 // zero for zero in [0]))
        assert append(world.store, a_draft()) == [1]
        assert len(verified_entries(world)) == 2

    def test_a_draft_that_can_be_no_entry_takes_its_transaction_with_it(self, world: Any) -> None:
        with pytest.raises(ValueError, match="no canonical form"):
            append(world.store, a_draft(), a_draft(payload={"x": 1.5}))
        assert verified_entries(world) == []

    def test_every_transaction_that_appended_is_under_a_checkpoint_of_its_own(self, world: Any) -> None:
        for count in (1, 3, 2):
            append(world.store, *(a_draft(number + 1) for number in range(count)))
        with world.store.writing() as writing:
            writing.save_setting("x", "y")
        with world.store._transactions.reading() as connection:
            sizes = connection.execute(text("SELECT size FROM ledger_checkpoints ORDER BY size")).scalars().all()
        assert sizes == [1, 4, 6]

    def test_many_entries_of_one_transaction_keep_every_character(self, world: Any) -> None:
        odd = 'tab\t, backslash \\N, newline\n, "quote", \N{SNOWMAN}, \\.'
        drafts = [
            a_draft(kind="signoff-given", subject=f"account:{odd}/{n}", payload={"n": n, odd: odd}, personal={"p": odd})
            for n in range(40)
        ]
        append(world.store, *drafts)
        entries = verified_entries(world)
        assert [entry.subject for entry in entries] == [draft.subject for draft in drafts]
        with world.store._transactions.reading() as connection:
            kept = connection.execute(text("SELECT value FROM ledger_personal")).scalars().all()
        assert kept == [odd] * 40

    @pytest.mark.parametrize("count", [1, 40])
    def test_what_the_database_refuses_of_many_takes_all_of_them_with_it(self, world: Any, count: int) -> None:
        append(world.store, a_draft())
        rows = [{"idx": n + 2, "content": b"{}"} for n in range(count)]
        with pytest.raises(StoreError, match="no gaps"), world.store._transactions.writing() as connection:
            Insertion(ledger_entries).write_all(connection, rows)
        assert len(verified_entries(world)) == 1

    def test_another_process_goes_on_where_the_last_one_ended(self, world: Any) -> None:
        append(world.store, *(a_draft(number) for number in range(1, 8)))
        other = world.opened_again()
        append(other, a_draft())
        other.close()
        append(world.store, a_draft())
        assert len(verified_entries(world)) == 9

    def test_a_timeline_is_of_one_change_and_ends_with_the_newest(self, world: Any) -> None:
        append(world.store, *(a_draft(number % 3 + 1, payload={"n": number}) for number in range(12)))
        with world.store.reading() as reading:
            assert [entry.index for entry in reading.timeline(a_key(2))] == [1, 4, 7, 10]
            assert [entry.index for entry in reading.timeline(a_key(2), limit=2)] == [7, 10]
            assert reading.ledger_entry(-1) is None
            assert reading.ledger_entry(2**70) is None


ODD = (
    'quote " and \\ backslash',
    "tab\t, line\n, bell\x07, \x01",
    "\N{SNOWMAN} \U0001f600",
    '","subject":"change:7/501/9',
    "",
)


class TestLookingUp:
    """Kind, time and subject are derived from the bytes by the database itself."""

    @pytest.mark.parametrize("odd", ODD)
    def test_an_entry_is_found_by_any_subject_and_by_no_other(self, world: Any, odd: str) -> None:
        subject = f"account:{odd}"
        append(world.store, a_draft(1), EntryDraft("signoff-given", AT, subject, payload={"n": odd}))
        with world.store.reading() as reading:
            (found,) = reading.entries_about(subject, limit=9)
            assert (found.index, found.subject, found.kind, found.at) == (1, subject, "signoff-given", AT)
            assert reading.entries_about(f"{subject}x", limit=9) == ()
            assert reading.entries_about("change:7/501/9", limit=9) == ()

    def test_what_looks_like_a_label_in_the_payload_is_none(self, world: Any) -> None:
        lure = {"kind": "key-rotated", "at": "1970-01-01T00:00:00Z", "index": 7, "subject": "ledger"}
        inner = {"schema": "gate.ledger-entry/1", "subject": "ledger"}
        text = '","kind":"key-rotated","subject":"ledger"}'
        payload = {**lure, "a": {"b": [lure, inner]}, "text": text, "z": "\x00 \\u0000"}
        actor = '","at":"1970","kind":"key-rotated'
        append(world.store, EntryDraft("verdict-changed", AT, "change:7/501/1", actor=actor, payload=payload))
        assert labels(world) == [("verdict-changed", AT, "change:7/501/1")]
        with world.store.reading() as reading:
            assert reading.entries_about("ledger", limit=9) == ()
            (found,) = reading.entries_about("change:7/501/1", limit=9)
        assert (found.kind, found.at, found.payload()["text"]) == ("verdict-changed", AT, text)

    def test_a_subject_that_no_database_holds_is_made_storable_before_it_is_signed(self, world: Any) -> None:
        append(world.store, EntryDraft("signoff-given", AT, "account:a\0b\ud800"))
        (entry,) = verified_entries(world)
        assert json.loads(entry.content)["subject"] == "account:a\ufffdb\ufffd"
        with world.store.reading() as reading:
            assert reading.entries_about("account:a\0b\ud800", limit=9) == (entry,)


def labels(world: Any) -> Any:
    with world.store._transactions.reading() as connection:
        query = "SELECT kind, at, subject FROM ledger_entries ORDER BY idx"
        return [tuple(row) for row in connection.execute(text(query))]


class TestPersonalValues:
    def test_they_stand_beside_the_ledger_with_salts_of_their_own(self, world: Any) -> None:
        draft = a_draft(personal={"reason": "Bob knows\0", "name": "Bob"})
        append(world.store, draft, draft)
        with world.store._transactions.reading() as connection:
            rows = connection.execute(text("SELECT idx, path, salt, value FROM ledger_personal")).all()
        entries = verified_entries(world)
        assert len({salt for _, _, salt, _ in rows}) == 4
        for index, path, salt, value in rows:
            payload = json.loads(entries[index].content)["payload"]
            assert payload[path] == commitment_of(bytes.fromhex(salt), value)
        assert not any(b"Bob" in entry.content for entry in entries)

    def test_they_can_be_erased_and_the_ledger_still_holds(self, world: Any) -> None:
        append(world.store, a_draft(personal={"reason": "Bob knows"}))
        run(world, "UPDATE ledger_personal SET salt = NULL, value = NULL")
        assert len(verified_entries(world)) == 1


class TestTheClock:
    def test_an_entry_is_never_before_its_predecessor_and_the_step_back_is_told_once(self, world: Any) -> None:
        append(world.store, a_draft())
        world.clock.at = "2026-12-01T11:00:00Z"
        assert append(world.store, a_draft(), a_draft()) == [2, 3]
        assert append(world.store, a_draft()) == [4]
        world.clock.at = "2026-12-01T12:00:01Z"
        append(world.store, a_draft())
        entries = verified_entries(world)
        assert [entry.kind for entry in entries].count("anomaly-seen") == 1
        assert [entry.at for entry in entries] == [AT] * 5 + ["2026-12-01T12:00:01Z"]
        assert json.loads(entries[1].content)["payload"] == {
            "anomaly": "clock-stepped-back",
            "clock": "2026-12-01T11:00:00Z",
            "ledger": AT,
        }

    def test_a_second_step_back_is_told_again(self, world: Any) -> None:
        for at in (AT, "2026-12-01T11:00:00Z", "2026-12-01T13:00:00Z", "2026-12-01T12:30:00Z"):
            world.clock.at = at
            append(world.store, a_draft())
        assert [entry.kind for entry in verified_entries(world)].count("anomaly-seen") == 2

    def test_clocks_of_replicas_may_differ_by_a_moment(self, world: Any) -> None:
        append(world.store, a_draft())
        world.clock.at = "2026-12-01T11:59:58Z"
        append(world.store, a_draft())
        assert [(entry.kind, entry.at) for entry in verified_entries(world)] == [("verdict-changed", AT)] * 2

    def test_the_time_of_the_event_is_kept_beside_that_of_recording(self, world: Any) -> None:
        append(world.store, a_draft(at="2026-12-01T09:00:00Z"))
        parsed = json.loads(verified_entries(world)[0].content)
        assert (parsed["at"], parsed["happened_at"]) == (AT, "2026-12-01T09:00:00Z")


EDITS = [
    "UPDATE ledger_entries SET idx = 7 WHERE idx = 1",
    "UPDATE ledger_entries SET content = content",
    "DELETE FROM ledger_entries WHERE idx = 2",
    "DELETE FROM ledger_entries",
    "UPDATE ledger_checkpoints SET note = 'x'",
    "DELETE FROM ledger_checkpoints",
]
COPY = "INSERT INTO ledger_entries (idx, content) SELECT {index}, content FROM ledger_entries WHERE idx = 1"


class TestTriggers:
    @pytest.mark.parametrize("edit", EDITS)
    def test_an_edit_is_refused(self, world: Any, edit: Any) -> None:
        append(world.store, a_draft(1), a_draft(2), a_draft(3))
        with pytest.raises(StoreError, match="append-only"):
            run(world, edit)
        assert len(verified_entries(world)) == 3

    @pytest.mark.parametrize("index", [1, 4, -1])
    def test_an_entry_out_of_its_place_is_refused(self, world: Any, index: Any) -> None:
        append(world.store, a_draft(1), a_draft(2), a_draft(3))
        with pytest.raises(StoreError, match="no gaps"):
            run(world, COPY.format(index=index))

    def test_an_entry_that_is_there_already_is_refused(self, world: Any) -> None:
        append(world.store, a_draft(1), a_draft(2))
        with pytest.raises(StoreError, match="stands in the place that it says"):
            run(world, COPY.format(index=2))
        assert len(verified_entries(world)) == 2

    @pytest.mark.parametrize("label", ["kind", "at", "subject"])
    def test_what_an_entry_is_looked_up_by_cannot_be_written(self, world: Any, label: str) -> None:
        append(world.store, a_draft(1))
        with pytest.raises(StoreError, match=r"generated|DEFAULT"):
            run(world, f"UPDATE ledger_entries SET {label} = 'x'")  # noqa: S608  # a label of our own
        with pytest.raises(StoreError, match=r"generated|non-DEFAULT"):
            run(world, f"INSERT INTO ledger_entries (idx, content, {label}) VALUES (1, '', 'x')")  # noqa: S608  # so is this

    def test_what_is_no_entry_is_refused(self, world: Any) -> None:
        content = b'{"at":"x","index":0,"kind":"x"}'
        with pytest.raises(StoreError, match="is_labelled"):
            run(world, "INSERT INTO ledger_entries (idx, content) VALUES (0, :content)", content=content)

    @pytest.mark.parametrize("size", [1, 2, 4])
    def test_a_checkpoint_over_anything_but_the_whole_ledger_is_refused(self, world: Any, size: Any) -> None:
        append(world.store, a_draft(1), a_draft(2))
        with pytest.raises(StoreError, match="whole ledger"):
            run(
                world,
                "INSERT INTO ledger_checkpoints (size, root, at, note) "
                "SELECT :size, root, at, note FROM ledger_checkpoints",
                size=size,
            )

    def test_replacing_is_refused_as_well(self, world: Any) -> None:
        append(world.store, a_draft(1), a_draft(2))
        if world.url.startswith("sqlite"):
            edit, why = COPY.format(index=1).replace("INSERT", "INSERT OR REPLACE"), "no gaps"
        else:
            edit, why = "TRUNCATE ledger_checkpoints", "append-only"
        with pytest.raises(StoreError, match=why):
            run(world, edit)


class TestManyWriters:
    def test_threads_of_two_stores_lose_and_fork_nothing(self, world: Any) -> None:
        stores = [world.store, world.opened_again()]
        given, failures = [], []

        def write(number: Any) -> None:
            try:
                for step in range(15):
                    given.extend(append(stores[number % 2], *[a_draft(number + 1)] * (1 + step % 3)))
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert sorted(given) == list(range(4 * 30))
        assert len(verified_entries(world)) == 120
        stores[1].close()

    def test_a_writer_that_is_killed_in_the_middle_leaves_nothing_half_done(self, world: Any) -> None:
        append(world.store, a_draft())
        acknowledged = kill_in_the_middle(world.url)
        entries = verified_entries_by_anyone(world)
        assert acknowledged > 0
        assert 1 + acknowledged <= len(entries) <= 2 + acknowledged
        assert append(world.store, a_draft()) == [len(entries)]

    def test_one_that_is_killed_between_the_rows_of_a_batch_leaves_the_ledger_whole(self, world: Any) -> None:
        """On PostgreSQL so many rows are one copy, which the server sees cut in the middle of its data."""
        append(world.store, *(a_draft(number % 7 + 1) for number in range(20)))
        before = verified_entries(world)
        assert kill_within_a_batch(world.url) == ["writing row 31 of 40\n"]
        assert verified_entries(world) == before
        assert append(world.store, *(a_draft(number % 7 + 1) for number in range(40))) == list(range(20, 60))
        assert len(verified_entries(world)) == 60


def verified_entries_by_anyone(world: Any) -> Any:
    """The entries whoever signed; the killed writer had a key of its own."""
    with world.store.reading() as reading:
        checkpoint = reading.checkpoint()
        entries = [reading.ledger_entry(index) for index in range(checkpoint.size)]
    frontier = Frontier()
    for entry in entries:
        frontier = frontier.append(leaf_hash(entry.content))
    assert checkpoint.root == frontier.root()
    return entries


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from builders_store import a_draft, a_world
store = a_world(sys.argv[1]).store
while True:
    with store.writing() as writing:
        writing.append(a_draft())
        writing.save_setting("x", "y" * 1000)
        print("in", flush=True)
    print("out", flush=True)
"""


BATCH_WRITER = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from builders_store import a_draft, a_world
from gate.adapters.db import statements

class Row(dict):
    cut = False
    def __getitem__(self, name):
        if self.cut and name == "content":
            print("writing row 31 of 40", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(name)

whole = statements.Insertion.write_all
def cut(self, connection, rows):
    rows = [Row(row) for row in rows]
    rows[30].cut = len(rows) == 40
    whole(self, connection, rows)
statements.Insertion.write_all = cut
store = a_world(sys.argv[1]).store
with store.writing() as writing:
    for number in range(40):
        writing.append(a_draft(number % 7 + 1, payload={"long": "x" * 4000}))
print("kept", flush=True)
"""


def kill_within_a_batch(url: Any) -> Any:
    """Kill a process while it gives the database the rows of one batch, and return what it had said until then."""
    folder = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", BATCH_WRITER, url, folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        heard = process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return heard


def kill_in_the_middle(url: Any) -> Any:
    """Kill a process while a transaction of it is open, and return how many it was told to be kept."""
    folder = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", WRITER, url, folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline() for _ in range(21)]
        os.kill(process.pid, signal.SIGKILL)
        heard += process.stdout.readlines()
    return heard.count("out\n")
