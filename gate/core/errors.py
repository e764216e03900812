"""Errors: one root, one class per kind of fault, grouped by whose fault it is."""

from collections.abc import Sequence
from typing import Literal

from gate.core.values import dataclass

Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place of one file, with what to do about it.

    `line` and `column` count from 1; 0 means the file as a whole. `code` is stable and kebab-case; `message` is one
    sentence for people; `suggestion` is the next step or the nearest known name, empty where there is none.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return `file:line:column: message (suggestion)` as compilers print it."""
        place = self.file if not self.line else f"{self.file}:{self.line}:{self.column}"
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{place}: {self.message}{hint}"


class GateError(Exception):
    """The root of all errors that are shown to people: one sentence, and the next step.

    `exit_code` is what the command line ends with: 2 for wrong usage or an invalid file, 3 for what could not be
    reached or read.
    """

    exit_code = 3
    code = "gate-error"

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class UsageError(GateError):
    """The caller asked for something that does not exist or does not fit together."""

    exit_code = 2
    code = "usage"


class InvalidFileError(GateError):
    """A file of the user's says something that is not allowed; carries all its faults, never only the first."""

    exit_code = 2
    code = "invalid-file"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        rest = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"{self.faults[0]}{rest}")


class UnreadableError(GateError):
    """Something that is needed could not be reached or read; nothing was decided without it."""

    exit_code = 3
    code = "unreadable"
