"""The server of the webhook benchmark: `bare`, `gate` or `unlocked`, on a port, with a database, under gunicorn.

Usage: python benchmarks/service_server.py MODE PORT DATABASE_URL
"""

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from flask import Flask, Response, jsonify
from gunicorn.app.base import BaseApplication

SECRET = b"a secret of sixteen"


def bare_app() -> Flask:
    """Return an application that answers JSON and does nothing else."""
    app = Flask("bare")

    @app.post("/webhooks/github")
    def answer() -> tuple[Response, int]:
        return jsonify(delivery="x"), 202

    return app


def gate_app(url: str, *, is_locked: bool, is_working: bool) -> Flask:
    """Return the gate's own application over a database; without its writer lock where that is asked for."""
    from gate.adapters.db.checkpoint_signing import new_signer
    from gate.adapters.db.store import open_store
    from gate.bootstrap import now, readers
    from gate.usecases.gate import Gate
    from gate.usecases.work import work_once
    from gate.web.app import create_app
    from gate.web.door import Door

    if not is_locked:
        take_the_lock_away()
    store = open_store(url, clock=now, signer=new_signer("gate.example/ledger"), randomness=os.urandom)
    forge: Any = None
    gate = Gate(store=store, forge=forge, readers=readers(), now=now, salt_for=lambda _: b"salt" * 4)
    if is_working:

        def work() -> None:
            wait = threading.Event()
            while True:
                with contextlib.suppress(Exception):
                    if work_once(gate):
                        continue
                wait.wait(0.05)

        threading.Thread(target=work, daemon=True).start()
    return create_app(
        Door(
            gate=gate, webhook_secrets=[SECRET], has_login=True, is_https=False, hosts=["127.0.0.1"],
            new_secret=lambda: "none", readiness=tuple, metrics=bytes,
        )
    )  # fmt: skip


def take_the_lock_away() -> None:
    """Let each thread begin a transaction of its own, and wait for others in SQLite's own way."""
    from gate.adapters.db import engine

    def writing(transactions: engine.Transactions) -> contextlib.AbstractContextManager[Any]:
        return transactions._begun()  # noqa: SLF001  # what a writer does once it has the turn

    for place, name, instead in (
        (engine.Transactions, "writing", writing),
        (engine, "_begin_writing", lambda driver: driver.execute("BEGIN IMMEDIATE")),
    ):
        if not hasattr(place, name):  # else both sides of the comparison would be the same
            raise SystemExit(f"{name} has another name now; say here how the lock is taken away.")
        setattr(place, name, instead)


def main() -> None:
    """Serve."""
    mode, port, url = sys.argv[1:4]

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            given = {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gthread", "threads": 8,
                     "loglevel": "error", "control_socket_disable": True, "keepalive": 30}  # fmt: skip
            for name, value in given.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            if mode == "bare":
                return bare_app()
            return gate_app(url, is_locked="unlocked" not in mode, is_working="working" in mode)

    Server().run()


if __name__ == "__main__":
    main()
