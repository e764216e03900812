"""Stand-ins: who is told in somebody's place hears in whose and until when; a ladder calls both, and nobody else."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders_calls import BOB, CAROL, MINUTE, RECORDS, begin_call
from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.usecases.escalate import hasten
from gate.usecases.people import StandIn

ALICE, DAVE, ERIN = "mailto:alice@example.com", "mailto:dave@example.com", "mailto:erin@example.com"
ALICES, BOBS, CAROLS, DAVES, ERINS = (f"github:{number}" for number in range(1001, 1006))


@contextmanager
def a_shop(folder: Path, records: str = RECORDS) -> Iterator[tuple[Service, NotingNotifier]]:
    notifier = NotingNotifier()
    with a_service(folder, files={".gate/ownership.yaml": records}, notifier=notifier) as service:
        yield service, notifier
        assert service.errors == []


def stands_in(service: Service, account: str, to: str) -> str:
    """Let one stand in for another from today on, and return the last day of it."""
    today = dt.date.fromisoformat(service.gate.instant()[:10])
    until = (today + dt.timedelta(days=9)).isoformat()
    with service.store.writing() as writing:
        assert writing.save_stand_in(StandIn(account, to, today.isoformat(), until, service.gate.instant()))
    return until


def away(name: str, stand_in: str, records: str = OWNERSHIP) -> str:
    """Records that say that somebody is away until 2090, and who is told instead."""
    days = f"away: [{{from: 2020-01-01, to: 2090-01-01, stand_in: {stand_in}}}]"
    return records.replace(f"email: {name}@example.com", f"email: {name}@example.com, {days}")


class TestTheMessageToAStandIn:
    def test_says_in_whose_place_and_until_when(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, OWNERSHIP) as (service, notifier):
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            until = stands_in(service, BOBS, ALICES)
            notifier.sent.clear()
            service.forge.a_pull()
            service.settle()
            (message,) = notifier.sent
            assert message.to == ALICE
            expected = f"You are asked to sign off on a change. You are asked in place of bob until {until}."
            assert message.text.startswith(expected)
            assert expected in message.html

    def test_says_so_by_the_records_as_well_and_in_reminders(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, away("bob", "alice")) as (service, notifier):
            service.forge.a_pull()
            service.settle()
            service.later(25 * 60 * MINUTE)
            asked, reminded = notifier.to(ALICE)
            assert "Reminder" in reminded.subject
            for message in (asked, reminded):
                assert "in place of bob until 2090-01-01." in message.text
            assert notifier.to(BOB) == []

    def test_says_nothing_of_it_to_whoever_is_asked_for_themselves(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, OWNERSHIP) as (service, notifier):
            service.forge.a_pull()
            service.settle()
            assert [message.to for message in notifier.sent] == [ALICE, BOB]
            assert not any("in place of" in message.text for message in notifier.sent)


class TestALevelThatNamesSomebodyAway:
    def test_calls_the_stand_in_too_each_with_their_own_link(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            until = stands_in(service, BOBS, ERINS)
            notifier.sent.clear()
            begin_call(service)
            service.work()
            assert sorted(message.to for message in notifier.sent) == [BOB, ERIN]
            (erins,), (bobs,) = notifier.to(ERIN), notifier.to(BOB)
            assert f"You stand in for bob until {until}." in erins.text
            assert "stand in" not in bobs.text
            assert erins.text.partition("/signoff/")[2] != bobs.text.partition("/signoff/")[2]
            assert "/signoff/" in erins.text

    def test_calls_the_stand_in_of_a_sign_off_that_nobody_gives(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, away("carol", "erin", RECORDS)) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            hasten(service.gate, service.key(pull), by=DAVES)
            service.work()
            notifier.sent.clear()
            service.later(15 * MINUTE)
            assert sorted(message.to for message in notifier.sent) == [CAROL, ERIN]
            assert "You stand in for carol until 2090-01-01." in notifier.to(ERIN)[0].text

    def test_never_calls_the_author_who_stands_in(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, away("carol", "dave", RECORDS)) as (service, notifier):
            pull = service.forge.a_pull(author=service.forge.dave)
            service.settle()
            hasten(service.gate, service.key(pull), by=ALICES)
            service.work()
            service.later(15 * MINUTE)
            assert notifier.to(CAROL)
            assert notifier.to(DAVE) == []

    def test_goes_one_step_and_never_chains(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            stands_in(service, BOBS, ERINS)
            stands_in(service, ERINS, CAROLS)
            notifier.sent.clear()
            begin_call(service)
            service.work()
            assert sorted(message.to for message in notifier.sent) == [BOB, ERIN]
