"""The page of a ladder: each step as what it was, who answered by name, and which holidays cannot be told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_calls import BOB, a_world_of_calls, begin_call, call_token
from builders_holidays import DAY, MINUTE, a_shop, calendar, keep, today, told, until
from builders_link_pages import decide, opened
from builders_login import HTML, an_app, log_in
from builders_service import Service

from gate.usecases.acknowledge import Acknowledgement, acknowledge
from gate.web.ladder_rows import ladder_rows


def page_of(service: Service, pull: Any = None) -> str:
    """The page of the only ladder, as carol sees it."""
    service.forge.world.browser_user = service.forge.carol
    client = an_app(service).test_client()
    log_in(client)
    with service.store.reading() as reading:
        key = service.key(pull) if pull is not None else None
        found = reading.escalations(key, cause="signoff" if pull is not None else "drill")
    return str(client.get(f"/escalations/{found[-1].id}", headers=HTML).text)


class TestAStepThatWasPutOff:
    def test_says_so_and_until_when_and_not_that_nobody_could_be_called(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, _):
            pull = service.forge.a_pull()
            service.settle()
            first = today(service)
            keep(service, calendar(first, 4))
            service.settle()
            service.later(DAY + MINUTE)
            page = page_of(service, pull)
            assert "put off, since everybody whom this step tells is on holiday; it is taken on" in page
            assert "nobody could be called" not in page
            service.later(until(service, first.replace(day=first.day + 4)))
            after = page_of(service, pull)
            assert "put off, since everybody whom this step tells was on holiday" in after
            assert "alice, bob" in after

    def test_is_told_from_a_level_that_reaches_nobody(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, _):
            ladder = begin_call(service)
            (row,) = ladder_rows(replace(ladder, step=1, told=((0, ladder.begun_at, ()),)))
            assert not row.is_put_off


class TestWhoAnswered:
    @pytest.mark.parametrize(
        ("account", "shown"),
        [("person:bob", "bob"), ("github:1002", "bob"), ("github:6001", "octo-visitor"), ("operator", "operator")],
    )
    def test_is_named_by_the_records_else_by_the_login_at_the_forge(
        self, tmp_path: Path, account: str, shown: str
    ) -> None:
        with a_world_of_calls(tmp_path) as (service, _):
            service.forge.world.user("octo-visitor", 6001)
            answered_by(service, account)
            assert f"Acknowledged by {shown} on" in page_of(service)

    def test_is_named_by_number_where_the_forge_does_not_know_them(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, _):
            answered_by(service, "github:777777")
            assert "Acknowledged by GitHub account 777777 on" in page_of(service)

    def test_is_named_so_behind_a_link_too(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, notifier):
            begin_call(service)
            service.work()
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            page = opened(client, call_token(notifier, BOB))
            assert decide(client, page, decision="acknowledge").status_code == 303
            assert "Acknowledged by bob on" in client.get(page.request.path, headers=HTML).text


class TestHolidaysThatCannotBeTold:
    def test_are_named_with_why_on_the_ladder_and_on_the_component(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            told(notifier)
            for page in (page_of(service, pull), component_page(service)):
                assert "The holidays land cannot be used, so nobody has a holiday by them: There is no file" in page
            keep(service, calendar(today(service), 1))
            service.clock.ahead_seconds += 61
            for page in (page_of(service, pull), component_page(service)):
                assert "cannot be used" not in page


def answered_by(service: Service, account: str) -> None:
    ladder = begin_call(service)
    taken = Acknowledgement(key=ladder.key, ladders=frozenset({ladder.id}), by=account, authenticated="test")
    assert acknowledge(service.gate, taken) == 1


def component_page(service: Service) -> str:
    service.forge.world.browser_user = service.forge.carol
    client = an_app(service).test_client()
    log_in(client)
    return str(client.get("/ownership/payments-api", headers=HTML).text)
