import pytest
from builders_github_forge import MakeShop, Shop


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n", "b": "1\n", "c": "1\n"})


def is_proven(shop: Shop, sha: str) -> bool:
    pull = shop.repository.open_pull(head="topic", author=shop.alice)
    (merge,) = [commit for commit in shop.access().snapshot(pull.number).commits if commit.sha == sha]
    return merge.is_mechanical_merge


class TestWhichMergesAddNobody:
    def test_a_clean_merge_of_the_base_is_proven(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        shop.repository.commit("main", {"b": "2\n"}, author=shop.bob)
        assert is_proven(shop, shop.repository.commit("topic", {}, author=shop.carol, merge="main"))

    def test_one_with_a_byte_more_is_not(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        shop.repository.commit("main", {"b": "2\n"}, author=shop.bob)
        assert not is_proven(shop, shop.repository.commit("topic", {"c": "evil\n"}, author=shop.carol, merge="main"))

    def test_one_that_drops_the_bases_change_is_not(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        shop.repository.commit("main", {"b": "2\n"}, author=shop.bob)
        assert not is_proven(shop, shop.repository.commit("topic", {"b": "1\n"}, author=shop.carol, merge="main"))

    def test_a_path_that_both_sides_changed_is_unproven(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        shop.repository.commit("main", {"a": "3\n"}, author=shop.bob)
        assert not is_proven(shop, shop.repository.commit("topic", {"a": "3\n"}, author=shop.carol, merge="main"))

    def test_a_side_branch_that_is_not_in_the_base_is_no_base(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        shop.repository.commit("side", {"b": "2\n"}, author=shop.bob)
        merge = shop.repository.commit("topic", {}, author=shop.carol, merge="side")
        assert not is_proven(shop, merge)

    def test_a_plain_commit_is_none(self, shop: Shop) -> None:
        assert not is_proven(shop, shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice))
