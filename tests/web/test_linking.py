"""Linking a login: whom a login by single sign-on stands for, by the records or by the person's own word, once."""

import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import OWNERSHIP
from builders_link_pages import decide, opened
from builders_login import HTML, a_provider, an_app, github_login, local, where_sent
from builders_service import Service
from builders_signoff import a_link
from doubles.github.accounts import Account
from doubles.github.pulls import Pull

from gate.adapters.login.oidc import OidcLogin

ALICE = "github_id: 1001"


@pytest.fixture
def issuer() -> Iterator[str]:
    with a_provider() as address:
        yield address


@pytest.fixture
def pull(service: Service) -> Pull:
    pull = service.forge.a_pull(title="Charge seven")
    service.settle()
    return pull


def app_of(service: Service, issuer: str) -> Any:
    provider = OidcLogin(issuer=issuer, client_id="gate", client_secret="x" * 20)
    return an_app(service, provider, github_login(service))


def logged_in(service: Service, issuer: str, sub: str = "ada", app: Any = None) -> Any:
    client = (app or app_of(service, issuer)).test_client()
    begun = client.get("/login/oidc", headers=HTML)
    back = where_sent(begun.headers["Location"], urllib.parse.urlencode({"sub": sub}).encode())
    assert client.get(local(back), headers=HTML).status_code == 303
    return client


def proposed(service: Service, client: Any, account: Account) -> str:
    """Log in at the forge too, to link it, and return the page that asks."""
    service.forge.world.browser_user = account
    begun = client.get("/login/github?next=/me/login", headers=HTML)
    client.get(local(where_sent(begun.headers["Location"])), headers=HTML)
    return str(client.get("/me/login", headers=HTML).text)


def confirm(client: Any, page: str) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return int(client.post("/me/login", data={"csrf_token": token[1]}, headers=HTML).status_code)


def link(service: Service, client: Any, account: Account) -> int:
    return confirm(client, proposed(service, client, account))


def changes_of_access(service: Service) -> list[dict[str, Any]]:
    with service.store.reading() as reading:
        checkpoint = reading.checkpoint()
        assert checkpoint is not None
        found = [json.loads(one.content) for one in reading.ledger_entries(0, checkpoint.size)]
    return [one for one in found if one["kind"] == "access-changed"]


class TestALinkedLogin:
    def test_sees_and_decides_what_the_account_may(self, service: Service, pull: Pull, issuer: str) -> None:
        client = logged_in(service, issuer)
        assert "Charge seven" not in client.get("/", headers=HTML).text
        assert link(service, client, service.forge.alice) == 303
        assert "Waiting for you" in (queue := client.get("/", headers=HTML).text)
        assert "Charge seven" in queue
        assert decide(client, opened(client, a_link(service, pull, service.forge.alice))).status_code == 303
        service.settle()
        assert service.check(pull) == "success"

    def test_does_not_sign_off_on_what_the_account_wrote(self, service: Service, pull: Pull, issuer: str) -> None:
        client = logged_in(service, issuer)
        link(service, client, service.forge.dave)  # the author
        page = client.get(f"/changes/acme/shop/{pull.number}/signoff", headers=HTML)
        assert page.status_code == 200
        assert 'value="approve"' not in page.text
        refused = opened(client, a_link(service, pull, service.forge.alice))
        assert "made for somebody else" in refused.text

    def test_is_in_the_ledger_once_without_the_subject(self, service: Service, issuer: str) -> None:
        client = logged_in(service, issuer, sub="ada.lovelace")
        link(service, client, service.forge.alice)
        (entry,) = changes_of_access(service)
        assert (entry["actor"], entry["payload"]["what"]) == ("github:1001", "login-linked")
        assert "ada.lovelace" not in json.dumps(entry)

    def test_is_said_once(self, service: Service, issuer: str) -> None:
        app = app_of(service, issuer)
        first, second = logged_in(service, issuer, app=app), logged_in(service, issuer, app=app)
        asked = proposed(service, second, service.forge.bob)
        link(service, first, service.forge.alice)
        assert confirm(second, asked) == 403
        assert changes_of_access(service)[-1]["payload"]["what"] == "login-link-refused"
        assert "number 1001" in second.get("/me/login", headers=HTML).text


def unlink(client: Any, subject: str = "ada") -> int:
    page = client.get("/me", headers=HTML).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]
    (which,) = re.findall(rf'name="which" value="(\S+ {subject})"', page)
    form = {"csrf_token": token, "which": which}
    return int(client.post("/me/login/unlink", data=form, headers=HTML).status_code)


class TestAnUnlinkedLogin:
    """R07: whoever lets go of an account is nobody, not somebody else."""

    def test_acts_as_nobody_at_once_in_every_session(self, service: Service, pull: Pull, issuer: str) -> None:
        app = app_of(service, issuer)
        first, second = logged_in(service, issuer, app=app), logged_in(service, issuer, app=app)
        link(service, first, service.forge.alice)
        page = opened(second, a_link(service, pull, service.forge.alice))
        assert unlink(first) == 303
        assert "Charge seven" not in first.get("/", headers=HTML).text
        assert decide(second, page).status_code == 403
        assert [one["payload"]["what"] for one in changes_of_access(service)] == ["login-linked", "login-unlinked"]

    def test_is_linked_to_the_same_account_again(self, service: Service, issuer: str) -> None:
        client = logged_in(service, issuer)
        link(service, client, service.forge.alice)
        unlink(client)
        assert link(service, client, service.forge.alice) == 303
        assert "number 1001" in client.get("/me/login", headers=HTML).text
        assert [one["payload"]["what"] for one in changes_of_access(service)][-1] == "login-linked"

    def test_is_linked_to_no_other_account(self, service: Service, pull: Pull, issuer: str) -> None:
        client = logged_in(service, issuer)
        link(service, client, service.forge.dave)
        unlink(client)
        assert link(service, client, service.forge.alice) == 403
        assert changes_of_access(service)[-1]["payload"]["what"] == "login-link-refused"
        assert client.get(f"/changes/acme/shop/{pull.number}", headers=HTML).status_code == 404

    def test_is_unlinked_by_the_account_too(self, service: Service, issuer: str) -> None:
        client = logged_in(service, issuer)
        link(service, client, service.forge.alice)
        client.post("/leave", data=form_token(client), headers=HTML)
        service.forge.world.browser_user = service.forge.alice
        begun = client.get("/login/github?next=/me", headers=HTML)
        client.get(local(where_sent(begun.headers["Location"])), headers=HTML)
        assert unlink(client) == 303
        assert "Charge seven" not in logged_in(service, issuer).get("/", headers=HTML).text

    def test_is_nobody_where_a_record_names_another_account(self, service: Service, pull: Pull, issuer: str) -> None:
        client = logged_in(service, issuer)
        link(service, client, service.forge.dave)
        unlink(client)
        TestARecordThatNamesALogin().record(service, issuer)  # as alice
        assert client.get(f"/changes/acme/shop/{pull.number}", headers=HTML).status_code == 404


def form_token(client: Any) -> dict[str, str]:
    return {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/me", headers=HTML).text)[-1]}


class TestNothingIsLinked:
    @pytest.mark.usefixtures("pull")
    def test_before_it_is_confirmed(self, service: Service, issuer: str) -> None:
        client = logged_in(service, issuer)
        assert "Are both yours?" in proposed(service, client, service.forge.alice)
        assert changes_of_access(service) == []
        assert "Charge seven" not in client.get("/", headers=HTML).text

    def test_by_a_form_of_another_session(self, service: Service, issuer: str) -> None:
        app = app_of(service, issuer)
        mine, theirs = logged_in(service, issuer, "mallory", app), logged_in(service, issuer, app=app)
        proposed(service, mine, service.forge.alice)
        planted = mine.get_cookie("gate_linking")
        theirs.set_cookie("gate_linking", planted.value)
        assert "Are both yours?" not in theirs.get("/me/login", headers=HTML).text

    def test_later_than_ten_minutes(self, service: Service, issuer: str) -> None:
        client = logged_in(service, issuer)
        page = proposed(service, client, service.forge.alice)
        service.clock.ahead_seconds += 601
        assert confirm(client, page) == 403


class TestARecordThatNamesALogin:
    def record(self, service: Service, issuer: str) -> None:
        named = OWNERSHIP.replace(ALICE, f"{ALICE}, subject: {{issuer: '{issuer}', sub: ada}}")
        assert named != OWNERSHIP
        service.forge.shop.commit("main", {".gate/ownership.yaml": named}, author=service.forge.erin)
        service.settle()

    def test_joins_it_to_the_account_in_its_repository(self, service: Service, issuer: str) -> None:
        self.record(service, issuer)
        pull = service.forge.a_pull(title="Charge seven")
        service.settle()
        assert "Charge seven" in logged_in(service, issuer).get("/", headers=HTML).text
        client = logged_in(service, issuer)
        assert decide(client, opened(client, a_link(service, pull, service.forge.alice))).status_code == 303

    @pytest.mark.usefixtures("pull")
    def test_names_no_other_login(self, service: Service, issuer: str) -> None:
        self.record(service, issuer)
        assert "Charge seven" not in logged_in(service, issuer, sub="adam").get("/", headers=HTML).text

    def test_against_the_word_of_its_person_makes_it_nobodys(self, service: Service, pull: Pull, issuer: str) -> None:
        self.record(service, issuer)
        client = logged_in(service, issuer)
        link(service, client, service.forge.dave)
        assert client.get(f"/changes/acme/shop/{pull.number}", headers=HTML).status_code == 404
