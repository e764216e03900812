"""R55, as observed: what a commit of the change touched is known even where a later commit undid it."""

from pathlib import Path

from builders_git import a_repository

from gate.adapters.git.checkout import Checkout


class TestAFileThatALaterCommitRestored:
    def test_is_listed_with_every_commit_and_not_in_the_net_change(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"secure/x": "1\n"})
        shop.commit({"secure/x": "evil\n", "secure/new": "evil\n", "docs": "1\n"}, branch="feature")
        shop.commit({"secure/x": "1\n", "secure/new": None}, branch="feature")
        net = Checkout.open(shop.path).changes("main", "feature")
        assert ([file.path for file in net.files], net.restored) == (["docs"], ())
        every = Checkout.open(shop.path).changes("main", "feature", every_commit=True)
        assert [file.path for file in every.files] == ["docs"]
        assert [(file.path, file.status) for file in every.restored] == [
            ("secure/new", "changed"),
            ("secure/x", "changed"),
        ]
        new, old = every.restored
        assert (new.mode, new.base_mode, old.blob) == ("", "", old.base_blob)

    def test_has_no_part_in_what_a_mechanical_merge_brings(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"b": "1\n"}, branch="feature")
        shop.commit({"a": "2\n"})
        shop.merge("main", into="feature")
        assert Checkout.open(shop.path).changes("main", "feature", every_commit=True).restored == ()

    def test_is_also_found_in_a_merge_by_hand(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n", "s": "1\n"})
        shop.commit({"b": "1\n"}, branch="feature")
        shop.commit({"a": "2\n"})
        shop.merge("main", into="feature", changing={"s": "evil\n"})
        shop.commit({"s": "1\n"}, branch="feature")
        restored = Checkout.open(shop.path).changes("main", "feature", every_commit=True).restored
        assert [file.path for file in restored] == ["s"]

    def test_leaves_a_change_without_files_when_all_is_undone(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"a": "evil\n"}, branch="feature")
        shop.commit({"a": "1\n"}, branch="feature")
        change = Checkout.open(shop.path).changes("main", "feature")
        assert change.files == ()
        assert len(change.commits) == 2

    def test_is_found_in_a_history_of_its_own_that_was_merged(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"b": "1\n"}, branch="feature")
        text = b"commit refs/heads/island\ncommitter A <a@b> 0 +0000\ndata 0\nM 644 inline evil\ndata 1\nx\n\n"
        shop.git("fast-import", "--quiet", stdin=text)
        shop.commit({}, branch="feature", merging=("island",))
        restored = Checkout.open(shop.path).changes("main", "feature", every_commit=True).restored
        assert [file.path for file in restored] == ["evil"]
