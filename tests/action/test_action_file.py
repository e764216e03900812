"""`action.yml`: the format that GitHub publishes, nothing of a change in a command line, everything documented."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from architecture_map import ROOT
from ruamel.yaml import YAML

from gate import __version__
from gate.usecases.initial_files import ACTION_REPOSITORY, workflow_text

BIN = Path(sys.executable).parent
ACTION: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "action.yml").read_text())
PAGE = (ROOT / "docs" / "action.md").read_text()


def run(*line: str) -> str:
    """What a linter says; nothing where it has nothing to say."""
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def rows_of(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading of the page, by their first cell."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


def workflows() -> list[str]:
    """The workflows of the page, and the one that `gate init` writes; a commit in place of what stands for one."""
    found = [*re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL), workflow_text(__version__)]
    return [
        re.sub(rf"{ACTION_REPOSITORY}@(SHA|v{__version__})", f"{ACTION_REPOSITORY}@{'0' * 40}", text) for text in found
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("workflows") / ".github" / "workflows"
    place.mkdir(parents=True)
    for number, text in enumerate(workflows()):
        (place / f"{number}.yml").write_text(text)
    return place


class TestTheFile:
    def test_is_an_action_by_the_published_schema(self) -> None:
        assert run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-actions", "action.yml") == ""

    def test_has_nothing_that_zizmor_knows_to_be_dangerous(self) -> None:
        assert run(str(BIN / "zizmor"), "--offline", "--no-progress", "--persona=auditor", "action.yml") == ""

    def test_puts_no_expression_into_a_command_line(self) -> None:
        for step in ACTION["runs"]["steps"]:
            assert "${{" not in step.get("run", "")

    def test_gives_every_input_to_its_one_step(self) -> None:
        (step,) = ACTION["runs"]["steps"]
        assert {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]} == set(step["env"].values())


class TestThePage:
    def test_lists_every_input_with_its_default(self) -> None:
        rows = rows_of("Inputs")
        assert set(rows) == set(ACTION["inputs"])
        for name, row in rows.items():
            default = ACTION["inputs"][name].get("default", "")
            assert row[0] == (
                f"`{default}`" if default else "required" if ACTION["inputs"][name].get("required") else ""
            )

    def test_lists_every_output(self) -> None:
        assert set(rows_of("Outputs")) == set(ACTION["outputs"])


class TestTheWorkflows:
    def test_are_in_order(self, folder: Path) -> None:
        files = [str(file) for file in sorted(folder.iterdir())]
        assert run(str(BIN / "actionlint"), "-shellcheck", str(BIN / "shellcheck"), *files) == ""

    def test_are_workflows_by_the_published_schema(self, folder: Path) -> None:
        files = [str(file) for file in sorted(folder.iterdir())]
        assert run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files) == ""

    def test_hold_nothing_that_zizmor_knows_to_be_dangerous(self, folder: Path) -> None:
        assert run(str(BIN / "zizmor"), "--offline", "--no-progress", str(folder.parent.parent)) == ""

    def test_pin_what_they_use_by_its_commit(self) -> None:
        used = [name for text in workflows() for name in re.findall(r"uses: (\S+)", text)]
        assert used
        assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", name) for name in used)
