"""Proofs: made and verified as the RFCs define them, by the second reader's own account too; every other is refused."""

from typing import Any

import pytest
import second_ledger_reader as second
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ledger.merkle import Frontier, leaf_hash, leaf_hashes, node_hash, root_of
from gate.core.ledger.proofs import (
    ProofError,
    consistency_path,
    inclusion_path,
    root_at,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [str(number).encode() for number in range(300)]
LEAVES = leaf_hashes(ENTRIES)


def subtree(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


def an_inclusion(index: Any, size: Any) -> Any:
    return {
        "leaf": LEAVES[index],
        "index": index,
        "size": size,
        "path": inclusion_path(index, size, subtree),
        "root": root_at(size, subtree),
    }


def a_consistency(old: Any, new: Any) -> Any:
    return {
        "old_size": old,
        "old_root": root_at(old, subtree),
        "new_size": new,
        "new_root": root_at(new, subtree),
        "path": consistency_path(old, new, subtree),
    }


def mutants(path: Any) -> Any:
    """Every way in which a path is not the one: cut, longer, another order, one hash another."""
    path = list(path)
    yield [*path, bytes(32)]
    yield [bytes(32), *path]
    for place in range(len(path)):
        yield path[:place] + path[place + 1 :]
        yield [*path[:place], bytes(32), *path[place + 1 :]]
    if len(path) > 1:
        yield path[::-1]
        yield path * 2
        yield path * 80
    if path:
        yield [*path[:-1], path[-1][:-1]]


class TestRoots:
    @given(st.integers(0, 300))
    @settings(max_examples=60)
    def test_all_ways_to_a_root_always_agree(self, size: Any) -> None:
        frontier = Frontier().extend(LEAVES[:size])
        assert frontier.root() == root_of(LEAVES[:size]) == root_at(size, subtree) == second.mth(ENTRIES[:size])

    def test_many_leaves_are_hashed_as_one_is(self) -> None:
        assert [leaf_hash(entry) for entry in ENTRIES] == LEAVES


class TestInclusion:
    @given(st.integers(1, 300), st.data())
    @settings(max_examples=80)
    def test_a_path_is_always_that_of_the_definition_and_verifies(self, size: Any, data: Any) -> None:
        index = data.draw(st.integers(0, size - 1))
        made = an_inclusion(index, size)
        assert list(made["path"]) == second.path(index, ENTRIES[:size])
        verify_inclusion(**made)
        assert second.is_included(LEAVES[index], index, size, list(made["path"]), made["root"])

    @pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (6, 7), (4, 7), (255, 256), (256, 257), (77, 300)])
    def test_any_other_path_is_refused(self, index: Any, size: Any) -> None:
        made = an_inclusion(index, size)
        for path in mutants(made["path"]):
            with pytest.raises(ProofError):
                verify_inclusion(**{**made, "path": path})

    @pytest.mark.parametrize(
        "wrong", [{"leaf": bytes(32)}, {"index": 5}, {"root": bytes(32)}, {"size": 5}, {"index": -1}, {"index": 7}]
    )
    def test_another_leaf_place_size_or_root_is_refused(self, wrong: Any) -> None:
        made = an_inclusion(4, 7)
        with pytest.raises(ProofError):
            verify_inclusion(**{**made, **wrong})

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (7, 7), (-1, 7)])
    def test_an_entry_that_is_not_there_has_no_path(self, index: Any, size: Any) -> None:
        with pytest.raises(ProofError, match="has no entry"):
            inclusion_path(index, size, subtree)


class TestConsistency:
    @given(st.integers(1, 300), st.data())
    @settings(max_examples=80)
    def test_a_path_is_always_that_of_the_definition_and_verifies(self, new: Any, data: Any) -> None:
        old = data.draw(st.integers(1, new))
        made = a_consistency(old, new)
        assert list(made["path"]) == second.proof(old, ENTRIES[:new])
        verify_consistency(**made)
        if old < new:
            roots = made["old_root"], made["new_root"]
            assert second.is_consistent(old, roots[0], new, roots[1], list(made["path"]))

    @pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (8, 8), (255, 300), (256, 300), (0, 7)])
    def test_any_other_path_is_refused(self, old: Any, new: Any) -> None:
        made = a_consistency(old, new)
        for path in mutants(made["path"]):
            with pytest.raises(ProofError):
                verify_consistency(**{**made, "path": path})

    @pytest.mark.parametrize(("old", "new"), [(3, 7), (4, 7), (7, 7), (0, 7)])
    @pytest.mark.parametrize("root", ["old_root", "new_root"])
    def test_another_root_on_either_side_is_refused(self, old: Any, new: Any, root: Any) -> None:
        made = a_consistency(old, new)
        if (old, root) == (0, "new_root"):
            return  # the empty tree is the beginning of every tree
        with pytest.raises(ProofError):
            verify_consistency(**{**made, root: node_hash(made[root], made[root])})

    def test_an_empty_path_shows_nothing(self) -> None:
        with pytest.raises(ProofError, match="the path is empty"):
            verify_consistency(**{**a_consistency(4, 7), "path": ()})

    @pytest.mark.parametrize(("old", "new"), [(8, 7), (-1, 7)])
    def test_a_tree_never_shrinks(self, old: Any, new: Any) -> None:
        with pytest.raises(ProofError, match="no beginning"):
            consistency_path(old, new, subtree)
        with pytest.raises(ProofError, match="no beginning"):
            verify_consistency(old_size=old, old_root=b"", new_size=new, new_root=b"", path=())
