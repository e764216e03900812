"""Stand-in ports: the store of who is told in whose place, and when."""

from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import AccountKey
from gate.usecases.people import StandIn


class ReadingStandIns(Protocol):
    """What can be looked up of stand-ins."""

    def stand_ins_on(self, day: str) -> Sequence[StandIn]: ...  # noqa: D102  # those of one day, by account
    def stand_ins_about(self, account: AccountKey, *, day: str) -> Sequence[StandIn]:
        """Return those that are not over on a day and of which one of both is this account, soonest first."""
        ...


class WritingStandIns(Protocol):
    """What is kept of stand-ins."""

    def save_stand_in(self, stand_in: StandIn) -> bool:
        """Keep a stand-in, and return False where the same person begins on the same day."""
        ...

    def end_stand_in(self, account: AccountKey, to: AccountKey, begins_on: str) -> bool:
        """Forget a stand-in, and return False where none is kept."""
        ...
