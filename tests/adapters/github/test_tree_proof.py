from pathlib import Path

import pytest
from builders_git import Executable, GitRepository, Link, Submodule, a_repository

from gate.adapters.github.commits import merged_paths
from gate.adapters.github.proof import Row, require_whole
from gate.adapters.github.trees import Listing
from gate.core.errors import UnreadableError
from gate.usecases.ports import TreeEntry

FILES = {
    "README.md": "Shop\n",
    "run.sh": Executable("#!/bin/sh\n"),
    "docs/link": Link("../README.md"),
    "docs/a/b.md": "deep\n",
    "docs/a.md": "sorts before the folder a\n",
    "docs/a-b": "sorts before both\n",
    "vendor/lib": Submodule("1" * 40),
    "größe/ß.txt": "beyond ASCII\n",
}


def rows_of(repository: GitRepository, revision: str) -> list[Row]:
    """Return a recursive listing with its folders, as GitHub gives it."""
    listing = repository.git("ls-tree", "-r", "-t", "-z", revision)
    found = []
    for line in filter(None, listing.split("\0")):
        meta, _, path = line.partition("\t")
        mode, _, sha = meta.split(" ")
        found.append(Row(path, mode, sha))
    return found


def listing_of(repository: GitRepository, revision: str) -> Listing:
    rows = [row for row in rows_of(repository, revision) if row.mode != "040000"]
    return Listing({row.path: TreeEntry(row.path, row.mode, row.sha) for row in rows})


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    return a_repository(tmp_path_factory.mktemp("git") / "shop", FILES)


class TestAListingIsProvenByTheTreesOwnId:
    def test_all_that_git_lists_proves_itself(self, repository: GitRepository) -> None:
        require_whole(rows_of(repository, "main"), repository.git("rev-parse", "main^{tree}"))

    @pytest.mark.parametrize("missing", sorted(FILES))
    def test_one_file_missing_is_told(self, repository: GitRepository, missing: str) -> None:
        rows = [row for row in rows_of(repository, "main") if row.path != missing]
        with pytest.raises(UnreadableError, match="not all that is there"):
            require_whole(rows, repository.git("rev-parse", "main^{tree}"))

    def test_a_listing_without_what_is_in_the_folders_is_told(self, repository: GitRepository) -> None:
        rows = [row for row in rows_of(repository, "main") if "/" not in row.path]
        with pytest.raises(UnreadableError, match="not all that is there"):
            require_whole(rows, repository.git("rev-parse", "main^{tree}"))

    def test_another_content_under_a_name_is_told(self, repository: GitRepository) -> None:
        rows = [
            Row(row.path, row.mode, "2" * 40) if row.path == "run.sh" else row for row in rows_of(repository, "main")
        ]
        with pytest.raises(UnreadableError, match="not all that is there"):
            require_whole(rows, repository.git("rev-parse", "main^{tree}"))

    def test_another_mode_is_told(self, repository: GitRepository) -> None:
        rows = [
            Row(row.path, "100644", row.sha) if row.path == "run.sh" else row for row in rows_of(repository, "main")
        ]
        with pytest.raises(UnreadableError, match="not all that is there"):
            require_whole(rows, repository.git("rev-parse", "main^{tree}"))

    def test_a_listing_of_another_tree_is_told(self, repository: GitRepository) -> None:
        with pytest.raises(UnreadableError, match="not all that is there"):
            require_whole(rows_of(repository, "main"), "3" * 40)

    def test_a_name_whose_bytes_were_lost_leaves_only_its_own_folder_unproven(self, repository: GitRepository) -> None:
        rows = [Row(row.path.replace("ß.txt", "\ufffd.txt"), row.mode, row.sha) for row in rows_of(repository, "main")]
        tree = repository.git("rev-parse", "main^{tree}")
        require_whole(rows, tree)
        with pytest.raises(UnreadableError, match="docs"):
            require_whole([row for row in rows if row.path != "docs/a.md"], tree)


class TestWhatAMergeMustHold:
    def merge(self, tmp_path: Path, ours: dict[str, str | None], theirs: dict[str, str | None]) -> tuple[Listing, ...]:
        repository = a_repository(tmp_path / "shop", {"a": "1\n", "b": "1\n", "c": "1\n"})
        repository.commit(ours, branch="feature")
        repository.commit(theirs, branch="main")
        base = repository.git("merge-base", "main", "feature")
        return tuple(listing_of(repository, name) for name in (base, "feature", "main"))

    def test_each_sides_own_changes_are_in_it(self, tmp_path: Path) -> None:
        found = merged_paths(*self.merge(tmp_path, {"a": "2\n", "new": "x\n"}, {"b": None, "d": "y\n"}))
        assert found is not None
        assert sorted(found) == ["a", "c", "d", "new"]

    def test_the_same_change_on_both_sides_is_no_conflict(self, tmp_path: Path) -> None:
        found = merged_paths(*self.merge(tmp_path, {"a": "2\n"}, {"a": "2\n", "b": None}))
        assert found is not None
        assert sorted(found) == ["a", "c"]

    def test_a_path_that_both_changed_proves_nothing(self, tmp_path: Path) -> None:
        assert merged_paths(*self.merge(tmp_path, {"a": "2\n"}, {"a": "3\n"})) is None

    def test_a_path_deleted_here_and_edited_there_proves_nothing(self, tmp_path: Path) -> None:
        assert merged_paths(*self.merge(tmp_path, {"a": None}, {"a": "3\n"})) is None
