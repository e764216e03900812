"""Calling: who is called on one level of a ladder, and why them; somebody always, unless nobody can be."""

from collections.abc import Iterator, Mapping, Sequence

from gate.core.change.facts import Instant, PersonKey
from gate.core.identity import AccountBook, Identity
from gate.core.notify.reach import Callee, callee_of, in_order, party_callees, vendor_callees
from gate.core.notify.standing_in import InPlaceOf, StandsIn, stand_ins_of
from gate.core.ownership.records import EscalationLevel
from gate.core.ownership.registry import Component, Ownership
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """Who is on call for a team by address or name, None where it cannot be told; `note` says why, or how old it is."""

    names: Sequence[str] | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who is called, with their addresses, those of the level's channel first, and why it is them.

    `instead` is in whose place, where they are called for that alone.
    """

    callee: Callee
    why: str
    instead: tuple[InPlaceOf, ...] = ()


def called_on(
    level: EscalationLevel,
    component: Component | None,
    ownership: Ownership,
    on_call: Mapping[str, OnCallNow],
    *,
    at: Instant,
    named: Mapping[PersonKey, StandsIn] | None = None,
) -> tuple[Called, ...]:
    """Return who is called on a level at a time, each once, with whoever stands in for them that day behind them.

    `named` are the stand-ins that people named themselves. Where nobody is on call, or it cannot be told who is, the
    whole team is called: a calendar that ran out must not silence a ladder, and neither must somebody's being away.
    """
    found: dict[str, Called] = {}
    for party in level.notify:
        for callee, why in _party(party, component, ownership, on_call):
            channel = None if level.channel == "review-request" and not callee.person else level.channel
            ordered = Callee(callee.name, in_order(callee.addresses, channel), callee.person)
            found.setdefault(callee.name, Called(ordered, why))
    for one in tuple(found.values()):
        for stands in stand_ins_of(one.callee.person, ownership.people, named or {}, at):
            callee = callee_of(stands.person, ownership)
            ordered = Callee(callee.name, in_order(callee.addresses, level.channel), callee.person)
            why = f"in place of {one.callee.name} until {stands.until}"
            absent = InPlaceOf(one.callee.person, stands.until)
            found.setdefault(callee.name, Called(ordered, why, (absent,)))
    return tuple(found.values())


def _party(
    party: str, component: Component | None, ownership: Ownership, on_call: Mapping[str, OnCallNow]
) -> Iterator[tuple[Callee, str]]:
    kind, _, name = party.partition(":")
    owners = component.owners if component else ()
    if party == "owner:on-call":
        for owner in owners:
            yield from _on_call(owner, ownership, on_call)
    elif kind == "owner":
        for owner in owners:
            yield from ((callee, f"of {owner}, the owner") for callee in party_callees(owner, ownership))
    elif kind == "backup":
        if component and component.backup:
            backup = component.backup
            yield from ((callee, f"of {backup}, the backup") for callee in party_callees(backup, ownership))
    elif kind == "vendor":
        yield from ((callee, f"vendor {name}") for callee in vendor_callees(name, ownership))
    else:
        yield from ((callee, f"named as {party}") for callee in party_callees(name, ownership))


def _on_call(owner: str, ownership: Ownership, on_call: Mapping[str, OnCallNow]) -> Iterator[tuple[Callee, str]]:
    now = on_call.get(owner, OnCallNow(None))
    note = f" ({now.note})" if now.note else ""
    people = [found for name in now.names or () if (found := person_named(name, ownership)) is not None]
    if people:
        yield from ((person, f"on call for {owner}{note}") for person in people)
        return
    why = "it cannot be told who is on call" if now.names is None else "nobody is on call"
    yield from ((callee, f"of {owner}; {why}{note}") for callee in party_callees(owner, ownership))


def person_named(name: str, ownership: Ownership) -> Callee | None:
    """Return the person of the records whom a calendar names by address, login or name."""
    email = name.removeprefix("mailto:")
    identity = Identity(email=email) if "@" in email else Identity(login=name)
    found = AccountBook(ownership.people).account_of(identity)
    if found is not None and found[1].person in ownership.people:
        return callee_of(found[1].person, ownership)
    wanted = name.strip().casefold()
    for person, record in ownership.people.items():
        if record.name is not None and record.name.casefold() == wanted:
            return callee_of(person, ownership)
    return None
