"""Telling of a foreign check: who owns the rules learns that something else speaks under the gate's name."""

from collections.abc import Sequence

from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.notify.plan import Notice
from gate.core.notify.reach import party_callees
from gate.usecases.asked_now import is_usable
from gate.usecases.forge_ports import PublishedCheck
from gate.usecases.gate import Gate
from gate.usecases.plan_notice import plan
from gate.usecases.repository_ownership import ownership_now

MOST_CALLEES = 25


def tell_foreign_checks(gate: Gate, repository: ForgeRepository, found: Sequence[PublishedCheck]) -> int:
    """Plan that the policy owner is told of checks under the gate's name by others, and return how many messages.

    Each is told once of each app on each head. Where the records cannot be read or name no policy owner, the entry,
    the log and the metric are all there is.
    """
    if not found:
        return 0
    try:
        now = ownership_now(gate, repository)
    except GateError:
        return 0
    policy = now.policy.policy
    owner = policy.policy_owner or policy.default_owner
    if owner is None:
        return 0
    key, at, count = ChangeKey(repository.key.tenant, repository.key.id, 0), gate.instant(), 0
    with gate.store.writing() as writing:
        for check in found:
            subjects = {f"foreign-check:{check.head_sha}": str(check.app)}
            names = (f"app {check.app}", check.head_sha[:12])
            for callee in party_callees(owner, now.ownership)[:MOST_CALLEES]:
                addresses = tuple(
                    one for one in callee.addresses if one.channel != "review-request" and is_usable(gate, one)
                )
                count += plan(
                    gate, writing, key, Notice(callee, subjects, names, addresses, at), kind="foreign-check", round_=0
                )
    return count
