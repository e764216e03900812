"""R26: a file renamed out of an owned path is a deletion there and an addition elsewhere."""

from pathlib import Path

from builders_git import a_repository

from gate.adapters.git.checkout import Checkout


class TestARename:
    def test_touches_both_its_paths(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/x": "1\n2\n3\n4\n"})
        shop.commit({"secure/x": None, "docs/x": "1\n2\n3\n4\n"}, branch="feature")
        gone, new = sorted(
            Checkout.open(shop.path).changes("main", "feature").files, key=lambda file: file.status == "added"
        )
        assert (gone.path, gone.status, gone.blob, gone.mode) == ("secure/x", "deleted", "", "")
        assert (new.path, new.status, new.base_blob, new.base_mode) == ("docs/x", "added", "", "")
        assert (gone.other_path, new.other_path) == ("docs/x", "secure/x")

    def test_touches_both_whatever_the_repository_says_of_renames(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/x": "1\n2\n3\n4\n"})
        shop.commit({"secure/x": None, "docs/x": "1\n2\n3\n4\n"}, branch="feature")
        shop.git("config", "diff.renames", "copies")
        shop.git("config", "diff.renameLimit", "1000")
        files = Checkout.open(shop.path).changes("main", "feature").files
        assert [file.path for file in files] == ["docs/x", "secure/x"]

    def test_with_changed_content_touches_both_too(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/x": "1\n2\n3\n4\n5\n6\n"})
        shop.commit({"secure/x": None, "docs/x": "1\n2\n3\n4\n5\nevil\n"}, branch="feature")
        files = Checkout.open(shop.path).changes("main", "feature").files
        assert {file.path: file.status for file in files} == {"docs/x": "added", "secure/x": "deleted"}
