"""The container image and the compose file: what can be told of them without a container engine."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from architecture_map import ROOT
from ruamel.yaml import YAML

from gate.cli.main import command
from gate.config import load_settings

BIN = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "compose.yaml").read_text())
OURS = ("migrate", "gate-1", "gate-2", "worker")


def run(*line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


def instruction(name: str) -> list[str]:
    """All arguments of an instruction of the Dockerfile, continued lines joined."""
    text = DOCKERFILE.replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in text.splitlines() if line.startswith(f"{name} ")]


class TestTheImage:
    def test_has_nothing_that_hadolint_knows_to_be_wrong(self) -> None:
        done = run(str(BIN / "hadolint"), "Dockerfile")
        assert (done.returncode, done.stdout) == (0, "")

    def test_stands_on_one_base_by_its_digest(self) -> None:
        bases = {line.split()[0] for line in instruction("FROM")}
        assert len(bases) == 1
        assert re.fullmatch(r"python:[0-9.]+-slim-[a-z]+@sha256:[0-9a-f]{64}", bases.pop())

    def test_installs_by_hashes_alone(self) -> None:
        installs = [
            one for line in instruction("RUN") for one in line.split("&&") if re.search(r"pip .*\binstall\b", one)
        ]
        assert len(installs) == 3
        assert all("--require-hashes" in one or "--no-index" in one for one in installs)

    def test_runs_as_a_numbered_user_who_is_not_root(self) -> None:
        (user,) = instruction("USER")
        assert int(user.partition(":")[0]) > 1000

    def test_starts_the_command_itself_and_no_shell(self) -> None:
        (entry,), (first,) = instruction("ENTRYPOINT"), instruction("CMD")
        assert json.loads(entry) == ["gate"]
        assert command.get_command(None, json.loads(first)[0]) is not None  # type: ignore[arg-type]

    def test_holds_nothing_secret(self) -> None:
        assert not re.search(r"(?i)^(ENV|ARG) .*(secret|token|password|key)", DOCKERFILE, re.MULTILINE)

    def test_what_is_copied_is_what_the_builder_may_see(self) -> None:
        seen = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
        copied = {part for line in instruction("COPY") if "--from" not in line for part in line.split()[:-1]}
        assert {part.partition("/")[0] for part in copied} == seen
        assert all((ROOT / part).exists() for part in copied)


@pytest.fixture
def health() -> Iterator[tuple[str, list[int]]]:
    """The image's health check, led to a server of this test, and the status that the server answers."""
    status: list[int] = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0] if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    code: str = json.loads(instruction("HEALTHCHECK")[0].partition("CMD ")[2])[2]
    yield code.replace(":8000", f":{server.server_port}"), status
    server.shutdown()
    server.server_close()


class TestTheHealthCheck:
    def test_passes_while_the_service_answers(self, health: tuple[str, list[int]]) -> None:
        assert run(sys.executable, "-c", health[0]).returncode == 0

    def test_fails_where_it_does_not(self, health: tuple[str, list[int]]) -> None:
        code, status = health
        status[0] = 503
        assert run(sys.executable, "-c", code).returncode == 1


class TestTheComposeFile:
    def test_is_one_by_the_published_schema(self) -> None:
        done = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")
        assert done.returncode == 0, done.stdout

    def test_has_two_replicas_and_a_worker_on_one_database(self) -> None:
        commands = {name: COMPOSE["services"][name]["command"][0] for name in OURS}
        assert commands == {"migrate": "db", "gate-1": "serve", "gate-2": "serve", "worker": "worker"}

    @pytest.mark.parametrize("name", OURS)
    def test_writes_nowhere_and_may_nothing_more_than_it_needs(self, name: str) -> None:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]

    def test_publishes_on_loopback_alone(self) -> None:
        ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    @pytest.mark.parametrize("name", OURS)
    def test_gives_each_secret_as_a_file_that_the_service_reads(self, name: str, tmp_path: Path) -> None:
        service = COMPOSE["services"][name]
        environment = dict(service["environment"])
        for secret in service["secrets"]:
            assert COMPOSE["secrets"][secret]["file"] == f"secrets/{secret}"
            (tmp_path / secret).write_text(f"postgresql+psycopg://gate:the-password@{secret}/gate\n")
        for variable, path in environment.items():
            environment[variable] = str(tmp_path / Path(path).name)
        shown = load_settings(environment, folder=tmp_path).shown()
        paths = {"GATE_DATABASE_URL", "GATE_LEDGER_KEY", "GATE_SIGNING_KEY"}
        secrets = {name.removesuffix("_FILE") for name in environment} - paths
        assert {shown[name] for name in secrets} == {"(set)"}
        assert shown["GATE_DATABASE_URL"].endswith("@database-url/gate")
