"""Logging in with GitHub: who one is then, what one sees, and what ends it."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from builders_login import HTML, an_app, before_alices_browser, log_in
from builders_service import Service

from gate.adapters.login.github import web_address
from gate.config import load_settings
from gate.core.errors import UsageError


@pytest.fixture
def service(service: Service) -> Service:
    return before_alices_browser(service)


class TestWhoLogsIn:
    def test_somebody_who_may_read_the_repository_sees_its_changes(self, service: Service) -> None:
        client = an_app(service).test_client()
        assert log_in(client).headers["Location"] == "/"
        assert "Charge seven" in client.get("/", headers=HTML).text

    def test_somebody_who_may_not_sees_nothing_of_it(self, service: Service) -> None:
        service.forge.world.browser_user = service.forge.world.user("stranger")
        client = an_app(service).test_client()
        log_in(client)
        assert "Charge seven" not in client.get("/", headers=HTML).text
        assert client.get("/changes/acme/shop/1", headers=HTML).status_code == 404

    def test_nobody_where_github_was_told_no(self, service: Service) -> None:
        service.forge.world.browser_user = None
        client = an_app(service).test_client()
        assert log_in(client).status_code == 403
        assert client.get_cookie("gate_session") is None

    def test_a_page_leads_to_the_login_and_back(self, service: Service) -> None:
        client = an_app(service).test_client()
        sent = client.get("/changes/acme/shop/1", headers=HTML)
        assert sent.status_code == 303
        assert sent.headers["Location"] == "/login?next=/changes/acme/shop/1"
        assert log_in(client, place="/changes/acme/shop/1").headers["Location"] == "/changes/acme/shop/1"


class TestTheWayToGithub:
    def test_carries_a_state_and_a_challenge_and_asks_for_no_scope(self, service: Service) -> None:
        sent = an_app(service).test_client().get("/login", headers=HTML).headers["Location"]
        query = parse_qs(urlsplit(sent).query)
        assert query["code_challenge_method"] == ["S256"]
        assert len(query["code_challenge"][0]) == len(query["state"][0]) == 43
        assert "scope" not in query

    @pytest.mark.parametrize(
        ("api", "web"),
        [
            ("https://api.github.com", "https://github.com"),
            ("https://github.example.com/api/v3/", "https://github.example.com"),
            ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ],
    )
    def test_starts_at_the_address_that_belongs_to_the_api(self, api: str, web: str) -> None:
        assert web_address(api) == web


class TestTheAdmins:
    def test_are_named_by_number_and_subject(self) -> None:
        given = load_settings({"GATE_ADMINS": "github:1001, oidc:ada"}, folder=Path("nowhere"))
        assert given.admin_names == {"github:1001", "oidc:ada"}

    @pytest.mark.parametrize("names", ["alice", "github:alice", "github:", "gitlab:7"])
    def test_that_are_named_otherwise_stop_the_start(self, names: str) -> None:
        with pytest.raises(UsageError, match="GATE_ADMINS"):
            load_settings({"GATE_ADMINS": names}, folder=Path("nowhere"))


class TestASession:
    def test_ends_after_twelve_hours(self, service: Service) -> None:
        client = an_app(service).test_client()
        log_in(client)
        service.clock.ahead_seconds = 12 * 3600 - 5
        assert client.get("/", headers=HTML).status_code == 200
        service.clock.ahead_seconds = 12 * 3600 + 5
        assert client.get("/", headers=HTML).status_code == 303
