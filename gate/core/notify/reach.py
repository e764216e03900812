"""Reach: by which addresses somebody can be told something, the one they prefer first."""

from collections.abc import Iterable, Sequence
from typing import Literal

from gate.core.change.facts import PersonKey
from gate.core.identity import ascii_lower
from gate.core.ownership.records import Contact, PersonRecord
from gate.core.ownership.registry import Ownership
from gate.core.ownership.teams import is_team_of_forge, within
from gate.core.values import dataclass

Channel = Literal["email", "chat", "pager", "phone", "review-request"]
_ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach somebody.

    `to` is `mailto:ADDRESS`, `notify:NAME`, a service's address, or `review:LOGIN` for a request of the forge's own.
    """

    channel: Channel
    to: str


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody who can be told: a person, or a team or vendor by its own contacts.

    `name` is that of the records. `person` is empty for a team or vendor: nothing that only one person may do is ever
    sent to them.
    """

    name: str
    addresses: tuple[Address, ...]
    person: PersonKey = ""


def person_addresses(record: PersonRecord) -> tuple[Address, ...]:
    """Return a person's addresses: what they prefer, then their contacts as written, mail, a review request last."""
    found = list(contact_addresses(record.contacts))
    if record.email and record.email != _ERASED:
        found.append(Address("email", f"mailto:{record.email}"))
    if record.github and record.github != _ERASED:
        found.append(Address("review-request", f"review:{record.github}"))
    found.sort(key=lambda address: (address.channel != record.prefers, address.channel == "review-request"))
    return tuple(dict.fromkeys(found))


def contact_addresses(contacts: Iterable[Contact]) -> tuple[Address, ...]:
    """Return the addresses that contacts name; a web page reaches nobody."""
    return tuple(
        Address(contact.channel, _canonical(contact.to))
        for contact in contacts
        if contact.channel != "web" and contact.to != _ERASED
    )


def callee_of(person: PersonKey, ownership: Ownership, *, login: str = "") -> Callee:
    """Return a person as somebody who can be told; one without a record is reached by the forge alone."""
    record = ownership.people.get(person)
    if record is not None:
        return Callee(person, person_addresses(record), person)
    return Callee(login or person, (Address("review-request", f"review:{login}"),) if login else (), person)


def party_callees(reference: str, ownership: Ownership) -> tuple[Callee, ...]:
    """Return whom a team, person or `@login` of the records stands for: a team's own contacts, else its members.

    A team among the members is told in the same way: by its own contacts, else its members are.
    """

    def is_end(name: str) -> bool:
        return name in ownership.people or bool(_own_addresses(name, ownership))

    reached = within([reference], ownership.teams, is_end=is_end)
    found = [callee for name in reached if (callee := _named(name, ownership)) is not None]
    return tuple({one.name: one for one in found}.values())


def vendor_callees(name: str, ownership: Ownership) -> tuple[Callee, ...]:
    """Return a vendor by its contacts, nobody where there is none of the name."""
    vendor = ownership.vendors.get(name)
    return (Callee(vendor.name, contact_addresses(vendor.contacts)),) if vendor else ()


def in_order(addresses: Sequence[Address], channel: Channel | None) -> tuple[Address, ...]:
    """Return addresses with those of a channel first, and the others behind them in their own order."""
    return tuple(sorted(addresses, key=lambda address: address.channel != channel))


def _own_addresses(name: str, ownership: Ownership) -> tuple[Address, ...]:
    team = ownership.teams.get(name)
    return contact_addresses(team.contacts) if team is not None else ()


def _named(reference: str, ownership: Ownership) -> Callee | None:
    """Return a person by record, login or address, or a team by its own contacts.

    A team of the forge is not looked into, and an address that nobody of the records has is nobody.
    """
    if reference in ownership.people:
        return callee_of(reference, ownership)
    if reference in ownership.teams:
        own = _own_addresses(reference, ownership)
        return Callee(reference, own) if own else None
    if is_team_of_forge(reference) or "@" not in reference:
        return None
    login = ascii_lower(reference[1:]) if reference.startswith("@") else ""
    for name, record in ownership.people.items():
        known = f"@{record.github}" if login else record.email
        if known and ascii_lower(known) == ascii_lower(reference):
            return callee_of(name, ownership)
    return callee_of(f"login:{login}", ownership, login=reference[1:]) if login else None


def _canonical(to: str) -> str:
    return f"mailto:{to.removeprefix('mailto://')}" if to.startswith("mailto://") else to
