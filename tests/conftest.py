"""What tests in many folders begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from builders_service import Service


@pytest.fixture
def service(tmp_path: Path) -> "Iterator[Service]":
    """A service of its own for each test; a file that needs other records or policies makes its own instead."""
    from builders_service import a_service  # here, so that tests of the core alone start without a database

    with a_service(tmp_path) as service:
        yield service
