"""The plan: whom to tell about a change that waits, each once for what they are asked, and not before they may be."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field

from gate.core.asks import Ask, Asks
from gate.core.change.facts import Instant, PersonKey
from gate.core.notify.reach import Address, Callee, callee_of, party_callees
from gate.core.notify.standing_in import InPlaceOf, StandsIn, stand_in_among
from gate.core.values import dataclass

Told = tuple[str, str, str]
"""Somebody by name, a subject, and the digest of its scope: what they were told of."""
MOST_PEOPLE = 25
"""How many people of one circle are told one by one; of a larger one its team is told where it has contacts."""
_OF_COMPONENT = "component:"


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody is to be told something about subjects of a change.

    `subjects` maps each to the digest of its scope. `addresses` are tried in their order. `not_before` is when their
    quiet hours and holidays are over, or now. `names` are the subjects as people know them. `instead` is in whose
    place they are told.
    """

    callee: Callee
    subjects: Mapping[str, str]
    names: tuple[str, ...]
    addresses: tuple[Address, ...]
    not_before: Instant
    instead: tuple[InPlaceOf, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the plan depends on besides what is asked.

    `told` is what was told before; `quiet_until` until when somebody is not to be disturbed, empty where they may be;
    `is_usable` whether an address can be used at all; `stand_ins` who is told in whose place today besides what the
    records say.
    """

    at: Instant
    told: Collection[Told]
    quiet_until: Callable[[Callee], Instant]
    is_usable: Callable[[Address], bool]
    stand_ins: Mapping[PersonKey, StandsIn] = field(default_factory=dict)


def plan_notices(asks: Asks, circumstances: Circumstances) -> list[Notice]:
    """Return whom to tell now: each of those who may still sign off, of everything that is new to them, in one notice.

    Nobody is told of a draft, under `enforcement: evaluate`, or while anything but sign-offs is missing. Whoever is
    away is stood in for by a person who may sign off as well. In an emergency quiet hours and holidays do not hold.
    """
    facts, verdict = asks.facts, asks.verdict
    if verdict.state != "waiting" or verdict.enforcement != "active" or facts.change.is_draft:
        return []
    grouped: dict[Callee, dict[str, Ask]] = {}
    for ask in asks.all:
        if ask.is_open:
            for callee in _callees(asks, ask, circumstances):
                if (callee.name, ask.subject.id, ask.scope) not in circumstances.told:
                    grouped.setdefault(callee, {})[ask.subject.id] = ask
    return [_notice(asks, callee, found, circumstances) for callee, found in grouped.items()]


def is_emergency(asks: Asks) -> bool:
    """Return whether an emergency is asked for: quiet hours and holidays do not hold then."""
    return any(view.kind == "emergency" for view in asks.verdict.requirements)


def _callees(asks: Asks, ask: Ask, circumstances: Circumstances) -> Iterator[Callee]:
    """Yield whom to tell of one ask: people who can be reached, else the team by its own contacts."""
    people = [_present(asks, ask, person, circumstances) for person in sorted(ask.able)]
    found = {callee.name: callee for callee in (_callee(asks, person) for person in dict.fromkeys(people))}
    teams = list(_teams(asks, ask))
    if len(found) > MOST_PEOPLE and teams:
        yield from teams
        return
    reached = [one for one in found.values() if _has_own_address(one, circumstances)]
    yield from reached
    if len(reached) < len(found):
        unreached = [one for one in found.values() if one not in reached]
        # A team's own contacts reach those of its members who name no address themselves.
        yield from teams or [one for one in unreached if one.addresses]


def _present(asks: Asks, ask: Ask, person: PersonKey, circumstances: Circumstances) -> PersonKey:
    """Return a person, or their stand-in where they are away and the stand-in may sign off too; one step, no chain."""
    found = _stand_in(asks, ask, person, circumstances)
    return found.person if found else person


def _stand_in(asks: Asks, ask: Ask, person: PersonKey, circumstances: Circumstances) -> StandsIn | None:
    people = asks.facts.ownership.people
    return stand_in_among(ask.able, person, people, circumstances.stand_ins, circumstances.at)


def _in_place_of(asks: Asks, callee: Callee, found: Iterable[Ask], circumstances: Circumstances) -> list[InPlaceOf]:
    """Return in whose place somebody is told of what they are asked, each once."""
    absent: dict[PersonKey, InPlaceOf] = {}
    for ask in found:
        for person in sorted(ask.able - {callee.person}):
            stands = _stand_in(asks, ask, person, circumstances)
            if stands is not None and stands.person == callee.person:
                absent.setdefault(person, InPlaceOf(person, stands.until))
    return list(absent.values())


def _callee(asks: Asks, person: PersonKey) -> Callee:
    accounts = asks.facts.accounts.values()
    login = next((account.login for account in accounts if account.person == person and account.login), "")
    if not login and person.startswith("login:"):
        login = person.partition(":")[2]
    return callee_of(person, asks.facts.ownership, login=login)


def _teams(asks: Asks, ask: Ask) -> Iterator[Callee]:
    """Yield the teams behind an ask about a component that have contacts of their own."""
    for component in asks.facts.ownership.components:
        if ask.subject.id == f"{_OF_COMPONENT}{component.section}/{component.name}":
            for owner in component.owners:
                for callee in party_callees(owner, asks.facts.ownership):
                    if not callee.person:
                        yield callee


def _has_own_address(callee: Callee, circumstances: Circumstances) -> bool:
    own = [address for address in callee.addresses if address.channel != "review-request"]
    prefers_request = bool(callee.addresses) and callee.addresses[0].channel == "review-request"
    return prefers_request or any(circumstances.is_usable(address) for address in own)


def _notice(asks: Asks, callee: Callee, found: Mapping[str, Ask], circumstances: Circumstances) -> Notice:
    usable = tuple(address for address in callee.addresses if circumstances.is_usable(address))
    quiet = "" if is_emergency(asks) else circumstances.quiet_until(callee)
    return Notice(
        callee=callee,
        subjects={subject: ask.scope for subject, ask in found.items()},
        names=tuple(ask.subject.name for ask in found.values()),
        addresses=usable,
        not_before=max(circumstances.at, quiet),
        instead=tuple(_in_place_of(asks, callee, found.values(), circumstances)) if callee.person else (),
    )
