"""Builders of mutants: an export's files edited, dropped, swapped, forged, one kind of record at a time."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from builders_export import key_of
from builders_store import a_signer

from gate.core.audit.attestation import envelope
from gate.core.canonical import canonical_bytes
from gate.core.ledger.merkle import leaf_hash, root_of
from gate.core.ledger.note import Checkpoint, signed_note

Files = dict[str, bytes]
Mutate = Callable[[Files], object]
ROWS, COMMITS, ENTRIES = "population/changes.jsonl", "population/commits.jsonl", "ledger/entries.jsonl"
EXCEPTIONS, RECONCILED = "exceptions/exceptions.jsonl", "population/reconciliation.json"
SAMPLE, PACKET, STATEMENT = "sample/sample.csv", "packet.json", "approval.intoto.jsonl"


def lines_of(files: Files, name: str) -> list[Any]:
    return [json.loads(line) for line in files[name].splitlines()]


def put(files: Files, name: str, values: list[Any]) -> None:
    files[name] = b"".join(canonical_bytes(value) + b"\n" for value in values)


def on_lines(name: str, change: Callable[[list[Any]], object], *, table: str = "") -> Mutate:
    """Change a file of JSON lines; its table loses the same lines where it has one."""

    def mutate(files: Files) -> None:
        values = lines_of(files, name)
        change(values)
        put(files, name, values)
        if table:
            head, *rows = files[table].splitlines(keepends=True)
            change(rows)
            files[table] = head + b"".join(rows)

    return mutate


def on_row(place: int, **fields: Any) -> Mutate:
    """Change a change's row everywhere: evidence, and packet."""

    def mutate(files: Files) -> None:
        rows = lines_of(files, ROWS)
        rows[place].update(fields)
        put(files, ROWS, rows)
        name = f"changes/{rows[place]['id']}/packet.json"
        packet = json.loads(files[name])
        packet["row"] = rows[place]
        files[name] = canonical_bytes(packet) + b"\n"

    return mutate


def on_commit(which: str, **fields: Any) -> Mutate:
    def change(rows: list[Any]) -> None:
        row = next(one for one in rows if one["status"] == which)
        row.update(fields)

    return on_lines(COMMITS, change)


def on_json(name: str, *path: str | int, to: Any) -> Mutate:
    def mutate(files: Files) -> None:
        value = json.loads(files[name])
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = to
        files[name] = canonical_bytes(value) + b"\n"

    return mutate


def of_change(place: int, name: str, change: Callable[[bytes], bytes]) -> Mutate:
    """Change one file of the packet of one change."""

    def mutate(files: Files) -> None:
        path = f"changes/{lines_of(files, ROWS)[place]['id']}/{name}"
        files[path] = change(files[path])

    return mutate


def swap(name: str) -> Mutate:
    """Exchange a file of the packets of two changes."""

    def mutate(files: Files) -> None:
        one, other = (f"changes/{row['id']}/{name}" for row in lines_of(files, ROWS)[:2])
        files[one], files[other] = files[other], files[one]

    return mutate


def drop(pattern: str) -> Mutate:
    def mutate(files: Files) -> None:
        del files[next(name for name in files if name.endswith(pattern))]

    return mutate


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        assert old.encode() in raw
        return raw.replace(old.encode(), new.encode(), 1)

    return change


def forged_statement(**fields: Any) -> Callable[[bytes], bytes]:
    """A statement that says something else, signed by the right key."""

    def change(raw: bytes) -> bytes:
        value = json.loads(base64.b64decode(json.loads(raw)["payload"]))
        value["predicate"].update(fields)
        return envelope(canonical_bytes(value), a_signer())

    return change


def signed_by_another(raw: bytes) -> bytes:
    return envelope(base64.b64decode(json.loads(raw)["payload"]), a_signer(99))


def rewritten(change: Callable[[list[Any]], object]) -> Mutate:
    """The whole ledger made anew and signed with the right key, as only who holds it can."""

    def mutate(files: Files) -> None:
        entries = lines_of(files, ENTRIES)
        change(entries)
        put(files, ENTRIES, entries)
        leaves = [leaf_hash(canonical_bytes(one)) for one in entries]
        root, signer = root_of(leaves), a_signer()
        files["ledger/checkpoint"] = signed_note(Checkpoint(signer.name, len(leaves), root).text(), signer).encode()
        manifest = json.loads(files["manifest.json"])
        manifest["checkpoint"].update(size=len(leaves), root=root.hex())
        manifest["counts"]["entries"] = len(leaves)
        files["manifest.json"] = canonical_bytes(manifest)

    return mutate


def own_work(files: Files) -> None:
    """Facts in which alice, who signed off, is made the author; the digest made to fit."""
    path = f"changes/{lines_of(files, ROWS)[0]['id']}/facts.json"
    raw = files[path]
    start, end = raw.index(b',"facts":') + 9, raw.rindex(b',"personal":{')
    tree = json.loads(raw[start:end])
    tree["change"]["author"] = "github:1001"
    content = canonical_bytes(tree)
    old = json.loads(raw)["digest"].encode()
    new = b"sha256:" + hashlib.sha256(content).hexdigest().encode()
    files[path] = raw[:start].replace(old, new) + content + raw[end:]


def with_other_key(files: Files) -> None:
    signer = a_signer(99)
    files["ledger/key"] = key_of(signer).encode()


def second_last(entries: list[Any]) -> None:
    entries[-2], entries[-1] = entries[-1], entries[-2]


def back_dated(entries: list[Any]) -> None:
    entries[len(entries) // 2]["at"] = "2020-01-01T00:00:00Z"


def edited(entries: list[Any]) -> None:
    next(one for one in entries if one["kind"] == "verdict-changed")["payload"]["state"] = "approved"


def in_file(name: str, change: Callable[[bytes], bytes]) -> Mutate:
    """Change one file."""

    def mutate(files: Files) -> None:
        files[name] = change(files[name])

    return mutate


def signed_over(size: int) -> Callable[[bytes], bytes]:
    """A checkpoint of another size and root, signed by the right key."""
    note = signed_note(Checkpoint(a_signer().name, size, b"\0" * 32).text(), a_signer())
    return lambda _: note.encode()


def checkpoint_by_another(raw: bytes) -> bytes:
    text = raw.decode().partition("\n\n")[0] + "\n"
    return signed_note(text, a_signer(99)).encode()


def without_its_last_line(raw: bytes) -> bytes:
    return b"".join(raw.splitlines(keepends=True)[:-1])


def without_first_event(raw: bytes) -> bytes:
    packet = json.loads(raw)
    return canonical_bytes({**packet, "entries": packet["entries"][1:]})


def without_third_line(raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    return b"\n".join(lines[:2] + lines[3:])


def made_up(rows: list[Any]) -> None:
    """A line more that says entry 1 where it says anything."""
    rows.append({**rows[-1], "entry": 1} if isinstance(rows[-1], dict) else rows[-1])
