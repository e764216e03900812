"""Simulation ports: what is kept of a simulation beside the facts that it belongs to, and looked up again."""

from typing import Protocol


class ReadingSimulations(Protocol):
    """What can be looked up of simulations."""

    def simulation(self, facts_digest: str) -> bytes | None:
        """Return what was kept beside certain facts, None where nothing was."""
        ...


class WritingSimulations(Protocol):
    """What is written of simulations."""

    def save_simulation(self, facts_digest: str, content: bytes) -> None:
        """Keep a simulation beside recorded facts, nothing personal in it; the first one stays."""
        ...
