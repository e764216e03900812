"""A change in a local checkout: its files, commits and merges."""

import time
from pathlib import Path

import pytest
from builders_git import ALICE, BOB, CAROL, WEB_FLOW, GitRepository, a_repository

from gate.adapters.git.checkout import Checkout
from gate.core.change.observed import ObservedChange
from gate.core.change.trailers import co_authors_in
from gate.core.errors import UnreadableError


def observe(shop: GitRepository, *, every_commit: bool = False) -> ObservedChange:
    return Checkout.open(shop.path).changes("main", "feature", every_commit=every_commit)


class TestWhichFiles:
    def test_from_the_merge_base_not_from_the_tip_of_the_base(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n", "b": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        shop.commit({"b": "2\n"})
        change = observe(shop)
        assert [file.path for file in change.files] == ["a"]
        assert change.merge_bases == (shop.rev("main~1"),)

    def test_the_union_where_there_are_several_merge_bases(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n", "b": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        shop.commit({"b": "2\n"})
        main, feature = shop.rev("main"), shop.rev("feature")
        shop.branch("old-main", "main")
        shop.commit({"a": "2\n"}, merging=(feature,))
        shop.commit({"b": "2\n"}, branch="feature", merging=(main,))
        shop.commit({"c": "1\n"}, branch="feature")
        change = observe(shop)
        assert change.merge_bases == tuple(sorted([main, feature]))
        assert [file.path for file in change.files] == ["a", "b", "c"]

    def test_none_where_nothing_differs(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.branch("feature")
        assert observe(shop).files == ()

    def test_lines_are_counted(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n2\n3\n"})
        shop.commit({"a": "1\n4\n5\n3\n"}, branch="feature")
        (file,) = observe(shop).files
        assert (file.additions, file.deletions, file.status) == (2, 1, "modified")

    def test_a_shallow_clone_that_hides_commits_is_refused(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"a": "1\n"}, branch="feature")
        shop.commit({"a": "2\n"}, branch="feature")
        shop.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{shop.path}", str(tmp_path / "clone"))
        with pytest.raises(UnreadableError, match=r"cut off in this shallow clone.*git fetch --unshallow"):
            Checkout.open(tmp_path / "clone").changes("origin/main", "origin/feature")

    def test_a_shallow_clone_that_holds_the_whole_change_is_enough(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"b": "1\n"})
        shop.commit({"a": "1\n"}, branch="feature")
        shop.git("clone", "--quiet", "--depth=2", "--no-single-branch", f"file://{shop.path}", str(tmp_path / "clone"))
        change = Checkout.open(tmp_path / "clone").changes("origin/main", "origin/feature")
        assert [file.path for file in change.files] == ["a"]

    def test_two_histories_without_a_common_commit_are_refused(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.git("fast-import", "--quiet", stdin=b"commit refs/heads/feature\ncommitter A <a@b> 0 +0000\ndata 0\n\n")
        with pytest.raises(UnreadableError, match="share no history"):
            observe(shop)

    def test_a_hundred_thousand_files_are_seen_in_seconds(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({f"d{number % 500}/f{number}.txt": "1\n" for number in range(100_000)}, branch="feature")
        checkout = Checkout.open(shop.path)
        begin = time.perf_counter()
        change = checkout.changes("main", "feature")
        assert len(change.files) == 100_000
        assert change.assumptions == ("97,000 of 100,000 changed files were not searched for hidden text.",)
        assert time.perf_counter() - begin < 30


class TestWhoHadAHandInIt:
    def test_author_committer_and_co_authors_of_every_commit(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        text = (
            "Pay\n\nLong story.\n\nCO-AUTHORED-BY:  Carol Clark <carol@example.com>\nSigned-off-by: X <x@example.com>\n"
        )
        shop.commit({"a": "1\n"}, branch="feature", by=BOB, committer=WEB_FLOW, message=text)
        (commit,) = observe(shop).commits
        assert commit.author is not None
        assert commit.committer is not None
        assert (commit.author.name, commit.author.email) == ("Bob Brown", "bob@example.com")
        assert commit.committer.email == "noreply@github.com"
        assert [who.email for who in commit.co_authors] == ["carol@example.com"]
        assert commit.message == text

    def test_nobody_where_a_commit_names_no_address(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"a": "1\n"}, branch="feature", by="Nobody <>")
        (commit,) = observe(shop).commits
        assert commit.author is None

    def test_a_mail_map_of_the_change_changes_nobody(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit(
            {".mailmap": "Bob Brown <bob@example.com> <mallory@example.com>\n"},
            branch="feature",
            by="M <mallory@example.com>",
        )
        (commit,) = observe(shop).commits
        assert commit.author is not None
        assert commit.author.email == "mallory@example.com"

    @pytest.mark.parametrize(
        ("message", "count"),
        [
            ("a\n\nco-authored-by: A <a@b>", 1),
            ("a\n\nCo-authored-by: A <a@b>\r\nCo-authored-by: A <a@b>\r\n", 1),
            ("a\n\nCo-authored-by: A <a@b>\n\nMore text.", 0),
            ("a\n\nSee: Co-authored-by: A <a@b>", 0),
            ("a\n\nCo-authored-by: no address", 0),
        ],
    )
    def test_a_co_author_stands_in_the_last_paragraph(self, message: str, count: int) -> None:
        assert len(co_authors_in(message)) == count

    def test_whether_it_is_their_first_contribution(self, tmp_path: Path) -> None:
        checkout = Checkout.open(a_repository(tmp_path / "shop", by=ALICE).path)
        assert checkout.is_first_contribution(["Alice@Example.com"], "main") is False
        assert checkout.is_first_contribution(["carol@example.com"], "main") is True
        assert checkout.is_first_contribution(["lice@example.com"], "main") is True
        assert checkout.is_first_contribution([], "main") is None


class TestWhereAFlagIs:
    def test_in_an_added_or_removed_line(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "if on('old.flag'):\n", "b": "if on('other'):\n"})
        shop.commit({"a": "if on('new-flag'):\n"}, branch="feature")
        checkout = Checkout.open(shop.path)
        change = checkout.changes("main", "feature")
        assert checkout.is_text_changed("new-flag", change)
        assert checkout.is_text_changed("old.flag", change)
        assert not checkout.is_text_changed("old-flag", change)
        assert not checkout.is_text_changed("other", change)
        assert not checkout.is_text_changed("", change)

    def test_in_the_files_of_a_revision(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"x/a": "on('f.1')\n", "x/b": "on('f-1')\n", "y": "f.1"})
        checkout = Checkout.open(shop.path)
        assert checkout.files_holding("f.1", checkout.resolve("main")) == ("x/a", "y")
        assert checkout.files_holding("none", checkout.resolve("main")) == ()
        assert checkout.files_holding("--help", checkout.resolve("main")) == ()


class TestTheContentOfFiles:
    def test_each_blob_comes_once_and_a_large_one_is_none(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"a": "same", "b": "same", "c": "x" * 100}, branch="feature")
        checkout = Checkout.open(shop.path)
        blobs = [file.blob for file in checkout.changes("main", "feature").files]
        assert [body for _, body in checkout.blobs([*blobs, ""], limit=50)] == [b"same", None]
        assert checkout.blob(blobs[2]) == b"x" * 100


class TestItLeavesNothingBehind:
    def test_the_repository_is_not_written_to(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature", by=BOB)
        shop.commit({"b": "2\n"}, by=CAROL)
        shop.merge("main", into="feature")
        before = sorted(path for path in shop.path.rglob("*"))
        checkout = Checkout.open(shop.path)
        checkout.changes("main", "feature", every_commit=True)
        place = checkout.quarantine.path
        assert place.is_dir()
        checkout.close()
        assert not place.exists()
        assert sorted(path for path in shop.path.rglob("*")) == before
