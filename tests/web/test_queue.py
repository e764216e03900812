"""The queue: every row says who is waited for, and for what."""

import re
from pathlib import Path
from typing import Any

from builders_forge_world import POLICY
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service

FREEZE = "freezes: [{name: Year-end close, from: 2026-01-01, to: 2099-01-01}]\n"


def rows(service: Service, account: Any) -> list[str]:
    """The rows that somebody sees, as text."""
    service.forge.world.browser_user = account
    client = an_app(service).test_client()
    log_in(client)
    found = re.findall(r"<li>(.*?)</li>", client.get("/", headers=HTML).text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", row).split()) for row in found]


class TestARow:
    def test_names_those_who_may_sign_off_and_for_what(self, service: Service) -> None:
        service.forge.a_pull({"api/pay.py": "amount = 2\n", "web/page.html": "<p>2</p>\n"})
        service.settle()
        (row,) = rows(service, service.forge.dave)
        assert "waits for alice or bob (payments-api) and erin (storefront)" in row

    def test_names_those_alone_who_are_missing_still(self, service: Service) -> None:
        pull = service.forge.a_pull({"api/pay.py": "amount = 2\n", "web/page.html": "<p>2</p>\n"})
        service.settle()
        pull.review(service.forge.bob, "APPROVED")
        service.settle()
        (row,) = rows(service, service.forge.dave)
        assert row.endswith("waits for erin (storefront)")

    def test_says_that_the_author_has_to_act(self, service: Service) -> None:
        service.forge.a_pull(body="No plan.\n")
        service.settle()
        assert rows(service, service.forge.dave)[0].endswith("waits for its author")

    def test_of_what_waits_for_the_reader_says_what_they_are_asked_for(self, service: Service) -> None:
        service.forge.a_pull()
        service.settle()
        (row,) = rows(service, service.forge.alice)
        assert "asked for payments-api" in row
        assert "waits for" not in row

    def test_waits_for_nobody_once_it_is_approved(self, service: Service) -> None:
        service.approved()
        assert "waits for" not in rows(service, service.forge.dave)[0]

    def test_names_who_rejected_it(self, service: Service) -> None:
        pull = service.forge.a_pull()
        pull.review(service.forge.bob, "CHANGES_REQUESTED")
        service.settle()
        assert rows(service, service.forge.dave)[0].endswith("waits for bob (Rejected by bob)")

    def test_names_the_freeze_that_holds_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": POLICY + FREEZE}) as service:
            service.forge.a_pull()
            service.settle()
            assert rows(service, service.forge.dave)[0].endswith("waits for the end of the freeze Year-end close")
