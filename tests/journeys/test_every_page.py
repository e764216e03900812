"""Every page in a real browser: it fits a phone and a desktop, and a screen reader stumbles over nothing in it.

SCREENSHOTS=folder pytest tests/journeys/test_every_page.py     # each at 390 px, dark, and at 1280 px, light
"""

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from builders_calls import BOB, begin_call, call_token
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_notify import NotingNotifier
from builders_signoff import a_link, decide_by
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, faults_of
from flask import template_rendered

import gate.web
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.delegate_signoff import delegate_signoff
from gate.usecases.open_incident import Opening, open_incident
from gate.usecases.people import LinkedLogin, StandIn
from gate.usecases.remind import remind

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
TEMPLATES = Path(gate.web.__file__).parent / "templates"
HOSTILE = "<script>alert(1)</script> \u202egnp.exe"
CODE = "def pay(amount):\n    if amount < 0:\n        raise ValueError(amount)\n    return round(amount, 2)\n"
HIDDEN = CODE.replace("return round(amount, 2)", "return amount  # \u202e } \u2066 checked")
PEOPLE = RECORDS.replace(
    "email: alice@example.com}",
    "email: alice@example.com, contacts: [{channel: chat, to: 'notify:alice'}], prefers: email, "
    "quiet_hours: {from: '19:00', to: '07:30', timezone: Europe/Berlin}}",
).replace("levels: [{notify: [owner], channel: pager,", "levels: [{notify: [person:bob], channel: email,")
PEOPLE = PEOPLE.replace(
    "owner: web, paths: [/web/]}", "owner: web, paths: [/web/], reviewed: 2020-01-01, review_every_days: 30}"
)
WINDOWS: tuple[tuple[int, Literal["dark", "light"]], ...] = ((390, "dark"), (1280, "light"))


@dataclass(frozen=True)
class Shown:
    """A page: where it is, and the login of who looks at it; empty for somebody who is not known."""

    address: str
    by: str = "alice"


@dataclass
class Look:
    """What a browser made of a page in one window: how much too wide it is, and what stops a screen reader."""

    status: int
    too_wide: int
    faults: str
    picture: bytes


@dataclass
class Looks:
    """Every page as a browser showed it in every window, and the templates that were rendered for it."""

    of: Mapping[str, Look]
    templates: set[str]


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    notifier = NotingNotifier()
    with a_site(
        tmp_path_factory.mktemp("every"),
        files={".gate/ownership.yaml": PEOPLE, "api/core.py": CODE},
        notifier=notifier,
        door={"admins": frozenset({"github:1003"})},
    ) as site:
        pages = {**changes(site), **links(site), **around(site), **reviews(site, notifier), **calls(site, notifier)}
        with templates_of(site) as rendered:
            found = {f"{name}-{width}": one for name, width, one in look_at(site, pages)}
        yield Looks(found, rendered)


def look_at(site: Site, pages: Mapping[str, Shown]) -> Iterator[tuple[str, int, Look]]:
    """Open each page in each window, by one browser for each person; with all that can be unfolded open."""
    for by in sorted({one.by for one in pages.values()}):
        page = site.logged_in(getattr(site.service.forge, by), scripts=True) if by else site.page(scripts=True)
        for (name, shown), (width, scheme) in itertools.product(pages.items(), WINDOWS):
            if shown.by != by:
                continue
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            answer = page.goto(site.url + shown.address)
            assert answer is not None
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            too_wide = page.evaluate("document.documentElement.scrollWidth") - width
            yield name, width, Look(answer.status, too_wide, faults_of(page), page.screenshot(full_page=True))
        page.context.close()


@contextmanager
def templates_of(site: Site) -> Iterator[set[str]]:
    """Collect the names of the templates that the site's application renders meanwhile."""
    found: set[str] = set()

    def note(_: object, template: Any, **__: object) -> None:
        found.add(template.name)

    with template_rendered.connected_to(note, site.app):
        yield found


def changes(site: Site) -> dict[str, Shown]:
    """Changes in every standing, the queue of them, and the way back from a merged one."""
    forge = site.service.forge
    waiting = forge.a_pull(
        {"api/core.py": HIDDEN, "api/rates.py": "RATE = 19\n" * 3, "web/page.html": "<p>2</p>\n"},
        title="Round amounts half to even",
    )
    approved = forge.a_pull({"api/pay.py": "amount = 2\n"}, title="A rate for the new country")
    hostile = forge.a_pull(
        {"web/page.html": "<p>1</p>", "api/pay.py": "amount = 8\n"}, title=HOSTILE, body="Nothing.\n"
    )
    forge.a_pull({"web/new.html": "<p>New</p>\n"}, title="A shorter front page", author=forge.alice)
    merged = forge.a_pull({"ledger/table.sql": "1"}, title="Change the ledger", body=BODY)
    site.service.settle()
    approved.review(forge.alice, "APPROVED")
    merged.merge(forge.carol, as_admin=True)
    site.service.settle()
    delegate_signoff(site.service.gate, site.service.key(waiting), "github:1001", "github:1002", authenticated="test")
    at = "/changes/acme/shop"
    return {
        "queue": Shown("/"),
        "several": Shown("/signoff"),
        "change-waiting": Shown(f"{at}/{waiting.number}"),
        "change-approved": Shown(f"{at}/{approved.number}"),
        "change-blocked": Shown(f"{at}/{hostile.number}"),
        "change-merged": Shown(f"{at}/{merged.number}"),
        "rollback": Shown(f"{at}/{merged.number}/rollback"),
        "problem": Shown(f"{at}/9999"),
    }


def links(site: Site) -> dict[str, Shown]:
    """Links to sign off by: open, decided, overtaken, asked again, forwarded, and one that does not hold."""
    service, forge = site.service, site.service.forge
    pull, decided, stale = (
        forge.a_pull({"api/core.py": text, "api/rates.py": "RATE = 19\n"}, title=f"Round amounts, take {number}")
        for number, text in enumerate((HIDDEN, "x = 1\n", "x = 2\n"), start=1)
    )
    service.settle()
    used, old = a_link(service, decided, forge.alice), a_link(service, stale, forge.alice)
    decide_by(service, used, "approve", "Looks right.")
    decide_by(service, a_link(service, stale, forge.alice), "approve")
    forge.shop.commit(stale.head_ref, {"api/core.py": "x = 3\n"}, author=forge.dave)
    service.settle()
    return {
        "signoff": Shown(f"/signoff/{a_link(service, pull, forge.alice)}"),
        "signoff-decided": Shown(f"/signoff/{used}"),
        "signoff-overtaken": Shown(f"/signoff/{old}"),
        "signoff-signed-before": Shown(f"/signoff/{a_link(service, stale, forge.alice)}"),
        "signoff-forwarded": Shown(f"/signoff/{a_link(service, pull, forge.alice)}", by="bob"),
        "signoff-refused": Shown("/signoff/none", by=""),
    }


def around(site: Site) -> dict[str, Shown]:
    """Ownership, people, logins, freezes, evidence and the description of the API."""
    with site.service.store.writing() as writing:
        at = site.service.gate.instant()
        for one in (
            StandIn("github:1001", "github:1002", "2030-12-21", "2031-01-03", at, "Skiing in Tyrol."),
            StandIn("github:1003", "github:1001", "2030-11-02", "2030-11-06", at),
        ):
            writing.save_stand_in(one)
        writing.save_linked_login(LinkedLogin("https://login.example.com", "ada@example.com", "github:1001", at))
    return {
        "ownership": Shown("/ownership"),
        "ownership-search": Shown("/ownership?q=tier:1"),
        "ownership-nothing": Shown("/ownership?q=nothing-like-it"),
        "component": Shown("/ownership/payments-api"),
        "own": Shown("/me"),
        "linking": Shown("/me/login"),
        "login": Shown("/login?left=1", by=""),
        "calendar": Shown("/calendar"),
        "audit": Shown("/audit", by="carol"),
        "api": Shown("/docs"),
        "app-created": Shown("/setup/created?code=a1b2c3", by=""),
    }


def reviews(site: Site, notifier: NotingNotifier) -> dict[str, Shown]:
    """A record that its owner is asked to confirm, by link and on its component's page."""
    remind(site.service.gate)
    site.service.work()
    (asked,) = [one.text for one in notifier.to("mailto:erin@example.com") if one.subject.startswith("Please confirm")]
    token = asked.partition("/signoff/")[2].split()[0]
    return {
        "review": Shown(f"/signoff/{token}", by="erin"),
        "component-review": Shown("/ownership/storefront", by="erin"),
    }


def calls(site: Site, notifier: NotingNotifier) -> dict[str, Shown]:
    """Incidents with their suspects, and an exercise as whoever is called sees it."""
    service = site.service
    service.clock.ahead_seconds += 3600
    began_at = service.gate.instant()
    open_one, ended = (
        open_incident(service.gate, Opening(component=name, title=title, began_at=began_at))[0]
        for name, title in (("payments-api", "Checkout <script>alert(1)</script> fails"), ("ledger", "It is slow"))
    )
    close_incident(service.gate, Closing(incident=ended.id, restored_at=service.gate.instant()))
    notifier.sent.clear()
    ladder = begin_call(service)
    service.work()
    return {
        "incidents": Shown("/incidents"),
        "incident": Shown(f"/incidents/{open_one.id}"),
        "incident-closed": Shown(f"/incidents/{ended.id}"),
        "escalation": Shown(f"/escalations/{ladder.id}", by="bob"),
        "acknowledge": Shown(f"/signoff/{call_token(notifier, BOB)}", by="bob"),
    }


class TestEveryPage:
    def test_answers_as_it_should(self, looks: Looks) -> None:
        refused = {"problem": 404, "signoff-forwarded": 403, "signoff-refused": 401}
        found = {name: one.status for name, one in looks.of.items()}
        assert found == {name: refused.get(name.rpartition("-")[0], 200) for name in looks.of}

    def test_fits_its_window(self, looks: Looks) -> None:
        assert [name for name, one in looks.of.items() if one.too_wide > 0] == []

    def test_holds_nothing_that_a_screen_reader_stumbles_over(self, looks: Looks) -> None:
        assert {name: one.faults for name, one in looks.of.items() if one.faults} == {}

    def test_is_among_those_that_are_looked_at_here(self, looks: Looks) -> None:
        whole = {one.name for one in TEMPLATES.glob("*.html") if not one.name.startswith("_")} - {"base.html"}
        assert whole - looks.templates == set()

    def test_gives_a_picture_for_people(self, looks: Looks, tmp_path: Path) -> None:
        folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, one in looks.of.items():
            (folder / f"{name}.png").write_bytes(one.picture)
            assert one.picture.startswith(b"\x89PNG")
