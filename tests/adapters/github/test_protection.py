import pytest
from builders_github_forge import MakeShop, Shop

NAME = "Sign-off gate"


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n"})


class TestHowABranchIsProtected:
    def test_a_bare_branch_demands_nothing(self, shop: Shop) -> None:
        found = shop.access().protection("main", NAME)
        assert (found.is_required, found.pinned_app, found.uses_queue) == (False, None, False)
        assert found.allows_force_push is True

    def test_classic_protection_counts(self, shop: Shop) -> None:
        shop.repository.protect("main", checks=[(NAME, shop.app_id)], covers_admins=True)
        found = shop.access().protection("main", NAME)
        assert (found.is_required, found.pinned_app, found.covers_admins) == (True, shop.app_id, True)
        assert found.allows_force_push is False

    def test_a_check_without_an_app_is_required_and_not_pinned(self, shop: Shop) -> None:
        shop.repository.protect("main", checks=[(NAME, None)], covers_admins=False)
        found = shop.access().protection("main", NAME)
        assert (found.is_required, found.pinned_app, found.covers_admins) == (True, None, False)

    def test_another_check_is_not_ours(self, shop: Shop) -> None:
        shop.repository.protect("main", checks=[("tests", 15368)])
        assert not shop.access().protection("main", NAME).is_required

    def test_rulesets_count(self, shop: Shop) -> None:
        shop.repository.ruleset(checks=[(NAME, shop.app_id)], uses_queue=True, allows_force_push=False)
        found = shop.access().protection("main", NAME)
        assert (found.is_required, found.pinned_app) == (True, shop.app_id)
        assert (found.uses_queue, found.allows_force_push, found.covers_admins) == (True, False, True)

    def test_a_ruleset_that_somebody_may_pass_does_not_cover_all(self, shop: Shop) -> None:
        bypass = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
        shop.repository.ruleset(checks=[(NAME, shop.app_id)], bypass=bypass)
        assert shop.access().protection("main", NAME).covers_admins is not True

    def test_two_pins_to_two_apps_are_none(self, shop: Shop) -> None:
        shop.repository.protect("main", checks=[(NAME, shop.app_id)])
        shop.repository.ruleset(checks=[(NAME, 15368)])
        found = shop.access().protection("main", NAME)
        assert (found.is_required, found.pinned_app) == (True, None)
