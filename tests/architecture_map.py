"""The map of the code: every module with the first line of its docstring, as it stands in ARCHITECTURE.md."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"


def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "gate").rglob("*.py") if "__pycache__" not in path.parts)


def first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def render() -> str:
    """Return the map: a heading for each package, a line for each module."""
    lines: list[str] = []
    package = None
    for path in sorted(modules(), key=lambda path: (path.parent.as_posix(), path.name)):
        folder = path.parent.relative_to(ROOT).as_posix()
        if folder != package:
            package = folder
            lines += ["", f"### `{folder}/`", ""]
            if (path.parent / "__init__.py").exists():
                lines += [first_line(path.parent / "__init__.py"), ""]
        if path.name != "__init__.py":
            lines.append(f"- `{path.name}`: {first_line(path)}")
    return "\n".join(lines).strip()


def written() -> str:
    """Return the map as ARCHITECTURE.md has it."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    return text.partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    document = ROOT / "ARCHITECTURE.md"
    before, _, rest = document.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    document.write_text(f"{before}{BEGIN}\n\n{render()}\n\n{END}{after}")
    sys.stdout.write(f"wrote the map of {len(modules())} modules\n")
