"""What became of a branch at the forge, compared with what the gate recorded of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from builders_audit import reconciled, the_shop
from builders_service import Service, a_service

from gate.core.errors import UsageError
from gate.usecases.record_reconciliation import explain_bypass


def merged(service: Service, method: str = "merge", files: Mapping[str, Any] | None = None) -> str:
    """A change that is approved and merged."""
    return service.merged(service.forge.a_pull(files), method)


def entries(service: Service, kind: str) -> list[dict[str, Any]]:
    import json

    found = []
    with service.store.reading() as reading:
        checkpoint = reading.checkpoint()
        assert checkpoint is not None
        for index in range(checkpoint.size):
            entry = reading.ledger_entry(index)
            assert entry is not None
            if entry.kind == kind:
                found.append(json.loads(entry.content)["payload"])
    return found


class TestWhatIsRecorded:
    @pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
    def test_an_approved_change_accounts_for_its_merge(self, tmp_path: Path, method: str) -> None:
        with a_service(tmp_path) as service:
            sha = merged(service, method)
            found = reconciled(service)
            last = found.accounts[-1]
            assert (last.sha, last.status, last.change) == (sha, "accounted", 1)
            assert [one.status for one in found.accounts[:-1]] == ["before-gate"]
            record = entries(service, "review-done")[-1]
            assert (record["tip"], record["commits"], record["bypasses"]) == (sha, 2, 0)

    def test_a_direct_push_is_an_entry_and_an_open_item_until_it_is_explained(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pushed = service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
            service.settle()
            assert reconciled(service).bypasses[0].sha == pushed
            assert entries(service, "bypass-found") == [
                {"branch": "main", "commit": pushed, "how": "direct-push", "code": "direct-push", "change": 0}
            ]
            explain_bypass(
                service.store, the_shop(service), pushed[:12], reason="Carol mended it by hand", outcome="accepted",
                actor="github:1003", at=service.gate.instant(), authenticated="test",
            )  # fmt: skip
            with service.store.reading() as reading:
                assert reading.open_bypasses() == ()
            with pytest.raises(UsageError, match="names no open bypass"):
                explain_bypass(
                    service.store, the_shop(service), pushed, reason="Once more", outcome="accepted",
                    actor="", at=service.gate.instant(), authenticated="test",
                )  # fmt: skip

    def test_reconciling_again_records_nothing_new(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
            service.settle()
            reconciled(service)
            with service.store.reading() as reading:
                before = reading.checkpoint()
            reconciled(service)
            with service.store.reading() as reading:
                assert reading.checkpoint() == before

    def test_a_merge_by_an_administrator_past_a_red_check(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pull = service.forge.a_pull({"web/page.html": "<p>\n"})
            service.settle()
            pull.merge(service.forge.carol, as_admin=True)
            service.settle()
            found = reconciled(service).accounts[-1]
            assert (found.code, found.why) == ("unapproved-merge", "#2 was merged while the gate said waiting.")

    def test_a_merge_that_is_reconciled_before_its_webhook_came_is_settled_afterwards(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            pull = service.approved(service.forge.a_pull({"api/later.py": "x\n"}))
            pull.merge(service.forge.dave)
            assert [one.code for one in reconciled(service).bypasses] == ["unknown-change"]
            service.settle()
            assert reconciled(service).bypasses == ()
            with service.store.reading() as reading:
                assert reading.open_bypasses() == ()
            assert entries(service, "review-done")[-2]["outcome"] == "accounted-for-later"

    def test_a_force_push_is_every_commit_that_it_took_away(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merged(service)
            gone = service.forge.shop.commit("main", {"api/pay.py": "x\n"}, author=service.forge.carol)
            service.settle()
            reconciled(service)
            service.forge.shop.push("main", _parent(service, gone), pusher=service.forge.carol)
            service.settle()
            reconciled(service)
            with service.store.reading() as reading:
                rows = list(reading.branch_commits(the_shop(service).key, "main"))
            assert [(one.sha, one.code, one.position) for one in rows if one.status == "bypass"] == [
                (gone, "force-push", -1)
            ]
            assert [one["code"] for one in entries(service, "bypass-found")] == ["direct-push", "force-push"]


class TestWhatIsKnownOfABranch:
    def test_a_branch_of_which_nothing_was_judged_was_there_before_the_gate(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.forge.a_pull()
            service.settle()
            found = reconciled(service, branch="change-1")
            assert {one.status for one in found.accounts} == {"before-gate"}


def _parent(service: Service, sha: str) -> str:
    return str(service.forge.shop.history.at(sha).parents[0])
