"""Exporting branches: every commit with its account, whether all is explained, and when the gate was demanded."""

import json
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from gate.core.audit.archive import Archive, Member
from gate.core.audit.control_periods import Look, control_periods
from gate.core.audit.tables import csv_line, json_line
from gate.core.canonical import canonical_bytes
from gate.core.forge.snapshot import ForgeRepository
from gate.core.ledger.entries import LedgerEntry
from gate.core.values import dataclass
from gate.usecases.audit_stored import BranchCommit, BranchState
from gate.usecases.export_ledger import Found, Scope
from gate.usecases.gate import repository_subject
from gate.usecases.record_reconciliation import account_line
from gate.usecases.store_ports import Reading

COLUMNS = ("repository", "branch", "sha", "parent", "at", "how", "status", "code", "change", "found", "explained")


@dataclass(slots=True)
class Branches:
    """One row for each reconciled branch, and why the commits are not all there."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


def export_branches(archive: Archive, reading: Reading, scope: Scope, found: Found) -> tuple[list[Member], Branches]:
    """Write the commits of every protected branch, the reconciliation and the control periods."""
    branches = _summed(reading, scope)
    members = [
        archive.stream("population/commits.jsonl", _evidence(reading, scope)),
        archive.stream("population/commits.csv", _table(reading, scope)),
        archive.add("population/reconciliation.json", canonical_bytes(_told(branches)) + b"\n"),
        archive.stream("population/control-periods.csv", _periods(scope, found)),
    ]
    return members, branches


def _summed(reading: Reading, scope: Scope) -> Branches:
    branches = Branches()
    for repository in scope.repositories:
        states = reading.branches(repository.key)
        if not states:
            branches.incomplete.append(
                f"The commits of {repository.name} were never reconciled: run `gate audit reconcile`."
            )
        last = max(
            (entry.index for entry in reading.merges(repository.key) if entry.at < scope.query.until), default=-1
        )
        if states and last > max(state.entry for state in states):
            branches.incomplete.append(f"Changes of {repository.name} were merged after its last reconciliation.")
        branches.rows += [_row(reading, repository, state) for state in states]
    return branches


def _row(reading: Reading, repository: ForgeRepository, state: BranchState) -> dict[str, Any]:
    commits = [one for one in reading.branch_commits(repository.key, state.branch) if one.status != "before-gate"]
    return {
        "repository": repository.name,
        "subject": repository_subject(repository.key),
        "branch": state.branch,
        "tip": state.tip,
        "baseline": state.baseline,
        "entry": state.entry,
        "at": state.at,
        "commits": len(commits),
        "accounted": sum(one.status == "accounted" for one in commits),
        "bypasses": sum(one.status == "bypass" for one in commits),
        "unexplained": sum(one.is_open for one in commits),
    }


def _told(branches: Branches) -> dict[str, Any]:
    names = ("commits", "accounted", "bypasses", "unexplained")
    return {
        "schema": "gate.reconciled/1",
        "branches": branches.rows,
        "incomplete": branches.incomplete,
        **{name: sum(row[name] for row in branches.rows) for name in names},
    }


def _each(reading: Reading, scope: Scope) -> Iterator[tuple[ForgeRepository, BranchCommit]]:
    for repository in scope.repositories:
        for state in reading.branches(repository.key):
            for one in reading.branch_commits(repository.key, state.branch):
                if one.status != "before-gate":
                    yield repository, one


def _evidence(reading: Reading, scope: Scope) -> Iterator[bytes]:
    for repository, one in _each(reading, scope):
        line = json.loads(account_line(one))
        yield json_line({**line, **_extra(repository, one)})


def _extra(repository: ForgeRepository, one: BranchCommit) -> dict[str, Any]:
    return {"repository": repository.name, "branch": one.branch, "found": one.found, "explained": one.explained}


def _table(reading: Reading, scope: Scope) -> Iterator[bytes]:
    """Yield the commits of the period; one that is gone, and one without a time, is always in it.

    SECURITY: a date after the period hides nothing by itself: whoever set it could set any (A11). What is left out is
    what both the commit and the ledger's own entry of its merge put after the period; a bypass never is.
    """
    yield csv_line(COLUMNS)
    query = scope.query
    latest: dict[tuple[str, str], str] = {}
    later = {one.name: _merged_later(reading, one, query.until) for one in scope.repositories}
    for repository, one in _each(reading, scope):
        place = repository.name, one.branch
        latest[place] = max(latest.get(place, ""), one.at)
        is_later = one.status == "accounted" and one.at >= query.until and one.change in later[repository.name]
        if one.position < 0 or (latest[place] >= query.since and not is_later):
            row = {**json.loads(account_line(one)), **_extra(repository, one)}
            row |= {name: "" for name in ("found", "explained", "change") if row[name] in {-1, 0}}
            yield csv_line([row[name] for name in COLUMNS])


def _merged_later(reading: Reading, repository: ForgeRepository, until: str) -> frozenset[int]:
    """Return the changes that were first merged after a period, by the ledger's time."""
    first: dict[int, str] = {}
    for entry in reading.merges(repository.key):
        first.setdefault(int(entry.subject.rpartition("/")[2]), entry.at)
    return frozenset(number for number, at in first.items() if at >= until)


def _periods(scope: Scope, found: Found) -> Iterator[bytes]:
    """Yield when each branch demanded the gate, as far as it was seen; what was not seen is marked as a gap."""
    yield csv_line(("subject", "branch", "from", "to", "is_demanded", "covers_admins", "entry", "gap"))
    looks: dict[tuple[str, str], list[Look]] = {}
    for entry in found.protection:
        payload = entry.payload()
        if "branch" in payload:
            looks.setdefault((entry.subject, payload["branch"]), []).append(_look(entry, payload))
    keys = [one.key for one in scope.repositories]
    seen = {subject for subject, _ in looks}
    unseen = {(repository_subject(key), "") for key in keys} - {(one, "") for one in seen}
    for place in sorted({*looks, *unseen}):
        span = {"since": scope.query.since, "until": scope.query.until, "known_until": scope.checkpoint.at}
        for one in control_periods(looks.get(place, []), **span):
            known = None if one.is_gap else one.look
            demands = (known.is_required, known.covers_admins) if known else (None, None)
            yield csv_line((*place, one.since, one.until, *demands, one.look.entry if one.look else None, one.is_gap))


def _look(entry: LedgerEntry, payload: dict[str, Any]) -> Look:
    return Look(
        at=entry.at,
        entry=entry.index,
        is_seen=payload.get("is_seen") is True,
        is_required=payload.get("is_required") is True,
        covers_admins=payload.get("covers_admins"),
        allows_force_push=payload.get("allows_force_push"),
        unseen_since=payload.get("unseen_since", ""),
    )
