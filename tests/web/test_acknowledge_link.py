"""The link of somebody who is called: their own, single use, and good for acknowledging alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_calls import BOB, CAROL, MINUTE, bob_is_called, call_token, ladder_now
from builders_link_pages import a_trial, answers_at_once, decide, opened, the_token_is_gone_after_the_first_answer
from builders_login import HTML, an_app, log_in
from builders_service import Service
from builders_store import digest_of_database

from gate.adapters.logs_structlog import clean
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.notices import StoredEscalation

ACKNOWLEDGE = {"decision": "acknowledge"}


def ledger(service: Service, ladder: StoredEscalation, *kinds: str) -> list[Any]:
    """The ledger's entries of some kinds about a ladder's repository."""
    subject = f"repository:{ladder.key.tenant}/{ladder.key.repository}"
    with service.store.reading() as reading:
        return [one for one in reading.entries_about(subject) if one.kind in kinds]


class TestAPersonWhoIsCalled:
    def test_acknowledges_without_a_login_by_possession_of_the_link(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            client = a_trial(service)
            page = opened(client, call_token(notifier, BOB))
            assert "You are called" in page.text
            assert "Exercise: payments-api" in page.text
            assert decide(client, page, **ACKNOWLEDGE).status_code == 303
            after = client.get(page.request.path, headers=HTML)
            assert "You took this on" in after.text
            assert "Acknowledged by bob on <time" in after.text
            assert ladder_now(service, ladder).acknowledged_by == "person:bob"
            (entry,) = ledger(service, ladder, "acknowledged")
            assert b"by possession of the link" in entry.content
            service.later(60 * MINUTE)
            assert [one.to for one in notifier.sent] == [BOB]

    def test_acknowledges_with_a_login_as_their_own_account(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            page = opened(client, call_token(notifier, BOB))
            assert decide(client, page, **ACKNOWLEDGE).status_code == 303
            assert ladder_now(service, ladder).acknowledged_by == "github:1002"
            (entry,) = ledger(service, ladder, "acknowledged")
            assert b"login at" in entry.content

    def test_on_each_level_has_a_link_of_their_own(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, _):
            service.later(15 * MINUTE)
            assert call_token(notifier, BOB) != call_token(notifier, CAROL)


class TestReading:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_changes_nothing(self, tmp_path: Path, method: str) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            before = digest_of_database(tmp_path)
            client, token = a_trial(service), call_token(notifier, BOB)
            answer = client.open(f"/signoff/{token}", method=method, headers=HTML)
            if "Location" in answer.headers:
                client.open(answer.headers["Location"], method=method, headers=HTML)
            assert digest_of_database(tmp_path) == before
            assert ladder_now(service, ladder).state == "running"


class TestSingleUse:
    def test_a_second_post_is_refused_and_shows_what_was_recorded(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            client, token = a_trial(service), call_token(notifier, BOB)
            page = opened(client, token)
            assert decide(client, page, **ACKNOWLEDGE).status_code == 303
            for address in (page.request.path, f"/signoff/{token}"):
                again = decide(client, page, address, **ACKNOWLEDGE)
                assert again.status_code == 409
                assert "This was acknowledged already" in again.text
                assert "Acknowledged by bob on <time" in again.text
            assert len(ledger(service, ladder, "acknowledged")) == 1

    def test_of_forty_at_the_same_time_is_one(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            codes = answers_at_once(service, call_token(notifier, BOB), [ACKNOWLEDGE] * 40, together=10)
            assert codes == {303: 1, 409: 39}
            assert len(ledger(service, ladder, "acknowledged")) == 1

    def test_a_call_that_is_over_uses_nothing_up_and_is_in_the_ledger(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            client, token = a_trial(service), call_token(notifier, BOB)
            page = opened(client, token)
            service.later(15 * MINUTE)
            theirs = a_trial(service)
            assert decide(theirs, opened(theirs, call_token(notifier, CAROL)), **ACKNOWLEDGE).status_code == 303
            late = decide(client, page, **ACKNOWLEDGE)
            assert late.status_code == 409
            assert "This call is over" in late.text
            (refusal,) = ledger(service, ladder, "link-refused")
            assert refusal.payload()["code"] == "call-over"
            assert ladder_now(service, ladder).acknowledged_by == "person:carol"


class TestSomebodyElse:
    def test_with_a_login_gets_nothing_by_the_link(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            service.forge.world.browser_user = service.forge.erin
            client = an_app(service).test_client()
            log_in(client)
            page = opened(client, call_token(notifier, BOB))
            assert page.status_code == 403
            assert "This link was made for somebody else" in page.text
            assert "payments-api" not in page.text
            assert decide(client, page, **ACKNOWLEDGE).status_code == 403
            assert ladder_now(service, ladder).state == "running"

    def test_without_a_login_where_there_is_one_is_sent_to_it(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, _):
            client = an_app(service).test_client()
            page = opened(client, call_token(notifier, BOB))
            assert page.status_code == 303
            assert page.headers["Location"].startswith("/login")
            assert client.post(page.request.path, data=ACKNOWLEDGE, headers=HTML).status_code == 401

    def test_who_may_not_see_the_repository_any_more_acknowledges_nothing(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            service.forge.acme.remove_member(service.forge.bob)
            service.clock.ahead_seconds += 61  # what was seen is remembered for a minute
            page = opened(client, call_token(notifier, BOB))
            assert page.status_code in {403, 404}
            assert decide(client, page, **ACKNOWLEDGE).status_code in {403, 404}
            assert ladder_now(service, ladder).state == "running"


class TestTheForm:
    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
    )
    def test_of_another_page_is_refused(self, tmp_path: Path, headers: Any) -> None:
        with bob_is_called(tmp_path) as (service, notifier, _):
            client = a_trial(service)
            page = opened(client, call_token(notifier, BOB))
            assert decide(client, page, headers=headers, **ACKNOWLEDGE).status_code == 403
            assert decide(client, page, csrf_token="0" * 64, **ACKNOWLEDGE).status_code == 403

    @pytest.mark.parametrize("decision", ["approve", "reject", "delegate", ""])
    def test_decides_nothing_else(self, tmp_path: Path, decision: str) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            client = a_trial(service)
            page = opened(client, call_token(notifier, BOB))
            assert decide(client, page, decision=decision, comment="x", to="github:1001").status_code == 400
            assert ladder_now(service, ladder).state == "running"


class TestATokenSignedForSomethingElse:
    def test_holds_only_for_what_was_issued_under_its_id(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, _):
            gate = service.gate
            honest = gate.links.verify(call_token(notifier, BOB), purpose="acknowledge", at=gate.now())
            change = honest.change
            assert change.number == 0
            for changed in (
                replace(honest, change=ChangeKey(change.tenant, change.repository, 1)),
                replace(honest, change=replace(change, tenant=1)),
                replace(honest, account="person:carol"),
                replace(honest, scope="sha256:" + "0" * 64),
                replace(honest, jti="B" * 24),
                replace(honest, purpose="signoff", change=ChangeKey(change.tenant, change.repository, 1)),
            ):
                token = gate.links.sign(changed, at=gate.now())
                assert a_trial(service).get(f"/signoff/{token}", headers=HTML).status_code == 401, changed

    def test_dies_when_it_is_revoked_and_when_it_ends(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            client, token = a_trial(service), call_token(notifier, BOB)
            page = opened(client, token)
            with service.store.writing() as writing:
                assert len(writing.revoke_links(at=service.gate.instant(), why="test", account="person:bob")) == 1
            assert decide(client, page, **ACKNOWLEDGE).status_code == 401
            assert client.get(f"/signoff/{token}", headers=HTML).status_code == 401
            assert ladder_now(service, ladder).state == "running"


class TestTheToken:
    def test_is_gone_after_the_first_answer_and_cut_out_of_logs(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, _):
            token = call_token(notifier, BOB)
            the_token_is_gone_after_the_first_answer(a_trial(service), tmp_path, token, **ACKNOWLEDGE)
            assert token.rpartition(".")[2] not in clean(f"GET /signoff/{token} 303")
