"""Asked now: who is asked about a change by its newest judgement, for everything that tells them so."""

from gate.core.asks import Ask, Asks
from gate.core.change.facts import Facts, Instant
from gate.core.change.sealing import unseal
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.notify.reach import Address
from gate.core.values import dataclass
from gate.usecases.gate import Gate, known_repository
from gate.usecases.stored import StoredChange


@dataclass(frozen=True, slots=True)
class AskedNow:
    """An open change, its newest facts, and who is asked by them at a time."""

    repository: ForgeRepository
    change: StoredChange
    facts: Facts
    asks: Asks

    @property
    def is_waiting(self) -> bool:
        """Return whether people are waited for, and may be told so."""
        verdict = self.asks.verdict
        return verdict.state == "waiting" and verdict.enforcement == "active" and not self.facts.change.is_draft

    def open_ask(self, subject: str, scope: str) -> Ask | None:
        """Return the ask of a subject that still stands in exactly this scope, None where none does."""
        asks = self.asks.all if self.is_waiting else ()
        return next((ask for ask in asks if ask.is_open and (ask.subject.id, ask.scope) == (subject, scope)), None)


def asked_now(gate: Gate, key: ChangeKey, *, at: Instant) -> AskedNow | None:
    """Return who is asked about a change, None where it is not open or was never judged. Nothing is read afresh."""
    with gate.store.reading() as reading:
        change, stored = reading.change(key), reading.verdict(key)
        if change is None or stored is None or change.state != "open":
            return None
        repository = known_repository(reading, key.repository_key)
        sealed = reading.facts(stored.facts_digest)
    if sealed is None:
        return None
    facts = unseal(sealed.content, sealed.personal)
    return AskedNow(repository, change, facts, gate.asks(facts, at=at))


def is_usable(gate: Gate, address: Address) -> bool:
    """Return whether something can be sent to an address from here."""
    if address.channel == "review-request":
        return gate.settings.review_requests
    return not gate.notifier.why_not(address.to)
