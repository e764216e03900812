"""Ranking suspects: how often the true cause of an incident is found, on a seeded history of 2,000 changes.

The history is made without any of the ranking's own formulas: 40 components with a random dependency graph; changes
come in working hours, some components busier than others; a change is broken with a chance that grows with its size
(the level of risk, all that the ranking sees besides the files, tells part of that); the incident follows within hours,
one in seven within days, in the component itself or, three in ten, in one that depends on it; four alerts in ten name a
file, and one name in five is wrong.
"""

import argparse
import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gate.core.change.declaration import RiskLevel
from gate.core.incident.suspects import Landing, Signs, rank_suspects
from gate.core.times import instant

CHANGES, INCIDENTS, COMPONENTS = 2_000, 100, 40
START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
Graph = dict[str, list[str]]


@dataclass(frozen=True)
class History:
    """Everything that was made up: what landed, on what everything depends, and the incidents with their true cause."""

    landings: Sequence[Landing]
    graph: Graph
    incidents: Sequence[tuple[Signs, str]]


def a_history(seed: int) -> History:
    """Return one seeded history."""
    chance = random.Random(seed)  # noqa: S311  (a benchmark's dice)
    names = [f"component-{number:02}" for number in range(COMPONENTS)]
    graph: Graph = {name: chance.sample(names[:n], min(n, chance.choice((0, 1, 1, 2)))) for n, name in enumerate(names)}
    busy = [chance.paretovariate(1.8) for _ in names]
    landings = [_landing(chance, number, at, names, busy) for number, at in enumerate(_working_hours(chance))]
    return History(landings, graph, list(_incidents(chance, landings, graph)))


def _working_hours(chance: random.Random) -> Iterator[dt.datetime]:
    """Yield when changes land: working days, more often by day, about 30 a day."""
    moment = START
    for _ in range(CHANGES):
        moment += dt.timedelta(minutes=chance.expovariate(1 / 22))
        while moment.weekday() > 4 or not 7 <= moment.hour < 18:
            moment += dt.timedelta(hours=1)
        yield moment


def _landing(
    chance: random.Random, number: int, at: dt.datetime, names: Sequence[str], busy: Sequence[float]
) -> Landing:
    touched = set(chance.choices(names, busy, k=1 if chance.random() < 0.85 else 2))
    size = int(chance.lognormvariate(1.2, 0.9)) + 1
    paths = sorted(
        {f"{name}/module_{chance.randrange(30)}.py" for name in sorted(touched) for _ in range(min(size, 40))}
    )
    score = size / 6 + chance.gauss(0, 0.7)
    risk: RiskLevel = "high" if score > 2 else "medium" if score > 0.8 else "low"
    return Landing(
        id=str(number),
        title=f"Change {number}",
        landed_at=instant(at),
        components=frozenset(touched),
        paths=tuple(paths),
        risk=risk,
    )


def _incidents(chance: random.Random, landings: Sequence[Landing], graph: Graph) -> Iterator[tuple[Signs, str]]:
    users: Graph = {name: [other for other in graph if name in graph[other]] for name in graph}
    weights = [len(one.paths) ** 1.2 for one in landings]
    left = dict(zip((one.id for one in landings), weights, strict=True))
    for _ in range(INCIDENTS):
        cause = landings[int(chance.choices(list(left), list(left.values()))[0])]
        del left[cause.id]
        component = chance.choice(sorted(cause.components))
        if users[component] and chance.random() < 0.3:
            component = chance.choice(users[component])
        hours = chance.expovariate(1 / 5) if chance.random() < 0.86 else chance.expovariate(1 / 36)
        began = dt.datetime.fromisoformat(cause.landed_at) + dt.timedelta(hours=hours)
        named: tuple[str, ...] = ()
        if chance.random() < 0.4:
            wrong = chance.random() < 0.2
            named = (chance.choice(landings).paths[0],) if wrong else (chance.choice(cause.paths),)
        yield Signs(component=component, began_at=instant(began), paths=named), cause.id


def by_gate(history: History, signs: Signs) -> list[str]:
    """Return the suspects by the gate's ranking."""
    return [one.landing.id for one in rank_suspects(history.landings, signs, depends_on=history.graph)]


def newest_first(history: History, signs: Signs) -> list[str]:
    """Return the changes that landed before the incident, newest first: what people look at without a gate."""
    before = [one for one in history.landings if one.landed_at <= signs.began_at]
    return [one.id for one in reversed(before[-10:])]


def newest_of_component(history: History, signs: Signs) -> list[str]:
    """Return the changes of the failing component alone, newest first: what a careful person looks at."""
    before = [one for one in history.landings if one.landed_at <= signs.began_at and signs.component in one.components]
    return [one.id for one in reversed(before[-10:])]


Ranker = Callable[[History, Signs], list[str]]
RANKERS: dict[str, Ranker] = {
    "gate": by_gate,
    "latest merged change": newest_first,
    "latest change of the component": newest_of_component,
}


def shares(history: History, ranker: Ranker) -> tuple[float, float]:
    """Return how often the true cause is first, and within the first three."""
    ranks = []
    for signs, cause in history.incidents:
        found = ranker(history, signs)
        ranks.append(found.index(cause) if cause in found else 99)
    return sum(rank == 0 for rank in ranks) / len(ranks), sum(rank < 3 for rank in ranks) / len(ranks)


def accused_outside(history: History) -> int:
    """Return how many changes were accused that landed outside their incident's window."""
    count = 0
    for signs, _ in history.incidents:
        began = dt.datetime.fromisoformat(signs.began_at)
        earliest = instant(began - dt.timedelta(hours=signs.window_hours))
        found = rank_suspects(history.landings, signs, depends_on=history.graph, limit=CHANGES)
        count += sum(not earliest <= one.landing.landed_at <= signs.began_at for one in found)
    return count


def report(seeds: int = 10) -> str:
    """Return the table over several seeded histories, and whether the bars hold over all their incidents together."""
    histories = [a_history(seed) for seed in range(seeds)]
    table = {name: [shares(history, ranker) for history in histories] for name, ranker in RANKERS.items()}
    lines = ["| ranking | true cause first, all (least of a history) | within three, all (least of a history) |"]
    lines.append("| --- | --- | --- |")
    means = {}
    for name, found in table.items():
        first, three = ([one[column] for one in found] for column in (0, 1))
        means[name] = (sum(first) / seeds, sum(three) / seeds)
        told = f"{means[name][0]:.1%} ({min(first):.0%}) | {means[name][1]:.1%} ({min(three):.0%})"
        lines.append(f"| {name} | {told} |")
    times = means["gate"][0] / means["latest merged change"][0]
    outside = sum(map(accused_outside, histories))
    lines += ["", "| bar | measured | holds |", "| --- | --- | --- |"]
    bars = (
        ("The true cause first at least twice as often as the latest merged change", f"{times:.1f}x", times >= 2),
        ("The true cause within the first three in 90 %", f"{means['gate'][1]:.1%}", means["gate"][1] >= 0.9),
        ("Nothing outside the window is accused", f"{outside} of {seeds * INCIDENTS} incidents", outside == 0),
    )
    lines += [f"| {bar} | {measured} | {'yes' if holds else '**no**'} |" for bar, measured, holds in bars]
    lines += ["", f"{seeds} histories of {CHANGES:,} changes and {INCIDENTS} incidents, seeds 0 to {seeds - 1}."]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    print(report(parser.parse_args().seeds))


if __name__ == "__main__":
    main()
