"""A service of real processes in front of the double of GitHub, as operators run it.

with a_service_of_processes(tmp_path, f"sqlite:///{tmp_path}/gate.db") as running:
    running.serve("--migrate")
    running.approve(running.forge.a_pull())
"""

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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builders_forge_world import GATE_APP, ForgeWorld, a_world
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from doubles.github.objects import Content
from doubles.github.pulls import Pull

from gate.adapters.link_keys import new_key, write_keys

GATE = str(Path(sys.executable).with_name("gate"))
SECRET = "a secret of sixteen"  # noqa: S105  # a test's own
PATIENCE_SECONDS = 30
A_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}")
"""A signed token of any kind. Whatever a test does with real processes, none may stand in what they write."""


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
def a_service_of_processes(
    folder: Path, database: str, *, files: Mapping[str, Content | None] | None = None, **settings: str
) -> Iterator[Running]:
    """A service that is not started yet; `settings` are further ones of its environment, in lower case."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with a_world(files=files) as forge:
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
            **{f"GATE_{name.upper()}": value for name, value in settings.items()},
        }
        running = Running(forge, environment, folder, port)
        forge.world.webhooks_to(f"http://127.0.0.1:{port}/webhooks/github", SECRET)
        try:
            yield running
        finally:
            for name in list(running.processes):
                running.kill(name)
        written = {log.name: log.read_text(errors="replace") for log in folder.glob("*.log")}
        assert [name for name, text in written.items() if A_TOKEN.search(text)] == [], "a token is in a log (L08)"
