"""`gate suspects` on real repositories: owner, way back, and ranked suspects with their reasons."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from builders_calendars import on_call
from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository

RECORDS = """\
version: 1
people:
  alice: {github: alice}
teams:
  payments: {members: [alice], on_call: {schedule: on-call.ics}}
  platform: {members: ["@carol"]}
components:
  - name: payments-api
    title: Payments API
    tier: 1
    owner: payments
    backup: platform
    paths: ["/pay/"]
    depends_on: [ledger]
    escalation: ladder
    links: {runbook: "https://example.com/runbook"}
    rollback: {method: redeploy-previous, steps: [deploy the previous tag], restore_minutes: 15}
  - {name: ledger, owner: platform, paths: ["/ledger/"], tier: 2}
  - {name: web, owner: platform, paths: ["/web/"]}
escalations:
  ladder: {levels: [{notify: [owner:on-call], channel: pager, acknowledge_within: 15m}]}
"""
CALENDAR = on_call("alice")
BEGAN = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    files = {".gate/ownership.yaml": RECORDS, "on-call.ics": CALENDAR, "pay/a.py": "1", "ledger/b.sql": "1"}
    repository = a_repository(tmp_path / "shop", files)

    def land(hours: float, files: dict[str, Any], message: str) -> str:
        return repository.commit(files, at=BEGAN - dt.timedelta(hours=hours), message=message)

    land(20 * 24, {"pay/a.py": "0"}, "Too old to be accused")
    land(30, {"ledger/b.sql": "2"}, "Change the ledger")
    repository.commit({"pay/a.py": "2"}, branch="work", at=BEGAN - dt.timedelta(hours=9))
    repository.commit(
        {"pay/a.py": "2"}, merging=("work",), at=BEGAN - dt.timedelta(hours=5), message="Merge the work on payments"
    )
    land(1, {"web/page.html": "2"}, "Change what has no relation")
    land(-1, {"pay/a.py": "3"}, "Landed after it began")
    repository.check_out()
    return repository


def suspects(shop: GitRepository, *arguments: str) -> list[Any]:
    ran = run_gate("suspects", "payments-api", "--repo", shop.path, "--at", BEGAN.isoformat(), "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    found: list[Any] = json.loads(ran.out)["suspects"]
    return found


class TestSuspects:
    def test_come_from_first_parents_the_component_and_what_it_depends_on(self, shop: GitRepository) -> None:
        titles = [one["title"] for one in suspects(shop)]
        assert titles == ["Merge the work on payments", "Change the ledger"]

    def test_a_named_file_brings_in_what_has_no_other_relation(self, shop: GitRepository) -> None:
        assert "Change what has no relation" in [one["title"] for one in suspects(shop, "--path", "web/page.html")]

    def test_fewer_days_accuse_fewer(self, shop: GitRepository) -> None:
        assert [one["title"] for one in suspects(shop, "--days", "1")] == ["Merge the work on payments"]

    def test_what_was_reverted_before_is_behind_its_revert_and_says_so(self, shop: GitRepository) -> None:
        bad = shop.commit({"pay/a.py": "9"}, branch="other", start="main~2", at=BEGAN - dt.timedelta(hours=3))
        shop.commit(
            {"pay/a.py": "2"},
            branch="other",
            at=BEGAN - dt.timedelta(hours=2),
            message=f'Revert "9"\n\nThis reverts commit {bad}.\n',
        )
        found = suspects(shop, "--rev", "other")
        place = [one["id"] for one in found].index(bad[:12])
        assert found[0]["title"] == 'Revert "9"'
        assert place > 0
        assert "It was taken back before the incident began." in found[place]["reasons"]


class TestWhatIsPrinted:
    def test_names_owner_on_call_escalation_runbook_and_the_way_back(self, shop: GitRepository) -> None:
        ran = run_gate("suspects", "payments-api", "--repo", shop.path, "--at", "2026-11-20T12:00Z")
        assert (ran.code, ran.err) == (0, "")
        for text in (
            "payments-api (Payments API)",
            "alice",
            "owner:on-call by pager, 15m to acknowledge",
            "https://example.com/runbook",
            "rollback    redeploy-previous, 15 min to restore\n            1. deploy the previous tag\n",
            "It changed payments-api itself.",
            "It landed 5 hours before the incident began.",
            "It changed ledger, which payments-api depends on.",
            "Way back: git revert -m 1",
        ):
            assert text in ran.out

    def test_says_so_where_nobody_is_suspected(self, shop: GitRepository) -> None:
        ran = run_gate("suspects", "web", "--repo", shop.path, "--at", "2026-10-01T12:00Z", "--days", "1")
        assert "of the day before 2026-10-01T12:00:00Z\nnone: neither it nor anything that it depends on" in ran.out
        assert "cannot be told" in ran.out

    def test_a_path_named_like_a_commit_is_a_path(self, shop: GitRepository) -> None:
        name = "a" * 40
        shop.commit({f"pay/{name}": "1", name: "2"}, at=BEGAN - dt.timedelta(minutes=1), message="Odd", branch="odd")
        assert suspects(shop, "--rev", "odd")[0]["components"] == ["payments-api"]


class TestWrongUsage:
    def test_an_unknown_component_gets_near_names(self, shop: GitRepository) -> None:
        ran = run_gate("suspects", "payment-api", "--repo", shop.path)
        assert ran.code == 2
        assert "Did you mean payments-api?" in ran.err

    def test_a_time_needs_a_zone(self, shop: GitRepository) -> None:
        ran = run_gate("suspects", "web", "--repo", shop.path, "--at", "2026-10-01")
        assert (ran.code, "2026-12-01T10:00Z" in ran.err) == (2, True)
