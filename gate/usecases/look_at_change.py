"""Looking at a change: the facts of one consistent snapshot under the rules in force; nothing is recorded."""

from dataclasses import replace
from functools import partial

from gate.core.change.facts import ChangedFile, Facts, Instant
from gate.core.change.sealing import SealedFacts, settle
from gate.core.forge.snapshot import Snapshot
from gate.core.values import dataclass
from gate.usecases.forge_ports import ForgeRepositoryAccess
from gate.usecases.forge_rules import asks_for_checks, organisation_policy, rules_at_forge
from gate.usecases.forge_signoffs import Known
from gate.usecases.gate import Gate
from gate.usecases.incident_brief import recent_incidents
from gate.usecases.ledger_freeze import problems_of
from gate.usecases.load_rules import Rules
from gate.usecases.observe_forge_change import ForgeObservation, ForgeQuestion, observe_forge_change
from gate.usecases.owed_reviews import owed_reviews
from gate.usecases.repository_ownership import with_confirmed_reviews

RECENT_SECONDS = 30 * 24 * 3600
"""For how long an incident raises the risk of changes to its component."""


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
    rules = rules_of(gate, access, snapshot)
    if asks_for_checks(rules.policy.policy):
        snapshot = replace(snapshot, checks=access.check_runs(snapshot.head_sha))
    observation = _observe(gate, access, snapshot, rules)
    with gate.store.reading() as reading:
        frozen = problems_of(reading)
    observed = replace(observation.facts, problems=(*observation.facts.problems, *frozen))
    facts, sealed = settle(observed, salt=gate.salt_for(snapshot.key))
    return Look(snapshot, observation, facts, sealed, at)


def rules_of(gate: Gate, access: ForgeRepositoryAccess, snapshot: Snapshot, *, is_proposed: bool = False) -> Rules:
    """Return the rules that a change is judged by; those that it proposes itself only where they are asked for."""
    config, readers = gate.settings.config, gate.readers
    organisation = organisation_policy(
        gate.forge, snapshot.repository, name=gate.settings.config_repository, readers=readers, config=config
    )
    rules = rules_at_forge(
        access, snapshot, organisation=organisation, readers=readers, config=config, is_proposed=is_proposed
    )
    with gate.store.reading() as reading:
        ownership = with_confirmed_reviews(reading, snapshot.key.repository_key, rules.ownership)
    return rules if ownership is rules.ownership else replace(rules, ownership=ownership)


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
            rehearsals=tuple(reading.rehearsals(key, snapshot.head_sha)),
            trackers=gate.trackers,
            recent_incidents=recent_incidents(
                reading, key.repository_key, since=gate.instant(later_seconds=-RECENT_SECONDS)
            ),
            owed_reviews=owed_reviews(reading, key),
        )
    return observe_forge_change(access, question, readers=gate.readers)


def _content_of(gate: Gate, digest: str) -> tuple[ChangedFile, ...] | None:
    with gate.store.reading() as reading:
        return reading.content(digest)
