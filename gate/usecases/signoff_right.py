"""The right to decide: a decision is held to what is true now, by who may take it, on what they were shown."""

from collections.abc import Iterator, Mapping

from gate.core.asks import Asks
from gate.core.change.facts import PersonKey
from gate.core.signoff.since import changed_since, version_of
from gate.core.times import duration, parse_instant
from gate.usecases.gate import Gate
from gate.usecases.kept_facts import facts_of
from gate.usecases.signoff_decisions import Decision, OwnWorkError, SignoffRefusedError

LIFTING_ROLE = "veto-lift"


def require_right(gate: Gate, decision: Decision, asks: Asks) -> None:
    """Raise SignoffRefusedError unless this may be decided by this account, this way, on the change as it is now."""
    _require_reason(decision)
    _require_recent_login(gate, decision, asks)
    _require_accepted(decision, asks)
    _REQUIRE[decision.decision](gate, decision, asks, asks.person_of(decision.account))


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
    account = asks.facts.accounts.get(decision.account)
    if account is not None and account.kind == "unknown":
        raise SignoffRefusedError("not-eligible", "The forge knows no such account any more.")
    for subject in decision.subjects:
        why = asks.why_not(person, subject)
        if why:
            if account is not None and account.kind != "user":
                why = f"{why} Only people sign off; a bot counts only where the policy names it."
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
    then = gate.asks(shown, at=asks.verdict.decided_at)
    subjects = [ask.subject for ask in (*then.all, *asks.all) if ask.subject.id in decision.subjects]
    before, now = version_of(shown), version_of(asks.facts)
    yield from changed_since(before, now, subjects)
    if before.head_sha != now.head_sha:
        yield f"Its head was `{before.head_sha[:12]}`, and is `{now.head_sha[:12]}` now."


def _require_concerned(gate: Gate, decision: Decision, asks: Asks, person: PersonKey) -> None:
    """Refuse a rejection by somebody who is asked for nothing of it, and of what is not what was shown."""
    _require_same(gate, decision, asks)
    if not asks.concerning(person) and not asks.may_veto(person):
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
    seen = _vetoes(gate.asks(shown, at=asks.verdict.decided_at)) if shown is not None else {}
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
