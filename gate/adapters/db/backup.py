"""Backup: a SQLite database copied as of one moment while others write, readable by its owner alone."""

import contextlib
import os
import sqlite3
from pathlib import Path

from gate.core.errors import UnreadableError


def copy_database(source: Path, target: Path) -> None:
    """Copy a database into a new file, as a whole or not at all.

    Raises UnreadableError where it cannot be read, or the copy not be made or not be sound.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            found = copy.execute("PRAGMA integrity_check").fetchone()
            if found != ("ok",):
                raise sqlite3.DatabaseError(str(found))
    except (OSError, sqlite3.Error) as error:
        target.unlink(missing_ok=True)
        raise UnreadableError(f"{source} could not be copied to {target}: {error}.") from None
