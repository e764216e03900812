"""Changes: every path that differs between two trees, complete or refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from gate.adapters.git.process import Quarantine
from gate.adapters.git.trees import CommitTree, shown_bytes
from gate.core.change.facts import MODE_SYMLINK, ChangedFile
from gate.core.change.observed import ObservedCommit
from gate.core.change.paths import shown
from gate.core.errors import UnreadableError

Status = Literal["added", "modified", "deleted", "changed"]
MAX_RENAME_CANDIDATES = 2000
_ABSENT = "000000"
# The ids that git gives to a tree without entries, by their length.
EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
_STATUS: dict[str, Status] = {"A": "added", "M": "modified", "D": "deleted"}


def diff_files(quarantine: Quarantine, base: str, head: str) -> dict[bytes, ChangedFile]:
    """Return every path that differs between two commits, by its raw name, with its line counts.

    A rename is a deletion and an addition. A type change, a mode change alone, and a status that nobody has seen yet
    are `changed`: whatever git lists counts (R27).
    """
    found: dict[bytes, ChangedFile] = {}
    listing = quarantine.fields(*_RAW, "--numstat", "--ignore-submodules=none", base, head)
    for field in listing:
        if field.startswith(b":"):
            raw = next(listing, None)
            if raw is None:
                raise UnreadableError("git cut its list of changes short.", next_step="Try again.")
            found[raw] = _changed_file(field, raw)
        elif field:
            _count_lines(found, field)
    return found


def union(diffs: Sequence[dict[bytes, ChangedFile]]) -> dict[bytes, ChangedFile]:
    """Return all paths of several diffs; where two list the same path the first merge base's view is kept."""
    if len(diffs) == 1:
        return diffs[0]
    joined: dict[bytes, ChangedFile] = {}
    for diff in diffs:
        for raw, file in diff.items():
            joined.setdefault(raw, file)
    return joined


def with_link_targets(files: Iterable[ChangedFile], tree: CommitTree) -> Iterator[ChangedFile]:
    """Yield the files, symbolic links of the head with the place they lead to."""
    for file in files:
        is_link = file.mode == MODE_SYMLINK
        yield replace(file, link_target=tree.link_target(file.path)) if is_link else file


def with_other_halves(quarantine: Quarantine, base: str, head: str, files: Sequence[ChangedFile]) -> list[ChangedFile]:
    """Return the files, deletions and additions that git sees as one rename pointing at each other, for display.

    NOTE: rename detection compares contents of every pair; above 2,000 candidates git is not asked, and nothing but
    the display is poorer for it.
    """
    statuses = [file.status for file in files]
    candidates = statuses.count("added") + statuses.count("deleted")
    if "added" not in statuses or "deleted" not in statuses or candidates > MAX_RENAME_CANDIDATES:
        return list(files)
    arguments = ("diff-tree", "-r", "-z", "--name-status", "-M", "--diff-filter=R", "--no-ext-diff", "--no-textconv")
    listing = list(quarantine.fields(*arguments, base, head))
    other: dict[str, str] = {}
    for old, new in zip(listing[1::3], listing[2::3], strict=True):
        other[shown_bytes(old)] = shown_bytes(new)
        other[shown_bytes(new)] = shown_bytes(old)
    is_half = {"added", "deleted"}
    return [
        replace(file, other_path=other[file.path]) if file.path in other and file.status in is_half else file
        for file in files
    ]


def restored_files(
    quarantine: Quarantine, trees: dict[str, str], commits: Sequence[ObservedCommit], net: dict[bytes, ChangedFile]
) -> list[bytes]:
    """Return the paths that some commit of the change touches and the change as a whole does not (R55).

    A mechanical merge touches nothing; any other merge touches what differs from each of its parents. `trees` maps
    every commit and parent to its tree.
    """
    pairs: dict[str, list[str]] = {}
    for commit in commits:
        if not commit.is_mechanical_merge:
            tree = trees[commit.sha]
            before = [trees[parent] for parent in commit.parents] or [EMPTY_TREES[len(tree)]]
            pairs[commit.sha] = [f"{one} {tree}" for one in before]
    wanted = list(dict.fromkeys(pair for several in pairs.values() for pair in several))
    touched: dict[str, set[bytes]] = {pair: set() for pair in wanted}
    at = ""
    listing = quarantine.fields(*_RAW, "--stdin", stdin="".join(f"{pair}\n" for pair in wanted).encode())
    for field in listing:
        header, _, meta = field.rpartition(b"\n")
        if header:
            at = header.rpartition(b"\n")[2].decode("ascii", "replace")
        if meta.startswith(b":"):
            touched[at].add(next(listing, b""))
    found: set[bytes] = set()
    for several in pairs.values():
        found |= set.intersection(*(touched[pair] for pair in several))
    return sorted(found.difference(net))


def _changed_file(field: bytes, raw: bytes) -> ChangedFile:
    base_mode, mode, base_blob, blob, letter = field[1:].decode("ascii", "replace").split(" ")
    status = _STATUS.get(letter, "changed")
    if letter == "M" and base_blob == blob:
        status = "changed"
    is_absent, was_absent = mode == _ABSENT, base_mode == _ABSENT
    return ChangedFile(
        path=shown_bytes(raw),
        status=status,
        mode="" if is_absent else mode,
        base_mode="" if was_absent else base_mode,
        blob="" if is_absent else blob,
        base_blob="" if was_absent else base_blob,
    )


def _count_lines(found: dict[bytes, ChangedFile], field: bytes) -> None:
    added, _, rest = field.partition(b"\t")
    deleted, _, raw = rest.partition(b"\t")
    file = found.get(raw)
    if file is None:
        raise UnreadableError(f"git counts lines of a path that it does not list: {shown(raw)}.")
    if added == b"-":
        found[raw] = replace(file, additions=-1, deletions=-1, is_binary=True)
    elif added != b"0" or deleted != b"0":
        found[raw] = replace(file, additions=int(added), deletions=int(deleted))
