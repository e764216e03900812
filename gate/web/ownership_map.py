"""The ownership map: components and what they depend on, laid out in columns, as boxes and lines of an SVG."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gate.core.explain.escaping import clip, visible
from gate.core.ownership.registry import Component

MOST_BOXES = 80
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 46, 60, 16, 8
_NAME, _OWNER = 24, 26


@dataclass(frozen=True, slots=True)
class Box:
    """One component on the map: where it stands, and what it says."""

    name: str
    label: str
    owner: str
    tier: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Map:
    """A map ready to be drawn. `left_out` counts components for which there is no room."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[tuple[int, int, int, int], ...]
    left_out: int


def draw_map(components: Sequence[Component]) -> Map:
    """Return the map of some components: each stands right of all that depend on it, as far as there are no circles."""
    kept = list({one.name: one for one in components}.values())[:MOST_BOXES]
    columns = _columns(kept)
    rows: dict[int, int] = {}
    boxes = {}
    for one in sorted(kept, key=lambda each: (columns[each.name], each.tier or 9, each.name)):
        column = columns[one.name]
        row = rows.get(column, 0)
        rows[column] = row + 1
        boxes[one.name] = Box(
            one.name,
            clip(visible(one.name), _NAME),
            clip(visible(one.owner) or "nobody", _OWNER),
            one.tier or 0,
            MARGIN + column * (WIDTH + GAP_X),
            MARGIN + row * (HEIGHT + GAP_Y),
        )
    lines = [
        (boxes[one.name].x + WIDTH, boxes[one.name].y + HEIGHT // 2, boxes[needed].x, boxes[needed].y + HEIGHT // 2)
        for one in kept
        for needed in one.depends_on
        if needed in boxes and needed != one.name
    ]
    return Map(
        width=2 * MARGIN + (max(columns.values(), default=0) + 1) * (WIDTH + GAP_X) - GAP_X,
        height=2 * MARGIN + max(rows.values(), default=1) * (HEIGHT + GAP_Y) - GAP_Y,
        boxes=tuple(boxes.values()),
        lines=tuple(lines),
        left_out=len({one.name for one in components}) - len(kept),
    )


def _columns(components: Sequence[Component]) -> dict[str, int]:
    """Return the column of each component: one more than the furthest that needs it; a circle ends where it began."""
    names = {one.name for one in components}
    columns = dict.fromkeys((one.name for one in components), 0)
    needs = {one.name: [name for name in one.depends_on if name in names] for one in components}
    todo = deque((name, 0, frozenset({name})) for name in columns)
    steps = 0
    while todo and steps < 20 * MOST_BOXES * MOST_BOXES:
        steps += 1
        name, depth, path = todo.popleft()
        for needed in needs[name]:
            if needed not in path and columns[needed] < depth + 1:
                columns[needed] = depth + 1
                todo.append((needed, depth + 1, path | {needed}))
    return columns
