"""Landings: when a change was merged, and which earlier change it takes back by its own words and by its files."""

import re

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey, Snapshot
from gate.usecases.incident_stored import StoredLanding
from gate.usecases.store_ports import Reading, Writing

_REVERTS = re.compile(
    r"^Reverts (?P<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})?#(?P<number>[0-9]{1,9})\s*$", re.MULTILINE
)


def record_landing(writing: Writing, snapshot: Snapshot, *, at: Instant) -> StoredLanding:
    """Keep that a change was merged, once, and return it."""
    merged_at = snapshot.merged_at or at
    landing = StoredLanding(snapshot.key, merged_at, snapshot.merge_sha, reverted_by(writing, snapshot))
    writing.add_landing(landing)
    return landing


def reverted_by(reading: Reading, snapshot: Snapshot) -> int:
    """Return the number of the merged change that this one takes back, 0 where it takes none back.

    Its text must say so as the platform writes it (`Reverts owner/name#12`), and it must touch every file of that
    change: words alone make nothing undone.
    """
    for match in _REVERTS.finditer(snapshot.body):
        number = int(match["number"])
        name = match["repository"] or snapshot.repository.name
        key = ChangeKey(snapshot.key.tenant, snapshot.key.repository, number)
        if name.lower() != snapshot.repository.name.lower() or number == snapshot.key.number or not number:
            continue
        stored = reading.verdict(key) if reading.landing(key) is not None else None
        files = reading.content(stored.content) if stored and stored.content else None
        if files and {file.path for file in files} <= {file.path for file in snapshot.files}:
            return number
    return 0
