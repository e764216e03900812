"""Declared tickets: each is looked up at the forge or its tracker; what could not be asked is not decided."""

import json
from collections.abc import Hashable, Iterator, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from gate.core.change.facts import Ticket
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.lazy_regex import lazy_regex
from gate.usecases.change_port import ChangeReader
from gate.usecases.store_ports import Reading
from gate.usecases.stored import StoredChange
from gate.usecases.tracker_ports import Tracker, TrackerError, tracker_of

_ISSUE = lazy_regex(r"(?:(?P<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}))?#(?P<number>[0-9]{1,9})")
_ADDRESS = lazy_regex(r"/(?P<repository>[^/]+/[^/]+)/(?:issues|pull)/(?P<number>[0-9]{1,9})/?")


class HasTickets(Protocol):
    """Whatever may hold tickets: facts do."""

    @property
    def tickets(self) -> Sequence[Ticket]: ...  # noqa: D102  # as declared


def issue_number(key: str, *, repository: str, url: str) -> int | None:
    """Return the issue of a repository that a ticket's key means, None for what another place or tracker holds.

    A key is `#12`, `owner/name#12` or the issue's address at the forge that `url`, the change's own address, is at.
    """
    match = _ISSUE.fullmatch(key)
    if match is None and key.startswith(("https://", "http://")):
        try:
            ours, theirs = urlsplit(url), urlsplit(key)
        except ValueError:
            return None
        match = _ADDRESS.fullmatch(theirs.path) if theirs.netloc.lower() == ours.netloc.lower() else None
    if match is None or (match["repository"] or repository).lower() != repository.lower():
        return None
    return int(match["number"])


def look_up_tickets(
    access: ChangeReader,
    keys: Sequence[str],
    *,
    repository: ForgeRepository,
    url: str,
    trackers: Sequence[Tracker] = (),
) -> tuple[Ticket, ...]:
    """Return declared tickets as they are now, each once: `#12` and its address are one, and so at every tracker.

    A ticket bears the key by which it is named first. One that does not answer may be another one named anew: it is
    `unknown`, and counts for nothing until it does.
    """
    found: dict[Hashable, Ticket] = {}
    for key in dict.fromkeys(keys):
        number = issue_number(key, repository=repository.name, url=url)
        if number is not None and number in found:
            continue
        identity, ticket = _at_tracker(key, trackers) if number is None else (number, _issue(access, number, key))
        found.setdefault(identity, ticket)
    return tuple(found.values())


def look_up_ticket(
    access: ChangeReader, key: str, *, repository: ForgeRepository, url: str, trackers: Sequence[Tracker] = ()
) -> Ticket:
    """Return a declared ticket as it is now: its state, kind and title; `missing` where there is none.

    What is no issue of the change's own repository is asked of the tracker that owns the key. One that no tracker owns,
    and one that its tracker or the forge does not answer for, is `unknown`.
    """
    (ticket,) = look_up_tickets(access, [key], repository=repository, url=url, trackers=trackers)
    return ticket


def _issue(access: ChangeReader, number: int, key: str) -> Ticket:
    try:
        found = access.issue(number) if number else None
    except UnreadableError:
        return Ticket(key, "", "unknown")
    if found is None:
        return Ticket(key, "", "missing")
    return Ticket(key, found.get("kind", ""), "open" if found.get("state") == "open" else "closed", found["title"])


def _at_tracker(key: str, trackers: Sequence[Tracker]) -> tuple[Hashable, Ticket]:
    """Return what a tracker says of a ticket, and what tells it from every other."""
    tracker = tracker_of(trackers, key)
    if tracker is None:
        return key, Ticket(key, "", "unknown")
    try:
        found = tracker.fetch(key)
    except TrackerError:
        return key, Ticket(key, "", "unknown")
    if found is None:
        return key, Ticket(key, "", "missing")
    return (tracker.name, found.key.casefold()), Ticket(key, found.kind, found.state, found.title)


def may_be_known_later(facts: HasTickets, *, repository: str, url: str, trackers: Sequence[Tracker] = ()) -> bool:
    """Return whether a ticket is unknown only because its tracker did not answer: it is worth asking again soon."""
    unknown = [ticket.key for ticket in facts.tickets if ticket.state == "unknown"]
    return any(issue_number(key, repository=repository, url=url) or tracker_of(trackers, key) for key in unknown)


def changes_that_name(reading: Reading, repository: RepositoryKey, number: int) -> Iterator[StoredChange]:
    """Yield the open changes of a repository whose newest facts hold a ticket that means one of its issues."""
    known = reading.repository(repository)
    for change in reading.open_changes(repository):
        sealed = reading.facts(change.facts_digest) if known and change.facts_digest else None
        if sealed is not None and known is not None and f"{number}".encode() in sealed.content:
            keys = _keys_in(sealed.content)
            if any(issue_number(key, repository=known.name, url=change.url) == number for key in keys):
                yield change


def _keys_in(content: bytes) -> list[str]:
    try:
        tickets = json.loads(content).get("tickets", [])
        return [str(ticket["key"]) for ticket in tickets]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # what cannot be read names nothing; the sweep looks at the change all the same
