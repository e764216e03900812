"""Linking a login: a person of the single sign-on says once which account at the forge is theirs, on the record."""

from gate.core.change.facts import AccountKey, Instant
from gate.core.ledger.entries import EntryDraft
from gate.usecases.gate import Gate
from gate.usecases.people import LinkedLogin


def link_login(gate: Gate, issuer: str, subject: str, account: AccountKey) -> bool:
    """Keep that a login belongs to an account, and return whether it does now.

    SECURITY: the caller has seen the person log in at both within one session. It is said once: another account later
    is refused, on the record too, so that nobody signs off as one person what they wrote as another.
    """
    at = gate.instant()
    with gate.store.writing() as writing:
        is_new = writing.save_linked_login(LinkedLogin(issuer, subject, account, at))
        known = writing.linked_login(issuer, subject)
        is_theirs = known is not None and known.account == account
        if is_theirs and known is not None and known.ended_at:
            is_new = writing.renew_linked_login(known)
        if is_new or not is_theirs:
            what = "login-linked" if is_theirs else "login-link-refused"
            writing.append(_entry(LinkedLogin(issuer, subject, account, at), what, at, "login at both"))
    return is_theirs


def unlink_login(gate: Gate, linked: LinkedLogin, *, authenticated: str) -> bool:
    """Record that a login acts as nobody's account any more, from its next request on; False where it did not.

    SECURITY: whose it was stays known. It can be linked to that account again, and never to another one: else somebody
    would write as one account, let go of it, and sign off as another (R07).
    """
    at = gate.instant()
    with gate.store.writing() as writing:
        is_ended = writing.end_linked_login(linked, at)
        if is_ended:
            writing.append(_entry(linked, "login-unlinked", at, authenticated))
    return is_ended


def _entry(linked: LinkedLogin, what: str, at: Instant, authenticated: str) -> EntryDraft:
    return EntryDraft(
        "access-changed",
        at,
        f"account:{linked.account}",
        actor=linked.account,
        authenticated=authenticated,
        payload={"what": what, "issuer": linked.issuer[:500]},
        personal={"subject": linked.subject},
    )
