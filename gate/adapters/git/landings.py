"""Landings: what reached a branch since a time, by its first-parent history, with the paths of each commit."""

from collections.abc import Iterator, Sequence

from gate.adapters.git.history import parse_commit
from gate.adapters.git.objects import Objects
from gate.adapters.git.process import Quarantine
from gate.adapters.git.trees import shown_bytes
from gate.core.change.observed import LandedCommit
from gate.core.errors import UnreadableError

MAX_LANDINGS = 5_000
MAX_PATHS = 1_000
"""More paths of one commit than this are not looked at: it then counts by the first ones."""


def landed_since(quarantine: Quarantine, objects: Objects, sha: str, *, since_seconds: int) -> tuple[LandedCommit, ...]:
    """Return what landed since a time (by the committers' clocks, seconds since 1970), newest first.

    The first commit of the history is no landing: there was nothing before it. Raises UnreadableError where a shallow
    clone hides a parent within that time, or where more than 5,000 commits landed.
    """
    listing = quarantine.read(
        "rev-list", "--first-parent", f"--max-count={MAX_LANDINGS + 1}", f"--max-age={since_seconds}", sha
    )
    shas = listing.decode().split()
    if len(shas) > MAX_LANDINGS:
        raise UnreadableError(f"More than {MAX_LANDINGS:,} commits landed.", next_step="Ask for fewer days.")
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
