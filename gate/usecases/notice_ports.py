"""Notice ports: what is kept of messages and ladders, as protocols that the store fulfils."""

from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import PersonKey
from gate.core.forge.snapshot import ChangeKey
from gate.core.notify.plan import Told
from gate.core.notify.wording import NoticeKind
from gate.usecases.notices import Cause, KnownContacts, StoredEscalation, StoredNotice


class ReadingNotices(Protocol):
    """What can be looked up of messages and ladders."""

    def notice(self, notice_id: str) -> StoredNotice | None: ...  # noqa: D102  # name and types say it
    def notices(self, key: ChangeKey) -> Sequence[StoredNotice]:
        """Return the messages about a change, in the order in which they were planned."""
        ...

    def told(self, key: ChangeKey, kind: NoticeKind, round_: int = 0) -> frozenset[Told]:
        """Return who was, or is about to be, told of which subject in which scope."""
        ...

    def escalation(self, escalation_id: str) -> StoredEscalation | None: ...  # noqa: D102  # name and types say it
    def escalations(self, key: ChangeKey | None = None, *, cause: Cause | None = None) -> Sequence[StoredEscalation]:
        """Return ladders in the order in which they began, of one change or of one cause."""
        ...

    def known_contacts(self, key: ChangeKey, person: PersonKey) -> KnownContacts | None:
        """Return by which addresses a person of a change's repository was told last."""
        ...


class WritingNotices(Protocol):
    """What is kept of messages and ladders."""

    def plan_notice(self, notice: StoredNotice) -> StoredNotice | None:
        """Keep a new message with those of its subjects that its recipient was not told of; None where none is left.

        What a recipient is told of is an insert that may fail: of two plans at once, one tells them.
        """
        ...

    def save_notice(self, notice: StoredNotice) -> None:
        """Keep what became of a known message."""
        ...

    def begin_escalation(self, escalation: StoredEscalation) -> bool:
        """Keep a new ladder, and return False where there is one of the same id."""
        ...

    def save_escalation(self, escalation: StoredEscalation) -> None:
        """Keep where a known ladder stands."""
        ...

    def save_known_contacts(self, contacts: KnownContacts) -> None: ...  # noqa: D102  # name and types say it
