"""`gate owners`: who owns each path, and which line of which file says so."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gate.cli.output import Cell, line_width, paint, progress, table, warn, width_of, write_lines
from gate.cli.ownership_input import Source, open_source, source_options
from gate.core.counting import count_of
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.core.ownership.resolve import Found, Resolution

_CHUNK = 20_000
_LONG = 100_000
_MODE_SUBMODULE = "160000"


@click.command(name="owners")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--all", "is_all", is_flag=True, help="Every file of the tree.")
@click.option("--stdin", "is_stdin", is_flag=True, help="Read paths from standard input, one a line.")
@click.option("-0", "--null", "is_null", is_flag=True, help="Paths on standard input end in NUL (with --stdin).")
@click.option("--person", metavar="PERSON", help="What this person owns, directly or through a team.")
@click.option("--team", metavar="TEAM", help="What this team owns.")
@source_options
def command(paths: tuple[str, ...], **options: Any) -> None:
    """Show owner, component and deciding line of each PATH.

    A PATH is a name as git spells it, from the root of the repository; it need not exist. A trailing slash asks for
    a folder as a whole, as a submodule is looked up.

    \b
    Examples:
      gate owners services/payments/api.py
      gate owners --all --rev main --json
      git diff --name-only -z main... | gate owners --stdin -0
      gate owners --person alice

    Exit codes: 0 fine, owned or not; 2 wrong usage or invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    asked = [name for name in ("is_all", "is_stdin", "person", "team") if options[name]]
    if bool(paths) + len(asked) != 1:
        raise UsageError("Name one of: paths, --all, --stdin, --person, --team.", next_step="See `gate owners --help`.")
    if options["is_null"] and not options["is_stdin"]:
        raise UsageError("-0 goes with --stdin.", next_step="Write `--stdin -0`.")
    source = open_source(options)
    source.mention_faults()
    source = source.with_gate_files()
    if options["person"] or options["team"]:
        _show_owned(source, options["person"], options["team"], is_json=options["is_json"])
        return
    wanted: Sequence[str] = source.paths if options["is_all"] else _wanted(paths, options)
    if paths:
        _warn_of_place(source, wanted, is_for_people=not options["is_json"])
    answers = _answers(source, wanted)
    write_lines(_json_lines(source, wanted, answers) if options["is_json"] else _text_lines(source, wanted, answers))


def _wanted(paths: tuple[str, ...], options: dict[str, Any]) -> list[str]:
    """Return the paths that were asked for, spelled as trees spell them."""
    raw = [os.fsencode(path) for path in paths]
    if options["is_stdin"]:
        text = sys.stdin.buffer.read()
        raw = text.split(b"\0") if options["is_null"] else text.split(b"\n")
    found = [path.decode(errors="backslashreplace") for path in raw if path]
    for path in found:
        if path.startswith("/") or any(part in {"", ".", ".."} for part in path.removesuffix("/").split("/")):
            raise UsageError(
                f"{visible(path)!r} is no path from the root of the repository.",
                next_step="Write it as `git ls-files --full-name` does, such as `services/api.py`.",
            )
    return found


def _warn_of_place(source: Source, paths: Sequence[str], *, is_for_people: bool) -> None:
    """Say where a path would be if it were read from the current folder; to people, of each that is not in the tree."""
    folder = ""
    with contextlib.suppress(ValueError, OSError):
        folder = Path.cwd().relative_to(source.checkout.root.resolve()).as_posix()
    known = set(source.paths)
    for path in paths:
        if path in known or path.endswith("/"):
            continue
        if f"{folder}/{path}" in known:
            warn(f"Paths begin at the root: {path} is not in the tree; did you mean {folder}/{path}?")
        elif is_for_people and any(one.startswith(f"{path}/") for one in known):
            warn(f"{path} is a folder; ask for {path}/ to see whose it is as a whole.")
        elif is_for_people:
            warn(f"{path} is not in the tree; this is whose it would be.")


def _answers(source: Source, paths: Sequence[str]) -> "list[Resolution]":
    """Return what every path resolves to, in order; folders and submodules as file and folder at once."""
    index = source.index
    submodules = {entry.path for entry in source.tree.entries() if entry.mode == _MODE_SUBMODULE}
    answers: list[Resolution] = [()] * len(paths)
    with progress("Looking up owners", len(paths), shown_from=_LONG) as bar:
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            for positions, resolution, _ in index.group(chunk):
                said = _without_idle_gate_files(source, resolution)
                for position in positions:
                    answers[start + position] = said
            bar.update(len(chunk))
    for number, path in enumerate(paths):
        if path[-1:] == "/" or path in submodules:
            answers[number] = _without_idle_gate_files(source, index.resolve(path.rstrip("/"), as_folder=True))
    return answers


def _without_idle_gate_files(source: Source, resolution: "Resolution") -> "Resolution":
    """Return what the sections say; that of the gate's own files speaks of these alone."""
    from gate.core.policy.gate_files import GATE_SECTION

    if not resolution or resolution[-1].rule or source.ownership.sections[-1].name != GATE_SECTION:
        return resolution
    return resolution[:-1]


def _json_lines(
    source: Source, paths: Sequence[str], answers: "Sequence[Resolution]", *, only: "frozenset[int] | None" = None
) -> Iterator[str]:
    """Yield one array with one object for each path and section (only of some components, where they are given)."""
    tails: dict[int, list[str]] = {}
    separator = "["
    for path, resolution in zip(paths, answers, strict=True):
        tail = tails.get(id(resolution))
        if tail is None:
            kept = [found for found in resolution if only is None or found.component in only]
            tail = tails[id(resolution)] = [json.dumps(_object(source, found))[1:] for found in kept]
            if not resolution and only is None:
                tail.append('"section": null, "component": null, "owners": [], "source": null}')
        head = json.dumps(path)
        for one in tail:
            yield f'{separator}{{"path": {head}, {one}'
            separator = ","
    yield "]" if separator == "," else "[]"


def _object(source: Source, found: "Found") -> dict[str, Any]:
    component = None if found.component is None else source.ownership.components[found.component]
    item: dict[str, Any] = {
        "section": source.ownership.sections[found.section].name,
        "component": component.name if component else None,
        "owners": list(component.owners) if component else [],
        "source": found.rule.source if found.rule else None,
    }
    return item | ({"problem": found.problem} if found.problem else {})


def _text_lines(source: Source, paths: Sequence[str], answers: "Sequence[Resolution]") -> Iterator[str]:
    """Yield an aligned table; columns that would say nothing new are left out."""
    from gate.core.policy.gate_files import GATE_SECTION

    has_sections = sum(section.name != GATE_SECTION for section in source.ownership.sections) > 1
    has_names = any(one.name != one.owner and one.section != GATE_SECTION for one in source.ownership.components)
    headers = ["path", "owner", *(["component"] if has_names else []), *(["section"] if has_sections else []), "source"]
    tails: dict[int, list[list[Cell]]] = {}
    reasons: dict[str, str] = {}
    rows: list[list[Cell]] = []
    for path, resolution in zip(paths, answers, strict=True):
        tail = tails.get(id(resolution))
        if tail is None:
            tail = tails[id(resolution)] = [
                _cells(source, found, has_names=has_names, has_sections=has_sections) for found in _told(resolution)
            ] or [[Cell("unowned", "yellow"), *([Cell("")] * (len(headers) - 3)), Cell("no source says so")]]
            reasons.update({f.rule.source: f.problem for f in resolution if f.rule and f.problem})
        name = Cell(visible(path))
        rows += [[name, *cells] for cells in tail]
    file = _only_file(rows)
    if file:
        headers[-1] = "line"
        rows = [[*row[:-1], replace(row[-1], text=row[-1].text.removeprefix(f"{file}:"))] for row in rows]
    yield from table(headers, rows, is_headed=len(rows) > 1)
    if file:
        yield from ("", paint(f"Lines are those of {file}.", is_dim=True))
    if reasons:
        yield ""
        yield paint("Blocked until these lines are mended on the base branch:", "red")
        yield from table(["line", "why"], [[where, why] for where, why in reasons.items()], is_headed=False)


def _only_file(rows: Sequence[Sequence[Cell]]) -> str:
    """Return the one file that all lines are in where naming it on every line would not fit, else nothing."""
    widths = [max(width_of(row[column].text) for row in rows) + 2 for column in range(len(rows[0]))] if rows else []
    if sum(widths) - 2 <= line_width():
        return ""
    files = {row[-1].text.rpartition(":")[0] for row in rows if ":" in row[-1].text}
    return files.pop() if len(files) == 1 else ""


def _told(resolution: "Resolution") -> "list[Found]":
    """Return the sections that say something of a path; the first where none does."""
    telling = [found for found in resolution if found.rule is not None]
    return telling or list(resolution[:1])


def _cells(source: Source, found: "Found", *, has_names: bool, has_sections: bool) -> list[Cell]:
    component = None if found.component is None else source.ownership.components[found.component]
    if component is not None:
        owner = Cell(visible(component.owner or "nobody"), "" if component.owner else "red")
    elif found.problem is not None:
        owner = Cell("blocked", "red", is_bold=True)
    else:
        owner = Cell("unowned", "yellow")
    cells = [owner]
    if has_names:
        cells.append(Cell(visible(component.name) if component else "-"))
    if has_sections:
        section = source.ownership.sections[found.section]
        cells.append(Cell(visible(f"{section.name} (optional)" if section.is_optional else section.name)))
    where = found.rule.source if found.rule else "no line matches"
    where = "no policy" if where == "built-in defaults" else where
    return [*cells, Cell(visible(where), is_dim=True)]


def _show_owned(source: Source, person: str | None, team: str | None, *, is_json: bool) -> None:
    """Print what somebody owns in this tree: all paths as JSON, or a count for each component."""
    from gate.core.ownership.search import components_owned, person_references, team_references

    if person and team:
        raise UsageError("--person and --team go one at a time.")
    name = person or team or ""
    lookup = person_references if person else team_references
    owned = components_owned(source.ownership, lookup(source.ownership, name))
    answers = _answers(source, source.paths)
    if is_json:
        write_lines(_json_lines(source, source.paths, answers, only=frozenset(owned)))
        return
    counts = dict.fromkeys(owned, 0)
    files = 0
    for resolution in answers:
        mine = [found.component for found in resolution if found.component is not None and found.component in counts]
        files += bool(mine)
        for number in mine:
            counts[number] += 1
    if not owned:
        warn(_nobody(source, name, is_person=bool(person)))
        return
    rows = []
    for number, through in owned.items():
        component = source.ownership.components[number]
        count = f"{counts[number]:,}" if component.has_files else "no files"
        rows.append([component.name, component.section, through, count, component.source])
    parts = count_of(len(owned), "component")
    write_lines(
        [
            f"{visible(name)} owns {files:,} of {count_of(len(source.paths), 'file')} in {parts}.",
            "",
            *table(["component", "section", "through", "files", "source"], rows),
        ]
    )


def _nobody(source: Source, name: str, *, is_person: bool) -> str:
    import difflib

    kind = "person" if is_person else "team"
    known = {owner for component in source.ownership.components for owner in component.owners}
    known |= set(source.ownership.people if is_person else source.ownership.teams)
    close = difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.7)
    of_that_name = [one for one in sorted(known) if one.lower().endswith(f"/{name.lower()}")]
    near = [one for one in (of_that_name or close)[:2] if one.lower() != name.lower()]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    forge = " Members of the forge's teams are not known here." if is_person else ""
    return f"The {kind} {name} owns nothing here.{hint}{forge}"
