"""Listing: pages of changes by keyset, newest judged first, at a cost that does not grow with what is stored."""

import base64
import json
from itertools import product
from typing import Any

from sqlalchemy import CTE, Connection, func, literal, select, tuple_, union_all
from sqlalchemy.sql import ColumnElement, and_

from gate.adapters.db.changes import ORDER, SELECT
from gate.adapters.db.rows import change_of, is_repository, storable
from gate.adapters.db.tables import changes
from gate.core.errors import UsageError
from gate.usecases.stored import ChangeFilter, ChangePage

MAX_PAGE = 500
LOOKED_THROUGH = 1000
"""How many changes one page looks through where a filter has no index: it bounds what any request costs."""
_STATES = ("open", "closed", "merged")
_MAX_RANGES = 120
_MAX_CURSOR = 200
_STEP = "Begin at the first page again."
_NEWEST = tuple(column.desc() for column in ORDER)
Conditions = list[ColumnElement[bool]]


def page(connection: Connection, wanted: ChangeFilter) -> ChangePage:
    """Return a page of changes, newest judged first. Raises UsageError for a cursor that is none."""
    if wanted.repositories is not None and not wanted.repositories:
        return ChangePage((), "")
    limit = max(1, min(wanted.limit, MAX_PAGE))
    ranges, rest = _plan(wanted)
    candidates = _candidates(ranges, _parse_cursor(wanted.after), LOOKED_THROUGH if rest else limit + 1)
    here = and_(*(candidates.c[column.name] == column for column in ORDER[1:]))
    statement = SELECT.join(candidates, here).where(*rest).order_by(*_NEWEST).limit(limit + 1)
    rows = connection.execute(statement).mappings().all()
    found = tuple(change_of(row) for row in rows[:limit])
    if len(rows) > limit:
        return ChangePage(found, _cursor([rows[limit - 1][column.name] for column in ORDER]))
    return ChangePage(found, _rest_after(connection, candidates) if rest else "")


def _plan(wanted: ChangeFilter) -> tuple[list[Conditions], Conditions]:
    """Return the ranges of indexes that hold what is wanted, and the conditions that no index answers."""
    c = changes.c
    states = [c.state == state for state in _STATES if not wanted.states or state in wanted.states]
    verdicts = [c.verdict_state == verdict for verdict in dict.fromkeys(wanted.verdicts)]
    repositories = [is_repository(changes, key) for key in dict.fromkeys(wanted.repositories or ())]
    rest: Conditions = [_title_has(wanted.text)] if wanted.text else []
    ranges = [list(one) for one in product(*filter(None, (states, verdicts)))] if states else []
    if len(ranges) > _MAX_RANGES:
        ranges = [[state] for state in states]
        rest.append(c.verdict_state.in_(wanted.verdicts))
    if repositories and len(ranges) * len(repositories) <= _MAX_RANGES:
        return [[repository, *one] for repository, one in product(repositories, ranges)], rest
    if repositories:
        pairs = [(key.tenant, key.id) for key in wanted.repositories or ()]
        rest.append(tuple_(c.tenant, c.repository).in_(pairs))
    return ranges, rest


def _candidates(ranges: list[Conditions], after: list[Any] | None, depth: int) -> CTE:
    """Return the keys of the newest changes of all ranges together, each read from its index no deeper than needed."""
    parts = []
    for conditions in ranges:
        part = select(*ORDER).where(*conditions)
        if after is not None:
            part = part.where(tuple_(*ORDER) < tuple_(*(literal(value) for value in after)))
        newest = part.order_by(*_NEWEST).limit(depth).subquery()
        parts.append(select(newest))
    if not parts:
        parts = [select(*ORDER).where(literal(1) == literal(0))]
    merged = union_all(*parts).subquery()
    order = [merged.c[column.name].desc() for column in ORDER]
    return select(merged).order_by(*order).limit(depth).cte("candidates")


def _rest_after(connection: Connection, candidates: CTE) -> str:
    """Return the cursor after the last change that was looked at; empty where there is no other."""
    order = [candidates.c[column.name] for column in ORDER]
    count = select(func.count()).select_from(candidates).scalar_subquery()
    last = connection.execute(select(*order, count).order_by(*order).limit(1)).one_or_none()
    if last is None or last[-1] < LOOKED_THROUGH:
        return ""
    return _cursor(list(last[:-1]))


def _title_has(text: str) -> ColumnElement[bool]:
    escaped = storable(text.lower()).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(changes.c.title).like(f"%{escaped}%", escape="\\")


def _cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def _parse_cursor(cursor: str) -> list[Any] | None:
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor[:_MAX_CURSOR] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != len(ORDER) or not isinstance(values[0], str):
        raise UsageError("This is no cursor of a page.", next_step=_STEP)
    if not all(map(_is_number, values[1:])):
        raise UsageError("This is no cursor of a page.", next_step=_STEP)
    return [storable(values[0]), *values[1:]]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
