"""Landings: what reached a branch since a time, by its first-parent history, with the paths of each commit."""

from collections.abc import Iterator, Sequence

from gate.adapters.git.history import parse_commit
from gate.adapters.git.objects import Objects
from gate.adapters.git.process import Quarantine
from gate.adapters.git.trees import shown_bytes
from gate.core.change.observed import LandedCommit
from gate.core.errors import UnreadableError

MAX_LANDINGS = 5_000
MAX_WRITTEN = 50_000
MAX_PATHS = 1_000
"""More paths of one commit than this are not looked at: it then counts by the first ones."""


def landed_since(quarantine: Quarantine, objects: Objects, sha: str, *, since_seconds: int) -> tuple[LandedCommit, ...]:
    """Return what landed since a time (by the committers' clocks, seconds since 1970), newest first.

    The first commit of the history is no landing: there was nothing before it. Raises UnreadableError where a shallow
    clone hides a parent within that time, or where more than 5,000 commits landed.
    """
    return _listed(quarantine, objects, ("--first-parent",), sha, since_seconds=since_seconds, most=MAX_LANDINGS)


def written_since(
    quarantine: Quarantine, objects: Objects, sha: str, *, since_seconds: int
) -> tuple[LandedCommit, ...]:
    """Return every commit but merges that is in a history since a time, newest first, as `landed_since` does.

    Raises UnreadableError likewise, where there are more than 50,000.
    """
    return _listed(quarantine, objects, ("--no-merges",), sha, since_seconds=since_seconds, most=MAX_WRITTEN)


def _listed(
    quarantine: Quarantine, objects: Objects, which: tuple[str, ...], sha: str, *, since_seconds: int, most: int
) -> tuple[LandedCommit, ...]:
    listing = quarantine.read("rev-list", *which, f"--max-count={most + 1}", f"--max-age={since_seconds}", sha)
    shas = listing.decode().split()
    if len(shas) > most:
        raise UnreadableError(f"More than {most:,} commits landed.", next_step="Ask for fewer days.")
    hidden = [one for one in shas if one in quarantine.shallow]
    if hidden:
        step = "Run `git fetch --unshallow`, or ask for fewer days."
        raise UnreadableError("The history is cut off within that time in this shallow clone.", next_step=step)
    commits = [parse_commit(one, objects.commit(one)) for one in shas]
    paths = _paths(quarantine, [(one.sha, one.parents[0]) for one in commits if one.parents])
    return tuple(LandedCommit(one, tuple(paths.get(one.sha, ()))) for one in commits if one.parents)


def _paths(quarantine: Quarantine, pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the paths by which each commit differs from its first parent, by one git process for all."""
    stdin = "".join(f"{sha} {parent}\n" for sha, parent in pairs).encode()
    arguments = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv")
    found: dict[str, list[str]] = {}
    for sha, path in _entries(quarantine.fields(*arguments, stdin=stdin)):
        listed = found.setdefault(sha, [])
        if len(listed) < MAX_PATHS:
            listed.append(path)
    return found


def _entries(fields: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Yield each commit and path. SECURITY: a path named like a commit is no commit: what follows a `:` is a path."""
    sha = ""
    for field in fields:
        if field.startswith(b":"):
            yield sha, shown_bytes(next(fields, b""))
        else:
            sha = field.strip().decode("ascii", "replace")
