"""Entries of a tree: where a symbolic link leads, and why what stands at a path is not read as a file."""

from collections.abc import Callable

from gate.core.change.facts import MODE_SUBMODULE
from gate.core.change.paths import shown
from gate.core.errors import UnreadableError

MAX_BLOB_BYTES = 25 * 1024 * 1024
"""The longest file that is read."""
MAX_LINK_BYTES = 4096
"""The longest target of a link: the system takes no longer path."""
_MAX_HOPS = 40


def link_end(path: str, target_at: Callable[[str], str | None]) -> str | None:
    """Return where a path leads within the tree, links on the way followed; None where it leads outside.

    `target_at` returns what the link at a path says: None where no link is there, empty where it cannot be read. A
    target that does not exist is returned as it is written: it may come to exist later.
    """
    todo, done, hops = path.split("/"), list[str](), 0
    while todo:
        step = todo.pop(0)
        if step in {"", "."}:
            continue
        if step == "..":
            if not done:
                return None
            done.pop()
            continue
        done.append(step)
        target = target_at("/".join(done))
        if target is None:
            continue
        hops += 1
        if hops > _MAX_HOPS or not target or target.startswith("/") or "\0" in target:
            return None
        done.pop()
        todo = target.split("/") + todo
    return "/".join(done) if done else None


def not_regular(path: str, mode: str) -> UnreadableError:
    """Return the error of a link or a submodule that is asked for its content."""
    kind = "a submodule" if mode == MODE_SUBMODULE else "a symbolic link"
    return UnreadableError(f"{shown(path)} is {kind}, not a regular file.", next_step="Put the file itself there.")


def too_large(path: str) -> UnreadableError:
    """Return the error of a file that is not read in full for its size."""
    return UnreadableError(f"{shown(path)} is larger than 25 MiB.", next_step="Make it smaller.")
