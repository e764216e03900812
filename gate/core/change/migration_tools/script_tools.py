"""Migrations in code with a function for each way: Knex, Sequelize, TypeORM, EF Core, goose in Go, Flyway in Java."""

import re

from gate.core.change.migration_tools.conventions import FLYWAY
from gate.core.change.migration_tools.findings_of import (
    ReadHead,
    Reading,
    UndoScripts,
    irreversible,
    reversible,
    unknown,
    unreadable,
)
from gate.core.change.migration_tools.source_text import FileContent, blanked, closing, decoded, split_arguments
from gate.core.lazy_regex import lazy_regex

_JAVASCRIPT = frozenset({"js", "jsx", "cjs", "mjs", "ts", "tsx", "cts", "mts"})
_JVM = frozenset({"java", "kt", "kts", "groovy", "scala"})
_UP = lazy_regex(
    r"\bexports\.up\b|\bexport\s+(?:async\s+)?function\s+up\b|\bexport\s+(?:const|let)\s+up\b"
    r"|^[ \t]*(?:public\s+)?(?:static\s+)?(?:async\s+)?up\s*[(:=]|\bmodule\.exports\s*=\s*\{\s*(?:async\s+)?up\b",
    re.MULTILINE,
)
_DOWN = lazy_regex(
    r"\bexports\.down\s*=|\bexport\s+(?:async\s+)?function\s+down\b|\bexport\s+(?:const|let)\s+down\b[^=]*="
    r"|^[ \t]*(?:public\s+)?(?:static\s+)?(?:async\s+)?down\s*[(:=]|[{,]\s*(?:async\s+)?down\s*[(:]",
    re.MULTILINE,
)
_TALK = lazy_regex(r"\b(?:console|logger|log)\s*\.\s*\w+\s*\(|\bPromise\s*\.\s*(?:resolve|reject)\s*\(|\bfunction\s*\(")
_EF_CORE = lazy_regex(r":\s*(?:[\w.]*\.)?Migration\b")
_EF_DOWN = lazy_regex(r"\bvoid\s+Down\s*\(")
_GOOSE = lazy_regex(r"\bgoose\.Add(?:Named)?Migration\w*\s*\(|\bgoose\.NewGoMigration\s*\(")
_CALL = lazy_regex(r"\w(?:\s*+<[^<>()]{0,200}>)?\s*+\(")
_BODY_AHEAD = 2000
_MAX_REGISTERED = 20
# What may stand between a parameter list and the body: a result type, `throws`, an arrow.
_HEAD = lazy_regex(r"\s*(?::[^{};=]{0,200}|throws\s+[\w.,\s]{1,200}?(?=\{)|(?:=\s*)?(?:async\s+)?\w+\s*)?(?:=>)?\s*")


def read_script(
    file: FileContent, text: str, *, read_head: ReadHead, siblings: UndoScripts, is_candidate: bool
) -> Reading | None:
    """Return the reading of a migration written as code, None where the file is not one."""
    ending = file.name.rpartition(".")[2].lower()
    code = blanked(text, "c")
    if code is None:
        return unreadable("Script") if is_candidate else None
    if ending in _JAVASCRIPT and is_candidate and _UP.search(code):
        return _read_javascript(_javascript_tool(text), code)
    if ending == "cs" and _EF_CORE.search(code) and re.search(r"\bvoid\s+Up\s*\(", code):
        return _read_ef_core(code)
    if ending == "go" and _GOOSE.search(code):
        return _read_goose(code)
    if ending in _JVM:
        return _read_flyway_code(file, read_head=read_head, siblings=siblings)
    return None


def _javascript_tool(text: str) -> str:
    for word, tool in (("MigrationInterface", "TypeORM"), ("queryInterface", "Sequelize"), ("pgm", "node-pg-migrate")):
        if re.search(rf"\b{word}\b", text):
            return tool
    return "Knex"


def _read_javascript(tool: str, code: str) -> Reading:
    found = next(reversed(list(_DOWN.finditer(code))), None)
    if found is None:
        is_computed = re.search(r"\bmodule\.exports\s*=\s*[\w.]+\s*\(|\.\.\.", code)
        if is_computed:
            return unknown(tool, "its exports are computed, so its way back cannot be told from this file")
        return irreversible(tool, "there is no `down`")
    body = _body_after(code, found.end() - 1 if found[0].endswith("(") else found.end())
    return _judge_body(tool, "`down`", body)


def _body_after(code: str, start: int) -> str | None:
    """Return the body of the function whose head begins at an index; None where it cannot be found."""
    ahead = code[start : start + _BODY_AHEAD]
    value = re.match(r"\s*(?:false|null|undefined)\b", ahead)
    if value:
        return ""
    opening = re.match(r"\s*(?:=\s*)?(?:async\s+)?(?:function\s*\w*\s*)?(?=\()", ahead)
    position = start
    if opening:
        end = closing(code, start + opening.end())
        if end < 0:
            return None
        position = end + 1
    head = _HEAD.match(code, position, position + _BODY_AHEAD)
    position = head.end() if head else position
    if position < len(code) and code[position] == "{":
        end = closing(code, position)
        return None if end < 0 else code[position + 1 : end]
    if head and "=>" in head[0]:
        return re.split(r";|\n\s*\n", code[position:])[0]
    return None


def _judge_body(tool: str, name: str, body: str | None) -> Reading:
    if body is None:
        return unknown(tool, f"{name} is defined in a way that cannot be told from this file")
    if re.match(r"\s*(?:return\s+)?(?:throw\b|Promise\s*\.\s*reject\b|panic\s*\()", body):
        return irreversible(tool, f"{name} only raises an error")
    statements = re.split(r"\breturn\s*;", body)[0]
    if not _CALL.search(_TALK.sub(" ", statements)):
        return irreversible(tool, f"{name} does nothing")
    return reversible(tool, f"{name} takes it back")


def _read_ef_core(code: str) -> Reading:
    found = _EF_DOWN.search(code)
    if found is None:
        return irreversible("EF Core", "there is no `Down`")
    return _judge_body("EF Core", "`Down`", _body_after(code, found.end() - 1))


def _read_goose(code: str) -> Reading:
    """Read a Go migration: the last argument of its registration is the way down."""
    registered = list(_GOOSE.finditer(code))
    if len(registered) > _MAX_REGISTERED:
        return unknown("goose", "it registers too many migrations to be read")
    for found in registered:
        end = closing(code, found.end() - 1)
        arguments = split_arguments(code[found.end() : end]) if end > 0 else []
        if len(arguments) < 2:  # noqa: PLR2004 (up and down)
            return unknown("goose", "its registration cannot be told from this file")
        down = arguments[-1]
        if down == "nil":
            return irreversible("goose", "its down function is nil")
        reading = _judge_go(code, down)
        if reading.is_reversible is not True:
            return reading
    return reversible("goose", "its down function takes it back")


def _judge_go(code: str, down: str) -> Reading:
    declared = re.search(rf"\bfunc\s+{re.escape(down)}\s*\(", code) if down.isidentifier() else None
    if declared is None:
        return unknown("goose", "its down function is defined in a way that cannot be told from this file")
    end = closing(code, declared.end() - 1)
    brace = code.find("{", end) if end > 0 else -1
    finish = closing(code, brace) if brace > 0 else -1
    return _judge_body("goose", f"`{down}`", code[brace + 1 : finish] if finish > 0 else None)


def _read_flyway_code(file: FileContent, *, read_head: ReadHead, siblings: UndoScripts) -> Reading | None:
    name = FLYWAY.match(file.name)
    if name is None or name["kind"] not in {"V", "B"} or not name["version"]:
        return None
    start = f"{file.folder}U{name['version']}__"
    paths = [f"{start}{name['text']}.{name['extension']}", *siblings.get(start, ())]
    for path in paths:
        text = decoded(read_head(path))
        if text is None:
            continue
        code = blanked(text, "c")
        found = re.search(r"\bmigrate\s*\(", code or "")
        body = _body_after(code, found.end() - 1) if code and found else None
        return _judge_body("Flyway", f"`{path.rpartition('/')[2]}`", body)
    return irreversible("Flyway", f"there is no undo migration `U{name['version']}__...` beside it")
