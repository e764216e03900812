"""Builders of facts with safe defaults: dave changes one file of payments-api, which payments (alice, bob) own.

    facts = some_facts(files=(a_file("web/page.html"),), signoffs=(a_signoff("alice"),))
    policy = a_policy(rules=[{"name": "DBA", "when": {"touches": ["data-migration"]}, "require": {...}}])
    ownership = an_ownership(a_component("ledger", "platform", "/ledger/"), a_component("web", "web", "/web/"))

A test names only what it is about. Nothing here decides anything: no sign-off is given unless a test gives one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gate.core.canonical import canonical_bytes
from gate.core.change.declaration import Declaration, RollbackPlan
from gate.core.change.facts import Account, Change, ChangedFile, Commit, Facts, Push, Repository, SignOff
from gate.core.change.plan_digest import plan_digest
from gate.core.ownership.records import PersonRecord, TeamRecord
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.policy.model import Policy, PolicyDocument

AT = "2026-12-01T12:00:00Z"
BASE = "b" * 40
HEAD = "a" * 40
POLICY_FILE = ".gate/policy.yaml"
RECORDS_FILE = ".gate/ownership.yaml"
PEOPLE = {
    "alice": PersonRecord(name="Alice Adams", github="alice", github_id=1001, email="alice@example.com"),
    "bob": PersonRecord(name="Bob Brown", github="bob", github_id=1002, email="bob@example.com"),
    "carol": PersonRecord(name="Carol Clark", github="carol", github_id=1003, email="carol@example.com"),
    "dave": PersonRecord(name="Dave Dunn", github="dave", github_id=1004, email="dave@example.com"),
    "erin": PersonRecord(name="Erin Evans", github="erin", github_id=1005, email="erin@example.com"),
}
TEAMS = {
    "payments": TeamRecord(members=("alice", "bob")),
    "platform": TeamRecord(members=("carol",)),
    "web": TeamRecord(members=("erin",)),
}


def account_key(person: str) -> str:
    """The key of a person's account: by numeric id where the records know one."""
    known = PEOPLE.get(person)
    return f"github:{known.github_id}" if known else f"mail:{person}@example.com"


def an_account(person: str, **fields: Any) -> Account:
    known = PEOPLE.get(person)
    if known is None:
        given: dict[str, Any] = {
            "person": account_key(person),
            "name": person.title(),
            "email": f"{person}@example.com",
        }
    else:
        given = {"person": person, "login": known.github, "name": known.name, "email": known.email}
    return Account(**{**given, **fields})


def accounts_of(*people: str) -> dict[str, Account]:
    return {account_key(person): an_account(person) for person in people}


def blob_of(text: str) -> str:
    """A blob id that differs when the text differs."""
    return hashlib.sha1(text.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


def a_file(path: str, status: str = "modified", **fields: Any) -> ChangedFile:
    """One changed file; the blobs follow from path and status unless given."""
    is_in_head, is_in_base = status != "deleted", status != "added"
    given: dict[str, Any] = {
        "mode": "100644" if is_in_head else "",
        "base_mode": "100644" if is_in_base else "",
        "blob": blob_of(f"head:{path}") if is_in_head else "",
        "base_blob": blob_of(f"base:{path}") if is_in_base else "",
        "additions": 3 if is_in_head else 0,
        "deletions": 1 if is_in_base else 0,
    }
    return ChangedFile(path=path, status=status, **{**given, **fields})  # type: ignore[arg-type]


def a_commit(sha: str = HEAD, by: str = "dave", **fields: Any) -> Commit:
    given = {"author": account_key(by), "committer": account_key(by), "is_verified": True}
    return Commit(sha=sha, **{**given, **fields})


def a_change(author: str = "dave", **fields: Any) -> Change:
    given: dict[str, Any] = {
        "repository": Repository(id=77, name="acme/shop", default_branch="main"),
        "number": 42,
        "title": "Round amounts half to even",
        "author": account_key(author),
        "base_ref": "main",
        "base_sha": BASE,
        "head_sha": HEAD,
        "merge_bases": (BASE,),
        "url": "https://github.example.com/acme/shop/pull/42",
    }
    return Change(**{**given, **fields})


def a_plan(**fields: Any) -> RollbackPlan:
    """A rollback plan in which everything is said."""
    given: dict[str, Any] = {
        "method": "revert",
        "steps": ("revert the merge commit", "deploy main"),
        "verification": "the error rate is back below 0.1 %",
        "restore_minutes": 15,
        "data_impact": "none",
        "source": "body",
        "line": 3,
        "lines": {"method": 5, "steps": 7},
    }
    return RollbackPlan(**{**given, **fields})


def a_declaration(**fields: Any) -> Declaration:
    return Declaration(**{"rollback": a_plan(), "sources": ("body",), **fields})


def a_signoff(person: str = "alice", decision: str = "approve", **fields: Any) -> SignOff:
    """An approving review of the head, an hour before AT, that saw the plan of `a_plan()`.

    Give `plan_digest` where the change has another plan and the sign-off is to count.
    """
    given: dict[str, Any] = {
        "id": f"review:{person}:{decision}",
        "account": account_key(person),
        "source": "review",
        "decision": decision,
        "at": "2026-12-01T11:00:00Z",
        "commit": HEAD,
        "base_ref": "main",
        "plan_digest": plan_digest(a_plan()),
    }
    return SignOff(**{**given, **fields})


def a_policy(*, lines: Mapping[str, int] | None = None, file: str = POLICY_FILE, **keys: Any) -> PolicyDocument:
    """A policy from the keys as they stand in YAML; `from_`, `except_` and `not_` stand for the words without `_`.

    Rules, freezes and standard changes get lines 10, 20, 30 ... unless `lines` says otherwise.
    """
    policy = Policy.model_validate_json(canonical_bytes({"version": 1, **_as_written(keys)}))
    known = {}
    for kind in ("rules", "freezes", "standard_changes"):
        known.update({f"{kind}/{index}": 10 * (index + 1) for index in range(len(getattr(policy, kind)))})
    return PolicyDocument(policy=policy, file=file, lines={**known, **(lines or {})})


def _as_written(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key.rstrip("_"): _as_written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_written(item) for item in value]
    return value


@dataclass(frozen=True)
class Owned:
    """A component and the patterns of its files, as `an_ownership` takes them."""

    component: Component
    patterns: tuple[str, ...] = ()


def a_component(
    name: str = "payments-api", owner: str | tuple[str, ...] = "payments", *patterns: str, **fields: Any
) -> Owned:
    """A component with its patterns (`!pattern` excludes); without patterns it is a thing without files."""
    owners = (owner,) if isinstance(owner, str) else owner
    given: dict[str, Any] = {"section": "default", "source": f"{RECORDS_FILE}:10", "has_files": bool(patterns)}
    return Owned(Component(name=name, owners=owners, **{**given, **fields}), patterns)


def an_ownership(*owned: Owned, **fields: Any) -> Ownership:
    """Ownership of the given components, one section for each section they name; by default payments-api and web."""
    owned = owned or (
        a_component("payments-api", "payments", "/services/payments/", backup="platform", tier=1),
        a_component("web", "web", "/web/", tier=3),
    )
    components = []
    rules: dict[str, list[Rule]] = {}
    for index, (component, patterns) in enumerate((one.component, one.patterns) for one in owned):
        components.append(component)
        listed = rules.setdefault(component.section, [])
        for number, pattern in enumerate(patterns, start=1):
            source = f"{RECORDS_FILE}:{100 * (index + 1) + number}"
            listed.append(Rule(pattern.removeprefix("!"), source, index, is_exclusion=pattern.startswith("!")))
    given: dict[str, Any] = {
        "components": tuple(components),
        "sections": tuple(Section(name, tuple(listed), RECORDS_FILE) for name, listed in rules.items()),
        "people": PEOPLE,
        "teams": TEAMS,
        "sources": ("records",),
    }
    return Ownership(**{**given, **fields})


def some_facts(**overrides: Any) -> Facts:
    """Facts in which everything is in order and nobody has signed off: dave changes one file of payments-api."""
    given: dict[str, Any] = {
        "engine": "0.1.0",
        "change": a_change(),
        "files": (a_file("services/payments/round.py"),),
        "commits": (a_commit(),),
        "accounts": accounts_of(*PEOPLE),
        "ownership": an_ownership(),
        "policy": a_policy(),
        "declaration": a_declaration(),
        "pushers": (Push(account_key("dave"), HEAD),),
        "is_first_contribution": False,
    }
    return Facts(**{**given, **overrides})
