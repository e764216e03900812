"""S14: no secret reaches any output of the service, and nobody forges a line of its log."""

import hashlib
import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_processes import GATE, Running, a_service_of_processes

from gate.adapters.logs_structlog import clean

TITLE = 'Round\r\n{"event": "forged"}\x1b[2J\u2028\u202eCharge'
CANARIES = {
    "GATE_SECRET_KEY": "canary-of-the-secret-key",
    "GATE_GITHUB_WEBHOOK_SECRET": "canary-of-the-webhook",
    "GATE_GITHUB_CLIENT_SECRET": "canary-of-the-client-secret",
}
IN_ADDRESSES = "gate_canaryinanaddress00000000000"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with a_service_of_processes(tmp_path, f"sqlite:///{tmp_path}/gate.db") as one:
        one.environment |= {**CANARIES, "GATE_GITHUB_CLIENT_ID": "Iv1.test", "GATE_LOG_FORMAT": "json"}
        one.forge.world.webhooks_to(
            f"http://127.0.0.1:{one.port}/webhooks/github", CANARIES["GATE_GITHUB_WEBHOOK_SECRET"]
        )
        yield one


def asked(running: Running, path: str, **headers: str) -> str:
    """Return all that is answered: status, headers and body."""
    request = urllib.request.Request(f"http://127.0.0.1:{running.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # the address is the test's own
            return f"{answer.status}\n{answer.headers}\n{answer.read().decode()}"
    except urllib.error.HTTPError as answer:
        with answer:
            return f"{answer.status}\n{answer.headers}\n{answer.read().decode()}"


def gate(running: Running, *arguments: str) -> str:
    ran = subprocess.run(
        [GATE, *arguments], env=running.environment, cwd=running.folder, capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


def test_no_secret_is_in_any_output_and_each_line_of_the_log_is_the_gates_own(running: Running) -> None:
    running.serve("--migrate")
    made = gate(running, "tokens", "create", "--name", "ci", "--role", "admin")
    (token,) = re.findall(r"gate_[A-Za-z0-9_-]{20,}", made)
    forge = running.forge
    forge.world.faults.add("GET", "/reviews", "status", status=502, message=f"Bearer {IN_ADDRESSES}", times=2)
    pull = forge.a_pull(title=TITLE)
    running.becomes(pull, "in_progress")
    outputs = [
        asked(running, f"/api/v1/changes?after={IN_ADDRESSES}", Authorization=f"Bearer {token}"),
        asked(running, "/api/v1/changes/acme/shop/1", Authorization=f"Bearer {token}"),
        asked(running, f"/enter/{IN_ADDRESSES}", Accept="text/html"),
        asked(running, f"/login/github/callback?code={IN_ADDRESSES}&state=x", Accept="text/html"),
        asked(running, "/metrics", Authorization=f"Bearer {token}"),
        asked(running, "/metrics", Authorization=f"Bearer {IN_ADDRESSES}"),
        asked(running, "/readyz"),
        gate(running, "doctor"),
        gate(running, "doctor", "--json"),
        gate(running, "tokens", "list"),
        (running.folder / "serve.log").read_text(),
    ]
    key = (running.folder / "app.pem").read_text().splitlines()[1]
    installation = forge.world.installation_token(forge.installation)
    for canary in (*CANARIES.values(), IN_ADDRESSES, token, key, installation):
        for number, output in enumerate(outputs):
            assert canary not in output, f"{canary} is in output {number}"
    lines = [line for line in outputs[-1].splitlines() if line.startswith("{")]
    events = [json.loads(line)["event"] for line in lines]
    assert "request" in events
    assert "forged" not in events
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", outputs[-1])
    correlations = [json.loads(line)["correlation"] for line in lines if json.loads(line)["event"] == "request"]
    assert all(correlations)


@pytest.mark.parametrize(
    "secret",
    [
        "ghs_" + "a" * 36,
        "ghs_4242_eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "github_pat_" + "a" * 30,
        "Bearer abc.def-ghi",
        "gate_" + "b" * 32,
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "https://gate.example/signoff/eyJhbGciOi.J9",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_redacted_wherever_it_stands(secret: str) -> None:
    told = clean({"why": [f"it said {secret} and more"]})
    assert secret.rpartition(" ")[2].rpartition("/")[2] not in str(told)
    assert "(redacted)" in str(told)


def test_a_token_is_kept_as_its_hash_alone(running: Running) -> None:
    gate(running, "db", "upgrade")
    made = gate(running, "tokens", "create", "--name", "ci", "--role", "viewer")
    (token,) = re.findall(r"gate_[A-Za-z0-9_-]{20,}", made)
    kept = b"".join(file.read_bytes() for file in running.folder.glob("gate.db*"))
    assert token.encode() not in kept
    assert hashlib.sha256(token.encode()).hexdigest().encode() in kept
