"""Duties: whether anybody whose sign-off counted had a hand in the change, recomputed from the recorded facts."""

from collections.abc import Iterator, Mapping
from typing import Any


def self_approvals(facts: Mapping[str, Any], verdict: Mapping[str, Any]) -> list[str]:
    """Return the people whose sign-off counted though the policy excludes them for their hand in the change."""
    if not facts or not verdict:
        return []
    excluded = {_person(facts, account) for account in _hands(facts)} - {""}
    given = {_person(facts, one["account"]): one for one in facts["signoffs"] if one["decision"] == "approve"}
    counted = {(one["source"], one["at"]) for need in verdict["requirements"] for one in need["signoffs"]["counted"]}
    return sorted(
        person for person, one in given.items() if person in excluded and (one["source"], one["at"]) in counted
    )


def _hands(facts: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield the accounts that the policy keeps from signing off: by default author, committers, co-authors, pushers."""
    exclude = facts["policy"]["policy"]["signoffs"]["exclude"]
    if "author" in exclude:
        yield facts["change"]["author"]
    for commit in facts["commits"]:
        if commit["is_mechanical_merge"]:
            continue
        if "author" in exclude:
            yield commit["author"]
        if "committer" in exclude:
            yield commit["committer"]
        if "co-author" in exclude:
            yield from commit["co_authors"]
    if "pusher" in exclude:
        yield from (push["account"] for push in facts["pushers"] or ())


def _person(facts: Mapping[str, Any], account: str | None) -> str:
    found = facts["accounts"].get(account or "")
    if found is None:
        return account or ""
    return "" if found["kind"] == "platform" else str(found["person"])
