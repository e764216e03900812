"""Kept facts: those that a verdict, a link or a program names by their digest, opened again."""

from gate.core.change.facts import Facts
from gate.core.change.sealing import unseal
from gate.usecases.gate import Gate


def facts_of(gate: Gate, digest: str) -> Facts | None:
    """Return facts that are kept, None where they are not."""
    with gate.store.reading() as reading:
        sealed = reading.facts(digest) if digest else None
    return None if sealed is None else unseal(sealed.content, sealed.personal)
