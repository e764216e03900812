"""Reading: what several sources state, put together as one declaration; where they disagree, nobody's word is taken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gate.core.change.declaration import Declaration, DeclarationProblem, RollbackPlan, Window
from gate.core.change.reading_statements import Reading, Statement, Value
from gate.core.change.reading_text import quoted
from gate.core.change.vocabulary import CHANGE_KEYS, LABELS, LISTS, ROLLBACK_KEYS, Key

_PLAN_KEYS = tuple(dict.fromkeys(ROLLBACK_KEYS.values()))
_CHANGE_KEYS = tuple(dict.fromkeys(CHANGE_KEYS.values()))


def combine(readings: Sequence[Reading]) -> Declaration:
    """Return the declaration that all sources make together.

    Sources that agree or complement one another are merged. INVARIANT: where two state different values of one key,
    a problem names both places and neither value is taken (tests/core/change/test_reading.py); of names in lists all
    are, since they only ever ask for more.
    """
    problems = [problem for reading in readings for problem in reading.problems]
    values: dict[str, Value] = {}
    first: dict[str, Statement] = {}
    for key in (*_CHANGE_KEYS, *_PLAN_KEYS):
        statements = [statement for reading in readings for statement in _of_one_source(reading, key)]
        if not statements:
            continue
        first[key] = statements[0]
        value, conflict = _agreed(key, statements)
        if value is not None:
            values[key] = value
        if conflict is not None:
            problems.append(conflict)
    plan = _plan(readings, values, first)
    if plan is None:
        problems += [gap for reading in readings for gap in reading.gaps]
    return Declaration(
        **_change(values),
        rollback=plan,
        problems=tuple(problems),
        sources=tuple(dict.fromkeys(reading.source for reading in readings if reading.statements)),
        lines={key: one.line for key, one in first.items() if key in _CHANGE_KEYS},
    )


def _of_one_source(reading: Reading, key: Key) -> Iterable[Statement]:
    """Return a source's statements of a key; lists that stand in several places of one source add up."""
    found = list(reading.of(key))
    if key not in LISTS or len(found) < 2:  # noqa: PLR2004 (nothing to add up)
        return found
    names = tuple(dict.fromkeys(name for one in found for name in _names(one.value)))
    return [Statement(key, names, found[0].line, found[0].source)]


def _names(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _agreed(key: Key, statements: Sequence[Statement]) -> tuple[Value | None, DeclarationProblem | None]:
    one = statements[0]
    other = next(
        (further for further in statements if _compared(key, further.value) != _compared(key, one.value)), None
    )
    if other is None:
        return one.value, None
    text = (
        f"{LABELS[key]} is {_shown(one.value)} in {_place(one)} and {_shown(other.value)} in {_place(other)}; "
        f"keep one of them."
    )
    conflict = DeclarationProblem("declaration-conflict", text, other.source, other.line, key)
    if key not in LISTS:
        return None, conflict
    return tuple(dict.fromkeys(name for statement in statements for name in _names(statement.value))), conflict


def _compared(key: Key, value: Value) -> object:
    """Return a value so that equal meanings are equal: without case, blanks and a full stop at the end."""
    if isinstance(value, tuple):
        words = [" ".join(text.casefold().split()).rstrip(".") for text in value]
        return frozenset(words) if key in LISTS else tuple(words)
    if isinstance(value, str):
        return " ".join(value.casefold().split()).rstrip(".")
    return value


def _shown(value: Value) -> str:
    if isinstance(value, Window):
        return f"`{value.from_at}` to `{value.until_at}`"
    return quoted("; ".join(value) if isinstance(value, tuple) else str(value))


def _place(statement: Statement) -> str:
    source = quoted(statement.source) if "/" in statement.source else f"the {statement.source}"
    return f"{source} (line {statement.line})"


def _change(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "change_type": values.get("type", "normal"),
        "risk": values.get("risk"),
        "environments": values.get("environments", ()),
        "affects": values.get("affects", ()),
        "tickets": values.get("tickets", ()),
        "window": values.get("window"),
    }


def _plan(
    readings: Sequence[Reading], values: Mapping[str, Any], first: Mapping[str, Statement]
) -> RollbackPlan | None:
    """Return the plan where any source states anything of one; lines are those of the source that is named."""
    sources = [reading for reading in readings if any(one.key in _PLAN_KEYS for one in reading.statements)]
    if not sources:
        return None
    main = sources[0]
    named = [reading for reading in sources if any(reading.of("method"))]
    stated = {key: values[key] for key in _PLAN_KEYS if key in values}
    return RollbackPlan(
        **{"method": None, **stated},
        is_prose=bool(named) and all(reading.is_prose for reading in named) and stated.get("method") == "manual",
        source=main.source,
        line=main.plan_line,
        lines={key: first[key].line for key in stated if first[key].source == main.source},
    )
