"""Telling of a bypass: the owners of what it touched learn that something came onto a branch past the gate."""

from collections.abc import Sequence

from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.notify.plan import Notice
from gate.core.notify.reach import Callee, party_callees
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.values import dataclass
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate
from gate.usecases.plan_notice import plan
from gate.usecases.repository_ownership import ownership_now

MOST_BYPASSES = 20
MOST_CALLEES = 25
MOST_PATHS = 5000


@dataclass(frozen=True, slots=True)
class Bypass:
    """A commit that no approved change accounts for, with the paths that it touched (none: it is gone)."""

    branch: str
    sha: str
    code: str
    paths: tuple[str, ...]


def tell_bypasses(gate: Gate, repository: ForgeRepository, found: Sequence[Bypass]) -> int:
    """Plan who is told of bypasses, each owner once of each commit, and return how many messages.

    Under `enforcement: evaluate`, and where the records cannot be read, nobody is told;
    the entry and the open item are there all the same.
    """
    if not found:
        return 0
    try:
        now = ownership_now(gate, repository)
    except GateError:
        gate.measures.count("bypasses_untold")
        return 0
    if now.is_evaluated:
        return 0
    ownership = now.ownership
    key, at = ChangeKey(repository.key.tenant, repository.key.id, 0), gate.instant()
    resolver = OwnershipIndex(ownership)
    count = 0
    with gate.store.writing() as writing:
        for bypass in found[:MOST_BYPASSES]:
            for callee, name in _callees(resolver, ownership, bypass)[:MOST_CALLEES]:
                usable = [one for one in callee.addresses if one.channel != "review-request"]
                addresses = tuple(one for one in usable if is_usable(gate, one))
                names = (name, f"{bypass.branch}@{bypass.sha[:12]}")
                subjects = {f"bypass:{bypass.sha}": bypass.code}
                notice = Notice(callee, subjects, names, addresses, at)
                count += plan(gate, writing, key, notice, kind="bypass", round_=0)
    return count


def _callees(resolver: OwnershipIndex, ownership: Ownership, bypass: Bypass) -> list[tuple[Callee, str]]:
    """Return whom to tell with the component that it is about: the owners of every component that was touched."""
    if not bypass.paths:
        numbers = set(range(len(ownership.components)))
    else:
        numbers = {number for path in bypass.paths[:MOST_PATHS] for number in resolver.components_of(path)}
    found: dict[str, tuple[Callee, str]] = {}
    for component in (ownership.components[number] for number in sorted(numbers)):
        for owner in component.owners:
            for callee in party_callees(owner, ownership):
                found.setdefault(callee.name, (callee, component.name))
    return list(found.values())
