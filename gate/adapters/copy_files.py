"""Copy files: heads of the ledger in a file that only ever grows, on a disk that the database's owner does not own."""

import os
from pathlib import Path

from gate.core.errors import UnreadableError
from gate.core.ledger.note import NoteError, split_notes

_MOST_BYTES = 256 * 1024 * 1024


class FileCopy:
    """An append-only file of notes, each followed by an empty line, the newest last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"file:{path}"

    def newest(self) -> str | None:
        """Return the note that was kept last, None where there is no file yet.

        Raises UnreadableError where it cannot be read or holds something else.
        """
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            if self.path.parent.is_dir():
                return None
            raise self._unreadable("its folder is not there") from None
        except OSError as error:
            raise self._unreadable(str(error.strerror)) from None
        if not raw:
            return None
        try:
            return list(split_notes(raw[-_MOST_BYTES:].decode()))[-1]
        except (NoteError, UnicodeDecodeError):
            raise self._unreadable("it does not hold heads of a ledger") from None

    def keep(self, note: str) -> None:
        """Append a note durably. Raises UnreadableError where that fails."""
        try:
            with self.path.open("ab") as file:
                file.write(f"{note}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unreadable(str(error.strerror)) from None

    def _unreadable(self, why: str) -> UnreadableError:
        step = "Mend the file, or take it out of GATE_LEDGER_COPIES."
        return UnreadableError(f"Heads of the ledger in {self.path} cannot be read or kept: {why}.", next_step=step)
