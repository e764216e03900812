"""Judged: requirements as the decision needs them: their states at once, what they say when somebody reads it."""

from collections.abc import Sequence
from typing import Literal, Protocol

from gate.core.change.facts import Instant
from gate.core.signoff.eligibility import Tally
from gate.core.values import dataclass
from gate.core.verdict import RequirementState, RequirementView

Group = Literal["ownership", "rules", "tickets", "rollback", "freeze", "escalation", "firm"]
"""What a relaxation can name. `firm` is never waived."""


class Judged(Protocol):
    """Requirements that were judged together."""

    @property
    def group(self) -> Group:
        """Return what may waive them."""
        ...

    @property
    def states(self) -> Sequence[RequirementState]:
        """Return the state of each: all that the decision needs to know of them."""
        ...

    @property
    def expires_at(self) -> Sequence[Instant]:
        """Return the instants at which a sign-off that counts for one of them runs out."""
        ...

    def views(self) -> Sequence[RequirementView]:
        """Return what is shown of each, in the order of `states`."""
        ...

    def tallies(self) -> Sequence[Tally]:
        """Return who counts and who could still act, for each that asks for sign-offs."""
        ...


@dataclass(frozen=True, slots=True)
class One:
    """A single requirement, with the tally behind it where it asks for sign-offs."""

    view: RequirementView
    group: Group
    tally: Tally | None = None

    @property
    def states(self) -> Sequence[RequirementState]:
        """Return its state, as the only one."""
        return (self.view.state,)

    @property
    def expires_at(self) -> Sequence[Instant]:
        """Return when sign-offs that count for it run out."""
        return self.tally.expires_at if self.tally else ()

    def views(self) -> Sequence[RequirementView]:
        """Return what is shown of it."""
        return (self.view,)

    def tallies(self) -> Sequence[Tally]:
        """Return its tally."""
        return (self.tally,) if self.tally else ()


def is_open(judged: Judged) -> bool:
    """Return whether any of some requirements is not met."""
    return any(state != "met" for state in judged.states)
