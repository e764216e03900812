"""Migrations in SQL: Flyway, golang-migrate, goose, dbmate, Prisma, sqitch, Liquibase's SQL, and unknown tools."""

import re
from collections.abc import Iterable

from gate.core.change.migration_tools.conventions import (
    FLYWAY,
    GOLANG_MIGRATE,
    PRISMA,
    SQL_CHANGES,
    SQL_FOLDER,
)
from gate.core.change.migration_tools.findings_of import (
    ReadHead,
    Reading,
    UndoScripts,
    irreversible,
    reversible,
    unknown,
    unreadable,
)
from gate.core.change.migration_tools.source_text import FileContent, blanked, decoded
from gate.core.lazy_regex import lazy_regex

_LIQUIBASE = lazy_regex(r"\A\s*--\s*liquibase\s+formatted\s+sql\b", re.IGNORECASE)
_CHANGESET = lazy_regex(r"^[ \t]*--[ \t]*changeset\b[^\n]*", re.IGNORECASE | re.MULTILINE)
_ROLLBACK = lazy_regex(r"^[ \t]*--[ \t]*rollback\b(?P<sql>[^\n]*)", re.IGNORECASE | re.MULTILINE)
_ROLLBACK_BLOCK = lazy_regex(r"/\*[ \t]*liquibase[ \t]+rollback\b", re.IGNORECASE)
_GOOSE = lazy_regex(r"^[ \t]*--[ \t]*\+goose[ \t]+(?P<way>up|down)\b", re.IGNORECASE | re.MULTILINE)
_DBMATE = lazy_regex(r"^[ \t]*--[ \t]*migrate:(?P<way>up|down)\b", re.IGNORECASE | re.MULTILINE)
_MARKERS = {"goose": _GOOSE, "dbmate": _DBMATE}
_SQITCH = lazy_regex(r"\A\s*--\s*Deploy\s+\S+:", re.IGNORECASE)
_STATED_NOTHING = frozenset({"empty", "not required"})
_SPLIT = lazy_regex(r";|^[ \t]*go[ \t]*$", re.IGNORECASE | re.MULTILINE)
_WORD = lazy_regex(r"[A-Za-z_]+")
_REFUSAL = lazy_regex(r"\braise\s+exception\b|\bsignal\s+sqlstate\b|\braiserror\b|\bthrow\s+[0-9]", re.IGNORECASE)


def changes_anything(text: str) -> bool | None:
    """Return whether some statement of a script may change schema or data; None where that cannot be told."""
    code = blanked(text, "sql")
    if code is None:
        return None
    return any(_first_word(statement) in SQL_CHANGES for statement in _SPLIT.split(code.replace("/*!", "; ")))


def _first_word(statement: str) -> str:
    """Return the first word of a statement, past the numbers and brackets that may precede it."""
    found = _WORD.search(statement)
    word = found[0].lower() if found else ""
    if word in {"begin", "explain", "start", "transaction", "commit", "end"} and found:
        following = _WORD.search(statement, found.end())
        return following[0].lower() if following else word
    return word


def takes_back(text: str | None) -> bool | None:
    """Return whether a down script does anything but refuse; None where there is a script that cannot be read."""
    if text is None:
        return None
    if _REFUSAL.search(text):
        return False
    return changes_anything(text)


def read_sql(file: FileContent, text: str, *, read_head: ReadHead, siblings: UndoScripts) -> Reading | None:
    """Return the reading of an SQL migration, None where the file is not one. Down scripts alone are none."""
    # SECURITY: markers are comments that anybody can write: where name and markers speak for several tools, the way
    # back must hold by all of them.
    claims = [_read_sections(tool, marker, text) for tool, marker in _MARKERS.items() if marker.search(text)]
    claims += [_read_liquibase(text)] if _LIQUIBASE.match(text) else []
    by_name = read_by_name(file, read_head=read_head, siblings=siblings)
    claims += [by_name] if by_name else []
    if claims:
        return next((claim for claim in claims if claim.is_reversible is not True), claims[0])
    if is_down_script(file.path):
        return None
    reverted = sqitch_twin(file.path, "revert", "deploy")
    if reverted is not None and read_head(reverted) is not None:
        return None
    return _read_sqitch(file, text, read_head) or _read_unknown(file, text)


def is_down_script(path: str) -> bool:
    """Return whether a path is by its name a script that takes another one back."""
    name = path.rpartition("/")[2]
    flyway, golang = FLYWAY.match(name), GOLANG_MIGRATE.match(name)
    is_undo = bool(flyway and flyway["kind"] == "U" and flyway["version"])
    return is_undo or bool(golang and golang["way"].lower() == "down") or name.lower() == "down.sql"


def undo_scripts(paths: Iterable[str]) -> UndoScripts:
    """Return the undo scripts among some paths, by their folder and version: their descriptions may differ."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, name = path.rpartition("/")
        if name.startswith("U") and "__" in name:
            found.setdefault(f"{folder}{slash}{name.partition('__')[0]}__", []).append(path)
    return found


def read_by_name(file: FileContent, *, read_head: ReadHead, siblings: UndoScripts) -> Reading | None:
    """Return the reading of a migration that its name shows to be one, with its down script in a file of its own."""
    if GOLANG_MIGRATE.match(file.name):
        found = GOLANG_MIGRATE.match(file.name)
        if found and found["way"].lower() == "up":
            down = f"{file.folder}{found['stem']}.{'DOWN' if found['way'].isupper() else 'down'}.{found['extension']}"
            return _by_script("golang-migrate", down, read_head)
        return None
    if PRISMA.search(file.path):
        return _by_script("Prisma", f"{file.folder}down.sql", read_head)
    flyway = FLYWAY.match(file.name)
    if flyway is None or flyway["kind"] == "U":
        return None
    if flyway["kind"] == "R" and not flyway["version"]:
        return unknown("Flyway", "a repeatable script has no undo script, so its way back cannot be told")
    if not flyway["version"]:
        return None
    undo = f"{file.folder}U{flyway['version']}__{flyway['text']}.{flyway['extension']}"
    for path in (undo, *siblings.get(f"{file.folder}U{flyway['version']}__", ())):
        if read_head(path) is not None:
            return _by_script("Flyway", path, read_head)
    return _by_script("Flyway", undo, read_head)


def _by_script(tool: str, path: str, read_head: ReadHead) -> Reading:
    raw = read_head(path)
    name = path.rpartition("/")[2]
    if raw is None:
        return irreversible(tool, f"there is no `{name}` beside it")
    text = decoded(raw)
    answer = takes_back(text) if name.lower().endswith(".sql") else None
    said = {
        True: f"`{name}` takes it back",
        False: f"`{name}` does nothing",
        None: f"`{name}` cannot be read as SQL, so its way back cannot be told",
    }[answer]
    return Reading(tool, answer, said)


def _read_sections(tool: str, marker: re.Pattern[str], text: str) -> Reading:
    """Read a script with an up and a down section, as goose and dbmate have them."""
    marks = list(marker.finditer(text))
    down = [
        text[mark.end() : following.start() if following else len(text)]
        for mark, following in zip(marks, [*marks[1:], None], strict=True)
        if mark["way"].lower() == "down"
    ]
    if not down:
        return irreversible(tool, "there is no down section")
    # The rest of the marker's line is an option, such as `transaction:false`.
    answer = takes_back("\n".join(section.partition("\n")[2] for section in down))
    if answer is None:
        return unreadable(tool)
    return Reading(tool, answer, "the down section takes it back" if answer else "the down section does nothing")


def _read_liquibase(text: str) -> Reading:
    marks = list(_CHANGESET.finditer(text))
    if not marks:
        return unknown("Liquibase", "it has no changeset, so its way back cannot be told")
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        part = text[mark.end() : following.start() if following else len(text)]
        name = mark[0].strip().lstrip("-").strip()
        lines = [found["sql"].strip() for found in _ROLLBACK.finditer(part)]
        is_stated = any(line.lower().rstrip(";") in _STATED_NOTHING for line in lines)
        if not is_stated and not takes_back("\n".join(lines)) and not _ROLLBACK_BLOCK.search(part):
            return irreversible("Liquibase", f"`{name[:80]}` has no `--rollback`, and SQL is not taken back by itself")
    return reversible("Liquibase", "every changeset has a `--rollback`")


def sqitch_twin(path: str, folder: str, other: str) -> str | None:
    """Return the path with its last folder of one name replaced by another, None where it has none."""
    before, found, after = f"/{path}".rpartition(f"/{folder}/")
    return f"{before}/{other}/{after}"[1:] if found else None


def _read_sqitch(file: FileContent, text: str, read_head: ReadHead) -> Reading | None:
    revert = sqitch_twin(file.path, "deploy", "revert")
    if revert is None:
        return None
    raw = read_head(revert)
    if raw is None and not _SQITCH.match(text):
        return None
    if raw is None:
        return irreversible("sqitch", f"there is no `{revert}`")
    answer = takes_back(decoded(raw))
    said = {True: "takes it back", False: "does nothing", None: "cannot be read"}[answer]
    return Reading("sqitch", answer, f"`{revert}` {said}")


def _read_unknown(file: FileContent, text: str) -> Reading | None:
    if not SQL_FOLDER.search(file.path.lower()) or changes_anything(text) is False:
        return None
    return unknown("SQL", "it changes schema or data, and no tool that is known here says how to take it back")
