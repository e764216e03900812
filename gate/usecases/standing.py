"""Standing: what is recorded of all open changes with one head, and why their check must not be green now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.core.values import dataclass
from gate.core.verdict import PRECEDENCE, Verdict
from gate.usecases.forge_ports import ForgeRepositoryAccess, Glance
from gate.usecases.gate import Gate
from gate.usecases.jobs import judge_job
from gate.usecases.ledger_freeze import frozen_why
from gate.usecases.store_ports import Reading
from gate.usecases.stored import StoredChange, StoredVerdict

_NOT_GOVERNED = "branch-not-governed"


@dataclass(frozen=True, slots=True)
class Standing:
    """One open change with this head, as recorded last."""

    change: StoredChange
    stored: StoredVerdict
    verdict: Verdict


class Doubt(NamedTuple):
    """Why a head must not be green now. What is awaited publishes it again, unless it is to be judged anew for that."""

    why: str
    is_to_be_judged: bool = True


def standings(reading: Reading, repository: RepositoryKey, head_sha: str) -> list[Standing]:
    """Return every open change that was judged with this head."""
    found = []
    for change in reading.open_changes(repository, head_sha=head_sha):
        stored = reading.verdict(change.key)
        if stored is not None and stored.head_sha == head_sha:
            found.append(Standing(change, stored, parse_verdict(stored.verdict)))
    return found


def is_not_governed(verdict: Verdict) -> bool:
    """Return whether the gate does not speak for the base branch: it then says nothing at all, green or red."""
    return any(one.code == _NOT_GOVERNED for one in verdict.requirements)


def strictest_of(told: Sequence[Standing]) -> Standing:
    """Return the change whose verdict holds for the head: the strictest, the lowest number of equals (R14)."""
    order = [*PRECEDENCE[:-1], "approved"]
    return min(told, key=lambda one: (order.index(one.verdict.state), one.change.key.number))


def doubt_about(gate: Gate, access: ForgeRepositoryAccess, told: Sequence[Standing], head_sha: str) -> Doubt | None:
    """Return why a head must not be green now, None where nothing speaks against it.

    INVARIANT: whoever read `told` before a later judgement began or was recorded is told so here, however long it
    slept since (tests/threats/test_S21_*).
    """
    now = gate.instant()
    with gate.store.reading() as reading:
        if why := frozen_why(reading):
            return Doubt(why)
        for one in told:
            present = reading.change(one.change.key)
            if present is None or present.generation != present.judged_generation:
                return Doubt("A newer look at this change has begun.")
            if present.verdict_state != "approved" or present.head_sha != head_sha:
                return Doubt("A newer look at this change came to another verdict.")
            if present.valid_until is not None and present.valid_until <= now:
                return Doubt("The time of this verdict is over.")
    known = {one.change.key.number for one in told}
    others = [number for number in access.open_changes_with_head(head_sha) if number not in known]
    unjudged = [key for key in (replace(told[0].change.key, number=number) for number in others)
                if not _is_beyond(gate, access, key, head_sha)]  # fmt: skip
    if unjudged:
        with gate.store.writing() as writing:
            for key in unjudged:
                writing.enqueue(judge_job(key, at=now, why="shares its head"))
        return Doubt(f"Change {unjudged[0].number} has the same head and is not judged yet.", is_to_be_judged=False)
    if any(_has_moved(one.change, access.glance(one.change.key.number)) for one in told):
        return Doubt("The change moved while it was judged.")
    return None


def _is_beyond(gate: Gate, access: ForgeRepositoryAccess, key: ChangeKey, head_sha: str) -> bool:
    """Return whether a change with this head is known to go, still now, to a branch that the gate does not govern."""
    with gate.store.reading() as reading:
        change, stored = reading.change(key), reading.verdict(key)
    if change is None or stored is None or stored.head_sha != head_sha:
        return False
    is_judged = change.generation == change.judged_generation and is_not_governed(parse_verdict(stored.verdict))
    return is_judged and access.glance(key.number).base_ref == stored.base_ref


def _has_moved(change: StoredChange, glance: Glance) -> bool:
    return (
        glance.state != "open"
        or glance.head_sha != change.head_sha
        or glance.base_ref != change.base_ref
        or glance.base_sha != change.base_sha
        or glance.body_digest != change.body_digest
    )
