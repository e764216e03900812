"""Workloads: tokens of jobs, each used once, and the rehearsals that jobs reported for a head."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from gate.adapters.db.rows import is_change, key_values, storable
from gate.adapters.db.tables_workloads import rehearsals, used_tokens
from gate.adapters.db.upserts import is_inserted, put
from gate.core.change.facts import Instant, Rehearsal
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.workload_ports import ReportedRehearsal


class ReadingWorkloads(ABC):
    """Looks evidence up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def rehearsals(self, key: ChangeKey, head_sha: str) -> Sequence[Rehearsal]:
        """Return what was reported for one head of a change, by step."""
        wanted = select(rehearsals).where(is_change(rehearsals, key), rehearsals.c.head_sha == storable(head_sha))
        return tuple(
            Rehearsal(
                step=row["step"],
                is_passed=row["is_passed"],
                head_sha=row["head_sha"],
                source="reported",
                why=row["why"],
                component=row["component"],
            )
            for row in self._look().execute(wanted.order_by(rehearsals.c.step)).mappings()
        )


class WritingWorkloads(ReadingWorkloads):
    """Keeps evidence, and which tokens were used."""

    def use_workload_token(self, jti: str, *, ends_at: Instant, now: Instant) -> bool:
        """Use a token up until it ends, and return False where it was used before; ended ones are forgotten."""
        self._look().execute(delete(used_tokens).where(used_tokens.c.ends_at < now))
        row = {"jti_hash": hashlib.sha256(jti.encode()).hexdigest(), "ends_at": ends_at}
        return is_inserted(self._look(), used_tokens, row)

    def save_rehearsal(self, reported: ReportedRehearsal) -> None:
        """Keep a step; a later report of the same step and head takes its place."""
        one = reported.rehearsal
        texts = {"head_sha": one.head_sha, "step": one.step, "component": one.component, "why": one.why}
        texts |= {"workflow": reported.workflow, "at": reported.at}
        row = {name: storable(text) for name, text in texts.items()}
        put(
            self._look(), rehearsals,
            {**key_values(reported.key), **row, "is_passed": one.is_passed, "run": reported.run},
        )  # fmt: skip
