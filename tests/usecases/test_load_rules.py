"""Which rules hold: the tree's own, the built-in ones where it has none, the newest valid ones where it is broken."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from builders_git import Content, GitRepository, Link, a_repository

from gate.bootstrap import open_checkout, readers
from gate.core.errors import GateError, InvalidFileError, UnreadableError
from gate.usecases.load_rules import BUILT_IN, Rules, faults_of, load_policy, load_rules, rules_in_force, sentences_of
from gate.usecases.ports import Tree

RECORDS = (
    "version: 1\nteams: {web: {members: ['@alice', '@bob']}}\ncomponents: [{name: shop, owner: web, paths: ['*']}]\n"
)
POLICY = "version: 1\ndefault_owner: web\n"
BROKEN = "version: 1\nunowned: perhaps\n"
READERS = readers()


def tree_of(repository: GitRepository, revision: str = "main") -> Tree:
    return open_checkout(repository.path).tree(revision)


def a_tree(where: Path, files: Mapping[str, Content]) -> Tree:
    return tree_of(a_repository(where / "shop", {"README.md": "Shop\n", **files}))


def load(tree: Tree) -> Rules:
    return load_rules(tree, readers=READERS, config=".gate", repository=None)


def in_force(repository: GitRepository) -> Rules:
    """The rules in force on main, with its first-parent history behind it."""
    checkout = open_checkout(repository.path)
    newest, *earlier = checkout.first_parents(repository.rev("main"))
    trees = (checkout.commit_tree(sha) for sha in earlier)
    return rules_in_force(checkout.commit_tree(newest), trees, readers=READERS, config=".gate", repository=None)


class TestAbsence:
    def test_of_all_files_means_the_built_in_rules(self, tmp_path: Path) -> None:
        rules = load(a_tree(tmp_path, {}))
        assert rules.policy is BUILT_IN
        assert rules.policy.file == "built-in defaults"
        assert rules.ownership.components == ()
        assert rules.broken == ()

    def test_of_the_policy_leaves_the_records_in_force(self, tmp_path: Path) -> None:
        rules = load(a_tree(tmp_path, {".gate/ownership.yaml": RECORDS}))
        assert rules.policy is BUILT_IN
        assert [component.name for component in rules.ownership.components] == ["shop"]

    def test_of_the_records_leaves_the_policy_in_force(self, tmp_path: Path) -> None:
        rules = load(a_tree(tmp_path, {".gate/policy.yaml": "version: 1\nunowned: allow\n"}))
        assert (rules.policy.file, rules.policy.policy.unowned) == (".gate/policy.yaml", "allow")

    @pytest.mark.parametrize("content", ["", "{}", "# nothing\n", "---\n"])
    def test_is_not_a_file_that_says_nothing(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(InvalidFileError):
            load(a_tree(tmp_path, {".gate/policy.yaml": content}))

    def test_is_not_a_link(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError):
            load(a_tree(tmp_path, {".gate/policy.yaml": Link("../README.md")}))


class TestLoading:
    def test_policy_and_records_are_checked_against_each_other(self, tmp_path: Path) -> None:
        tree = a_tree(
            tmp_path, {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": "version: 1\ndefault_owner: wbe\n"}
        )
        with pytest.raises(InvalidFileError, match="did you mean `web`"):
            load(tree)
        assert load_policy(tree, readers=READERS, config=".gate").policy.default_owner == "wbe", "alone it is valid"

    def test_another_folder_can_be_named(self, tmp_path: Path) -> None:
        tree = a_tree(tmp_path, {"ops/policy.yaml": "version: 1\nunowned: allow\n", ".gate/policy.yaml": BROKEN})
        rules = load_rules(tree, readers=READERS, config="ops", repository=None)
        assert rules.policy.file == "ops/policy.yaml"

    def test_what_is_wrong_is_told_in_sentences(self, tmp_path: Path) -> None:
        tree = a_tree(tmp_path, {".gate/policy.yaml": BROKEN})
        assert faults_of(tree, readers=READERS, config=".gate", repository=None) == (
            ".gate/policy.yaml:2:10: `perhaps` is no value of `unowned` (write one of block, allow)",
        )
        fine = a_tree(tmp_path / "other", {".gate/policy.yaml": "version: 1\n"})
        assert faults_of(fine, readers=READERS, config=".gate", repository=None) == ()

    def test_at_most_twenty_sentences_are_told(self, tmp_path: Path) -> None:
        text = "version: 1\n" + "".join(f"key{number}: 1\n" for number in range(50))
        tree = a_tree(tmp_path, {".gate/policy.yaml": text})
        assert len(faults_of(tree, readers=READERS, config=".gate", repository=None)) == 20

    def test_an_error_of_another_kind_is_one_sentence(self) -> None:
        assert sentences_of(GateError("It is gone.", next_step="Look for it.")) == ("It is gone. Look for it.",)


class TestBrokenBase:
    def test_valid_rules_are_in_force_as_they_are(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": POLICY})
        rules = in_force(repository)
        assert (rules.broken, rules.policy.policy.default_owner) == ((), "web")

    def test_the_newest_valid_rules_hold_and_what_is_broken_is_told(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": POLICY})
        repository.commit({".gate/policy.yaml": POLICY + "unowned: allow\n"})
        repository.commit({".gate/policy.yaml": BROKEN})
        repository.commit({".gate/policy.yaml": "version: 1\n- x"})
        rules = in_force(repository)
        assert rules.policy.policy.unowned == "allow"
        assert [component.name for component in rules.ownership.components] == ["shop"]
        assert rules.broken[0].startswith(".gate/policy.yaml:2:1: this is not YAML")

    def test_a_broken_record_keeps_the_policy_of_the_same_revision_with_it(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": POLICY})
        repository.commit({".gate/ownership.yaml": "version: 1\npeople: 7\n", ".gate/policy.yaml": "version: 1\n"})
        rules = in_force(repository)
        assert rules.policy.policy.default_owner == "web", "policy and records come from one revision"
        (broken,) = rules.broken
        assert broken.startswith(".gate/ownership.yaml:2:9: `people` takes a mapping, but this is a whole number")

    def test_where_nothing_was_ever_valid_the_built_in_rules_hold(self, tmp_path: Path) -> None:
        rules = in_force(a_repository(tmp_path / "shop", {".gate/policy.yaml": BROKEN}))
        assert rules.policy is BUILT_IN
        assert rules.broken

    def test_a_side_branch_does_not_supply_the_rules(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {".gate/policy.yaml": BROKEN})
        repository.commit({".gate/policy.yaml": "version: 1\nunowned: allow\n"}, branch="side")
        repository.commit({".gate/policy.yaml": BROKEN}, merging=("side",))
        assert in_force(repository).policy is BUILT_IN

    def test_history_is_read_no_further_than_needed(self, tmp_path: Path) -> None:
        valid = a_tree(tmp_path, {".gate/policy.yaml": POLICY.replace("web", "'@a'")})
        broken = a_tree(tmp_path / "other", {".gate/policy.yaml": BROKEN})
        read: list[Tree] = []

        def earlier() -> Iterator[Tree]:
            for tree in (broken, valid, broken):
                read.append(tree)
                yield tree

        rules = rules_in_force(broken, earlier(), readers=READERS, config=".gate", repository=None)
        assert rules.policy.policy.default_owner == "@a"
        assert read == [broken, valid]
