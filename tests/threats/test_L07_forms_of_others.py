"""L07: a form that another page sends for somebody who is logged in changes nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_login import HTML, an_app, log_in
from builders_service import a_service
from flask.testing import FlaskClient


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    with a_service(tmp_path) as service:
        service.forge.world.browser_user = service.forge.alice
        client = an_app(service).test_client()
        log_in(client)
        yield client


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get("/", headers=HTML).text)
    assert found
    return found[1]


def leave(client: FlaskClient, given: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/leave", data={"csrf_token": given}, headers={**HTML, **named}).status_code


class TestAForm:
    @pytest.mark.parametrize("given", ["", "0" * 64, "ä"])
    def test_without_the_sessions_token_is_refused(self, client: FlaskClient, given: str) -> None:
        assert leave(client, given) == 403
        assert client.get("/", headers=HTML).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [{"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}],
        ids=repr,
    )
    def test_from_another_page_is_refused_even_with_it(self, client: FlaskClient, headers: dict[str, str]) -> None:
        assert leave(client, token(client), **headers) == 403
        assert client.get("/", headers=HTML).status_code == 200

    @pytest.mark.parametrize(
        "headers", [{}, {"Origin": "http://localhost"}, {"Origin": "null", "Sec_Fetch_Site": "same-origin"}], ids=repr
    )
    def test_of_this_session_is_taken(self, client: FlaskClient, headers: dict[str, str]) -> None:
        assert leave(client, token(client), **headers) == 303
        assert client.get("/", headers=HTML).status_code == 303

    def test_of_an_earlier_session_is_refused(self, client: FlaskClient) -> None:
        earlier = token(client)
        log_in(client)
        assert leave(client, earlier) == 403


class TestAPage:
    def test_cannot_be_framed(self, client: FlaskClient) -> None:
        assert "frame-ancestors 'none'" in client.get("/", headers=HTML).headers["Content-Security-Policy"]
