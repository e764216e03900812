"""Notifications of the service: everybody who is waited for is told once, however often, doubled or broken it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import OWNERSHIP, POLICY
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.core.ledger.entries import LedgerEntry
from gate.usecases.delegate_signoff import delegate_signoff
from gate.usecases.jobs import judge_job, notify_job
from gate.usecases.judge_change import judge_change

ALICE, BOB = "mailto:alice@example.com", "mailto:bob@example.com"
LADDER = OWNERSHIP.replace(
    "  - {name: payments-api, owner: payments, paths: [/api/]}",
    "  - {name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/]}\n"
    "  - {name: ledger, owner: payments, backup: platform, escalation: ladder, paths: [/ledger/]}",
) + (
    "escalations:\n"
    "  ladder:\n"
    "    remind_after: 4h\n"
    "    begin_after: 1d\n"
    "    levels:\n"
    "      - {notify: [owner:on-call], channel: email, acknowledge_within: 15m}\n"
    "      - {notify: [backup], channel: email, acknowledge_within: 30m}\n"
)
HOUR = 3600


@contextmanager
def a_world(folder: Path, *, files: dict[str, Any] | None = None, **settings: Any) -> Iterator[tuple[Service, Any]]:
    notifier = NotingNotifier()
    with a_service(folder, files=files, settings=settings, notifier=notifier) as service:
        yield service, notifier


def entries(service: Service, pull: Any, kind: str) -> list[LedgerEntry]:
    with service.store.reading() as reading:
        return [entry for entry in reading.timeline(service.key(pull)) if entry.kind == kind]


def addresses(notifier: NotingNotifier) -> list[str]:
    return sorted(message.to for message in notifier.sent)


class TestWhoIsTold:
    def test_each_owner_by_mail_with_a_link_of_their_own(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            assert service.errors == []
            assert addresses(notifier) == [ALICE, BOB]
            assert {message.subject for message in notifier.sent} == {f"Sign-off asked: acme/shop#{pull.number}"}
            links = {word for message in notifier.sent for word in message.text.split() if "/signoff/" in word}
            assert len(links) == 2
            assert len(entries(service, pull, "notification-sent")) == len(entries(service, pull, "link-issued")) == 2
            raw = b"".join(entry.content for entry in entries(service, pull, "notification-sent"))
            assert b"alice@example.com" not in raw

    def test_one_message_for_many_components_of_one_push(self, tmp_path: Path) -> None:
        with a_world(tmp_path, files={".gate/ownership.yaml": LADDER}) as (service, notifier):
            service.forge.a_pull({"api/pay.py": "amount = 2\n", "ledger/book.py": "x = 1\n"})
            service.settle()
            assert addresses(notifier) == [ALICE, BOB]
            assert "ledger, payments-api" in notifier.sent[0].text
            service.later(4 * HOUR)
            assert addresses(notifier) == [ALICE, ALICE, BOB, BOB]

    def test_whoever_has_no_usable_address_by_a_review_request(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            token = service.forge.world.installation_token(service.forge.installation)
            found = service.forge.world.get(f"/repos/acme/shop/pulls/{pull.number}", token=token)
            assert {one["login"] for one in found["requested_reviewers"]} == {"alice", "bob"}

    def test_nobody_of_a_draft_until_it_is_ready(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            pull.draft()
            service.settle()
            assert notifier.sent == []
            pull.ready()
            service.settle()
            assert addresses(notifier) == [ALICE, BOB]

    def test_nobody_while_the_policy_is_evaluated_only(self, tmp_path: Path) -> None:
        files = {".gate/policy.yaml": POLICY + "enforcement: evaluate\n"}
        with a_world(tmp_path, files=files) as (service, notifier):
            service.forge.a_pull()
            service.settle()
            assert notifier.sent == []

    def test_nobody_in_their_quiet_hours_before_they_are_over(self, tmp_path: Path) -> None:
        night = '{from: "00:00", to: "23:59", timezone: UTC}'
        files = {
            ".gate/ownership.yaml": OWNERSHIP.replace(
                "alice@example.com}", f"alice@example.com, quiet_hours: {night}}}"
            )
        }
        with a_world(tmp_path, files=files) as (service, notifier):
            service.forge.a_pull()
            service.settle()
            assert addresses(notifier) == [BOB]
            service.later(24 * HOUR)
            assert ALICE in addresses(notifier)

    def test_an_unreachable_owner_is_in_the_ledger(self, tmp_path: Path) -> None:
        with a_service(tmp_path, settings={"review_requests": False}) as service:
            pull = service.forge.a_pull()
            service.settle()
            assert len(entries(service, pull, "notification-failed")) == 2


class TestSomebodyElse:
    def test_who_is_asked_instead_is_told_so_once(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            notifier.sent.clear()
            for _ in range(2):
                delegate_signoff(service.gate, service.key(pull), "github:1001", "github:1002", authenticated="")
                service.settle()
            (message,) = notifier.sent
            assert (message.to, message.subject) == (BOB, f"You are asked to sign off instead: acme/shop#{pull.number}")
            assert "/signoff/" in message.text


class TestOncePerScope:
    def test_however_often_it_is_judged(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            key = service.key(pull)
            for number in range(50):
                judge_change(service.gate, key)
                with service.store.writing() as writing:
                    writing.enqueue(notify_job(key, at=service.gate.instant()))
                if number % 10 == 0:
                    service.work()
            service.work()
            assert addresses(notifier) == [ALICE, BOB]

    def test_with_every_webhook_twice_and_in_reverse(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            pull.comment(service.forge.bob, "Looking.")
            service.receive(reverse=True, twice=True)
            service.work()
            assert addresses(notifier) == [ALICE, BOB]

    def test_again_once_their_files_have_changed_and_not_for_those_of_others(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            service.forge.shop.commit(pull.head_ref, {"web/page.html": "<p>new</p>\n"}, author=service.forge.dave)
            service.settle()
            assert addresses(notifier) == [ALICE, BOB, "mailto:erin@example.com"]
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 9\n"}, author=service.forge.dave)
            service.settle()
            assert addresses(notifier).count(ALICE) == 2
            assert addresses(notifier).count("mailto:erin@example.com") == 1

    def test_nothing_is_sent_that_holds_no_longer(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            notifier.fails = True
            service.settle()
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            notifier.fails = False
            service.later(600)
            assert notifier.sent == []
            with service.store.reading() as reading:
                assert {notice.state for notice in reading.notices(service.key(pull))} == {"dropped"}


class TestCrashes:
    def died(self, service: Service, point: str) -> None:
        """Let the worker die at a point, once, as a kill would: nothing after it happens, nothing is given back."""

        def die() -> None:
            raise KeyboardInterrupt

        service.points.once(point, die)
        with pytest.raises(KeyboardInterrupt):
            service.work()

    def test_before_sending_the_message_is_sent_by_the_next_worker(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            service.forge.a_pull()
            service.receive()
            self.died(service, "notice-begun")
            service.later(61)
            service.later(61)
            assert addresses(notifier) == [ALICE, BOB]

    def test_between_sending_and_recording_it_comes_again_under_the_same_id(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.receive()
            self.died(service, "notice-sent")
            service.later(61)
            service.later(61)
            assert len(notifier.sent) == 3
            assert len({message.id for message in notifier.sent}) == 2
            assert len(entries(service, pull, "notification-sent")) == 2


class TestFailures:
    def test_a_channel_that_fails_is_tried_again(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            notifier.fails = True
            service.forge.a_pull()
            service.settle()
            assert notifier.sent == []
            assert any("tell" in error for error in service.errors)
            notifier.fails = False
            service.later(60)
            assert addresses(notifier) == [ALICE, BOB]

    def test_an_address_that_is_refused_gives_way_to_the_next(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            notifier.refuses = True
            pull = service.forge.a_pull()
            service.settle()
            token = service.forge.world.installation_token(service.forge.installation)
            found = service.forge.world.get(f"/repos/acme/shop/pulls/{pull.number}", token=token)
            assert {one["login"] for one in found["requested_reviewers"]} == {"alice", "bob"}


class TestTwoWorkers:
    def test_a_plan_made_twice_tells_once(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            with service.store.writing() as writing:
                for number in range(3):
                    writing.enqueue(judge_job(service.key(pull), at=service.gate.instant(), why=f"again {number}"))
            service.work()
            assert len(notifier.sent) == 2
