"""Stand-ins: who is told in whose place, from one day to another."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, or_, select

from gate.adapters.db.rows import storable
from gate.adapters.db.tables_people import stand_ins
from gate.adapters.db.upserts import is_inserted
from gate.core.change.facts import AccountKey
from gate.usecases.people import StandIn


class ReadingStandIns(ABC):
    """Looks stand-ins up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def stand_ins_on(self, day: str) -> Sequence[StandIn]:
        """Return all that hold on a day, by account."""
        s = stand_ins.c
        wanted = select(stand_ins).where(s.ends_on >= day, s.begins_on <= day).order_by(s.account, s.begins_on)
        return self._stand_ins(wanted)

    def stand_ins_about(self, account: AccountKey, *, day: str) -> Sequence[StandIn]:
        """Return those that are not over on a day and of which one of both is this account, soonest first."""
        s, who = stand_ins.c, storable(account)
        is_about = or_(s.account == who, s.to_account == who)
        return self._stand_ins(select(stand_ins).where(s.ends_on >= day, is_about).order_by(s.begins_on, s.account))

    def _stand_ins(self, wanted: Select[Any]) -> Sequence[StandIn]:
        rows = self._look().execute(wanted)
        return [StandIn(one.account, one.to_account, one.begins_on, one.ends_on, one.at, one.reason) for one in rows]


class WritingStandIns(ReadingStandIns):
    """Keeps stand-ins."""

    def save_stand_in(self, stand_in: StandIn) -> bool:
        """Keep a stand-in, and return False where the same person begins on the same day."""
        row = {
            "account": storable(stand_in.account),
            "to_account": storable(stand_in.to),
            "begins_on": stand_in.begins_on,
            "ends_on": stand_in.ends_on,
            "at": stand_in.at,
            "reason": storable(stand_in.reason),
        }
        return is_inserted(self._look(), stand_ins, row)

    def end_stand_in(self, account: AccountKey, to: AccountKey, begins_on: str) -> bool:
        """Forget a stand-in, and return False where none is kept."""
        s = stand_ins.c
        is_this = and_(s.account == storable(account), s.to_account == storable(to), s.begins_on == storable(begins_on))
        return self._look().execute(delete(stand_ins).where(is_this)).rowcount == 1
