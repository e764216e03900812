"""History: what git says of commits, differences and merges, asked once for each pair of shas."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from doubles.github.objects import Objects

STATUS_NAMES = {"A": "added", "M": "modified", "D": "removed", "T": "changed", "R": "renamed", "C": "copied"}


@dataclass(frozen=True)
class Person:
    """A name and address with the time of an act, as a commit object holds them."""

    name: str
    email: str
    at: str

    def line(self) -> bytes:
        """Return the line of a commit object."""
        seconds = int(dt.datetime.fromisoformat(self.at).timestamp())
        return f"{self.name} <{self.email}> {seconds} +0000".encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Commit:
    """A commit as its object says."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True)
class FileChange:
    """One file of a difference."""

    path: str
    status: str
    sha: str | None
    additions: int
    deletions: int
    previous: str | None = None
    patch: str | None = None


def person_of(line: str) -> Person:
    """Return what a line of a commit object says of its author."""
    name, _, rest = line.partition(" <")
    email, _, when = rest.partition("> ")
    at = dt.datetime.fromtimestamp(int(when.split(" ")[0]), dt.UTC)
    return Person(name, email, at.strftime("%Y-%m-%dT%H:%M:%SZ"))


class History:
    """The commits of one repository network. Every answer depends on shas alone, so each is asked once."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.commits: dict[str, Commit] = {}
        self.bases: dict[tuple[str, str], tuple[str, ...]] = {}
        self.ranges: dict[tuple[str, str], tuple[str, ...]] = {}
        self.diffs: dict[tuple[str, str], tuple[FileChange, ...]] = {}
        self.merges: dict[tuple[str, str], str | None] = {}

    def write(self, tree: str, parents: Sequence[str], author: Person, committer: Person, message: str) -> str:
        """Store a commit and return its sha."""
        lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
        lines += [b"author " + author.line(), b"committer " + committer.line(), b"", b""]
        return self.objects.write("commit", b"\n".join(lines) + message.encode("utf-8", "surrogateescape"))

    def commit(self, sha: str) -> Commit | None:
        """Return a commit, None where there is none of this sha."""
        if sha not in self.commits:
            found = self.objects.read(sha)
            if found is None or found[0] != "commit":
                return None
            head, _, message = found[1].decode("utf-8", "surrogateescape").partition("\n\n")
            words = [line.partition(" ") for line in head.split("\n")]
            first = {word: rest for word, _, rest in reversed(words)}
            self.commits[sha] = Commit(
                sha,
                first["tree"],
                tuple(rest for word, _, rest in words if word == "parent"),
                person_of(first["author"]),
                person_of(first["committer"]),
                message,
            )
        return self.commits[sha]

    def at(self, sha: str) -> Commit:
        """Return a commit that exists."""
        found = self.commit(sha)
        if found is None:
            raise AssertionError(f"no commit {sha}")
        return found

    def merge_bases(self, one: str, other: str) -> tuple[str, ...]:
        """Return all merge bases of two commits."""
        if one == other or one in self.at(other).parents:
            return (one,)
        if (one, other) not in self.bases:
            _, out = self.objects.git("merge-base", "--all", one, other, allowed=(0, 1))
            self.bases[one, other] = tuple(out.decode().split())
        return self.bases[one, other]

    def between(self, old: str, new: str) -> tuple[str, ...]:
        """Return the commits that `new` has and `old` has not, oldest first."""
        if old == new:
            return ()
        if self.at(new).parents == (old,):
            return (new,)
        if (old, new) not in self.ranges:
            _, out = self.objects.git("rev-list", "--topo-order", "--reverse", new, f"^{old}")
            self.ranges[old, new] = tuple(out.decode().split())
        return self.ranges[old, new]

    def log(self, sha: str) -> tuple[str, ...]:
        """Return a commit and all its ancestors, newest first."""
        if (sha, "") not in self.ranges:
            _, out = self.objects.git("rev-list", sha)
            self.ranges[sha, ""] = tuple(out.decode().split())
        return self.ranges[sha, ""]

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """Return the tree of the merge of two commits, None where they conflict."""
        if (ours, theirs) not in self.merges:
            code, out = self.objects.git("merge-tree", "--write-tree", ours, theirs, allowed=(0, 1))
            self.merges[ours, theirs] = None if code else out.decode().split("\n")[0].strip()
        return self.merges[ours, theirs]

    def diff(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two trees or commits, renames found as the platform finds them."""
        if old == new:
            return ()
        if (old, new) not in self.diffs:
            shape = ("--raw", "--numstat", "--patch", "-z", "--find-renames", "--abbrev=40", "--no-color")
            _, out = self.objects.git("diff-tree", "-r", *shape, "-l0", old, new)
            self.diffs[old, new] = _changes_in(out)
        return self.diffs[old, new]


def _changes_in(out: bytes) -> tuple[FileChange, ...]:
    """Return the files of one `diff-tree --raw --numstat --patch -z`."""
    summary, separator, patches = out.partition(b"\0\0")
    if not separator:
        summary = out.removesuffix(b"\0")
    fields = summary.split(b"\0")
    raw: list[FileChange] = []
    place = 0
    while place < len(fields) and fields[place].startswith(b":"):
        _, _, before, after, letter = fields[place].decode().split(" ")
        paths = [fields[place + 1].decode("utf-8", "surrogateescape")]
        place += 2
        if letter[0] in "RC":
            paths.append(fields[place].decode("utf-8", "surrogateescape"))
            place += 1
        sha = before if letter[0] == "D" else after
        previous = paths[0] if len(paths) == 2 else None
        raw.append(FileChange(paths[-1], STATUS_NAMES[letter[0]], sha, 0, 0, previous))
    texts = _patches_in(patches, len(raw))
    changes: list[FileChange] = []
    for change, text in zip(raw, texts, strict=True):
        plus, minus, path = fields[place].split(b"\t", 2)
        place += 3 if not path else 1
        added, gone = (0 if number == b"-" else int(number) for number in (plus, minus))
        changes.append(replace(change, additions=added, deletions=gone, patch=text))
    return tuple(changes)


def _patches_in(patches: bytes, count: int) -> list[str | None]:
    """Return the hunks of each file of a patch, None for one without."""
    parts = [b"\n" + part for part in (b"\n" + patches).split(b"\ndiff --git ")[1:]]
    if len(parts) != count:
        return [None] * count
    texts: list[str | None] = []
    for part in parts:
        _, found, hunks = part.partition(b"\n@@ ")
        texts.append(("@@ " + hunks.decode("utf-8", "replace")).removesuffix("\n") if found else None)
    return texts
