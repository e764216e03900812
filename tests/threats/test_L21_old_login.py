"""L21: where the policy asks for it, an old login decides nothing until its person has logged in again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import POLICY
from builders_link_pages import a_trial, decide, opened
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_signoff import a_link
from doubles.github.pulls import Pull

ASKING = POLICY + "signoffs: {reauthenticate_within: 15m}\n"
MINUTE = 60


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path) as service:
        service.forge.shop.commit("main", {".gate/policy.yaml": ASKING}, author=service.forge.carol)
        service.forge.world.browser_user = service.forge.alice
        yield service


@pytest.fixture
def pull(service: Service) -> Pull:
    return service.judged_pull()


def logged_in(service: Service) -> Any:
    client = an_app(service).test_client()
    log_in(client)
    return client


class TestAnOldLogin:
    def test_approves_nothing_and_is_led_to_the_login(self, service: Service, pull: Pull) -> None:
        client = logged_in(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        service.clock.ahead_seconds += 16 * MINUTE
        refused = decide(client, page)
        assert refused.status_code == 403
        assert "has logged in within the last 15m" in refused.text
        assert "again=1" in refused.text
        service.settle()
        assert service.check(pull) == "in_progress"

    def test_decides_once_it_was_renewed(self, service: Service, pull: Pull) -> None:
        client, token = logged_in(service), a_link(service, pull, service.forge.alice)
        service.clock.ahead_seconds += 16 * MINUTE
        log_in(client)
        assert decide(client, opened(client, token)).status_code == 303
        service.settle()
        assert service.check(pull) == "success"

    def test_is_led_to_the_login_and_back_from_several_at_once(self, service: Service, pull: Pull) -> None:
        client = logged_in(service)
        page = client.get("/signoff", headers=HTML).text
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page)
        service.clock.ahead_seconds += 16 * MINUTE
        form = {**dict(hidden), f"acme/shop/{pull.number}:decision": "approve"}
        refused = client.post("/signoff", data=form, headers=HTML)
        assert "has logged in within the last 15m" in refused.text
        assert 'href="/login?next=/signoff&amp;again=1">Log in again</a>' in refused.text
        log_in(client, place="/signoff")
        client.post("/signoff", data=form, headers=HTML)
        service.settle()
        assert service.check(pull) == "in_progress", "the form was another session's"

    def test_still_rejects(self, service: Service, pull: Pull) -> None:
        client = logged_in(service)
        page = opened(client, a_link(service, pull, service.forge.alice))
        service.clock.ahead_seconds += 16 * MINUTE
        assert decide(client, page, decision="reject", comment="Not like this.").status_code == 303


def test_a_recent_login_decides(service: Service, pull: Pull) -> None:
    client = logged_in(service)
    page = client.get(f"/changes/acme/shop/{pull.number}/signoff", headers=HTML)
    assert page.status_code == 200
    assert decide(client, opened(client, a_link(service, pull, service.forge.alice))).status_code == 303


def test_a_link_alone_is_no_login(service: Service, pull: Pull) -> None:
    client = a_trial(service)
    assert decide(client, opened(client, a_link(service, pull, service.forge.alice))).status_code == 403
