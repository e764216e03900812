"""`gate incident`: recorded in the service where there is one, else answered by the checkout, which says so."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_audit import settings_in_force
from builders_calendars import on_call
from builders_forge_world import BODY
from builders_gate_command import Ran, run_gate
from builders_git import a_repository
from builders_incidents import RECORDS
from builders_service import Service, a_service
from doubles.github.pulls import Pull
from doubles.trackers import pagerduty
from doubles.trackers.pagerduty import PagerDutyDouble
from doubles.trackers.server import Server

from gate.adapters.trackers.pagerduty import PagerDuty

Told = Callable[..., Ran]
TEAM = "payments: {members: [alice, bob]}"
ON_CALL = "payments: {members: [alice, bob], on_call: {schedule: .gate/on-call.ics}}"
CALENDAR = on_call("alice")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GATE_DATABASE_URL", "GATE_GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def serve(service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = service.forge
    settings_in_force(folder, monkeypatch)
    monkeypatch.setenv("GATE_GITHUB_API_URL", forge.url)
    monkeypatch.setenv("GATE_GITHUB_TOKEN", forge.world.installation_token(forge.installation))
    monkeypatch.setenv("GATE_SECRET_KEY", "a secret of sixteen")
    monkeypatch.setattr("gate.bootstrap.now", service.clock)


class TestWithoutAService:
    def test_the_checkout_answers_and_says_that_nothing_is_recorded(self, nowhere: Path) -> None:
        repository = a_repository(nowhere / "shop", {".gate/ownership.yaml": RECORDS, "api/pay.py": "1"})
        repository.commit({"api/pay.py": "2"}, message="Round otherwise")
        repository.check_out()
        arguments = (
            "--component",
            "payments-api",
            "--repo",
            repository.path,
            "--at",
            "2026-12-01T00:00Z",
            "--days",
            "365",
        )
        ran = run_gate("incident", "open", *arguments)
        assert (ran.code, ran.err) == (0, "")
        for text in ("payments", "owner by pager", "runbooks.example.com", "redeploy-previous", "Round otherwise"):
            assert text in ran.out
        value = json.loads(run_gate("incident", "open", *arguments, "--json").out)
        assert (value["schema"], value["incident"], value["owner"]) == ("gate.incident-brief/1", None, "payments")

    @pytest.mark.usefixtures("nowhere")
    def test_nothing_can_be_closed(self) -> None:
        ran = run_gate("incident", "close", "inc-1")
        assert (ran.code, "no service here" in ran.err) == (2, True)


class TestWhatSomebodyReadsAtNight:
    @pytest.fixture
    def service_of(self, tmp_path: Path) -> Iterator[Service]:
        files = {".gate/ownership.yaml": RECORDS.replace(TEAM, ON_CALL), ".gate/on-call.ics": CALENDAR}
        with a_service(tmp_path, files=files, is_with_token=True) as service:
            yield service

    @pytest.fixture
    def told(self, service_of: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Told, Pull, str]:
        service = service_of
        pull = service.forge.a_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise", body=BODY)
        service.settle()
        sha = pull.merge(service.forge.carol, as_admin=True)
        service.settle()
        serve(service, tmp_path, monkeypatch)

        def tell(*more: str) -> Ran:
            service.clock.ahead_seconds += 60
            return run_gate("incident", "open", "--component", "payments-api", *more)

        return tell, pull, sha

    def test_names_owner_on_call_runbook_rollback_and_suspects_with_reasons_and_commands(
        self, told: tuple[Told, Pull, str]
    ) -> None:
        tell, pull, sha = told
        ran = tell()
        assert (ran.code, ran.err) == (0, "")
        began, _, suspects = ran.out.partition("\n\nSuspect changes, the likeliest first, of the 14 days before ")
        for line in (
            "owner       payments",
            "on call     alice",
            "backup      platform",
            "escalation  owner by pager, 15m to acknowledge",
            "runbook     https://runbooks.example.com/payments",
            "rollback    redeploy-previous, 15 min to restore",
            "            1. deploy the previous tag",
        ):
            assert line in began.splitlines()
        assert "The escalation policy ladder has begun" in began
        found = [line.strip() for line in suspects.splitlines()]
        for line in (
            f"1. acme/shop#{pull.number}  Round otherwise",
            "It changed payments-api itself.",
            "It landed 1 minute before the incident began.",
            "Way back: revert",
            "1. Revert the merge commit.",
            f"git revert --no-edit -m 1 {sha}",
            f"http://127.0.0.1:8000/changes/acme/shop/{pull.number}/rollback",
        ):
            assert line in found
        assert found[-1].startswith("When service is back: gate incident close inc-")

    def test_names_whom_to_call_where_nobody_is_known_to_be_on_call(
        self, told: tuple[Told, Pull, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tell, *_ = told
        monkeypatch.setattr("gate.bootstrap.now", lambda: dt.datetime(2026, 12, 24, 3, tzinfo=dt.UTC))
        said = tell().out
        assert "on call     nobody\n" in said
        assert "call        alice (email alice@example.com); bob (email bob@example.com)\n" in said

    def test_names_an_incident_that_is_open_already(self, told: tuple[Told, Pull, str]) -> None:
        tell, *_ = told
        first = tell("--title", "Carts are empty").out.split()[1]
        assert f"Open for it already: {first}, since " in tell().out

    def test_names_the_checkout_where_the_forge_does_not_answer(
        self, told: tuple[Told, Pull, str], service_of: Service
    ) -> None:
        tell, *_ = told
        service_of.forge.world.faults.add("GET", ".", "status", status=404, times=None)
        ran = tell()
        assert (ran.code, ran.out) == (3, "")
        assert "Until then `--repo .` answers from a checkout" in ran.err

    def test_names_the_component_that_may_have_been_meant(self, told: tuple[Told, Pull, str]) -> None:
        tell, *_ = told
        for name in ("payment-api", "payments"):
            ran = tell("--component", name)
            assert (ran.code, "Did you mean payments-api" in ran.err) == (2, True)


class TestInTheService:
    def test_opens_with_suspects_and_closes_with_a_cause(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}, is_with_token=True) as service:
            pull = service.forge.a_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise", body=BODY)
            service.settle()
            pull.merge(service.forge.carol, as_admin=True)
            service.settle()
            serve(service, tmp_path, monkeypatch)
            opened = run_gate("incident", "open", "--component", "payments-api", "--json")
            assert (opened.code, opened.err) == (0, "")
            value: Any = json.loads(opened.out)
            assert [one["id"] for one in value["suspects"]] == [f"acme/shop#{pull.number}"]
            identity = value["incident"]["id"]
            refused = run_gate("incident", "close", identity, "--cause", "999")
            assert (refused.code, "no change 999" in refused.err) == (2, True)
            ran = run_gate(
                "incident", "close", identity, "--cause", f"acme/shop#{pull.number}", "--reason", "It rounds"
            )
            assert (ran.code, ran.err) == (0, "")
            assert f"{identity} is closed; its review is due until" in ran.out
            with service.store.reading() as reading:
                (link,) = reading.incident_changes(identity)
            assert (link.relation, link.change.number, link.reason) == ("caused-by", pull.number, "It rounds")

    def test_a_ticket_of_no_tracker_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}, is_with_token=True) as service:
            serve(service, tmp_path, monkeypatch)
            ran = run_gate("incident", "open", "--component", "payments-api", "--ticket", "OPS-1")
            assert (ran.code, "No tracker that is set up owns 'OPS-1'" in ran.err) == (2, True)


class TestANewTicket:
    @pytest.fixture
    def service_of(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
        with a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}, is_with_token=True) as service:
            service.forge.a_pull()  # so that the repository is known
            service.settle()
            serve(service, tmp_path, monkeypatch)
            yield service

    @pytest.fixture
    def pager(self, service_of: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[PagerDutyDouble]:
        server = Server(double := PagerDutyDouble())
        settings = {"URL": server.url, "TOKEN": pagerduty.TOKEN, "FROM": pagerduty.SENDER, "SERVICE": pagerduty.SERVICE}
        for name, value in settings.items():
            monkeypatch.setenv(f"GATE_PAGERDUTY_{name}", value)
        tracker = PagerDuty(pagerduty.TOKEN, sender=pagerduty.SENDER, service=pagerduty.SERVICE, address=server.url)
        service_of.gate = replace(service_of.gate, trackers=(tracker,))
        yield double
        server.stop()

    def test_is_said_to_be_made_until_it_is_and_then_closes_its_incident_by_its_key(
        self, service_of: Service, pager: PagerDutyDouble
    ) -> None:
        opened = run_gate("incident", "open", "--component", "payments-api", "--new-ticket", "pagerduty")
        assert (opened.code, opened.err) == (0, "")
        assert "Its ticket is being made at pagerduty, and told what stands here; its page names it then." in opened.out
        assert pager.incidents == {}, "the worker makes it"
        service_of.work()
        (identity,) = pager.incidents
        (note,) = pager.notes(identity)
        assert "owner: payments" in note
        closed = run_gate("incident", "close", f"PD:{identity}", "--json")
        assert (closed.code, closed.json["id"]) == (0, opened.out.split()[1])

    @pytest.mark.usefixtures("pager")
    def test_is_told_as_json(self) -> None:
        arguments = ("incident", "open", "--component", "payments-api", "--json")
        made, alone = run_gate(*arguments, "--new-ticket", "pagerduty").json, run_gate(*arguments).json
        assert (made["incident"]["tracker"], made["incident"]["ticket"]) == ("pagerduty", None)
        assert (alone["incident"]["tracker"], alone["incident"]["ticket"]) == (None, None)
        named = run_gate(*arguments, "--ticket", "PD:Q0ABCDEF123456").json
        assert (named["incident"]["tracker"], named["incident"]["ticket"]) == ("pagerduty", "PD:Q0ABCDEF123456")

    @pytest.mark.parametrize(
        ("arguments", "settings", "why", "step"),
        [
            (["jira"], {}, "No tracker 'jira' is set up.", "name one that is: pagerduty."),
            ([""], {}, "No tracker '' is set up.", "name one that is: pagerduty."),
            (
                ["github"],
                {},
                "The gate makes no tickets at github as it is set up.",
                "Name an issue that somebody opened",
            ),
            (
                ["pagerduty"],
                {"GATE_PAGERDUTY_SERVICE": ""},
                "makes no tickets at pagerduty",
                "Set GATE_PAGERDUTY_SERVICE",
            ),
            (
                ["jira"],
                {"GATE_JIRA_URL": "https://jira.example.com", "GATE_JIRA_TOKEN": "x"},
                "makes no tickets at jira",
                "Set GATE_JIRA_PROJECT",
            ),
            (["pagerduty", "--ticket", "PD:Q0ABCDEF123456"], {}, "do not go with it", "Leave --new-ticket out"),
            (["pagerduty", "--repo", "."], {}, "do not go with it", "Leave --new-ticket out"),
        ],
    )
    @pytest.mark.usefixtures("pager")
    def test_is_refused_with_a_next_step_before_anything_is_recorded(
        self,
        service_of: Service,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        settings: dict[str, str],
        why: str,
        step: str,
    ) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with service_of.store.reading() as reading:
            before = reading.checkpoint()
        ran = run_gate("incident", "open", "--component", "payments-api", "--new-ticket", *arguments)
        assert (ran.code, ran.out, why in ran.err, step in ran.err) == (2, "", True, True), ran.err
        with service_of.store.reading() as reading:
            assert (reading.incidents(), reading.checkpoint()) == ((), before)

    @pytest.mark.usefixtures("nowhere")
    def test_is_refused_where_there_is_no_service_to_make_it(self) -> None:
        ran = run_gate("incident", "open", "--component", "payments-api", "--new-ticket", "jira")
        assert (ran.code, "no service here that could have a ticket made" in ran.err) == (2, True)
        assert "GATE_DATABASE_URL" in ran.err
