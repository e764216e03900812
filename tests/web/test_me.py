"""A person's own page: what waits, who stands in, who was asked instead, how they are told, and their logins."""

import html
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import OWNERSHIP
from builders_link_pages import CSRF
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.usecases.delegate_signoff import delegate_signoff

BOB, ONCE = "github:1002", "once-only-for-a-test"
RECORDS = OWNERSHIP.replace(
    "email: alice@example.com}",
    "email: alice@example.com, prefers: review-request, quiet_hours: {from: '19:00', to: '07:30', timezone: UTC}}",
).replace(
    "email: erin@example.com}", "email: erin@example.com, away: [{from: 2026-01-01, to: 2099-01-03, stand_in: bob}]}"
)


@contextmanager
def a_world(folder: Path, **settings: Any) -> Iterator[Service]:
    with a_service(folder, files={".gate/ownership.yaml": RECORDS}, **settings) as service:
        service.forge.shop.commit("main", {"README.md": "Acme\n"}, author=service.forge.carol)
        service.settle()  # so that the repository is known
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_world(tmp_path) as service:
        yield service


def client_of(service: Service, account: Any) -> Any:
    service.forge.world.browser_user = account
    client = an_app(service, new_secret=lambda: secrets.token_hex(16)).test_client()  # several browsers
    log_in(client)
    return client


def text_of(client: Any) -> str:
    page = client.get("/me", headers=HTML)
    assert page.status_code == 200
    apart = re.sub(r"<(/?(?:dt|dd|li|p|h\d))\b", r" <\1", page.text)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", "", apart).split()))


def send(client: Any, path: str, **fields: str) -> Any:
    token = CSRF.findall(client.get("/me", headers=HTML).text)[-1]
    return client.post(path, data={"csrf_token": token, **fields}, headers=HTML)


def stand_in(client: Any, to: str = BOB, begins_on: str = "", ends_on: str = "", reason: str = "") -> Any:
    today = re.findall(r'name="begins_on" value="([^"]+)"', client.get("/me", headers=HTML).text)
    begins = begins_on or (today[0] if today else "2030-01-01")
    fields = {"to": to, "begins_on": begins, "ends_on": ends_on or f"{int(begins[:4]) + 1}{begins[4:7]}-01"}
    return send(client, "/me/stand-in", **fields, reason=reason)


def entries(service: Service, *kinds: str) -> list[dict[str, Any]]:
    with service.store.reading() as reading:
        checkpoint = reading.checkpoint()
        found = [json.loads(one.content) for one in reading.ledger_entries(0, checkpoint.size if checkpoint else 0)]
    return [one for one in found if one["kind"] in kinds]


class TestWhatWaits:
    def test_for_me_and_for_others_is_told(self, service: Service) -> None:
        service.forge.a_pull(title="Charge seven")
        service.forge.a_pull({"web/page.html": "<p>1</p>"}, title="A page", author=service.forge.alice)
        service.settle()
        text = text_of(client_of(service, service.forge.alice))
        mine, _, rest = text.partition("Your changes, and who they wait for")
        others = rest.partition("Standing in")[0]
        assert "Charge seven" in mine
        assert "A page" not in mine
        assert "A page" in others
        assert "waits for erin (storefront)" in others
        assert "Charge seven" not in others

    def test_is_nothing_for_somebody_without_an_account_at_the_forge(self, service: Service) -> None:
        client = an_app(service, has_login=False, providers=(), trial_secret=ONCE).test_client()
        client.get(f"/enter/{ONCE}", headers=HTML)
        assert "which is no account at GitHub" in text_of(client)
        assert send(client, "/me/stand-in", to=BOB).status_code == 403

    def test_of_a_repository_that_may_not_be_read_is_not_told(self, service: Service) -> None:
        service.forge.a_pull(title="Charge seven")
        service.settle()
        stranger = service.forge.world.user("mallory", 6666)
        service.forge.shop.private = True
        assert "Charge seven" not in text_of(client_of(service, stranger))


class TestAStandIn:
    def test_is_one_who_may_sign_off_on_the_same(self, service: Service) -> None:
        page = client_of(service, service.forge.alice).get("/me", headers=HTML).text
        assert re.findall(r'<option value="([^"]+)">([^<]+)<', page) == [(BOB, "Bob Brown (bob)")]

    def test_who_may_not_is_refused_in_words_and_on_the_record(self, service: Service) -> None:
        client = client_of(service, service.forge.alice)
        refused = stand_in(client, to="github:1005")
        assert refused.status_code == 403
        assert "By policy they may not sign off on anything that is yours" in refused.text
        (entry,) = entries(service, "delegation-refused")
        assert (entry["actor"], "By policy they may not" in entry["payload"]["why"]) == ("github:1001", True)

    @pytest.mark.parametrize(
        ("begins_on", "ends_on", "why"),
        [
            ("2030-01-05", "2030-01-04", "over already, or comes before"),
            ("2020-01-05", "2020-01-09", "over already, or comes before"),
            ("2030-01-05", "2031-03-09", "longer than a year"),
            ("soon", "2030-01-05", "These are no days"),
        ],
    )
    def test_has_days_that_can_be(self, service: Service, begins_on: str, ends_on: str, why: str) -> None:
        refused = stand_in(client_of(service, service.forge.alice), begins_on=begins_on, ends_on=ends_on)
        assert (refused.status_code, why in refused.text) == (403, True)

    def test_is_shown_to_both_and_ended_by_either(self, service: Service) -> None:
        alice, bob = client_of(service, service.forge.alice), client_of(service, service.forge.bob)
        assert stand_in(alice, begins_on="2030-12-21", ends_on="2031-01-03", reason="Skiing.").status_code == 303
        told = "from 2030-12-21 to 2031-01-03: Skiing."
        assert f"Bob Brown stands in for you {told}" in text_of(alice)
        assert f"You stand in for Alice Adams {told}" in text_of(bob)
        assert stand_in(alice, begins_on="2031-01-03", ends_on="2031-01-09").status_code == 403, "one at a time"
        which = f"github:1001 {BOB} 2030-12-21"
        assert send(client_of(service, service.forge.dave), "/me/stand-in/end", which=which).status_code == 404
        assert send(bob, "/me/stand-in/end", which=which).status_code == 303
        assert "Skiing." not in text_of(alice)
        (ended,) = entries(service, "delegation-ended")
        assert (ended["subject"], ended["actor"], ended["payload"]["to"]) == ("account:github:1001", BOB, BOB)
        assert "Skiing." not in json.dumps(entries(service, "signoff-delegated", "delegation-ended"))

    def test_is_told_in_the_place_of_who_named_them(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_world(tmp_path, notifier=notifier) as service:
            assert stand_in(client_of(service, service.forge.alice)).status_code == 303
            service.forge.a_pull()
            service.settle()
            assert [message.to for message in notifier.sent] == ["mailto:bob@example.com"]

    def test_gains_nothing_where_they_had_a_hand_in_the_change(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_world(tmp_path, notifier=notifier, settings={"review_requests": False}) as service:
            assert stand_in(client_of(service, service.forge.alice)).status_code == 303
            service.forge.a_pull(author=service.forge.bob)
            service.settle()
            assert [message.to for message in notifier.sent] == ["mailto:alice@example.com"]

    def test_of_the_records_is_shown_too(self, service: Service) -> None:
        assert "you are away from 2026-01-01 to 2099-01-03, bob is told" in text_of(
            client_of(service, service.forge.erin)
        )
        assert "you stand in for Erin Evans from 2026-01-01 to 2099-01-03" in text_of(
            client_of(service, service.forge.bob)
        )


class TestAskedInstead:
    def test_is_shown_to_both_and_ended_by_either(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        delegate_signoff(service.gate, service.key(pull), "github:1001", BOB, authenticated="test")
        alice, bob = client_of(service, service.forge.alice), client_of(service, service.forge.bob)
        assert "You asked Bob Brown instead" in text_of(alice)
        assert "Alice Adams asked you instead" in text_of(bob)
        (which,) = re.findall(r'name="which" value="([^"]+)"', alice.get("/me", headers=HTML).text)
        assert send(client_of(service, service.forge.dave), "/me/delegation/end", which=which).status_code == 404
        assert send(alice, "/me/delegation/end", which=which).status_code == 303
        assert "You asked" not in text_of(alice)
        assert [one["actor"] for one in entries(service, "delegation-ended")] == ["github:1001"]
        delegate_signoff(service.gate, service.key(pull), BOB, "github:1001", authenticated="test")  # free again


class TestHowOneIsTold:
    def test_is_what_the_records_say(self, service: Service) -> None:
        text = text_of(client_of(service, service.forge.alice))
        assert "Known as Alice Adams (alice) By a review request on GitHub, then mail" in text
        assert "Quiet hours 19:00 to 07:30 (UTC)" in text

    def test_is_said_where_no_record_names_somebody(self, service: Service) -> None:
        stranger = service.forge.world.user("mallory", 6666)
        service.forge.shop.grant(stranger, "read")
        assert "No ownership record names you" in text_of(client_of(service, stranger))


def test_a_form_of_another_session_changes_nothing(service: Service) -> None:
    client = client_of(service, service.forge.alice)
    for path in ("/me/stand-in", "/me/stand-in/end", "/me/delegation/end", "/me/login/unlink"):
        assert client.post(path, data={"to": BOB, "csrf_token": "0" * 64}, headers=HTML).status_code == 403
