"""Simulations: kept once beside the facts that they belong to."""

from abc import ABC, abstractmethod

from sqlalchemy import Connection, select

from gate.adapters.db.rows import storable
from gate.adapters.db.tables_simulations import simulations
from gate.adapters.db.upserts import insert_new


class ReadingSimulations(ABC):
    """Looks simulations up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def simulation(self, facts_digest: str) -> bytes | None:
        """Return what was kept beside certain facts, None where nothing was."""
        wanted = select(simulations.c.content).where(simulations.c.facts_digest == storable(facts_digest))
        found = self._look().execute(wanted).scalar_one_or_none()
        return None if found is None else bytes(found)


class WritingSimulations(ReadingSimulations):
    """Keeps simulations."""

    def save_simulation(self, facts_digest: str, content: bytes) -> None:
        """Keep a simulation beside recorded facts; the first one stays."""
        insert_new(self._look(), simulations, [{"facts_digest": storable(facts_digest), "content": content}])
