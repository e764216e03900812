"""Looking at a change: the facts of one consistent snapshot under the rules in force; nothing is recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from gate.core.change.facts import ChangedFile, Facts, Instant
from gate.core.change.sealing import SealedFacts, settle
from gate.core.errors import GateError
from gate.core.forge.snapshot import ForgeRepository, Snapshot
from gate.core.policy.model import Policy, PolicyDocument
from gate.usecases.forge_ports import ForgeRepositoryAccess
from gate.usecases.forge_signoffs import Known
from gate.usecases.gate import Gate
from gate.usecases.governing_rules import under_floor, under_organisation
from gate.usecases.load_rules import BUILT_IN, Rules, load_policy, rules_in_force, sentences_of
from gate.usecases.observe_forge_change import ForgeObservation, ForgeQuestion, observe_forge_change
from gate.usecases.ports import Tree


class OrganisationPolicyError(GateError):
    """The organisation's policy cannot be read or is invalid: nothing is decided without it."""

    code = "policy-missing"


@dataclass(frozen=True, slots=True)
class Look:
    """What a change is at one moment: the snapshot, what was observed, and its facts, sealed too.

    `at` is when the look began: nothing that came later can be in it.
    """

    snapshot: Snapshot
    observation: ForgeObservation
    facts: Facts
    sealed: SealedFacts
    at: Instant


def look_at_change(gate: Gate, access: ForgeRepositoryAccess, snapshot: Snapshot, *, at: Instant) -> Look:
    """Return the facts of an open change's snapshot. Raises UnreadableError where the forge does not answer in full."""
    rules = _rules(gate, access, snapshot)
    if _asks_for_checks(rules.policy.policy):
        snapshot = replace(snapshot, checks=access.check_runs(snapshot.head_sha))
    observation = _observe(gate, access, snapshot, rules)
    facts, sealed = settle(observation.facts, salt=gate.salt_for(snapshot.key))
    return Look(snapshot, observation, facts, sealed, at)


def _rules(gate: Gate, access: ForgeRepositoryAccess, snapshot: Snapshot) -> Rules:
    """Return the rules in force: the base's own, under the default branch's floor and the organisation's policy."""
    rules = _rules_at(gate, access, snapshot.base_sha, snapshot.repository)
    default = snapshot.repository.default_branch
    if snapshot.base_ref != default:
        rules = under_floor(rules, _rules_at(gate, access, access.branch_tip(default), snapshot.repository))
    organisation = _organisation(gate, snapshot.repository)
    return rules if organisation is None else under_organisation(rules, organisation)


def _rules_at(gate: Gate, access: ForgeRepositoryAccess, sha: str, repository: ForgeRepository) -> Rules:
    return rules_in_force(
        access.commit_tree(sha),
        _earlier_trees(access, sha),
        readers=gate.readers,
        config=gate.settings.config,
        repository=repository.name,
    )


def _earlier_trees(access: ForgeRepositoryAccess, sha: str) -> Iterator[Tree]:
    for earlier in access.first_parents(sha)[1:]:
        yield access.commit_tree(earlier)


def _asks_for_checks(policy: Policy) -> bool:
    todo = [rule.require for rule in policy.rules]
    while todo:
        require = todo.pop()
        if require.checks:
            return True
        todo += require.any_of or ()
    return False


def _organisation(gate: Gate, repository: ForgeRepository) -> PolicyDocument | None:
    """Return the organisation's policy, None where no repository of it is named.

    SECURITY: one that is named and cannot be read is never as if there were none; the judgement fails instead.
    """
    name = gate.settings.config_repository
    if not name or name.lower() == repository.name.lower():
        return None
    found = gate.forge.find(name)
    if found is None:
        step = "Install the app on the repository that GATE_CONFIG_REPOSITORY names."
        raise OrganisationPolicyError(f"The organisation's policy in {name} cannot be read.", next_step=step)
    access = gate.access(found)
    tree = access.commit_tree(access.branch_tip(found.default_branch))
    try:
        document = load_policy(tree, readers=gate.readers, config=gate.settings.config)
    except GateError as error:
        raise OrganisationPolicyError(
            f"The organisation's policy in {name} is invalid: {sentences_of(error)[0]}", next_step="Mend it there."
        ) from None
    return None if document is BUILT_IN else document


def _observe(gate: Gate, access: ForgeRepositoryAccess, snapshot: Snapshot, rules: Rules) -> ForgeObservation:
    key = snapshot.key
    with gate.store.reading() as reading:
        shas = [snapshot.head_sha, *(commit.sha for commit in snapshot.commits)]
        question = ForgeQuestion(
            snapshot=snapshot,
            rules=rules,
            base_tree=access.commit_tree(snapshot.base_sha),
            known=Known(reading.signoffs(key), reading.verdicts(key), partial(_content_of, gate)),
            pushes=reading.pushes(key.repository_key, shas),
            at=gate.now(),
            config=gate.settings.config,
        )
    return observe_forge_change(access, question, readers=gate.readers)


def _content_of(gate: Gate, digest: str) -> tuple[ChangedFile, ...] | None:
    with gate.store.reading() as reading:
        return reading.content(digest)
