"""What people do in the double has the effects that it has on the platform: merging, queueing, retargeting, telling."""

import hashlib
import hmac
import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from builders_forge_world import GATE_APP, ForgeWorld, a_world
from doubles.github.apps import Viewer
from doubles.github.merging import MergeRefusedError

ANOTHER_APP = 666


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as forge:
        yield forge


class Receiver:
    """A real server that takes webhooks."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): text for name, text in self.headers.items()}, data))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/webhooks/github"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def events(self) -> list[str]:
        return [f"{head['x-github-event']}.{json.loads(data).get('action', '')}" for head, data in self.got]

    @property
    def guids(self) -> list[str]:
        return [head["x-github-delivery"] for head, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.http.shutdown()
    receiver.thread.join()
    receiver.http.server_close()


class TestMerging:
    def test_only_a_green_check_of_the_pinned_app_lets_a_pull_in(self, forge: ForgeWorld) -> None:
        forge.demand_the_gate()
        pull = forge.a_pull()
        forge.say(pull.head_sha, "success", app_id=ANOTHER_APP)
        assert not pull.would_merge()
        with pytest.raises(MergeRefusedError, match="is not green"):
            pull.merge(forge.alice)
        forge.say(pull.head_sha, "success")
        assert pull.would_merge()
        assert forge.shop.history.at(pull.merge(forge.alice)).parents[1] == pull.head_sha

    def test_the_newest_run_of_a_name_counts(self, forge: ForgeWorld) -> None:
        forge.demand_the_gate()
        pull = forge.a_pull()
        forge.say(pull.head_sha, "success")
        forge.say(pull.head_sha, None)
        assert not pull.would_merge()

    def test_a_push_leaves_the_green_behind(self, forge: ForgeWorld) -> None:
        forge.demand_the_gate()
        pull = forge.a_pull()
        forge.say(pull.head_sha)
        forge.shop.commit(pull.head_ref, {"api/new.py": "x\n"}, author=forge.dave)
        assert pull.why_not_merged() == ["the check Sign-off gate of app 4242 is not green"]

    def test_drafts_and_conflicts_do_not_merge(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull(draft=True)
        assert pull.why_not_merged() == ["it is a draft"]
        pull.ready()
        forge.shop.commit("main", {"api/pay.py": "amount = 7\n"}, author=forge.carol)
        assert pull.why_not_merged() == ["it conflicts"]

    def test_auto_merge_merges_in_the_moment_the_check_is_green(self, forge: ForgeWorld) -> None:
        forge.demand_the_gate()
        pull = forge.a_pull()
        pull.auto_merge(forge.alice, "squash")
        forge.say(pull.head_sha, None)
        assert pull.state == "open"
        forge.say(pull.head_sha)
        assert (pull.merged_by, len(forge.shop.history.at(forge.shop.tip("main")).parents)) == (forge.alice, 1)

    def test_a_pull_onto_a_merged_branch_moves_on_when_that_is_deleted(self, forge: ForgeWorld) -> None:
        lower = forge.a_pull()
        upper = forge.a_pull({"web/page.html": "new\n"}, base=lower.head_ref)
        lower.merge(forge.alice)
        forge.shop.delete_branch(lower.head_ref, by=forge.alice)
        assert (upper.base_ref, upper.state) == ("main", "open")
        told = forge.world.get("/repos/acme/shop/issues/2/timeline", forge.world.token(forge.bob))
        assert [event["event"] for event in told] == ["automatic_base_change_succeeded"]

    def test_a_pull_onto_a_branch_that_is_only_deleted_closes(self, forge: ForgeWorld) -> None:
        forge.shop.commit("release", {"R": "1\n"}, author=forge.carol)
        pull = forge.a_pull(base="release")
        forge.shop.delete_branch("release", by=forge.carol)
        assert pull.state == "closed"

    def test_a_rebase_keeps_the_authors(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({"api/b.py": "b\n"})
        forge.shop.commit("main", {"README.md": "Moved on\n"}, author=forge.carol)
        commit = forge.shop.history.at(pull.merge(forge.alice, "rebase"))
        assert (commit.author.email, commit.committer.email) == ("dave@example.com", "noreply@github.com")

    def test_a_pull_from_a_fork_names_its_fork(self, forge: ForgeWorld) -> None:
        mallory = forge.world.user("mallory")
        fork = forge.shop.fork(mallory)
        fork.commit("evil", {"api/pay.py": "amount = 0\n"}, author=mallory)
        pull = forge.shop.open_pull(head="mallory:evil", author=mallory)
        forge.shop.grant(mallory, "read")
        seen = forge.world.get("/repos/acme/shop/pulls/1", forge.world.token(forge.bob))
        assert (seen["head"]["repo"]["id"], [file.path for file in pull.files()]) == (fork.id, ["api/pay.py"])


class TestTheQueue:
    def test_each_group_builds_on_the_one_before(self, forge: ForgeWorld) -> None:
        forge.demand_the_gate()
        pulls = [forge.a_pull({f"api/{name}.py": "x\n"}) for name in "ab"]
        main = forge.shop.tip("main")
        first, second = forge.shop.queue(pulls)
        assert (first.base_sha, second.base_sha) == (main, first.head_sha)
        assert second.ref == f"refs/heads/gh-readonly-queue/main/pr-2-{first.head_sha}"
        forge.say(second.head_sha)
        assert not second.would_merge()
        forge.say(first.head_sha)
        second.merge()
        assert [pull.merge_sha for pull in pulls] == [first.head_sha, second.head_sha]
        assert forge.shop.tip("main") == second.head_sha


class TestWebhooks:
    def test_a_delivery_is_signed_and_says_who_did_what_to_which_pull(
        self, forge: ForgeWorld, receiver: Receiver
    ) -> None:
        forge.world.webhooks_to(receiver.url, "secret")
        pull = forge.a_pull()
        head, data = receiver.got[-1]
        payload = json.loads(data)
        signature = hmac.new(b"secret", data, hashlib.sha256).hexdigest()
        assert receiver.events == ["push.", "pull_request.opened"]
        assert head["x-hub-signature-256"] == f"sha256={signature}"
        assert head["x-github-hook-installation-target-id"] == "4242"
        assert (payload["number"], payload["pull_request"]["head"]["sha"]) == (1, pull.head_sha)
        assert (payload["repository"]["id"], payload["installation"]["id"], payload["sender"]["id"]) == (
            1000,
            4200,
            1004,
        )
        assert payload["organization"]["id"] == 500

    def test_every_act_is_told(self, forge: ForgeWorld, receiver: Receiver) -> None:
        pull = forge.a_pull()
        forge.world.webhooks_to(receiver.url, "secret")
        review = pull.review(forge.alice)
        review.dismiss(forge.bob)
        comment = pull.comment(forge.bob, "one")
        comment.edit("two", forge.carol)
        comment.delete(forge.carol)
        pull.label("x", forge.bob)
        pull.edit(body="other", by=forge.bob)
        forge.say(pull.head_sha, "success")
        forge.payments.remove(forge.alice)
        forge.installation.suspend()
        assert receiver.events == [
            "pull_request_review.submitted", "pull_request_review.dismissed", "issue_comment.created",
            "issue_comment.edited", "issue_comment.deleted", "pull_request.labeled", "pull_request.edited",
            "check_run.completed", "membership.removed", "installation.suspend",
        ]  # fmt: skip

    def test_what_waits_is_pumped_in_the_order_that_a_test_wants(self, forge: ForgeWorld, receiver: Receiver) -> None:
        hooks = forge.world.webhooks_to(receiver.url, "secret", mode="queue")
        pull = forge.a_pull()
        pull.close(forge.bob)
        assert receiver.events == []
        hooks.pump(1)
        hooks.pump(reverse=True)
        assert receiver.events == ["push.", "pull_request.closed", "pull_request.opened"]

    def test_a_double_has_one_guid_and_a_replay_another(self, forge: ForgeWorld, receiver: Receiver) -> None:
        pull = forge.a_pull()
        hooks = forge.world.webhooks_to(receiver.url, "secret", mode="duplicate")
        pull.close(forge.bob)
        hooks.replay(hooks.log[-1])
        assert receiver.guids[0] == receiver.guids[1] != receiver.guids[2]

    def test_a_lost_delivery_is_listed_and_redelivered_under_its_guid(
        self, forge: ForgeWorld, receiver: Receiver
    ) -> None:
        pull = forge.a_pull()
        receiver.status = 503
        hooks = forge.world.webhooks_to(receiver.url, "secret")
        pull.close(forge.bob)
        assert hooks.log[-1].status_code == 503
        receiver.status = 202
        again = hooks.redeliver(hooks.log[-1])
        assert (again.is_redelivery, again.status_code) == (True, 202)
        assert receiver.guids[0] == receiver.guids[1]

    def test_a_dropped_delivery_never_arrives(self, forge: ForgeWorld, receiver: Receiver) -> None:
        pull = forge.a_pull()
        forge.world.webhooks_to(receiver.url, "secret", mode="drop")
        pull.close(forge.bob)
        assert receiver.got == []
        assert [delivery.status for delivery in forge.world.hooks.log] == ["dropped"]

    def test_an_app_asks_for_what_failed_and_gets_it_again(self, forge: ForgeWorld, receiver: Receiver) -> None:
        pull = forge.a_pull()
        hooks = forge.world.webhooks_to(receiver.url, "secret", mode="fail")
        pull.close(forge.bob)
        hooks.mode = "now"
        forge.world.tokens["an-app"] = Viewer(app=forge.installation.app)
        (failed,) = forge.world.get("/app/hook/deliveries?status=failure", "an-app")
        attempts = f"{forge.url}/app/hook/deliveries/{failed['id']}/attempts"
        ask = urllib.request.Request(attempts, b"", {"Authorization": "token an-app"})  # noqa: S310  # loopback
        with urllib.request.urlopen(ask) as answer:  # noqa: S310  # loopback
            assert answer.status == 202
        hooks.wait()
        assert receiver.guids == [failed["guid"]]
        again, _ = forge.world.get("/app/hook/deliveries", "an-app")
        assert (again["redelivery"], again["status_code"]) == (True, 202)

    def test_an_attacker_signs_with_another_secret(self, forge: ForgeWorld, receiver: Receiver) -> None:
        hooks = forge.world.webhooks_to(receiver.url, "secret")
        hooks.pretend("pull_request", {"action": "opened"}, secret="guessed")  # noqa: S106  # of nothing real
        head, data = receiver.got[0]
        assert head["x-hub-signature-256"] != f"sha256={hmac.new(b'secret', data, hashlib.sha256).hexdigest()}"

    def test_a_button_is_told_with_who_pressed_it(self, forge: ForgeWorld, receiver: Receiver) -> None:
        run = forge.shop.check_run(forge.shop.tip("main"), "gate", app_id=GATE_APP, conclusion="failure")
        forge.world.webhooks_to(receiver.url, "secret")
        forge.shop.press(run, "judge-again", forge.alice)
        payload = json.loads(receiver.got[0][1])
        assert (payload["requested_action"], payload["sender"]["id"]) == ({"identifier": "judge-again"}, 1001)
