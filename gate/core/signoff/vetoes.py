"""Vetoes: which rejections stand, across pushes, until their author or two entitled people lift them."""

from collections.abc import Iterable, Mapping

from gate.core.change.facts import PersonKey, SignOff
from gate.core.signoff.acts import may_concern, place_of
from gate.core.signoff.eligibility import SignoffBook
from gate.core.signoff.people import People
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Veto:
    """A rejection that stands."""

    person: PersonKey
    act: SignOff


def standing_vetoes(book: SignoffBook, pool: People, pool_by_subject: Mapping[str, People]) -> tuple[Veto, ...]:
    """Return the rejections that stand: not approved over or withdrawn by their author, and not lifted.

    A rejection does not bind to a scope: it stands across pushes. Having a hand in the change takes nobody's veto
    away. Where it cannot be told who is entitled, everybody is. A dismissal lifts a veto only if its own author did
    it. `pool_by_subject` holds those entitled for a subject named in the rejection though no longer touched.
    """
    found = []
    for act in book.acts:
        if act.decision != "reject" or act.at > book.at:
            continue
        person = book.person(act)
        entitled = pool
        for name in act.subjects:
            entitled |= pool_by_subject.get(name, People())
        is_own = act.void and act.voided_by is not None and book.directory.person_of(act.voided_by) == person
        if (person not in entitled.members and not entitled.unreadable) or is_own:
            continue
        if not _is_answered(book, act, person) and not _is_lifted(book, act):
            found.append(Veto(person, act))
    return tuple(found)


def _later(book: SignoffBook, act: SignOff) -> Iterable[SignOff]:
    place = place_of(act)
    for other in book.acts:
        if place_of(other) > place and other.at <= book.at:
            yield other


def _is_answered(book: SignoffBook, act: SignOff, person: PersonKey) -> bool:
    """Return whether the one who rejected approved or withdrew afterwards, on any channel.

    SECURITY: whoever may edit a comment must not turn it into a withdrawal. An answer that names something else than
    the rejection named is none.
    """
    return any(
        book.person(later) == person
        and later.decision in {"approve", "withdraw"}
        and later.void not in {"dismissed", "edited"}
        and may_concern(later, act)
        for later in _later(book, act)
    )


def _is_lifted(book: SignoffBook, act: SignOff) -> bool:
    """Return whether two people with role `veto-lift` who have no hand in the change lifted it with a reason."""
    entitled = book.eligible(book.directory.in_role("veto-lift"))
    lifters = {
        book.person(later)
        for later in _later(book, act)
        if later.decision == "lift-veto" and later.reason.strip() and not later.void
    }
    return len(lifters & entitled) >= 2  # noqa: PLR2004  # two people, as the rulings say
