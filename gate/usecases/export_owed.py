"""Exporting what is owed and by whose records: changes that wait, reviews with their terms, and ownership in force."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gate.core.audit.tables import csv_line, json_line
from gate.core.forge.snapshot import ChangeKey
from gate.core.policy.governance import review_term
from gate.usecases.export_ledger import Scope
from gate.usecases.store_ports import Reading
from gate.usecases.stored import ChangeFilter

UNDECIDED = ("repository", "number", "verdict", "waiting_since", "escalated_at", "is_past_limit", "judged_at")
OWNERSHIP = ("repository", "section", "component", "owners", "reviewed", "due_at", "is_overdue")
_MOST_LOOKED_AT = 10_000
REVIEWS = ("repository", "number", "head", "opened_at", "due_at", "done_at", "done_by", "is_overdue")


def undecided(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield the open changes that are not approved, those first that were judged longest ago.

    A change is past its limit once the first level of an escalation policy was called because an owner had not
    reacted in time; where no policy sets a limit, nothing is said.
    """
    yield csv_line(UNDECIDED)
    names = {one.key: one.name for one in scope.repositories}
    after = ""
    while True:
        page = reading.changes(ChangeFilter(repositories=tuple(names), states=("open",), after=after, limit=200))
        for one in page.changes:
            if one.verdict_state != "approved":
                limit = _limit(reading, one.key, scope.checkpoint.at)
                place = names[one.key.repository_key], one.key.number
                yield csv_line((*place, one.verdict_state, one.waiting_since, *limit, one.judged_at))
        after = page.next
        if not after:
            return


def _limit(reading: Reading, key: ChangeKey, known_until: str) -> tuple[str, bool | None]:
    """Return when the first level was called for a change, and whether its limit has passed; None without a limit."""
    ladders = [one for one in reading.escalations(key) if one.cause == "signoff"]
    called = [
        entry.at
        for entry in reading.timeline(key, limit=_MOST_LOOKED_AT)
        if entry.kind == "escalated" and entry.at <= known_until and _is_level(entry.payload())
    ]
    return min(called, default=""), bool(called) if ladders else None


def _is_level(payload: Mapping[str, Any]) -> bool:
    return payload.get("cause") == "signoff" and payload.get("level", 0) > 0


def after_reviews(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield every review that a break-glass owed: those that nobody has done first, each late one marked.

    What is open is late where its term ended before the newest entry of the ledger.
    """
    yield csv_line(REVIEWS)
    names = {one.key: one.name for one in scope.repositories}
    for is_open in (True, False):
        for one in reading.after_reviews(is_open=is_open):
            if one.key.repository_key in names:
                is_late = (one.done_at or scope.checkpoint.at) > one.due_at
                name = names[one.key.repository_key]
                ends = (one.opened_at, one.due_at, one.done_at, one.done_by)
                yield csv_line((name, one.key.number, one.head_sha, *ends, is_late))


def ownership_reviews(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield the components whose ownership is reviewed from time to time: when last, when due, each late one marked.

    One is late where its term ended before the newest entry of the ledger.
    """
    yield csv_line(OWNERSHIP)
    for row in _records(reading, scope):
        for component in row["ownership"]["components"]:
            due = review_term(component.get("reviewed"), component.get("review_every_days"))
            if due is not None:
                owners = ", ".join(sorted(component["owners"]))
                ends = (component["reviewed"], due, scope.checkpoint.at >= due)
                yield csv_line((row["repository"], component["section"], component["name"], owners, *ends))


def records_in_force(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield the ownership records of each repository as the newest judgement found them, with the facts that hold them.

    What is personal stands there by its commitment, as in the facts.
    """
    yield from map(json_line, _records(reading, scope))


def _records(reading: Reading, scope: Scope) -> Iterator[dict[str, Any]]:
    for repository in scope.repositories:
        page = reading.changes(ChangeFilter(repositories=(repository.key,), limit=1))
        for change in page.changes:
            sealed = reading.facts(change.facts_digest)
            if sealed is not None:
                ownership = json.loads(sealed.content)["ownership"]
                row = {"repository": repository.name, "facts": change.facts_digest, "judged_at": change.judged_at}
                yield {**row, "ownership": ownership}
