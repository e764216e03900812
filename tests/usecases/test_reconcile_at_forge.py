"""What comes onto a governed branch is accounted for by the service itself, as the forge tells of it."""

from pathlib import Path
from typing import Any

import pytest
from builders_audit import reconciled, the_shop
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.usecases.audit_stored import BranchCommit
from gate.usecases.jobs import SETTLE_SECONDS


def merged(service: Service, method: str = "merge", files: dict[str, Any] | None = None) -> str:
    """A change that is approved and merged, and reconciled a little later."""
    pull = service.approved(service.forge.a_pull(files))
    sha = pull.merge(service.forge.dave, method)
    settle(service)
    return sha


def settle(service: Service) -> None:
    service.settle()
    service.later(SETTLE_SECONDS + 1)


def commits(service: Service) -> list[BranchCommit]:
    with service.store.reading() as reading:
        return list(reading.branch_commits(the_shop(service).key, "main"))


def open_items(service: Service) -> list[tuple[str, str]]:
    with service.store.reading() as reading:
        return [(one.sha, one.code) for one in reading.open_bypasses()]


class TestWhatAccountsForCommits:
    @pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
    def test_an_approved_change_accounts_for_its_merge_without_any_command(self, tmp_path: Path, method: str) -> None:
        with a_service(tmp_path) as service:
            first, second = merged(service, method), merged(service, method, {"api/other.py": "other = 1\n"})
            found = {one.sha: one for one in commits(service)}
            assert [(found[sha].status, found[sha].change) for sha in (first, second)] == [
                ("accounted", 1),
                ("accounted", 2),
            ]
            assert open_items(service) == []
            assert service.errors == []

    def test_a_clone_finds_the_same_afterwards(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pushed = service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
            settle(service)
            alone = {one.sha: (one.status, one.code, one.at, one.parent) for one in commits(service)}
            reconciled(service)
            assert {one.sha: (one.status, one.code, one.at, one.parent) for one in commits(service)} == alone
            assert open_items(service) == [(pushed, "direct-push")]


class TestBypasses:
    def test_a_direct_push_is_an_open_item_and_its_owners_are_told(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, notifier=notifier) as service:
            merged(service)
            told = len(notifier.sent)
            pushed = service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
            settle(service)
            assert open_items(service) == [(pushed, "direct-push")]
            new = notifier.sent[told:]
            assert {message.to for message in new} == {"mailto:alice@example.com", "mailto:bob@example.com"}
            assert all("Past the gate" in message.subject and pushed[:12] in message.text for message in new)
            settle(service)
            service.sweep()
            assert len(notifier.sent) == told + len(new)

    def test_a_merge_while_the_check_is_red_is_one(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pull = service.forge.a_pull({"web/page.html": "<p>Red</p>\n"})
            service.settle()
            service.forge.shop.protections["main"].covers_admins = False
            sha = pull.merge(service.forge.carol, "merge", as_admin=True)
            settle(service)
            assert open_items(service) == [(sha, "unapproved-merge")]

    def test_a_force_push_leaves_every_lost_commit_open(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            first = merged(service)
            lost = merged(service, files={"api/other.py": "other = 1\n"})
            service.forge.shop.push("main", first, pusher=service.forge.carol, kind="force_push")
            settle(service)
            assert open_items(service) == [(lost, "force-push")]

    def test_lost_webhooks_are_made_up_for_by_the_sweep_without_a_false_alarm(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pull = service.approved(service.forge.a_pull({"api/other.py": "other = 1\n"}))
            sha = pull.merge(service.forge.dave, "squash")
            service.lose_webhooks()
            service.sweep()
            service.later(SETTLE_SECONDS + 1)
            assert {one.sha: one.status for one in commits(service)}[sha] == "accounted"
            assert open_items(service) == []
