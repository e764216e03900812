"""A person's own page in a real browser: it fits, reads well, and its forms work by themselves without any script.

SCREENSHOTS=folder pytest tests/journeys/test_own_page.py -k screenshots     # at 390 and 1280 px
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import OWNERSHIP
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, button, faults_of

from gate.usecases.delegate_signoff import delegate_signoff
from gate.usecases.people import LinkedLogin, StandIn

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
RECORDS = OWNERSHIP.replace(
    "email: alice@example.com}",
    "email: alice@example.com, contacts: [{channel: chat, to: 'notify:alice'}], prefers: email, "
    "quiet_hours: {from: '19:00', to: '07:30', timezone: Europe/Berlin}}",
).replace("payments: {members: [alice, bob]}", "payments: {members: [alice, bob, carol]}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("own"), files={".gate/ownership.yaml": RECORDS}) as site:
        forge, gate = site.service.forge, site.service.gate
        first = forge.a_pull(title="Round amounts half to even")
        forge.a_pull({"api/rates.py": "RATE = 19\n"}, title="A rate for the new country")
        forge.a_pull({"web/page.html": "<p>New</p>\n"}, title="A shorter front page", author=forge.alice)
        site.service.settle()
        delegate_signoff(gate, site.service.key(first), "github:1001", "github:1002", authenticated="test")
        with site.service.store.writing() as writing:
            for one in (
                StandIn("github:1001", "github:1002", "2030-12-21", "2031-01-03", gate.instant(), "Skiing in Tyrol."),
                StandIn("github:1003", "github:1001", "2030-11-02", "2030-11-06", gate.instant()),
            ):
                writing.save_stand_in(one)
            linked = LinkedLogin("https://login.example.com", "ada@example.com", "github:1001", gate.instant())
            writing.save_linked_login(linked)
        yield site


def test_it_fits_and_holds_nothing_that_a_screen_reader_stumbles_over(site: Site) -> None:
    for width, scheme in ((390, "dark"), (390, "light"), (1280, "dark"), (1280, "light")):
        page = site.logged_in(site.service.forge.alice, width, scripts=True, color_scheme=scheme)
        page.goto(f"{site.url}/me")
        page.locator("details summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == ""
        page.context.close()


def test_screenshots(site: Site, tmp_path: Path) -> None:
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for width in (390, 1280):
        page = site.logged_in(site.service.forge.alice, width, color_scheme="dark" if width == 390 else "light")
        for name, address in {"own": "/me", "queue": "/", "several": "/signoff", "api": "/docs"}.items():
            page.goto(f"{site.url}{address}")
            if name == "own":
                page.locator("details summary").click()
            assert page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True).startswith(b"\x89PNG")
        page.context.close()


def test_a_stand_in_is_named_and_ended_by_keyboard_and_form_alone(site: Site) -> None:
    page = site.logged_in(site.service.forge.bob)
    page.get_by_role("link", name="bob", exact=True).click()
    assert page.locator("h1").inner_text() == "Your page"
    page.locator("details summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Who", exact=True).select_option(label="Carol Clark (carol)")
    page.get_by_label("Last day").fill("2031-02-01")
    page.get_by_label("First day").fill("2031-01-20")
    page.get_by_label("Why").fill("A course.")
    button(page, "Let them stand in").click()
    assert "Carol Clark stands in for you from 2031-01-20 to 2031-02-01: A course." in page.locator("main").inner_text()
    page.get_by_role("button", name="End it: Carol Clark from 2031-01-20").click()
    assert "A course." not in page.locator("main").inner_text()
