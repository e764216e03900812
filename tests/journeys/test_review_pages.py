"""An ownership review in a real browser: confirmed by one click or key, and by what is left ticked; then said so.

SCREENSHOTS=folder pytest tests/journeys/test_review_pages.py -k screenshots     # at 390 and 1280 px
"""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders_holidays import calendar
from builders_notify import NotingNotifier
from builders_reviews import ALICE, BOB, CAROL, DAY, change_records, confirmed, ladders, records
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, button, faults_of, tab_to

from gate.usecases.remind import remind

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
MORE = (
    ", title: Takes the money, tier: 1, kind: service, environments: [production], escalation: ladder, "
    "links: {runbook: 'https://runbooks.example.com/payments/a-rather-long-name-of-a-page-that-must-wrap'}, "
    "rollback: {method: redeploy-previous, steps: [Deploy the tag before.], restore_minutes: 15}"
)
LADDER = """\
escalations: {ladder: {levels: [{notify: [backup], channel: email, acknowledge_within: 4d}]}}
"""
HOLIDAYS = """\
holidays:
  land: {calendar: holidays.ics, observed_by: [carol]}
  sea: {calendar: sea.ics, observed_by: [carol]}
"""
BOTH = records(more=MORE, also=LADDER).replace(
    "{name: storefront, owner: web, paths: [/web/]}",
    "{name: storefront, owner: payments, paths: [/web/], reviewed: 2020-01-01, review_every_days: 30}",
)


class Reviews:
    """A site whose reviews are overdue, and the links of the messages that say so."""

    def __init__(self, site: Site, notifier: NotingNotifier) -> None:
        self.site, self.notifier = site, notifier

    def ask(self, text: str) -> None:
        """Write the records anew and have everybody asked."""
        change_records(self.site.service, text)
        remind(self.site.service.gate)
        self.site.service.work()

    def link(self, to: str) -> str:
        """The link of the newest message to somebody."""
        text = self.notifier.to(to)[-1].text
        return next(word for word in text.split() if "/signoff/" in word)


@contextmanager
def overdue(folder: Path, text: str, *, has_login: bool = False) -> Iterator[Reviews]:
    """A site where everybody was told of what is overdue; without login unless that is asked for."""
    notifier = NotingNotifier()
    files = {".gate/ownership.yaml": text}
    with a_site(folder, files=files, has_login=has_login, notifier=notifier) as site:
        service = site.service
        service.forge.a_pull({"web/page.html": "<p>x</p>\n"}).close(by=service.forge.dave)
        service.settle()
        remind(service.gate)
        service.work()
        yield Reviews(site, notifier)


def test_a_record_is_confirmed_by_keyboard_alone_and_a_second_click_says_so(tmp_path: Path) -> None:
    with overdue(tmp_path, records(more=MORE, also=LADDER)) as reviews:
        confirm_by_keyboard(reviews)


def confirm_by_keyboard(reviews: Reviews) -> None:
    site, address = reviews.site, reviews.link(ALICE)
    page, other = site.page(), site.page(390)
    page.goto(address)
    other.goto(address)
    assert "/signoff/link/" in page.url
    assert "eyJ" not in page.url + page.title() + page.content()
    tab_to(page, "Confirm: the record is right")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert "You confirmed this" in page.get_by_role("status").inner_text()
    assert page.get_by_role("button").count() == 0
    button(other, "Confirm: the record is right").click()
    assert "confirmed already" in other.get_by_role("alert").inner_text()
    assert [one.component for one in confirmed(site.service)] == ["payments-api"]


def test_of_several_only_those_that_stay_ticked_are_confirmed(tmp_path: Path) -> None:
    with overdue(tmp_path, BOTH) as reviews:
        page = reviews.site.page(390)
        page.goto(reviews.link(BOB))
        page.get_by_label("The record of storefront is right").uncheck()
        button(page, "Confirm what is ticked").click()
        assert "You confirmed this" in page.get_by_role("status").inner_text()
        assert [one.component for one in confirmed(reviews.site.service)] == ["payments-api"]


def test_pages_fit_read_well_and_give_screenshots(tmp_path: Path) -> None:
    """Every state of the page, light and dark, phone and desktop."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with overdue(tmp_path, BOTH) as reviews:
        site = reviews.site
        look(site, folder, "review-several", reviews.link(ALICE))
        site.service.later(7 * DAY - 3600)
        site.service.later(2 * 3600)
        look(site, folder, "review", reviews.link(CAROL))


def test_the_ladder_shows_what_was_put_off_and_which_holidays_cannot_be_told(tmp_path: Path) -> None:
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    text = records(more=MORE, also=LADDER + HOLIDAYS)
    with overdue(tmp_path, text, has_login=True) as reviews:
        site = reviews.site
        begun = dt.date.fromisoformat(site.service.gate.instant()[:10])
        raw = calendar(begun + dt.timedelta(days=6), 4)
        site.service.forge.shop.commit("main", {"holidays.ics": raw}, author=site.service.forge.carol)
        site.service.later(7 * DAY + 60)
        (ladder,) = ladders(site.service)
        address, carol = f"{site.url}/escalations/{ladder.id}", site.service.forge.carol
        look(site, folder, "ladder-put-off", address, person=carol)
        site.service.later(4 * DAY)
        look(site, folder, "ladder", address, person=carol)
        look(site, folder, "component", f"{site.url}/ownership/payments-api", person=carol)
        page = site.logged_in(carol)
        page.goto(address)
        button(page, "Acknowledge: I take care of it").click()
        assert "Acknowledged by carol on" in page.locator("main").inner_text()


def look(site: Site, folder: Path, name: str, address: str, *, person: Any = None) -> None:
    """See that a page fits, reads well and can be pictured."""
    for width, scheme in ((390, "dark"), (1280, "light")):
        given: dict[str, Any] = {"scripts": True, "color_scheme": scheme}
        page = site.page(width, **given) if person is None else site.logged_in(person, width, **given)
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == ""
        assert page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True).startswith(b"\x89PNG")
        page.context.close()
