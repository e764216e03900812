"""Auditing: merges, reconciled branches and their commits, read in flat memory; commits kept as last accounted for."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    String,
    bindparam,
    cast,
    delete,
    insert,
    literal,
    select,
)

from gate.adapters.db.rows import entry_of
from gate.adapters.db.statements import Statement
from gate.adapters.db.tables import changes, ledger_entries
from gate.adapters.db.tables_audit import branch_commits, branches
from gate.core.forge.snapshot import RepositoryKey
from gate.core.ledger.entries import LedgerEntry
from gate.usecases.audit_ports import LedgerRow
from gate.usecases.audit_stored import BranchCommit, BranchState

_BATCH = 1000
_MOST_LOOKED_AT = 10_000
_E = ledger_entries.c
_FIRST: BindParameter[int] = bindparam("first", type_=BigInteger)
_END: BindParameter[int] = bindparam("end", type_=BigInteger)
_ROWS = Statement(select(_E.idx, _E.content).where(_E.idx >= _FIRST, _E.idx < _END).order_by(_E.idx))


class ReadingAudit(ABC):
    """Looks up what audits need."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def merges(self, repository: RepositoryKey) -> Iterator[LedgerEntry]:
        """Yield the `change-merged` entries of a repository, oldest first."""
        c = changes.c
        subject = literal(f"change:{repository.tenant}/{repository.id}/").concat(cast(c.number, String))
        wanted = (
            select(_E.idx, _E.content)
            .select_from(ledger_entries)
            .join(changes, ledger_entries.c.subject == subject)
            .where(c.tenant == repository.tenant, c.repository == repository.id, c.state == "merged")
            .where(ledger_entries.c.kind == "change-merged")
            .order_by(ledger_entries.c.idx)
        )
        for row in _streamed(self._look(), wanted):
            yield entry_of(row)

    def first_judged_base(self, repository: RepositoryKey, branch: str) -> str | None:
        """Return the tip that a branch had when a change onto it was first judged, None where none was."""
        c = ledger_entries.c
        prefix = f"change:{repository.tenant}/{repository.id}"
        wanted = (
            select(c.content)
            .where(c.kind == "verdict-changed", c.subject > f"{prefix}/", c.subject < f"{prefix}0")
            .order_by(c.idx)
            .limit(_MOST_LOOKED_AT)
        )
        for content in self._look().execute(wanted).scalars():
            payload = json.loads(bytes(content))["payload"]
            if payload.get("base_ref") == branch:
                return str(payload["base"])
        return None

    def ledger_rows(self, start: int, end: int) -> Iterator[Sequence[LedgerRow]]:
        """Yield the entries from `start` to before `end`, in order and as they are stored, a thousand at a time."""
        connection = self._look()
        for first in range(start, end, _BATCH):
            yield _ROWS.rows(connection, {"first": first, "end": min(first + _BATCH, end)})

    def branches(self, repository: RepositoryKey | None = None) -> Sequence[BranchState]:
        """Return the branches that were reconciled, in order."""
        c = branches.c
        wanted = select(branches).order_by(c.tenant, c.repository, c.branch)
        if repository is not None:
            wanted = wanted.where(c.tenant == repository.tenant, c.repository == repository.id)
        return tuple(_state_of(row) for row in self._look().execute(wanted).mappings())

    def branch_commits(self, repository: RepositoryKey, branch: str) -> Iterator[BranchCommit]:
        """Yield the commits of a branch by position; those that are gone come first."""
        c = branch_commits.c
        wanted = (
            select(branch_commits)
            .where(c.tenant == repository.tenant, c.repository == repository.id, c.branch == branch)
            .order_by(c.position, c.sha)
        )
        for row in _streamed(self._look(), wanted):
            yield _commit_of(row)

    def open_bypasses(self) -> Sequence[BranchCommit]:
        """Return every bypass that nobody has explained yet, newest found first."""
        c = branch_commits.c
        wanted = select(branch_commits).where(c.status == "bypass", c.explained < 0).order_by(c.found.desc(), c.sha)
        return tuple(_commit_of(row) for row in self._look().execute(wanted).mappings())


class WritingAudit(ReadingAudit):
    """Keeps what reconciliation finds."""

    def save_branch_commits(self, commits: Iterable[BranchCommit]) -> None:
        """Keep commits as they are accounted for now; one that is known is replaced."""
        c = branch_commits.c
        todo = iter(commits)
        while batch := list(islice(todo, _BATCH)):
            first = batch[0]
            at = (c.tenant == first.repository.tenant, c.repository == first.repository.id, c.branch == first.branch)
            self._look().execute(delete(branch_commits).where(*at, c.sha.in_([one.sha for one in batch])))
            self._look().execute(insert(branch_commits), [_row_of(one) for one in batch])

    def save_branch(self, state: BranchState) -> None:
        """Keep how far a branch was reconciled."""
        c, key = branches.c, state.repository
        at = (c.tenant == key.tenant, c.repository == key.id, c.branch == state.branch)
        self._look().execute(delete(branches).where(*at))
        row = {"tip": state.tip, "baseline": state.baseline, "at": state.at, "entry": state.entry}
        row |= {"tenant": key.tenant, "repository": key.id, "branch": state.branch}
        self._look().execute(insert(branches), [row])


def _streamed(connection: Connection, wanted: Any) -> Iterator[Any]:
    # NOTE: told to the statement: an option of the connection would hold for every later one of the transaction.
    result = connection.execute(wanted.execution_options(yield_per=_BATCH))
    for rows in result.mappings().partitions():
        yield from rows


def _state_of(row: Any) -> BranchState:
    key = RepositoryKey(row["tenant"], row["repository"])
    return BranchState(key, row["branch"], row["tip"], row["baseline"], row["at"], row["entry"])


def _commit_of(row: Any) -> BranchCommit:
    key = RepositoryKey(row["tenant"], row["repository"])
    names = ("branch", "position", "sha", "parent", "at", "how", "status", "code", "change", "found", "explained")
    return BranchCommit(key, **{name: row[name] for name in names})


def _row_of(one: BranchCommit) -> dict[str, Any]:
    names = ("branch", "position", "sha", "parent", "at", "how", "status", "code", "change", "found", "explained")
    return {"tenant": one.repository.tenant, "repository": one.repository.id} | {
        name: getattr(one, name) for name in names
    }
