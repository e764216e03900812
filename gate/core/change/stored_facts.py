"""Stored facts: the strict model that facts are read back with; loaded only where facts are read."""

from pydantic import BaseModel, ConfigDict

from gate.core.change.facts import Facts


class StoredFacts(BaseModel):
    """Makes reading strict throughout: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    facts: Facts
