"""Rows: one line for each merged change, from what was recorded when it was decided."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gate.core.change.personal import PersonalValue, reveal
from gate.core.change.sealing import SealedFacts
from gate.core.values import dataclass

COLUMNS = (
    "id", "repository", "number", "url", "title", "type", "model", "requester", "authors", "committers", "pushers",
    "merger", "components", "owners", "risk", "signoffs", "decided_at", "merged_at", "merge_sha", "method", "head_sha",
    "verdict", "rollback", "tickets", "exceptions", "facts", "verdict_entry", "merge_entry",
)  # fmt: skip
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge as its ledger entry says it."""

    id: str
    repository: str
    number: int
    merge_sha: str
    head_sha: str
    base_ref: str
    merged_at: str
    merger: str
    verdict: str
    is_head_judged: bool
    entry: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was recorded of a merged change: the exact bytes, and what they say. None where nothing was judged."""

    sealed: SealedFacts | None
    verdict_bytes: bytes
    verdict_entry: int
    decided_at: str
    state: str
    method: str

    def facts(self) -> dict[str, Any]:
        """Return the facts as plain JSON values with what is personal put back, erased values as tombstones."""
        return facts_tree(self.sealed.content, self.sealed.personal) if self.sealed else {}

    def verdict(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        found: dict[str, Any] = json.loads(self.verdict_bytes) if self.verdict_bytes else {}
        return found


def facts_tree(content: bytes, personal: Mapping[str, PersonalValue]) -> dict[str, Any]:
    """Return sealed facts as plain JSON values with what is personal put back."""
    tree: dict[str, Any] = json.loads(content)
    reveal(tree, dict(personal))
    return tree


def change_row(merge: Merge, evidence: Evidence) -> dict[str, Any]:
    """Return the row of a merged change; texts are as recorded, lists are joined in the table only."""
    facts, verdict = evidence.facts(), evidence.verdict()
    change = facts.get("change", {})
    declaration = facts.get("declaration", {})
    components = verdict.get("components", [])
    return {
        "id": merge.id,
        "repository": merge.repository,
        "number": merge.number,
        "url": change.get("url", ""),
        "title": change.get("title", ""),
        "type": declaration.get("change_type", ""),
        "model": ", ".join(one["name"] for one in verdict.get("relaxations", [])),
        "requester": _person(facts, change.get("author")),
        "authors": _people(facts, (commit["author"] for commit in facts.get("commits", []))),
        "committers": _people(facts, (commit["committer"] for commit in facts.get("commits", []))),
        "pushers": _people(facts, (push["account"] for push in facts.get("pushers") or [])),
        "merger": _person(facts, merge.merger) or merge.merger,
        "components": [one["name"] for one in components],
        "owners": sorted({one["owner"] for one in components}),
        "risk": verdict.get("risk", {}).get("level", ""),
        "signoffs": signoffs_in(verdict),
        "decided_at": evidence.decided_at,
        "merged_at": merge.merged_at,
        "merge_sha": merge.merge_sha,
        "method": evidence.method,
        "head_sha": merge.head_sha,
        "verdict": merge.verdict if merge.is_head_judged else "not-judged",
        "rollback": verdict.get("rollback", {}).get("method") or "",
        "tickets": [one["key"] for one in facts.get("tickets", [])],
        "exceptions": exceptions_of(merge, verdict),
        "facts": evidence.sealed.digest if evidence.sealed else "",
        "verdict_entry": evidence.verdict_entry,
        "merge_entry": merge.entry,
    }


def cells_of(row: Mapping[str, Any]) -> list[str | int]:
    """Return a row as the cells of the table."""
    return ["; ".join(map(str, row[name])) if isinstance(row[name], list) else row[name] for name in COLUMNS]


def signoffs_in(verdict: Mapping[str, Any]) -> list[str]:
    """Return who signed off, by what and when, each once."""
    found = {
        (one["at"], one["person"], one["source"])
        for requirement in verdict.get("requirements", [])
        for one in requirement["signoffs"]["counted"]
    }
    return [f"{person} ({source}, {at})" for at, person, source in sorted(found)]


def exceptions_of(merge: Merge, verdict: Mapping[str, Any]) -> list[str]:
    """Return in which ways a merge was out of the ordinary, by code."""
    found = []
    if not merge.is_head_judged or not verdict:
        found.append("not-judged")
    elif merge.verdict != "approved":
        found.append("unapproved-merge")
    if verdict.get("enforcement") == "evaluate":
        found.append("not-enforced")
    return found + sorted({one["kind"] for one in verdict.get("relaxations", []) if one["kind"] == "emergency"})


def _people(facts: Mapping[str, Any], accounts: Iterable[str | None]) -> list[str]:
    return sorted({name for account in accounts if (name := _person(facts, account))})


def _person(facts: Mapping[str, Any], account: str | None) -> str:
    found = facts.get("accounts", {}).get(account or "")
    if found is None:
        return NOBODY
    return str(found.get("name") or found.get("login") or found["person"])
