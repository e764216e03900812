"""Known contacts: by which addresses somebody was told last; where they change, the former ones are told (L20)."""

from collections.abc import Iterable

from gate.core.canonical import digest_of
from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.notify.plan import Notice
from gate.core.notify.reach import Address, Callee
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate
from gate.usecases.notices import KnownContacts
from gate.usecases.plan_notice import plan
from gate.usecases.store_ports import Writing


def note_contacts(gate: Gate, writing: Writing, key: ChangeKey, callee: Callee, at: Instant) -> None:
    """Keep by which addresses somebody is reached; where they changed, tell the former ones (L20)."""
    if not callee.person:
        return
    addresses = [address for address in callee.addresses if address.channel != "review-request"]
    now = tuple(sorted(address.to for address in addresses))
    known = writing.known_contacts(key, callee.person)
    if known is None:
        writing.save_known_contacts(KnownContacts(key, callee.person, now))
    elif known.addresses != now:
        added = tuple(sorted(set(now) - set(known.addresses)))
        writing.save_known_contacts(KnownContacts(key, callee.person, now, at, added))
        _tell_former(gate, writing, key, callee, sorted(set(known.addresses) - set(now)))


def _tell_former(gate: Gate, writing: Writing, key: ChangeKey, callee: Callee, former: Iterable[str]) -> None:
    at = gate.instant()
    for to in former:
        address = Address("email" if to.startswith("mailto:") else "chat", to)
        if not is_usable(gate, address):
            continue
        subjects = {f"contact:{callee.person}": digest_of([to, at])}
        plan(gate, writing, key, Notice(callee, subjects, (), (address,), at), kind="contact-changed", round_=0)
