"""Migrations: which files of a change migrate data, by the conventions of known tools, and which have a way back."""

from collections.abc import Callable, Sequence

from gate.core.change.facts import Finding
from gate.core.change.migration_tools.conventions import (
    CANDIDATE_FOLDER,
    CANDIDATE_NAME,
    CODE_ENDINGS,
    MIGRATION_FOLDER,
    NUMBERED,
)
from gate.core.change.migration_tools.findings_of import (
    ReadHead,
    Reading,
    UndoScripts,
    irreversible,
    unknown,
    unreadable,
)
from gate.core.change.migration_tools.liquibase import read_changelog
from gate.core.change.migration_tools.python_tools import read_python
from gate.core.change.migration_tools.ruby_tools import read_ruby
from gate.core.change.migration_tools.script_tools import read_script
from gate.core.change.migration_tools.source_text import FileContent, decoded
from gate.core.change.migration_tools.sql_tools import is_down_script, read_by_name, read_sql, sqitch_twin, undo_scripts
from gate.core.ownership.matcher import PathMatcher

__all__ = ["FileContent", "find_migrations", "is_migration_candidate"]


def is_migration_candidate(path: str) -> bool:
    """Return whether the content of a path is worth reading for `find_migrations`: a guess from its name alone.

    Paths that match a component's own migration patterns must be read besides.
    """
    lower = path.lower()
    name = lower.rpartition("/")[2]
    ending = name.rpartition(".")[2]
    if ending == "sql":
        return True
    if CANDIDATE_NAME.match(name):
        return True
    return ending in CODE_ENDINGS and CANDIDATE_FOLDER.search(lower) is not None


def find_migrations(
    files: Sequence[FileContent],
    *,
    extra_patterns: Sequence[str] = (),
    read_head: Callable[[str], bytes | None] | None = None,
) -> tuple[Finding, ...]:
    """Return a finding for every file of a change that migrates data, in the order of the files.

    `read_head` returns any file's bytes at the head (None: absent): undo scripts lie beside migrations. Without it
    only the given files are known. `extra_patterns` are the path patterns that components call migrations. What
    cannot be read or told is not reversible. Deleting or editing an existing migration is a finding as well: databases
    that ran it will not run it again.
    """
    changed = {file.path: file.head for file in files}
    reader = read_head or (lambda _path: None)

    def read(path: str) -> bytes | None:
        # SECURITY: what the change itself deletes is no way back, whatever else is asked.
        return changed[path] if path in changed else reader(path)

    matcher = PathMatcher([extra_patterns]) if extra_patterns else None
    siblings = undo_scripts(path for path, head in changed.items() if head is not None)
    found = []
    for file in files:
        is_named = matcher is not None and matcher.match(file.path)[0] >= 0
        reading = _judge(file, read_head=read, siblings=siblings, is_named=is_named)
        if reading is not None:
            found.append(reading.finding(file.path))
    return tuple(found)


def _judge(file: FileContent, *, read_head: ReadHead, siblings: UndoScripts, is_named: bool) -> Reading | None:
    """Return the reading of one changed file, None where it is no migration."""
    if file.status == "deleted":
        return _judge_deleted(file, is_named=is_named, read_head=read_head, siblings=siblings)
    if file.base == file.head and file.head is not None:
        return None
    now = _read(file, file.head, read_head=read_head, siblings=siblings, is_named=is_named)
    if file.base is None:
        return now
    before = _read(file, file.base, read_head=read_head, siblings=siblings, is_named=is_named)
    if before is None:
        return now
    tool = (now or before).tool
    if now is None:
        return irreversible(tool, "an existing migration is emptied, and databases that ran it keep what it did")
    if now.is_reversible is False or _runs_again(file):
        return now
    return unknown(tool, "an existing migration is edited, and databases that already ran it will not run it again")


def _runs_again(file: FileContent) -> bool:
    """Return whether the tool runs an edited file anew: Flyway's repeatable scripts, changelogs that grow."""
    lower = file.name.lower()
    return lower.startswith("r__") or lower.endswith((".xml", ".yaml", ".yml", ".json")) or "changelog" in lower


def _judge_deleted(file: FileContent, *, read_head: ReadHead, siblings: UndoScripts, is_named: bool) -> Reading | None:
    if is_down_script(file.path):
        return irreversible("SQL", "the script that takes a migration back is deleted")
    revert_of = sqitch_twin(file.path, "revert", "deploy")
    if revert_of and read_head(revert_of) is not None:
        return irreversible("sqitch", f"the script that takes `{revert_of}` back is deleted")
    before = _read(file, file.base, read_head=read_head, siblings=siblings, is_named=is_named)
    if before is None:
        return None
    return irreversible(
        before.tool, "an existing migration is deleted, and with it the way back of databases that ran it"
    )


def _read(
    file: FileContent, raw: bytes | None, *, read_head: ReadHead, siblings: UndoScripts, is_named: bool
) -> Reading | None:
    """Return what a tool's convention makes of one version of a file, None where it is no migration.

    SECURITY: a version that was not handed over (too large, a link) cannot be read; it is never taken for absent.
    """
    is_candidate = is_named or is_migration_candidate(file.path)
    text = decoded(raw)
    if text is None:
        is_blind = is_candidate and not is_down_script(file.path) and _could_be_one(file, is_named=is_named)
        return unreadable("Unknown tool") if is_blind else None
    reading = _read_text(file, text, read_head=read_head, siblings=siblings, is_candidate=is_candidate)
    if reading is not None or is_down_script(file.path):
        return reading
    if is_named:
        return unknown(
            "Unknown tool",
            "a component's own patterns call it a migration, and no known tool says how to take it back",
        )
    if _is_numbered(file.path) and not file.name.lower().endswith(".sql"):
        return unknown("Unknown tool", "it is numbered like a migration, and no known tool says how to take it back")
    return None


def _read_text(
    file: FileContent, text: str, *, read_head: ReadHead, siblings: UndoScripts, is_candidate: bool
) -> Reading | None:
    match file.name.rpartition(".")[2].lower():
        case "py":
            return read_python(text)
        case "rb":
            return read_ruby(text)
        case "sql":
            return read_sql(file, text, read_head=read_head, siblings=siblings)
        case "xml" | "yaml" | "yml" | "json":
            by_name = read_by_name(file, read_head=read_head, siblings=siblings)
            return read_changelog(file.name, text) or by_name
    reading = read_script(file, text, read_head=read_head, siblings=siblings, is_candidate=is_candidate)
    return reading or read_by_name(file, read_head=read_head, siblings=siblings)


def _could_be_one(file: FileContent, *, is_named: bool) -> bool:
    """Return whether a file that cannot be read lies where only migrations lie."""
    is_there = MIGRATION_FOLDER.search(file.path.lower()) is not None or "/versions/" in f"/{file.path.lower()}"
    return is_named or is_there or file.name.lower().endswith(".sql")


def _is_numbered(path: str) -> bool:
    lower = path.lower()
    ending = lower.rpartition(".")[2]
    is_code = ending in CODE_ENDINGS and ending not in {"json", "yaml", "yml", "xml"}
    name = lower.rpartition("/")[2]
    is_snapshot = ".designer." in name or "snapshot" in name
    return is_code and not is_snapshot and bool(MIGRATION_FOLDER.search(lower) and NUMBERED.match(name))
