"""A person's own page in a real browser: its forms work by themselves without any script, by keyboard."""

from collections.abc import Iterator

import pytest
from builders_forge_world import OWNERSHIP
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, button

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
RECORDS = OWNERSHIP.replace("payments: {members: [alice, bob]}", "payments: {members: [alice, bob, carol]}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("own"), files={".gate/ownership.yaml": RECORDS}) as site:
        site.service.forge.a_pull(title="Round amounts half to even")
        site.service.settle()
        yield site


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
