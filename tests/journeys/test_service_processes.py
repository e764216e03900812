"""The service as operators run it: real processes, on SQLite and on PostgreSQL, killed at any time."""

import datetime as dt
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from builders_forge_world import GATE_APP, ForgeWorld, a_world
from builders_postgresql import new_database_url
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from doubles.github.pulls import Pull

from gate.adapters.link_keys import new_key, write_keys

GATE = str(Path(sys.executable).with_name("gate"))
SECRET = "a secret of sixteen"  # noqa: S105  # a test's own
PATIENCE_SECONDS = 30


@dataclass
class Running:
    """Processes of one service, and the world that they look at."""

    forge: ForgeWorld
    environment: dict[str, str]
    folder: Path
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [GATE, *arguments], env=self.environment, cwd=self.folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def serve(self, *arguments: str) -> None:
        """Start `gate serve` and wait until it is ready."""
        self.start("serve", "serve", "--port", str(self.port), *arguments)
        until(self.is_ready, "the service")

    def is_ready(self) -> bool:
        if self.processes["serve"].poll() is not None:
            raise AssertionError((self.folder / "serve.log").read_text())
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, name: str) -> None:
        """End a process and all of its children at once, as a crash of the machine would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)

    def check(self, pull: Pull) -> str | None:
        token = self.forge.world.installation_token(self.forge.installation)
        found = self.forge.world.get(f"/repos/acme/shop/commits/{pull.head_sha}/check-runs", token=token)
        runs = [run for run in found["check_runs"] if run["app"]["id"] == GATE_APP]
        assert len(runs) <= 1
        return (runs[0]["conclusion"] or runs[0]["status"]) if runs else None

    def becomes(self, pull: Pull, wanted: str) -> None:
        until(lambda: self.check(pull) == wanted, f"{wanted} on #{pull.number}, which is {self.check(pull)}")

    def approve(self, pull: Pull) -> None:
        """Go the whole way from an opened request to a green check."""
        self.becomes(pull, "in_progress")
        pull.review(self.forge.alice, "APPROVED")
        self.becomes(pull, "success")


def a_ledger_key() -> bytes:
    key = ed25519.Ed25519PrivateKey.generate()
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain)


def until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"gave up waiting for {what}"
        time.sleep(0.05)


@contextmanager
def a_service_of_processes(folder: Path, database: str) -> Iterator[Running]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with a_world() as forge:
        forge.demand_the_gate()
        (folder / "app.pem").write_text(forge.private_key)
        (folder / "ledger.pem").write_bytes(a_ledger_key())
        write_keys(folder / "links.pem", [new_key(dt.datetime.now(dt.UTC))])
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GATE_")},
            "GATE_DATABASE_URL": database,
            "GATE_BASE_URL": f"http://127.0.0.1:{port}",
            "GATE_GITHUB_API_URL": forge.url,
            "GATE_GITHUB_APP_ID": str(GATE_APP),
            "GATE_GITHUB_PRIVATE_KEY_FILE": str(folder / "app.pem"),
            "GATE_GITHUB_WEBHOOK_SECRET": SECRET,
            "GATE_SECRET_KEY": "one secret for all replicas",
            "GATE_LEDGER_KEY_FILE": str(folder / "ledger.pem"),
            "GATE_SIGNING_KEY_FILE": str(folder / "links.pem"),
            "GATE_RESYNC_SECONDS": "2",
        }
        running = Running(forge, environment, folder, port)
        forge.world.webhooks_to(f"http://127.0.0.1:{port}/webhooks/github", SECRET)
        try:
            yield running
        finally:
            for name in list(running.processes):
                running.kill(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    is_sqlite = request.param == "sqlite"
    name = re.sub(r"\W", "_", request.node.name)[:40].lower()
    database = f"sqlite:///{tmp_path}/gate.db" if is_sqlite else new_database_url(name)
    with a_service_of_processes(tmp_path, database) as one:
        one.serve("--migrate", *([] if is_sqlite else ["--workers", "2"]))
        if not is_sqlite:
            one.start("worker", "worker", "--threads", "2")
        yield one


class TestAWholeJourney:
    def test_a_change_is_judged_approved_and_withdrawn(self, running: Running) -> None:
        forge = running.forge
        pull = forge.a_pull()
        running.approve(pull)
        assert pull.would_merge()
        forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'x'\n"}, author=forge.dave)
        running.becomes(pull, "in_progress")
        assert not pull.would_merge()

    def test_a_kill_between_any_two_steps_changes_no_outcome(self, running: Running) -> None:
        forge = running.forge
        pull = forge.a_pull()
        if "worker" in running.processes:
            running.kill("worker")
        running.approve(pull)
        running.kill("serve")
        forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'y'\n"}, author=forge.dave)
        second = forge.a_pull({"web/page.html": "<p>new</p>\n"})
        running.serve()
        running.becomes(pull, "in_progress")
        running.becomes(second, "in_progress")
        second.review(forge.erin, "APPROVED")
        running.kill("serve")
        running.serve()
        running.becomes(second, "success")
