"""Removed public interfaces: OpenAPI operations, protobuf and GraphQL names, exports of Python and TypeScript."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from gate.core.change.facts import Finding
from gate.core.change.finding_kinds.comparing import Named, Scope, gone_from, in_words, json_section
from gate.core.change.migration_tools.source_text import MAX_PYTHON, FileContent, blanked
from gate.core.lazy_regex import lazy_regex

_MAX_DEPTH = 50
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_YAML_KEY = lazy_regex(r"^(?P<indent> *)(?P<quote>[\"']?)(?P<key>[^\s\"'#][^\"'#]*?)(?P=quote) *:(?: |$)")
_PROTO = lazy_regex(
    r"\b(?P<block>message|enum|service|oneof|extend)\s+(?P<name>[\w.]+)\s*\{|\brpc\s+(?P<rpc>\w+)"
    r"|\b(?P<field>\w++)\s*=\s*(?P<number>-?\w++)\s*(?=[;\[])|(?P<open>\{)|(?P<close>\})"
)
_GRAPHQL = lazy_regex(
    r"\b(?P<block>type|interface|input|enum|union|scalar|directive)\s+@?(?P<name>\w++)|(?P<bracket>[{}()])|\w++"
)
_EXPORT = lazy_regex(
    r"\bexport\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:const|let|var|function\*?|class|type|interface|enum|namespace)\s+(?P<name>[\w$]+)"
    r"|\bexport\s+(?:type\s+)?\{(?P<list>[^{}]*)\}|\bexport\s+\*(?:\s+as\s+(?P<alias>[\w$]+))?\s*from\s*(?P<module>\S+)"
    r"|\bexport\s+(?P<default>default)\b"
)
_INDEX = lazy_regex(r"(?:\A|/)index\.(?:d\.)?[cm]?[tj]sx?\Z")
_OPENAPI = lazy_regex(r"\b(?:openapi|swagger)[\"']?[ \t]*:[ \t]*[\"']?[0-9]")


def may_be_public_api(path: str) -> bool:
    """Return whether the content of a path is worth reading for removed interfaces; the path in lower case."""
    is_schema = path.endswith((".proto", ".graphql", ".graphqls", ".gql", ".yaml", ".yml", ".json"))
    return is_schema or path.endswith("__init__.py") or bool(_INDEX.search(path))


def find_removed(files: Sequence[FileContent]) -> Iterator[Finding]:
    """Yield the public names that the change takes away."""
    for tool, (is_its, named, scope) in _READERS.items():
        its_files = [one for one in files if is_its(one.path.lower())]
        for path, (names, is_blind) in gone_from(its_files, named, scope=scope).items():
            it = "it" if len(names) == 1 else "them"
            verb = "can no longer be read" if is_blind else f"{'is' if len(names) == 1 else 'are'} removed"
            why = f"{in_words(names)} {verb}, and callers may rely on {it}"
            yield Finding("removed-public-api", path, tool, None, f"{tool}: {why}.")


def _openapi(_path: str, text: str) -> frozenset[str] | None:
    """Return the operations of an OpenAPI description as `GET /path`, and the paths themselves."""
    if not _OPENAPI.search(text):
        return frozenset()
    if text.lstrip().startswith("{"):
        paths = json_section(text, "paths")
        if paths is None:
            return None
        pairs = [(str(path), str(key)) for path, keys in paths.items() if isinstance(keys, dict) for key in keys]
    else:
        pairs = list(_yaml_operations(text))
    return frozenset(f"{method.upper()} {path[:80]}" for path, method in pairs if method.lower() in _METHODS)


def _yaml_operations(text: str) -> Iterator[tuple[str, str]]:
    is_inside = False
    path, path_indent, method_indent = "", -1, -1
    for line in text.split("\n"):
        found = _YAML_KEY.match(line[:400])
        if found is None:
            continue
        indent, key = len(found["indent"]), found["key"].strip()
        if indent == 0:
            is_inside, path_indent = key == "paths", -1
        elif is_inside and (path_indent < 0 or indent <= path_indent):
            path, path_indent, method_indent = key, indent, -1
        elif is_inside and (method_indent < 0 or indent == method_indent):
            method_indent = indent
            yield path, key


def _protobuf(_path: str, text: str) -> frozenset[str] | None:
    """Return messages, fields with their numbers, services and calls, by their full names."""
    code = blanked(text, "c")
    if code is None:
        return None
    found: set[str] = set()
    scopes: list[str] = []
    for token in _PROTO.finditer(code):
        if len(scopes) > _MAX_DEPTH:
            return None
        names = [scope for scope in scopes if scope]
        if token["block"]:
            is_transparent = token["block"] == "oneof"
            scopes.append("" if is_transparent else token["name"])
            if not is_transparent:
                found.add(".".join([*names, token["name"]]))
        elif token["rpc"]:
            found.add(".".join([*names, token["rpc"]]))
        elif token["field"] and names:
            found.add(f"{'.'.join([*names, token['field']])} = {token['number']}")
        elif token["open"]:
            scopes.append("")
        elif token["close"] and scopes:
            scopes.pop()
    return frozenset(found)


def _graphql(_path: str, text: str) -> frozenset[str] | None:
    """Return types and their fields; arguments belong to their field and are not told apart."""
    code = blanked(text, "hash")
    if code is None:
        return None
    found: set[str] = set()
    scope, depth, inside = "", 0, 0
    for token in _GRAPHQL.finditer(code):
        if depth == 0 and inside == 0 and token["block"]:
            scope = token["name"]
            found.add(scope)
        elif token["bracket"] in {"(", ")"}:
            inside = max(inside + (1 if token["bracket"] == "(" else -1), 0)
        elif token["bracket"]:
            depth = max(depth + (1 if token["bracket"] == "{" else -1), 0)
            scope = scope if depth else ""
        elif depth == 1 and inside == 0 and scope and _is_name_of_field(code, token.start()):
            found.add(f"{scope}.{token[0]}")
    return frozenset(found)


def _is_name_of_field(code: str, start: int) -> bool:
    """Return whether a word begins a field or value, rather than being its type, its default or its directive."""
    return not code[max(start - 200, 0) : start].rstrip().endswith((":", "[", "@", "=", "&", "|"))


def _python(_path: str, text: str) -> frozenset[str] | None:
    """Return what a package exports: `__all__` where it is a plain list, else every public name at the top."""
    if len(text) > MAX_PYTHON:
        return None
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: set[str] = set()
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)):
                return frozenset(str(item.value) for item in items if isinstance(item, ast.Constant))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ImportFrom(names=aliases, level=level) if level > 0:
                names.update(alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return frozenset(name for name in names if not name.startswith("_"))


def _typescript(_path: str, text: str) -> frozenset[str] | None:
    """Return what an index file exports; what it passes on whole is named by its module."""
    code = blanked(text, "c")
    if code is None:
        return None
    found: set[str] = set()
    for export in _EXPORT.finditer(code):
        if export["list"] is not None:
            entries = [re.split(r"\s+as\s+", entry.strip())[-1] for entry in export["list"].split(",")]
            found.update(entry.removeprefix("type ").strip() for entry in entries if entry)
        elif export["module"]:
            found.add(export["alias"] or f"* from {text[export.start('module') : export.end('module')].rstrip(';')}")
        else:
            found.add(export["name"] or "default")
    return frozenset(found)


_Reader = tuple[Callable[[str], bool], Named, Scope]
_READERS: Mapping[str, _Reader] = {
    "OpenAPI": (lambda path: path.endswith((".yaml", ".yml", ".json")), _openapi, "file"),
    "Protocol Buffers": (lambda path: path.endswith(".proto"), _protobuf, "anywhere"),
    "GraphQL": (lambda path: path.endswith((".graphql", ".graphqls", ".gql")), _graphql, "anywhere"),
    "Python": (lambda path: path.endswith("__init__.py"), _python, "file"),
    "TypeScript": (lambda path: bool(_INDEX.search(path)), _typescript, "file"),
}
