"""Databases for the tests of this adapter's own parts."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_postgresql import new_database_url

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/gate.db"
    else:
        yield new_database_url(f"empty_{next(_numbers)}")
