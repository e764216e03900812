"""The demo as a newcomer runs it: the service starts, and a change goes from opened to approved."""

import os
import socket
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_the_demo_runs_a_whole_round_and_ends() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    environment = {**os.environ, "GATE_DEMO_PORT": port, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(
        [sys.executable, str(TESTS / "demo_service.py"), "--once"],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "alice, an owner, approves it" in done.stdout
    assert "merged; its evidence exported and verified" in done.stdout
    assert f"http://127.0.0.1:{port}/enter/" in done.stdout
