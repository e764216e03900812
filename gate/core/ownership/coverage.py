"""Coverage: what share of files, components and recent changes has an owner, a backup and a way back."""

from collections.abc import Sequence
from typing import Literal

from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.resolve import OwnershipIndex, Resolution, base_sections
from gate.core.values import dataclass

Aspect = Literal["owner", "backup", "escalation", "playbook", "runbook"]
ASPECTS: tuple[Aspect, ...] = ("owner", "backup", "escalation", "playbook", "runbook")
"""What a component should have."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; nothing of nothing is complete."""

    have: int
    total: int

    @property
    def percent(self) -> float:
        """Return the share in percent, rounded down to a tenth: 100 only where nothing is missing."""
        return 100.0 if self.have >= self.total else self.have * 1000 // self.total / 10


@dataclass(frozen=True, slots=True)
class Gap:
    """What one component lacks."""

    component: str
    tier: int | None
    missing: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of one revision. `blocked` are paths whose deciding line the platform ignores.

    `tiers` maps each tier that there is (None: components without tier) to the share of each aspect.
    """

    files: Share
    unowned: tuple[str, ...]
    blocked: tuple[str, ...]
    changes: Share
    tiers: tuple[tuple[int | None, tuple[tuple[Aspect, Share], ...]], ...]
    gaps: tuple[Gap, ...]


def measure_coverage(
    ownership: Ownership, paths: Sequence[str], index: OwnershipIndex, *, changes: Sequence[Sequence[str]] = ()
) -> Coverage:
    """Return the coverage of some paths, of all components, and of changes (each a list of the paths it touched).

    A file counts as owned where a section that decides about ownership gives it a component with a known owner.
    """
    has_owner = [bool(_known_owners(ownership, component)) for component in ownership.components]
    base = base_sections(ownership)
    unowned: list[int] = []
    blocked: list[int] = []
    for positions, resolution, _ in index.group(paths):
        if _is_owned(resolution, base, has_owner):
            continue
        is_blocked = any(found.problem is not None for found in resolution)
        (blocked if is_blocked else unowned).extend(positions)
    missing = len(unowned) + len(blocked)
    covered = [all(_is_owned(index.resolve(path), base, has_owner) for path in change) for change in changes]
    return Coverage(
        files=Share(len(paths) - missing, len(paths)),
        unowned=tuple(paths[position] for position in sorted(unowned)),
        blocked=tuple(paths[position] for position in sorted(blocked)),
        changes=Share(sum(covered), len(covered)),
        tiers=tuple(_tiers(ownership)),
        gaps=tuple(_gaps(ownership)),
    )


def missing_aspects(ownership: Ownership, component: Component) -> tuple[Aspect, ...]:
    """Return what a component lacks. What it names and nobody knows counts as lacking."""
    has: dict[Aspect, bool] = {
        "owner": bool(_known_owners(ownership, component)),
        "backup": component.backup is not None and _is_known(ownership, component.backup),
        "escalation": component.escalation in ownership.escalations,
        "playbook": component.rollback is not None,
        "runbook": any("runbook" in label.casefold() for label in component.links),
    }
    return tuple(aspect for aspect in ASPECTS if not has[aspect])


def _is_owned(resolution: Resolution, base: frozenset[int], has_owner: Sequence[bool]) -> bool:
    """Return whether a deciding section gives a path an owner, and no section's faulty line blocks it."""
    if any(found.problem is not None for found in resolution):
        return False
    return any(
        found.section in base and found.component is not None and has_owner[found.component] for found in resolution
    )


def _known_owners(ownership: Ownership, component: Component) -> tuple[str, ...]:
    return tuple(owner for owner in component.owners if _is_known(ownership, owner))


def _is_known(ownership: Ownership, reference: str) -> bool:
    return "@" in reference or reference in ownership.people or reference in ownership.teams


def _tiers(ownership: Ownership) -> list[tuple[int | None, tuple[tuple[Aspect, Share], ...]]]:
    by_tier: dict[int | None, list[tuple[Aspect, ...]]] = {}
    for component in ownership.components:
        by_tier.setdefault(component.tier, []).append(missing_aspects(ownership, component))
    shares = []
    for tier in sorted(by_tier, key=lambda each: each or 9):
        lacking = by_tier[tier]
        counted = tuple((a, Share(sum(a not in missing for missing in lacking), len(lacking))) for a in ASPECTS)
        shares.append((tier, counted))
    return shares


def _gaps(ownership: Ownership) -> list[Gap]:
    gaps = [Gap(each.name, each.tier, missing_aspects(ownership, each)) for each in ownership.components]
    return sorted((gap for gap in gaps if gap.missing), key=lambda gap: (gap.tier or 9, gap.component))
