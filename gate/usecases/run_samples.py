"""Running the samples: the sample shop's records, policy and cases, judged as `gate policy test` judges them."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Protocol

from gate.core.errors import UnreadableError
from gate.usecases.load_rules import load_rules
from gate.usecases.ports import Readers, TreeEntry
from gate.usecases.try_policy import CaseOutcome, run_cases

_FILES = ("ownership.yaml", "policy.yaml", "tests/states.yaml")
_FOLDER = ".gate"


class _Readable(Protocol):
    def read_bytes(self) -> bytes: ...


class _SampleTree:
    """The sample files as they would lie in a repository."""

    revision = "samples"

    def __init__(self, locate: Callable[[str], _Readable]) -> None:
        try:
            self._files = {f"{_FOLDER}/{name}": locate(name).read_bytes() for name in _FILES}
        except OSError as error:
            raise UnreadableError(f"The sample {error.filename} cannot be read.") from None

    def entries(self) -> Sequence[TreeEntry]:
        return [TreeEntry(path, "100644", "") for path in sorted(self._files)]

    def entry(self, path: str) -> TreeEntry | None:
        return TreeEntry(path, "100644", "") if path in self._files else None

    def read(self, path: str) -> bytes | None:
        return self._files.get(PurePath(path).as_posix())


def run_samples(locate: Callable[[str], _Readable], *, readers: Readers) -> list[CaseOutcome]:
    """Return the outcome of every sample change. `locate` finds a sample file by its name."""
    tree = _SampleTree(locate)
    rules = load_rules(tree, readers=readers, config=_FOLDER, repository=None)
    return run_cases(tree, rules, readers=readers, config=_FOLDER)
