"""Due reviews: those that a repository owes, until when and by whom: after break-glass, of ownership, of incidents."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from gate.core.change.facts import Instant
from gate.core.notify.reach import Callee, callee_of, party_callees
from gate.core.ownership.registry import Ownership
from gate.core.policy.governance import review_due_at
from gate.core.values import dataclass
from gate.usecases.gate import Gate
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.review_afterwards import people_who_may_review
from gate.usecases.store_ports import Reading

ReviewKind = Literal["after-review", "ownership-review", "incident-review"]
WORDS: Mapping[ReviewKind, str] = {
    "after-review": "Review after break-glass of",
    "ownership-review": "Ownership review of",
    "incident-review": "Review of the incident of",
}
_MOST_INCIDENTS = 1000


@dataclass(frozen=True, slots=True)
class DueReview:
    """A review that is owed. `matter` is a component's name or a change as `#N`; `path` its page.

    `callees` are those who may or must do it.
    """

    id: str
    kind: ReviewKind
    matter: str
    due_at: Instant
    path: str
    callees: tuple[Callee, ...]

    @property
    def name(self) -> str:
        """Return what it is, in words."""
        return f"{WORDS[self.kind]} {self.matter}"


def due_reviews(gate: Gate, now: OwnershipNow) -> list[DueReview]:
    """Return all reviews that a repository owes, due first. Nothing is read but the store."""
    key = now.repository.key
    with gate.store.reading() as reading:
        owed = [one for one in reading.after_reviews() if one.key.repository_key == key]
        found = [*_of_incidents(reading, now)]
    found += _of_ownership(now)
    for one in owed:
        people = people_who_may_review(gate, one.key)
        page = f"/changes/{now.repository.name}/{one.key.number}"
        callees = tuple(callee_of(person, now.ownership) for person in people)
        identity = f"after-review:{one.key.number}/{one.head_sha}"
        found.append(DueReview(identity, "after-review", f"#{one.key.number}", one.due_at, page, callees))
    return sorted(found, key=lambda one: (one.due_at, one.id))


def _of_ownership(now: OwnershipNow) -> Iterator[DueReview]:
    for component in now.ownership.components:
        due = review_due_at(component)
        if due is not None:
            identity = f"ownership-review:{component.section}/{component.name}"
            callees = _of_parties(component.owners, now.ownership)
            page = f"/ownership/{component.name}"
            yield DueReview(identity, "ownership-review", component.name, due, page, callees)


def _of_incidents(reading: Reading, now: OwnershipNow) -> Iterator[DueReview]:
    for incident in reading.incidents([now.repository.key], limit=_MOST_INCIDENTS):
        if incident.review_due_at and not incident.reviewed_at:
            component = now.component(incident.component)
            owners = component.owners if component is not None else ()
            page = f"/incidents/{incident.id}"
            matter = f"{incident.component} ({incident.id})"
            callees = _of_parties(owners, now.ownership)
            yield DueReview(
                f"incident-review:{incident.id}", "incident-review", matter, incident.review_due_at, page, callees
            )


def _of_parties(parties: Iterable[str], ownership: Ownership) -> tuple[Callee, ...]:
    found = {one.name: one for party in parties for one in party_callees(party, ownership)}
    return tuple(found.values())
