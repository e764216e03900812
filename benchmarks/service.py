"""The service: bars 9 to 12 and 14, webhooks, judgements, pages and keys.

Usage: python benchmarks/service.py [--rounds N] [--many N]

Judgements and pages are measured in this process, by processor time, at 1,000 and at --many stored changes (by default
1,000,000). Webhooks are posted to real servers over eight connections, the servers one after the other in each round;
their processor time is the kernel's count for the process.
"""

import argparse
import http.client
import json
import os
import platform
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests"), str(REPOSITORY / "benchmarks")]

from builders_forge_world import FILES
from builders_login import an_app
from builders_service import Service, a_service
from builders_store import sqlite_url
from builders_visitors import a_token, bearer
from builders_webhooks import examples, headers_of
from owners import Bar, monorepo
from service_keys import key_bars

from gate.bootstrap import readers
from gate.usecases.judge_change import judge_change

FEW, MANY = 1_000, 1_000_000
RULES = 1_989
CONNECTIONS, POSTS = 8, 200
REFUSED: list[int] = []
"""Answers of the present server that were not 202."""
_TEXTS = count()
PAGES = ("/", "/api/v1/changes?limit=50", "/api/v1/changes?state=open&verdict=waiting", "/changes/acme/shop/1")


def report(*, rounds: int = 5, many: int = MANY) -> str:
    """Measure everything and return the table."""
    rows = ["| bar | measured | holds |", "| --- | --- | --- |"]
    for bar in chain(judging_and_pages(rounds, many), under_many_rules(rounds), webhooks(rounds), key_bars(rounds)):
        print(bar, file=sys.stderr, flush=True)
        rows.append(str(bar))
    end = f"{rounds} rounds, CPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores."
    return "\n".join([*rows, "", end])


def judging_and_pages(rounds: int, many: int) -> Iterator[Bar]:
    """Yield bars 9 and 12: the same service with few and with many stored changes."""
    with tempfile.TemporaryDirectory() as folder, a_service(Path(folder)) as service:
        files = {f"api/part{number}.py": f"x = {number}\n" for number in range(30)}
        service.forge.a_pull({"web/page.html": "<p>\n"})
        service.settle()  # tokens are issued and the repository is known, as in a service that runs
        pull = service.forge.a_pull(files)
        first, again = _calls(service, pull), _calls(service, pull)
        service.settle()
        fill(Path(folder) / "gate.db", FEW)
        few = _timed(service, pull, rounds)
        fill(Path(folder) / "gate.db", many)
        lots = _timed(service, pull, rounds)
    text = "9. Calls to the forge for a change of 30 files: at most 10 the first time, 3 where nothing changed"
    yield Bar(text, f"{first} and {again}", first <= 10 and again <= 3)
    judged = lots["judge"] / few["judge"]
    shown = f"{few['judge']:.1f} ms and {lots['judge']:.1f} ms, {judged:.2f}x"
    yield Bar(
        f"9. Processor time of a judgement at {many:,} changes at most 1.3x that at {FEW:,}", shown, judged <= 1.3
    )
    fresh, known = 1000 / few["judge anew"], 1000 / few["judge"]
    text = "Judgements in a second of one processor, 30 files: where the head moved, and where nothing changed"
    yield Bar(text, f"{fresh:.0f} and {known:.0f}", holds=True)
    for page in PAGES:
        ratio = lots[page] / few[page]
        text = f"12. `{page}` at {many:,} changes at most 1.5x its time at {FEW:,}"
        yield Bar(text, f"{few[page]:.1f} ms and {lots[page]:.1f} ms, {ratio:.2f}x", ratio <= 1.5)


def under_many_rules(rounds: int) -> Iterator[Bar]:
    """Yield what a judgement of 30 files costs under many rules, as the first of a process and as a later one."""
    item = monorepo(rules=RULES, paths=55_526)
    lines = [line.split()[0] for line in item.text.decode().splitlines() if line.strip() and not line.startswith("#")]
    owned = "".join(f"  - {{name: c{number}, owner: web, paths: ['{line}']}}\n" for number, line in enumerate(lines))
    sources = {
        "CODEOWNERS": {"CODEOWNERS": item.text.decode()},
        "records": {
            ".gate/ownership.yaml": f"version: 1\nteams: {{web: {{members: ['@erin']}}}}\ncomponents:\n{owned}",
            ".gate/policy.yaml": "version: 1\nunowned: allow\n",
        },
    }
    for name, files in sources.items():
        held = {**dict.fromkeys(FILES), "README.md": "Shop\n", **files}
        with tempfile.TemporaryDirectory() as folder, a_service(Path(folder), files=held) as service:
            service.forge.a_pull({"web/page.html": "<p>\n"})
            service.settle()
            pull = service.forge.a_pull(dict.fromkeys(item.paths[:: len(item.paths) // 30][:30], "x\n"))
            samples: dict[str, list[float]] = {"first": [], "later": []}
            for _ in range(rounds):
                fresh = replace(service.gate, readers=readers())
                for times in samples.values():
                    began = time.thread_time()
                    judge_change(fresh, service.key(pull))
                    times.append((time.thread_time() - began) * 1000)
        first, later = (statistics.median(times) for times in samples.values())
        text = f"Processor time of a judgement under {RULES:,} rules of {name}: the first of a process, and later ones"
        yield Bar(text, f"{first:.0f} ms and {later:.0f} ms", holds=True)


def _calls(service: Service, pull: Any) -> int:
    before = service.gate.forge.requests_made()
    judge_change(service.gate, service.key(pull))
    return service.gate.forge.requests_made() - before


def _timed(service: Service, pull: Any, rounds: int) -> dict[str, float]:
    """Return milliseconds of processor time: of a judgement after a push, of one that found nothing new, of pages."""
    client, headers = an_app(service).test_client(), bearer(a_token(service))
    judge = partial(judge_change, service.gate, service.key(pull))
    jobs: dict[str, Callable[[], Any]] = {"judge anew": judge, "judge": judge}
    for page in PAGES:
        accept = {"Accept": "text/html"} if not page.startswith("/api/") else {}
        jobs[page] = lambda page=page, accept=accept: client.get(page, headers={**headers, **accept})  # type: ignore[misc]
    samples: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds * 4):
        service.forge.shop.commit(pull.head_ref, {"api/part0.py": f"x = {next(_TEXTS)}\n"}, author=service.forge.dave)
        for name, job in jobs.items():
            began = time.thread_time()  # of this thread: the double of GitHub answers in others
            job()
            samples[name].append((time.thread_time() - began) * 1000)
    return {name: statistics.median(values[2:]) for name, values in samples.items()}


# ruff: noqa: S608  (nothing in the statements of `fill` comes from outside)


def fill(file: Path, count: int) -> None:
    """Store so many changes of the shop besides those that are there; one in ten is open: every page is full."""
    with closing(sqlite3.connect(file)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(changes)")]
        tenant, repository = connection.execute("SELECT tenant, id FROM repositories").fetchone()
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < {count + 999}) "
        connection.execute(
            f"{numbers} INSERT OR IGNORE INTO generations (tenant, repository, number, generation) "
            f"SELECT {tenant}, {repository}, i, 1 FROM n"
        )
        made = {
            "tenant": f"{tenant}", "repository": f"{repository}", "number": "i",
            "state": "CASE WHEN i % 10 = 0 THEN 'open' ELSE 'merged' END", "title": "'Change ' || i",
            "judged_at": "strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + i, 'unixepoch')",
            "verdict_state": "CASE WHEN i % 10 = 0 THEN 'waiting' ELSE 'approved' END",
            "head_sha": "printf('%040x', i)", "judged_generation": "1",
        }  # fmt: skip
        shown = ", ".join(made.get(name, f"(SELECT {name} FROM changes WHERE number = 1)") for name in columns)
        connection.execute(f"{numbers} INSERT OR IGNORE INTO changes ({', '.join(columns)}) SELECT {shown} FROM n")
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()


def webhooks(rounds: int) -> Iterator[Bar]:
    """Yield bars 10 and 11: processor time of a webhook, and its slowest answers, against peers in the same run."""
    cpu: dict[str, list[float]] = {}
    slow: dict[str, list[float]] = {}
    refused = 0
    for _ in range(rounds):
        for mode in ("bare", "gate", "gate-working", "unlocked-working"):
            REFUSED.clear()
            spent, times, kept = _posted(mode)
            if mode.startswith("gate") and (REFUSED or kept != POSTS * CONNECTIONS):
                raise SystemExit(f"{mode}: {kept} of {POSTS * CONNECTIONS} were kept, {len(REFUSED)} refused")
            refused += len(REFUSED) if mode == "unlocked-working" else 0
            cpu.setdefault(mode, []).append(spent)
            slow.setdefault(mode, []).append(times)
    middle = {mode: statistics.median(values) for mode, values in cpu.items()}
    late = {mode: statistics.median(values) for mode, values in slow.items()}
    ratio = middle["gate"] / middle["bare"]
    shown = f"{middle['gate']:.2f} ms and {middle['bare']:.2f} ms, {ratio:.1f}x"
    yield Bar(
        "10. A signed webhook of 30 kB, kept durably: at most 4x the processor time of a bare answer", shown, ratio <= 4
    )
    tail = late["gate-working"] / late["unlocked-working"]
    shown = f"{late['gate-working']:.0f} ms and {late['unlocked-working']:.0f} ms, {tail:.2f}x"
    shown += f"; none refused, lost or doubled, and without the lock {refused} refused"
    text = "11. Its p99 at 8 connections while deliveries are worked on: at most 0.25x that without the writer lock"
    yield Bar(text, shown, tail <= 0.25)


def _posted(mode: str) -> tuple[float, float, int]:
    """Return milliseconds of processor time a post, the p99 in milliseconds, and how many deliveries were kept."""
    payload = {**examples()["star"][0], "filler": "x" * 25_000}
    body = json.dumps(payload).encode()
    with tempfile.TemporaryDirectory() as folder, _server(mode, sqlite_url(Path(folder))) as (port, process):
        took: list[float] = []
        _post_all(port, body, [], 20)
        before = _cpu_of(process)
        threads = [threading.Thread(target=_post_all, args=(port, body, took, POSTS)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = (_cpu_of(process) - before) * 1000 / len(took)
        with closing(sqlite3.connect(Path(folder) / "gate.db")) as connection:
            kept = connection.execute("SELECT count(*) FROM deliveries").fetchone()[0] - (0 if mode == "bare" else 20)
        return spent, sorted(took)[int(len(took) * 0.99)] * 1000, kept


def _post_all(port: int, body: bytes, took: list[float], count: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(count):
        headers = headers_of("star", body)
        began = time.monotonic()
        connection.request("POST", "/webhooks/github", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise SystemExit(f"a webhook was answered {answer.status}")
        took.append(time.monotonic() - began)


@contextmanager
def _server(mode: str, url: str) -> Iterator[tuple[int, int]]:
    """Run a server and give its port and the id of the process that answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    script = str(REPOSITORY / "benchmarks" / "service_server.py")
    process = subprocess.Popen([sys.executable, script, mode, str(port), url], start_new_session=True)
    try:
        children: list[str] = []
        while not children or not _answers(port):
            time.sleep(0.1)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except OSError:
        return False


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure everything and print one report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=MANY)
    options = parser.parse_args()
    print(report(rounds=options.rounds, many=options.many))


if __name__ == "__main__":
    main()
