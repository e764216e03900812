"""The Action's start: libraries by their hashes, nothing from the checkout that is judged."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from architecture_map import ROOT


@pytest.fixture
def action(tmp_path: Path) -> Path:
    """A copy of the Action whose lock names one small library alone."""
    folder = tmp_path / "action"
    (folder / "gate" / "action").mkdir(parents=True)
    (folder / "locks").mkdir()
    shutil.copy(ROOT / "gate" / "action" / "start.py", folder / "gate" / "action")
    lock = (ROOT / "locks" / "action.lock").read_text()
    (one,) = re.findall(r"^mdurl==.*?(?=^\S)", lock, re.MULTILINE | re.DOTALL)
    (folder / "locks" / "action.lock").write_text(one)
    for name in ("gate", "gate/action"):
        (folder / name / "__init__.py").touch()
    (folder / "gate" / "action" / "main.py").write_text(
        "import mdurl, sys\ndef run(environment):\n    print(mdurl.__file__, __file__)\n    return 0\n"
    )
    return folder


def start(action: Path, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    checkout = tmp_path / "checkout"
    (checkout / "gate").mkdir(parents=True, exist_ok=True)
    for name in ("mdurl.py", "hashlib.py", "gate/__init__.py"):
        (checkout / name).write_text("raise SystemExit('of the checkout')\n")
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(checkout),
        "RUNNER_TOOL_CACHE": str(tmp_path / "tools"),
        **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))},
        **environment,
    }
    line = [sys.executable, "-I", str(action / "gate" / "action" / "start.py")]
    return subprocess.run(line, cwd=checkout, env=given, capture_output=True, text=True, check=False)


class TestTheStart:
    def test_installs_once_and_imports_nothing_of_the_checkout(self, action: Path, tmp_path: Path) -> None:
        first = start(action, tmp_path)
        assert first.returncode == 0, first.stderr
        (folder,) = (tmp_path / "tools" / "signoff-gate").iterdir()
        library, entry = first.stdout.split()
        assert Path(library).is_relative_to(folder)
        assert Path(entry).is_relative_to(action)
        again = start(action, tmp_path, PATH="/nowhere")
        assert (again.returncode, again.stdout) == (0, first.stdout)

    def test_takes_no_library_with_another_hash(self, action: Path, tmp_path: Path) -> None:
        lock = action / "locks" / "action.lock"
        lock.write_text(re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", lock.read_text()))
        done = start(action, tmp_path)
        assert done.returncode == 3
        assert "::error title=Sign-off gate::Its libraries could not be installed" in done.stdout
        assert not list((tmp_path / "tools" / "signoff-gate").iterdir())

    @pytest.mark.parametrize("planted", ["link", "open to all"])
    def test_takes_no_libraries_that_somebody_else_may_have_put_there(
        self, action: Path, tmp_path: Path, planted: str
    ) -> None:
        start(action, tmp_path)
        (folder,) = (tmp_path / "tools" / "signoff-gate").iterdir()
        if planted == "link":
            folder.rename(tmp_path / "elsewhere")
            folder.symlink_to(tmp_path / "elsewhere")
        else:
            folder.chmod(0o777)
        done = start(action, tmp_path)
        assert (done.returncode, done.stdout.count("::error title=Sign-off gate::")) == (3, 1)


EVERYTHING = """
import importlib.metadata, re, sys
known = {re.sub(r"[-_.]+", "-", name).lower() for name in sys.argv[1].split()} | {"signoff-gate"}
of = importlib.metadata.packages_distributions()

class Unlocked:
    def find_spec(self, name, path=None, target=None):
        owners = {re.sub(r"[-_.]+", "-", one).lower() for one in of.get(name.partition(".")[0], [])}
        if owners and not owners & known:
            raise ModuleNotFoundError(f"{name} is not in the Action's lock")

sys.meta_path.insert(0, Unlocked())
from gate import bootstrap
from gate.action import main, rehearsal, service, standalone
from gate.adapters import actions_client
from gate.adapters.calendars import freezes, rotations
from gate.adapters.github.forge import GithubForge
from gate.adapters.markdown import outline
from gate.adapters.rehearsal import alembic, alembic_child
from gate.usecases import checked_out, judge_at_once
bootstrap.readers().load_yaml(b"a: 1", file="x")
"""


class TestTheLock:
    def test_names_every_library_that_the_action_imports(self) -> None:
        names = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "locks" / "action.lock").read_text(), re.MULTILINE)
        line = [sys.executable, "-c", EVERYTHING, " ".join(names)]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
