"""A machine on which the commands of a documentation page are run as they stand, beside a stand-in for GitHub.

    with a_machine(tmp_path, forge) as machine:
        machine.follow("small-server.md", before={"gate doctor": lambda: ...})

Paths of the system lie in a folder of the machine; `useradd` and `chown` do nothing, `systemctl` starts what a unit
says, and `pip install .` brings this checkout into the new environment, with the libraries that are here.
"""

import os
import re
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from architecture_map import ROOT

PAGES = ROOT / "docs" / "deployment"
SYSTEM = (
    "/var/lib/gate",
    "/var/backups/gate",
    "/opt/gate",
    "/opt/signoff-gate",
    "/etc/systemd/system",
    "/usr/local/bin",
)
SHIMS = {
    "useradd": '#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = --home-dir ] && mkdir -p "$2"; shift; done\n',
    "chown": "#!/bin/sh\nexit 0\n",
    "python3": """\
#!/bin/sh
if [ "$2" = venv ]; then
  "{python}" -m venv --without-pip "$3" && cp "{shims}/pip-of-venv" "$3/bin/pip"
else
  exec "{python}" "$@"
fi
""",
    "pip-of-venv": """\
#!/bin/sh
case " $* " in
  *" --require-hashes "*" -r "*) [ -s locks/service.lock ] && [ -s locks/build.lock ]; exit ;;
  *" --no-index "*" . ") [ -f pyproject.toml ] || exit 2 ;;
  *) exit 2 ;;
esac
here=$(dirname "$0")
printf '%s\\n' "{libraries}" "{root}" > "$(echo "$here"/../lib/python3*/site-packages)/gate.pth"
printf '%s\\n' "#!$here/python" 'from gate.__main__ import main' 'main()' > "$here/gate"
chmod +x "$here/gate"
""",
    "systemctl": """\
#!{python}
import configparser, os, pathlib, signal, subprocess, sys, time
unit, name = configparser.RawConfigParser(strict=False), sys.argv[-1]
unit.optionxform = str
if sys.argv[1] == "daemon-reload":
    sys.exit(0)
assert unit.read("{units}/" + name + ".service"), "no such unit"
pid = pathlib.Path("{units}/" + name + ".pid")
if sys.argv[1] in {{"stop", "restart"}} and pid.exists():
    os.kill(int(pid.read_text()), signal.SIGTERM)
    process = pathlib.Path("/proc", pid.read_text(), "cmdline")
    while process.exists() and process.read_bytes():
        time.sleep(0.02)
    pid.unlink()
if sys.argv[1] in {{"start", "restart", "enable"}}:
    service = unit["Service"]
    log = open("{units}/" + name + ".log", "ab")
    started = subprocess.Popen(service["ExecStart"].split(), cwd=service["WorkingDirectory"], stdout=log, stderr=log,
                               umask=int(service["UMask"], 8), start_new_session=True)
    pid.write_text(str(started.pid))
""",
}


@dataclass
class Machine:
    """A folder that is taken for a whole machine."""

    folder: Path
    port: int
    environment: dict[str, str]
    state: dict[str, str] = field(default_factory=dict)

    def real(self, path: str) -> Path:
        """Where a path of the pages lies."""
        return self.folder / path.lstrip("/")

    def install(self) -> None:
        """Bring the gate onto the machine, for pages that begin where it is there."""
        commands = commands_of("small-server.md", "Install")
        for command in commands[1 : commands.index("cd /var/lib/gate")]:
            self.run(command)
        self.run(f"cd {self.folder}")

    def follow(
        self,
        page: str,
        *,
        section: str = "",
        before: Mapping[str, Callable[[], None]] | None = None,
    ) -> list[str]:
        """Run every command of a page, or of one section, and return what they printed; the first failure ends it."""
        waiting = dict(before or {})
        said = []
        for command in commands_of(page, section):
            for prefix in [prefix for prefix in waiting if command.startswith(prefix)]:
                waiting.pop(prefix)()
            said.append(self.run(command))
        assert not waiting, f"{page} has no command that begins with {sorted(waiting)}"
        return said

    def run(self, command: str) -> str:
        """Run one command as in a shell that stays open, and return what it printed."""
        text = command
        for place in SYSTEM:
            text = text.replace(place, str(self.real(place)))
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}").replace("--port 8000", f"--port {self.port}")
        keep = 'code=$?; pwd > "$STATE/cwd"; export -p > "$STATE/env"; umask > "$STATE/umask"; exit $code'
        script = f'. "$STATE/env"; umask "$(cat "$STATE/umask")"; cd "$(cat "$STATE/cwd")"\n{text}\n{keep}\n'
        done = subprocess.run(
            ["bash", "-c", script], env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        logs = "".join(log.read_text() for log in self.real("/etc/systemd/system").glob("*.log"))
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}{logs[-2000:]}"
        return done.stdout

    def stop(self) -> None:
        """End what was started."""
        for unit in self.real("/etc/systemd/system").glob("*.pid"):
            self.run(f"systemctl stop {unit.stem}")


def commands_of(page: str, section: str = "") -> list[str]:
    """The commands of a page's console blocks: from `$ ` to the next one, here-documents included, output left out."""
    text = (PAGES / page).read_text()
    if section:
        text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        assert text, f"{page} has no section {section!r}"
    found: list[str] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        end = ""
        for line in block.splitlines():
            if end:
                found[-1] += f"\n{line}"
                end = "" if line == end else end
            elif line.startswith("$ "):
                found.append(line[2:])
                here = re.search(r"<<'(\w+)'", line)
                end = here[1] if here else ""
    return found


@contextmanager
def a_machine(folder: Path, api_url: str, **environment: str) -> Iterator[Machine]:
    """A machine with nothing of the gate on it, that takes `api_url` for GitHub."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    shims, state = folder / "shims", folder / "state"
    for place in (shims, state, *(folder / path for path in ("etc/systemd/system", "usr/local/bin", "opt"))):
        place.mkdir(parents=True)
    (folder / "opt" / "signoff-gate").symlink_to(ROOT)
    values = {
        "python": sys.executable, "shims": shims, "libraries": sysconfig.get_path("purelib"), "root": ROOT,
        "units": folder / "etc/systemd/system",
    }  # fmt: skip
    for name, text in SHIMS.items():
        (shims / name).write_text(text.format(**values) if "{" in text else text)
        (shims / name).chmod(0o755)
    (state / "cwd").write_text(str(folder))
    (state / "env").touch()
    (state / "umask").write_text("0022")
    plain = {name: value for name, value in os.environ.items() if name in {"LANG", "TMPDIR"}}
    path = f"{folder}/usr/local/bin:{shims}:{os.environ['PATH']}"
    given = {**plain, "PATH": path, "HOME": str(folder), "STATE": str(state), "GATE_GITHUB_API_URL": api_url}
    machine = Machine(folder, port, {**given, **environment})
    try:
        yield machine
    finally:
        machine.stop()
