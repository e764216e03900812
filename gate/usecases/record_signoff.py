"""Recording a sign-off: every decision by link, page, comment or API goes this one way, on what is true right now."""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Literal

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey, Facts, Instant, PersonKey
from gate.core.change.sealing import unseal
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.signoff.eligibility import duration, parse_instant
from gate.core.signoff.since import changed_since, version_of
from gate.core.values import dataclass
from gate.usecases.change_entries import signoff_entry
from gate.usecases.forge_ports import ForgeRepositoryAccess, GoneError
from gate.usecases.gate import Gate, known_repository, subject_of
from gate.usecases.jobs import judge_job, withdraw_job
from gate.usecases.links import LinkUse
from gate.usecases.look_at_change import Look, look_at_change
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import StoredSignoff

RefusalCode = Literal[
    "link-refused", "link-used", "link-not-yours", "change-closed", "changed-since", "not-eligible",
    "reason-missing", "source-not-accepted", "nothing-to-withdraw", "login-too-old",
]  # fmt: skip
MAX_REASON = 5000
LIFTING_ROLE = "veto-lift"


class SignoffRefusedError(GateError):
    """A decision is not taken: `code` is why, `details` what to know. It is in the ledger before it is told."""

    exit_code = 2

    def __init__(self, code: RefusalCode, message: str, *, next_step: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message, next_step=next_step)
        self.code = code
        self.details = details


class OwnWorkError(SignoffRefusedError):
    """Somebody signs off on a change that they had a hand in: an attempt that audits ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides. `id` is the same for the same act, however often it is sent.

    `subjects` maps each subject to the scope that was shown; an empty scope stands for the present one, as where a
    comment names it. `shown` is the digest of the facts that were shown, `seen_at` when. `link` is the id of the link
    that it came by. `authenticated` says in words how they are known, `authenticated_at` when they logged in.
    """

    id: str
    key: ChangeKey
    account: AccountKey
    source: Literal["link", "comment", "api"]
    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    subjects: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    authenticated: str
    authenticated_at: Instant = ""
    link: str = ""
    shown: str = ""
    seen_at: Instant = ""


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
        look = _fresh_look(gate, gate.access(repository), decision.key)
        asks = Asks(look.facts, at=look.at)
        person = asks.person_of(decision.account)
        _require_reason(decision)
        _require_recent_login(gate, decision, asks)
        _require_accepted(decision, asks)
        _REQUIRE[decision.decision](gate, decision, asks, person)
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
    further = asks.subjects_of(person).keys() - decision.subjects.keys()
    return Recorded(signoff, tuple(sorted(further)))


def _require_unused(gate: Gate, reading: Reading, decision: Decision) -> None:
    """Refuse what was decided already, and a link that does not hold."""
    if any(one.id == decision.id for one in reading.signoffs(decision.key)):
        raise _used()
    if not decision.link:
        return
    link = reading.link(decision.link)
    if link is None or link.revoked_at or link.expires_at <= gate.instant():
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


def _require_reason(decision: Decision) -> None:
    if decision.decision in {"reject", "lift-veto"} and not any(map(str.isalnum, decision.reason)):
        is_no = decision.decision == "reject"
        what = "A rejection needs a reason." if is_no else "Lifting a rejection needs a reason."
        step = "Write what would have to be different." if is_no else "Write why it may go on all the same."
        raise SignoffRefusedError("reason-missing", what, next_step=step)


def _require_recent_login(gate: Gate, decision: Decision, asks: Asks) -> None:
    """Refuse what somebody decides on a page who logged in longer ago than the policy allows, or never (L21).

    A rejection never waits for it: it only ever takes green away.
    """
    within = asks.facts.policy.policy.signoffs.reauthenticate_within
    if within == "none" or decision.source != "link" or decision.decision == "reject":
        return
    known = decision.authenticated_at
    if known and gate.now() - parse_instant(known) <= duration(within):
        return
    what = f"The policy asks that who decides has logged in within the last {within}."
    raise SignoffRefusedError("login-too-old", what, next_step="Log in again, then decide.")


def _require_accepted(decision: Decision, asks: Asks) -> None:
    """Refuse an approval on a channel that the policy does not list, and by the API whatever is decided there.

    What a person says no to counts on every channel: it only ever takes green away.
    """
    is_held_to_it = decision.decision == "approve" or decision.source == "api"
    if is_held_to_it and decision.source not in asks.facts.policy.policy.signoffs.sources:
        what = f"The policy does not accept a sign-off by {decision.source}."
        raise SignoffRefusedError("source-not-accepted", what, next_step="Review the pull request instead.")


def _require_approvable(gate: Gate, decision: Decision, asks: Asks, person: PersonKey) -> None:
    """Refuse an approval of what is not what was shown, or by somebody who may not give it."""
    if not decision.subjects:
        raise SignoffRefusedError("not-eligible", "Nothing of this change waits for you.")
    _require_same(gate, decision, asks)
    for subject in decision.subjects:
        why = asks.why_not(person, subject)
        if why:
            raise (OwnWorkError if asks.had_a_hand(person) else SignoffRefusedError)("not-eligible", why)


def _require_same(gate: Gate, decision: Decision, asks: Asks) -> None:
    present = asks.scopes()
    if all(not scope or present.get(subject) == scope for subject, scope in decision.subjects.items()):
        return
    what = "What you were shown is no longer what would be merged, so nothing was recorded."
    details = tuple(_differences(gate, decision, asks))
    raise SignoffRefusedError("changed-since", what, next_step="Look at it again, then decide.", details=details)


def _differences(gate: Gate, decision: Decision, asks: Asks) -> Iterator[str]:
    shown = facts_of(gate, decision.shown)
    same = shown and (shown.change.repository.id, shown.change.number) == (decision.key.repository, decision.key.number)
    if shown is None or not same:
        return
    then = Asks(shown, at=asks.verdict.decided_at)
    subjects = [ask.subject for ask in (*then.all, *asks.all) if ask.subject.id in decision.subjects]
    before, now = version_of(shown), version_of(asks.facts)
    yield from changed_since(before, now, subjects)
    if before.head_sha != now.head_sha:
        yield f"Its head was `{before.head_sha[:12]}`, and is `{now.head_sha[:12]}` now."


def facts_of(gate: Gate, digest: str) -> Facts | None:
    """Return facts that are kept, None where they are not."""
    with gate.store.reading() as reading:
        sealed = reading.facts(digest) if digest else None
    return None if sealed is None else unseal(sealed.content, sealed.personal)


def _require_concerned(gate: Gate, decision: Decision, asks: Asks, person: PersonKey) -> None:
    """Refuse a rejection by somebody who is asked for nothing of it, and of what is not what was shown."""
    policy = asks.facts.policy.policy.signoffs
    _require_same(gate, decision, asks)
    if not asks.concerning(person) and not asks.may_veto(person, policy.veto):
        raise SignoffRefusedError("not-eligible", "Nothing of this change is yours to reject.")


def _require_standing(gate: Gate, decision: Decision, asks: Asks, person: PersonKey) -> None:
    """Refuse a withdrawal where there is nothing to withdraw."""
    del gate, decision
    own = [act for act in asks.facts.signoffs if asks.person_of(act.account) == person and not act.void]
    if not own or max(own, key=lambda act: act.at).decision == "withdraw":
        raise SignoffRefusedError("nothing-to-withdraw", "You have not decided anything here that could be withdrawn.")


def _require_lifter(gate: Gate, decision: Decision, asks: Asks, person: PersonKey) -> None:
    """Refuse to lift a veto for anybody outside the role, or with a hand in the change, and one that they did not see.

    SECURITY: lifting ends every rejection that stands, so that all of them must be in the facts that were shown (L06).
    """
    if person not in asks.eligible_in_role(LIFTING_ROLE):
        what = f"Only people with role `{LIFTING_ROLE}` who had no hand in the change lift a rejection."
        raise SignoffRefusedError("not-eligible", what)
    shown = facts_of(gate, decision.shown)
    seen = _vetoes(Asks(shown, at=asks.verdict.decided_at)) if shown is not None else {}
    unseen = tuple(why for one, why in _vetoes(asks).items() if one not in seen)
    if unseen:
        what = "Somebody rejected this who is not among what you were shown, so nothing was lifted."
        raise SignoffRefusedError("changed-since", what, next_step="Look at it again, then decide.", details=unseen)


def _vetoes(asks: Asks) -> Mapping[str, str]:
    return {one.id: one.why for one in asks.verdict.requirements if one.kind == "veto"}


_REQUIRE = {
    "approve": _require_approvable,
    "reject": _require_concerned,
    "withdraw": _require_standing,
    "lift-veto": _require_lifter,
}


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
