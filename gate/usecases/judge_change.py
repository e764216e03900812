"""Judging a change at a forge: observe, decide, record; what must be published is left to the outbox."""

from dataclasses import replace

from gate.core.asks import Asks
from gate.core.change.facts import Instant
from gate.core.change.sealing import SealedFacts
from gate.core.explain.json import verdict_bytes
from gate.core.explain.simulation import Brief, brief_bytes
from gate.core.forge.snapshot import ChangeKey, Snapshot, body_digest
from gate.core.values import dataclass
from gate.core.verdict import Verdict
from gate.usecases.answer_commands import answer_commands
from gate.usecases.change_entries import facts_entry, observed_entry, signoff_entry, verdict_entry
from gate.usecases.declared_tickets import may_be_known_later
from gate.usecases.end_change import close_change, end_change, look_at_group, look_at_head
from gate.usecases.forge_ports import GoneError
from gate.usecases.gate import Gate, known_repository
from gate.usecases.heed_comments import heed_escalations
from gate.usecases.jobs import comment_job, judge_job, notify_job, protection_job, publish_job, timer_job
from gate.usecases.link_ticket import ticket_jobs
from gate.usecases.look_at_change import look_at_change
from gate.usecases.observe_forge_change import ForgeObservation
from gate.usecases.people import Asked
from gate.usecases.review_afterwards import open_after_review
from gate.usecases.simulate_change import simulate_change
from gate.usecases.store_ports import Writing
from gate.usecases.stored import StoredChange, StoredVerdict
from gate.usecases.what_moved import notes_on

ASK_AGAIN_SECONDS = 30
"""How soon a ticket is asked for again that the forge or its tracker did not answer for."""


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
    began_at, sent_before = gate.instant(), gate.forge.requests_made()
    try:
        snapshot = access.snapshot(key.number)
    except GoneError:
        return Outcome(close_change(gate, key, generation), None, is_new=False)
    if snapshot.state != "open":
        return Outcome(end_change(gate, snapshot, generation), None, is_new=False)
    look = look_at_change(gate, access, snapshot, at=began_at)
    asks = gate.asks(look.facts, at=look.at)
    gate.at_point("decided")
    # NOTE: with several threads the requests of another one may be among them; the sum over all is right.
    gate.measures.count("judgement_requests", gate.forge.requests_made() - sent_before)
    judged = _Judged(look.snapshot, generation, look.observation, look.sealed, asks, look.at)
    outcome = _record(gate, replace(judged, simulation=simulate_change(gate, access, look)))
    heed_escalations(gate, look.snapshot, look.observation.facts)
    answer_commands(gate, look.snapshot, asks)
    return outcome


@dataclass(frozen=True, slots=True)
class _Judged:
    """A judgement that is not recorded yet."""

    snapshot: Snapshot
    generation: int
    observation: ForgeObservation
    sealed: SealedFacts
    asks: Asks
    at: Instant
    simulation: Brief | None = None

    @property
    def verdict(self) -> Verdict:
        """Return what was decided."""
        return self.asks.verdict


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
        if judged.simulation is not None:
            writing.save_simulation(judged.sealed.digest, brief_bytes(judged.simulation))
        change = _changed(before, judged)
        writing.save_change(change)
        writing.save_asked(key, [Asked(*one) for one in judged.asks.waiting()])
        _leave_publishing(writing, judged, before, is_new=is_new)
        open_after_review(writing, judged.asks, snapshot, at=judged.at)
        if judged.verdict.state != "approved":
            look_at_group(writing, key, at=judged.at)
        if gate.settings.comments and judged.verdict.enforcement == "active" and not snapshot.is_draft:
            writing.enqueue(comment_job(key, at=judged.at))
        if is_new and judged.verdict.state == "waiting":
            writing.enqueue(notify_job(key, at=judged.at))
        if judged.verdict.valid_until:
            writing.enqueue(timer_job(key, at=judged.verdict.valid_until))
        facts, name = judged.observation.facts, snapshot.repository.name
        if may_be_known_later(facts, repository=name, url=snapshot.url, trackers=gate.trackers):
            writing.enqueue(timer_job(key, at=gate.instant(later_seconds=ASK_AGAIN_SECONDS)))
        if is_new and judged.verdict.state == "approved" and judged.verdict.enforcement == "active":
            for job in ticket_jobs(key, judged.observation.facts.tickets, at=judged.at):
                writing.enqueue(job)
    gate.at_point("recorded")
    gate.measures.count("judgements", state=judged.verdict.state)
    return Outcome(change, stored, is_new)


def _leave_publishing(writing: Writing, judged: _Judged, before: StoredChange | None, *, is_new: bool) -> None:
    """Leave the check of this head to the outbox, and of the one that it had before.

    SECURITY: what is recorded of other changes with this head may be old news; a new approval turns the head green
    only once they were all looked at as well, and the last of them publishes (R14).
    """
    key, head = judged.snapshot.key, judged.snapshot.head_sha
    others = [one.key for one in writing.open_changes(key.repository_key, head_sha=head) if one.key != key]
    if is_new:
        for other in others:
            writing.enqueue(judge_job(other, at=judged.at, why="shares its head"))
    if not (is_new and others and judged.verdict.state == "approved"):
        writing.enqueue(publish_job(key.repository_key, head, at=judged.at, is_waited_for=is_new))
    if before is not None and before.head_sha != head:
        look_at_head(writing, key.repository_key, before.head_sha, at=judged.at)


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
        writing.enqueue(protection_job(snapshot.key.repository_key, at=judged.at))
    if last is None or last.facts_digest != judged.sealed.digest:
        writing.append(facts_entry(snapshot, judged.at, facts=judged.sealed.digest))
    seen = judged.observation
    notes = notes_on(writing, snapshot.key, last, content=seen.content, plan_digest=seen.plan_digest,
                     body=body_digest(snapshot.body))  # fmt: skip
    before, facts = last.state if last else "", judged.sealed.digest
    index = writing.append(verdict_entry(snapshot, verdict, raw, at=judged.at, facts=facts, before=before, notes=notes))
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
    return replace(
        StoredChange.of(snapshot),
        state="open",
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
