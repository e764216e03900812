"""The Action with a service: its own steps, run by act, beside a real service, GitHub's stand-in and an issuer."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from builders_actions import Ran, event_of, run_action
from builders_login import an_app
from builders_service import Service, a_service
from builders_workloads import REQUEST_TOKEN, Issuer, an_issuer, claims_of
from doubles.github.pulls import Pull
from werkzeug.serving import make_server

from gate.action.job import Inputs, read_inputs, read_job
from gate.action.runner import Runner
from gate.action.service import ask_service
from gate.adapters.issuer_keys import IssuerKeys
from gate.adapters.workload_tokens import JoseWorkloadTokens
from gate.core.errors import GateError


@dataclass
class World:
    """A service that listens, a pull, and the issuer of the tokens of jobs."""

    service: Service
    issuer: Issuer
    pull: Pull
    url: str
    folder: Path

    def environment(self) -> dict[str, str]:
        return self.issuer.environment(claims_of(self.service.forge, self.pull, at=self.service.clock()))

    def run(self, **inputs: str) -> Ran:
        """Run the Action by act."""
        given = {"mode": "service", "url": self.url, **inputs}
        return run_action(self.folder, self.service.forge, self.pull, environment=self.environment(), **given)

    def ask(self, naps: list[float], **inputs: str) -> tuple[int, str]:
        """Ask in this process; return the exit code and the log."""
        event = self.folder / "event.json"
        event.write_text(json.dumps(event_of(self.service.forge, self.pull)))
        environment = {
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/shop",
            "INPUT_MODE": "service",
            "INPUT_URL": self.url,
            **self.environment(),
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
        }
        out = io.StringIO()
        read: Inputs = read_inputs(environment)
        job = read_job(environment)
        return ask_service(read, job, environment, Runner(environment, out), sleep=naps.append), out.getvalue()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_service(tmp_path) as service, an_issuer() as issuer:
        pull = service.forge.a_pull()
        service.settle()
        keys = IssuerKeys(issuer.url, clock=lambda: 0.0)
        app: Any = an_app(service)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        url = f"http://127.0.0.1:{server.server_port}"
        tokens = JoseWorkloadTokens(issuer=issuer.url, audience=url, key_of=keys.key)
        server.app = an_app(service, workload_tokens=tokens)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield World(service, issuer, pull, url, tmp_path)
        server.shutdown()
        thread.join()
        server.server_close()


class TestTheVerdict:
    def test_of_the_service_is_relayed_and_colours_nothing_by_default(self, world: World) -> None:
        ran = world.run(rehearse="true")
        assert (ran.code, ran.outputs["state"], ran.outputs["waiting-for"]) == (0, "waiting", "alice, bob"), ran.log
        assert ran.outputs["url"] == f"{world.url}/changes/acme/shop/{world.pull.number}"
        assert json.loads(ran.outputs["verdict"])["schema"] == "gate.verdict/1"
        assert f"[The verdict at the gate]({ran.outputs['url']})" in ran.summary
        assert "The rehearsal is not taken" in ran.summary
        assert "never runs a change's code" in ran.summary
        assert REQUEST_TOKEN not in ran.summary

    def test_fails_the_job_in_the_states_that_are_named(self, world: World) -> None:
        naps: list[float] = []
        assert world.ask(naps, fail_on="waiting")[0] == 1
        assert world.ask(naps, fail_on="none")[0] == 0
        world.pull.review(world.service.forge.bob, "CHANGES_REQUESTED")
        assert world.ask(naps)[0] == 1

    def test_is_green_once_an_owner_signed_off(self, world: World) -> None:
        world.pull.review(world.service.forge.alice)
        code, log = world.ask([])
        assert code == 0
        assert "Everything" in log
        assert "approved" in log.lower()


class TestWaiting:
    def test_asks_ever_more_seldom_until_the_time_is_up(self, world: World) -> None:
        naps: list[float] = []
        assert world.ask(naps, wait="100", fail_on="waiting")[0] == 1
        assert naps == [0, 5, 10, 20, 40, 25]
        assert world.issuer.paths.count("/token") == len(naps), "each question has a token of its own"

    def test_ends_with_the_approval(self, world: World) -> None:
        naps: list[float] = []

        class Approving(list[float]):
            def append(self, value: float) -> None:
                naps.append(value)
                if len(naps) == 2:
                    world.pull.review(world.service.forge.alice)

        assert world.ask(Approving(), wait="600", fail_on="waiting")[0] == 0
        assert naps == [0, 5]


class TestAJobThatCannotAsk:
    def test_of_a_fork_says_so_and_fails_nothing(self, world: World) -> None:
        payload = event_of(world.service.forge, world.pull)
        payload["pull_request"]["head"]["repo"] = {"id": 4711}
        ran = run_action(world.folder, world.service.forge, world.pull, payload=payload, mode="service", url=world.url)
        assert (ran.code, ran.outputs["state"]) == (0, "")
        assert "GitHub gives a job of a fork's pull request no identity" in ran.summary

    @pytest.mark.parametrize(
        ("inputs", "environment", "why"),
        [
            ({}, {"ACTIONS_ID_TOKEN_REQUEST_URL": ""}, "id-token: write"),
            ({"url": "http://gate.example.com"}, {}, "not HTTPS"),
            ({}, {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "wrong"}, "gave this job no identity"),
            ({"url": "https://127.0.0.1:9"}, {}, "did not answer"),
        ],
    )
    def test_otherwise_is_red_with_the_reason(
        self, world: World, inputs: dict[str, str], environment: dict[str, str], why: str
    ) -> None:
        event = world.folder / "event.json"
        event.write_text(json.dumps(event_of(world.service.forge, world.pull)))
        given = {
            "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "acme/shop", "INPUT_MODE": "service",
            "INPUT_URL": inputs.get("url", world.url), **world.environment(), **environment,
        }  # fmt: skip
        with pytest.raises(GateError, match=why):
            ask_service(read_inputs(given), read_job(given), given, Runner(given, io.StringIO()), sleep=lambda _: None)

    def test_the_service_with_a_token_for_another_audience(self, world: World) -> None:
        with pytest.raises(GateError, match="GATE_BASE_URL"):
            world.ask([], url=world.url.replace("127.0.0.1", "localhost"))
