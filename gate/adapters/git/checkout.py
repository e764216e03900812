"""A local checkout, bare or not: revisions, trees and changes, all by full commit id once names are resolved."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gate.adapters.git import changes, history, landings
from gate.adapters.git.hidden import hidden_files
from gate.adapters.git.names import Revision, is_full_id, resolvable, resolve_names, symbolic_reference
from gate.adapters.git.objects import Objects
from gate.adapters.git.process import Quarantine, command, environment, run
from gate.adapters.git.trees import CommitTree, WorkingTree, shown_bytes
from gate.core.change.facts import ChangedFile
from gate.core.change.observed import LandedCommit, ObservedChange, ObservedCommit
from gate.core.change.paths import path_problems
from gate.core.change.tree_entries import MAX_BLOB_BYTES
from gate.core.errors import UnreadableError, UsageError
from gate.core.identity import Identity

MAX_MERGE_BASES = 16
_USUAL_BRANCHES = ("main", "master")
_FIRST_COMMIT_SECONDS = 2.0
_RECENT_SECONDS = 182 * 24 * 60 * 60
_DISCOVERY = (
    "rev-parse",
    "--is-bare-repository",
    "--show-object-format",
    "--path-format=absolute",
    "--absolute-git-dir",
    "--git-common-dir",
)
_REGULAR_EXPRESSION = str.maketrans({letter: f"\\{letter}" for letter in "\\.[]*^$+?{}|()"})


class Checkout:
    """A git repository on disk, read without running anything that its configuration names, and never written to.

    It keeps one git process and one small directory of its own until it is closed or let go.
    """

    def __init__(self, root: Path, quarantine: Quarantine, *, is_bare: bool) -> None:
        self.root = root
        self.is_bare = is_bare
        self._quarantine = quarantine
        self._objects = Objects(quarantine)
        self._trees: dict[str, CommitTree] = {}

    @classmethod
    def open(cls, path: Path) -> "Checkout":
        """Return the repository that holds a path. Raises UnreadableError where there is none."""
        start = path if path.is_dir() else path.parent
        if not path.exists():
            raise UnreadableError(f"{path} does not exist.", next_step="Name the folder of a git checkout.")
        done = run(command(start, *_DISCOVERY), env=environment())
        lines = os.fsdecode(done.output).splitlines()
        if done.code or len(lines) != len(_DISCOVERY) - 2:
            raise UnreadableError(
                f"{path.resolve()} is not inside a git repository.",
                next_step="Name a checkout with --repo, or make one with `git init`.",
            )
        is_bare, object_format, git_dir, common_dir = lines
        root = start.resolve() if is_bare == "true" else _top_of(start, Path(git_dir))
        quarantine = Quarantine(Path(git_dir), common_dir=Path(common_dir), object_format=object_format)
        return cls(root, quarantine, is_bare=is_bare == "true")

    @property
    def name(self) -> str:
        """Return the name of the repository's folder, for display."""
        return self.root.name.removesuffix(".git") or "repository"

    @property
    def default_branch(self) -> str:
        """Return the default branch as its remote or a bare repository's HEAD names it, empty where neither does."""
        origin = "refs/remotes/origin/"
        head = symbolic_reference(self._quarantine.common_dir / origin / "HEAD")
        if head.startswith(origin):
            return head.removeprefix(origin)
        own = symbolic_reference(self._quarantine.common_dir / "HEAD") if self.is_bare else ""
        return own.removeprefix("refs/heads/") if own.startswith("refs/heads/") else ""

    @property
    def default_base(self) -> str:
        """Return what a change goes into where nobody says: the default branch, as last fetched where none is here.

        Where no remote names one it is `main` or `master`, whichever there is.
        """
        names = [self.default_branch] if self.default_branch else _USUAL_BRANCHES
        for name in names:
            if (self._quarantine.common_dir / "refs/heads" / name).is_file():
                return name
        for name in names:
            if resolvable(self._quarantine, f"refs/heads/{name}"):
                return name
            if resolvable(self._quarantine, f"refs/remotes/origin/{name}"):
                return f"origin/{name}"
        return names[0]

    @property
    def quarantine(self) -> Quarantine:
        """Return the git directory of our own that borrows this repository's objects."""
        return self._quarantine

    def resolve(self, name: str) -> str:
        """Return the full id of the commit that a name stands for. Raises UsageError with near names."""
        return self.revision(name).sha

    def revision(self, name: str) -> Revision:
        """Return the commit that a name stands for; a branch wins over a tag or remote of the same name (R21)."""
        return self.revisions(name)[0]

    def revisions(self, *names: str) -> tuple[Revision, ...]:
        """Return the commits of several names, with one look at the references. Raises UsageError with near names."""
        if all(map(self._is_commit_id, names)):
            return tuple(Revision(name) for name in names)
        return resolve_names(self._quarantine, names)

    def tree(self, name: str | None = None) -> CommitTree | WorkingTree:
        """Return the tree of a revision; without one the working tree, or HEAD's tree in a bare repository."""
        if name is not None or self.is_bare:
            return self.commit_tree(self.resolve(name or "HEAD"))
        return WorkingTree(self.root)

    def commit_tree(self, sha: str) -> CommitTree:
        """Return the tree of a commit by its full id."""
        if sha not in self._trees:
            tree_sha = history.tree_of(self._objects.commit(sha))
            self._trees[sha] = CommitTree(sha, tree_sha, self._objects, self._quarantine)
        return self._trees[sha]

    def changes(self, base: str, head: str, *, every_commit: bool = False) -> ObservedChange:
        """Return what differs between the merge base and the head, complete, and the commits that made it so.

        Both are names or ids. Raises UsageError for an unknown name, UnreadableError where anything is missing.
        """
        base_sha, head_sha = (revision.sha for revision in self.revisions(base, head))
        bases = history.merge_bases(self._quarantine, base_sha, head_sha)
        if len(bases) > MAX_MERGE_BASES:
            raise UnreadableError(
                f"The change has {len(bases)} merge bases.", next_step="Merge the base into the change once more."
            )
        by_name = changes.union([changes.diff_files(self._quarantine, one, head_sha) for one in bases])
        files = tuple(self._shown_in_full(by_name, bases[0], head_sha))
        commits = self._commits(base_sha, head_sha)
        restored = self._restored(commits, by_name, base_sha, head_sha) if every_commit else ()
        trees = [self.commit_tree(bases[0]), self.commit_tree(head_sha)]
        hidden, note = hidden_files(self._quarantine, self._objects, trees, files)
        return ObservedChange(
            base_sha=base_sha,
            head_sha=head_sha,
            merge_bases=bases,
            files=files,
            commits=commits,
            restored=restored,
            problems=path_problems([*by_name, *(file.path.encode() for file in restored)]),
            hidden_files=hidden,
            assumptions=(note,) if note else (),
        )

    def blobs(self, shas: Iterable[str], *, limit: int = MAX_BLOB_BYTES) -> Iterator[tuple[str, bytes | None]]:
        """Yield each blob once with its bytes, None where it is larger than `limit`; ids come from changed files."""
        return self._objects.blobs((sha for sha in shas if sha), limit=limit)

    def blob(self, sha: str, *, limit: int = MAX_BLOB_BYTES) -> bytes | None:
        """Return one blob's bytes, None where it is larger than `limit`."""
        return self._objects.blob(sha, limit=limit)

    def commit(self, sha: str) -> ObservedCommit:
        """Return one commit by its full id, with its message."""
        return history.parse_commit(sha, self._objects.commit(sha))

    def first_parents(self, sha: str, *, count: int = 1000) -> tuple[str, ...]:
        """Return a commit and its first-parent ancestors, newest first, at most `count`."""
        listing = self._quarantine.read("rev-list", "--first-parent", f"--max-count={count}", sha)
        return tuple(listing.decode().split())

    def landings(self, sha: str, *, since_seconds: int) -> tuple[LandedCommit, ...]:
        """Return what landed on a commit's first-parent history since a time (seconds since 1970), newest first."""
        return landings.landed_since(self._quarantine, self._objects, sha, since_seconds=since_seconds)

    def written(self, sha: str, *, since_seconds: int) -> tuple[LandedCommit, ...]:
        """Return every commit but merges in a commit's history since a time (seconds since 1970), newest first."""
        return landings.written_since(self._quarantine, self._objects, sha, since_seconds=since_seconds)

    def recent_authors(self, *, count: int = 1000) -> tuple[tuple[Identity, int], ...]:
        """Return who wrote the newest commits of HEAD's last half year and how many; nobody where there is none yet.

        Whoever was busy long ago may have left; who is active is told by HEAD's own time.
        """
        try:
            head = self.resolve("HEAD")
        except UsageError:
            return ()
        oldest = max(0, self.commit(head).committed_at - _RECENT_SECONDS)
        most = (f"--max-count={count}", f"--max-age={oldest}")
        listing = self._quarantine.read("rev-list", "--no-merges", *most, head)
        authors = Counter(self.commit(sha).author for sha in listing.decode().split())
        return tuple((author, number) for author, number in authors.items() if author is not None)

    def is_first_contribution(self, emails: Sequence[str], base: str) -> bool | None:
        """Return whether nobody with these addresses has a commit on the base; None where two seconds do not tell."""
        is_known = history.has_earlier_commit(
            self._quarantine, emails, self.resolve(base), seconds=_FIRST_COMMIT_SECONDS
        )
        return None if is_known is None else not is_known

    def is_text_changed(self, text: str, change: ObservedChange) -> bool:
        """Return whether some added or removed line of the change holds this text."""
        if not text or not text.isprintable():
            return False
        pattern = text.translate(_REGULAR_EXPRESSION)
        search = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv")
        return any(self._quarantine.read(*search, f"-G{pattern}", one, change.head_sha) for one in change.merge_bases)

    def files_holding(self, text: str, sha: str) -> tuple[str, ...]:
        """Return the paths of a commit whose content holds this text, sorted."""
        if not text or not text.isprintable():
            return ()
        search = ("grep", "-l", "-z", "-F", "-I", "--no-recurse-submodules", "--full-name", "-e", text, sha)
        done = self._quarantine.run(*search)
        if done.code > 1:
            raise UnreadableError(f"git grep failed: {done.complaint}.")
        prefix = f"{sha}:".encode()
        names = (raw.removeprefix(prefix) for raw in done.output.split(b"\0") if raw)
        return tuple(sorted(shown_bytes(raw) for raw in names))

    def close(self) -> None:
        """End the git process and remove the directory now rather than when this object is let go."""
        self._objects.close()
        self._quarantine.close()

    def _commits(self, base: str, head: str) -> tuple[ObservedCommit, ...]:
        commits = history.commits_between(self._quarantine, self._objects, base, head)
        proven = history.mechanical_merges(self._quarantine, self._objects, commits)
        return tuple(replace(one, is_mechanical_merge=True) if one.sha in proven else one for one in commits)

    def _shown_in_full(self, by_name: dict[bytes, ChangedFile], base: str, head: str) -> Iterator[ChangedFile]:
        files = sorted(by_name.values(), key=lambda file: file.path)
        halves = changes.with_other_halves(self._quarantine, base, head, files)
        return changes.with_link_targets(halves, self.commit_tree(head))

    def _restored(
        self, commits: Sequence[ObservedCommit], net: dict[bytes, ChangedFile], base: str, head: str
    ) -> tuple[ChangedFile, ...]:
        shas = dict.fromkeys(sha for commit in commits for sha in (commit.sha, *commit.parents))
        trees = {sha: self.commit_tree(sha).sha for sha in shas}
        before, after = self.commit_tree(base), self.commit_tree(head)
        found = []
        for raw in changes.restored_files(self._quarantine, trees, commits, net):
            old, new = self._objects.entry(before.sha, raw), self._objects.entry(after.sha, raw)
            found.append(
                ChangedFile(
                    path=shown_bytes(raw),
                    status="changed",
                    mode=new.mode if new else "",
                    base_mode=old.mode if old else "",
                    blob=new.sha if new else "",
                    base_blob=old.sha if old else "",
                )
            )
        return tuple(found)

    def _is_commit_id(self, name: str) -> bool:
        """Return whether a name is the full id of a commit that is here, without another git process."""
        if not is_full_id(name):
            return False
        try:
            self._objects.commit(name)
        except UnreadableError:
            return False
        return True


def _top_of(start: Path, git_dir: Path) -> Path:
    """Return the top of the working tree around a folder."""
    done = run(command(start, "rev-parse", "--show-toplevel"), env=environment())
    top = os.fsdecode(done.output).removesuffix("\n")
    return Path(top) if done.code == 0 and top else git_dir.parent
