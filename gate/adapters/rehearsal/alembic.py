"""Rehearsing Alembic migrations: up and down on an embedded database, the schema compared before and after."""

import ast
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from gate.adapters.rehearsal.alembic_child import SEPARATOR, UNTRIED
from gate.adapters.rehearsal.children import Ended, run_child
from gate.core.change.paths import shown
from gate.usecases.rehearse_rollback import Attempt, Result

MIGRATION_SECONDS = 600.0
_MAX_FILE_BYTES = 1024 * 1024
_TABLE = "alembic_version"
# NOTE: our own environment stands in for the change's env.py, which would import the application and could connect
# to any database; the migrations themselves get the embedded one through Alembic's operations.
_ENVIRONMENT = """\
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """One migration: its id, what it follows, and its file."""

    id: str
    follows: tuple[str, ...]
    path: str


def rehearse_alembic(folder: Path, changed_paths: Sequence[str]) -> Iterable[Attempt]:
    """Return one attempt for each Alembic environment whose migrations the change touches.

    The database is moved to where the base left it, up through the change's migrations, and down again; the schema
    must then be what it was. Migrations of the base run as well. Data is not compared.
    """
    for versions in sorted({found for path in changed_paths if (found := _versions_of(folder, path))}):
        step = f"migrations:{versions}"
        try:
            revisions = list(_revisions(folder, versions))
            yield _rehearse(folder, versions, step, revisions, set(changed_paths))
        except (SyntaxError, ValueError, OSError) as error:
            yield Attempt(step, "failed", f"{shown(versions)} cannot be read as migrations: {error}.")


def schema_of(database: Path) -> dict[str, object]:
    """Return tables with columns, keys and constraints, indexes and views of an SQLite file, in comparable form."""
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    looker = inspect(engine)
    found: dict[str, object] = {}
    for table in sorted(set(looker.get_table_names()) - {_TABLE}):
        found[table] = (
            _rows(looker.get_columns(table)),
            _rows(looker.get_foreign_keys(table)),
            _rows(looker.get_indexes(table)),
            _rows(looker.get_unique_constraints(table)),
            _rows(looker.get_check_constraints(table)),
            sorted(looker.get_pk_constraint(table)["constrained_columns"]),
        )
    for view in looker.get_view_names():
        found[f"view {view}"] = looker.get_view_definition(view)
    return found


def _rows(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Return reflected rows without regard to their order or that of their keys."""
    return sorted(str(sorted((key, str(value)) for key, value in row.items())) for row in rows)


def _rehearse(folder: Path, versions: str, step: str, revisions: Sequence[Revision], changed: set[str]) -> Attempt:
    new = {one.id: one for one in revisions if one.path in changed}
    old = {one.id: one for one in revisions if one.path not in changed}
    if not new:
        return Attempt(step, "untried", f"The change only removes migrations of {shown(versions)}.")
    if any(before in new for one in old.values() for before in one.follows):
        return Attempt(step, "untried", "The change puts a migration before one that the base has already.")
    followed = {before for one in old.values() for before in one.follows}
    start = sorted(set(old) - followed)
    joints = sorted({before for one in new.values() for before in one.follows if before in old})
    roots = sorted(f"{one.id}@base" for one in new.values() if not one.follows)
    down = [*joints, *(roots if start else ["base"])]
    with tempfile.TemporaryDirectory(prefix="gate-database-") as name:
        place = Path(name)
        (place / "env").mkdir()
        (place / "env" / "env.py").write_text(_ENVIRONMENT)
        child = [sys.executable, "-I", "-m", "gate.adapters.rehearsal.alembic_child"]
        places = [str(folder / versions), str(place / "env"), name]
        ended = run_child([*child, *places, *start, SEPARATOR, *down], folder=folder, seconds=MIGRATION_SECONDS)
        return _judge(step, place, ended, count=len(new))


def _judge(step: str, place: Path, ended: Ended, *, count: int) -> Attempt:
    """Return what the databases show that the child left behind, whatever it says of itself."""
    before, top, after = (_look(place / f"{name}.db") for name in ("before", "top", "after"))
    if before is None:
        return Attempt(step, "untried", f"The base's own migrations do not run here: {_last(ended)}.")
    if top is None:
        return Attempt(step, _result(ended), f"The upgrade does not run on the embedded database: {_last(ended)}.")
    if top.revisions == before.revisions:
        return Attempt(step, "failed", "The upgrade ended without reaching the change's revisions.")
    if ended.code or after is None:
        return Attempt(step, _result(ended), f"The downgrade does not run: {_last(ended)}.")
    if after.revisions != before.revisions:
        return Attempt(step, "failed", "The downgrade ended without leading back to the base's revisions.")
    if after.schema != before.schema:
        names = {*before.schema, *after.schema}
        changed = sorted(name for name in names if before.schema.get(name) != after.schema.get(name))
        return Attempt(step, "failed", f"After the downgrade the schema is not what it was: {', '.join(changed[:5])}.")
    return Attempt(step, "passed", f"{count} migration(s) went up and down; the schema is what it was.")


@dataclass(frozen=True, slots=True)
class _Seen:
    schema: dict[str, object]
    revisions: list[str]


def _look(database: Path) -> _Seen | None:
    """Return the schema of a database and the revisions that it is at. Raises ValueError where it is broken."""
    if not database.is_file() or database.is_symlink():
        return None
    try:
        connection = sqlite3.connect(database)
        try:
            is_there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_TABLE,)).fetchone()
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall() if is_there else []
        finally:
            connection.close()
        return _Seen(schema_of(database), sorted(str(row[0]) for row in rows))
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise ValueError(f"the embedded database is broken: {error}") from error


def _versions_of(folder: Path, path: str) -> str | None:
    """Return the folder of migrations that a path lies in: `versions` beside an `env.py`."""
    if not path.endswith(".py"):
        return None
    for parent in PurePosixPath(path).parents:
        if parent.name == "versions" and (folder / parent.parent / "env.py").is_file():
            return str(parent)
    return None


def _revisions(folder: Path, versions: str) -> Iterator[Revision]:
    """Yield the migrations of a folder, read without running them. Raises ValueError and SyntaxError."""
    for file in sorted((folder / versions).rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError(f"{shown(path)} is no regular file of at most 1 MiB")
        values = _constants(ast.parse(file.read_bytes(), filename=path))
        revision, before = values.get("revision"), values.get("down_revision")
        if isinstance(revision, str):
            several = (before,) if isinstance(before, str) else before if isinstance(before, tuple | list) else ()
            yield Revision(revision, tuple(str(one) for one in several), path)


def _constants(module: ast.Module) -> dict[str, object]:
    """Return the constants `revision` and `down_revision` of a migration. Raises ValueError where they are none."""
    values: dict[str, object] = {}
    for node in module.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        for name in names & {"revision", "down_revision"}:
            values[name] = ast.literal_eval(value)
    return values


def _result(ended: Ended) -> Result:
    return "untried" if ended.code == UNTRIED else "failed"


def _last(ended: Ended) -> str:
    if ended.is_late:
        return f"it did not end within {MIGRATION_SECONDS:g} seconds"
    return ended.tail.rpartition("\n")[2].rstrip(".")[:500] or f"exit code {ended.code}"
