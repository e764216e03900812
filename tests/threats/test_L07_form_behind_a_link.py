"""L07: the form behind a link is answered from its own page, in the browser that was shown it, and cannot be framed."""

from pathlib import Path
from typing import Any

import pytest
from builders_link_pages import a_trial, decide, form_of, opened
from builders_login import HTML, an_app, log_in
from builders_service import a_service
from builders_signoff import a_link


class TestAFormOfAnotherPage:
    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
    )
    def test_is_refused_by_where_it_came_from(self, tmp_path: Path, headers: Any) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            client = a_trial(service)
            page = opened(client, a_link(service, pull, service.forge.alice))
            assert decide(client, page, headers=headers).status_code == 403
            assert decide(client, page, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303

    def test_is_refused_without_the_token_of_this_browser(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = a_link(service, pull, service.forge.alice)
            mine, theirs = a_trial(service), a_trial(service, key=b"another key of 32 bytes in a test")
            page, foreign = opened(mine, token), opened(theirs, token)
            for wrong in ("", "0" * 64, form_of(foreign)["csrf_token"]):
                assert decide(mine, page, csrf_token=wrong).status_code == 403

    def test_is_refused_in_a_session_that_it_was_not_shown_to(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.forge.world.browser_user = service.forge.alice
            pull = service.forge.a_pull()
            service.settle()
            client = an_app(service).test_client()
            log_in(client)
            page = opened(client, a_link(service, pull, service.forge.alice))
            log_in(client)  # a new session
            assert decide(client, page).status_code == 403


class TestThePage:
    def test_cannot_be_framed_or_kept(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            page = opened(a_trial(service), a_link(service, pull, service.forge.alice))
            assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
            assert page.headers["X-Frame-Options"] == "DENY"
            assert page.headers["Cache-Control"] == "no-store, private"
            assert HTML["Accept"] == "text/html"
