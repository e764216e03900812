"""Queue: the changes of a merge group, by the chain of the queue's own references."""

from collections.abc import Sequence
from typing import NamedTuple

from gate.adapters.github.answers import number_at, row_at, rows_of, sha_at, text_at
from gate.adapters.github.commits import read_commit
from gate.adapters.github.glance import look
from gate.adapters.github.place import Place
from gate.core.errors import UnreadableError
from gate.core.lazy_regex import lazy_regex
from gate.usecases.forge_ports import QueueEntry

MAX_MEMBERS = 200
_MERGE_SIDES = 2
_NAME = lazy_regex(r"pr-(?P<number>[0-9]{1,10})-(?P<base>[0-9a-f]{40}|[0-9a-f]{64})")


class _Link(NamedTuple):
    number: int
    base: str


def queue_members(place: Place, base_ref: str, base_sha: str, head_sha: str) -> Sequence[QueueEntry]:
    """Return the changes between a base and the head of a merge group, oldest first.

    SECURITY: only the references that the queue itself keeps say what is in a group, never commit messages. Every
    step from head to base must be one of them, and its change must be open against this base (R47).
    """
    links = _links(place, base_ref)
    found: list[QueueEntry] = []
    at = head_sha
    while at != base_sha:
        link = links.get(at)
        if link is None or len(found) >= MAX_MEMBERS:
            raise UnreadableError(
                f"No change in the merge queue of {base_ref} accounts for {at[:12]}.",
                next_step="Remove the group from the queue and queue its changes again.",
            )
        found.append(_entry(place, base_ref, link, at))
        at = link.base
    return found[::-1]


def _links(place: Place, base_ref: str) -> dict[str, _Link]:
    prefix = f"heads/gh-readonly-queue/{base_ref}/"
    links: dict[str, _Link] = {}
    for row in rows_of(place.reference("matching-refs", prefix, is_fresh=True), "references"):
        name = _NAME.fullmatch(text_at(row, "ref").removeprefix(f"refs/{prefix}"))
        if name is not None:
            links[sha_at(row_at(row, "object"))] = _Link(int(name["number"]), name["base"])
    return links


def _entry(place: Place, base_ref: str, link: _Link, at: str) -> QueueEntry:
    change = look(place, link.number, is_fresh=True)
    if change.state != "open" or change.base_ref != base_ref:
        raise UnreadableError(
            f"{place.name}#{number_at(change.row, 'number')} is in the merge queue of {base_ref} without being open "
            "against it.",
            next_step="Queue it again.",
        )
    parents = read_commit(place, at).parents
    # A merge names the head that it took as its second parent; a squash does not say.
    held = parents[1] if len(parents) == _MERGE_SIDES else change.head_sha
    return QueueEntry(link.number, held, at)
