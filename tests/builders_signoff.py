"""Builders of sign-offs by link: links as they are issued to people, and decisions by them.

token = a_link(service, pull, service.forge.alice)
decide_by(service, token, "approve")
"""

from typing import Any

from builders_service import Service
from doubles.github.accounts import Account
from doubles.github.pulls import Pull

from gate.core.asks import Asks
from gate.usecases.issue_link import issue_link
from gate.usecases.kept_facts import facts_of
from gate.usecases.record_signoff import Recorded, record_signoff
from gate.usecases.signoff_decisions import Decision

EMERGENCY = """\
version: 1
default_owner: platform
roles: {on-duty: [carol, erin]}
emergency: {label: hotfix, signoffs: {"role:on-duty": 1}, set_by: ["role:on-duty"], review_within: 2d}
"""
"""A policy under which carol or erin may call a change an emergency, and approve it then."""


def an_emergency(service: Service, *, called_by: Account, approved_by: Account) -> Pull:
    """A pull that went green as an emergency, so that its review afterwards is owed."""
    pull = service.judged_pull()
    pull.label("hotfix", by=called_by)
    service.settle()
    pull.review(approved_by, "APPROVED")
    service.settle()
    assert service.check(pull) == "success", service.verdict(pull).summary
    service.settle()
    return pull


def asks_of(service: Service, pull: Pull) -> Asks:
    """Who is asked about a change as it was judged last."""
    with service.store.reading() as reading:
        change = reading.change(service.key(pull))
    assert change is not None
    facts = facts_of(service.gate, change.facts_digest)
    assert facts is not None
    return Asks(facts, at=service.gate.instant())


def a_link(service: Service, pull: Pull, account: Account, **fields: Any) -> str:
    """The token of a link to somebody for all that waits for them now."""
    asks = asks_of(service, pull)
    given: dict[str, Any] = {
        "key": service.key(pull),
        "account": f"github:{account.id}",
        "subjects": asks.subjects_of(asks.person_of(f"github:{account.id}")),
        "at": service.gate.instant(),
        "facts_digest": asks.facts.digest,
    }
    with service.store.writing() as writing:
        address = issue_link(service.gate, writing, **{**given, **fields})
    return address.rpartition("/")[2]


def decide_by(service: Service, token: str, decision: Any, reason: str = "", **fields: Any) -> Recorded:
    """Decide by a link, as the page behind it does."""
    gate = service.gate
    claims = gate.links.verify(token, purpose="signoff", at=gate.now())
    with service.store.reading() as reading:
        link = reading.link(claims.jti)
    assert link is not None
    given: dict[str, Any] = {
        "id": f"link:{link.jti}",
        "key": link.key,
        "account": link.account,
        "source": "link",
        "decision": decision,
        "subjects": link.subjects,
        "reason": reason,
        "authenticated": "by possession of the link",
        "link": link.jti,
        "shown": link.facts_digest,
    }
    return record_signoff(gate, Decision(**{**given, **fields}))


def entries(service: Service, pull: Pull, *kinds: str) -> list[dict[str, Any]]:
    """The ledger's entries of a change, of some kinds where they are named."""
    import json

    with service.store.reading() as reading:
        found = [json.loads(one.content) for one in reading.timeline(service.key(pull), limit=1000)]
    return [one for one in found if not kinds or one["kind"] in kinds]
