"""Ownership of a repository as its default branch says it now, kept for a minute for those who only look."""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from gate.core.errors import GateError, UnreadableError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.ownership.reviewing import with_reviews
from gate.core.ownership.search import Filters, find_components
from gate.core.policy.model import PolicyDocument, RiskPolicy
from gate.core.values import dataclass
from gate.usecases.forge_rules import earlier_trees
from gate.usecases.gate import Gate
from gate.usecases.load_rules import rules_in_force
from gate.usecases.ports import Tree
from gate.usecases.store_ports import Reading

KEPT = dt.timedelta(seconds=60)
_MOST = 500


@dataclass(frozen=True, slots=True)
class OwnershipNow:
    """Who owns what in one repository: by its default branch at `sha`, or by the newest valid records before it.

    `broken` says what is wrong with the present records, one sentence each; empty where they are in force.
    """

    repository: ForgeRepository
    ownership: Ownership
    tree: Tree
    sha: str
    policy: PolicyDocument
    broken: tuple[str, ...] = ()

    @property
    def risk(self) -> RiskPolicy:
        """Return how the policy weighs risk."""
        return self.policy.policy.risk

    @property
    def is_evaluated(self) -> bool:
        """Return whether the policy only evaluates."""
        return self.policy.policy.enforcement == "evaluate"

    def component(self, name: str) -> Component | None:
        """Return the first component of a name, None where the records know none."""
        return next((one for one in self.ownership.components if one.name == name), None)


def ownership_now(gate: Gate, repository: ForgeRepository) -> OwnershipNow:
    """Return the ownership of a repository. Raises UnreadableError where the forge does not answer."""
    access = gate.access(repository)
    branch = repository.default_branch or access.repository().default_branch
    sha = access.branch_tip(branch)
    tree = access.commit_tree(sha)
    rules = rules_in_force(
        tree,
        earlier_trees(access, sha),
        readers=gate.readers,
        config=gate.settings.config,
        repository=repository.name,
    )
    with gate.store.reading() as reading:
        ownership = with_confirmed_reviews(reading, repository.key, rules.ownership)
    return OwnershipNow(repository, ownership, tree, sha, rules.policy, rules.broken)


def components_found(gate: Gate, now: OwnershipNow, filters: Filters) -> Sequence[Component]:
    """Return the components of a repository that all filters hold for, in their written order."""
    if not filters.path:
        found = find_components(now.ownership, filters)
    else:
        with kept_index(gate, now) as index:
            found = find_components(now.ownership, filters, index)
    return [now.ownership.components[number] for number in found]


@contextmanager
def kept_index(gate: Gate, now: OwnershipNow) -> Iterator[OwnershipIndex]:
    """Lend what looks paths of a repository up: compiled once, for those who judge as well (ADR 0034)."""
    with gate.readers.kept.lent(now.ownership, now.policy) as rules:
        yield rules.index


def with_confirmed_reviews(reading: Reading, repository: RepositoryKey, ownership: Ownership) -> Ownership:
    """Return the ownership of a repository with each component reviewed when somebody confirmed its record here."""
    return with_reviews(
        ownership, {(one.section, one.component): one.day for one in reading.confirmed_reviews(repository)}
    )


def ownership_accounts(now: OwnershipNow, issuer: str, subject: str) -> set[int]:
    """Return the numbers of the accounts that the records give to a login of another provider, letter by letter."""
    records = now.ownership.people.values()
    return {
        one.github_id
        for one in records
        if one.github_id is not None and one.subject is not None
        if (one.subject.issuer, one.subject.sub) == (issuer, subject)
    }


def repositories_with(gate: Gate, component: str) -> list[OwnershipNow]:
    """Return the ownership of every known repository whose records name a component; unreadable ones are left out.

    Raises UnreadableError where not one repository could be read.
    """
    with gate.store.reading() as reading:
        known = list(reading.repositories())
    found, unreadable = [], 0
    for repository in known:
        try:
            now = ownership_now(gate, repository)
        except GateError:
            unreadable += 1
            continue
        if now.component(component) is not None:
            found.append(now)
    if not found and known and unreadable == len(known):
        raise UnreadableError("No repository could be read at the forge.", next_step="Try again in a minute.")
    return found


def component_names(gate: Gate, repository: ForgeRepository | None) -> list[str]:
    """Return the names of all components of a repository, or of every known one; unreadable ones are left out."""
    with gate.store.reading() as reading:
        known = [repository] if repository else list(reading.repositories())
    names: dict[str, None] = {}
    for one in known:
        with suppress(GateError):
            names.update(dict.fromkeys(component.name for component in ownership_now(gate, one).ownership.components))
    return list(names)


class OwnershipSight:
    """Remembers the ownership of repositories for a minute; a repository that cannot be read is asked again."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._known: OrderedDict[RepositoryKey, tuple[dt.datetime, OwnershipNow]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, repository: ForgeRepository) -> OwnershipNow | None:
        """Return the ownership of a repository, None where the forge does not answer."""
        now = self._gate.now()
        with self._lock:
            known = self._known.get(repository.key)
        if known is not None and dt.timedelta(0) <= now - known[0] < KEPT:
            return known[1]
        try:
            found = ownership_now(self._gate, repository)
        except GateError:
            return None
        with self._lock:
            self._known[repository.key] = now, found
            self._known.move_to_end(repository.key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found

    def forget(self, repository: ForgeRepository) -> None:
        """Look at a repository anew when it is asked for next, since something of it was just confirmed here."""
        with self._lock:
            self._known.pop(repository.key, None)
