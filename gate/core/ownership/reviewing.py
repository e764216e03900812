"""Reviewing ownership: what somebody confirms who looks at a record, and the day on which it was reviewed last."""

from collections.abc import Mapping
from dataclasses import replace

from gate.core.canonical import digest_of
from gate.core.ownership.history import fields_of_component
from gate.core.ownership.registry import Component, Ownership

Place = tuple[str, str]
"""A component by its section and its name."""
Day = str


def place_of(component: Component) -> Place:
    """Return by what a component is known among all of a repository."""
    return component.section, component.name


def with_reviews(ownership: Ownership, days: Mapping[Place, Day]) -> Ownership:
    """Return ownership with each component reviewed on the later one of its record's day and the confirmed one.

    A confirmation only ever moves a review on: what the record says of a later day holds. A record without any day is
    reviewed by nobody's word, since nothing is due of it.
    """
    components = tuple(_reviewed(one, days.get(place_of(one), "")) for one in ownership.components)
    return ownership if components == ownership.components else replace(ownership, components=components)


def record_digest(ownership: Ownership, component: Component) -> str:
    """Return the digest of all that is confirmed with a record: its fields, its files, and who is behind its names.

    Where it stands in its file is no part of it.
    """
    parties = (*component.owners, component.backup or "")
    members = {name: list(ownership.teams[name].members) for name in parties if name in ownership.teams}
    return digest_of({"record": dict(fields_of_component(ownership, component)), "members": members})


def _reviewed(component: Component, day: Day) -> Component:
    is_later = component.reviewed is not None and day > component.reviewed
    return replace(component, reviewed=day) if is_later else component
