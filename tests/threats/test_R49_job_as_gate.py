"""R49: a change edits the workflow that judges it; a job is never the gate, and nothing it is told weakens it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_actions import a_checkout, event_of
from builders_forge_world import GATE_CHECK, ForgeWorld, a_world
from builders_service import a_service

from gate.action.main import run
from gate.usecases.initial_files import workflow_text

GITHUB_ACTIONS = 15368


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as world:
        yield world


def judged(forge: ForgeWorld, folder: Path, **inputs: str) -> tuple[int, str]:
    """Run the Action's own entry on a new pull; return the exit code and the summary."""
    pull = forge.a_pull()
    (folder / "event.json").write_text(json.dumps(event_of(forge, pull)))
    environment = {
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_API_URL": forge.url,
        "GITHUB_WORKSPACE": str(a_checkout(forge, folder, pull)),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "INPUT_MODE": "standalone",
        "INPUT_TOKEN": forge.world.token(forge.carol),
        **inputs,
    }
    code = run(environment, io.StringIO())
    return code, (folder / "summary").read_text()


class TestNoInput:
    @pytest.mark.parametrize("fail_on", ["none", "error", "rejected"])
    def test_makes_a_change_pass_that_waits(self, forge: ForgeWorld, tmp_path: Path, fail_on: str) -> None:
        assert judged(forge, tmp_path, INPUT_FAIL_ON=fail_on)[0] == 1

    def test_that_cannot_be_read_passes(self, forge: ForgeWorld, tmp_path: Path) -> None:
        assert judged(forge, tmp_path, INPUT_WAIT="soon")[0] == 2

    def test_of_another_folder_takes_the_policy_away_unseen(self, forge: ForgeWorld, tmp_path: Path) -> None:
        code, summary = judged(forge, tmp_path, INPUT_CONFIG="elsewhere")
        assert code == 1
        assert "The base has no" in summary or "Not judged" in summary or "built-in" in summary


class TestItsVerdict:
    def test_is_called_advice_where_the_change_can_edit_the_workflow(self, forge: ForgeWorld, tmp_path: Path) -> None:
        assert "Advisory" in judged(forge, tmp_path)[1]
        assert "the run is advice" in workflow_text("1.0.0")

    def test_is_no_substitute_for_the_apps_check(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            service.forge.say(pull.head_sha, "success", app_id=GITHUB_ACTIONS, name=GATE_CHECK)
            assert not pull.would_merge(), "a job of the same name is another app's check"
            assert service.check(pull) == "in_progress"
