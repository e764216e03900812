"""The page of a change: what happened to it is told in words, times as people read them."""

from pathlib import Path
from typing import get_args

import pytest
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service

from gate.core.explain.sentence import OPENINGS
from gate.core.ledger.entries import EntryKind
from gate.web.pages import clock, headline, told
from gate.web.timeline import ENTRY_WORDS

ONCE = "once-only-for-a-test"


class TestWhatHappened:
    def test_every_kind_of_entry_has_words(self) -> None:
        assert sorted(set(get_args(EntryKind)) ^ set(ENTRY_WORDS)) == []

    def test_a_time_is_shown_in_utc_by_name(self) -> None:
        assert clock("2026-11-27T20:48:42Z") == "2026-11-27 20:48:42 UTC"

    def test_a_verdict_is_told_with_its_state_and_the_page_marked_in_the_navigation(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.forge.a_pull()
            service.settle()
            client = an_app(service, has_login=False, trial_secret=ONCE).test_client()
            client.get(f"/enter/{ONCE}", headers=HTML)
            page = client.get("/changes/acme/shop/1", headers=HTML).text
            assert "Verdict: waiting" in page
            assert 'href="/" aria-current="true">Changes</a>' in page


class TestAMergedChange:
    def page(self, service: Service) -> str:
        client = an_app(service, has_login=False, trial_secret=ONCE).test_client()
        client.get(f"/enter/{ONCE}", headers=HTML)
        return str(client.get("/changes/acme/shop/1", headers=HTML).text)

    def test_that_nobody_approved_waits_for_nobody_and_tells_how_to_explain_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            pull.merge(service.forge.carol, as_admin=True)
            service.settle()
            page = self.page(service)
            assert "It was merged without approval." in page
            assert f"gate audit explain acme/shop {pull.merge_sha[:12]} --outcome" in page
            assert "What the gate said last" in page
            assert "What was missing" in page
            assert "Merged without approval <span" in page
            assert "Next:" not in page

    def test_that_was_approved_is_merely_merged(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved().merge(service.forge.carol)
            service.settle()
            page = self.page(service)
            assert "This change is merged." in page
            assert "without approval" not in page


class TestHowItIsTold:
    @pytest.mark.parametrize(
        ("summary", "shown"),
        [
            ("Waiting for alice to sign off.", "<strong>Waiting</strong> for alice to sign off."),
            ("Approved: <b> signed off.", "<strong>Approved:</strong> &lt;b&gt; signed off."),
            ("The author must act: `a` is open.", "<strong>The author must act:</strong> <code>a</code> is open."),
            ("Something else.", "Something else."),
        ],
    )
    def test_the_state_stands_out_and_is_said_once(self, summary: str, shown: str) -> None:
        assert headline(summary) == shown

    def test_every_state_has_an_opening_that_stands_out(self) -> None:
        for opening in (*OPENINGS.values(), "Approved", "Waiting"):
            assert headline(f"{opening}: why.") == f"<strong>{opening}:</strong> why."

    def test_instants_are_written_as_people_read_them_but_never_in_what_is_quoted(self) -> None:
        assert told("It holds until 2026-12-24T18:00:00Z.") == "It holds until 2026-12-24 18:00:00 UTC."
        assert told("`a-2026-12-24T18:00:00Z` <") == "<code>a-2026-12-24T18:00:00Z</code> &lt;"


class TestWhoIsAsked:
    def test_is_led_to_the_decision_and_nobody_else_is(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.forge.a_pull()
            service.settle()
            for who, is_asked in ((service.forge.alice, True), (service.forge.dave, False)):
                service.forge.world.browser_user = who
                client = an_app(service).test_client()
                log_in(client)
                page = client.get("/changes/acme/shop/1", headers=HTML).text
                assert ('href="/changes/acme/shop/1/signoff">See your part' in page) is is_asked
