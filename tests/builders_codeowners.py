"""Real CODEOWNERS files with the file lists of their repositories."""

import lzma
import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_FURTHER = Path(os.environ.get("GATE_CODEOWNERS_DATA") or _ROOT.parent / "shared" / "data" / "codeowners")


def real_sets() -> list[Path]:
    """Return the folders of the sets in the repository, and of further ones where the machine has them."""
    folders = {folder.name: folder for folder in sorted((_ROOT / "tests" / "fixtures" / "codeowners").iterdir())}
    if _FURTHER.is_dir():
        folders |= {folder.name: folder for folder in sorted(_FURTHER.iterdir()) if (folder / "CODEOWNERS").is_file()}
    return list(folders.values())


def tree_of(folder: Path) -> list[str]:
    """Return all paths of a set."""
    return lzma.decompress((folder / "tree.txt.xz").read_bytes()).decode().splitlines()
