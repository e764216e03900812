"""R21: a tag with a branch's name never stands for the branch."""

from pathlib import Path

from builders_git import a_repository

from gate.adapters.git.checkout import Checkout


class TestATagNamedLikeTheBase:
    def test_puts_no_other_policy_in_place(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {".gate/policy.yaml": "version: 1\nunowned: allow\n"})
        shop.tag("main")
        shop.commit({".gate/policy.yaml": "version: 1\nunowned: block\n"})
        shop.commit({"a": "1\n"}, branch="feature")
        checkout = Checkout.open(shop.path)
        change = checkout.changes("main", "feature")
        assert checkout.tree("main").read(".gate/policy.yaml") == b"version: 1\nunowned: block\n"
        assert [file.path for file in change.files] == ["a"]
        assert change.base_sha == shop.rev("refs/heads/main")
