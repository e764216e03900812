"""Circles: which names need each other, directly or by way of others."""

from collections.abc import Iterable, Mapping


def circles(needs: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return a number for each name, the same for those that need each other in a circle (Kosaraju's two walks)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in needs:
        _walk(start, needs, seen, order)
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, others in needs.items():
        for other in others:
            if other in needed_by:
                needed_by[other].append(name)
    circle_of: dict[str, int] = {}
    reached: set[str] = set()
    for number, start in enumerate(reversed(order)):
        circle: list[str] = []
        _walk(start, needed_by, reached, circle)
        circle_of.update(dict.fromkeys(circle, number))
    return circle_of


def _walk(start: str, needs: Mapping[str, Iterable[str]], seen: set[str], left: list[str]) -> None:
    """Add what can be reached from a name to `left`, in the order in which a walk leaves it."""
    if start in seen:
        return
    seen.add(start)
    todo = [(start, iter(sorted(needs[start])))]
    while todo:
        name, others = todo[-1]
        following = next((other for other in others if other in needs and other not in seen), None)
        if following is None:
            left.append(name)
            todo.pop()
        else:
            seen.add(following)
            todo.append((following, iter(sorted(needs[following]))))
