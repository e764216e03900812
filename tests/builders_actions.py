"""A runner of GitHub Actions for tests: act runs a workflow that uses this repository's own `action.yml`.

    ran = run_action(tmp_path, forge, pull, mode="standalone")
    ran.code, ran.outputs["state"], ran.summary, ran.log

The job runs on this machine, in a checkout of the change, with the same files, commands and masking as at GitHub, and
with the libraries of this environment in place of a new installation.
"""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from architecture_map import ROOT
from builders_forge_world import ForgeWorld
from doubles.github.pulls import Pull

from gate.action.start import folder_in

BIN = Path(sys.executable).parent
ACTION = "acme/signoff-gate@v1"
WORKFLOW = """\
name: Gate
on: [pull_request, pull_request_target, pull_request_review, merge_group]
permissions: {{}}
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with: {{fetch-depth: 0, persist-credentials: false}}
      - id: gate
        uses: {action}
        with:
{inputs}
      - if: always()
        shell: bash
        env:
          OUTPUTS: ${{{{ toJSON(steps.gate.outputs) }}}}
          TOLD: {told}
        run: |
          printf '%s' "$OUTPUTS" > "$TOLD"
"""


@dataclass(frozen=True)
class Ran:
    """What a job came to."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str

    @property
    def annotations(self) -> list[str]:
        """The job's annotations, each as `level: text`."""
        found = re.findall(r"::(error|warning|notice)[^:]*::(.*)", self.log)
        return [f"{level}: {text}" for level, text in found]


@cache
def _action_folder() -> Path:
    """A copy of the Action as a runner fetches it."""
    folder = Path(mkdtemp(prefix="gate-action-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(ROOT / "gate", folder / "gate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "locks", folder / "locks")
    shutil.copy(ROOT / "action.yml", folder)
    _git(folder, "init", "--quiet")
    return folder


def fill_tool_cache(home: Path) -> None:
    """Let the Action find this environment's libraries where act keeps tools."""
    place = folder_in(str(home / ".cache" / "act" / "tool_cache"))
    if not place.exists():
        place.mkdir(parents=True)
        for one in Path(sysconfig.get_path("purelib")).iterdir():
            (place / one.name).symlink_to(one)


def event_of(forge: ForgeWorld, pull: Pull) -> dict[str, Any]:
    """The event that a job about a pull gets."""
    shop, source = forge.shop, pull.head_repository
    return {
        "number": pull.number,
        "pull_request": {
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "head": {"sha": pull.head_sha, "ref": pull.head_ref, "repo": {"id": source.id} if source else None},
            "base": {"sha": pull.base_sha, "ref": pull.base_ref, "repo": {"id": shop.id}},
        },
        "repository": {"id": shop.id, "full_name": shop.full_name, "default_branch": shop.default_branch},
    }


def a_checkout(forge: ForgeWorld, folder: Path, pull: Pull | None = None) -> Path:
    """A clone with all history, as `actions/checkout` with `fetch-depth: 0` leaves it."""
    place = folder / "checkout"
    if place.exists():
        return place
    bare = forge.world.folder / f"{forge.shop.id}.git"
    _git(folder, "clone", "--quiet", "--no-checkout", str(bare), str(place))
    _git(place, "checkout", "--quiet", pull.head_sha if pull else "origin/main")
    return place


def run_action(
    folder: Path,
    forge: ForgeWorld,
    pull: Pull | None,
    *,
    event: str = "pull_request",
    payload: Mapping[str, Any] | None = None,
    checkout: Path | None = None,
    environment: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    **inputs: str,
) -> Ran:
    """Run the Action on an event; inputs with underscores for hyphens."""
    given = "\n".join(f"          {name.replace('_', '-')}: {json.dumps(text)}" for name, text in inputs.items())
    text = WORKFLOW.format(action=ACTION, inputs=given, told=folder / "outputs.json")
    ran = run_workflow(
        folder, forge, pull, text, event=event, payload=payload, checkout=checkout, environment=environment,
        secrets=secrets,
    )  # fmt: skip
    outputs = folder / "outputs.json"
    assert outputs.exists(), ran.log
    return replace(ran, outputs=json.loads(outputs.read_text()))


def run_workflow(
    folder: Path,
    forge: ForgeWorld,
    pull: Pull | None,
    text: str,
    *,
    action: str = ACTION,
    event: str = "pull_request",
    payload: Mapping[str, Any] | None = None,
    checkout: Path | None = None,
    environment: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Ran:
    """Run a workflow that uses the Action by some name, in a checkout of the pull's head."""
    work, home = folder / "workflow", folder / "home"
    for place in (work, home):
        place.mkdir(exist_ok=True)
    (work / "gate.yml").write_text(text)
    (work / "event.json").write_text(json.dumps(payload or (event_of(forge, pull) if pull else {})))
    fill_tool_cache(home)
    line = [
        str(BIN / "act"), event, "-C", str(checkout or a_checkout(forge, folder, pull)), "-W", str(work / "gate.yml"),
        "-e", str(work / "event.json"), "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--pull=false",
        "--local-repository", f"{action}={_action_folder()}",
        "--env", f"GITHUB_API_URL={forge.url}", "--env", "GITHUB_REPOSITORY=acme/shop",
    ]  # fmt: skip
    for name, value in (environment or {}).items():
        line += ["--env", f"{name}={value}"]
    for name, value in {"GITHUB_TOKEN": forge.world.token(forge.carol), **(secrets or {})}.items():
        line += ["-s", f"{name}={value}"]
    plain = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(line, env=plain, capture_output=True, text=True, check=False, timeout=120)
    log = done.stdout + done.stderr
    summary = re.search(r"Summary - (.*?)\n\[[^\]\n]+\] ", log, re.DOTALL)
    return Ran(done.returncode, {}, summary[1] if summary else "", log)


def _git(folder: Path, *arguments: str) -> None:
    line = ["git", "-c", "advice.detachedHead=false", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(folder)]
    subprocess.run([*line, *arguments], check=True, capture_output=True)
