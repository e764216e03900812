"""Suspects: which changes may have caused an incident, the likeliest first, each with its reasons."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from gate.core.change.declaration import RiskLevel
from gate.core.change.facts import Instant
from gate.core.change.paths import shown
from gate.core.times import parse_instant
from gate.core.values import dataclass

WINDOW_HOURS = 14 * 24
"""How far back a change is suspected unless told otherwise."""
MAX_SUSPECTS = 10
_FADES_HOURS = 8
_OWN, _NEXT, _BY_PATH = 1.0, 0.35, 0.3
_RISK: Mapping[RiskLevel, float] = {"low": 1.0, "medium": 1.3, "high": 2.0}
_GROWS = 0.45
_SAME_FILE, _SAME_FOLDER = 6.0, 1.5
_UNDONE = 0.1
_HOUR, _DAY = 3600, 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A change that reached its base branch at `landed_at`: what it touched, and how it would be taken back.

    `risk` is None where nobody judged it. `undone_at` is when it was reverted, None while it stands. `rollback_url` is
    the page that shows how to take it back, empty where there is none; `commands` do it in a clone, where known.
    """

    id: str
    title: str
    landed_at: Instant
    components: frozenset[str]
    paths: tuple[str, ...] = ()
    risk: RiskLevel | None = None
    rollback: str = ""
    steps: tuple[str, ...] = ()
    url: str = ""
    rollback_url: str = ""
    commands: tuple[str, ...] = ()
    undone_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of an incident: the component that fails, since when, and files that an alert or trace names."""

    component: str
    began_at: Instant
    paths: tuple[str, ...] = ()
    window_hours: int = WINDOW_HOURS


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change under suspicion. `score` orders and means nothing else; `reasons` are whole sentences."""

    landing: Landing
    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Case:
    """What speaks for one change being the cause, while it is gathered."""

    score: float = 1.0
    reasons: list[str] = field(default_factory=list)

    def weigh(self, factor: float, reason: str) -> None:
        self.score *= factor
        self.reasons.append(reason)


def rank_suspects(
    landings: Iterable[Landing],
    signs: Signs,
    *,
    depends_on: Mapping[str, Sequence[str]],
    limit: int = MAX_SUSPECTS,
) -> tuple[Suspect, ...]:
    """Return the changes that may have caused an incident, the likeliest first, at most `limit`.

    A change is suspected for what it touched: the component itself, something that it depends on, directly or through
    others, or a file that the incident names. The nearer, the newer and the riskier, the likelier.

    INVARIANT: nothing is accused that landed after the incident began, or before its window
    (tests/core/incident/test_suspects.py).
    """
    chains = chains_from(signs.component, depends_on)
    began = parse_instant(signs.began_at)
    found = []
    for landing in landings:
        seconds = int((began - parse_instant(landing.landed_at)).total_seconds())
        if not 0 <= seconds <= signs.window_hours * _HOUR:
            continue
        suspect = _suspect(landing, signs, chains, seconds)
        if suspect is not None:
            found.append(suspect)
    found.sort(key=lambda one: (-one.score, _newest_first(one.landing.landed_at), one.landing.id))
    return tuple(found[: max(limit, 0)])


def chains_from(component: str, depends_on: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Return the shortest chain of dependencies from a component to each that it needs, itself included."""
    chains: dict[str, tuple[str, ...]] = {component: (component,)}
    todo = deque([component])
    while todo:
        name = todo.popleft()
        for needed in depends_on.get(name, ()):
            if needed not in chains:
                chains[needed] = (*chains[name], needed)
                todo.append(needed)
    return chains


def _suspect(landing: Landing, signs: Signs, chains: Mapping[str, tuple[str, ...]], seconds: int) -> Suspect | None:
    case = _Case()
    nearest = min(
        (chains[name] for name in landing.components if name in chains),
        key=lambda chain: (len(chain), chain),
        default=None,
    )
    same_file, same_folder = _overlap(landing.paths, signs.paths)
    if nearest is None and not same_file:
        return None
    _weigh_relation(case, nearest)
    case.weigh(1 / (1 + seconds / _HOUR / _FADES_HOURS), f"It landed {_ago(seconds)} before the incident began.")
    if landing.risk is not None:
        case.weigh(_RISK[landing.risk], f"Its risk was {landing.risk}.")
    if len(landing.paths) > 1:
        case.weigh(len(landing.paths) ** _GROWS, f"It changed {len(landing.paths)} files.")
    if same_file:
        case.weigh(_SAME_FILE, f"It changed {shown(same_file)}, which the incident names.")
    elif same_folder:
        case.weigh(_SAME_FOLDER, f"It changed files beside {shown(same_folder)}, which the incident names.")
    if landing.undone_at is not None and landing.undone_at <= signs.began_at:
        case.weigh(_UNDONE, "It was taken back before the incident began.")
    return Suspect(landing, case.score, tuple(case.reasons))


def _weigh_relation(case: _Case, chain: tuple[str, ...] | None) -> None:
    if chain is None:
        case.weigh(_BY_PATH, "It touched nothing that the component is known to depend on.")
    elif len(chain) == 1:
        case.weigh(_OWN, f"It changed {shown(chain[0])} itself.")
    else:
        through = f" through {', '.join(shown(name) for name in chain[1:-1])}" if len(chain) > 2 else ""  # noqa: PLR2004  # both ends
        reason = f"It changed {shown(chain[-1])}, which {shown(chain[0])} depends on{through}."
        case.weigh(_NEXT ** (len(chain) - 1), reason)


def _overlap(paths: Sequence[str], named: Sequence[str]) -> tuple[str, str]:
    """Return a file that the incident names and the change touched, and one named file in a folder it touched."""
    touched = set(paths)
    for path in named:
        if path in touched:
            return path, ""
    folders = {path.rpartition("/")[0] for path in paths} - {""}
    return "", next((path for path in named if path.rpartition("/")[0] in folders), "")


def _ago(seconds: int) -> str:
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def _newest_first(at: Instant) -> float:
    return -parse_instant(at).timestamp()
