"""Starting: what `gate --version` and `gate check` may import before they answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders_git import a_repository

_TOLD = (
    "import atexit, os, sys\n"
    "atexit.register(lambda: os.write(3, '\\n'.join(sorted(sys.modules)).encode()))\n"
    "from gate.__main__ import main\n"
    "main()\n"
)
_OF_THE_SERVICE = {"alembic", "flask", "github", "gunicorn", "jinja2", "jose", "requests", "sqlalchemy", "werkzeug"}
_OF_OTHER_FILES = {"dateutil", "icalendar", "markdown_it", "re2", "recurring_ical_events", "zoneinfo.tzdata"}
_OF_ABSENT_FILES = {
    "gate.core.ownership.catalog",
    "gate.core.ownership.owners_files",
    "gate.core.ownership.records_reading",
    "gate.core.policy.merge",
    "gate.core.policy.reading",
    "gate.core.validation",
    "pydantic",
    "pydantic_core",
    "ruamel.yaml",
    "tomllib",
    "xml.parsers.expat",
}
_OF_THE_NETWORK = {"email", "http", "socket", "ssl", "urllib.request"}


def _imported(arguments: list[str], folder: Path) -> set[str]:
    """Return the modules that a run of the command line has imported when it ends."""
    told, say = os.pipe()
    script = f"import os; os.dup2({say}, 3)\n{_TOLD}" if say != 3 else _TOLD
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        pass_fds=(say,),
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ):
        os.close(say)
        with os.fdopen(told, encoding="utf-8") as modules:
            return set(modules.read().splitlines())


class TestWhatStartsAtOnce:
    def test_the_version_is_told_without_anything_of_the_gate_but_its_root(self, tmp_path: Path) -> None:
        seen = _imported(["--version"], tmp_path)

        assert {name for name in seen if name.startswith("gate.")} == {
            "gate.__main__",
            "gate.cli",
            "gate.cli.groups",
            "gate.cli.main",
        }
        assert not seen & {"dataclasses", "json", "pathlib", "pydantic", "shutil", "subprocess", "tempfile"}

    @pytest.mark.parametrize("form", ["text", "json", "markdown", "github"])
    def test_a_check_imports_nothing_that_its_files_do_not_need(self, form: str, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @alice\n", "a.py": "x = 1\n"})
        repository.commit({"a.py": "x = 2\n"}, branch="change")

        seen = _imported(["check", "--base", "main", "--head", "change", "--format", form], repository.path)

        assert "gate.core.decide" in seen
        assert seen & (_OF_THE_SERVICE | _OF_OTHER_FILES | _OF_ABSENT_FILES | _OF_THE_NETWORK) == set()
