"""Hostile sources: whatever a catalog or OWNERS file holds, reading it ends in an owner, a reason or nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.documents import Document
from gate.core.ownership.catalog import read_catalog, split_documents
from gate.core.ownership.catalog_import import import_catalog
from gate.core.ownership.imported import Imported, folder_pattern, merge_imported
from gate.core.ownership.owners_files import OwnersAliases, import_owners, read_owners_aliases, read_owners_file
from gate.core.ownership.resolve import OwnershipIndex

KEYS = st.sampled_from(
    ["approvers", "options", "no_parent_owners", "filters", ".*", "aliases", "emeritus_approvers", "kind", "metadata",
     "name", "namespace", "annotations", "gate/paths", "backstage.io/source-location", "spec", "owner", "members",
     "memberOf", "dependsOn", "links", "url", "title", "profile", "email", "github.com/user-login"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3),
    st.sampled_from(["Component", "API", "Group", "User", "alice", "a b", "", "/sub/", "!/sub/x", "*", "url:https://h/a/b/"]),
    st.text(max_size=5),
)  # fmt: skip
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
ENTITIES = st.fixed_dictionaries(
    {"kind": LEAVES, "metadata": st.dictionaries(KEYS, DATA) | DATA, "spec": st.dictionaries(KEYS, DATA) | DATA}
)
FOLDERS = ("", "sub/", "sub/deep/")


def is_said(imported: Imported, path: str) -> None:
    """The answer is an owner with a name, or a reason, or nothing; never something else."""
    known = merge_imported([imported])
    (found,) = OwnershipIndex(known).resolve(path)
    if found.component is not None:
        assert found.problem is None
        assert known.components[found.component].owners
    if found.problem is not None:
        assert found.component is None
        assert found.problem


class TestWhateverItHolds:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(DATA, max_size=3), DATA)
    def test_owners_files_always_end_in_an_answer(self, contents: list[Any], aliases: Any) -> None:
        files = [read_owners_file(Document(f"{f}OWNERS", one)) for f, one in zip(FOLDERS, contents, strict=False)]
        for members in (OwnersAliases(), read_owners_aliases(Document("OWNERS_ALIASES", aliases))):
            is_said(import_owners(files, members), "sub/deep/x")

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.lists(ENTITIES | DATA, max_size=3), max_size=3))
    def test_catalog_files_always_end_in_an_answer(self, contents: list[list[Any]]) -> None:
        files = []
        for folder, entities in zip(FOLDERS, contents, strict=False):
            file = f"{folder}catalog-info.yaml"
            files.append(read_catalog(file, [(Document(file, one), 0) for one in entities], repository="a/b"))
        is_said(import_catalog(files, has_folder=lambda pattern: pattern == "/sub/"), "sub/deep/x")

    @given(st.binary(max_size=60))
    def test_splitting_always_keeps_every_line_that_says_something(self, raw: bytes) -> None:
        kept = b"".join(part.raw for part in split_documents(raw)).split()
        assert sorted(kept) == sorted(b"\n".join(line.removeprefix(b"---") if _is_mark(line) else line
                                                 for line in raw.split(b"\n")).split())  # fmt: skip


def _is_mark(line: bytes) -> bool:
    return line.rstrip(b"\r") == b"---" or line.startswith((b"--- ", b"---\t"))


class TestFolderPatterns:
    @given(st.text(alphabet="ab*?[]\\!# ./\u00e9", min_size=1, max_size=8).filter(
        lambda name: all(part not in {"", ".", ".."} for part in name.split("/"))))  # fmt: skip
    def test_always_match_what_is_below_the_folder_and_nothing_beside_it(self, folder: str) -> None:
        imported = import_owners(
            [read_owners_file(Document(f"{folder}/OWNERS", {"approvers": ["alice"]}))], OwnersAliases()
        )
        index = OwnershipIndex(merge_imported([imported]))
        assert index.resolve(f"{folder}/x")[0].component == 0, folder_pattern(folder)
        assert index.resolve(f"{folder}/x/y")[0].component == 0
        assert index.resolve(f"{folder}x/y")[0].component is None
        assert index.resolve(f"z{folder}/y")[0].component is None
