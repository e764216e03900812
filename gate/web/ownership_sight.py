"""What a visitor may see of ownership: repositories that they may read, with their records as of now."""

from dataclasses import dataclass

from flask import current_app
from werkzeug.exceptions import NotFound

from gate.core.ownership.registry import Component
from gate.usecases.repository_ownership import OwnershipNow, OwnershipSight
from gate.web.door import Door
from gate.web.visitors import visitor

MOST_REPOSITORIES = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """The repositories that were looked at, and the names of those that could not be read or were too many."""

    places: tuple[OwnershipNow, ...]
    unreadable: tuple[str, ...] = ()
    left_out: int = 0


def seen_ownership(repository: str | None = None) -> Seen:
    """Return the ownership of what the visitor may see, of one repository where it is named.

    Raises the uniform 404 for a repository that is not known or may not be seen.
    """
    door: Door = current_app.extensions["gate"]
    sight: OwnershipSight = current_app.extensions["gate.ownership"]
    with door.gate.store.reading() as reading:
        known = list(reading.repositories())
    if repository is not None:
        known = [one for one in known if one.name.lower() == repository.lower()]
    visible = [one for one in known if visitor().may_see(one)]
    if repository is not None and not visible:
        raise NotFound
    shown = visible[:MOST_REPOSITORIES]
    found = [(one.name, sight.of(one)) for one in shown]
    return Seen(
        tuple(now for _, now in found if now is not None),
        tuple(name for name, now in found if now is None),
        len(visible) - len(shown),
    )


def seen_component(name: str, repository: str | None = None) -> list[tuple[OwnershipNow, Component]]:
    """Return every component of a name that the visitor may see. Raises the uniform 404 where there is none."""
    places = seen_ownership(repository).places
    found = [(now, one) for now in places for one in now.ownership.components if one.name == name]
    if not found:
        raise NotFound
    return found
