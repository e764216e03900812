"""Start: makes the Action's libraries available by their hashes, then hands over; the standard library alone."""

import hashlib
import os
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "locks" / "action.lock"
OLDEST = (3, 11)


def main() -> int:
    """Return the Action's exit code.

    SECURITY: started by `python3 -I`: neither the checkout that is judged nor the job's environment can bring a module
    in. What is imported is this Action's own folder, as pinned by the caller, and libraries by the hashes beside it.
    """
    if sys.version_info < OLDEST:
        sys.stdout.write(
            "::error title=Sign-off gate::The Action needs Python 3.11; put actions/setup-python before.\n"
        )
        return 3
    sys.dont_write_bytecode = False
    libraries = _libraries()
    if libraries is None:
        return 3
    sys.path[:0] = [str(ROOT), str(libraries)]
    from gate.action.main import run

    return run(os.environ)


def _libraries() -> Path | None:
    """Return the folder of the libraries, filled where this machine has not got it yet; None where that fails."""
    folder = folder_in(os.environ.get("RUNNER_TOOL_CACHE") or os.environ.get("RUNNER_TEMP") or tempfile.gettempdir())
    if _is_own(folder) or (not os.path.lexists(folder) and _install(folder)):
        return folder
    if os.path.lexists(folder):
        sys.stdout.write(f"::error title=Sign-off gate::{folder} is somebody else's, or open to all; remove it.\n")
    return None


def folder_in(cache: str) -> Path:
    """Return where the libraries lie in a machine's cache: by the lock's hash, this Python, and the job's user."""
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    return Path(cache) / "signoff-gate" / f"{digest}-{tag}-{_user()}"


def _is_own(folder: Path) -> bool:
    """Return whether a folder is there and nobody else's.

    SECURITY: a machine's cache or temporary folder may be writable for others, who know its name beforehand.
    """
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == _user() and (os.name == "nt" or not found.st_mode & 0o022)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _install(folder: Path) -> bool:
    """Install beside the folder and move it there as a whole, so that no job ever sees a half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as new:
        line = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        line += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--target", f"{new}/all", "-r", str(LOCK)]
        secret = ("INPUT_", "ACTIONS_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
        done = subprocess.run(line, cwd=new, env=environment, stdout=sys.stderr, check=False)  # noqa: S603  # a list, no shell
        if done.returncode:
            sys.stdout.write("::error title=Sign-off gate::Its libraries could not be installed; see the log.\n")
            return False
        ready = Path(new, "all")
        ready.chmod(0o755)
        try:
            ready.rename(folder)
        except OSError:
            return _is_own(folder)  # another job was faster
    return True


if __name__ == "__main__":
    sys.exit(main())
