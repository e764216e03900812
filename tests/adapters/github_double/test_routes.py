"""Every route of the double answers as GitHub's own description says."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import GATE_APP, ForgeWorld, a_world
from doubles.github import judge
from doubles.github.apps import Viewer
from doubles.github.routing import ROUTES

SHOP = "/repos/acme/shop"


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as forge:
        yield forge


def ask(
    forge: ForgeWorld, method: str, path: str, body: Any = None, *, as_app: bool = False, as_alice: bool = False
) -> tuple[int, Any]:
    """Send one request as the installation, the app, or alice."""
    token = "t" * 8
    viewer = Viewer(app=forge.installation.app, installation=forge.installation)
    if as_app or as_alice:
        viewer = Viewer(app=forge.installation.app) if as_app else Viewer(user=forge.alice)
    forge.world.tokens[token] = viewer
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(forge.url + path, data, headers, method=method)  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read() or b"null")


def a_busy_world(forge: ForgeWorld) -> dict[str, Any]:
    """Let something of each kind be there; return what the paths name."""
    forge.world.webhooks_to("http://127.0.0.1:9/", "secret", mode="fail")
    forge.demand_the_gate()
    forge.shop.ruleset(checks=[("lint", None)], uses_queue=True, approvals=1, allows_force_push=False)
    forge.world.organisation_ruleset(forge.acme, name="everywhere", branches=["~ALL"], checks=[("gate", GATE_APP)])
    pull = forge.a_pull()
    review = pull.review(forge.alice, "CHANGES_REQUESTED", body="no")
    comment = pull.comment(forge.bob, "hello")
    pull.edit(title="Another title", by=forge.bob)
    pull.label("emergency", forge.bob)
    pull.unlabel("emergency", forge.bob)
    pull.request_review(forge.erin, forge.web, by=forge.bob)
    pull.draft()
    pull.ready()
    pull.auto_merge(forge.bob)
    forge.shop.commit(pull.head_ref, {"api/new.py": "x\n"}, author=forge.dave)
    forge.shop.force_push(pull.head_ref, {"api/other.py": "x\n"}, author=forge.dave)
    forge.shop.commit("release", {"R": "r\n"}, author=forge.carol)
    pull.edit(base="release", by=forge.bob)
    review.dismiss(forge.carol)
    pull.close(forge.bob)
    pull.reopen(forge.bob)
    forge.say(pull.head_sha, "failure")
    run = forge.shop.checks.on(pull.head_sha)[0]
    run.annotations.append(
        {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"},
    )
    forge.payments.add(forge.erin)
    sha = pull.head_sha
    forge.world.manifests["abc"] = {"id": 77, "slug": "made", "webhook_secret": "s"}
    return {
        "owner": "acme", "repo": "shop", "org": "acme", "username": "alice", "account_id": 1001,
        "team_slug": "payments",
        "pull_number": pull.number, "issue_number": pull.number, "review_id": review.id, "comment_id": comment.id,
        "check_run_id": run.id, "check_suite_id": run.suite_id, "ref": sha, "commit_sha": sha, "branch": "main",
        "basehead": f"main...{sha}", "path": "api", "tree_sha": sha, "ruleset_id": forge.shop.rulesets[0].id,
        "file_sha": forge.shop.objects.entry("amount = 1\n")[1], "installation_id": forge.installation.id,
        "delivery_id": forge.world.hooks.log[0].id, "code": "abc",
    }  # fmt: skip


class TestEveryRoute:
    def test_every_route_of_the_description_is_answered_and_no_other(self) -> None:
        described = {
            (method.upper(), path) for path, methods in judge.description()["paths"].items() for method in methods
        }
        answered = {
            (one.method, one.template) for one in ROUTES if not one.template.startswith(("/login/", "/graphql"))
        }
        assert answered == described

    def test_every_get_answers_as_described(self, forge: ForgeWorld) -> None:
        names = a_busy_world(forge)
        failed = []
        for known in ROUTES:
            if known.method != "GET" or known.template.startswith("/login/"):
                continue
            names["ref"] = "heads/main" if "/git/" in known.template else names["commit_sha"]
            as_app = known.template.startswith("/app") or known.template.endswith("/installation")
            path = known.template.format(**names)
            as_alice = known.template in {"/user", "/user/repos"}
            status, body = ask(forge, "GET", path, as_app=as_app, as_alice=as_alice)
            if status not in {200, 204}:
                failed.append((path, status, body))
        assert failed == []
        assert forge.world.violations == []

    def test_every_write_answers_as_described(self, forge: ForgeWorld) -> None:
        names = a_busy_world(forge)
        pull, sha = forge.shop.pull(names["pull_number"]), names["commit_sha"]
        writes: list[tuple[str, str, Any, int]] = [
            ("POST", f"{SHOP}/check-runs", {"name": "gate", "head_sha": sha, "status": "in_progress"}, 201),
            ("PATCH", f"{SHOP}/check-runs/{names['check_run_id']}", {"conclusion": "success"}, 200),
            ("POST", f"{SHOP}/issues", {"title": "An incident"}, 201),
            ("PATCH", f"{SHOP}/issues/2", {"state": "closed", "state_reason": "completed"}, 200),
            ("POST", f"{SHOP}/issues/1/comments", {"body": "a comment"}, 201),
            ("PATCH", f"{SHOP}/issues/comments/{names['comment_id']}", {"body": "another"}, 200),
            ("DELETE", f"{SHOP}/issues/comments/{names['comment_id']}", None, 204),
            ("POST", f"{SHOP}/issues/1/labels", {"labels": ["risky"]}, 200),
            ("POST", f"{SHOP}/pulls/1/requested_reviewers", {"reviewers": ["alice"], "team_reviewers": ["web"]}, 201),
            ("POST", f"{SHOP}/pulls/1/reviews", {"event": "COMMENT", "body": "well"}, 200),
        ]
        answers = [(path, ask(forge, method, path, body)[0], wanted) for method, path, body, wanted in writes]
        assert [answer for answer in answers if answer[1] != answer[2]] == []
        forge.installation.permissions["contents"] = "write"
        forge.shop.rulesets.clear()
        forge.world.rulesets.clear()
        assert ask(forge, "PUT", f"{SHOP}/pulls/1/merge", {"merge_method": "merge"})[0] == 200
        assert pull.merged_at
        delivery = f"/app/hook/deliveries/{names['delivery_id']}/attempts"
        assert ask(forge, "POST", delivery, as_app=True)[0] == 202
        token = f"/app/installations/{forge.installation.id}/access_tokens"
        assert ask(forge, "POST", token, {"repositories": ["shop"]}, as_app=True)[0] == 201
        assert ask(forge, "POST", "/app-manifests/abc/conversions")[0] == 201


class TestTheJudge:
    def test_a_wrong_request_is_a_violation_and_500(self, forge: ForgeWorld) -> None:
        body = {"name": "gate", "head_sha": forge.shop.tip("main"), "status": "wonderful"}
        assert ask(forge, "POST", f"{SHOP}/check-runs", body)[0] == 500
        assert "/status" in forge.world.violations.pop()

    def test_an_unknown_parameter_is_a_violation(self, forge: ForgeWorld) -> None:
        assert ask(forge, "GET", f"{SHOP}/pulls?status=open")[0] == 500
        assert "unknown parameter status" in forge.world.violations.pop()

    def test_a_world_with_a_violation_fails_when_it_is_left(self) -> None:
        world = a_world()
        world.__enter__().world.violations.append("something wrong")
        with pytest.raises(AssertionError, match="something wrong"):
            world.__exit__(None, None, None)

    def test_a_run_completed_without_a_conclusion_is_refused(self, forge: ForgeWorld) -> None:
        body = {"name": "gate", "head_sha": forge.shop.tip("main"), "status": "completed"}
        assert ask(forge, "POST", f"{SHOP}/check-runs", body)[0] == 422

    def test_what_the_installation_may_not_do_is_403(self, forge: ForgeWorld) -> None:
        forge.installation.permissions["checks"] = "read"
        body = {"name": "gate", "head_sha": forge.shop.tip("main")}
        assert ask(forge, "POST", f"{SHOP}/check-runs", body)[0] == 403

    def test_a_renamed_repository_is_found_by_its_old_name(self, forge: ForgeWorld) -> None:
        forge.shop.rename("store")
        assert ask(forge, "GET", SHOP)[1]["full_name"] == "acme/store"
