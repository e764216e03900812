"""Linking a login: a person of the single sign-on says once which account at the forge is theirs, on the record."""

from gate.core.change.facts import AccountKey
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
        if is_new or not is_theirs:
            writing.append(_entry(issuer, subject, account, at, is_refused=not is_theirs))
    return is_theirs


def _entry(issuer: str, subject: str, account: AccountKey, at: str, *, is_refused: bool) -> EntryDraft:
    payload = {"what": "login-link-refused" if is_refused else "login-linked", "issuer": issuer[:500]}
    return EntryDraft(
        "access-changed",
        at,
        f"account:{account}",
        actor=account,
        authenticated="login at both",
        payload=payload,
        personal={"subject": subject},
    )
