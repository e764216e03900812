"""Exporting the ledger: its entries as they are stored, in one pass that also finds what the export is about."""

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field

from gate.core.audit.archive import Archive, Member
from gate.core.audit.exceptions import closed_by, exception_of
from gate.core.audit.incidents import is_about_incident
from gate.core.audit.tables import json_line
from gate.core.errors import UsageError
from gate.core.forge.snapshot import ForgeRepository
from gate.core.ledger.entries import LedgerEntry, SignedCheckpoint
from gate.core.ledger.labels import labels_of
from gate.core.ledger.merkle import leaf_hashes
from gate.core.ledger.note import NoteError, parse_checkpoint, parse_note, verifier_key
from gate.core.values import dataclass
from gate.usecases.audit_ports import LedgerRow
from gate.usecases.export_query import ExportQuery, ExportTools, FileSpool
from gate.usecases.prove_entries import prove_consistency
from gate.usecases.store_ports import Reading, StoreError

_KIND = b',"kind":"'
_USUAL = frozenset({b"verdict-changed", b"facts-recorded", b"check-posted", b"signoff-given"})
"""Most entries are of these kinds, and none of them is an exception."""
_RARE = frozenset({"protection-changed", "ownership-changed", "ownership-reviewed", "ownership-transferred"})


@dataclass(slots=True)
class Found:
    """What one pass over the ledger found. Merges are ledger indexes; exceptions are lines in a temporary file."""

    exceptions: FileSpool
    merges: "array[int]" = field(default_factory=lambda: array("q"))
    by_month: Counter[str] = field(default_factory=Counter)
    by_code: Counter[str] = field(default_factory=Counter)
    closed: dict[int, int] = field(default_factory=dict)
    protection: list[LedgerEntry] = field(default_factory=list)
    ownership: list[LedgerEntry] = field(default_factory=list)
    incidents: list[LedgerEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the ledger is exported: up to a checkpoint, and of which repositories (None: all)."""

    query: ExportQuery
    checkpoint: SignedCheckpoint
    repositories: Sequence[ForgeRepository]
    is_everything: bool

    def holds(self, subject: str) -> bool:
        """Return whether an entry about a subject belongs to it; what concerns the ledger itself always does."""
        return self.is_everything or subject.startswith(self._prefixes)

    @property
    def _prefixes(self) -> tuple[str, ...]:
        keys = [f"{one.key.tenant}/{one.key.id}" for one in self.repositories]
        return ("ledger", *(f"change:{key}/" for key in keys), *(f"repository:{key}" for key in keys))


def as_of(reading: Reading) -> SignedCheckpoint:
    """Return the newest checkpoint, without entries at its end that only say that an export was made.

    So the same question on the same ledger gives the same bytes, though the asking itself is recorded. Raises
    UsageError for an empty ledger: nothing cannot be evidence.
    """
    found = reading.checkpoint()
    while found is not None:
        last = reading.ledger_entry(found.size - 1)
        before = reading.checkpoint_at(found.size - 1) if last is not None and last.kind == "export-made" else None
        if before is None:
            return found
        found = before
    raise UsageError("The ledger is empty; there is nothing to export.", next_step="Judge a change first.")


def export_ledger(archive: Archive, reading: Reading, scope: Scope, tools: ExportTools) -> tuple[list[Member], Found]:
    """Write the ledger's files, and return them with what was found on the way."""
    found = Found(tools.new_spool())
    leaves = tools.new_spool()
    members = [archive.stream("ledger/entries.jsonl", _entries(reading, scope, tools, found, leaves))]
    if not scope.is_everything:
        leaves.seek(0)
        members.append(archive.stream("ledger/leaves.bin", iter(lambda: leaves.read(1 << 16), b"")))
    note = scope.checkpoint.note.encode()
    members.append(archive.add("ledger/checkpoint", note))
    key = verifier_key(tools.signer.name, tools.signer.public_key)
    members.append(archive.add("ledger/key", f"{key}\n".encode()))
    members.append(
        archive.add("ledger/witnesses.txt", b"No witness cosigns this ledger; compare heads kept elsewhere.\n")
    )
    if scope.query.since_checkpoint:
        members += _consistency(archive, reading, scope)
    return members, found


def _entries(reading: Reading, scope: Scope, tools: ExportTools, found: Found, leaves: FileSpool) -> Iterator[bytes]:
    size = scope.checkpoint.size
    done = 0
    for rows in reading.ledger_rows(0, size):
        if scope.is_everything:
            chosen = rows
        else:
            chosen = [row for row in rows if scope.holds(_entry(row).subject)]
            leaves.write(b"".join(leaf_hashes([row[1] for row in rows])))
        yield b"".join([row[1] + b"\n" for row in chosen])
        for row in chosen:
            if not _is_usual(row[1]):
                _note(_entry(row), scope, found)
        done += len(rows)
        tools.progress(done, size)
    if done != size:
        raise StoreError(f"The ledger has {done} of {size} entries.", next_step="Run `gate ledger verify`.")


def _is_usual(content: bytes) -> bool:
    """Return whether an entry is of a kind that most are of; its bytes hold no such text before its own kind."""
    start = content.find(_KIND) + len(_KIND)
    return content[start : content.find(b'"', start)] in _USUAL


def _entry(row: LedgerRow) -> LedgerEntry:
    index, content = row
    said = labels_of(content)
    if said is None:
        raise StoreError(f"The ledger's entry {index} cannot be read.", next_step="Run `gate ledger verify`.")
    return LedgerEntry(index, said[1], said[2], said[3], content)  # type: ignore[arg-type]  # the kind as it is stored


def _note(entry: LedgerEntry, scope: Scope, found: Found) -> None:
    kind = entry.kind
    if kind == "change-merged" and scope.query.since <= entry.at < scope.query.until:
        found.merges.append(entry.index)
        found.by_month[entry.at[:7]] += 1
    elif kind in _RARE:
        (found.protection if kind == "protection-changed" else found.ownership).append(entry)
    elif is_about_incident(entry):
        found.incidents.append(entry)
    elif kind == "review-done" and entry.payload().get("review") == "protection":
        found.protection.append(entry)
    for index in closed_by(entry):
        found.closed[index] = entry.index
    if entry.at >= scope.query.since and (row := exception_of(entry)) is not None:
        found.exceptions.write(json_line(row))
        found.by_code[row["code"]] += 1


def exception_rows(found: Found) -> Iterator[dict[str, object]]:
    """Yield the exceptions, each with the entry that closed it; may be asked again."""
    found.exceptions.seek(0)
    for line in iter(found.exceptions.readline, b""):
        row = json.loads(line)
        yield {**row, "closed_by": found.closed.get(row["entry"], "")}


def _consistency(archive: Archive, reading: Reading, scope: Scope) -> list[Member]:
    """Write the proof that an earlier head is the beginning of this ledger. Raises UsageError where it is not (A06)."""
    try:
        old = parse_checkpoint(parse_note(scope.query.since_checkpoint).text)
    except NoteError as error:
        raise UsageError(f"That is no checkpoint: {error}.", next_step="Give the note as it was published.") from None
    kept = reading.checkpoint_at(old.size)
    if kept is None or kept.root != old.root or old.size > scope.checkpoint.size:
        step = "Somebody saw another ledger than this one. Ask for the whole of both."
        raise UsageError(f"This ledger never had that head of {old.size} entries.", next_step=step)
    proof = prove_consistency(reading, old.size, scope.checkpoint.size)
    value = {
        "old": {"size": old.size, "root": old.root.hex()},
        "new": {"size": scope.checkpoint.size, "root": scope.checkpoint.root.hex()},
        "path": [step.hex() for step in proof.path],
    }
    return [
        archive.add("ledger/consistency.json", json_line(value)),
        archive.add("ledger/old-checkpoint", scope.query.since_checkpoint.encode()),
    ]
