"""Holidays as the records of a revision name them: loaded when somebody is to be told, and never part of the facts."""

import datetime as dt

from gate.core.change.facts import Instant
from gate.core.errors import GateError, InvalidFileError, UnreadableError
from gate.core.escalation.holidays import MOST_CALENDARS, Days, Holidays, who_keeps
from gate.core.ownership.records import HolidayCalendar, OwnershipRecords
from gate.core.ownership.records_reading import parse_records
from gate.core.times import instant, parse_instant
from gate.core.validation import shown
from gate.usecases.load_ownership import records_files
from gate.usecases.ports import Readers, Tree

_BEFORE, _AHEAD = dt.timedelta(days=1), dt.timedelta(days=100)
_KEY = b"holidays"


def load_holidays(tree: Tree, *, readers: Readers, at: Instant, config: str = ".gate") -> Holidays:
    """Return the holidays of the hundred days after a time.

    Whatever cannot be read gives nobody a holiday: a calendar that broke must not silence anybody. Raises
    UnreadableError where the tree itself cannot be read.
    """
    records = _records(tree, readers, config)
    if records is None:
        return Holidays()
    days: dict[str, Days] = {}
    named = sorted(records.holidays.items())
    unread = {name: f"only {MOST_CALENDARS} calendars are read" for name, _ in named[MOST_CALENDARS:]}
    for name, one in named[:MOST_CALENDARS]:
        try:
            days[name] = read_days(tree, one, readers=readers, at=at)
        except GateError as error:
            unread[name] = error.message
    return Holidays(days, who_keeps(records), unread)


def read_days(tree: Tree, holidays: HolidayCalendar, *, readers: Readers, at: Instant) -> Days:
    """Return the days of one calendar. Raises InvalidFileError or UnreadableError where it cannot be used."""
    file = holidays.calendar
    if "://" in file:
        raw: bytes | None = readers.remote_calendar(file).raw
        file = "the calendar"
    else:
        raw = tree.read(file)
    if raw is None:
        raise UnreadableError(f"There is no file {shown(file)}.", next_step="Add it, or name another one.")
    moment = parse_instant(at)
    return readers.whole_days(
        raw,
        from_at=instant(moment - _BEFORE),
        until_at=instant(moment + _AHEAD),
        file=file,
        timezone=holidays.timezone,
    )


def _records(tree: Tree, readers: Readers, config: str) -> OwnershipRecords | None:
    """Return the records where they name any holidays and hold; None else."""
    raw = {path: tree.read(path) for path in records_files([entry.path for entry in tree.entries()], config)}
    if not any(content and _KEY in content for content in raw.values()):
        return None
    try:
        documents = [readers.load_yaml(content, file=path) for path, content in raw.items() if content is not None]
        return parse_records(documents)[0]
    except InvalidFileError:
        return None
