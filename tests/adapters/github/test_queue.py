import pytest
from builders_github_forge import MakeShop, Shop

from gate.core.errors import UnreadableError


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n", "b": "1\n"})


class TestTheMembersOfAGroup:
    @pytest.mark.parametrize("method", ["merge", "squash"])
    def test_they_come_by_the_queues_own_references_oldest_first(self, shop: Shop, method: str) -> None:
        base = shop.repository.tip("main")
        one, two = shop.pull({"a": "2\n"}, branch="one"), shop.pull({"b": "2\n"}, branch="two")
        groups = shop.repository.queue([one, two], by=shop.bob, method=method)
        found = shop.access().queue_members("main", base, groups[-1].head_sha)
        assert [(entry.number, entry.head_sha, entry.group_sha) for entry in found] == [
            (one.number, one.head_sha, groups[0].head_sha),
            (two.number, two.head_sha, groups[1].head_sha),
        ]

    def test_a_head_that_moved_since_is_told_from_the_one_that_is_merged(self, shop: Shop) -> None:
        base = shop.repository.tip("main")
        pull = shop.pull({"a": "2\n"})
        queued = pull.head_sha
        (group,) = shop.repository.queue([pull], by=shop.bob)
        shop.repository.commit("topic", {"a": "3\n"}, author=shop.alice)
        (entry,) = shop.access().queue_members("main", base, group.head_sha)
        assert entry.head_sha == queued != pull.head_sha

    def test_a_commit_that_no_reference_explains_fails_the_group(self, shop: Shop) -> None:
        base = shop.repository.tip("main")
        (group,) = shop.repository.queue([shop.pull({"a": "2\n"})], by=shop.bob)
        stray = shop.repository.make_commit({"b": "evil\n"}, parents=[group.head_sha])
        with pytest.raises(UnreadableError, match="accounts for"):
            shop.access().queue_members("main", base, stray)

    def test_a_base_that_the_chain_does_not_reach_fails_the_group(self, shop: Shop) -> None:
        (group,) = shop.repository.queue([shop.pull({"a": "2\n"})], by=shop.bob)
        with pytest.raises(UnreadableError, match="accounts for"):
            shop.access().queue_members("main", "b" * 40, group.head_sha)

    def test_a_change_that_was_closed_meanwhile_fails_the_group(self, shop: Shop) -> None:
        base = shop.repository.tip("main")
        pull = shop.pull({"a": "2\n"})
        (group,) = shop.repository.queue([pull], by=shop.bob)
        pull.close(shop.alice)
        with pytest.raises(UnreadableError, match="without being open"):
            shop.access().queue_members("main", base, group.head_sha)
