import pytest
from builders_github_forge import MakeShop, Shop

from gate.core.forge.snapshot import ForgeAccount


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n"})


class TestTeams:
    def test_members_come_by_id_those_of_teams_below_included(self, shop: Shop) -> None:
        found = shop.access().team(shop.organisation.login, "payments")
        assert found.unreadable == ""
        assert {member.id for member in found.members} == {shop.bob.id, shop.carol.id}

    def test_a_pending_member_is_none(self, shop: Shop) -> None:
        shop.team.add(shop.alice, is_pending=True)
        found = shop.access().team(shop.organisation.login, "payments")
        assert shop.alice.id not in {member.id for member in found.members}

    def test_a_team_that_is_not_there_is_unreadable_and_not_empty(self, shop: Shop) -> None:
        found = shop.access().team(shop.organisation.login, "nobody")
        assert found.members == ()
        assert "nobody" in found.unreadable

    def test_a_deleted_team_is_unreadable(self, shop: Shop) -> None:
        shop.team.delete()
        assert shop.access().team(shop.organisation.login, "payments").unreadable


class TestAccounts:
    def test_a_login_is_found_by_who_has_it_now(self, shop: Shop) -> None:
        assert shop.access().account("bob") == ForgeAccount(shop.bob.id, "bob")
        assert shop.access().account("nobody-here") is None

    def test_a_renamed_account_keeps_its_number(self, shop: Shop) -> None:
        shop.bob.rename("robert")
        assert shop.access().account("robert") == ForgeAccount(shop.bob.id, "robert")


class TestWhoMayRead:
    def test_a_collaborator_may_and_a_stranger_may_not(self, shop: Shop) -> None:
        stranger = shop.world.user("mallory")
        access = shop.access()
        assert access.may_read(ForgeAccount(shop.bob.id, "bob"))
        assert not access.may_read(ForgeAccount(stranger.id, "mallory"))

    def test_a_login_that_is_somebody_elses_by_now_opens_nothing(self, shop: Shop) -> None:
        gone = ForgeAccount(987_654, "bob")
        assert not shop.access().may_read(gone)

    def test_nobody_may_by_an_unknown_login(self, shop: Shop) -> None:
        assert not shop.access().may_read(ForgeAccount(987_654, "nobody-here"))
