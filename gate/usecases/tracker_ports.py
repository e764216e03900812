"""Tracker ports: what the use cases need of whatever holds tickets and incidents, as one protocol."""

from collections.abc import Sequence
from typing import Literal, Protocol

from gate.core.errors import UnreadableError
from gate.core.values import dataclass

Edition = Literal["approved", "merged", "reverted", "incident"]


class TrackerError(UnreadableError):
    """A tracker did not answer in full, or refused: nothing is known of the ticket, and nothing is taken for written.

    `retry_after_seconds` is how long the tracker wants to be left alone (0: it does not say).
    """

    code = "tracker-unavailable"

    def __init__(self, message: str, *, next_step: str = "", retry_after_seconds: int = 0) -> None:
        super().__init__(message, next_step=next_step)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """A ticket as its tracker shows it now. `kind` is the tracker's own, lower case, hyphens for blanks.

    `key` is the one that the tracker knows it by, whichever of its ways the ticket was named in.
    """

    key: str
    kind: str
    state: Literal["open", "closed"]
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TicketNote:
    """What a ticket shall show of something, once.

    `reference` names what it is about for good; a tracker that can, updates what it showed of it before. `edition` is
    what became of it: a tracker that never changes what was written gets one note for each. `marker` is found again in
    what was written: nobody but the gate can know it before. `text` is plain, `markdown` says the same.
    """

    reference: str
    edition: Edition
    marker: str
    title: str
    url: str
    text: str
    markdown: str


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to be made once. `reference` finds it again."""

    reference: str
    title: str
    text: str


class Tracker(Protocol):
    """One tracker. Every method raises TrackerError where it does not answer in full within its bounds.

    INVARIANT: `link` and `create` look for their own trace before they write and may be repeated after any fault, with
    one visible effect (tests/contracts/test_trackers.py).
    """

    @property
    def name(self) -> str:
        """Return the tracker's name as settings and routes spell it: `jira`, `github` ..."""
        ...

    def owns(self, key: str) -> bool:
        """Return whether a ticket's key or address is one of this tracker's, by its form alone."""
        ...

    def fetch(self, key: str) -> FoundTicket | None:
        """Return a ticket as it is now, None where the tracker says that there is none."""
        ...

    def link(self, key: str, note: TicketNote) -> str:
        """Make a ticket show a note exactly once; return the id of what shows it."""
        ...

    def lacking_to_create(self) -> str:
        """Return what is to be done before a ticket can be made here, empty where it can; nobody is asked."""
        ...

    def create(self, draft: TicketDraft) -> FoundTicket:
        """Make a ticket exactly once, or find the one that was made."""
        ...


def tracker_of(trackers: Sequence[Tracker], key: str) -> Tracker | None:
    """Return the tracker that a key belongs to, None where no tracker that is set up owns it."""
    return next((one for one in trackers if one.owns(key)), None)
