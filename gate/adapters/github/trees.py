"""Trees: all files of one commit, listed over the API, proven against the tree's own id, and kept by it."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gate.adapters.github.answers import (
    is_count,
    is_sha,
    number_at,
    optional_text,
    row_at,
    row_of,
    rows_of,
    sha_at,
    text_at,
)
from gate.adapters.github.place import Place
from gate.adapters.github.proof import LOST, MODE_FOLDER, Row, object_id, require_whole
from gate.core.change.facts import MODE_SUBMODULE, MODE_SYMLINK
from gate.core.change.paths import shown
from gate.core.change.tree_entries import MAX_BLOB_BYTES, MAX_LINK_BYTES, link_end, not_regular, too_large
from gate.core.errors import UnreadableError
from gate.usecases.ports import TreeEntry

MAX_TREE_REQUESTS = 2_000
MAX_ENTRIES = 2_000_000
_USED_LISTINGS = 8
_MODES = {MODE_FOLDER, MODE_SYMLINK, MODE_SUBMODULE, "100644", "100755", "100664"}
_EMPTY_TREES = {"4b825dc642cb6eb9a060e54bf8d69288fbee4904"}


class TooManyFilesError(UnreadableError):
    """A tree is too large to be listed in full."""

    code = "too-many-files"


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of a tree, by path, in the order of their paths."""

    by_path: Mapping[str, TreeEntry]
    sizes: Mapping[str, int] = field(default_factory=dict)


class Objects:
    """Reads trees and blobs of one repository by their ids."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._used: tuple[tuple[str, Listing], ...] = ()

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit. The answer is kept: a commit never has another."""

        def ask() -> str:
            row = row_of(self._place.get("git", "commits", commit), "commit")
            if sha_at(row) != commit:
                raise UnreadableError(f"GitHub answered for another commit than {commit[:12]}.", next_step="Try again.")
            return sha_at(row_at(row, "tree"))

        return self._place.once("tree-of", commit, ask)

    def remember_tree_of(self, commit: str, tree: str) -> None:
        """Keep the tree of a commit that another answer told."""
        self._place.once("tree-of", commit, lambda: tree)

    def listing(self, tree: str) -> Listing:
        """Return all files of a tree. Raises UnreadableError where it cannot be listed in full."""
        for known, listing in self._used:
            if known == tree:
                return listing
        key = (self._place.installation, self._place.key.id, "listing", tree)
        found: Listing | None = self._place.kept.trees.get(key)
        if found is None:
            found = _listing_of(self._rows(tree))
            self._place.kept.trees.put(key, found, len(found.by_path) + 1)
        self._used = ((tree, found), *self._used[: _USED_LISTINGS - 1])
        return found

    def blob(self, sha: str, *, limit: int = MAX_BLOB_BYTES) -> bytes | None:
        """Return a blob's bytes, None where it is larger than `limit`. Raises UnreadableError where it is missing."""
        if self._size_of(sha) > limit:
            return None
        key = (self._place.installation, self._place.key.id, sha)
        body = self._place.kept.blobs.get(key)
        if body is None:
            body = self._fetch_blob(sha, limit)
            if body is not None:
                self._place.kept.blobs.put(key, body, len(body) + 200)
        return body if body is not None and len(body) <= limit else None

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """Yield each blob once with its bytes, None where it is larger than `limit`."""
        for sha in dict.fromkeys(sha for sha in shas if sha):
            yield sha, self.blob(sha, limit=limit)

    def _size_of(self, sha: str) -> int:
        """Return what a listing says of a blob's size, 0 where none does."""
        return max((listing.sizes.get(sha, 0) for _, listing in self._used), default=0)

    def _fetch_blob(self, sha: str, limit: int) -> bytes | None:
        if not is_sha(sha):
            raise UnreadableError(f"{shown(sha)[:80]!r} is no object id.")
        row = row_of(self._place.get("git", "blobs", sha, is_fresh=True), "blob")
        size = number_at(row, "size")
        if size > limit:
            return None
        try:
            body = base64.b64decode(text_at(row, "content"), validate=False)
        except (binascii.Error, ValueError) as error:
            raise UnreadableError(f"GitHub's blob {sha[:12]} cannot be decoded.") from error
        # SECURITY: `encoding: none` and cut contents look like an empty file; the id tells.
        if optional_text(row, "encoding") != "base64" or object_id("blob", body, sha) != sha:
            raise UnreadableError(f"GitHub's blob {sha[:12]} is not what its id says.", next_step="Try again.")
        return body

    def _rows(self, tree: str) -> list[Row]:
        if tree in _EMPTY_TREES:
            return []
        rows, is_cut = self._request(tree, recursive=True)
        if is_cut:
            rows = list(self._descend(tree, "", [MAX_TREE_REQUESTS]))
        require_whole(rows, tree)
        return rows

    def _descend(self, tree: str, prefix: str, left: list[int]) -> Iterator[Row]:
        """Yield the rows of a folder and of all below it, folder by folder, those of unchanged folders from memory."""
        rows, is_cut = self._request(tree, recursive=False, left=left)
        if is_cut:
            raise TooManyFilesError(f"The folder {shown(prefix) or '/'} is too large to be listed.")
        for row in rows:
            below = f"{prefix}{row.path}"
            yield Row(below, row.mode, row.sha, row.size)
            if row.mode != MODE_FOLDER or row.sha in _EMPTY_TREES:
                continue
            inner, is_inner_cut = self._request(row.sha, recursive=True, left=left)
            if is_inner_cut:
                yield from self._descend(row.sha, f"{below}/", left)
            else:
                for one in inner:
                    yield Row(f"{below}/{one.path}", one.mode, one.sha, one.size)

    def _request(self, tree: str, *, recursive: bool, left: list[int] | None = None) -> tuple[list[Row], bool]:
        key = (self._place.installation, self._place.key.id, "folder", tree, recursive)
        known: tuple[list[Row], bool] | None = self._place.kept.trees.get(key) if left is not None else None
        if known is not None:
            return known
        if left is not None:
            left[0] -= 1
            if left[0] < 0:
                raise TooManyFilesError(f"The tree needs more than {MAX_TREE_REQUESTS} requests to be listed.")
        options: dict[str, int] = {"recursive": 1} if recursive else {}
        row = row_of(self._place.get("git", "trees", tree, is_fresh=True, **options), "tree")
        listed = rows_of(row.get("tree"), "tree")
        if len(listed) > MAX_ENTRIES:
            raise TooManyFilesError(f"The tree has more than {MAX_ENTRIES} entries.")
        is_cut = row.get("truncated") is not False
        answer = [] if is_cut else [_row_of(one) for one in listed], is_cut
        if left is not None:
            self._place.kept.trees.put(key, answer, len(answer[0]) + 1)
        return answer


class GithubTree:
    """All files of one commit; nothing is requested before it is used."""

    def __init__(self, revision: str, objects: Objects) -> None:
        self._revision = revision
        self._objects = objects

    @property
    def revision(self) -> str:
        """Return the commit sha."""
        return self._revision

    @property
    def listing(self) -> Listing:
        """Return all files by path."""
        return self._objects.listing(self._objects.tree_of(self._revision))

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path. Raises UnreadableError where the tree cannot be listed in full."""
        return tuple(self.listing.by_path.values())

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where the tree has no such file."""
        return self.listing.by_path.get(path)

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes, None where the tree has no such file.

        Raises UnreadableError for a link, a submodule, and what is above 25 MiB.
        """
        entry = self.entry(path)
        if entry is None:
            return None
        if entry.mode in {MODE_SYMLINK, MODE_SUBMODULE}:
            raise not_regular(path, entry.mode)
        body = self._objects.blob(entry.blob)
        if body is None:
            raise too_large(path)
        return body

    def link_target(self, path: str) -> str | None:
        """Return where a symbolic link leads within the tree, links on the way followed; None where it leads outside.

        A target that does not exist is returned as it is written: it may come to exist later.
        """
        return link_end(path, self._target_at)

    def _target_at(self, path: str) -> str | None:
        found = self.listing.by_path.get(path)
        if found is None or found.mode != MODE_SYMLINK:
            return None
        return (self._objects.blob(found.blob, limit=MAX_LINK_BYTES) or b"").decode(errors="backslashreplace")


def _listing_of(rows: Iterable[Row]) -> Listing:
    by_path: dict[str, TreeEntry] = {}
    sizes = {}
    for row in rows:
        if row.mode == MODE_FOLDER:
            continue
        path = row.path
        # Two names that lost their bytes may look alike: both stay, and both are refused for the character they hold.
        while path in by_path:
            path += LOST
        by_path[path] = TreeEntry(path, row.mode, row.sha)
        sizes[row.sha] = row.size
    return Listing(dict(sorted(by_path.items())), sizes)


def _row_of(row: Mapping[str, Any]) -> Row:
    size, mode = row.get("size"), text_at(row, "mode")
    if mode not in _MODES:
        raise UnreadableError(f"GitHub lists {shown(text_at(row, 'path'))} with an unknown mode, {shown(mode)[:20]}.")
    return Row(text_at(row, "path"), mode, sha_at(row), size if is_count(size) else 0)
