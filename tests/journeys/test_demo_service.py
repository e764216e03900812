"""The demo as a newcomer runs it: the service starts, and a change goes from opened to approved."""

import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_the_demo_runs_a_whole_round_and_ends_with_its_evidence_kept(tmp_path: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    environment = {
        **os.environ,
        "GATE_DEMO_PORT": port,
        "GATE_DEMO_FOLDER": str(tmp_path / "demo"),
        "PYTHONPATH": str(TESTS),
    }
    done = subprocess.run(
        [sys.executable, str(TESTS / "demo_service.py"), "--once"],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "alice, an owner, approves it" in done.stdout
    assert "merged; its evidence exported and verified" in done.stdout
    assert "The service has ended with its round" in done.stdout
    assert f"http://127.0.0.1:{port}" not in done.stdout, "nothing answers there any more"
    (export,) = [line for line in done.stdout.splitlines() if " audit export " in line]
    subprocess.run(export, shell=True, cwd=tmp_path, check=True, capture_output=True)  # noqa: S602  # as it is printed
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    verify = [sys.executable, "verify.py", "--clone", str(tmp_path / "demo" / "clone.git")]
    verified = subprocess.run(verify, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout
    assert "FAIL" not in verified.stdout
