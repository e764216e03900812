"""Ports: what the use cases need of the world, as protocols that adapters fulfil."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from gate.core.change.facts import FreezePeriod, Instant
from gate.core.change.observed import LandedCommit, ObservedChange, ObservedCommit
from gate.core.change.outline import Outline
from gate.core.documents import Document
from gate.core.errors import Fault, UnreadableError
from gate.core.ownership.records import QuietHours
from gate.core.policy.checks import PolicyChecks
from gate.core.policy.model import Freeze
from gate.core.values import dataclass
from gate.usecases.kept_rules import KeptRules


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file of a tree: path, git mode (`100644`, `100755`, `120000`, `160000`), and blob or commit sha."""

    path: str
    mode: str
    blob: str


class Tree(Protocol):
    """All files of one revision, or of the working tree. Nothing in it changes while it is held."""

    @property
    def revision(self) -> str:
        """Return the commit sha, or `working tree`."""
        ...

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path. Raises UnreadableError where the tree cannot be listed in full."""
        ...

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where the tree has no such file. Raises UnreadableError, never guesses."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes, None where the tree has no such file.

        Raises UnreadableError for what is there but is no regular file, or is above 25 MiB: absence and failure
        are two things.
        """
        ...


class LoadYaml(Protocol):
    """Reads YAML 1.2 strictly: no anchors, aliases, merge keys, tags or duplicate keys; 3 MB and depth 20 at most."""

    def __call__(self, raw: bytes, *, file: str) -> Document:
        """Return the document with the place of every value. Raises InvalidFileError with all faults found."""
        ...


class ReadOutline(Protocol):
    """Reads Markdown into headings, lists, paragraphs and fenced blocks, each with its line."""

    def __call__(self, text: str) -> Outline:
        """Return the outline; hostile Markdown takes bounded time."""
        ...


class ExpandedFreezes(Protocol):
    """Freeze windows worked out: their periods in UTC, and what could not be worked out."""

    @property
    def periods(self) -> Sequence[FreezePeriod]: ...  # noqa: D102  # the line above says it

    @property
    def faults(self) -> Sequence[Fault]: ...  # noqa: D102  # likewise


class ExpandFreezes(Protocol):
    """Turns freeze windows, calendars included, into periods in UTC."""

    def __call__(  # a span, a source and a place for faults
        self,
        freezes: Sequence[Freeze],
        *,
        read: Callable[[str], bytes | None],
        from_at: Instant,
        until_at: Instant,
        file: str,
        lines: Mapping[str, int],
    ) -> ExpandedFreezes:
        """Return every period that overlaps the span; `read` returns a calendar file of the base revision."""
        ...


class TitleMatches(Protocol):
    """Searches a title for a pattern of the policy, in linear time."""

    def __call__(self, pattern: str, text: str) -> bool:
        """Return whether the pattern is found."""
        ...


class OnCall(Protocol):
    """Reads a rotation."""

    def __call__(self, raw: bytes, at: Instant, *, file: str) -> Sequence[str]:
        """Return the addresses or names of who is on call. Raises InvalidFileError for what cannot be read in full."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """A calendar's bytes; `age_seconds` is how old a copy is that stands for it, 0 where it was read as it is now."""

    raw: bytes
    age_seconds: int = 0


class ReadRemoteCalendar(Protocol):
    """Reads a calendar at an address of the records."""

    def __call__(self, address: str) -> RemoteCalendar:
        """Return the calendar, or a copy that is not too old. Raises UnreadableError where there is neither."""
        ...


def no_remote_calendar(address: str) -> RemoteCalendar:
    """Read no calendar at an address: for whatever judges without a network of its own."""
    del address
    step = "The service reads it; a file of the repository is read everywhere."
    raise UnreadableError("A calendar at an address is not read here.", next_step=step)


class QuietUntil(Protocol):
    """Works quiet hours out by the clock of their time zone."""

    def __call__(self, quiet: QuietHours, at: Instant) -> Instant:
        """Return when the quiet hours that hold at a time are over, empty where none hold."""
        ...


class Shifts(Protocol):
    """Reads the shifts of a rotation."""

    def __call__(
        self, raw: bytes, *, from_at: Instant, until_at: Instant, file: str
    ) -> Sequence[tuple[Instant, Instant, Sequence[str]]]:
        """Return from, until and who, of each that overlaps a span. Raises InvalidFileError for what cannot be read."""
        ...


class WholeDays(Protocol):
    """Reads the whole days of a calendar: its holidays."""

    def __call__(
        self, raw: bytes, *, from_at: Instant, until_at: Instant, file: str, timezone: str
    ) -> Sequence[tuple[Instant, Instant]]:
        """Return from and until of each that overlaps a span. Raises InvalidFileError for what cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the foreign formats that facts are made of, and what is kept of the rules that were read."""

    load_yaml: LoadYaml
    outline: ReadOutline
    expand_freezes: ExpandFreezes
    title_matches: TitleMatches
    on_call: OnCall
    shifts: Shifts
    quiet_until: QuietUntil
    whole_days: WholeDays
    policy_checks: PolicyChecks
    remote_calendar: ReadRemoteCalendar = no_remote_calendar
    kept: KeptRules = field(default_factory=KeptRules)


class Revision(Protocol):
    """A commit by its full id, and the branch by whose name it was asked for (empty: by none)."""

    @property
    def sha(self) -> str: ...  # noqa: D102  # the line above says it

    @property
    def branch(self) -> str: ...  # noqa: D102  # likewise


class LocalCheckout(Protocol):
    """A git checkout that is only read, and of which nothing is run."""

    @property
    def name(self) -> str:
        """Return the repository's name, for display."""
        ...

    @property
    def default_branch(self) -> str:
        """Return the default branch as far as the checkout knows it, empty where it does not."""
        ...

    def revisions(self, *names: str) -> Sequence[Revision]:
        """Return the commits of several names. Raises UsageError with near names for an unknown one."""
        ...

    def commit_tree(self, sha: str) -> Tree:
        """Return the tree of a commit."""
        ...

    def changes(self, base: str, head: str, *, every_commit: bool = False) -> ObservedChange:
        """Return what differs between merge base and head. Raises UnreadableError where anything is missing."""
        ...

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        """Yield each blob with its bytes, None where it is larger than `limit`."""
        ...

    def commit(self, sha: str) -> ObservedCommit:
        """Return one commit with its message."""
        ...

    def first_parents(self, sha: str) -> Sequence[str]:
        """Return a commit and its first-parent ancestors, newest first."""
        ...

    def landings(self, sha: str, *, since_seconds: int) -> Sequence[LandedCommit]:
        """Return what landed on a commit's first-parent history since a time (seconds since 1970), newest first."""
        ...

    def written(self, sha: str, *, since_seconds: int) -> Sequence[LandedCommit]:
        """Return every commit but merges in a commit's history since a time (seconds since 1970), newest first."""
        ...

    def is_first_contribution(self, emails: Sequence[str], base: str) -> bool | None:
        """Return whether nobody with these addresses has a commit on the base, None where it takes too long."""
        ...

    def is_text_changed(self, text: str, change: ObservedChange) -> bool:
        """Return whether an added or removed line holds a text."""
        ...

    def files_holding(self, text: str, sha: str) -> Sequence[str]:
        """Return the paths of a commit whose content holds a text."""
        ...
