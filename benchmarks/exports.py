"""Exports: bars 18 and 19, evidence of many changes out of SQLite, and its verifier.

Usage: python benchmarks/exports.py [--entries N] [--changes N] [--rounds N]

The ledger is made by the product's own store: each change is judged on facts of its own and merged, with further
entries between. Peaks of memory are those of a process that does nothing else.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests"), str(REPOSITORY / "benchmarks")]

from builders_facts import AT, a_file, a_signoff, account_key, some_facts
from builders_store import ORIGIN, SALT, Clock, a_change_row, a_key, a_known_repository, a_signer, sqlite_url
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from judge import facts_for, sample
from owners_sets import DataSet, default_data, load_sets

from gate.adapters.db.store import DatabaseStore, open_store
from gate.core.audit.tables import csv_line
from gate.core.change.facts import Facts
from gate.core.change.sealing import settle
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes
from gate.core.forge.snapshot import content_digest
from gate.core.ledger.entries import EntryDraft
from gate.usecases.gate import subject_of
from gate.usecases.kept_rules import KeptRules
from gate.usecases.replay_export import replayed
from gate.usecases.stored import StoredVerdict
from gate.verifier.export import Export

BATCH = 2_000
LIMIT_MB = 120


def main() -> None:
    """Measure everything and print one report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(report(entries=options.entries, changes=options.changes, rounds=options.rounds))


def report(*, entries: int = 1_000_000, changes: int = 1_000, rounds: int = 5) -> str:
    """Return the table of bars 18 and 19."""
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as name:
        folder = Path(name)
        small, large = (a_ledger(folder / f"{size}", changes=0, entries=size) for size in (entries // 10, entries))
        lines = lines_ratio(large, rounds)
        tables = tables_ratio(rounds)
        peaks = [by_command(path) for path in (small, large)]
        judged = a_ledger(folder / "judged", changes=changes, entries=changes * 30)
        made = by_command(judged)
        seconds = verified(judged.parent, rounds)
    rows = [
        ("JSON lines of the ledger, at most 0.25x of sqlite3 with json.dumps", f"{lines:.2f}x", lines <= 0.25),
        ("CSV, at most 1.3x of csv.writer", f"{tables:.2f}x", tables <= 1.3),
        (f"Peak memory of an export of {entries:,} entries, below {LIMIT_MB} MB", f"{peaks[1]['mb']} MB",
         peaks[1]["mb"] < LIMIT_MB),
        (f"Flat: at most 10 MB more than of {entries // 10:,}", f"{peaks[1]['mb'] - peaks[0]['mb']:+d} MB",
         peaks[1]["mb"] - peaks[0]["mb"] <= 10),
        (f"verify.py, {changes:,} changes, {changes * 30:,} entries, below 10 s", f"{seconds:.1f} s", seconds < 10),
    ]  # fmt: skip
    table = "\n".join(f"| {bar} | {value} | {'yes' if holds else 'NO'} |" for bar, value, holds in rows)
    replays = "\n".join(f"| {' | '.join(row)} |" for row in replaying(changes // 10, rounds))
    replays = f"| rules of | rules | a change | against rules compiled for each |\n| --- | --- | --- | --- |\n{replays}"
    absolute = (
        f"A whole export: {entries:,} entries in {peaks[1]['s']:.1f} s ({peaks[1]['bytes'] / 1e6:.0f} MB), "
        f"{changes:,} changes in {made['s']:.1f} s ({made['bytes'] / 1e6:.0f} MB, peak {made['mb']} MB)."
    )
    where = f"{rounds} rounds, CPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores."
    return f"| bar | measured | holds |\n| --- | --- | --- |\n{table}\n\n{replays}\n\n{absolute} {where}"


def a_ledger(folder: Path, *, changes: int, entries: int, facts_of: Callable[[int], Facts] | None = None) -> Path:
    """Return a database with so many judged and merged changes, of these facts, and entries up to a number."""
    folder.mkdir(parents=True)
    store = _store(folder)
    a_known_repository(store)
    done = 0
    for number in range(1, changes + 1):
        done += judged_and_merged(store, number, facts_of(number) if facts_of else some_facts())
    while done < entries:
        with store.writing() as writing:
            for _ in range(min(BATCH, entries - done)):
                done = writing.append(_filler(done)) + 1
    store.close()
    return folder / "gate.db"


def judged_and_merged(store: DatabaseStore, number: int, facts: Facts) -> int:
    """Keep one change with its verdict and its merge; return how many entries there are."""
    change = replace(facts.change, number=number, title=f"Change {number}")
    facts = replace(facts, change=change, signoffs=(a_signoff("alice"),))
    settled, sealed = settle(facts, salt=SALT)
    verdict = decide(settled, at=AT)
    raw, key = verdict_bytes(verdict), a_key(number)
    row = a_change_row(number, state="merged", head_sha=change.head_sha)
    with store.writing() as writing:
        generation = writing.begin_judgement(key)
    with store.writing() as writing:
        said = {"state": verdict.state, "before": "", "head": change.head_sha, "base_ref": "main"}
        said |= {"base": change.base_sha, "verdict": "sha256:" + hashlib.sha256(raw).hexdigest()}
        subject = subject_of(key)
        index = writing.append(EntryDraft("verdict-changed", AT, subject, facts=sealed.digest, payload=said))
        content = content_digest(settled.files)
        kept = StoredVerdict(
            key, generation, AT, verdict.state, change.head_sha, "main", "", sealed.digest, raw, index, content
        )
        writing.save_judgement(kept, sealed, settled.files)
        merge = {"head": change.head_sha, "merge": f"{number:040x}", "base_ref": "main", "verdict": verdict.state}
        merge["is_head_judged"] = True
        draft = EntryDraft("change-merged", AT, subject, actor=account_key("dave"), facts=sealed.digest, payload=merge)
        last = writing.append(draft)
        writing.save_change(replace(row, generation=generation, judged_generation=generation))
    return last + 1


def replaying(changes: int, rounds: int) -> list[tuple[str, str, str, str]]:
    """Return a row for each set of rules: its name and size, a change replayed, the ratio to compiling each anew."""
    found = []
    for item in load_sets(default_data()):
        with tempfile.TemporaryDirectory(prefix="gate-bench-") as name:
            kept, anew = replays_of(Path(name) / "replays", item, changes, rounds)
        rules = sum(1 for line in item.text.splitlines() if line.strip() and not line.strip().startswith(b"#"))
        found.append((item.name, f"{rules:,}", f"{kept / changes * 1000:.1f} ms", f"{kept / anew:.2f}x"))
    return found


def replays_of(folder: Path, item: DataSet, changes: int, rounds: int) -> tuple[float, float]:
    """Return how long an export under one set of rules is replayed: with kept rules, with rules compiled each time."""
    rules = facts_for(item.text, item.paths[:1])

    def facts_of(number: int) -> Facts:
        return replace(rules, files=tuple(map(a_file, sorted(sample(item.paths[number:], 10)))))

    by_command(a_ledger(folder, changes=changes, entries=0, facts_of=facts_of))
    unpack(folder)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for is_kept in [True, False] * rounds:
        export = Export(str(folder / "x"))
        began = time.process_time()
        wrong = replayed(export, kept=KeptRules() if is_kept else KeptRules(most_sets=0))
        taken[is_kept].append(time.process_time() - began)
        export.close()
        if wrong:
            raise SystemExit(f"The export does not replay: {wrong[0]}")
    return statistics.median(taken[True]), statistics.median(taken[False])


def unpack(folder: Path) -> None:
    """Unpack the export of a folder beside it."""
    subprocess.run(["unzip", "-q", "-o", folder / "x.zip", "-d", folder / "x"], check=True)


def lines_ratio(database: Path, rounds: int) -> float:
    """Return how long the ledger takes as JSON lines, against rows that are written by json.dumps."""
    store = _store(database.parent)

    def ours() -> int:
        size = 0
        with store.reading() as reading:
            head = reading.checkpoint()
            for rows in reading.ledger_rows(0, head.size if head else 0):
                size += len(b"".join([row[1] + b"\n" for row in rows]))
        return size

    def theirs() -> int:
        size = 0
        with closing(sqlite3.connect(database)) as connection:
            for index, content in connection.execute("SELECT idx, content FROM ledger_entries ORDER BY idx"):
                value = {"idx": index, "content": json.loads(content)}
                size += len(json.dumps(value)) + 1
        return size

    found = ratio(ours, theirs, rounds)
    store.close()
    return found


def tables_ratio(rounds: int) -> float:
    """Return how long rows take as harmless CSV, against csv.writer."""
    rows = [[f"500-1000-{number}", "acme/shop", number, f"Change {number}", "=1+1", "alice", "2026-12-01T10:00:00Z",
             "a" * 40, "merge", "approved", "", number] for number in range(100_000)]  # fmt: skip

    def ours() -> int:
        return sum(len(csv_line(row)) for row in rows)

    def theirs() -> int:
        sink = io.StringIO()
        writer = csv.writer(sink)
        for row in rows:
            writer.writerow(row)
        return len(sink.getvalue())

    return ratio(ours, theirs, rounds)


def ratio(ours: Callable[[], int], theirs: Callable[[], int], rounds: int) -> float:
    """Return the median ratio of two measurements, interleaved."""
    found = []
    for _ in range(rounds):
        times = []
        for work in (ours, theirs):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        found.append(times[0] / times[1])
    return statistics.median(found)


# Runs a command as its only child, so that the children's peak is its peak.
RUN_ALONE = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
found = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"s": found.ru_utime + found.ru_stime, "mb": found.ru_maxrss // 1024}))
"""


def by_command(database: Path) -> dict[str, int | float]:
    """Return seconds, bytes and peak memory of `gate audit export`, as an operator runs it."""
    folder = database.parent
    key = folder / "ledger-key.pem"
    key.write_bytes(a_signer()._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))  # noqa: SLF001
    settings = {"GATE_DATABASE_URL": f"sqlite:///{database}", "GATE_LEDGER_KEY_FILE": str(key)}
    command = [sys.executable, "-m", "gate", "audit", "export", "--from", "2026-01-01", "--to", "2028-01-01"]
    line = [sys.executable, "-c", RUN_ALONE, "sh", "-c", '"$@"; test $? -eq 0 -o $? -eq 3', "sh", *command]
    environment = {**os.environ, **settings, "GATE_LEDGER_ORIGIN": ORIGIN, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*line, "-o", str(folder / "x.zip")], capture_output=True, text=True, check=True, env=environment, cwd=folder
    )
    found: dict[str, int | float] = json.loads(done.stdout)
    return {**found, "bytes": (folder / "x.zip").stat().st_size}


def verified(folder: Path, rounds: int) -> float:
    """Return the median processor time of the verifier over an export that was written."""
    unpack(folder)
    found = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, folder / "x" / "verify.py"], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
        if failed or "PASS packets" not in done.stdout:
            raise SystemExit(f"The export does not verify: {done.stdout}{done.stderr}")
        found.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(found)


def _store(folder: Path) -> DatabaseStore:
    return open_store(sqlite_url(folder), clock=Clock(), signer=a_signer(), randomness=os.urandom)


def _filler(number: int) -> EntryDraft:
    """Return an entry as most are: a check that was posted."""
    payload = {
        "name": "Sign-off gate",
        "head": f"{number:040x}",
        "conclusion": "success",
        "verdict": "sha256:" + "a" * 64,
    }
    return EntryDraft("check-posted", AT, f"change:7/501/{number % 900_000 + 100_000}", payload=payload)


if __name__ == "__main__":
    main()
