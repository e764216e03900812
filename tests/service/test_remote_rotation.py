"""A rotation at an address: whoever is on call by it is called; where it cannot be read, the whole team, in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders_calls import MINUTE
from builders_forge_world import OWNERSHIP
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.core.errors import UnreadableError
from gate.usecases.call_out import begin_call_out
from gate.usecases.ports import RemoteCalendar
from gate.usecases.preview_escalation import preview_escalation
from gate.usecases.repository_ownership import OwnershipNow, ownership_now

ADDRESS = "https://calendar.example.com/payments.ics"
ALICE, BOB = "mailto:alice@example.com", "mailto:bob@example.com"
ROTATION = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//on-call//EN\r\n"
    b"BEGIN:VEVENT\r\nUID:1@acme\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:20200101T000000Z\r\nDTEND:20200102T000000Z\r\n"
    b"RRULE:FREQ=DAILY\r\nSUMMARY:On call\r\nATTENDEE:mailto:bob@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
FILES = {
    ".gate/ownership.yaml": OWNERSHIP.replace(
        "payments: {members: [alice, bob]}", f'payments: {{members: [alice, bob], on_call: {{schedule: "{ADDRESS}"}}}}'
    ).replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, escalation: ladder, paths: [/api/]}",
    )
    + "escalations:\n  ladder: {levels: [{notify: [owner:on-call], channel: email, acknowledge_within: 15m}]}\n"
}


def with_calendar(service: Service, answer: RemoteCalendar | None) -> None:
    """Let every address of a calendar answer this, or nothing."""

    def read(address: str) -> RemoteCalendar:
        assert address == ADDRESS
        if answer is None:
            raise UnreadableError("The calendar at calendar.example.com cannot be read: it does not answer.")
        return answer

    service.gate = replace(service.gate, readers=replace(service.gate.readers, remote_calendar=read))


def now(service: Service) -> OwnershipNow:
    with service.store.reading() as reading:
        repository = reading.repository_named("acme/shop")
    assert repository is not None
    return ownership_now(service.gate, repository)


def why(service: Service) -> list[tuple[str, str]]:
    at = service.gate.instant()
    found = now(service)
    calls = preview_escalation(found.tree, found.ownership, "payments-api", at=at, readers=service.gate.readers)
    return [(one.recipient, one.why) for one in calls]


class TestWhoIsCalled:
    @pytest.mark.parametrize(
        ("answer", "called"),
        [(RemoteCalendar(ROTATION), [BOB]), (RemoteCalendar(ROTATION, 7200), [BOB]), (None, [ALICE, BOB]),
         (RemoteCalendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"), [ALICE, BOB])],
        ids=["read now", "a copy", "unreadable", "broken"],
    )  # fmt: skip
    def test_is_who_is_on_call_by_it_else_the_whole_team(
        self, tmp_path: Path, answer: RemoteCalendar | None, called: list[str]
    ) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, files=FILES, notifier=notifier) as service:
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            notifier.sent.clear()
            with_calendar(service, answer)
            begin_call_out(service.gate, now(service).repository, "payments-api", cause="drill", matter="first")
            service.work()
            assert sorted(one.to for one in notifier.sent) == called
            service.later(15 * MINUTE)
            assert service.errors == []

    def test_is_told_with_why_and_how_old_what_was_read_is(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            service.forge.a_pull()
            service.settle()
            with_calendar(service, RemoteCalendar(ROTATION))
            assert why(service) == [("bob", "on call for payments")]
            with_calendar(service, RemoteCalendar(ROTATION, 7200))
            old = "by a copy of its calendar that is 2 h old, since the calendar cannot be read now"
            assert why(service) == [("bob", f"on call for payments ({old})")]
            with_calendar(service, None)
            told = "it cannot be told who is on call (The calendar at calendar.example.com cannot be read"
            assert [(name, told in text) for name, text in why(service)] == [("alice", True), ("bob", True)]


class TestThePageOfAComponent:
    def test_says_how_old_the_copy_is(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES) as service:
            service.forge.a_pull()
            service.settle()
            with_calendar(service, RemoteCalendar(ROTATION, 7200))
            service.forge.world.browser_user = service.forge.bob
            client = an_app(service).test_client()
            log_in(client)
            page = client.get("/ownership/payments-api", headers=HTML)
            assert "bob@example.com (by a copy of its calendar that is 2 h old" in page.text
