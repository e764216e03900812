"""A throw-away worktree: a change is merged and reverted in it, in a git directory of its own."""

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Self

from gate.adapters.git.checkout import Checkout
from gate.adapters.git.process import Outcome, Quarantine, command, environment, run
from gate.adapters.git.trees import shown_bytes
from gate.core.change.paths import shown
from gate.core.errors import UnreadableError
from gate.usecases.rehearse_rollback import Attempt

_SOMEBODY = {
    "GIT_AUTHOR_NAME": "Sign-off gate",
    "GIT_AUTHOR_EMAIL": "rehearsal@localhost",
    "GIT_COMMITTER_NAME": "Sign-off gate",
    "GIT_COMMITTER_EMAIL": "rehearsal@localhost",
}
_MAX_NAMED = 5


class GitWorkshop:
    """A worktree in a temporary folder that borrows the checkout's objects; leaving it removes everything.

    The checkout itself gets no worktree entry, no object and no reference, whatever happens here. No hook, filter or
    merge driver runs: files kept in Git LFS stay pointers, and submodules stay empty.
    """

    def __init__(self, checkout: Checkout, base_sha: str, head_sha: str) -> None:
        borrowed = checkout.quarantine
        self._quarantine = Quarantine(
            borrowed.git_dir, common_dir=borrowed.common_dir, object_format=borrowed.object_format
        )
        self._folder = Path(tempfile.mkdtemp(prefix="gate-rehearsal-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._base, self._head, self._merged = base_sha, head_sha, ""

    @property
    def folder(self) -> Path:
        """Return the folder of the worktree."""
        return self._folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._quarantine.close()
        self._remove()

    def merge(self) -> Attempt:
        """Merge the head onto the base, always with a merge commit."""
        self._must("checkout", "--quiet", "--detach", self._base)
        done = self._git("merge", "--quiet", "--no-ff", "--no-edit", "-m", "Rehearsal", self._head)
        if done.code:
            unmerged = self._git("diff", "--name-only", "--diff-filter=U", "-z").output.split(b"\0")[:-1]
            names = ", ".join(shown(raw) for raw in unmerged[:_MAX_NAMED])
            more = f" and {len(unmerged) - _MAX_NAMED} more" if len(unmerged) > _MAX_NAMED else ""
            what = f"conflicts in {names}{more}" if unmerged else done.complaint or "git gave no reason"
            return Attempt("merge", "failed", f"The change does not merge onto its base: {what}.")
        self._merged = self._sha("HEAD")
        if self._merged == self._base:
            return Attempt("merge", "untried", "The base holds the whole change already: there is nothing to merge.")
        return Attempt("merge", "passed", f"The change merges onto {self._base[:12]} without conflict.")

    def revert(self) -> Attempt:
        """Revert the merge and compare the tree with the base's."""
        self.fill_with_merge()
        done = self._git("revert", "--no-edit", "--mainline", "1", "HEAD")
        is_empty = self._sha("HEAD^{tree}") == self._sha(f"{self._base}^{{tree}}")
        if is_empty:
            return Attempt("revert", "passed", "Reverting the merge gives the base's tree again, byte for byte.")
        why = f"git says: {done.complaint}" if done.code else "the tree differs from the base's"
        return Attempt("revert", "failed", f"Reverting the merge does not lead back: {why}.")

    def fill_with_merge(self) -> None:
        """Fill the folder with the merged tree, nothing else in it."""
        self._git("revert", "--quit")
        self._must("checkout", "--quiet", "--force", "--detach", self._merged)
        self._must("clean", "-ffdxq")

    def paths(self) -> tuple[str, ...]:
        """Return the paths of the merged tree."""
        listing = self._git("ls-tree", "-r", "-z", "--name-only", self._merged).output
        return tuple(shown_bytes(raw) for raw in listing.split(b"\0")[:-1])

    def _sha(self, name: str) -> str:
        return self._must("rev-parse", "--verify", name).output.decode().strip()

    def _must(self, *arguments: str) -> Outcome:
        done = self._git(*arguments)
        if done.code:
            raise UnreadableError(f"git {arguments[0]} failed in the throw-away worktree: {done.complaint}.")
        return done

    def _git(self, *arguments: str) -> Outcome:
        # SECURITY: the index and HEAD are those of the quarantine; only files go into the folder.
        home = str(self._quarantine.path)
        env = environment(home, GIT_DIR=home, GIT_WORK_TREE=str(self._folder), **_SOMEBODY)
        switches = ("-c", "core.bare=false", "-c", "advice.detachedHead=false", "-c", "commit.gpgSign=false")
        line = command(self._folder)
        return run([*line, *switches, *arguments], env=env)
