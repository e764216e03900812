"""Claims about the export as a whole and its ledger: files, signature, checkpoint, root, times, history."""

from __future__ import annotations

import hashlib
from typing import Iterator

from gate.verifier.export import Asked, Export
from gate.verifier.tlog import (
    check_consistency,
    leaf_of,
    open_checkpoint,
    open_envelope,
    parse_key,
    root_of_leaves,
)

_HASH = 32


def claim_files(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield what is wrong with the files: each is there, as the manifest has it, and there is no other."""
    listed = [one["name"] for one in export.manifest["files"]]
    if len(set(listed)) != len(listed):
        yield "the manifest lists a file twice"
    present = export.present()
    for name in sorted(present - export.names):
        yield f"{name} is not in the manifest"
    for one in export.manifest["files"]:
        if one["name"] not in present:
            yield f"{one['name']} is missing"
        elif export.digest(one["name"]) != (one["size"], one["sha256"]):
            yield f"{one['name']} is not what the manifest says"


def claim_signature(export: Export, asked: Asked) -> Iterator[str]:
    """Yield what is wrong with the signed statement over the manifest."""
    found = open_envelope(export.read("manifest.intoto.json"), asked.key)
    digest = hashlib.sha256(export.read("manifest.json")).hexdigest()
    if [one["digest"] for one in found["subject"]] != [{"sha256": digest}]:
        yield "the signed statement is about another manifest"
    for name in ("origin", "checkpoint", "period", "counts", "incomplete"):
        if found["predicate"].get(name) != export.manifest[name]:
            yield f"the signed statement says something else of {name}"


def claim_checkpoint(export: Export, asked: Asked) -> Iterator[str]:
    """Yield what is wrong with the signed head of the ledger."""
    size, root = open_checkpoint(export.read("ledger/checkpoint").decode(), asked.key)
    said = export.manifest["checkpoint"]
    if (size, root.hex()) != (said["size"], said["root"]):
        yield "the checkpoint is not the one that the manifest names"
    if asked.key[0] != export.manifest["origin"]:
        yield "the key is of another ledger"
    if parse_key(export.key_text()) != asked.key:
        yield "ledger/key is another key than the one given"
    if said["size"] != export.manifest["counts"]["entries"]:
        yield "the manifest counts other entries than the checkpoint"


def claim_ledger(export: Export, asked: Asked) -> Iterator[str]:
    """Yield what is wrong with the entries: each in its place, none left out, and all under the signed root."""
    size, root = open_checkpoint(export.read("ledger/checkpoint").decode(), asked.key)
    entries = export.entries
    if export.manifest["is_everything"]:
        for place, index in enumerate(entries):
            if index != place:
                yield f"entry {place} is missing or out of order"
                return
        found, count = root_of_leaves(leaf_of(entries.raw(index)) for index in entries)
    else:
        leaves = export.read("ledger/leaves.bin")
        if len(leaves) % _HASH:
            yield "ledger/leaves.bin is cut off"
        last = -1
        for index in entries:
            if index <= last:
                yield f"entry {index} is out of order"
            last = index
            if leaf_of(entries.raw(index)) != leaves[index * _HASH : (index + 1) * _HASH]:
                yield f"entry {index} is not the one in the ledger"
                return
        found, count = root_of_leaves(leaves[at : at + _HASH] for at in range(0, len(leaves), _HASH))
    if count != size:
        yield f"the checkpoint is over {size} entries, and there are {count}"
    elif found != root:
        yield f"the entries do not lead to the signed root; entry {_first_wrong(export)} or later was edited"


def _first_wrong(export: Export) -> int:
    """Return the first entry that does not say its own place, or 0: the root alone does not tell which."""
    for place, index in enumerate(export.entries):
        if export.manifest["is_everything"] and index != place:
            return place
    return 0


def claim_times(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield where the ledger's time goes back, or an entry is later than its checkpoint."""
    last = ""
    for index in export.entries:
        at = export.entries.get(index)["at"]
        if at < last:
            yield f"entry {index} is of {at}, before its predecessor of {last}"
            return
        last = at
    if last > export.manifest["checkpoint"]["at"]:
        yield "an entry is later than the checkpoint over it"


def claim_history(export: Export, asked: Asked) -> Iterator[str]:
    """Yield why an earlier head is not the beginning of this ledger; the one given, and the one that was kept."""
    size, root = open_checkpoint(export.read("ledger/checkpoint").decode(), asked.key)
    leaves = None
    if export.has("ledger/consistency.json"):
        proof = export.json("ledger/consistency.json")
        old_size, old_root = open_checkpoint(export.read("ledger/old-checkpoint").decode(), asked.key)
        if (proof["old"]["size"], proof["old"]["root"]) != (old_size, old_root.hex()):
            yield "the proof is about another earlier head"
        check_consistency(old_size, old_root, size, root, [bytes.fromhex(step) for step in proof["path"]])
    for note in asked.checkpoints:
        old_size, old_root = open_checkpoint(note, asked.key)
        if old_size > size:
            yield f"you kept a head of {old_size} entries, and this ledger has only {size}"
            continue
        leaves = leaves if leaves is not None else _leaves(export)
        if root_of_leaves(leaves[:old_size])[0] != old_root:
            yield f"the head of {old_size} entries that you kept is no beginning of this ledger"


def _leaves(export: Export) -> list[bytes]:
    if export.manifest["is_everything"]:
        return [leaf_of(export.entries.raw(index)) for index in export.entries]
    raw = export.read("ledger/leaves.bin")
    return [raw[at : at + _HASH] for at in range(0, len(raw), _HASH)]
