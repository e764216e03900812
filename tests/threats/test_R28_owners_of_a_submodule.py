"""R28: the owner of a folder is the owner of the submodule in its place."""

from pathlib import Path

import pytest
from builders_facts import AT, a_file, a_signoff, some_facts
from builders_git import Submodule, a_repository

from gate.bootstrap import open_checkout, yaml_loader
from gate.core.decide import decide
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.policy.model import Policy
from gate.usecases.load_ownership import load_ownership


def ownership(tmp_path: Path, rules: str) -> Ownership:
    shop = a_repository(tmp_path / "shop", {"CODEOWNERS": rules, "vendor/lib": Submodule("1" * 40)})
    tree = open_checkout(shop.path).tree("main")
    return load_ownership(tree, load_yaml=yaml_loader(), policy=Policy(version=1)).ownership


class TestTheOwner:
    @pytest.mark.parametrize("rule", ["/vendor/lib/", "/vendor/lib", "lib/", "vendor/lib/**", "/vendor/*"])
    def test_of_the_folder_or_of_the_name_owns_the_submodule(self, tmp_path: Path, rule: str) -> None:
        known = ownership(tmp_path, f"* @carol\n{rule} @alice\n")
        (found,) = OwnershipIndex(known).resolve("vendor/lib", as_folder=True)
        assert found.component is not None
        assert known.components[found.component].owners == ("@alice",)

    def test_must_sign_off_when_it_moves(self, tmp_path: Path) -> None:
        known = ownership(tmp_path, "* @carol\n/vendor/lib/ @alice\n")
        moved = a_file("vendor/lib", mode="160000", base_mode="160000")
        for people, expected in ((("carol",), False), (("carol", "alice"), True)):
            signoffs = tuple(a_signoff(person) for person in people)
            verdict = decide(some_facts(files=(moved,), ownership=known, signoffs=signoffs), at=AT)
            assert (verdict.state == "approved") == expected

    def test_of_a_line_that_the_platform_ignores_is_blocked_all_the_same(self, tmp_path: Path) -> None:
        (found,) = OwnershipIndex(ownership(tmp_path, "* @carol\n/vendor/lib/ alice\n")).resolve(
            "vendor/lib", as_folder=True
        )
        assert found.problem is not None
