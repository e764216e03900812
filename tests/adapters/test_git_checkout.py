"""The local checkout: names of revisions, trees, and what it refuses."""

import os
import subprocess
from pathlib import Path

import pytest
from builders_git import ENVIRONMENT, Executable, GitRepository, Link, Submodule, a_repository

from gate.adapters.git.checkout import Checkout
from gate.adapters.git.trees import CommitTree
from gate.core.errors import GateError, UnreadableError, UsageError


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    repository = a_repository(
        tmp_path_factory.mktemp("git") / "shop",
        {
            "README.md": "Shop\n",
            "api/pay.py": "x = 1\n",
            "bin/run": Executable("#!/bin/sh\n"),
            "link": Link("api/pay.py"),
            "chained": Link("folder/pay.py"),
            "folder": Link("api"),
            "outside": Link("../secret"),
            "absolute": Link("/etc/passwd"),
            "loop": Link("loop"),
            "dangling": Link("api/none"),
            "lib": Submodule("1" * 40),
        },
    )
    repository.commit({"api/pay.py": "x = 2\n"}, branch="feature")
    return repository


class TestWhichRevisionANameMeans:
    def test_a_branch_wins_over_a_tag_of_its_name(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.commit({"a": "1"}, branch="feature")
        shop.tag("feature", at="main")
        found = Checkout.open(shop.path).revision("feature")
        assert (found.sha, found.branch) == (shop.rev("refs/heads/feature"), "feature")

    def test_a_remote_branch_wins_over_a_tag_of_its_name(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        first = shop.rev("main")
        second = shop.commit({"a": "1"})
        shop.git("update-ref", "refs/remotes/origin/main", first)
        shop.git("update-ref", "refs/tags/origin/main", second)
        assert Checkout.open(shop.path).resolve("origin/main") == first

    def test_a_full_id_is_that_commit_whatever_branch_has_its_letters(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        first = shop.rev("main")
        shop.git("update-ref", f"refs/heads/{first}", shop.commit({"a": "1"}))
        assert Checkout.open(shop.path).resolve(first) == first

    @pytest.mark.parametrize("suffix", ["~0", "^0"])
    def test_an_expression_is_resolved(self, shop: GitRepository, suffix: str) -> None:
        assert Checkout.open(shop.path).resolve(f"main{suffix}") == shop.rev("main")

    def test_an_unknown_name_is_refused_with_near_ones(self, shop: GitRepository) -> None:
        with pytest.raises(UsageError, match=r"no revision 'featuer' here\. Did you mean feature\?"):
            Checkout.open(shop.path).resolve("featuer")

    def test_a_name_like_none_is_refused_with_the_few_that_there_are(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "small")
        with pytest.raises(UsageError, match=r"no revision 'trunk' here\. Name what is here: main\."):
            Checkout.open(shop.path).resolve("trunk")
        for number in range(9):
            shop.branch(f"b{number}")
        with pytest.raises(UsageError, match=r"no revision 'trunk' here\. See `git branch --all`\."):
            Checkout.open(shop.path).resolve("trunk")

    def test_the_same_branch_of_a_remote_is_nearest(self, shop: GitRepository) -> None:
        shop.git("update-ref", "refs/remotes/origin/trunk", shop.rev("main"))
        with pytest.raises(UsageError, match=r"no revision 'trunk' here\. Did you mean origin/trunk\?"):
            Checkout.open(shop.path).resolve("trunk")

    @pytest.mark.parametrize(
        "name", ["", "--upload-pack=touch /tmp/x", "-h", "a\nb", "a b", "a\0b", "\u202emain", "x" * 1001]
    )
    def test_what_is_no_name_is_refused(self, shop: GitRepository, name: str) -> None:
        with pytest.raises(UsageError, match="is no name of a revision"):
            Checkout.open(shop.path).resolve(name)

    @pytest.mark.parametrize("name", ["main:README.md", "main^{tree}", "@{u}", "HEAD:", ":/Begin"])
    def test_what_is_no_commit_is_refused(self, shop: GitRepository, name: str) -> None:
        with pytest.raises(GateError):
            Checkout.open(shop.path).resolve(name)


class TestWhereACheckoutIs:
    def test_in_any_folder_below_it(self, shop: GitRepository) -> None:
        shop.check_out("main")
        checkout = Checkout.open(shop.path / "api")
        assert (checkout.root, checkout.name, checkout.is_bare) == (shop.path, "shop", False)

    def test_in_a_bare_repository(self, tmp_path: Path) -> None:
        bare = a_repository(tmp_path / "shop.git", is_bare=True)
        checkout = Checkout.open(bare.path)
        assert (checkout.name, checkout.is_bare) == ("shop", True)
        assert [entry.path for entry in checkout.tree().entries()] == ["README.md"]

    def test_in_a_linked_worktree(self, shop: GitRepository, tmp_path: Path) -> None:
        shop.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "feature")
        checkout = Checkout.open(tmp_path / "linked")
        assert checkout.root == tmp_path / "linked"
        assert checkout.resolve("HEAD") == shop.rev("refs/heads/feature")

    def test_nowhere_else(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError, match="is not inside a git repository"):
            Checkout.open(tmp_path)
        with pytest.raises(UnreadableError, match="does not exist"):
            Checkout.open(tmp_path / "none")

    def test_with_ids_of_the_longer_kind(self, tmp_path: Path) -> None:
        subprocess.run(
            ["git", "init", "-q", "--object-format=sha256", str(tmp_path / "s")], check=True, env=ENVIRONMENT
        )
        shop = GitRepository(tmp_path / "s")
        sha = shop.commit({"a": "1\n"})
        shop.commit({"a": "2\n"}, branch="feature")
        checkout = Checkout.open(shop.path)
        assert len(sha) == 64
        assert [file.path for file in checkout.changes("main", "feature").files] == ["a"]
        assert checkout.tree("main").read("a") == b"1\n"


class TestTheDefaultBranch:
    def test_is_what_the_remote_says(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        shop.branch("trunk")
        shop.git("symbolic-ref", "HEAD", "refs/heads/trunk")
        shop.git("clone", "--quiet", str(shop.path), str(tmp_path / "clone"))
        assert Checkout.open(tmp_path / "clone").default_branch == "trunk"
        assert Checkout.open(shop.path).default_branch == ""

    def test_of_a_bare_repository_is_its_head(self, tmp_path: Path) -> None:
        assert Checkout.open(a_repository(tmp_path / "shop.git", is_bare=True).path).default_branch == "main"

    def test_a_change_goes_into_it_as_last_fetched_where_it_is_not_checked_out(self, tmp_path: Path) -> None:
        shop, clone = a_repository(tmp_path / "shop"), tmp_path / "clone"
        shop.git("clone", "--quiet", str(shop.path), str(clone))
        assert Checkout.open(clone).default_base == "main"
        shop.git("-C", str(clone), "switch", "--quiet", "--create", "change")
        shop.git("-C", str(clone), "pack-refs", "--all")
        assert Checkout.open(clone).default_base == "main"
        shop.git("-C", str(clone), "branch", "--quiet", "--delete", "--force", "main")
        assert Checkout.open(clone).default_base == "origin/main"
        shop.git("branch", "--move", "main", "master")
        assert Checkout.open(shop.path).default_base == "master"
        shop.git("branch", "--move", "master", "main")
        assert Checkout.open(shop.path).default_base == "main"


class TestACommitsTree:
    def test_lists_every_file_with_its_mode(self, shop: GitRepository) -> None:
        entries = {entry.path: entry.mode for entry in Checkout.open(shop.path).tree("main").entries()}
        assert entries["README.md"] == "100644"
        assert entries["bin/run"] == "100755"
        assert entries["link"] == "120000"
        assert entries["lib"] == "160000"
        assert list(entries) == sorted(entries)

    @pytest.mark.parametrize("listing", ["listed", "not listed"])
    def test_answers_for_one_file_as_its_listing_does(self, shop: GitRepository, listing: str) -> None:
        tree = Checkout.open(shop.path).tree("main")
        if listing == "listed":
            tree.entries()
        assert tree.read("api/pay.py") == b"x = 1\n"
        assert tree.entry("api") is None
        assert tree.entry("api/none") is None
        assert tree.entry("README.md/x") is None
        assert tree.read("none") is None

    @pytest.mark.parametrize(("path", "kind"), [("link", "a symbolic link"), ("lib", "a submodule")])
    def test_reads_regular_files_alone(self, shop: GitRepository, path: str, kind: str) -> None:
        with pytest.raises(UnreadableError, match=f"{path} is {kind}, not a regular file"):
            Checkout.open(shop.path).tree("main").read(path)

    def test_shows_a_name_that_is_not_utf_8_escaped_and_reads_it_so(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {b"caf\xe9": "1\n"})
        tree = Checkout.open(shop.path).tree("main")
        assert tree.read("caf\\xe9") == b"1\n"
        assert [entry.path for entry in tree.entries()] == ["caf\\xe9"]

    @pytest.mark.parametrize(
        ("path", "target"),
        [
            ("link", "api/pay.py"),
            ("chained", "api/pay.py"),
            ("folder", "api"),
            ("dangling", "api/none"),
            ("outside", None),
            ("absolute", None),
            ("loop", None),
        ],
    )
    def test_knows_where_a_link_leads(self, shop: GitRepository, path: str, target: str | None) -> None:
        tree = Checkout.open(shop.path).tree("main")
        assert isinstance(tree, CommitTree)
        assert tree.link_target(path) == target

    def test_says_what_to_fetch_where_an_object_is_missing(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop")
        blob = shop.git("rev-parse", "main:README.md")
        (shop.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(UnreadableError, match=f"Object {blob} is missing from this checkout. Fetch it"):
            Checkout.open(shop.path).tree("main").read("README.md")


class TestTheWorkingTree:
    @pytest.fixture
    def tree_of(self, tmp_path: Path) -> GitRepository:
        shop = a_repository(
            tmp_path / "shop", {"kept": "1\n", "gone": "1\n", ".gitignore": "ignored\n", "l": Link("kept")}
        )
        shop.check_out()
        (shop.path / "gone").unlink()
        shop.write({"new/file": "2\n", "ignored": "3\n", "kept": "changed\n"})
        return shop

    def test_holds_what_is_tracked_and_what_would_be(self, tree_of: GitRepository) -> None:
        tree = Checkout.open(tree_of.path).tree()
        assert [entry.path for entry in tree.entries()] == [".gitignore", "kept", "l", "new/file"]
        assert tree.revision == "working tree"

    def test_reads_what_is_on_disk(self, tree_of: GitRepository) -> None:
        tree = Checkout.open(tree_of.path).tree()
        assert tree.read("kept") == b"changed\n"
        assert tree.read("new/file") == b"2\n"
        assert tree.read("gone") is None
        assert tree.read("ignored") is None

    def test_follows_no_link(self, tree_of: GitRepository, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/file").write_text("secret")
        tree = Checkout.open(tree_of.path).tree()
        with pytest.raises(UnreadableError, match="l is a symbolic link"):
            tree.read("l")
        tree.entries()
        (tree_of.path / "new/file").unlink()
        (tree_of.path / "new").rmdir()
        (tree_of.path / "new").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(UnreadableError, match="not a regular file"):
            tree.read("new/file")

    def test_does_not_wait_for_a_pipe(self, tree_of: GitRepository) -> None:
        tree = Checkout.open(tree_of.path).tree()
        tree.entries()
        (tree_of.path / "kept").unlink()
        os.mkfifo(tree_of.path / "kept")
        with pytest.raises(UnreadableError, match="not a regular file"):
            tree.read("kept")
