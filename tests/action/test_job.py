"""What the Action reads: its inputs and the job's event, each checked before anything is done."""

import json
from pathlib import Path
from typing import Any

import pytest

from gate.action.job import DEFAULT_FAIL_ON, Job, read_inputs, read_job
from gate.core.errors import GateError, UnreadableError, UsageError

PULL: dict[str, Any] = {
    "number": 7,
    "head": {"sha": "a" * 40, "repo": {"id": 1}},
    "base": {"sha": "b" * 40, "repo": {"id": 1}},
}


def a_job(folder: Path, event: object, **environment: str) -> Job:
    (folder / "event.json").write_text(json.dumps(event))
    given = {
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "acme/shop",
        **environment,
    }
    return read_job(given)


class TestInputs:
    def test_that_say_nothing_have_the_documented_defaults(self) -> None:
        inputs = read_inputs({"INPUT_MODE": "standalone"})
        assert (inputs.config, inputs.wait_seconds, inputs.may_rehearse) == (".gate", 0, False)
        assert inputs.fail_on == set(DEFAULT_FAIL_ON.split(","))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MODE", ""),
            ("MODE", "Standalone"),
            ("WAIT", "-1"),
            ("WAIT", "1e3"),
            ("WAIT", "100000"),
            ("REHEARSE", "yes"),
            ("FAIL_ON", "approved"),
            ("FAIL_ON", "rejected,"),
            ("FAIL_ON", "none,error"),
        ],
    )
    def test_that_cannot_be_used_are_named(self, name: str, value: str) -> None:
        with pytest.raises(UsageError, match=name.lower().replace("_", "-")):
            read_inputs({"INPUT_MODE": "standalone", f"INPUT_{name}": value})

    def test_of_service_mode_need_an_address(self) -> None:
        with pytest.raises(UsageError, match="`url` is missing"):
            read_inputs({"INPUT_MODE": "service"})

    def test_may_say_that_no_state_fails_the_job(self) -> None:
        assert read_inputs({"INPUT_MODE": "standalone", "INPUT_FAIL_ON": "none"}).fail_on == set()


class TestAJob:
    def test_is_about_the_pull_of_its_event(self, tmp_path: Path) -> None:
        job = a_job(tmp_path, {"pull_request": PULL})
        assert (job.number, job.head_sha, job.is_fork) == (7, "a" * 40, False)

    @pytest.mark.parametrize("source", [{"id": 2}, None])
    def test_of_another_or_a_deleted_repository_is_a_forks(self, tmp_path: Path, source: object) -> None:
        assert a_job(tmp_path, {"pull_request": {**PULL, "head": {"sha": "a" * 40, "repo": source}}}).is_fork

    @pytest.mark.parametrize(
        ("workflow", "is_protected"),
        [
            ("acme/central/.github/workflows/gate.yml@refs/heads/main", True),
            ("Acme/Shop/.github/workflows/gate.yml@refs/pull/7/merge", False),
            ("", False),
        ],
    )
    def test_is_protected_where_its_workflow_stands_elsewhere(
        self, tmp_path: Path, workflow: str, *, is_protected: bool
    ) -> None:
        job = a_job(tmp_path, {"pull_request": PULL}, GITHUB_WORKFLOW_REF=workflow)
        assert job.is_protected is is_protected

    def test_without_a_pull_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="about no pull request"):
            a_job(tmp_path, {"ref": "refs/heads/main"}, GITHUB_EVENT_NAME="push")

    @pytest.mark.parametrize("pull", [{}, {**PULL, "number": "x"}, {**PULL, "base": None}, {**PULL, "head": []}])
    def test_with_an_odd_event_is_refused(self, tmp_path: Path, pull: object) -> None:
        with pytest.raises(UnreadableError):
            a_job(tmp_path, {"pull_request": pull})

    def test_without_an_event_is_refused(self) -> None:
        with pytest.raises(GateError):
            read_job({"GITHUB_EVENT_PATH": "/nowhere"})
