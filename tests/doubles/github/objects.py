"""Real git repositories, written object by object without a process each; git itself reads them."""

import hashlib
import os
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", ""),
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "GitHub",
    "GIT_AUTHOR_EMAIL": "noreply@github.com",
    "GIT_COMMITTER_NAME": "GitHub",
    "GIT_COMMITTER_EMAIL": "noreply@github.com",
}
TREE_MODE = "040000"


@dataclass(frozen=True)
class Executable:
    """A file with the executable bit."""

    content: str | bytes = ""


@dataclass(frozen=True)
class Symlink:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """A gitlink: the commit of another repository."""

    sha: str = "1" * 40


Content = str | bytes | Executable | Symlink | Submodule | None
"""What a path holds after a commit; None deletes it."""

Entry = tuple[str, str]
"""Mode and sha of a path."""


def as_bytes(text: str | bytes) -> bytes:
    """Return the bytes that git stores for a text."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


class Objects:
    """One bare repository on disk. A fork shares the objects of what it was forked from, as on the platform."""

    def __init__(self, path: Path, *, shared_with: "Objects | None" = None) -> None:
        self.path = path
        self.known: dict[str, tuple[str, bytes]] = shared_with.known if shared_with else {}
        self.flat: dict[str, dict[str, Entry]] = shared_with.flat if shared_with else {}
        (path / "refs" / "heads").mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
        (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n", encoding="ascii")
        if shared_with:
            (path / "objects").symlink_to(shared_with.path / "objects")
        else:
            (path / "objects").mkdir()

    def git(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> tuple[int, bytes]:
        """Run git here and return its exit code and what it printed."""
        command = ["git", "--git-dir", str(self.path), *arguments]
        done = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
        if done.returncode not in allowed:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
        return done.returncode, done.stdout

    def write(self, kind: str, data: bytes) -> str:
        """Store an object and return its sha."""
        whole = f"{kind} {len(data)}\0".encode() + data
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if sha not in self.known:
            folder = self.path / "objects" / sha[:2]
            folder.mkdir(exist_ok=True)
            (folder / sha[2:]).write_bytes(zlib.compress(whole, 1))
            self.known[sha] = kind, data
        return sha

    def read(self, sha: str) -> tuple[str, bytes] | None:
        """Return kind and bytes of an object, None where there is none of this sha."""
        found = self.known.get(sha)
        if found is None and len(sha) == 40:
            loose = self.path / "objects" / sha[:2] / sha[2:]
            if loose.is_file():
                head, _, data = zlib.decompress(loose.read_bytes()).partition(b"\0")
                found = head.partition(b" ")[0].decode(), data
            else:
                code, kind = self.git("cat-file", "-t", sha, allowed=(0, 128))
                found = None if code else (kind.decode().strip(), self.git("cat-file", kind.decode().strip(), sha)[1])
            if found is not None:
                self.known[sha] = found
        return found

    def entry(self, content: Content) -> Entry:
        """Store what a path holds and return its mode and sha."""
        match content:
            case Submodule():
                return "160000", content.sha
            case Symlink():
                return "120000", self.write("blob", as_bytes(content.target))
            case Executable():
                return "100755", self.write("blob", as_bytes(content.content))
            case None:
                raise AssertionError("a deleted path has no entry")
            case _:
                return "100644", self.write("blob", as_bytes(content))

    def write_tree(self, entries: Mapping[str, Entry]) -> str:
        """Store the trees of a flat mapping of paths and return the root's sha."""
        direct: dict[str, Entry] = {}
        folders: dict[str, dict[str, Entry]] = {}
        for path, entry in entries.items():
            first, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(first, {})[rest] = entry
            else:
                direct[first] = entry
        for name, inner in folders.items():
            direct[name] = TREE_MODE, self.write_tree(inner)
        ordered = sorted(direct.items(), key=lambda item: as_bytes(item[0]) + b"/" * (item[1][0] == TREE_MODE))
        return self.write(
            "tree",
            b"".join(
                mode.lstrip("0").encode() + b" " + as_bytes(name) + b"\0" + bytes.fromhex(sha)
                for name, (mode, sha) in ordered
            ),
        )

    def tree_entries(self, sha: str) -> Iterator[tuple[str, str, str]]:
        """Yield name, mode and sha of each entry of one tree, in git's order."""
        found = self.read(sha)
        if found is None or found[0] != "tree":
            raise AssertionError(f"no tree {sha}")
        data, place = found[1], 0
        while place < len(data):
            end = data.index(b"\0", place)
            mode, _, name = data[place:end].partition(b" ")
            place = end + 21
            yield name.decode("utf-8", "surrogateescape"), mode.decode().zfill(6), data[end + 1 : place].hex()

    def flat_tree(self, sha: str) -> dict[str, Entry]:
        """Return every path of a tree that is no folder."""
        if sha not in self.flat:
            paths: dict[str, Entry] = {}
            for name, mode, inner in self.tree_entries(sha):
                if mode == TREE_MODE:
                    paths.update({f"{name}/{rest}": entry for rest, entry in self.flat_tree(inner).items()})
                else:
                    paths[name] = mode, inner
            self.flat[sha] = paths
        return self.flat[sha]

    def ref(self, name: str) -> str | None:
        """Return the sha of a full ref name, None where there is none."""
        place = self.path / name
        return place.read_text(encoding="ascii").strip() if place.is_file() else None

    def set_ref(self, name: str, sha: str | None) -> None:
        """Point a full ref name at a commit, or delete it."""
        place = self.path / name
        if sha is None:
            place.unlink(missing_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{sha}\n", encoding="ascii")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Return all refs whose full name starts with a prefix, by name."""
        root = self.path / "refs"
        names = (str(place.relative_to(self.path)) for place in root.rglob("*") if place.is_file())
        return {name: self.ref(name) or "" for name in sorted(names) if name.startswith(prefix)}
