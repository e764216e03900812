"""A07: writers at the same time, killed at any moment, never fork the ledger, leave a gap, or lose what was kept."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders_postgresql import emptied, postgresql_url
from builders_store import a_draft, a_known_repository, a_world, sqlite_url

from gate.core.ledger.merkle import leaf_hash, root_of

WRITERS = 4
ENOUGH = 24

WRITER = """
import os, sys, threading
sys.path.insert(0, sys.argv[2])
from builders_store import a_draft, a_world
store, name, threads = a_world(sys.argv[1]).store, *map(int, sys.argv[3:5])
def write(name):
    for step in range(100_000):
        with store.writing() as writing:
            draft = a_draft(name + 1, payload={"writer": name, "step": step})
            index = [writing.append(draft) for _ in range(1 + step % 2)]
        os.write(1, f"{name} {step} {index[0]}\\n".encode())
print("ready", flush=True)
for one in range(threads):
    threading.Thread(target=write, args=(10 * name + one,)).start()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    made = a_world(sqlite_url(tmp_path) if request.param == "sqlite" else emptied(postgresql_url()))
    a_known_repository(made.store)
    yield made
    made.store.close()


def killed_writers(url: str, *, threads: int) -> Any:
    """Let four processes append at once, kill each at another moment, and return what each was told to be kept.

    What a process was told is a list of writer, step and index; each of its threads is a writer of its own.
    """
    folder = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", WRITER, url, folder]
    writers = [
        subprocess.Popen([*command, str(name), str(threads)], stdout=subprocess.PIPE, text=True)
        for name in range(WRITERS)
    ]
    told: Any = [[] for _ in writers]
    for name, writer in enumerate(writers):
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for _ in range(ENOUGH // (1 + name)):
            told[name].append(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
    for name, writer in enumerate(writers):
        assert writer.stdout is not None
        told[name] += [line for line in writer.stdout if line.endswith("\n")]
        writer.stdout.close()
        writer.wait(30)
    return [[tuple(map(int, line.split())) for line in lines] for lines in told]


@pytest.mark.parametrize("threads", [1, 3], ids=["a commit each", "threads that share commits"])
def test_four_writers_killed_at_any_moment_leave_one_whole_ledger(world: Any, threads: int) -> None:
    told = killed_writers(world.url, threads=threads)
    with world.store.reading() as reading:
        checkpoint = reading.checkpoint()
        entries = list(reading.ledger_entries(0, checkpoint.size + 10))
        sizes = [one.size for one in reading.checkpoints(limit=100_000)]
    assert [entry.index for entry in entries] == list(range(checkpoint.size))
    assert root_of([leaf_hash(entry.content) for entry in entries]) == checkpoint.root
    payloads = [json.loads(entry.content)["payload"] for entry in entries]
    for name, lines in enumerate(told):
        assert len(lines) >= ENOUGH // (1 + name)
        for writer, step, index in lines:
            assert payloads[index] == {"writer": writer, "step": step}
    # Each writer's steps stand in their order, whole or not at all, and every transaction has its checkpoint.
    ends = [
        index for index, payload in enumerate(payloads, start=1) if index == len(payloads) or payloads[index] != payload
    ]
    assert sizes == ends
    for writer in {payload["writer"] for payload in payloads}:
        steps = [payload["step"] for payload in payloads if payload["writer"] == writer]
        assert steps == [step for step in range(max(steps) + 1) for _ in range(1 + step % 2)]
    again = world.opened_again()
    with again.writing() as writing:
        assert writing.append(a_draft()) == len(entries)
    again.close()
