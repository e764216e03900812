"""`gate incident`: recorded in the service where there is one, else answered by the checkout, which says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_audit import settings_in_force
from builders_forge_world import BODY
from builders_gate_command import run_gate
from builders_git import a_repository
from builders_incidents import RECORDS
from builders_service import Service, a_service


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
