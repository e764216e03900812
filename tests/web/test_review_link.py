"""The link of an owner whose component's record is to be reviewed: it shows the record, and one click confirms it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_link_pages import (
    a_trial,
    answers_at_once,
    decide,
    opened,
    the_token_is_gone_after_the_first_answer,
)
from builders_login import HTML, an_app, log_in
from builders_reviews import (
    ALICE,
    BOB,
    CONFIRM,
    a_shop_to_review,
    change_records,
    confirmed,
    records,
    review_token,
)
from builders_service import Service
from builders_store import digest_of_database

from gate.usecases.due_reviews import due_reviews
from gate.usecases.repository_ownership import ownership_now

BOTH = records().replace(
    "{name: storefront, owner: web, paths: [/web/]}",
    "{name: storefront, owner: payments, paths: [/web/], reviewed: 2020-01-01, review_every_days: 30}",
)
NEEDS_CURRENT = """\
version: 1
default_owner: platform
rules: [{name: reviewed, when: {paths: [/api/]}, require: {review_current: true}}]
"""


def ledger(service: Service, *kinds: str) -> list[Any]:
    with service.store.reading() as reading:
        (shop,) = reading.repositories()
        subject = f"repository:{shop.key.tenant}/{shop.key.id}"
        return [one for one in reading.entries_about(subject) if one.kind in kinds]


def logged_in(service: Service, name: str) -> Any:
    service.forge.world.browser_user = getattr(service.forge, name)
    client = an_app(service).test_client()
    log_in(client)
    return client


class TestThePage:
    def test_shows_the_component_its_owners_its_files_and_its_record(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            page = opened(a_trial(service), review_token(notifier, ALICE))
            assert page.status_code == 200
            for part in ("Is the record of payments-api still right?", "payments (alice, bob)", "platform (carol)",
                         "/api/", "Overdue: it was due on", "2020-01-31", ".gate/ownership.yaml:"):  # fmt: skip
                assert part in page.text

    def test_escapes_whatever_the_records_say(self, tmp_path: Path) -> None:
        lure = "<script>alert(1)</script>"
        text = records(more=f", title: '{lure}', links: {{runbook: 'javascript:alert(1)'}}")
        with a_shop_to_review(tmp_path, text) as (service, notifier):
            page = opened(a_trial(service), review_token(notifier, ALICE))
            assert lure not in page.text
            assert "&lt;script&gt;" in page.text
            assert 'href="javascript' not in page.text

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_changes_nothing_by_being_read(self, tmp_path: Path, method: str) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            before = digest_of_database(tmp_path)
            client, token = a_trial(service), review_token(notifier, ALICE)
            answer = client.open(f"/signoff/{token}", method=method, headers=HTML)
            if "Location" in answer.headers:
                client.open(answer.headers["Location"], method=method, headers=HTML)
            assert digest_of_database(tmp_path) == before
            assert confirmed(service) == []


class TestConfirming:
    def test_is_one_click_by_which_the_component_counts_as_reviewed_today(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            assert decide(client, page, **CONFIRM).status_code == 303
            assert "You confirmed this" in client.get(page.request.path, headers=HTML).text
            today = service.gate.instant()[:10]
            (kept,) = confirmed(service)
            assert (kept.section, kept.component, kept.day, kept.account) == (
                "default", "payments-api", today, "person:alice",
            )  # fmt: skip
            with service.store.reading() as reading:
                (shop,) = reading.repositories()
            now = ownership_now(service.gate, shop)
            (component,) = [one for one in now.ownership.components if one.name == "payments-api"]
            assert component.reviewed == today
            assert due_reviews(service.gate, now)[0].due_at > service.gate.instant()

    def test_is_in_the_ledger_with_who_what_and_by_which_link(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client, token = a_trial(service), review_token(notifier, ALICE)
            page = opened(client, token)
            decide(client, page, **CONFIRM)
            (entry,) = ledger(service, "ownership-reviewed")
            payload = entry.payload()
            assert payload["component"] == "default/payments-api"
            assert (payload["due_at"], payload["is_late"]) == ("2020-02-01T00:00:00Z", True)
            assert payload["record"].startswith("sha256:")
            assert payload["link"] == page.request.path.rpartition("/")[2]
            assert b"by possession of the link" in entry.content
            assert b'"actor":"person:alice"' in entry.content

    def test_with_a_login_is_the_word_of_the_account(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = logged_in(service, "alice")
            page = opened(client, review_token(notifier, ALICE))
            assert decide(client, page, **CONFIRM).status_code == 303
            assert confirmed(service)[0].account == "github:1001"

    def test_lets_changes_through_that_waited_for_it(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, policy=NEEDS_CURRENT) as (service, notifier):
            token, pull = review_token(notifier, ALICE), service.forge.a_pull()
            service.settle()
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            with service.store.reading() as reading:
                change = reading.change(service.key(pull))
            assert change is not None
            assert change.verdict_state == "waiting"
            client = a_trial(service)
            decide(client, opened(client, token), **CONFIRM)
            service.work()
            with service.store.reading() as reading:
                change = reading.change(service.key(pull))
            assert change is not None
            assert change.verdict_state == "approved"

    def test_of_several_records_confirms_those_that_were_chosen(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, BOTH) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            assert page.text.count('type="checkbox"') == 2
            assert decide(client, page, decision="confirm").status_code == 400
            assert confirmed(service) == []
            assert decide(client, page, **CONFIRM).status_code == 303
            assert [one.component for one in confirmed(service)] == ["payments-api"]


class TestSingleUse:
    def test_a_second_post_is_refused_and_shows_what_was_recorded(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client, token = a_trial(service), review_token(notifier, ALICE)
            page = opened(client, token)
            assert decide(client, page, **CONFIRM).status_code == 303
            for address in (page.request.path, f"/signoff/{token}"):
                again = decide(client, page, address, **CONFIRM)
                assert again.status_code == 409
                assert "This was confirmed already" in again.text
                assert "You confirmed this" in again.text
            assert len(ledger(service, "ownership-reviewed", "link-refused")) == 1

    def test_of_forty_at_the_same_time_is_one(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            codes = answers_at_once(service, review_token(notifier, ALICE), [CONFIRM] * 40, together=10)
            assert codes == {303: 1, 409: 39}
            assert len(ledger(service, "ownership-reviewed", "link-refused")) == 1

    def test_what_somebody_else_confirmed_meanwhile_is_not_confirmed_twice(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client, other = a_trial(service), a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            assert decide(other, opened(other, review_token(notifier, BOB)), **CONFIRM).status_code == 303
            late = decide(client, page, **CONFIRM)
            assert late.status_code == 409
            assert "not due any more" in late.text
            assert [one.account for one in confirmed(service)] == ["person:bob"]
            (refusal,) = ledger(service, "link-refused")
            assert refusal.payload()["code"] == "not-due"


class TestWhatChangedSince:
    def test_is_not_confirmed_and_asks_anew(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client, old = a_trial(service), review_token(notifier, ALICE)
            page = opened(client, old)
            change_records(service, records(more=", tier: 1"))
            late = decide(client, page, **CONFIRM)
            assert late.status_code == 409
            assert "has changed since it was shown to you" in late.text
            assert confirmed(service) == []
            service.clock.ahead_seconds += 3600
            service.work()
            fresh = review_token(notifier, ALICE)
            assert fresh != old
            assert "has changed since this link was made" in opened(client, old).text
            assert decide(client, opened(client, fresh), **CONFIRM).status_code == 303

    def test_counts_for_who_is_behind_the_owner_too(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            change_records(service, records().replace("[alice, bob]", "[alice, bob, dave]"))
            assert decide(client, page, **CONFIRM).status_code == 409

    def test_counts_for_who_is_in_a_team_within_the_owning_one(self, tmp_path: Path) -> None:
        nested = records().replace("[alice, bob]", "[alice, inner]") + "\n"
        inner = "  inner: {members: [bob]}\ncomponents:\n"
        with a_shop_to_review(tmp_path, nested.replace("components:\n", inner)) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            change_records(service, nested.replace("components:\n", inner.replace("[bob]", "[bob, dave]")))
            assert decide(client, page, **CONFIRM).status_code == 409
            assert confirmed(service) == []

    def test_whoever_is_no_owner_any_more_confirms_nothing(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            change_records(service, records().replace("[alice, bob]", "[bob, erin]"))
            assert decide(client, page, **CONFIRM).status_code == 409
            assert confirmed(service) == []


class TestSomebodyElse:
    def test_with_a_login_gets_nothing_by_the_link(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = logged_in(service, "erin")
            page = opened(client, review_token(notifier, ALICE))
            assert page.status_code == 403
            assert "This link was made for somebody else" in page.text
            assert "payments-api" not in page.text
            assert decide(client, page, **CONFIRM).status_code == 403
            assert confirmed(service) == []

    def test_without_a_login_where_there_is_one_is_sent_to_it(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = an_app(service).test_client()
            page = opened(client, review_token(notifier, ALICE))
            assert page.status_code == 303
            assert page.headers["Location"].startswith("/login")
            assert client.post(page.request.path, data=CONFIRM, headers=HTML).status_code == 401

    def test_who_may_not_see_the_repository_any_more_confirms_nothing(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = logged_in(service, "alice")
            service.forge.acme.remove_member(service.forge.alice)
            service.clock.ahead_seconds += 61  # what was seen is remembered for a minute
            page = opened(client, review_token(notifier, ALICE))
            assert page.status_code in {403, 404}
            assert decide(client, page, **CONFIRM).status_code in {403, 404}
            assert confirmed(service) == []


class TestTheForm:
    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
    )
    def test_of_another_page_is_refused(self, tmp_path: Path, headers: Any) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            assert decide(client, page, headers=headers, **CONFIRM).status_code == 403
            assert decide(client, page, **CONFIRM, csrf_token="0" * 64).status_code == 403
            assert confirmed(service) == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"decision": "approve"},
            {"decision": "acknowledge"},
            {"decision": ""},
            {"review": "ownership-review:default/storefront"},
            {"review": "component:default/payments-api"},
        ],
    )
    def test_decides_nothing_else(self, tmp_path: Path, fields: dict[str, str]) -> None:
        with a_shop_to_review(
            tmp_path, BOTH.replace("owner: payments, paths: [/web/]", "owner: web, paths: [/web/]")
        ) as (
            service,
            notifier,
        ):
            client = a_trial(service)
            page = opened(client, review_token(notifier, ALICE))
            assert decide(client, page, **{**CONFIRM, **fields}).status_code == 400
            assert confirmed(service) == []


class TestATokenSignedForSomethingElse:
    def test_holds_only_for_what_was_issued_under_its_id(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            gate = service.gate
            honest = gate.links.verify(review_token(notifier, ALICE), purpose="review", at=gate.now())
            assert honest.change.number == 0
            for changed in (
                replace(honest, change=replace(honest.change, number=1)),
                replace(honest, change=replace(honest.change, tenant=1)),
                replace(honest, account="person:carol"),
                replace(honest, scope="sha256:" + "0" * 64),
                replace(honest, jti="B" * 24),
                replace(honest, purpose="acknowledge"),
                replace(honest, purpose="signoff", change=replace(honest.change, number=1)),
            ):
                token = gate.links.sign(changed, at=gate.now())
                assert a_trial(service).get(f"/signoff/{token}", headers=HTML).status_code == 401, changed

    def test_dies_when_it_is_revoked_and_when_it_ends(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            client, token, theirs = a_trial(service), review_token(notifier, ALICE), review_token(notifier, BOB)
            page = opened(client, token)
            with service.store.writing() as writing:
                assert len(writing.revoke_links(at=service.gate.instant(), why="test", account="person:alice")) == 1
            assert decide(client, page, **CONFIRM).status_code == 401
            assert client.get(f"/signoff/{token}", headers=HTML).status_code == 401
            later = opened(client, theirs)
            service.clock.ahead_seconds += 7 * 86_400 + 1
            assert client.get(f"/signoff/{theirs}", headers=HTML).status_code == 401
            assert decide(client, later, **CONFIRM).status_code == 401
            assert confirmed(service) == []


class TestTheToken:
    def test_is_gone_after_the_first_answer(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (service, notifier):
            token = review_token(notifier, ALICE)
            the_token_is_gone_after_the_first_answer(a_trial(service), tmp_path, token, **CONFIRM)
