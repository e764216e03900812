"""Change entries: what the ledger says of a change, its facts, its verdicts, its sign-offs and its end."""

import hashlib
from collections.abc import Mapping

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import Snapshot
from gate.core.ledger.entries import EntryDraft, EntryKind
from gate.core.verdict import Verdict
from gate.usecases.gate import subject_of
from gate.usecases.stored import StoredChange, StoredSignoff

MAX_LISTED = 200
_MAX_ID = 300
_MAX_REASON = 2000
_KIND_OF: Mapping[str, EntryKind] = {
    "approve": "signoff-given",
    "reject": "signoff-rejected",
    "withdraw": "signoff-withdrawn",
    "lift-veto": "signoff-withdrawn",
}


def observed_entry(snapshot: Snapshot, at: Instant) -> EntryDraft:
    """Return the entry that a change was seen for the first time."""
    return EntryDraft(
        "change-observed",
        at,
        subject_of(snapshot.key),
        actor=snapshot.author.key if snapshot.author else "",
        payload={"base_ref": snapshot.base_ref, "head": snapshot.head_sha},
    )


def facts_entry(snapshot: Snapshot, at: Instant, *, facts: str) -> EntryDraft:
    """Return the entry that facts were recorded."""
    payload = {"head": snapshot.head_sha, "base": snapshot.base_sha, "files": len(snapshot.files)}
    return EntryDraft("facts-recorded", at, subject_of(snapshot.key), facts=facts, payload=payload)


def verdict_entry(
    snapshot: Snapshot,
    verdict: Verdict,
    raw: bytes,
    *,
    at: Instant,
    facts: str,
    before: str,
    notes: Mapping[str, str | bool],
) -> EntryDraft:
    """Return the entry of a verdict: its state, its reasons, the digest of its exact bytes, and what led to it."""
    return EntryDraft(
        "verdict-changed",
        at,
        subject_of(snapshot.key),
        facts=facts,
        payload={
            "state": verdict.state,
            "before": before,
            "head": snapshot.head_sha,
            "base_ref": snapshot.base_ref,
            "base": snapshot.base_sha,
            "enforcement": verdict.enforcement,
            "verdict": "sha256:" + hashlib.sha256(raw).hexdigest(),
            "requirements": [[one.id[:_MAX_ID], one.state, one.code] for one in verdict.requirements[:MAX_LISTED]],
            "requirements_count": len(verdict.requirements),
            **notes,
        },
    )


def signoff_entry(signoff: StoredSignoff, at: Instant, *, seen_at: Instant = "") -> EntryDraft:
    """Return the entry of a sign-off that was given, refused or no longer holds; `seen_at` is when it was shown."""
    return EntryDraft(
        "signoff-voided" if signoff.void else _KIND_OF[signoff.decision],
        at,
        subject_of(signoff.key),
        actor=(signoff.voided_by or signoff.account) if signoff.void else signoff.account,
        authenticated=signoff.authenticated,
        facts=signoff.facts_digest,
        payload={
            "id": signoff.id,
            "decision": signoff.decision,
            "source": signoff.source,
            "at": signoff.at,
            "commit": signoff.commit,
            "content": signoff.content,
            "base_ref": signoff.base_ref,
            "plan": signoff.plan_digest,
            "void": signoff.void,
            "subjects": list(signoff.subjects)[:MAX_LISTED],
            "scopes": dict(list(signoff.scopes.items())[:MAX_LISTED]),
            **({"seen_at": seen_at} if seen_at else {}),
        },
        personal={"reason": signoff.reason[:_MAX_REASON]} if signoff.reason else {},
    )


def merged_entry(snapshot: Snapshot, before: StoredChange | None, at: Instant) -> EntryDraft:
    """Return the entry that a change was merged, with what the gate had last said of it.

    SECURITY: what was judged for another base is not judged: a change can be aimed elsewhere and merged at once (R16).
    """
    by = snapshot.merged_by
    merged = (snapshot.head_sha, snapshot.base_ref)
    return EntryDraft(
        "change-merged",
        at,
        subject_of(snapshot.key),
        actor=by.key if by else "",
        facts=before.facts_digest if before else "",
        payload={
            "head": snapshot.head_sha,
            "merge": snapshot.merge_sha,
            "base_ref": snapshot.base_ref,
            "verdict": before.verdict_state if before else "",
            "is_head_judged": before is not None and (before.head_sha, before.base_ref) == merged,
        },
    )
