"""The service's store as commands open it, to write or only to look, and the repositories that it knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gate import bootstrap_parts
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository

if TYPE_CHECKING:
    from gate.adapters.db.store import DatabaseStore


@contextmanager
def opened_store(*, is_read_only: bool = False) -> Iterator["DatabaseStore"]:
    """Give the store of the service's settings. Raises UsageError or UnreadableError where it cannot be used."""
    from gate.config import load_settings

    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    store = (bootstrap_parts.store_to_look_at if is_read_only else bootstrap_parts.store_of)(settings)
    try:
        yield store
    finally:
        store.close()


def known_repository(store: "DatabaseStore", name: str) -> ForgeRepository:
    """Return the repository that has a name. Raises UsageError where the service knows none."""
    with store.reading() as reading:
        found = reading.repository_named(name)
        known = [one.name for one in reading.repositories()]
    if found is None:
        step = f"It knows {', '.join(known[:5]) or 'none yet'}."
        raise UsageError(f"The service knows no repository {visible(name[:200])!r}.", next_step=step)
    return found
