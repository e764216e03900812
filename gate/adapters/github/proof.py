"""Proof: whether a listing is all that a tree holds, and a blob what its id says, by working the ids out anew."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gate.core.change.paths import shown
from gate.core.errors import UnreadableError

MODE_FOLDER = "040000"
LOST = "\N{REPLACEMENT CHARACTER}"
"""Stands in a name for bytes that are not UTF-8."""
_SHA1_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tree's listing; folders have the mode `040000`. `size` is that of a blob."""

    path: str
    mode: str
    sha: str
    size: int = 0


def require_whole(rows: Iterable[Row], tree: str) -> None:
    """Raise UnreadableError unless the rows are all that the tree holds: every folder's id is worked out anew.

    SECURITY: a listing that was cut without saying so, or one that was not asked for recursively on its way, would hide
    files. A folder that holds a name that is not UTF-8 cannot be proven: the name came with bytes lost.
    """
    folders: dict[str, list[tuple[bytes, bytes]]] = {"": []}
    wanted = {"": tree}
    unproven = set()
    for row in rows:
        above, _, name = row.path.rpartition("/")
        is_folder = row.mode == MODE_FOLDER
        if is_folder:
            wanted[row.path] = row.sha
            folders.setdefault(row.path, [])
        if LOST in name:
            unproven.add(above)
        raw = name.encode("utf-8", "surrogatepass")
        line = row.mode.lstrip("0").encode() + b" " + raw + b"\0" + bytes.fromhex(row.sha)
        folders.setdefault(above, []).append((raw + b"/" if is_folder else raw, line))
    for folder, lines in folders.items():
        body = b"".join(line for _, line in sorted(lines))
        if folder not in unproven and object_id("tree", body, tree) != wanted.get(folder):
            raise UnreadableError(
                f"GitHub's listing of {shown(folder) or 'the tree'} is not all that is there.", next_step="Try again."
            )


def object_id(kind: str, body: bytes, like: str) -> str:
    """Return the id that git gives to an object, by the kind of hash that another id of the repository shows."""
    start = f"{kind} {len(body)}\0".encode()
    if len(like) == _SHA1_LENGTH:
        return hashlib.sha1(start + body, usedforsecurity=False).hexdigest()
    return hashlib.sha256(start + body).hexdigest()
