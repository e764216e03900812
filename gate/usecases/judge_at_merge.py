"""Judging at the merge: an approval that had run out by then is none, whether or not its timer had come."""

from dataclasses import replace

from gate.core.change.facts import Facts, Instant
from gate.core.change.sealing import unseal
from gate.core.explain.json import verdict_bytes
from gate.core.forge.snapshot import Snapshot
from gate.core.signoff.eligibility import longest_hold
from gate.core.times import parse_instant
from gate.usecases.change_entries import signoff_entry, verdict_entry
from gate.usecases.kept_rules import KeptRules
from gate.usecases.store_ports import StoreError, Writing
from gate.usecases.stored import StoredChange, StoredSignoff


def judge_at_merge(
    writing: Writing, snapshot: Snapshot, before: StoredChange, *, generation: int, at: Instant, kept: KeptRules
) -> StoredChange:
    """Return a change as it stood when it was merged; where its approval had run out by then, that is recorded first.

    The facts are those of the last look, which the merged head still has; only the time is the merge's. A verdict that
    was given before `valid_until` and a merge before it need nothing: the look afterwards may come as late as it will.
    Raises StoreError where the facts of the approval are gone, UnsealError where they are damaged.
    """
    merged_at = snapshot.merged_at or at
    is_of_head = before.head_sha == snapshot.head_sha
    # SECURITY: of a change that was closed meanwhile no boundary is kept; opened again and merged it may be long past.
    has_run_out = before.state != "open" or (before.valid_until is not None and before.valid_until <= merged_at)
    if before.verdict_state != "approved" or not is_of_head or not has_run_out:
        return before
    last, sealed = writing.verdict(before.key), writing.facts(before.facts_digest)
    if last is None or sealed is None:
        raise StoreError("The facts of an approval are gone.", next_step="Run `gate ledger verify`.")
    facts = unseal(sealed.content, sealed.personal)
    verdict = kept.decide(facts, at=merged_at)
    for signoff in writing.signoffs(before.key):
        if _has_expired(signoff, facts, merged_at):
            void = replace(signoff, void="expired")
            writing.save_signoff(void)
            writing.append(signoff_entry(void, at))
    raw = verdict_bytes(verdict)
    entry = verdict_entry(
        snapshot, verdict, raw, at=merged_at, facts=sealed.digest, before=last.state, notes={"judged_at_merge": True}
    )
    judged = replace(
        last, generation=generation, at=merged_at, state=verdict.state, verdict=raw, ledger_index=writing.append(entry)
    )
    writing.save_judgement(judged, sealed, writing.content(last.content) or ())
    return replace(before, judged_generation=generation, verdict_state=verdict.state, judged_at=merged_at)


def _has_expired(signoff: StoredSignoff, facts: Facts, at: Instant) -> bool:
    """Return whether an approval had run out by a time; once recorded, that is for good, as at every other look."""
    lasts = longest_hold(facts.policy.policy)
    if lasts is None or signoff.decision != "approve" or signoff.void:
        return False
    return parse_instant(signoff.at) + lasts <= parse_instant(at)
