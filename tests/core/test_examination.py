"""Judging what was found: what is unknown is never fine, and the exit code says the worst."""

import pytest

from gate.core.examination import (
    ConfigurationState,
    DatabaseState,
    Finding,
    LedgerState,
    examine_clock,
    examine_configuration,
    examine_database,
    examine_ledger,
    examine_sweep,
    exit_code,
)
from gate.core.examination_app import AppState, InstallationState, LastDelivery, examine_app
from gate.usecases.examine import judge_protection
from gate.usecases.forge_ports import Protection

NOW = "2026-03-04T12:00:00Z"
HOOK = "https://gate.example.com/webhooks/github"


def a_protection(**fields: object) -> Protection:
    given: dict[str, object] = {
        "is_required": True, "pinned_app": 7, "covers_admins": True, "allows_force_push": False, "uses_queue": False,
    }  # fmt: skip
    return Protection(**{**given, **fields})  # type: ignore[arg-type]


def judged(protection: Protection, *, app_id: int | None = 7, is_evaluated: bool = False) -> list[Finding]:
    return list(
        judge_protection(
            protection, area="acme/shop", branch="main", check="Gate", app_id=app_id, is_evaluated=is_evaluated
        )
    )


def levels(findings: list[Finding]) -> list[str]:
    return [finding.level for finding in findings]


class TestTheExitCode:
    def test_is_0_with_warnings(self) -> None:
        assert exit_code([Finding("ok", "a", "b"), Finding("warn", "a", "b")]) == 0
        assert exit_code([]) == 0

    def test_is_1_where_something_failed(self) -> None:
        assert exit_code([Finding("fail", "a", "b"), Finding("ok", "a", "b")]) == 1

    def test_is_3_where_something_could_not_be_looked_at(self) -> None:
        assert exit_code([Finding("fail", "a", "b", is_unreached=True), Finding("fail", "a", "b")]) == 3


class TestProtection:
    def test_that_is_whole_is_ok(self) -> None:
        assert set(levels(judged(a_protection()))) == {"ok"}

    @pytest.mark.parametrize("field", ["covers_admins", "allows_force_push", "uses_queue"])
    def test_that_cannot_be_seen_is_never_ok(self, field: str) -> None:
        found = [one for one in judged(a_protection(**{field: None})) if one.level != "ok"]
        assert [one.level for one in found] == ["warn"]
        assert "cannot be seen" in found[0].sentence

    def test_that_is_seen_in_part_warns(self) -> None:
        found = [one for one in judged(a_protection(why="Rulesets cannot be read.")) if one.level != "ok"]
        assert [one.level for one in found] == ["warn"]

    def test_that_is_absent_fails(self) -> None:
        (found,) = judged(a_protection(is_required=False, pinned_app=None))
        assert (found.level, found.is_unreached) == ("fail", False)
        assert "standalone" in found.mend

    @pytest.mark.parametrize("is_evaluated", [True, False])
    def test_that_is_absent_as_far_as_can_be_seen_is_unknown(self, *, is_evaluated: bool) -> None:
        (found,) = judged(a_protection(is_required=False, why="Rulesets cannot be read."), is_evaluated=is_evaluated)
        assert (found.level, found.is_unreached) == ("fail", True)

    @pytest.mark.parametrize(("pinned", "level"), [(None, "fail"), (8, "fail"), (7, "ok")])
    def test_pins_the_check_to_this_app_alone(self, pinned: int | None, level: str) -> None:
        assert levels(judged(a_protection(pinned_app=pinned)))[1] == level


class TestTheClock:
    @pytest.mark.parametrize(
        ("forge", "level"),
        [
            ("2026-03-04T12:00:00Z", "ok"),
            ("2026-03-04T12:00:10Z", "ok"),
            ("2026-03-04T11:59:49Z", "warn"),
            ("2026-03-04T12:01:00Z", "warn"),
            ("2026-03-04T12:01:01Z", "fail"),
            ("2026-03-04T11:58:59Z", "fail"),
            ("", "warn"),
        ],
    )
    def test_is_compared_with_github(self, forge: str, level: str) -> None:
        assert levels(list(examine_clock(NOW, forge=forge, ledger=""))) == [level]

    def test_says_which_way_it_is_wrong(self) -> None:
        (behind,) = examine_clock(NOW, forge="2026-03-04T12:02:00Z", ledger="")
        (ahead,) = examine_clock(NOW, forge="2026-03-04T11:58:00Z", ledger="")
        assert behind.sentence.startswith("The clock is 120 s behind GitHub's")
        assert ahead.sentence.startswith("The clock is 120 s ahead of GitHub's")

    @pytest.mark.parametrize(("ledger", "count"), [("2026-03-04T12:00:05Z", 0), ("2026-03-04T12:00:06Z", 1), (NOW, 0)])
    def test_must_not_be_before_the_ledger(self, ledger: str, count: int) -> None:
        assert levels(list(examine_clock(NOW, forge=None, ledger=ledger))) == ["fail"] * count


class TestTheSweep:
    @pytest.mark.parametrize(
        ("last", "level"),
        [(None, "warn"), (NOW, "ok"), ("2026-03-04T11:44:00Z", "ok"), ("2026-03-04T11:43:59Z", "fail")],
    )
    def test_must_have_run_lately(self, last: str | None, level: str) -> None:
        assert levels(list(examine_sweep(last, NOW, resync_seconds=300))) == [level]


class TestTheDatabase:
    @pytest.mark.parametrize("settings", [{}, {"journal_mode": "delete", "synchronous": "2", "foreign_keys": "1"}])
    def test_that_may_lose_something_fails(self, settings: dict[str, str]) -> None:
        state = DatabaseState(kind="SQLite", revision="1", newest="1", settings=settings)
        assert levels(list(examine_database(state))) == ["ok", "fail"]

    @pytest.mark.parametrize(
        ("version", "is_old"), [("14.9 (Debian)", True), ("15.1", False), ("17beta1", False), ("", False)]
    )
    def test_of_an_old_postgresql_fails(self, version: str, *, is_old: bool) -> None:
        settings = {"fsync": "on", "full_page_writes": "on", "server_version": version}
        state = DatabaseState(kind="PostgreSQL", revision="1", newest="1", settings=settings)
        assert ("fail" in levels(list(examine_database(state)))) == is_old


class TestTheLedger:
    @pytest.mark.parametrize(
        ("state", "level"),
        [
            (LedgerState(makes_key=True, key_problem="There is none."), "ok"),
            (LedgerState(key_problem="There is none."), "fail"),
            (LedgerState(makes_key=True, size=3, at=NOW, key_problem="There is none."), "fail"),
            (LedgerState(size=3, at=NOW, head_problem="another signed it"), "fail"),
            (LedgerState(size=3, at=NOW), "ok"),
            (LedgerState(), "ok"),
        ],
    )
    def test_needs_its_key_once_it_has_entries(self, state: LedgerState, level: str) -> None:
        assert levels(list(examine_ledger(state))) == [level]


class TestTheConfiguration:
    def test_of_many_replicas_needs_a_shared_secret(self) -> None:
        given: dict[str, object] = {
            "scheme": "https", "host": "gate.example.com", "has_app": True, "has_token": False, "webhook_secrets": 2,
            "has_login": True, "is_insecure": False, "has_secret_key": False,
        }  # fmt: skip
        embedded = list(examine_configuration(ConfigurationState(**given, is_embedded=True)))  # type: ignore[arg-type]
        replicas = list(examine_configuration(ConfigurationState(**given, is_embedded=False)))  # type: ignore[arg-type]
        assert levels(embedded) == ["warn", "ok"]
        assert levels(replicas) == ["warn", "ok", "fail"]


class TestTheApp:
    def a_state(self, **fields: object) -> AppState:
        there = InstallationState(
            account="acme", is_suspended=False, permissions={"checks": "write", "contents": "read"}, events=("push",)
        )
        last = LastDelivery(event="push", at=NOW, status=202)
        given: dict[str, object] = {
            "id": 7, "slug": "gate", "hook_url": HOOK, "installations": (there,), "last_delivery": last,
        }  # fmt: skip
        return AppState(**{**given, **fields})  # type: ignore[arg-type]

    def judged(self, state: AppState, **permissions: str) -> list[str]:
        wanted = {"checks": "write", "contents": "read", **permissions}
        return levels(list(examine_app(state, hook_url=HOOK, permissions=wanted, events=["push"])))

    def test_with_exactly_what_it_needs_is_ok(self) -> None:
        assert set(self.judged(self.a_state())) == {"ok"}

    @pytest.mark.parametrize("level", ["", "read", "a-level-nobody-knows"])
    def test_with_less_than_it_needs_fails(self, level: str) -> None:
        there = InstallationState(
            account="acme", is_suspended=False, permissions={"checks": level, "contents": "read"}, events=("push",)
        )
        assert self.judged(self.a_state(installations=(there,))).count("fail") == 1

    def test_whose_webhook_address_cannot_be_read_warns(self) -> None:
        assert self.judged(self.a_state(hook_url=None)).count("warn") == 1

    @pytest.mark.parametrize("status", [0, 401, 500, 302])
    def test_whose_newest_webhook_was_refused_fails(self, status: int) -> None:
        last = LastDelivery(event="push", at=NOW, status=status)
        assert self.judged(self.a_state(last_delivery=last)).count("fail") == 1

    def test_that_is_installed_nowhere_fails(self) -> None:
        assert "fail" in self.judged(self.a_state(installations=()))
