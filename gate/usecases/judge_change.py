"""Judging a change at a forge: observe, decide, record; what must be published is left to the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from gate.core.change.facts import ChangedFile, Instant
from gate.core.change.sealing import SealedFacts, settle
from gate.core.decide import decide
from gate.core.errors import GateError
from gate.core.explain.json import verdict_bytes
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, Snapshot, body_digest
from gate.core.policy.model import Policy, PolicyDocument
from gate.core.signoff.eligibility import instant
from gate.core.verdict import Verdict
from gate.usecases.change_entries import facts_entry, merged_entry, observed_entry, signoff_entry, verdict_entry
from gate.usecases.forge_ports import ForgeRepositoryAccess, GoneError
from gate.usecases.forge_signoffs import Known
from gate.usecases.gate import Gate, known_repository
from gate.usecases.governing_rules import under_floor, under_organisation
from gate.usecases.jobs import comment_job, publish_job, timer_job
from gate.usecases.load_rules import BUILT_IN, Rules, load_policy, rules_in_force, sentences_of
from gate.usecases.observe_forge_change import ForgeObservation, ForgeQuestion, observe_forge_change
from gate.usecases.ports import Tree
from gate.usecases.store_ports import Writing
from gate.usecases.stored import StoredChange, StoredVerdict


class OrganisationPolicyError(GateError):
    """The organisation's policy cannot be read or is invalid: nothing is decided without it."""

    code = "policy-missing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a judgement led to: the verdict as recorded, and whether anything new had to be recorded."""

    change: StoredChange
    verdict: StoredVerdict | None
    is_new: bool


def judge_change(gate: Gate, key: ChangeKey) -> Outcome:
    """Judge a change afresh, record what is new, and leave the publishing to the outbox.

    Raises UnreadableError where the forge does not answer in full or the change keeps moving (nothing is recorded),
    StaleGenerationError where a later judgement overtook this one.
    """
    with gate.store.writing() as writing:
        repository = known_repository(writing, key.repository_key)
        generation = writing.begin_judgement(key)
    access = gate.access(repository)
    began_at = gate.now()
    try:
        snapshot = access.snapshot(key.number)
    except GoneError:
        return _close(gate, key, generation)
    if snapshot.state != "open":
        return _end(gate, snapshot, generation)
    rules = _rules(gate, access, snapshot)
    if _asks_for_checks(rules.policy.policy):
        snapshot = replace(snapshot, checks=access.check_runs(snapshot.head_sha))
    observation = _observe(gate, access, snapshot, rules)
    facts, sealed = settle(observation.facts, salt=gate.salt_for(key))
    at = instant(began_at)
    verdict = decide(facts, at=at)
    gate.at_point("decided")
    return _record(gate, _Judged(snapshot, generation, observation, sealed, verdict, at))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A judgement that is not recorded yet."""

    snapshot: Snapshot
    generation: int
    observation: ForgeObservation
    sealed: SealedFacts
    verdict: Verdict
    at: Instant


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


def _record(gate: Gate, judged: _Judged) -> Outcome:
    """Keep a judgement in one transaction: facts, verdict, sign-offs, ledger entries, outbox."""
    snapshot, key = judged.snapshot, judged.snapshot.key
    with gate.store.writing() as writing:
        before = writing.change(key)
        last = writing.verdict(key)
        for signoff in judged.observation.signoffs.changed:
            writing.save_signoff(signoff)
            writing.append(signoff_entry(signoff, judged.at))
        is_new = last is None or not _is_same(last, judged, before)
        stored = _save(writing, judged, last) if is_new or last is None else last
        change = _changed(before, judged)
        writing.save_change(change)
        writing.enqueue(publish_job(key.repository_key, snapshot.head_sha, at=judged.at))
        if gate.settings.comments and judged.verdict.enforcement == "active" and not snapshot.is_draft:
            writing.enqueue(comment_job(key, at=judged.at))
        if judged.verdict.valid_until:
            writing.enqueue(timer_job(key, at=judged.verdict.valid_until))
    gate.at_point("recorded")
    gate.measures.count("judgements", state=judged.verdict.state)
    return Outcome(change, stored, is_new)


def _is_same(last: StoredVerdict, judged: _Judged, before: StoredChange | None) -> bool:
    """Return whether the same facts are judged again before their verdict could change by the clock."""
    if before is None or last.facts_digest != judged.sealed.digest or last.head_sha != judged.snapshot.head_sha:
        return False
    return last.state == judged.verdict.state and (before.valid_until is None or judged.at < before.valid_until)


def _save(writing: Writing, judged: _Judged, last: StoredVerdict | None) -> StoredVerdict:
    snapshot, verdict = judged.snapshot, judged.verdict
    raw = verdict_bytes(verdict)
    if last is None:
        writing.append(observed_entry(snapshot, judged.at))
    if last is None or last.facts_digest != judged.sealed.digest:
        writing.append(facts_entry(snapshot, judged.at, facts=judged.sealed.digest))
    index = writing.append(
        verdict_entry(
            snapshot, verdict, raw, at=judged.at, facts=judged.sealed.digest, before=last.state if last else ""
        )
    )
    stored = StoredVerdict(
        key=snapshot.key,
        generation=judged.generation,
        at=judged.at,
        state=verdict.state,
        head_sha=snapshot.head_sha,
        base_ref=snapshot.base_ref,
        plan_digest=judged.observation.plan_digest,
        facts_digest=judged.sealed.digest,
        verdict=raw,
        ledger_index=index,
        content=judged.observation.content,
    )
    writing.save_judgement(stored, judged.sealed, judged.observation.facts.files)
    return stored


def _changed(before: StoredChange | None, judged: _Judged) -> StoredChange:
    """Return the change as it is kept now; what the forge shows is told by the publisher alone."""
    snapshot, verdict = judged.snapshot, judged.verdict
    is_same_head = before is not None and before.head_sha == snapshot.head_sha
    is_waiting = before is not None and before.verdict_state == "waiting" and verdict.state == "waiting"
    return StoredChange(
        key=snapshot.key,
        state="open",
        title=snapshot.title,
        author=f"github:{snapshot.author.id}" if snapshot.author else "",
        base_ref=snapshot.base_ref,
        base_sha=snapshot.base_sha,
        head_sha=snapshot.head_sha,
        url=snapshot.url,
        is_draft=snapshot.is_draft,
        generation=judged.generation,
        judged_generation=judged.generation,
        verdict_state=verdict.state,
        facts_digest=judged.sealed.digest,
        judged_at=judged.at,
        valid_until=verdict.valid_until,
        published=before.published if before and is_same_head else "",
        body_digest=body_digest(snapshot.body),
        check_run_id=before.check_run_id if before and is_same_head else None,
        comment_id=before.comment_id if before else None,
        first_seen_at=before.first_seen_at if before else judged.at,
        waiting_since=(before.waiting_since if before and is_waiting else judged.at)
        if verdict.state == "waiting"
        else "",
    )


def _close(gate: Gate, key: ChangeKey, generation: int) -> Outcome:
    """Record that a change can no longer be seen."""
    with gate.store.writing() as writing:
        before = writing.change(key)
        if before is None:
            raise GoneError(f"There is no change {key.number} that the gate may see.")
        change = replace(before, state="closed", generation=generation, valid_until=None)
        writing.save_change(change)
    return Outcome(change, None, is_new=False)


def _end(gate: Gate, snapshot: Snapshot, generation: int) -> Outcome:
    """Record that a change was merged or closed, once."""
    at = gate.instant()
    with gate.store.writing() as writing:
        before = writing.change(snapshot.key)
        change = StoredChange(
            key=snapshot.key,
            state=snapshot.state,
            title=snapshot.title,
            author=f"github:{snapshot.author.id}" if snapshot.author else "",
            base_ref=snapshot.base_ref,
            base_sha=snapshot.base_sha,
            head_sha=snapshot.head_sha,
            url=snapshot.url,
            first_seen_at=at,
        )
        if before is not None:
            change = replace(before, state=snapshot.state, generation=generation, valid_until=None, waiting_since="")
        else:
            change = replace(change, generation=generation)
        if snapshot.state == "merged" and (before is None or before.state != "merged"):
            writing.append(merged_entry(snapshot, before, at))
        writing.save_change(change)
    return Outcome(change, None, is_new=False)
