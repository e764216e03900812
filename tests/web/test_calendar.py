"""The calendar: freezes and due reviews, as a page and a feed, for whoever may see the repository and nobody else."""

import base64
from itertools import pairwise
from pathlib import Path
from typing import Any

import icalendar
from builders_forge_world import OWNERSHIP
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_visitors import a_token, bearer

POLICY = """\
version: 1
default_owner: platform
freezes:
  - {name: "Year end; <b>, all", from: 2026-12-20, to: 2027-01-02, except: [emergency]}
  - {name: Releases, calendar: freezes.ics}
"""
FREEZES = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//freezes//EN\r\n"
    "BEGIN:VEVENT\r\nUID:1@acme\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:20261101T100000Z\r\nDTEND:20261101T120000Z\r\n"
    "SUMMARY:Release\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
ROTATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//on-call//EN\r\n"
    + "".join(
        f"BEGIN:VEVENT\r\nUID:{name}@acme\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:2020010{day}T000000Z\r\n"
        "DURATION:P1D\r\nRRULE:FREQ=DAILY;INTERVAL=2\r\nSUMMARY:On call\r\n"
        f"ATTENDEE:mailto:{name}@example.com\r\nEND:VEVENT\r\n"
        for name, day in (("alice", 1), ("bob", 2))
    )
    + "END:VCALENDAR\r\n"
)
FILES = {
    ".gate/policy.yaml": POLICY,
    ".gate/ownership.yaml": OWNERSHIP.replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, paths: [/api/], reviewed: 2026-09-01, review_every_days: 30}",
    ),
    "freezes.ics": FREEZES,
}


def known(service: Service) -> None:
    service.forge.a_pull()
    service.settle()


def feed(app: Any, **headers: Any) -> Any:
    return app.test_client().get("/calendar.ics", headers=headers)


def events(answer: Any) -> dict[str, icalendar.Event]:
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/calendar; charset=utf-8"
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'anybody:{secret}'.encode()).decode()}"}


class TestTheFeed:
    def test_holds_freezes_of_times_and_of_calendars_and_reviews(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            found = events(feed(an_app(service), **bearer(a_token(service, role="viewer"))))
            year = found["acme/shop: freeze Year end; <b>, all"]
            assert (str(year.start), str(year.end)) == ("2026-12-20 00:00:00+00:00", "2027-01-03 00:00:00+00:00")
            assert str(year["DESCRIPTION"]) == "Open to: emergency changes."
            assert str(found["acme/shop: freeze Releases"].start) == "2026-11-01 10:00:00+00:00"
            review = found["acme/shop: Ownership review of payments-api is due"]
            assert (str(review.start), str(review["URL"])) == (
                "2026-10-01",
                "http://127.0.0.1:8000/ownership/payments-api",
            )

    def test_says_what_cannot_be_told_instead_of_showing_no_freeze(self, tmp_path: Path) -> None:
        files = {**FILES, "freezes.ics": None}
        with a_service(tmp_path, files=files) as service:
            known(service)
            found = events(feed(an_app(service), **bearer(a_token(service, role="viewer"))))
            told = found["acme/shop: this calendar is not complete"]
            assert "freezes.ics` does not exist" in str(told["DESCRIPTION"])


class TestShifts:
    """Bob is on call every even day from midnight, alice every odd one; the calendar names them by address."""

    def shop(self, folder: Path, rotation: str | None = None) -> Any:
        records = OWNERSHIP.replace("[alice, bob]}", "[alice, bob], on_call: {schedule: on-call.ics}}", 1)
        return a_service(folder, files={".gate/ownership.yaml": records, "on-call.ics": rotation or ROTATION})

    def test_of_whoever_is_logged_in_stand_on_the_page_and_in_their_feed(self, tmp_path: Path) -> None:
        with self.shop(tmp_path) as service:
            known(service)
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            assert "acme/shop: bob is on call for payments" in client.get("/calendar", headers=HTML).text
            found = shifts(client.get("/calendar.ics"))
            assert {title for title, _ in found} == {"acme/shop: bob is on call for payments"}
            assert len(found) in {30, 31}
            days = [begins.toordinal() for _, begins in found]
            assert {later - one for one, later in pairwise(days)} == {2}

    def test_of_somebody_named_stand_in_the_feed_of_a_calendar_program(self, tmp_path: Path) -> None:
        with self.shop(tmp_path) as service:
            known(service)
            client, token = an_app(service).test_client(), basic(a_token(service, role="viewer"))
            assert shifts(client.get("/calendar.ics", headers=token)) == []
            found = shifts(client.get("/calendar.ics?person=alice", headers=token))
            assert {title for title, _ in found} == {"acme/shop: alice is on call for payments"}
            for nobody in ("carol", "mallory", "<b>"):
                assert shifts(client.get(f"/calendar.ics?person={nobody}", headers=token)) == []

    def test_that_cannot_be_told_are_said_to_be_missing(self, tmp_path: Path) -> None:
        with self.shop(tmp_path, "nothing") as service:
            known(service)
            answer = (
                an_app(service)
                .test_client()
                .get("/calendar.ics?person=alice", headers=basic(a_token(service, role="viewer")))
            )
            told = events(answer)["acme/shop: this calendar is not complete"]
            assert "Who is on call for payments cannot be told" in str(told["DESCRIPTION"])

    def test_of_what_may_not_be_seen_are_not_told(self, tmp_path: Path) -> None:
        with self.shop(tmp_path) as service:
            known(service)
            token = basic(a_token(service, role="viewer", repositories=("acme/other",)))
            assert shifts(an_app(service).test_client().get("/calendar.ics?person=alice", headers=token)) == []


def shifts(answer: Any) -> list[tuple[str, Any]]:
    """The shifts of a feed with their beginnings, first ones first."""
    assert answer.status_code == 200
    found = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return sorted(
        ((str(one["SUMMARY"]), one.start) for one in found if "on call" in one["SUMMARY"]), key=lambda one: one[1]
    )


class TestWhoMaySeeIt:
    def test_nobody_unknown_and_calendar_programs_are_asked_for_a_password(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            app = an_app(service)
            answer = feed(app)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].lower().startswith("basic ")
            assert "Year end" not in answer.text
            for wrong in (basic("gate_wrong"), {"Authorization": "Basic !!"}, {"Authorization": "Basic"}):
                assert feed(app, **wrong).status_code == 401

    def test_a_token_may_come_as_the_password_here_and_nowhere_else(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            app, secret = an_app(service), a_token(service, role="viewer")
            assert events(feed(app, **basic(secret)))
            client = app.test_client()
            assert client.get("/api/v1/changes", headers=basic(secret)).status_code == 401
            assert client.get("/calendar", headers={**basic(secret), "Accept": "application/json"}).status_code == 401

    def test_a_token_for_another_repository_sees_none_of_this_one(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            secret = a_token(service, role="viewer", repositories=("acme/other",))
            assert events(feed(an_app(service), **basic(secret))) == {}

    def test_who_may_not_read_the_repository_at_the_forge_sees_none_of_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            service.forge.world.browser_user = service.forge.world.user("mallory")
            client = an_app(service).test_client()
            log_in(client)
            page = client.get("/calendar", headers=HTML)
            assert page.status_code == 200
            assert "Nothing is due" in page.text
            assert client.get("/calendar?repository=acme/shop", headers=HTML).status_code == 404
            assert client.get("/calendar.ics?repository=acme/shop", headers=HTML).status_code == 404


class TestThePage:
    def test_shows_what_is_to_come_and_what_is_overdue(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            known(service)
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            page = client.get("/calendar", headers=HTML)
            assert "freeze Year end; &lt;b&gt;, all" in page.text
            assert '<a href="/ownership/payments-api">' in page.text
            assert "<strong>overdue</strong>" in page.text
            assert "Open to: emergency changes." in page.text
