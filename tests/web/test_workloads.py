"""A job of GitHub Actions at the service's door: its change is judged, its evidence is weighed, it approves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_visitors import bearer
from builders_workloads import CENTRAL, a_key, claims_of, jwk_of, signed
from doubles.github.pulls import Pull

from gate.adapters.workload_tokens import JoseWorkloadTokens

PLAN = ".gate/policy.yaml"
REHEARSED = """\
version: 1
default_owner: platform
rollback: {rehearsed: true, rehearsed_by: [reported]}
"""


@dataclass
class Door:
    """A service with its application, and a pull that a job is about."""

    service: Service
    app: Any
    pull: Pull

    def ask(self, *, number: int | None = None, body: Any = None, path: str = "", **claims: Any) -> Any:
        """Let the job ask, with a fresh token whose claims are as usual unless told otherwise."""
        given = claims_of(self.service.forge, self.pull, at=self.service.clock(), **claims)
        return self.send(signed(given, a_key()), number=number, body=body, path=path)

    def send(self, token: str, *, number: int | None = None, body: Any = None, path: str = "") -> Any:
        address = path or f"/api/v1/changes/acme/shop/{number or self.pull.number}/evaluate"
        question = {"head_sha": self.pull.head_sha} if body is None else body
        return self.app.test_client().post(address, json=question, headers=bearer(token))

    def report(self, *, head: str = "", is_passed: bool = True) -> dict[str, Any]:
        """A question with a rehearsal of the head."""
        step = {"step": "revert", "is_passed": is_passed, "source": "gate", "why": "The tree is the base's."}
        head = head or self.pull.head_sha
        return {
            "head_sha": head,
            "rehearsal": {
                "schema": "gate.rehearsal/1", "base_sha": self.pull.base_tip, "head_sha": head, "steps": [step],
                "untried": [],
            },
        }  # fmt: skip

    def commit(self, branch: str) -> str:
        """Let dave commit on top of the pull's head."""
        forge = self.service.forge
        return str(
            forge.shop.commit(branch, {"api/pay.py": "amount = 9\n"}, author=forge.dave, start=self.pull.head_ref)
        )

    def entries(self) -> list[str]:
        with self.service.store.reading() as reading:
            return [entry.kind for entry in reading.timeline(self.service.key(self.pull))]


def way_back(answer: Any) -> str:
    """The state of the requirement of a way back, as a job is told."""
    found = [one["state"] for one in answer.json["verdict"]["requirements"] if one["kind"] == "rollback"]
    return "met" if set(found) == {"met"} else "open"


@pytest.fixture
def door(tmp_path: Any) -> Iterator[Door]:
    settings = {"evidence_workflows": frozenset({CENTRAL})}
    with a_service(tmp_path, files={PLAN: REHEARSED}, settings=settings) as service:
        pull = service.forge.a_pull()
        service.settle()
        keys = {"one": jwk_of(a_key(), "one")}
        tokens = JoseWorkloadTokens(
            issuer="https://issuer.example", audience="https://gate.example.com", key_of=keys.get
        )
        yield Door(service, an_app(service, workload_tokens=tokens), pull)


class TestAJob:
    def test_gets_the_verdict_on_its_change_as_it_is_now(self, door: Door) -> None:
        assert door.service.verdict(door.pull).change.title == "Round amounts half to even"
        door.pull.edit(title="Round amounts half to odd")
        answer = door.ask()
        assert (answer.status_code, way_back(answer)) == (200, "open")
        assert answer.json["state"] == answer.json["verdict"]["state"] == "waiting"
        assert answer.json["verdict"]["change"]["title"] == "Round amounts half to odd"
        assert answer.json["url"].endswith(f"/changes/acme/shop/{door.pull.number}")
        assert answer.json["head_sha"] == door.pull.head_sha

    def test_brings_a_rehearsal_that_counts_as_reported_for_its_head(self, door: Door) -> None:
        answer = door.ask(body=door.report())
        assert answer.json["evidence"] == f"The rehearsal is taken as reported for {door.pull.head_sha[:12]}."
        assert way_back(answer) == "met"
        assert answer.json["state"] == "waiting", "evidence is no sign-off"
        assert "evidence-reported" in door.entries()

    def test_is_about_the_merge_that_the_forge_tried(self, door: Door) -> None:
        merge = door.commit("tried")
        assert "is taken as reported" in door.ask(body=door.report(), sha=merge).json["evidence"]

    def test_of_an_open_change_alone_is_answered(self, door: Door) -> None:
        door.pull.close()
        assert door.ask().status_code == 400


class TestARehearsalIsNotTaken:
    def test_of_another_workflow(self, door: Door) -> None:
        own = f"acme/shop/.github/workflows/gate.yml@refs/pull/{door.pull.number}/merge"
        answer = door.ask(body=door.report(), job_workflow_ref=own)
        assert (answer.status_code, way_back(answer)) == (200, "open")
        assert "is not named in GATE_ACTIONS_WORKFLOWS" in answer.json["evidence"]
        assert "evidence-refused" in door.entries()

    def test_of_an_earlier_head(self, door: Door) -> None:
        earlier = door.report()
        door.commit(door.pull.head_ref)
        assert "another head by now" in door.ask(body=earlier).json["evidence"]

    def test_of_a_run_about_another_commit(self, door: Door) -> None:
        other = door.service.forge.shop.tip("main")
        assert "the run is about another commit" in door.ask(body=door.report(), sha=other).json["evidence"]

    def test_once_the_head_moves_on(self, door: Door) -> None:
        assert way_back(door.ask(body=door.report())) == "met"
        door.commit(door.pull.head_ref)
        assert way_back(door.ask()) == "open"


class TestIsRefused:
    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            ({"repository_id": "999"}, 404),
            ({"repository_owner_id": "999"}, 403),
            ({"event_name": "pull_request_target"}, 403),
            ({"event_name": "push", "ref": "refs/heads/main"}, 403),
            ({"ref": "refs/pull/99/merge"}, 403),
            ({"aud": "https://other.example"}, 401),
            ({"exp": 1}, 401),
        ],
    )
    def test_a_job_of_something_else(self, door: Door, claims: dict[str, Any], status: int) -> None:
        answer = door.ask(**claims)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert ("evidence-refused" in door.entries()) is (status == 403)

    def test_a_token_that_was_used(self, door: Door) -> None:
        token = signed(claims_of(door.service.forge, door.pull, at=door.service.clock()), a_key())
        assert door.send(token).status_code == 200
        again = door.send(token)
        assert (again.status_code, again.json["detail"].partition(".")[0]) == (403, "This token was used before")

    @pytest.mark.parametrize("body", [{}, {"head_sha": "x"}, {"head_sha": "a" * 40, "approve": True}, []])
    def test_a_question_that_is_none(self, door: Door, body: Any) -> None:
        assert door.ask(body=body).status_code == 400

    def test_everywhere_else(self, door: Door) -> None:
        token = signed(claims_of(door.service.forge, door.pull, at=door.service.clock()), a_key())
        client = door.app.test_client()
        for path in ("/api/v1/changes", f"/api/v1/changes/acme/shop/{door.pull.number}", "/metrics"):
            assert client.get(path, headers=bearer(token)).status_code == 401
