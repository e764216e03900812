"""`gate drill`: begins an exercise in the service's database, and reports how the exercises went."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import GATE_APP, OWNERSHIP, a_world
from builders_gate_command import run_gate

from gate.bootstrap_service import start_service
from gate.config import load_settings
from gate.usecases.acknowledge import acknowledge_call

RECORDS = OWNERSHIP.replace(
    "{name: payments-api, owner: payments, paths: [/api/]}",
    "{name: payments-api, owner: payments, escalation: ladder, paths: [/api/]}",
) + ("escalations:\n  ladder:\n    levels:\n      - {notify: [owner], channel: email, acknowledge_within: 15m}\n")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A service's database that knows acme/shop."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATE_")]:
        monkeypatch.delenv(name)
    with a_world(files={".gate/ownership.yaml": RECORDS}) as forge:
        for name, value in {
            "DATABASE_URL": f"sqlite:///{tmp_path}/gate.db",
            "GITHUB_API_URL": forge.url,
            "GITHUB_APP_ID": str(GATE_APP),
            "GITHUB_PRIVATE_KEY": forge.private_key,
        }.items():
            monkeypatch.setenv(f"GATE_{name}", value)
        assert run_gate("db", "upgrade").code == 0
        service = start_service(load_settings())
        with service.gate.store.writing() as writing:
            for repository in service.gate.forge.installed_repositories():
                writing.save_repository(repository)
        service.stop()
        yield


@pytest.mark.usefixtures("database")
class TestAnExercise:
    def test_begins_and_is_reported_with_the_time_to_answer(self) -> None:
        begun = run_gate("drill", "payments-api", "--json")
        assert (begun.code, begun.err) == (0, "")
        (drill,) = begun.json
        assert (drill["component"], drill["state"], drill["calls"]) == ("default/payments-api", "running", [])
        service = start_service(load_settings())
        assert acknowledge_call(service.gate, drill["id"], account=None, name="carol", is_admin=True)
        service.stop()
        (report,) = run_gate("drill", "payments-api", "--report", "--json").json
        assert (report["state"], report["minutes_to_answer"]) == ("acknowledged", 0)
        assert run_gate("drill", "payments-api", "--report").rows[1][1] == "acknowledged"

    def test_of_what_has_no_ladder_is_refused(self) -> None:
        ran = run_gate("drill", "storefront", "--repository", "acme/shop")
        assert ran.code == 2
        assert "storefront has no escalation policy." in ran.err
        assert run_gate("drill", "payments-api", "--repository", "acme/other").code == 2
