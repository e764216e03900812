"""An ownership review that nobody confirms: its owners are asked by link, then the ladder is climbed, by days."""

import datetime as dt
from pathlib import Path

from builders_link_pages import a_trial, decide, opened
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_reviews import (
    ALICE,
    BOB,
    CAROL,
    CONFIRM,
    DAY,
    ERIN,
    a_shop_to_review,
    change_records,
    confirmed,
    ladders,
    records,
    review_token,
)
from builders_service import Service

from gate.usecases.acknowledge import Acknowledgement, acknowledge
from gate.usecases.remind import remind

LADDER = """\
escalations:
  ladder:
    levels:
      - {notify: [backup, "vendor:agency"], channel: pager, acknowledge_within: 15m}
      - {notify: ["person:erin"], channel: pager, acknowledge_within: 4w}
vendors:
  agency: {name: Agency, contacts: [{channel: email, to: "mailto:agency@example.com"}]}
"""
WITH_LADDER = records(more=", escalation: ladder", also=LADDER)
WEEK = 7 * DAY


def told(notifier: NotingNotifier) -> list[str]:
    """Who was told since the last look, by address."""
    found = [message.to for message in notifier.sent]
    notifier.sent.clear()
    return sorted(found)


def outcomes(service: Service) -> list[str]:
    with service.store.reading() as reading:
        (shop,) = reading.repositories()
        found = reading.entries_about(f"repository:{shop.key.tenant}/{shop.key.id}")
    payloads = [one.payload() for one in found if one.kind == "escalated"]
    return [one.get("outcome") or f"level {one['level']}" for one in payloads if one["cause"] == "review"]


class TestWhoIsAsked:
    def test_are_the_owners_people_each_by_a_link_of_their_own_and_not_the_backup(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path) as (_, notifier):
            assert sorted(message.to for message in notifier.sent) == [ALICE, BOB]
            assert review_token(notifier, ALICE) != review_token(notifier, BOB)
            assert "The link is yours alone" in notifier.sent[0].text

    def test_are_a_teams_contacts_where_its_people_have_no_address_and_they_get_no_link(self, tmp_path: Path) -> None:
        contacts = 'payments: {members: [alice, bob], contacts: [{channel: email, to: "mailto:team@example.com"}]}'
        text = records().replace("payments: {members: [alice, bob]}", contacts)
        text = text.replace(", email: alice@example.com", "").replace(", email: bob@example.com", "")
        with a_shop_to_review(tmp_path, text) as (_, notifier):
            (message,) = notifier.sent
            assert message.to == "mailto:team@example.com"
            assert "http://127.0.0.1:8000/ownership/payments-api?repository=acme%2Fshop" in message.text
            assert "/signoff/" not in message.text

    def test_get_no_link_at_an_address_that_is_new_and_the_former_one_is_told(self, tmp_path: Path) -> None:
        """L20: whoever changed the address must not confirm before its owner heard of it."""
        with a_shop_to_review(tmp_path) as (service, notifier):
            notifier.sent.clear()
            change_records(service, records(more=", tier: 2").replace("alice@example.com", "mallory@example.com"))
            remind(service.gate)
            service.work()
            assert "/signoff/" not in notifier.to("mailto:mallory@example.com")[-1].text
            assert "Your address in the ownership records was changed" in notifier.to(ALICE)[-1].subject
            assert "/signoff/" in notifier.to(BOB)[-1].text


class TestAnOverdueReview:
    def test_climbs_the_components_ladder_by_days_whatever_its_minutes(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            assert told(notifier) == [ALICE, BOB]
            service.later(WEEK - 3600)
            assert told(notifier) == []
            service.later(2 * 3600)
            assert "Overdue: ownership that nobody confirmed in acme/shop" in notifier.sent[0].subject
            assert told(notifier) == [CAROL]
            service.later(2 * DAY)
            assert told(notifier) == []
            service.later(DAY)
            assert told(notifier) == [ERIN]
            service.later(4 * WEEK)
            assert told(notifier) == ["notify:operator"]
            assert outcomes(service) == ["begun", "level 1", "level 2", "unanswered"]
            assert [one.state for one in ladders(service)] == ["unanswered"]

    def test_without_a_policy_tells_owner_and_backup_then_who_owns_the_rules(self, tmp_path: Path) -> None:
        text = records().replace("backup: platform", "backup: web")
        policy = "version: 1\ndefault_owner: platform\n"
        with a_shop_to_review(tmp_path, text, policy) as (service, notifier):
            assert told(notifier) == [ALICE, BOB]
            service.later(WEEK + 60)
            assert told(notifier) == sorted([ALICE, BOB, ERIN])
            service.later(3 * DAY)
            assert told(notifier) == [CAROL]

    def test_lets_the_backup_confirm_by_link_and_others_say_that_they_take_care(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            service.later(WEEK + 60)
            service.later(3 * DAY)
            assert "Acknowledge that you take care of it:" in notifier.to(ERIN)[-1].text
            assert "Look at it and confirm:" in notifier.to(CAROL)[-1].text
            client = a_trial(service)
            page = opened(client, review_token(notifier, ERIN))
            assert "An ownership review that nobody confirms: payments-api" in page.text
            assert decide(client, page, **CONFIRM).status_code == 400
            other = a_trial(service)
            assert decide(other, opened(other, review_token(notifier, CAROL)), **CONFIRM).status_code == 303
            assert [one.account for one in confirmed(service)] == ["person:carol"]
            assert [one.state for one in ladders(service)] == ["ended"]

    def test_gives_no_link_to_an_address_that_is_new_and_tells_the_former_one(self, tmp_path: Path) -> None:
        """L20: whoever changed the address of a backup must not confirm before they heard of it."""
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            service.forge.a_pull({"infra/net.tf": "x\n"})
            service.settle()
            assert notifier.to(CAROL)
            change_records(service, WITH_LADDER.replace("carol@example.com", "mallory@example.com"))
            service.later(WEEK + 60)
            overdue = [one for one in notifier.to("mailto:mallory@example.com") if "Overdue" in one.subject]
            assert ["/signoff/" in one.text + one.html for one in overdue] == [False]
            assert "Your address in the ownership records was changed" in notifier.to(CAROL)[-1].subject

    def test_takes_each_step_once_however_often_it_is_looked_at(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            service.later(WEEK + 60)
            told(notifier)
            for _ in range(3):
                remind(service.gate)
                service.work()
            service.restart()
            service.work()
            assert told(notifier) == []
            assert outcomes(service) == ["begun", "level 1"]

    def test_waits_for_the_end_of_a_holiday(self, tmp_path: Path) -> None:
        holidays = "holidays: {land: {calendar: holidays.ics, observed_by: [carol]}}\n"
        with a_shop_to_review(tmp_path, WITH_LADDER + holidays) as (service, notifier):
            told(notifier)
            first = dt.date.fromisoformat(service.gate.instant()[:10]) + dt.timedelta(days=6)
            raw = (
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//days//EN\r\nBEGIN:VEVENT\r\nUID:1@acme\r\n"
                f"DTSTAMP:20200101T000000Z\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\n"
                f"DTEND;VALUE=DATE:{first + dt.timedelta(days=4):%Y%m%d}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            )
            service.forge.shop.commit("main", {"holidays.ics": raw}, author=service.forge.carol)
            service.later(WEEK + 60)
            assert told(notifier) == []
            assert outcomes(service) == ["begun", "put-off"]
            service.later(3 * DAY)
            assert told(notifier) == [CAROL]


class TestWhatEndsIt:
    def test_the_confirmation(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            client = a_trial(service)
            decide(client, opened(client, review_token(notifier, ALICE)), **CONFIRM)
            told(notifier)
            service.later(2 * WEEK)
            assert told(notifier) == []
            assert [one.state for one in ladders(service)] == ["ended"]

    def test_a_record_that_says_so_itself(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            told(notifier)
            today = service.gate.instant()[:10]
            change_records(service, WITH_LADDER.replace("reviewed: 2020-01-01", f"reviewed: {today}"))
            service.later(WEEK + 60)
            assert told(notifier) == []
            assert [one.state for one in ladders(service)] == ["ended"]

    def test_somebody_who_takes_care_for_a_month_and_no_longer(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, notifier):
            told(notifier)
            (ladder,) = ladders(service)
            taken = Acknowledgement(
                key=ladder.key, ladders=frozenset({ladder.id}), by="github:1003", authenticated="session"
            )
            assert acknowledge(service.gate, taken) == 1
            service.later(29 * DAY)
            assert told(notifier) == []
            service.later(DAY)
            assert outcomes(service) == ["begun", "begun-anew"]
            service.later(WEEK + 60)
            assert told(notifier) == [CAROL]


class TestThePageOfTheLadder:
    def test_says_what_it_is_about_and_who_was_told(self, tmp_path: Path) -> None:
        with a_shop_to_review(tmp_path, WITH_LADDER) as (service, _):
            service.later(WEEK + 60)
            (ladder,) = ladders(service)
            service.forge.world.browser_user = service.forge.carol
            client = an_app(service).test_client()
            log_in(client)
            page = client.get(f"/escalations/{ladder.id}", headers=HTML)
            assert "An ownership review that nobody confirms" in page.text
            assert "carol" in page.text
