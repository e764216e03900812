"""Writing new files into a working tree: whole or not at all, never through a link, never over what is there."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gate.core.change.paths import shown
from gate.core.errors import UnreadableError


def existing_of(root: Path, paths: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of some paths at which something is already, be it a broken link."""
    return tuple(path for path in paths if os.path.lexists(root / path))


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder, each whole or not at all. Raises UnreadableError where one cannot be written.

    SECURITY: a link on the way, or in the file's own place, could lead outside the repository: it is refused, for all
    files before the first is written.
    """
    for path in files:
        place = root
        for step in path.split("/"):
            place /= step
            if place.is_symlink():
                raise UnreadableError(
                    f"{shown(str(place.relative_to(root)))} is a symbolic link.", next_step="Put a real one there."
                )
    for path, text in files.items():
        target = root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, text)
        except OSError as error:
            why = f"{shown(path)} cannot be written: {error.strerror}."
            step = f"Make {shown(path.rpartition('/')[0] or '.')} a folder in which you may write."
            raise UnreadableError(why, next_step=step) from error


def _write_whole(target: Path, text: str) -> None:
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
