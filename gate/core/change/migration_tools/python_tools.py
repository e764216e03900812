"""Alembic and Django migrations, read from their syntax tree and never run."""

import ast
from collections.abc import Iterable, Sequence

from gate.core.change.migration_tools.conventions import ALEMBIC_LOSSY, DJANGO_LOSSY, DJANGO_REVERSIBLE
from gate.core.change.migration_tools.findings_of import Reading, irreversible, reversible, unknown, unreadable
from gate.core.change.migration_tools.source_text import MAX_PYTHON
from gate.core.lazy_regex import lazy_regex

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_ALEMBIC_WORDS = lazy_regex(r"\bdown_revision\b|\bfrom\s+alembic\b|\bimport\s+alembic\b")
_DJANGO_WORDS = lazy_regex(r"\bclass\s+Migration\b|\bmigrations\.Migration\b")
_TALK = frozenset({"print", "log", "logger", "logging", "warnings", "warn"})


def read_python(text: str) -> Reading | None:
    """Return the reading of a Python migration, None where the file is not one."""
    is_alembic, is_django = _ALEMBIC_WORDS.search(text), _DJANGO_WORDS.search(text)
    if not (is_alembic or is_django):
        return None
    if len(text) > MAX_PYTHON:
        return unreadable("Alembic" if is_alembic else "Django")
    try:
        module = ast.parse(text)
        if is_alembic and (reading := _read_alembic(module)):
            return reading
        return _read_django(module) if is_django else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return unreadable("Alembic" if is_alembic else "Django")


def _read_alembic(module: ast.Module) -> Reading | None:
    assigned = {name for statement in module.body for name in _names_assigned(statement)}
    functions = {one.name: one for one in module.body if isinstance(one, _Function)}
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    has_steps = upgrade is not None and "op" in assigned
    if not has_steps and not assigned & {"revision", "down_revision"}:
        return None
    if downgrade is None:
        is_elsewhere = "downgrade" in assigned or _mentions(module, "downgrade")
        if is_elsewhere:
            return unknown("Alembic", "`downgrade()` is defined in a way that cannot be told from this file")
        return irreversible("Alembic", "there is no `downgrade()`")
    if "downgrade" in assigned or _is_decorated(downgrade):
        return unknown("Alembic", "`downgrade` is defined in a way that cannot be told from this file")
    if upgrade is not None and not _calls(upgrade.body) and not _raises(downgrade):
        return reversible("Alembic", "`upgrade()` changes nothing")
    if _raises(downgrade):
        return irreversible("Alembic", "`downgrade()` only raises an error")
    if not _acts(downgrade):
        return irreversible("Alembic", "`downgrade()` does nothing")
    lost = sorted(_called(upgrade) & ALEMBIC_LOSSY) if upgrade else []
    without = f", but not the data that `{lost[0]}` removes" if lost else ""
    return reversible("Alembic", f"`downgrade()` takes it back{without}")


def _names_assigned(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=targets):
            found = [node for target in targets for node in ast.walk(target)]
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            found = [target]
        case ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case _:
            return []
    return [node.id for node in found if isinstance(node, ast.Name)]


def _mentions(module: ast.Module, name: str) -> bool:
    for node in ast.walk(module):
        if isinstance(node, _Function) and node.name == name:
            return True
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return True
    return False


def _is_decorated(function: _Function) -> bool:
    return bool(function.decorator_list)


def _reachable(function: _Function) -> list[ast.stmt]:
    """Return the statements up to the first that always leaves the function."""
    reached = []
    for statement in function.body:
        reached.append(statement)
        if isinstance(statement, ast.Return | ast.Raise):
            break
    return [one for one in reached if not _is_dead(one)]


def _is_dead(statement: ast.stmt) -> bool:
    """Return whether a statement does nothing for certain: `pass`, a bare value, a branch never taken."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Return(value=None) | ast.Return(value=ast.Constant()):
            return True
        case ast.If(test=ast.Constant(value=value), orelse=[]) | ast.While(test=ast.Constant(value=value), orelse=[]):
            return not value
    return False


def _raises(function: _Function) -> bool:
    """Return whether a function raises an error before it does anything."""
    for statement in _reachable(function):
        if isinstance(statement, ast.Raise):
            return True
        if _calls([statement]):
            return False
    return False


def _acts(function: _Function) -> bool:
    return any(name.partition(".")[0] not in _TALK for name in _calls(_reachable(function)))


def _called(function: _Function) -> set[str]:
    return {name.rpartition(".")[2] for name in _calls(_reachable(function))}


def _calls(statements: Iterable[ast.stmt]) -> list[str]:
    """Return the names of everything that some statements call."""
    acting = [one for one in statements if not isinstance(one, ast.Raise)]
    nodes = [node for statement in acting for node in ast.walk(statement)]
    return [_dotted(node.func) for node in nodes if isinstance(node, ast.Call)]


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def _read_django(module: ast.Module) -> Reading | None:
    classes = [one for one in ast.walk(module) if isinstance(one, ast.ClassDef)]
    migrations = [one for one in classes if any(_dotted(base).endswith("Migration") for base in one.bases)]
    migrations += [one for one in classes if one.name == "Migration" and one not in migrations]
    if not migrations:
        return None
    unclear = unknown("Django", "its `operations` are not a plain list, so they cannot be told from this file")
    if len(migrations) != 1 or migrations[0] not in module.body or migrations[0].decorator_list:
        return unclear
    lists = [value for one in migrations[0].body if (value := _operations_of(one)) is not None]
    others = [
        one for one in migrations[0].body if isinstance(one, _Function | ast.For | ast.If | ast.With | ast.AugAssign)
    ]
    touched = [node for node in ast.walk(module) if isinstance(node, ast.Attribute) and node.attr == "operations"]
    if others or touched or len(lists) > 1 or (lists and not isinstance(lists[0], ast.List)):
        return unclear
    if not lists or not isinstance(lists[0], ast.List):
        bases = [_dotted(base) for base in migrations[0].bases]
        is_plain = all(base in {"migrations.Migration", "Migration"} for base in bases) and bases
        return reversible("Django", "it has no operations") if is_plain else unclear
    return _judge_operations(lists[0].elts)


def _operations_of(statement: ast.stmt) -> ast.expr | None:
    if isinstance(statement, ast.Assign | ast.AnnAssign) and "operations" in _names_assigned(statement):
        return statement.value
    return None


def _judge_operations(operations: Sequence[ast.expr]) -> Reading:
    readings = [_judge_operation(one) for one in operations]
    for wanted in (False, None):
        for reading in readings:
            if reading.is_reversible is wanted:
                return reading
    lost = [reading.said for reading in readings if reading.said]
    without = f", but not the data that `{lost[0]}` removes" if lost else ""
    return reversible("Django", f"all operations can be taken back{without}")


def _judge_operation(operation: ast.expr) -> Reading:
    """Return the reading of one operation; `said` of a reversible one names it where data is lost."""
    if not isinstance(operation, ast.Call) or any(keyword.arg is None for keyword in operation.keywords):
        return unknown("Django", "one of its operations is not a plain call, so it cannot be told")
    name = _dotted(operation.func).rpartition(".")[2]
    if any(isinstance(argument, ast.Starred) for argument in operation.args):
        return unknown("Django", f"the arguments of `{name}` cannot be told from this file")
    if name in DJANGO_REVERSIBLE:
        return reversible("Django", name if name in DJANGO_LOSSY else "")
    if name in {"RunPython", "RunSQL"}:
        key = "reverse_code" if name == "RunPython" else "reverse_sql"
        reverse = _argument(operation, key, 1)
        if reverse is None or (isinstance(reverse, ast.Constant) and reverse.value is None):
            return irreversible("Django", f"`{name}` has no `{key}`")
        return reversible("Django", "")
    if name == "SeparateDatabaseAndState":
        return _judge_separate(operation)
    return unknown("Django", f"`{name}` is no operation whose way back is known")


def _judge_separate(operation: ast.Call) -> Reading:
    inner = _argument(operation, "database_operations", 0)
    if inner is None:
        return reversible("Django", "")
    if not isinstance(inner, ast.List):
        return unknown("Django", "its `database_operations` are not a plain list, so they cannot be told")
    nested = _judge_operations(inner.elts)
    return nested if nested.is_reversible is not True else reversible("Django", "")


def _argument(call: ast.Call, key: str, position: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == key:
            return keyword.value
    return call.args[position] if len(call.args) > position else None
