"""Liquibase changelogs in XML, YAML and JSON: whether every change set can be taken back."""

import json
import re
from typing import Any

from gate.core.change.migration_tools.conventions import LIQUIBASE_AUTOMATIC, LIQUIBASE_NOT_A_CHANGE
from gate.core.change.migration_tools.findings_of import Reading, irreversible, reversible, unknown, unreadable
from gate.core.lazy_regex import lazy_regex

_TOOL = "Liquibase"
_MAX_DEPTH = 200
_LINE = lazy_regex(r"^(?P<indent> *)(?P<dash>(?:- +)*)(?P<quote>[\"']?)(?P<key>\w+)(?P=quote) *:(?: +(?P<value>.*))?$")


def read_changelog(name: str, text: str) -> Reading | None:
    """Return the reading of a changelog, None where the file is none or only includes others."""
    if "databaseChangeLog" not in text:
        return None
    from xml.parsers import expat

    ending = name.rpartition(".")[2].lower()
    try:
        if ending == "xml":
            sets = _sets_of_xml(text)
        elif ending == "json":
            sets = _sets_of_json(json.loads(text))
        else:
            sets = _sets_of_yaml(text)
    except (ValueError, RecursionError, expat.ExpatError):
        return unreadable(_TOOL)
    return _judge(sets) if sets else None


def _judge(sets: list[dict[str, bool]]) -> Reading:
    """Judge change sets, each as its keys: changes by name, and `rollback` with whether it says anything."""
    for keys in sets:
        if "rollback" in keys:
            continue
        changes = [key for key in keys if key not in LIQUIBASE_NOT_A_CHANGE]
        stuck = [change for change in changes if change not in LIQUIBASE_AUTOMATIC]
        if stuck:
            return irreversible(_TOOL, f"`{stuck[0][:60]}` has no `rollback` and is not taken back by itself")
        if not changes:
            return unknown(_TOOL, "a change set has no changes that can be told from this file")
    return reversible(_TOOL, "every change set has a `rollback` or is taken back by itself")


def _sets_of_xml(text: str) -> list[dict[str, bool]]:
    """Return the children of each `changeSet`. SECURITY: a document type, and with it every entity, is refused."""
    sets: list[dict[str, bool]] = []
    path: list[str] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if len(path) >= _MAX_DEPTH:
            raise ValueError("too deep")
        if name == "changeSet":
            sets.append({})
        elif path and path[-1] == "changeSet":
            sets[-1][name] = True
        path.append(name)

    def end(_tag: str) -> None:
        path.pop()

    def refuse(*_: object) -> None:
        raise ValueError("a document type is not read")

    from xml.parsers import expat

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(re.sub(r"^<\?xml[^>]*\?>", "", text.lstrip()).encode(), True)  # noqa: FBT003 (expat's own signature)
    return sets


def _sets_of_json(document: Any) -> list[dict[str, bool]]:
    sets = []
    entries = document.get("databaseChangeLog") if isinstance(document, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        body = entry.get("changeSet") if isinstance(entry, dict) else None
        if not isinstance(body, dict):
            continue
        changes = body.get("changes", [])
        keys = {str(key): True for change in changes if isinstance(change, dict) for key in change}
        if "rollback" in body:
            keys["rollback"] = True
        sets.append(keys)
    return sets


def _sets_of_yaml(text: str) -> list[dict[str, bool]]:
    """Return the keys of each change set by indentation. Raises ValueError for a style that this does not read."""
    sets: list[dict[str, bool]] = []
    set_indent = changes_indent = item_indent = -1
    for line in text.split("\n"):
        found = _LINE.match(line.split(" #")[0].rstrip())
        if found is None:
            continue
        indent, key = len(found["indent"]) + len(found["dash"]), found["key"]
        if key == "changeSet":
            if found["value"]:
                raise ValueError("a change set in flow style is not read")
            sets.append({})
            set_indent, changes_indent = indent, -1
        elif sets and indent <= set_indent:
            set_indent = -1 if not found["dash"] else set_indent
        elif sets and key == "changes" and changes_indent < 0:
            if found["value"]:
                raise ValueError("changes in flow style are not read")
            changes_indent, item_indent = indent, -1
        elif sets and key == "rollback" and (changes_indent < 0 or indent <= changes_indent):
            sets[-1]["rollback"] = True
        elif sets and changes_indent >= 0 and found["dash"] and (item_indent < 0 or indent == item_indent):
            item_indent = indent
            sets[-1][key] = True
    return sets
