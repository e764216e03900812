"""Risk: a sum of named terms, each shown with its weight; what is declared can be raised by it, never lowered."""

from collections.abc import Iterator, Sequence

from gate.core.change.declaration import RiskLevel
from gate.core.change.facts import Finding
from gate.core.change.paths import shown
from gate.core.counting import agreeing, count_of
from gate.core.ownership.records import RollbackMethod
from gate.core.ownership.registry import Component
from gate.core.policy.model import DEFAULT_WEIGHTS, RiskPolicy, RiskTerm
from gate.core.verdict import RiskTermView, RiskView

MANY_COMPONENTS = 3
MANY_DEPENDENTS = 5
LARGE_LINES = 500
LARGE_FILES = 50
LEVELS: tuple[RiskLevel, ...] = ("low", "medium", "high")

_Seen = tuple[RiskTerm, str]


def assess_risk(  # noqa: PLR0913 (the sum names all its terms)
    *,
    declared: RiskLevel | None,
    components: Sequence[Component],
    dependents_count: int,
    findings: Sequence[Finding],
    files_changed: int,
    lines_changed: int,
    is_first_contribution: bool | None,
    freeze_near: bool,
    recent_incident: bool | None,
    plan_method: RollbackMethod | None,
    policy: RiskPolicy,
) -> RiskView:
    """Return the risk with every term that applies; a further component, finding or file never lowers it.

    What cannot be told counts: a component without a tier as tier 2, an author whose history cannot be read as a
    first contributor. `recent_incident` None says that no incidents are recorded here at all, which is no term.
    A plan without a way back makes the risk high whatever the sum.
    """
    seen: list[_Seen] = [
        *_tiers(components),
        *_findings(findings),
        *_breadth(components, dependents_count),
        *_size(files_changed, lines_changed),
        *_history(is_first_contribution=is_first_contribution, recent_incident=recent_incident, near=freeze_near),
    ]
    weights = {**DEFAULT_WEIGHTS, **policy.weights}
    terms = [RiskTermView(name=name, weight=weights[name], why=why) for name, why in seen]
    score = sum(term.weight for term in terms)
    observed: RiskLevel = "high" if score >= policy.high_from else "medium" if score >= policy.medium_from else "low"
    if _has_no_way_back(plan_method, components):
        why = "The rollback plan is `forward-fix`: there is no way back, so the risk is high whatever the sum."
        terms.append(RiskTermView(name="forward_fix", weight=0, why=why))
        observed = "high"
    level = max(observed, declared or "low", key=LEVELS.index)
    return RiskView(level=level, declared=declared, score=score, terms=tuple(terms))


def _has_no_way_back(method: RollbackMethod | None, components: Sequence[Component]) -> bool:
    if method == "inherit":
        return any(one.rollback is not None and one.rollback.method == "forward-fix" for one in components)
    return method == "forward-fix"


def _tiers(components: Sequence[Component]) -> Iterator[_Seen]:
    first = [shown(one.name) for one in components if one.tier == 1]
    second = [shown(one.name) for one in components if one.tier == 2]  # noqa: PLR2004 (the tier's own name)
    unknown = [shown(one.name) for one in components if one.tier is None]
    if first:
        yield "tier_1", f"It touches {_some(first)} of tier 1."
    if second:
        yield "tier_2", f"It touches {_some(second)} of tier 2."
    elif unknown:
        counts = agreeing(len(unknown), "counts", "count")
        yield "tier_2", f"It touches {_some(unknown)} without a tier in the records, which {counts} as tier 2."


def _findings(findings: Sequence[Finding]) -> Iterator[_Seen]:
    migrations = [shown(one.path) for one in findings if one.kind == "data-migration"]
    destroys = [shown(one.path) for one in findings if one.kind == "infrastructure-destroy"]
    if migrations:
        yield "data_migration", f"It migrates data: {_some(migrations)}."
    if destroys:
        yield "infrastructure_destroy", f"It destroys infrastructure: {_some(destroys)}."


def _breadth(components: Sequence[Component], dependents: int) -> Iterator[_Seen]:
    if len(components) >= MANY_COMPONENTS:
        yield "many_components", f"It touches {len(components)} components ({MANY_COMPONENTS} or more are many)."
    if dependents >= MANY_DEPENDENTS:
        yield "many_dependents", f"{dependents} components depend on what it touches ({MANY_DEPENDENTS} are many)."


def _size(files: int, lines: int) -> Iterator[_Seen]:
    if lines > LARGE_LINES or files > LARGE_FILES:
        size = f"{count_of(lines, 'line')} in {count_of(files, 'file')}"
        yield "large", f"It changes {size} (large: over {LARGE_LINES} or over {LARGE_FILES})."


def _history(*, is_first_contribution: bool | None, recent_incident: bool | None, near: bool) -> Iterator[_Seen]:
    if recent_incident:
        yield "recent_incident", "A component that it touches had an incident lately."
    if is_first_contribution is not False:
        known = is_first_contribution is True
        said = "This is the author's first contribution here." if known else "Whether the author is new is not known."
        yield "first_time_author", said
    if near:
        yield "freeze_near", "A freeze is in force or begins soon."


def _some(names: Sequence[str]) -> str:
    """Return the first names and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
