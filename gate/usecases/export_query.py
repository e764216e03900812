"""Export query: what an audit export is asked for, what it is made with, and what came of it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from gate.core.audit.archive import Spool
from gate.core.audit.sample import MAX_SAMPLE
from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.ledger.note import NoteSigner
from gate.core.times import parse_instant
from gate.core.values import dataclass

MAX_SEED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportQuery:
    """What is asked for. `until` is excluded; no repositories means all; `since_checkpoint` is a signed note or empty.

    Raises UsageError for a period that ends before it begins, and for a sample without a seed.
    """

    since: Instant
    until: Instant
    repositories: tuple[str, ...] = ()
    sample: int = 0
    seed: str = ""
    since_checkpoint: str = ""
    asked_by: str = ""
    authenticated: str = "command-line"

    def __post_init__(self) -> None:
        if parse_instant(self.since) >= parse_instant(self.until):
            raise UsageError("The period ends before it begins.", next_step="Give --from before --to.")
        if not 0 <= self.sample <= MAX_SAMPLE or len(self.seed) > MAX_SEED:
            step = f"At most {MAX_SAMPLE} changes, and a seed of at most {MAX_SEED} characters."
            raise UsageError("That is no sample.", next_step=step)
        if self.sample and not self.seed:
            raise UsageError("A sample needs a seed.", next_step="Have the auditor say one: --seed TEXT.")


class FileSpool(Spool, Protocol):
    """A temporary file that is gone when it is closed."""

    def tell(self) -> int: ...  # noqa: D102  # name and types say it
    def readline(self) -> bytes: ...  # noqa: D102  # name and types say it
    def close(self) -> None: ...  # noqa: D102  # name and types say it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """What an export is made with: who signs, the verifier's text, temporary files, progress in entries and changes."""

    signer: NoteSigner
    verifier: bytes
    new_spool: Callable[[], FileSpool]
    version: str
    progress: Callable[[int, int], object] = lambda _done, _all: None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What came of an export: the digest of its manifest, its size, and why it is not complete (empty: it is)."""

    manifest: str
    bytes: int
    changes: int
    incomplete: Sequence[str]
