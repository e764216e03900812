from collections.abc import Iterator

import pytest
from builders_github_forge import MakeShop, Shop
from doubles.github.world import World


@pytest.fixture
def a_shop() -> Iterator[MakeShop]:
    """Make a shop at a GitHub of its own; nothing that was asked of it may contradict GitHub's own description."""
    with World() as world:
        yield lambda files: Shop(world, files)
        assert world.violations == []
