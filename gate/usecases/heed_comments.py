"""Heeding comments: `/escalate` lets the ladders of a change climb at once, where the records know who writes it."""

from collections.abc import Iterator

from gate.core.change.facts import Facts
from gate.core.forge.snapshot import ForgeComment, Snapshot
from gate.core.identity import AccountBook
from gate.core.signoff.commands import Command, commands_in, may_hold_commands
from gate.usecases.escalate import hasten
from gate.usecases.gate import Gate

_MAX_BODY = 65_536


def heed_escalations(gate: Gate, snapshot: Snapshot, facts: Facts) -> int:
    """Hasten what the comments of a change ask for; return how many ladders. Asked for again, nothing happens.

    SECURITY: people are called by it at night, so that only those are heeded whom the records of the base name: a
    stranger's comment calls nobody, and an edited one says no longer who wrote it.
    """
    book, known = AccountBook(facts.ownership.people), known_people(facts)
    count = 0
    for comment in snapshot.comments:
        if comment.is_by_app or comment.is_edited or comment.account is None:
            continue
        key, account = book.account_of_forge(comment.account)
        for command in _escalations(gate, facts, comment) if account.person in known else ():
            subjects = [
                f"component:{one.section}/{one.name}"
                for one in facts.ownership.components
                if one.name in command.subjects
            ]
            count += hasten(gate, snapshot.key, by=key, subjects=subjects, asked_at=comment.at)
    return count


def _escalations(gate: Gate, facts: Facts, comment: ForgeComment) -> Iterator[Command]:
    body = comment.body[:_MAX_BODY]
    if not may_hold_commands(body):
        return
    names = [component.name for component in facts.ownership.components]
    for command in commands_in(body, gate.readers.outline(body), names=names):
        if command.kind == "escalate":
            yield command


def known_people(facts: Facts) -> frozenset[str]:
    """Return whom the records of the base name, members of teams included."""
    return frozenset(facts.ownership.people).union(*(team.members for team in facts.teams.values()))
