"""The `gate` command in this process, as from a pipe: what it prints on both streams, and its exit code."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gate.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The table printed, split at two blanks or more."""
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in self.out.splitlines()]


def run_gate(*arguments: str | Any, stdin: bytes = b"") -> Ran:
    """Run `gate` with these arguments; standard streams are pipes, never a terminal."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    code = 0
    with _replaced(stdin=io.TextIOWrapper(io.BytesIO(stdin), "utf-8"), stdout=out, stderr=err):
        with _arguments(["gate", *map(str, arguments)]):
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        out.flush()
        err.flush()
    return Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextlib.contextmanager
def _replaced(**streams: Any) -> Iterator[None]:
    before = {name: getattr(sys, name) for name in streams}
    try:
        for name, stream in streams.items():
            setattr(sys, name, stream)
        yield
    finally:
        for name, stream in before.items():
            setattr(sys, name, stream)


@contextlib.contextmanager
def _arguments(line: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, line
    try:
        yield
    finally:
        sys.argv = before
