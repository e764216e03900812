"""What owner resolution is measured on: CODEOWNERS files with the file lists of their repositories."""

import lzma
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class DataSet:
    """A CODEOWNERS file and the paths of its repository."""

    name: str
    text: bytes
    paths: list[str]


def default_data() -> Path:
    """Return the folder with all sets where the machine has it, else the two sets of the repository."""
    further = REPOSITORY.parent / "shared" / "data" / "codeowners"
    return further if further.is_dir() else REPOSITORY / "tests" / "fixtures" / "codeowners"


def load_sets(data: Path) -> list[DataSet]:
    """Return all sets of a folder."""
    folders = [folder for folder in sorted(data.iterdir()) if (folder / "CODEOWNERS").is_file()]
    return [
        DataSet(
            folder.name,
            (folder / "CODEOWNERS").read_bytes(),
            lzma.decompress((folder / "tree.txt.xz").read_bytes()).decode().splitlines(),
        )
        for folder in folders
    ]


def monorepo(*, rules: int, paths: int) -> DataSet:
    """Return a made-up repository: two owned folders a component, a few name rules, eight files a folder at least.

    Shape: one `*`, five name globs, then `/src/components/cNNNN/*` and `/tests/components/cNNNN/` in turn; every
    folder holds the same share of the files, a third of them one folder deeper.
    """
    lines = [
        "* @org/everyone",
        "*.md @org/docs",
        "*.lock @org/deps",
        "**/ci/** @org/ci",
        "Makefile @org/ci",
        "/* @org/core",
    ]
    count = rules - len(lines)
    folders = [("src" if n % 2 else "tests") + f"/components/c{n // 2:04}" for n in range(count)]
    lines += [f"/{folder}/{'' if n % 2 else '*'} @owner{n % 400}" for n, folder in enumerate(folders)]
    tree = [f"root{n}.toml" for n in range(20)]
    number = 0
    while len(tree) < paths:
        folder = folders[number % count]
        turn = number // count
        tree.append(
            f"{folder}/{'deeper/' if turn % 3 == 2 else ''}file_{turn}_{number % 7}.{'py' if turn % 5 else 'json'}"
        )
        number += 1
    return DataSet(f"synthetic, {rules} rules", "\n".join(lines).encode(), sorted(tree))
