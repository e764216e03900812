"""Parts of the verdict that only show what was found: the change, the components, who is informed."""

import dataclasses
import itertools
from collections.abc import Sequence

from gate.core.change.facts import Facts
from gate.core.policy.touched import Touched
from gate.core.signoff.people import Directory
from gate.core.verdict import ChangeSummary, InformedView, LookAlikeView, RequirementView, TouchedComponent


def change_summary(facts: Facts, directory: Directory) -> ChangeSummary:
    """Return which change was judged, its author by the name that people know."""
    change = facts.change
    author = directory.person_of(change.author)
    return ChangeSummary(
        repository=change.repository.name,
        number=change.number,
        title=change.title,
        author=directory.display(author) if author else "unknown",
        base_ref=change.base_ref,
        base_sha=change.base_sha,
        head_sha=change.head_sha,
        url=change.url,
    )


def touched_components(touched: Touched) -> tuple[TouchedComponent, ...]:
    """Return the touched components that are asked, in the order of section and name."""
    parts = [part for part in touched.parts if part.is_asked]
    return tuple(
        TouchedComponent(
            name=part.component.name,
            section=part.component.section,
            owner=part.component.owner,
            backup=part.component.backup,
            tier=part.component.tier,
            declared=part.is_declared,
            files=tuple(part.files),
        )
        for part in parts
    )


def informed_components(facts: Facts, touched: Touched) -> tuple[InformedView, ...]:
    """Return the components that are informed and not asked: dependents, and owners of optional sections."""
    asked = {part.component.name for part in touched.parts if part.is_asked}
    informed = {
        part.component.name: InformedView(
            component=part.component.name,
            owner=part.component.owner,
            why=f"The section {part.component.section} is optional.",
        )
        for part in touched.parts
        if part.component.name not in asked
    }
    for component in facts.ownership.components:
        needed = sorted(asked.intersection(component.depends_on)) if component.depends_on else ()
        if needed and component.name not in asked:
            why = f"It depends on {needed[0]}."
            informed[component.name] = InformedView(component=component.name, owner=component.owner, why=why)
    return tuple(informed[name] for name in sorted(informed))


def dependents_count(facts: Facts, touched: Touched) -> int:
    """Return how many components depend directly on touched ones; touched dependents count as well."""
    names = {part.component.name for part in touched.parts}
    return sum(1 for c in facts.ownership.components if c.depends_on and names.intersection(c.depends_on))


def look_alike_views(facts: Facts) -> tuple[LookAlikeView, ...]:
    """Return the touched paths that look like owned ones, sorted by path."""
    found = sorted(facts.look_alikes, key=lambda entry: (entry.path, entry.looks_like))
    return tuple(LookAlikeView(path=entry.path, looks_like=entry.looks_like, why=entry.why) for entry in found)


def told_apart(views: Sequence[RequirementView]) -> Sequence[RequirementView]:
    """Return requirements whose ids differ: where one is taken, by names as the gate uses them, its turn is added."""
    taken = {view.id for view in views}
    if len(taken) == len(views):
        return views
    found: list[RequirementView] = []
    turns: dict[str, itertools.count[int]] = {}
    for view in views:
        identity = view.id
        if identity in turns:
            identity = next(name for turn in turns[view.id] if (name := f"{view.id}:{turn}") not in taken)
            taken.add(identity)
        turns.setdefault(view.id, itertools.count(2))
        found.append(dataclasses.replace(view, id=identity))
    return found
