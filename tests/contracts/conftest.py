"""Worlds of the contract suites: the same questions to every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_postgresql import emptied, postgresql_url
from builders_store import StoreWorld, a_known_repository, a_world, sqlite_url

from gate.adapters.db.store import DatabaseStore


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreWorld]:
    """A store that knows one repository."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else emptied(postgresql_url())
    made = a_world(url)
    a_known_repository(made.store)
    yield made
    made.store.close()


@pytest.fixture
def store(world: StoreWorld) -> DatabaseStore:
    """The store of the world."""
    return world.store
