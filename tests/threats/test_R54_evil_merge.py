"""R54, as observed: only a merge of the base with git's own tree is mechanical; any hand in it shows."""

from pathlib import Path

from builders_git import BOB, CAROL, GitRepository, a_repository

from gate.adapters.git.checkout import Checkout


def a_shop(tmp_path: Path) -> GitRepository:
    shop = a_repository(tmp_path / "shop", {"a": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b": "1\n"})
    shop.commit({"a": "one\n2\n3\n4\n5\n6\n7\n8\n9\n"}, branch="feature", by=BOB)
    shop.commit({"a": "1\n2\n3\n4\n5\n6\n7\n8\nnine\n", "c": "1\n"})
    return shop


def mechanical(shop: GitRepository) -> dict[str, bool]:
    commits = Checkout.open(shop.path).changes("main", "feature").commits
    return {commit.sha: commit.is_mechanical_merge for commit in commits}


class TestAMergeOfTheBase:
    def test_as_git_makes_it_is_mechanical(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        merge = shop.merge("main", into="feature", by=CAROL)
        assert mechanical(shop)[merge] is True

    def test_as_the_command_line_makes_it_is_mechanical_across_a_rename(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        text = shop.read("a")
        shop.commit({"a": None, "moved/a": text})
        shop.check_out("feature")
        shop.git("-c", "user.name=Carol", "-c", "user.email=carol@example.com", "merge", "--quiet", "--no-edit", "main")
        assert shop.paths("feature") == ["b", "c", "moved/a"]
        assert mechanical(shop)[shop.rev("feature")] is True

    def test_together_with_a_third_parent_is_not(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"d": "1\n"}, branch="side", start="feature")
        text = shop.read("a")
        merge = shop.commit({"a": text, "c": "1\n", "d": "1\n"}, branch="feature", merging=("main", "side"))
        assert mechanical(shop)[merge] is False

    def test_with_one_more_edit_is_not(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        merge = shop.merge("main", into="feature", changing={"b": "evil\n"}, by=CAROL)
        assert mechanical(shop)[merge] is False

    def test_with_a_conflict_settled_by_hand_is_not(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"a": "uno\n2\n3\n4\n5\n6\n7\n8\nnine\n"})
        merge = shop.commit({"a": "settled\n"}, branch="feature", merging=("main",))
        assert mechanical(shop)[merge] is False

    def test_that_throws_the_bases_work_away_is_not(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        merge = shop.commit({}, branch="feature", merging=("main",), by=CAROL)
        assert mechanical(shop)[merge] is False

    def test_is_not_proven_by_a_merge_driver_of_the_repository(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"a": "uno\n2\n3\n4\n5\n6\n7\n8\nnine\n"})
        shop.git("config", "merge.ours.driver", f"touch {tmp_path}/ran")
        (shop.path / ".git/info").mkdir(exist_ok=True)
        (shop.path / ".git/info/attributes").write_text("* merge=ours\n")
        ours = shop.read("a", at="feature")
        merge = shop.commit({"a": ours, "c": "1\n"}, branch="feature", merging=("main",))
        assert mechanical(shop)[merge] is False
        assert not (tmp_path / "ran").exists()


class TestAMergeOfAnythingElse:
    def test_is_not_mechanical_and_its_commits_are_the_changes_own(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.branch("free", at="main")
        laundered = shop.commit({"b": "evil\n"}, branch="free", by=CAROL)
        merge = shop.merge("free", into="feature")
        found = mechanical(shop)
        assert found[merge] is False
        assert found[laundered] is False
