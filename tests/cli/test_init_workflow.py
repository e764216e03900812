"""The workflow that `gate init` writes, run as a runner does: its own script, on a real repository."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders_git import ENVIRONMENT, GitRepository, a_repository
from ruamel.yaml import YAML

from gate.usecases.initial_files import workflow_text

TITLE = '$(touch pwned) "; touch pwned #'
FORGE = "https://x-access-token:token@forge.example/"


def the_step() -> dict[str, Any]:
    (step,) = YAML(typ="safe", pure=True).load(workflow_text("1.2.3"))["jobs"]["show"]["steps"]
    found: dict[str, Any] = step
    return found


def run_step(tmp_path: Path, shop: GitRepository, *, body: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the script with `pipx` leading to this gate and the forge's address to a folder."""
    tools, work, summary = tmp_path / "tools", tmp_path / "work", tmp_path / "summary.md"
    tools.mkdir()
    work.mkdir()
    (tools / "pipx").write_text(f'#!/bin/sh\nshift 4\nexec "{sys.executable}" -m gate "$@"\n')
    (tools / "pipx").chmod(0o755)
    shop.git("update-ref", "refs/pull/7/head", "feature")
    env = {
        **ENVIRONMENT,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{shop.path.parent}/.insteadOf",
        "GIT_CONFIG_VALUE_0": FORGE,
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_REPOSITORY": shop.path.stem,
        "GITHUB_STEP_SUMMARY": str(summary),
        "TOKEN": "token",
        "NUMBER": "7",
        "BASE": "main",
        "HEAD": shop.rev("feature"),
        "TITLE": TITLE,
        "BODY": body,
        "AUTHOR": "bob",
    }
    line = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", the_step()["run"]]
    done = subprocess.run(line, cwd=work, env=env, capture_output=True, text=True, check=False)
    return done, summary.read_text() if summary.exists() else ""


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    # The script asks for a name that ends in .git, as the forge has it.
    made = a_repository(tmp_path / "shop.git", {"CODEOWNERS": "* @acme\n"}, is_bare=True)
    made.commit({"a.txt": "1\n"}, branch="feature")
    return made


class TestTheScript:
    def test_shows_the_verdict_in_the_summary_and_holds_nothing_back(self, tmp_path: Path, shop: GitRepository) -> None:
        done, summary = run_step(tmp_path, shop, body="## Rollback plan\n- Method: revert\n")
        assert done.returncode == 0, done.stderr
        assert summary.startswith("## \N{HORIZONTAL ELLIPSIS} Waiting")
        assert "Waiting for acme to sign off" in summary
        assert not list(tmp_path.rglob("pwned"))

    def test_fails_where_the_gate_could_not_judge(self, tmp_path: Path, shop: GitRepository) -> None:
        shop.commit({".gate/policy.yaml": "version: one\n"}, branch="main")
        done, summary = run_step(tmp_path, shop, body="")
        assert done.returncode == 1
        assert "The gate's own files cannot be used" in summary


class TestTheComment:
    def test_says_that_reviews_are_not_counted_here(self) -> None:
        comment = " ".join(workflow_text("1.2.3").partition("name:")[0].replace("\n# ", " ").split())
        assert "Shows the gate's verdict" in comment
        assert "counted by the service alone" in comment
        assert "this run blocks nothing" in comment
