"""Issuing a link: one person, one change, what is asked, for how long; kept and in the ledger before it is sent."""

import datetime as dt
from collections.abc import Mapping

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.times import instant, parse_instant
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.links import IssuedLink, LinkClaims, Purpose, scope_of_link
from gate.usecases.store_ports import Writing

_MAX_LISTED = 200


def issue_link(
    gate: Gate,
    writing: Writing,
    *,
    key: ChangeKey,
    account: AccountKey,
    subjects: Mapping[str, str],
    purpose: Purpose = "signoff",
    at: Instant,
    facts_digest: str = "",
) -> str:
    """Return the address of a new link, kept in the caller's transaction with its ledger entry.

    `subjects` maps the id of each subject to the digest of its scope now (`Ask.scope`), or for a call each ladder to
    what it is about; `account` is whom the link is for: `github:<id>`, or `person:<name>` for somebody without an
    account at the forge. Nothing is used up by issuing another one. Raises UsageError where there is no key to sign
    with.
    """
    begins = parse_instant(at)
    ends = begins + dt.timedelta(seconds=gate.settings.link_seconds)
    jti = gate.links.new_id()
    claims = LinkClaims(
        jti, account, key, scope_of_link(subjects), purpose, int(begins.timestamp()), int(ends.timestamp())
    )
    token = gate.links.sign(claims, at=begins)
    link = IssuedLink(jti, key, account, purpose, at, instant(ends), dict(subjects), facts_digest)
    writing.save_link(link)
    writing.append(_issued(link, claims))
    return gate.address(f"/signoff/{token}")


def _issued(link: IssuedLink, claims: LinkClaims) -> EntryDraft:
    payload = {
        "link": link.jti,
        "account": link.account,
        "purpose": link.purpose,
        "expires_at": link.expires_at,
        "scope": claims.scope,
        "subjects": sorted(link.subjects)[:_MAX_LISTED],
    }
    return EntryDraft("link-issued", link.issued_at, ledger_subject(link.key), facts=link.facts_digest, payload=payload)
