"""R27: whatever differs between the two trees is listed, whatever kind of difference it is."""

from pathlib import Path

import pytest
from builders_git import Executable, Link, a_repository

from gate.adapters.git.changes import _changed_file
from gate.adapters.git.checkout import Checkout

KINDS = {
    "deleted": None,
    "mode": Executable("1\n"),
    "kind": Link("deleted"),
    "binary": b"\0\1\2",
    "empty": "",
    "added": "new\n",
    "copied": "1\n",
}


class TestEveryDifferenceCounts:
    def test_of_every_kind(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", dict.fromkeys(["deleted", "mode", "kind", "binary", "empty"], "1\n"))
        shop.commit(KINDS, branch="feature")
        files = {file.path: file for file in Checkout.open(shop.path).changes("main", "feature").files}
        assert sorted(files) == sorted(KINDS)
        assert {path: file.status for path, file in files.items()} == {
            "deleted": "deleted",
            "mode": "changed",
            "kind": "changed",
            "binary": "modified",
            "empty": "modified",
            "added": "added",
            "copied": "added",
        }
        assert files["mode"].mode != files["mode"].base_mode
        assert (files["binary"].is_binary, files["binary"].additions) == (True, -1)

    def test_also_of_an_empty_file(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"empty": ""}, branch="feature")
        assert [file.path for file in Checkout.open(shop.path).changes("main", "feature").files] == ["empty"]

    @pytest.mark.parametrize("letter", ["T", "U", "X", "B", "Q"])
    def test_a_status_never_seen_before_counts_as_changed(self, letter: str) -> None:
        blob = "1" * 40
        assert _changed_file(f":100644 100644 {blob} {blob} {letter}".encode(), b"a").status == "changed"

    def test_attributes_and_configuration_hide_nothing(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n", ".gitattributes": "* -diff export-ignore\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        shop.git("config", "diff.ignoreSubmodules", "all")
        shop.git("config", "core.fileMode", "false")
        shop.git("config", "diff.orderFile", "/nonexistent")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.additions, file.deletions) == ("a", 1, 1)
