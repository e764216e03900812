"""The child of an Alembic rehearsal: moves one embedded database up and down, and says why it cannot.

    python -I -m gate.adapters.rehearsal.alembic_child VERSIONS ENVIRONMENT PLACE START-REVISION... / DOWN-REVISION...

It leaves PLACE/before.db, PLACE/top.db and PLACE/after.db: the database as the base left it, with the change's
migrations, and after their downgrade.

SECURITY: this process runs the change's migrations. Its parent believes nothing that it says: it looks into the
databases by itself.
"""

import shutil
import sys
import traceback
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, exc

UNTRIED = 3
SEPARATOR = "/"
_FAILED = 1
# What the embedded engine does not know, as against what is wrong with a migration.
_FOREIGN_SQL = ("syntax error", "no such function", "unknown database", "no such module", "no such collation")


def main(arguments: list[str]) -> int:
    """Move the database and return 0, or print one sentence and return 1 (failed) or 3 (cannot be tried here)."""
    versions, environment, place, *targets = arguments
    start, down = targets[: targets.index(SEPARATOR)], targets[targets.index(SEPARATOR) + 1 :]
    sys.path += [str(Path.cwd()), str(Path(versions).parent.parent), str(Path(versions).parent)]
    config = Config()
    config.set_main_option("script_location", environment.replace("%", "%%"))
    config.set_main_option("version_locations", versions.replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("recursive_version_locations", "true")
    database = Path(place) / "rehearsal.db"
    database.touch()
    try:
        with create_engine(f"sqlite:///{database}").connect() as connection:
            config.attributes["connection"] = connection
            stages = (("before", command.upgrade, start), ("top", command.upgrade, ["heads"]))
            for name, move, revisions in (*stages, ("after", command.downgrade, down)):
                for revision in revisions:
                    move(config, revision)
                connection.commit()
                shutil.copyfile(database, Path(place) / f"{name}.db")
    except BaseException as error:  # noqa: BLE001 (whatever a migration raises is the answer)
        sentence = f"{type(error).__name__}: {error}".partition("\n")[0]
        print(f"\n{sentence}")  # noqa: T201 (the parent shows it)
        return UNTRIED if _is_untriable(error) else _FAILED
    return 0


def _is_untriable(error: BaseException) -> bool:
    if isinstance(error, ImportError | exc.CompileError | exc.NoSuchModuleError):
        return True
    if isinstance(error, NotImplementedError):
        frames = traceback.extract_tb(error.__traceback__)
        return bool(frames) and Path(frames[-1].filename).parts[-3:] == ("alembic", "ddl", "sqlite.py")
    return isinstance(error, exc.OperationalError) and any(words in str(error.orig) for words in _FOREIGN_SQL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
