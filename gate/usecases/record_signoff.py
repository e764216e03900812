"""Recording a sign-off: every decision by link, page, comment or API goes this one way, on what is true right now."""

from dataclasses import replace

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey, Facts
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.accounts_met import AccountsMet
from gate.usecases.change_entries import signoff_entry
from gate.usecases.forge_ports import ForgeRepositoryAccess, GoneError
from gate.usecases.gate import Gate, known_repository, subject_of
from gate.usecases.jobs import judge_job, withdraw_job
from gate.usecases.links import LinkUse
from gate.usecases.look_at_change import Look, look_at_change
from gate.usecases.signoff_decisions import MAX_REASON, Decision, OwnWorkError, SignoffRefusedError
from gate.usecases.signoff_right import require_right
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import StoredSignoff


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sign-off as it was recorded, and what else waits for the same person on the same change."""

    signoff: StoredSignoff
    further: tuple[str, ...] = ()


def record_signoff(gate: Gate, decision: Decision) -> Recorded:
    """Judge a decision on what the forge says now, record it with its ledger entry, and have the change judged at once.

    SECURITY: nothing of what the caller says is believed but who they are: the change is read afresh, whoever lost the
    right meanwhile is refused, and content that they did not see is not signed off (L06). Of many that use one link up
    at the same time one is recorded (L03). Raises SignoffRefusedError, recorded too where a link was used.
    """
    decision = replace(decision, reason=decision.reason.strip()[:MAX_REASON])
    try:
        with gate.store.reading() as reading:
            _require_unused(gate, reading, decision)
            repository = known_repository(reading, decision.key.repository_key)
        access = gate.access(repository)
        look = _fresh_look(gate, access, decision.key)
        asks = gate.asks(_with_account(access, look.facts, decision.account), at=look.at)
        require_right(gate, decision, asks)
    except SignoffRefusedError as refused:
        if refused.code != "link-used":  # what was recorded then stands, and nothing further happened
            _record_refusal(gate, decision, refused)
        raise
    signoff = _signoff(gate, decision, look, asks)
    with gate.store.writing() as writing:
        _require_unused(gate, writing, decision)
        if decision.link and not writing.use_link(LinkUse(decision.link, signoff.at, decision.decision, signoff.id)):
            raise _used()
        writing.save_signoff(signoff)
        writing.append(signoff_entry(signoff, signoff.at, seen_at=decision.seen_at))
        _look_again(writing, signoff)
    gate.measures.count("signoffs", source=signoff.source, decision=signoff.decision)
    further = asks.subjects_of(asks.person_of(decision.account)).keys() - decision.subjects.keys()
    return Recorded(signoff, tuple(sorted(further)))


def _require_unused(gate: Gate, reading: Reading, decision: Decision) -> None:
    """Refuse what was decided already, and a link that does not hold."""
    if any(one.id == decision.id for one in reading.signoffs(decision.key)):
        raise _used()
    if not decision.link:
        return
    link = reading.link(decision.link)
    if link is None or not link.holds(gate.instant()):
        why = "was withdrawn" if link is not None and link.revoked_at else "does not hold any more"
        raise SignoffRefusedError("link-refused", f"This link {why}.", next_step="Ask for a new one.")
    if link.account != decision.account or link.key != decision.key:
        raise SignoffRefusedError("link-not-yours", "This link was made for somebody else.")
    if reading.link_use(decision.link) is not None:
        raise _used()


def _used() -> SignoffRefusedError:
    return SignoffRefusedError("link-used", "This was decided already; what was recorded stands.")


def _fresh_look(gate: Gate, access: ForgeRepositoryAccess, key: ChangeKey) -> Look:
    at = gate.instant()
    try:
        snapshot = access.snapshot(key.number)
    except GoneError:
        raise SignoffRefusedError("change-closed", "This change can no longer be seen.") from None
    if snapshot.state != "open":
        raise SignoffRefusedError(
            "change-closed", f"This change is {snapshot.state}; nothing is decided on it any more."
        )
    return look_at_change(gate, access, snapshot, at=at)


def _with_account(access: ForgeRepositoryAccess, facts: Facts, account: AccountKey) -> Facts:
    """Return facts in which whoever decides is known as what the forge says they are: a person, a bot, or gone."""
    met = AccountsMet(access, facts.ownership.people, facts.accounts)
    met.meet_again([account])
    return replace(facts, accounts=met.accounts)


def _signoff(gate: Gate, decision: Decision, look: Look, asks: Asks) -> StoredSignoff:
    """Return a decision as it is kept: bound to what is true now, which is what was shown."""
    present = asks.scopes()
    scopes = {subject: present[subject] for subject in decision.subjects} if decision.decision == "approve" else {}
    return StoredSignoff(
        key=decision.key,
        id=decision.id,
        account=decision.account,
        source=decision.source,
        decision=decision.decision,
        at=gate.instant(),
        first_seen_at=gate.instant(),
        commit=look.snapshot.head_sha,
        content=look.observation.content,
        facts_digest=look.sealed.digest,
        base_ref=look.snapshot.base_ref,
        plan_digest=look.observation.plan_digest,
        subjects=tuple(sorted(decision.subjects)),
        scopes=scopes,
        reason=decision.reason,
        authenticated=decision.authenticated,
    )


def _look_again(writing: Writing, signoff: StoredSignoff) -> None:
    """Have the change judged before anything else; what a no may have made wrong is taken back even before that."""
    change = writing.change(signoff.key)
    if signoff.decision in {"reject", "withdraw"} and change is not None and change.published == "success":
        repository = signoff.key.repository_key
        writing.enqueue(withdraw_job(repository, change.head_sha, at=signoff.at, why=f"a {signoff.decision}al"))
    job = judge_job(signoff.key, at=signoff.at, why=f"a sign-off by {signoff.source}")
    writing.enqueue(replace(job, is_urgent=True))


def _record_refusal(gate: Gate, decision: Decision, refused: SignoffRefusedError) -> None:
    payload = {
        "code": refused.code,
        "decision": decision.decision,
        "source": decision.source,
        "link": decision.link,
        "subjects": sorted(decision.subjects)[:200],
        "is_own_work": isinstance(refused, OwnWorkError),
    }
    entry = EntryDraft(
        "link-refused" if decision.link else "signoff-refused",
        gate.instant(),
        subject_of(decision.key),
        actor=decision.account,
        authenticated=decision.authenticated,
        payload=payload,
    )
    with gate.store.writing() as writing:
        writing.append(entry)
    gate.measures.count("signoffs_refused", source=decision.source, code=refused.code)
