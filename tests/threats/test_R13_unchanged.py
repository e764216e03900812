"""R13: what was read of a change last is taken again only where the forge shows that nothing of it moved."""

from collections.abc import Callable, Iterator

import pytest
from builders_github_forge import Shop
from doubles.github.pulls import Pull
from doubles.github.world import World

from gate.adapters.github import place
from gate.core.forge.snapshot import Snapshot
from gate.usecases.forge_ports import RateLimitedError


@pytest.fixture
def shop() -> Iterator[Shop]:
    with World() as world:
        yield Shop(world, {"README.md": "Shop\n", "api/pay.py": "price = 1\n"})
        assert world.violations == []


@pytest.fixture
def pull(shop: Shop) -> Pull:
    """A change with a label, a review, a dismissed review, a comment: all that can be otherwise later."""
    found = shop.pull({"api/pay.py": "price = 3\n"})
    found.label("emergency", by=shop.bob)
    found.review(shop.bob, body="Well done")
    found.review(shop.carol).dismiss(by=shop.bob)
    found.comment(shop.carol, "/signoff")
    return found


def asked(shop: Shop, pull: Pull) -> tuple[Snapshot, int]:
    """What a reader that remembers sees now, and how many requests it took."""
    before = len(shop.requests())
    found = shop.access().snapshot(pull.number)
    return found, len(shop.requests()) - before


def afresh(shop: Shop, pull: Pull) -> Snapshot:
    """What a reader sees that remembers nothing."""
    return shop.access(shop.new_forge()).snapshot(pull.number)


Act = Callable[[Shop, Pull], object]


def away_and_back(shop: Shop, pull: Pull) -> None:
    head = pull.head_sha
    shop.repository.force_push(pull.head_ref, {"api/pay.py": "0\n"}, author=shop.bob)
    shop.repository.force_push(pull.head_ref, to=head, pusher=shop.bob)


def relabel(shop: Shop, pull: Pull) -> None:
    pull.unlabel("emergency", by=shop.alice)
    pull.label("emergency", by=shop.alice)


ACTS: dict[str, Act] = {
    "a push": lambda shop, pull: shop.repository.commit(pull.head_ref, {"api/pay.py": "7\n"}, author=shop.bob),
    "a push to the base": lambda shop, _: shop.repository.commit("main", {"README.md": "New\n"}, author=shop.bob),
    "a push away and back": away_and_back,
    "another title": lambda _, pull: pull.edit(title="Another"),
    "another text": lambda _, pull: pull.edit(body="Another"),
    "a draft": lambda _, pull: pull.draft(),
    "a label": lambda shop, pull: pull.label("later", by=shop.bob),
    "a label less": lambda shop, pull: pull.unlabel("emergency", by=shop.bob),
    "a label set again by somebody else": relabel,
    "a review": lambda shop, pull: pull.review(shop.carol),
    "a review that is dismissed": lambda shop, pull: pull.reviews[0].dismiss(by=shop.alice),
    "a review whose text is edited": lambda _, pull: pull.edit_review(pull.reviews[0], "Not at all"),
    "a comment": lambda shop, pull: pull.comment(shop.bob, "/reject no"),
    "a comment that is edited": lambda _, pull: pull.comments[0].edit("/reject no"),
    "a comment that is deleted": lambda _, pull: pull.comments[0].delete(),
    "an account that is renamed": lambda shop, _: shop.bob.rename("robert"),
    "an account that is gone": lambda shop, _: shop.carol.delete(),
    "an end": lambda _, pull: pull.close(),
}


class TestAChangeThatDidNotMove:
    def test_is_known_by_three_requests(self, shop: Shop, pull: Pull) -> None:
        first, _ = asked(shop, pull)
        again, count = asked(shop, pull)
        assert again == first == afresh(shop, pull)
        assert count == 3

    def test_without_labels_by_two(self, shop: Shop) -> None:
        pull = shop.pull({"api/pay.py": "price = 3\n"})
        asked(shop, pull)
        assert asked(shop, pull)[1] == 2

    def test_is_kept_by_the_weight_of_what_people_wrote(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(place, "KEPT_RECORDS", 60)
        shop.forge = shop.new_forge()
        small, large = (shop.pull({"api/pay.py": f"price = {n}\n"}, branch=f"topic-{n}") for n in (3, 4))
        for number in range(12):
            large.comment(shop.bob, str(number) * 60_000)
        for one in (small, large):
            asked(shop, one)
        assert (asked(shop, small)[1], asked(shop, large)[1] > 3) == (2, True)


class TestAChangeThatMoved:
    @pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
    def test_is_read_as_it_is_now(self, shop: Shop, pull: Pull, act: Act) -> None:
        before, _ = asked(shop, pull)
        act(shop, pull)
        now, _ = asked(shop, pull)
        assert now == afresh(shop, pull) != before

    def test_by_another_base_is_read_as_it_is_now(self, shop: Shop, pull: Pull) -> None:
        shop.repository.commit("next", {"README.md": "Next\n"}, author=shop.bob)
        asked(shop, pull)
        pull.edit(base="next")
        assert asked(shop, pull)[0] == afresh(shop, pull)

    def test_while_it_is_looked_at_is_read_as_it_is_now(self, shop: Shop, pull: Pull) -> None:
        asked(shop, pull)
        shop.world.faults.add(
            "GET", r"/activity", "before",
            call=lambda: shop.repository.commit(pull.head_ref, {"api/pay.py": "9\n"}, author=shop.bob),
        )  # fmt: skip
        assert asked(shop, pull)[0] == afresh(shop, pull)


class TestAnAnswerThatDoesNotTellEnough:
    def test_has_the_change_read_in_full(self, shop: Shop, pull: Pull) -> None:
        asked(shop, pull)
        shop.world.faults.add("POST", r"/graphql", "garbage")
        found, count = asked(shop, pull)
        assert found == afresh(shop, pull)
        assert count > 3

    def test_of_more_than_one_page_has_it_read_in_full(self, shop: Shop, pull: Pull) -> None:
        for number in range(100):
            pull.comment(shop.bob, f"Comment {number}")
        asked(shop, pull)
        assert asked(shop, pull)[1] > 3
        assert len(asked(shop, pull)[0].comments) == 101

    def test_that_asks_for_patience_is_not_made_up_for_by_more_requests(self, shop: Shop, pull: Pull) -> None:
        asked(shop, pull)
        shop.world.faults.add("POST", r"/graphql", "status", status=403, is_rate_limited=True)
        with pytest.raises(RateLimitedError):
            asked(shop, pull)
