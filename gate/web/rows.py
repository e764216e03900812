"""Rows: open changes as lines of a list, each with its state, its age, and who is waited for."""

import datetime as dt
from collections.abc import Mapping

from gate.core.explain.escaping import visible
from gate.core.explain.json import parse_verdict
from gate.core.explain.outline import blocking, listed
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.times import parse_instant
from gate.core.values import dataclass
from gate.usecases.store_ports import Reading
from gate.usecases.stored import StoredChange

STATE_WORDS: Mapping[str, str] = {
    "approved": "Approved",
    "waiting": "Waiting",
    "needs-author": "Needs its author",
    "rejected": "Rejected",
    "frozen": "Frozen",
    "error": "Not decided",
    "met": "Met",
}
_WAITS = frozenset({"waiting", "needs-author", "rejected", "frozen"})


@dataclass(frozen=True, slots=True)
class Row:
    """One change in a list. `asked_for` is what waits for the reader, empty where nothing does."""

    change: StoredChange
    repository: str
    title: str
    word: str
    age: str
    asked_for: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows of changes of known repositories, as of a time."""

    reading: Reading
    repositories: Mapping[RepositoryKey, ForgeRepository]
    now: dt.datetime

    def row(self, change: StoredChange, *, asked_for: str = "") -> Row:
        """Return the line of a change."""
        return Row(
            change,
            self.repositories[change.key.repository_key].name,
            visible(change.title) or "(no title)",
            STATE_WORDS.get(change.verdict_state, "Not judged yet"),
            age(change.waiting_since or change.first_seen_at, self.now),
            asked_for,
            "" if asked_for else _waited_for(self.reading, change),
        )


def asked_for(reading: Reading, mine: Mapping[RepositoryKey, str], *, limit: int) -> dict[ChangeKey, str]:
    """Return what waits for the accounts that somebody is in each repository, named, those that wait longest first."""
    return {
        key: listed([subject_name(one.subject) for one in what])
        for account in sorted(set(mine.values()) - {""})
        for key, what in reading.asked_of(account, limit=limit)
        if mine.get(key.repository_key) == account
    }


def _waited_for(reading: Reading, change: StoredChange) -> str:
    """Return who has to act for a change, or what has to end, and what for, as its newest verdict says."""
    stored = reading.verdict(change.key) if change.verdict_state in _WAITS else None
    if stored is None:
        return ""
    if stored.state == "needs-author":
        return "its author"
    open_ones = [one for one in blocking(parse_verdict(stored.verdict).requirements) if one.state == stored.state]
    if stored.state == "frozen":
        names = [visible(one.title.removeprefix("Freeze: ")) for one in open_ones]
        return f"the end of the freeze {listed(names, most=2)}"
    people = [
        f"{listed(names, last='or', most=3)} ({visible(one.title.removeprefix('Sign-off for '))})"
        for one in open_ones
        if (names := [visible(actor.person) for actor in one.who])
    ]
    return listed(people, most=2) if people else ""


def subject_name(subject: str) -> str:
    """Return a subject as people read it: `component:default/web` is web."""
    return visible(subject.rpartition("/")[2].removeprefix("rule:"))


def age(since: str, now: dt.datetime) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    if not since:
        return ""
    minutes = max(int((now - parse_instant(since)).total_seconds() // 60), 0)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"for {count} {unit}{'s' if count > 1 else ''}"
    return "since just now"
