"""R51: a change edits workflows, or a job runs with the base's rights beside the change's code."""

import datetime as dt
import io
import json
from collections.abc import Iterator

import pytest
from builders_forge_world import ForgeWorld, a_world

from gate.action.job import Job, read_inputs
from gate.action.rehearsal import rehearsed
from gate.action.runner import Runner
from gate.adapters.github.forge import GithubForge
from gate.adapters.github.manifest import PERMISSIONS
from gate.bootstrap import readers
from gate.usecases.answer_workload import EVENTS
from gate.usecases.initial_files import workflow_text
from gate.usecases.judge_at_once import SingleLook, judge_at_once


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as world:
        yield world


def asked(forge: ForgeWorld, path: str) -> set[str]:
    """Who is asked for a change of one file."""
    pull = forge.a_pull({path: "on: push\n"})
    github = GithubForge(token=forge.world.token(forge.carol), base_url=forge.url)
    found = github.find("acme/shop")
    assert found is not None
    access = github.access(found.key, installation=0, name=found.name)
    look = SingleLook(number=pull.number, at=dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    verdict = judge_at_once(access, look, readers=readers()).verdict
    return {actor.person for one in verdict.requirements if one.kind == "policy-change" for actor in one.who}


class TestAWorkflow:
    @pytest.mark.parametrize(
        "path", [".github/workflows/gate.yml", ".github/actions/x/action.yml", ".github/CODEOWNERS"]
    )
    def test_is_the_policy_owners_to_change(self, forge: ForgeWorld, path: str) -> None:
        assert asked(forge, path) == {"carol"}

    def test_that_is_written_for_a_repository_can_write_nothing(self) -> None:
        assert "write" not in workflow_text("1.0.0")
        assert "pull_request_target" not in workflow_text("1.0.0")

    def test_may_not_be_edited_by_the_app_itself(self) -> None:
        assert "workflows" not in PERMISSIONS


class TestAJobWithTheBasesRightsOrThatHoldsMergesBack:
    @pytest.mark.parametrize(
        ("event", "has_identity", "workflow"),
        [("pull_request_target", False, ""), ("pull_request", True, ""), ("pull_request", False, "acme/workflows")],
    )
    def test_runs_no_code_of_the_change(
        self, forge: ForgeWorld, event: str, workflow: str, *, has_identity: bool
    ) -> None:
        pull = forge.a_pull()
        bare = forge.world.folder / f"{forge.shop.id}.git"
        job = Job(
            repository="acme/shop", number=pull.number, head_sha=pull.head_sha, base_sha=pull.base_tip, event=event,
            is_fork=False, api_url=forge.url, workspace=bare, workflow_repository=workflow, has_identity=has_identity,
        )  # fmt: skip
        inputs = read_inputs({"INPUT_MODE": "standalone", "INPUT_REHEARSE": "true"})
        found = rehearsed(inputs, job, Runner({}, io.StringIO()))
        assert found.report is not None
        assert {step.step for step in found.report.steps} == {"merge", "revert"}
        assert "never runs a change's code" in found.note

    def test_says_nothing_to_the_service(self) -> None:
        assert json.dumps(sorted(EVENTS)) == '["pull_request", "pull_request_review"]'
