"""Reviewing ownership: what somebody confirms who looks at a record, and the day on which it was reviewed last."""

from collections.abc import Mapping
from dataclasses import replace

from gate.core.canonical import digest_of
from gate.core.ownership.history import fields_of_component
from gate.core.ownership.records import TeamRecord
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.teams import within

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

    The last are those of every team that owner, backup and new owner lead to. Where it stands in its file is no part
    of it, and neither is who is in a team of the forge.
    """
    heir = component.transfer.to if component.transfer else ""
    reached = within([*component.owners, component.backup or "", heir], ownership.teams)
    teams = {name: ownership.teams[name] for name in reached if name in ownership.teams}
    members = {name: [*team.members, *_of_forge(team)] for name, team in teams.items()}
    return digest_of({"record": dict(fields_of_component(ownership, component)), "members": members})


def _of_forge(team: TeamRecord) -> tuple[str, ...]:
    return (f"@{team.github_team}",) if team.github_team else ()


def _reviewed(component: Component, day: Day) -> Component:
    is_later = component.reviewed is not None and day > component.reviewed
    return replace(component, reviewed=day) if is_later else component
