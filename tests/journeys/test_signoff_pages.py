"""Sign-off in a real browser without scripts: approve, reject, ended, replayed, overtaken; by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import BODY
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, button, tab_to

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
CODE = "def pay(amount):\n    if amount < 0:\n        raise ValueError(amount)\n    return round(amount, 2)\n"
HIDDEN = CODE.replace("return round(amount, 2)", "return amount  # \u202e } \u2066 checked")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A gate without login, and browsers without scripts."""
    with a_site(tmp_path_factory.mktemp("signoff"), files={"api/core.py": CODE}, has_login=False) as site:
        yield site


def a_pull(site: Site, **fields: Any) -> Any:
    files = {"api/core.py": HIDDEN, "api/rates.py": "RATE = 19\n" * 3, "web/page.html": "<p>2</p>\n"}
    pull = site.service.forge.a_pull(fields.pop("files", files), title="Round amounts half to even", **fields)
    site.service.settle()
    return pull


class TestALink:
    def test_approves_and_the_check_turns_green(self, site: Site) -> None:
        pull = a_pull(site, files={"api/core.py": "x = 1\n"})
        page = site.page()
        page.goto(site.link(pull, site.service.forge.alice))
        assert "/signoff/link/" in page.url
        assert "eyJ" not in page.url + page.title() + page.content()
        button(page, "Approve").click()
        assert "You signed off" in page.locator("main").inner_text()
        site.service.settle()
        assert site.service.check(pull) == "success"
        page.reload()
        assert "Approved: alice signed off" in page.locator(".verdict").inner_text()

    def test_rejects_with_a_reason(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.page()
        page.goto(site.link(pull, site.service.forge.alice))
        button(page, "Reject").click()
        assert "A rejection needs a reason." in page.get_by_role("alert").inner_text()
        page.get_by_label("Comment").fill("Rounds the wrong way.")
        button(page, "Reject").click()
        assert "Rounds the wrong way." in page.get_by_role("status").inner_text()
        site.service.settle()
        assert site.service.check(pull) == "failure"

    def test_that_ended_says_so(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.page()
        address = site.link(pull, site.service.forge.alice)
        with site.service.store.writing() as writing:
            writing.revoke_links(at=site.service.gate.instant(), why="test")
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 401
        assert page.locator("h1").inner_text() == "This link does not hold"

    def test_that_was_used_shows_what_was_decided(self, site: Site) -> None:
        pull = a_pull(site)
        address = site.link(pull, site.service.forge.alice)
        first, second = site.page(), site.page()
        first.goto(address)
        second.goto(address)
        button(first, "Approve").click()
        second.get_by_label("Comment").fill("No, after all.")
        button(second, "Reject").click()
        assert "decided already" in second.get_by_role("alert").inner_text()
        assert "You signed off" in second.get_by_role("status").inner_text()

    def test_of_a_change_that_moved_tells_what_changed(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.page()
        page.goto(site.link(pull, site.service.forge.alice))
        pull.edit(body=BODY.replace("15 minutes", "5 minutes"), by=site.service.forge.dave)
        button(page, "Approve").click()
        assert "The rollback plan has changed." in page.get_by_role("alert").inner_text()

    def test_is_answered_by_keyboard_alone(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.page()
        page.goto(site.link(pull, site.service.forge.alice))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # to the content
        tab_to(page, "Approve")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        assert "You signed off" in page.get_by_role("status").inner_text()
