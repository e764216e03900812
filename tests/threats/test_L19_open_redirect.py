"""L19: a login leads back into this site alone, and no host that a request names gets into an address."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.web.login import safe_next


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path) as service:
        service.forge.world.browser_user = service.forge.alice
        yield service


class TestWhereALoginLeads:
    @pytest.mark.parametrize(
        "place",
        [
            *("//evil.example", "/\\evil.example", "https://evil.example", "evil.example", "javascript:alert(1)"),
            *("/\t/evil.example", "\n//evil.example", "/a\r\nX: y", "\\\\evil.example", "", "/" + "a" * 500),
        ],
        ids=repr,
    )
    def test_is_the_queue_for_any_other_place(self, place: str) -> None:
        assert safe_next(place) == "/"

    @pytest.mark.parametrize("place", ["/", "/changes/acme/shop/7", "/?after=x%2Fy"])
    def test_is_a_place_of_this_site(self, place: str) -> None:
        assert safe_next(place) == place

    def test_is_never_another_site_after_the_whole_way(self, service: Service) -> None:
        assert log_in(an_app(service).test_client(), place="//evil.example").headers["Location"] == "/"


class TestAnApprovalLink:
    def test_leads_to_the_configured_address_whatever_host_requests_name(self, service: Service) -> None:
        told, base = NotingNotifier(), "https://gate.example.com"
        settings = replace(service.gate.settings, base_url=base)
        service.gate = replace(service.gate, notifier=told, settings=settings)
        client = an_app(service, hosts=["127.0.0.1", "localhost", "evil.example"], trusted_proxies=1).test_client()
        foreign = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        client.get("/login", headers={**HTML, **foreign})
        service.forge.a_pull()
        service.settle()
        client.get("/login", headers={**HTML, **foreign})
        written = "\n".join(one.text + one.html for one in told.sent)
        hosts = {urlsplit(found).netloc for found in re.findall(r"https?://[^\s\"<>)]+", written)}
        assert f"{base}/signoff/" in written
        assert "gate.example.com" in hosts
        assert "evil.example" not in written


class TestAForeignHost:
    def test_is_refused(self, service: Service) -> None:
        assert an_app(service).test_client().get("/login", headers={**HTML, "Host": "evil.example"}).status_code == 400

    def test_does_not_get_into_the_way_back(self, service: Service) -> None:
        client = an_app(service, hosts=["127.0.0.1", "localhost", "other.example"]).test_client()
        sent = client.get("/login", headers={**HTML, "Host": "other.example"}).headers["Location"]
        back = parse_qs(urlsplit(sent).query)["redirect_uri"]
        assert back == [f"{service.gate.settings.base_url}/login/github/callback"]
