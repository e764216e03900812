"""L21: a session that somebody planted is not taken on, nobody is logged in as another, nothing is shown before."""

import pytest
from builders_login import HTML, an_app, before_alices_browser, local, log_in, where_sent
from builders_service import Service


@pytest.fixture
def service(service: Service) -> Service:
    return before_alices_browser(service)


class TestASession:
    def test_is_a_new_one_after_login(self, service: Service) -> None:
        client = an_app(service).test_client()
        client.set_cookie("gate_session", "planted")
        log_in(client)
        cookie = client.get_cookie("gate_session")
        assert cookie is not None
        assert cookie.value != "planted"
        assert (cookie.http_only, cookie.same_site) == (True, "Lax")

    def test_of_before_ends_at_a_second_login(self, service: Service) -> None:
        app = an_app(service)
        client, thief = app.test_client(), app.test_client()
        log_in(client)
        cookie = client.get_cookie("gate_session")
        assert cookie is not None
        thief.set_cookie("gate_session", cookie.value)
        assert thief.get("/", headers=HTML).status_code == 200
        log_in(client)
        assert thief.get("/", headers=HTML).status_code == 303


class TestAnAnswerOfTheProvider:
    def test_is_of_no_use_in_another_browser(self, service: Service) -> None:
        app = an_app(service)
        mallory, victim = app.test_client(), app.test_client()
        back = where_sent(mallory.get("/login/github", headers=HTML).headers["Location"])
        victim.get("/login/github", headers=HTML)
        assert victim.get(local(back), headers=HTML).status_code == 403
        assert victim.get_cookie("gate_session") is None

    def test_is_of_no_use_without_its_state(self, service: Service) -> None:
        client = an_app(service).test_client()
        back = local(where_sent(client.get("/login/github", headers=HTML).headers["Location"]))
        assert client.get(back.partition("&state=")[0], headers=HTML).status_code == 403

    def test_is_of_no_use_after_ten_minutes(self, service: Service) -> None:
        client = an_app(service).test_client()
        back = local(where_sent(client.get("/login/github", headers=HTML).headers["Location"]))
        service.clock.ahead_seconds = 11 * 60
        assert client.get(back, headers=HTML).status_code == 403

    def test_is_taken_once(self, service: Service) -> None:
        client = an_app(service).test_client()
        back = local(where_sent(client.get("/login/github", headers=HTML).headers["Location"]))
        assert client.get(back, headers=HTML).status_code == 303
        assert client.get(back, headers=HTML).status_code == 403


class TestBeforeTheLogin:
    def test_what_is_there_looks_like_what_is_not(self, service: Service) -> None:
        client = an_app(service).test_client()
        there, not_there = (client.get(f"/changes/acme/shop/{number}", headers=HTML) for number in (1, 99))
        assert there.status_code == not_there.status_code == 303
        assert there.text.replace("/1", "/99") == not_there.text
