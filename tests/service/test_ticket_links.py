"""Tickets are told what became of a change: once, with owners, sign-offs, rollback and evidence, whatever fails."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import BODY, POLICY
from builders_service import Service, a_service
from builders_trackers import a_pagerduty
from doubles.github.pulls import Pull
from doubles.trackers import servicenow
from doubles.trackers.own import SECRET, OwnDouble
from doubles.trackers.server import Server
from doubles.trackers.servicenow import ServiceNowDouble

from gate.adapters.trackers.github_issues import GithubIssues
from gate.adapters.trackers.servicenow import ServiceNow
from gate.adapters.trackers.webhook import TicketWebhook
from gate.core.change.sealing import unseal


class World:
    """A service with three trackers."""

    def __init__(self, service: Service, own: Server, now: Server) -> None:
        self.service, self.own, self.now = service, own, now
        self.own_tickets: OwnDouble = own.double  # type: ignore[assignment]
        self.tasks: ServiceNowDouble = now.double  # type: ignore[assignment]

    def an_approved_pull(self, tickets: str, **fields: Any) -> Pull:
        return self.service.approved(self.service.forge.a_pull(body=f"{BODY}\n## Tickets\n\n{tickets}\n", **fields))

    def merge(self, pull: Pull) -> None:
        pull.merge(self.service.forge.carol, as_admin=True)
        self.service.settle()

    def linked(self, pull: Pull) -> list[tuple[str, str]]:
        with self.service.store.reading() as reading:
            entries = reading.timeline(self.service.key(pull))
        told = [json.loads(one.content)["payload"] for one in entries if one.kind == "ticket-linked"]
        return [(one["ticket"], one["edition"]) for one in told]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        service = stack.enter_context(a_service(tmp_path))
        own, now = Server(OwnDouble()), Server(ServiceNowDouble())
        stack.callback(own.stop)
        stack.callback(now.stop)

        def find(name: str) -> Any:
            with service.store.reading() as reading:
                return reading.repository_named(name)

        trackers = (
            TicketWebhook(own.url, SECRET, prefixes=["OWN-"]),
            GithubIssues(service.gate.forge, find=find, web="https://github.com"),
            ServiceNow(now.url, user=servicenow.USER, password=servicenow.PASSWORD),
        )
        service.gate = replace(service.gate, trackers=trackers)
        yield World(service, own, now)


def tickets_of(service: Service, pull: Pull) -> list[tuple[str, str]]:
    with service.store.reading() as reading:
        change = reading.change(service.key(pull))
        sealed = reading.facts(change.facts_digest if change else "")
    assert sealed is not None
    return [(ticket.key, ticket.state) for ticket in unseal(sealed.content, sealed.personal).tickets]


class TestAnApprovedAndMergedChange:
    def test_shows_on_its_issue_as_exactly_one_comment_that_says_all(self, world: World) -> None:
        issue = world.service.forge.shop.issue("Payments fail", author=world.service.forge.bob)
        pull = world.an_approved_pull(f"#{issue.number}")
        world.merge(pull)
        (comment,) = issue.comments
        for text in (
            f"**Merged**: `acme/shop#{pull.number}` Round amounts half to even onto main",
            "payments-api (payments)",
            "Signed off**: alice by review",
            "revert, within 15 minutes",
            f"(http://127.0.0.1:8000/changes/acme/shop/{pull.number})",
        ):
            assert text in comment.body
        assert world.linked(pull) == [(f"#{issue.number}", "approved"), (f"#{issue.number}", "merged")]

    def test_a_journal_gets_one_note_for_each_of_the_two(self, world: World) -> None:
        world.tasks.a_task("INC0000007")
        pull = world.an_approved_pull("INC0000007")
        world.service.later(400)
        world.merge(pull)
        world.service.later(400)
        notes = world.tasks.notes("INC0000007")
        assert [note.partition(":")[0] for note in notes] == ["Approved", "Merged"]
        assert "Signed off: " in notes[0]

    def test_its_facts_keep_the_ticket_with_kind_state_and_title_of_that_time(self, world: World) -> None:
        world.own_tickets.a_ticket("OWN-1", kind="Change Request", title="Rounding")
        pull = world.an_approved_pull("OWN-1")
        world.own_tickets.tickets["OWN-1"]["state"] = "closed"
        with world.service.store.reading() as reading:
            change = reading.change(world.service.key(pull))
            assert change is not None
            sealed = reading.facts(change.facts_digest)
        assert sealed is not None
        assert b'"kind":"change-request"' in sealed.content
        assert b'"state":"open"' in sealed.content


class TestTicketsThatAreOne:
    def test_count_once_and_are_kept_by_the_name_that_comes_first(self, tmp_path: Path) -> None:
        policy = POLICY + "tickets: {required: true, min: 2}\n"
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service, a_pagerduty() as pagerduty:
            service.gate = replace(service.gate, trackers=(pagerduty.tracker,))
            first, second = pagerduty.a_ticket(), pagerduty.a_ticket()
            pull = service.forge.a_pull(body=f"{BODY}\n## Tickets\n\n{first}, {pagerduty.otherwise(first)}\n")
            service.settle()
            assert tickets_of(service, pull) == [(first, "open")]
            assert service.codes(pull) >= {"ticket-unfit"}
            both = service.forge.a_pull(body=f"{BODY}\n## Tickets\n\n{first}, {second}\n")
            service.settle()
            assert tickets_of(service, both) == [(first, "open"), (second, "open")]
            assert not service.codes(both) & {"ticket-unfit", "ticket-missing"}


class TestAChangeThatIsTakenBack:
    def test_is_told_once_to_the_tickets_of_what_it_takes_back(self, world: World) -> None:
        world.own_tickets.a_ticket("OWN-1")
        first = world.an_approved_pull("OWN-1")
        world.merge(first)
        forge = world.service.forge
        back = forge.a_pull({"api/pay.py": "amount = 1\n"}, body=f"Reverts acme/shop#{first.number}\n\n{BODY}")
        world.service.settle()
        world.merge(back)
        shown = world.own_tickets.shown["OWN-1"]
        assert [text.partition(":")[0] for text in shown] == ["Approved", "Merged", "Taken back"]
        assert f"by acme/shop#{back.number}" in shown[-1]

    def test_is_not_believed_by_words_alone(self, world: World) -> None:
        world.own_tickets.a_ticket("OWN-1")
        first = world.an_approved_pull("OWN-1")
        world.merge(first)
        liar = world.service.forge.a_pull({"web/page.html": "x\n"}, body=f"Reverts acme/shop#{first.number}\n\n{BODY}")
        world.service.settle()
        world.merge(liar)
        assert len(world.own_tickets.shown["OWN-1"]) == 2


class TestWhatGoesWrong:
    def test_a_tracker_that_is_down_is_told_later_and_once(self, world: World) -> None:
        world.own_tickets.a_ticket("OWN-1")
        world.tasks.a_task("INC0000007")
        faults = iter(["502-after", "drop-after", "429", "500"])
        world.own.fault_for = lambda asked: next(faults, None) if b'"link"' in asked.raw else None
        pull = world.an_approved_pull("OWN-1, INC0000007")
        assert world.tasks.notes("INC0000007"), "one tracker waits for no other"
        for _ in range(6):
            world.service.later(60)
        assert len(world.own_tickets.shown["OWN-1"]) == 1
        assert world.linked(pull).count(("OWN-1", "approved")) == 1

    def test_a_tracker_that_was_silent_until_after_the_merge_is_told_once_it_answers(self, world: World) -> None:
        world.own_tickets.a_ticket("OWN-1")
        world.own.fault_for = lambda _: "500"
        pull = world.an_approved_pull("OWN-1, OWN-404")
        world.merge(pull)
        world.own.fault_for = lambda _: None
        for _ in range(4):
            world.service.later(400)
        (shown,) = world.own_tickets.shown["OWN-1"]
        assert shown.startswith("Merged: ")
        assert world.linked(pull) == [("OWN-1", "merged")]

    def test_a_tracker_that_stays_silent_is_asked_no_more_after_a_week(self, world: World) -> None:
        world.own.fault_for = lambda _: "500"
        world.merge(world.an_approved_pull("OWN-1"))
        world.service.later(8 * 24 * 3600)
        before = len(world.own.seen)
        world.service.later(3600)
        assert len(world.own.seen) == before

    def test_an_unreachable_tracker_leaves_the_change_undecided_and_is_asked_again(self, tmp_path: Path) -> None:
        from builders_forge_world import POLICY

        rules = POLICY + "tickets: {required: true}\n"
        own = Server(OwnDouble())
        with a_service(tmp_path, files={".gate/policy.yaml": rules}) as service:
            service.gate = replace(service.gate, trackers=(TicketWebhook(own.url, SECRET, prefixes=["OWN-"]),))
            own.double.a_ticket("OWN-1")  # type: ignore[attr-defined]
            own.fault_for = lambda _: "500"
            pull = service.forge.a_pull(body=f"{BODY}\n## Tickets\n\nOWN-1\n")
            service.settle()
            assert "ticket-unreadable" in service.codes(pull)
            assert service.verdict(pull).state == "error"
            own.fault_for = lambda _: None
            service.later(31)
            assert "ticket-unreadable" not in service.codes(pull)
        own.stop()

    def test_a_private_change_is_not_told_to_another_repository(self, world: World) -> None:
        forge = world.service.forge
        other = forge.world.repository("acme/public", files={"README.md": "x"}, id=1001, author=forge.carol)
        issue = other.issue("Public", author=forge.carol)
        world.an_approved_pull(f"acme/public#{issue.number}")
        assert issue.comments == []
