"""L01: whatever fetches a link to look at it leaves no trace, and takes nothing from its addressee."""

from pathlib import Path

import pytest
from builders_link_pages import a_trial, decide, opened
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_signoff import a_link
from builders_store import digest_of_database


def everything(client: object, token: str, method: str) -> list[int]:
    """Fetch the link, whatever it leads to, and what lies around it."""
    codes = []
    for address in (f"/signoff/{token}", f"/signoff/{token[:-4]}AAAA", "/signoff/x", "/signoff/link/x", "/signoff"):
        answer = client.open(address, method=method, headers=HTML)  # type: ignore[attr-defined]  # Flask's client
        codes.append(answer.status_code)
        if "Location" in answer.headers:
            after = client.open(answer.headers["Location"], method=method, headers=HTML)  # type: ignore[attr-defined]
            codes.append(after.status_code)
    return codes


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
class TestReading:
    def test_changes_nothing_in_the_database(self, tmp_path: Path, method: str) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            before = digest_of_database(tmp_path)
            codes = everything(a_trial(service), token, method)
            assert all(code < 500 for code in codes)
            assert digest_of_database(tmp_path) == before

    def test_changes_nothing_for_who_is_logged_in_either(self, tmp_path: Path, method: str) -> None:
        with a_service(tmp_path) as service:
            service.forge.world.browser_user = service.forge.bob
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            client = an_app(service).test_client()
            log_in(client)
            before = digest_of_database(tmp_path)
            everything(client, token, method)
            client.open(f"/changes/acme/shop/{pull.number}/signoff", method=method, headers=HTML)
            assert digest_of_database(tmp_path) == before


class TestTheAddresseeAfterAScanner:
    def test_still_decides(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            for _ in range(3):
                everything(a_trial(service), token, "GET")
            client = a_trial(service)
            assert decide(client, opened(client, token)).status_code == 303


class TestAPostWithoutThePage:
    def test_decides_nothing(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            before = digest_of_database(tmp_path)
            answer = a_trial(service).post(f"/signoff/{token}", data={"decision": "approve"}, headers=HTML)
            assert answer.status_code == 401
            assert digest_of_database(tmp_path) == before


def test_the_digest_sees_a_change(tmp_path: Path) -> None:
    with a_service(tmp_path) as service:
        before = digest_of_database(tmp_path)
        _write(service)
        assert digest_of_database(tmp_path) != before


def _write(service: Service) -> None:
    with service.store.writing() as writing:
        writing.save_setting("a", "b")
