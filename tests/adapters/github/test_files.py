from gate.adapters.github.files import changed_files, with_counts
from gate.adapters.github.trees import Listing
from gate.core.change.facts import ChangedFile
from gate.usecases.ports import TreeEntry

A, B, EMPTY = "a" * 40, "b" * 40, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def listing(**files: str) -> Listing:
    """Build a listing of `path="mode:blob"`, paths with a dot written as two underscores."""
    entries = {}
    for name, text in files.items():
        mode, _, blob = text.rpartition(":")
        path = name.replace("__", ".")
        entries[path] = TreeEntry(path, mode or "100644", blob)
    return Listing(entries)


def only(files: list[ChangedFile]) -> ChangedFile:
    (file,) = files
    return file


class TestWhatChanged:
    def test_equal_trees_change_nothing(self) -> None:
        assert changed_files(listing(x=A), listing(x=A)) == []

    def test_added_deleted_and_modified_show_mode_and_content_of_both_sides(self) -> None:
        found = {file.path: file for file in changed_files(listing(old=A, same=A), listing(new=B, same=B))}
        assert (found["new"].status, found["new"].base_mode, found["new"].base_blob) == ("added", "", "")
        assert (found["old"].status, found["old"].mode, found["old"].blob) == ("deleted", "", "")
        assert (found["same"].status, found["same"].base_blob, found["same"].blob) == ("modified", A, B)

    def test_a_mode_alone_is_changed_without_lines(self) -> None:
        file = only(changed_files(listing(run=f"100644:{A}"), listing(run=f"100755:{A}")))
        assert (file.status, file.additions, file.deletions) == ("changed", 0, 0)

    def test_a_file_that_becomes_a_link_is_changed(self) -> None:
        file = only(changed_files(listing(x=f"100644:{A}"), listing(x=f"120000:{B}")))
        assert (file.status, file.base_mode, file.mode) == ("changed", "100644", "120000")

    def test_a_submodule_that_moves_is_listed(self) -> None:
        file = only(changed_files(listing(lib=f"160000:{A}"), listing(lib=f"160000:{B}")))
        assert (file.status, file.mode) == ("modified", "160000")

    def test_lines_are_unknown_until_github_counts_them(self) -> None:
        assert only(changed_files(listing(x=A), listing(x=B))).additions == -1


class TestWhatGithubCounts:
    def test_its_counts_are_taken(self) -> None:
        files = changed_files(listing(x=A), listing(x=B))
        row = {"filename": "x", "status": "modified", "additions": 3, "deletions": 1, "changes": 4, "patch": "@@"}
        file = only(list(with_counts(files, [row])))
        assert (file.additions, file.deletions, file.is_binary) == (3, 1, False)

    def test_content_that_differs_without_a_line_is_binary(self) -> None:
        files = changed_files(listing(x=A), listing(x=B))
        row = {"filename": "x", "status": "modified", "additions": 0, "deletions": 0, "changes": 0}
        file = only(list(with_counts(files, [row])))
        assert (file.additions, file.is_binary) == (-1, True)

    def test_a_new_empty_file_is_no_binary(self) -> None:
        files = changed_files(listing(), listing(x=EMPTY))
        row = {"filename": "x", "status": "added", "additions": 0, "deletions": 0, "changes": 0}
        file = only(list(with_counts(files, [row])))
        assert (file.additions, file.is_binary) == (0, False)

    def test_the_halves_of_a_rename_point_at_each_other_and_stay_two_files(self) -> None:
        files = changed_files(listing(old=A), listing(new=A))
        row = {"filename": "new", "previous_filename": "old", "status": "renamed", "additions": 0, "deletions": 0}
        found = {file.path: file for file in with_counts(files, [{**row, "changes": 0}])}
        assert (found["old"].status, found["old"].other_path) == ("deleted", "new")
        assert (found["new"].status, found["new"].other_path) == ("added", "old")
        assert not found["new"].is_binary

    def test_a_rename_that_the_trees_do_not_show_adds_no_file(self) -> None:
        files = changed_files(listing(x=A), listing(x=B))
        row = {"filename": "ghost", "previous_filename": "x", "status": "renamed", "additions": 9, "deletions": 9}
        assert [file.path for file in with_counts(files, [row])] == ["x"]

    def test_what_github_does_not_list_stays_unknown(self) -> None:
        files = changed_files(listing(x=A), listing(x=B))
        assert only(list(with_counts(files, []))).deletions == -1
