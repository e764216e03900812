"""Branch history: the first-parent commits of a branch, and what differs between them, read in bulk."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gate.adapters.git.changes import EMPTY_TREES
from gate.adapters.git.checkout import Checkout
from gate.adapters.git.trees import shown_bytes
from gate.core.audit.history import Delta, HistoryCommit, Version
from gate.core.errors import UnreadableError

MAX_MERGED_BYTES = 5 * 1024 * 1024
_FIELDS = ("%H", "%P", "%T", "%ct", "%an <%ae>", "%cn <%ce>", "%B")
_RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
_MERGE = ("merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories", "--stdin")
_MOST_DEATHS = 20
_ABSENT = "000000"
_SIDES = 2


class BranchHistory:
    """Fulfils the ports `ReadHistory` and `Trees` over a checkout, by a handful of git processes for all commits."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._git = checkout.quarantine
        self._mechanical: dict[str, bool] = {}
        self._deltas: dict[tuple[str, str], Mapping[str, Delta]] = {}

    def commits(self, tip: str) -> Sequence[HistoryCommit]:
        """Return a commit and its first-parent ancestors, oldest first, down to the root.

        Raises UnreadableError where a shallow clone hides some of them.
        """
        form = "%x00".join(_FIELDS)
        listing = self._git.fields("log", "--first-parent", "-z", "--encoding=UTF-8", f"--format=tformat:{form}", tip)
        found = list(_commits(listing))
        found.reverse()
        if found and (found[0].parents or found[0].sha in self._git.shallow):
            step = "Run `git fetch --unshallow`, or clone without --depth."
            raise UnreadableError("The history is cut off in this shallow clone.", next_step=step)
        self._prove(found)
        return found

    def load(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Compare many pairs of commits at once, so that asking for each costs nothing."""
        wanted = [pair for pair in dict.fromkeys(pairs) if pair not in self._deltas and all(pair)]
        text = "".join(f"{self._tree(before)} {self._tree(after)}\n" for before, after in wanted)
        by_trees: dict[str, dict[str, Delta]] = {}
        at: dict[str, Delta] = {}
        listing = self._git.fields(*_RAW, "--stdin", stdin=text.encode())
        for field in listing:
            header, _, meta = field.rpartition(b"\n")
            if header:
                at = by_trees.setdefault(header.rpartition(b"\n")[2].decode("ascii", "replace"), {})
            if meta.startswith(b":"):
                at[shown_bytes(next(listing, b""))] = _delta(meta)
        for before, after in wanted:
            self._deltas[before, after] = by_trees.get(f"{self._tree(before)} {self._tree(after)}", {})

    def deltas(self, before: str, after: str) -> Mapping[str, Delta]:
        """Return every path that differs between two commits (`before` empty: against nothing)."""
        if not before:
            tree = self._tree(after)
            return self._compared(EMPTY_TREES[len(tree)], tree)
        if (before, after) not in self._deltas:
            self._deltas[before, after] = self._compared(self._tree(before), self._tree(after))
        return self._deltas[before, after]

    def version(self, commit: str, path: str) -> Version | None:
        """Return what a commit holds at a path."""
        entry = self._checkout.commit_tree(commit).entry(path)
        return (entry.mode, entry.blob) if entry else None

    def is_mechanical(self, commit: HistoryCommit) -> bool | None:
        """Return whether a merge holds exactly what git makes of its two parents; None where git cannot tell."""
        return self._mechanical.get(commit.sha)

    def is_merged_text(self, base: str, ours: str, theirs: str, result: str) -> bool:
        """Return whether a blob is what `git merge-file` makes of three others without a conflict."""
        try:
            blobs = [self._checkout.blob(sha, limit=MAX_MERGED_BYTES) for sha in (ours, base, theirs, result)]
        except UnreadableError:
            return False  # SECURITY: a blob that is not in this clone proves nothing
        if any(blob is None for blob in blobs):
            return False
        with tempfile.TemporaryDirectory(prefix="gate-merge-") as folder:
            files = [Path(folder) / name for name in ("ours", "base", "theirs")]
            for file, blob in zip(files, blobs, strict=False):
                file.write_bytes(blob or b"")
            done = self._git.run("merge-file", "--stdout", "--quiet", *(str(file) for file in files))
        return done.code == 0 and done.output == blobs[3]

    def _prove(self, commits: Sequence[HistoryCommit]) -> None:
        """Have git merge the parents of all merges of two anew, and compare the trees.

        A merge that git dies of stays unproven and is skipped; so does all of it with a git that cannot (before 2.39).
        """
        todo = [commit for commit in commits if len(commit.parents) == _SIDES]
        for _ in range(_MOST_DEATHS):
            if not todo:
                return
            text = "".join(f"{' '.join(commit.parents)}\n" for commit in todo)
            done = self._git.run(*_MERGE, stdin=text.encode())
            trees = list(_merged_trees(done.output))
            for commit, tree in zip(todo, trees, strict=False):
                self._mechanical[commit.sha] = tree == commit.tree
            todo = todo[len(trees) + 1 :] if done.code else []

    def _tree(self, commit: str) -> str:
        return self._checkout.commit_tree(commit).sha

    def _compared(self, before: str, after: str) -> Mapping[str, Delta]:
        listing = self._git.fields(*_RAW, before, after)
        return {shown_bytes(next(listing, b"")): _delta(meta) for meta in listing if meta.startswith(b":")}


def _commits(listing: Iterator[bytes]) -> Iterator[HistoryCommit]:
    for sha in listing:
        rest = [next(listing, None) for _ in _FIELDS[1:]]
        if None in rest:
            raise UnreadableError("git cut the history short.", next_step="Try again.")
        parents, tree, at, author, committer, message = (
            part.decode(errors="replace") for part in rest if part is not None
        )
        moment = dt.datetime.fromtimestamp(min(max(int(at or 0), 0), 253_402_300_799), dt.UTC)
        yield HistoryCommit(
            sha=sha.decode().strip(),
            parents=tuple(parents.split()),
            tree=tree,
            at=moment.isoformat().replace("+00:00", "Z"),
            author=author,
            committer=committer,
            message=message,
        )


def _merged_trees(output: bytes) -> Iterator[str]:
    """Yield the tree of every merge of a batch, empty where there was a conflict.

    A merge is a status (1: clean), the tree, the files in conflict, and an empty field.
    """
    fields = iter(output.split(b"\0"))
    for status in fields:
        tree = next(fields, b"")
        if not tree or not any(not field for field in iter(lambda: next(fields, None), None)):
            return  # what is cut off counts for nothing
        yield tree.decode("ascii", "replace") if status == b"1" else ""


def _delta(meta: bytes) -> Delta:
    old_mode, mode, old, new, _ = meta[1:].decode("ascii", "replace").split(" ")
    return Delta(None if old_mode == _ABSENT else (old_mode, old), None if mode == _ABSENT else (mode, new))
