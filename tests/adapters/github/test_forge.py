import pytest
from builders_github_forge import APP_ID, MakeShop, Shop

from gate.adapters.github.credentials import AppKey
from gate.adapters.github.manifest import convert_manifest
from gate.core.errors import UnreadableError, UsageError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.usecases.forge_ports import FailedDelivery, ForbiddenError, GoneError


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({"a": "1\n"})


def expected(shop: Shop) -> ForgeRepository:
    return ForgeRepository(
        RepositoryKey(shop.organisation.id, shop.repository.id), "acme/shop", "main", shop.installation.id
    )


class TestFindingRepositories:
    def test_a_repository_is_found_with_its_tenant_and_installation(self, shop: Shop) -> None:
        assert shop.forge.find("acme/shop") == expected(shop) == shop.access().repository()

    def test_one_without_the_app_is_not_found(self, shop: Shop) -> None:
        shop.world.repository("other/thing")
        assert shop.forge.find("other/thing") is None
        assert shop.forge.find("acme/nothing") is None

    @pytest.mark.parametrize("name", ["", "shop", "acme/", "a/b/c"])
    def test_what_is_no_name_is_said(self, shop: Shop, name: str) -> None:
        with pytest.raises(UsageError, match="no repository"):
            shop.forge.find(name)

    def test_all_that_the_app_is_installed_on_are_listed(self, shop: Shop) -> None:
        shop.world.repository("acme/billing")
        shop.world.repository("other/thing")
        assert {found.name for found in shop.forge.installed_repositories()} == {"acme/shop", "acme/billing"}

    def test_a_suspended_installation_is_left_out(self, shop: Shop) -> None:
        shop.installation.suspend()
        assert list(shop.forge.installed_repositories()) == []

    def test_a_plain_token_has_no_tenant_and_no_app(self, shop: Shop) -> None:
        forge = shop.new_forge(app=None, token=shop.world.token(shop.alice))
        found = forge.find("acme/shop")
        assert found is not None
        assert (found.key, found.installation) == (RepositoryKey(0, shop.repository.id), 0)
        assert forge.app_id() is None
        assert list(forge.failed_deliveries("2020-01-01T00:00:00Z")) == []

    def test_another_repository_under_the_old_name_is_never_taken_for_it(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        access = shop.access()
        shop.repository.rename("store")
        impostor = shop.world.repository("acme/shop", files={"a": "1\n"})
        impostor.commit("topic", {"a": "evil\n"}, author=shop.alice)
        impostor.open_pull(head="topic", author=shop.alice)
        with pytest.raises(GoneError, match="another repository"):
            access.snapshot(pull.number)
        with pytest.raises(GoneError, match="another repository"):
            access.repository()


class TestListingChanges:
    def test_open_ones_are_listed_by_base(self, shop: Shop) -> None:
        shop.repository.commit("release", {"r": "1\n"}, author=shop.bob)
        one = shop.pull({"a": "2\n"}, branch="one")
        shop.repository.commit("two", {"a": "3\n"}, author=shop.alice)
        two = shop.repository.open_pull(head="two", base="release", author=shop.alice)
        shop.pull({"a": "4\n"}, branch="three").close(shop.alice)
        access = shop.access()
        assert list(access.open_changes()) == [one.number, two.number]
        assert list(access.open_changes(base_ref="release")) == [two.number]

    def test_all_that_share_a_head_are_listed_whatever_their_base(self, shop: Shop) -> None:
        shop.repository.commit("release", {"r": "1\n"}, author=shop.bob)
        one = shop.pull({"a": "2\n"}, branch="one")
        two = shop.repository.open_pull(head="one", base="release", author=shop.carol)
        shop.pull({"a": "3\n"}, branch="three")
        assert list(shop.access().open_changes_with_head(one.head_sha)) == [one.number, two.number]

    def test_more_than_a_page_are_all_listed(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        for _ in range(104):
            shop.repository.open_pull(head="topic", author=shop.alice)
        assert len(shop.access().open_changes()) == 105
        assert len(shop.access().open_changes_with_head(pull.head_sha)) == 105

    def test_a_shared_head_is_found_by_one_small_request_for_a_hundred_open_ones(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        for _ in range(99):
            shop.repository.open_pull(head="topic", author=shop.alice)
        access = shop.access()
        access.repository()  # which also fetches a token
        sent = shop.forge.requests_made()
        assert len(access.open_changes_with_head(pull.head_sha)) == 100
        assert shop.forge.requests_made() == sent + 1

    def test_a_shared_head_is_found_under_the_name_that_the_repository_had(self, shop: Shop) -> None:
        pull, access = shop.pull({"a": "2\n"}), shop.access()
        shop.repository.rename("store")
        assert list(access.open_changes_with_head(pull.head_sha)) == [pull.number]

    def test_a_shared_head_is_never_looked_for_in_another_repository_of_that_name(self, shop: Shop) -> None:
        pull, access = shop.pull({"a": "2\n"}), shop.access()
        shop.repository.rename("store")
        shop.world.repository("acme/shop", files={"a": "1\n"})
        with pytest.raises(GoneError, match="another repository"):
            access.open_changes_with_head(pull.head_sha)


class TestIssues:
    def test_an_issue_says_its_state_title_and_kind(self, shop: Shop) -> None:
        issue = shop.repository.issue("Payments fail", author=shop.bob)
        access = shop.access()
        assert access.issue(issue.number) == {"state": "open", "title": "Payments fail", "kind": "issue"}
        issue.close(shop.bob)
        found = access.issue(issue.number)
        assert found is not None
        assert found["state"] == "closed"
        assert access.issue(999) is None

    def test_a_change_is_no_ticket(self, shop: Shop) -> None:
        found = shop.access().issue(shop.pull({"a": "2\n"}).number)
        assert found is not None
        assert found["kind"] == "pull-request"


class TestLogins:
    def test_a_wrong_key_is_said(self, shop: Shop) -> None:
        forge = shop.new_forge(app=AppKey(APP_ID + 1, shop.installation.app.private_key))
        with pytest.raises(ForbiddenError, match="401"):
            forge.find("acme/shop")

    def test_an_installation_that_is_gone_is_gone(self, shop: Shop) -> None:
        shop.installation.delete()
        with pytest.raises(UnreadableError):
            shop.access().repository()

    def test_one_token_serves_all_requests_of_an_hour(self, shop: Shop) -> None:
        pull = shop.pull({"a": "2\n"})
        for _ in range(3):
            shop.access().snapshot(pull.number)
        asked = [target for _, target, _ in shop.world.requests if "access_tokens" in target]
        assert len(asked) == 1

    def test_a_token_that_is_refused_early_is_replaced(self, shop: Shop) -> None:
        access = shop.access()
        access.repository()
        shop.world.tokens.clear()
        assert access.repository().name == "acme/shop"


class TestLostDeliveries:
    def test_those_that_were_never_accepted_are_listed_once_and_handed_over_again(self, shop: Shop) -> None:
        shop.world.webhooks_to("http://127.0.0.1:9/nobody", "secret", mode="fail")
        shop.pull({"a": "2\n"})
        found = list(shop.forge.failed_deliveries("2020-01-01T00:00:00Z"))
        assert {delivery.event for delivery in found} >= {"push", "pull_request"}
        assert len({delivery.guid for delivery in found}) == len(found)
        assert list(shop.forge.failed_deliveries("2099-01-01T00:00:00Z")) == []
        shop.forge.redeliver(found[0])
        method, target, status = shop.requests()[-1]
        assert (method, target, status) == ("POST", f"/app/hook/deliveries/{found[0].id}/attempts", 202)

    def test_a_plain_token_redelivers_nothing(self, shop: Shop) -> None:
        forge = shop.new_forge(app=None, token=shop.world.token(shop.alice))
        with pytest.raises(UsageError, match="no deliveries"):
            forge.redeliver(FailedDelivery(1, "g", "push", "2026-01-01T00:00:00Z"))


class TestMakingTheApp:
    def test_a_code_becomes_an_app_once(self, shop: Shop) -> None:
        shop.world.manifests["code-1"] = {"id": 99, "slug": "sign-off", "webhook_secret": "hook-secret"}
        made = convert_manifest("code-1", base_url=shop.world.url)
        assert (made.id, made.slug, made.webhook_secret) == (99, "sign-off", "hook-secret")
        assert "PRIVATE KEY" in made.private_key
        assert "hook-secret" not in repr(made)
        assert "PRIVATE" not in repr(made)
        with pytest.raises(GoneError):
            convert_manifest("code-1", base_url=shop.world.url)
