"""R29: a symbolic link shows its mode and the place in the tree that it leads to."""

from pathlib import Path

import pytest
from builders_git import Link, a_repository

from gate.adapters.git.checkout import Checkout
from gate.core.change.facts import MODE_SYMLINK


class TestALink:
    @pytest.mark.parametrize(
        ("target", "leads_to"),
        [
            ("../secure/k", "secure/k"),
            ("../shortcut/k", "secure/k"),
            ("./../docs/../secure", "secure"),
            ("../secure/not-yet", "secure/not-yet"),
            ("../../elsewhere", ""),
            ("/secure/k", ""),
        ],
    )
    def test_shows_where_it_leads(self, tmp_path: Path, target: str, leads_to: str) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/k": "1\n", "shortcut": Link("secure")})
        shop.commit({"docs/a": Link(target)}, branch="feature")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.mode) == ("docs/a", MODE_SYMLINK)
        assert (file.link_target or "") == leads_to

    def test_in_place_of_an_owned_file_is_a_change_of_that_file(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/k": "1\n", "docs/a": "1\n"})
        shop.commit({"secure/k": Link("../docs/a")}, branch="feature")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.status, file.base_mode, file.link_target) == ("secure/k", "changed", "100644", "docs/a")
