import pytest
from builders_github_forge import MakeShop, Shop
from doubles.github.objects import Submodule, Symlink

from gate.adapters.github import trees
from gate.core.errors import UnreadableError

FILES = {f"{folder}/{number}.txt": f"{folder}{number}\n" for folder in "abc" for number in range(8)}


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop(FILES)


def tree_requests(shop: Shop) -> int:
    return sum("/git/trees/" in target for _, target, _ in shop.requests())


class TestATreeTooLargeForOneAnswer:
    def test_it_is_listed_folder_by_folder(self, shop: Shop) -> None:
        shop.world.tree_limit = 10
        tree = shop.access().commit_tree(shop.repository.tip("main"))
        assert [entry.path for entry in tree.entries()] == sorted(FILES)
        assert tree.read("b/3.txt") == b"b3\n"

    def test_folders_that_did_not_change_are_not_asked_for_again(self, shop: Shop) -> None:
        shop.world.tree_limit = 10
        access = shop.access()
        access.commit_tree(shop.repository.tip("main")).entries()
        before = tree_requests(shop)
        sha = shop.repository.commit("main", {"b/3.txt": "new\n"}, author=shop.bob)
        assert shop.access().commit_tree(sha).read("b/3.txt") == b"new\n"
        assert tree_requests(shop) - before == 3

    def test_a_folder_that_is_too_large_alone_is_a_problem_of_the_change(self, shop: Shop) -> None:
        pull = shop.pull({"a/1.txt": "x\n"})
        shop.world.tree_limit = 5
        found = shop.access().snapshot(pull.number)
        assert [problem.code for problem in found.problems] == ["too-many-files"]
        assert found.files == ()

    def test_a_tree_of_too_many_folders_is_too(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trees, "MAX_TREE_REQUESTS", 3)
        pull = shop.pull({"a/1.txt": "x\n"})
        shop.world.tree_limit = 10
        found = shop.access().snapshot(pull.number)
        assert [problem.code for problem in found.problems] == ["too-many-files"]


class TestWhatIsNotRead:
    def test_links_and_submodules_are_refused_and_not_followed(self, shop: Shop) -> None:
        sha = shop.repository.commit("main", {"l": Symlink("a/1.txt"), "s": Submodule()}, author=shop.bob)
        tree = shop.access().commit_tree(sha)
        with pytest.raises(UnreadableError, match="symbolic link"):
            tree.read("l")
        with pytest.raises(UnreadableError, match="submodule"):
            tree.read("s")

    def test_a_file_that_is_too_large_is_refused_without_being_fetched(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trees.Objects.blob, "__kwdefaults__", {"limit": 100})
        sha = shop.repository.commit("main", {"big": "x" * 101}, author=shop.bob)
        with pytest.raises(UnreadableError, match="larger than 25 MiB"):
            shop.access().commit_tree(sha).read("big")
        assert not any("/blobs/" in target for _, target, _ in shop.requests())

    def test_a_commit_that_is_not_there_is_an_error_and_no_empty_tree(self, shop: Shop) -> None:
        with pytest.raises(UnreadableError):
            shop.access().commit_tree("e" * 40).entries()

    def test_a_blob_that_cannot_be_had_is_an_error_and_no_absence(self, shop: Shop) -> None:
        shop.world.faults.add("GET", "/git/blobs/", "status", status=404, times=None)
        with pytest.raises(UnreadableError):
            shop.access().commit_tree(shop.repository.tip("main")).read("a/1.txt")

    def test_content_that_is_not_what_its_id_says_is_an_error(self, shop: Shop) -> None:
        tree = shop.access().commit_tree(shop.repository.tip("main"))
        entry = tree.entry("a/1.txt")
        assert entry is not None
        shop.repository.objects.known[entry.blob] = "blob", b"a0\n"
        with pytest.raises(UnreadableError, match="not what its id says"):
            tree.read("a/1.txt")


class TestWhatIsKept:
    def test_trees_and_blobs_are_asked_for_once_over_all_judgements(self, shop: Shop) -> None:
        sha = shop.repository.tip("main")
        for _ in range(3):
            tree = shop.access().commit_tree(sha)
            assert tree.read("a/1.txt") == b"a1\n"
        assert tree_requests(shop) == 1
        assert sum("/git/blobs/" in target for _, target, _ in shop.requests()) == 1

    def test_nothing_is_kept_across_tenants(self, shop: Shop) -> None:
        sha = shop.repository.tip("main")
        blob = shop.access().commit_tree(sha).entry("a/1.txt")
        assert blob is not None
        shop.access().commit_tree(sha).read("a/1.txt")
        shop.world.repository("other/thing")
        other = shop.world.find("other")
        assert other is not None
        installation = shop.world.install(shop.app_id, organisation=other)
        thing = next(found for found in shop.world.repositories if found.name == "thing")
        found = shop.forge.find("other/thing")
        assert found is not None
        access = shop.forge.access(found.key, installation=installation.id, name=found.name)
        assert found.key.id == thing.id
        with pytest.raises(UnreadableError):
            list(access.blobs([blob.blob], limit=100))
