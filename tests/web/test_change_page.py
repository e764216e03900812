"""The page of a change: what happened to it is told in words, times as people read them."""

from pathlib import Path
from typing import get_args

from builders_login import HTML, an_app
from builders_service import a_service

from gate.core.ledger.entries import EntryKind
from gate.web.pages import ENTRY_WORDS, clock

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
