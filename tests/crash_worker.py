"""A worker that is killed at one of its points, as by a power cut: an entry for tests of crashes; the product has none.

A point is passed before and after every commit, before and after every write to the forge, and at the points that the
use cases name. One process waits; each worker is forked from it and works until it is killed or nothing is due.

    with crash_workers() as workers:
        assert workers.run(url=..., forge_url=..., key=..., now=..., cut_at="decided").was_killed
"""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from builders_forge_world import GATE_APP
from builders_store import a_signer
from sqlalchemy import Connection

from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.ledger import LedgerTools
from gate.adapters.db.store import DatabaseStore
from gate.adapters.github.credentials import AppKey
from gate.adapters.github.forge import GithubForge
from gate.bootstrap import readers
from gate.usecases.gate import Gate
from gate.usecases.work import work_once


@dataclass(frozen=True)
class Ended:
    """How a worker ended, and the points that it passed."""

    was_killed: bool
    points: list[str]


@dataclass
class Cut:
    """Kills this process at its n-th point, or at the first one of a name."""

    at: str
    log: Path
    passed: int = 0

    def __call__(self, name: str) -> None:
        self.passed += 1
        with self.log.open("a") as opened:
            opened.write(f"{name}\n")
        if self.at in {name, str(self.passed)}:
            os.kill(os.getpid(), signal.SIGKILL)


class CutTransactions(Transactions):
    """Transactions with a point before and after each commit."""

    cut: Cut

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction."""
        with super().writing() as connection:
            yield connection
            self.cut("before a commit")
        self.cut("after a commit")


def work(*, url: str, forge_url: str, key: str, now: str, cut: Cut) -> None:
    """Work until nothing is due."""
    moment = dt.datetime.fromisoformat(now)
    transactions = CutTransactions(open_engine(url))
    transactions.cut = cut
    send = requests.Session.send

    def sending(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        is_write = request.method != "GET" and "access_tokens" not in (request.url or "")
        what = f"{request.method} {(request.url or '').rpartition('shop/')[2].partition('/')[0]}"
        if is_write:
            cut(f"before {what}")
        answer = send(session, request, **options)
        if is_write:
            cut(f"after {what}")
        return answer

    requests.Session.send = sending  # type: ignore[method-assign]  # in this process alone
    gate = Gate(
        store=DatabaseStore(transactions, LedgerTools(lambda: moment, a_signer(), os.urandom)),
        forge=GithubForge(app=AppKey(GATE_APP, key), token="", base_url=forge_url, sleep=lambda _: None),
        readers=readers(),
        now=lambda: moment,
        salt_for=lambda change: f"{change}".encode(),
        at_point=cut,
    )
    while work_once(gate, on_error=lambda job, error: cut(f"error of {job.job.kind}: {error!r}")):
        pass


class CrashWorkers:
    """The process that workers are forked from."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, *, cut_at: str, **where: str) -> Ended:
        """Run one worker to its end."""
        self._log.write_text("")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**where, "cut_at": cut_at, "log": str(self._log)}) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline() or "-1")
        points = self._log.read_text().splitlines()
        assert code in {0, signal.SIGKILL}, points
        return Ended(code == signal.SIGKILL, points)


@contextmanager
def crash_workers() -> Iterator[CrashWorkers]:
    """Workers that can be killed."""
    with tempfile.TemporaryDirectory(prefix="gate-crash-") as folder:
        command = [sys.executable, str(Path(__file__))]
        path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
        environment = {**os.environ, "PYTHONPATH": path}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            yield CrashWorkers(process, Path(folder) / "points")
        finally:
            process.communicate(timeout=20)


def main() -> None:
    """Fork a worker for each line, and say how it ended: 0, or the signal that killed it."""
    for line in sys.stdin:
        asked = json.loads(line)
        cut = Cut(asked.pop("cut_at"), Path(asked.pop("log")))
        child = os.fork()
        if child == 0:
            work(cut=cut, **asked)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
