"""The Action's start to verdict: a change of 3,000 files, standalone, from a checkout, beside a stand-in for GitHub.

Cold installs the Action's libraries into an empty tool cache first; warm finds them there. GitHub's stand-in answers
over loopback: the time that it takes is measured and told apart.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from builders_actions import a_checkout, event_of
from builders_forge_world import ForgeWorld, a_world

FILES, ROUNDS, BAR_SECONDS = 3_000, 5, 5.0


class Timed:
    """A stand-in for GitHub whose own time is counted."""

    def __init__(self, forge: ForgeWorld) -> None:
        self.seconds = 0.0
        answer = forge.world.server.answer

        def timed(*given: object) -> object:
            began = time.perf_counter()
            try:
                return answer(*given)  # type: ignore[arg-type]
            finally:
                self.seconds += time.perf_counter() - began

        forge.world.server.answer = timed  # type: ignore[method-assign,assignment]


def report() -> str:
    """Measure and return the table."""
    folder = Path(tempfile.mkdtemp(prefix="gate-bench-"))
    try:
        with a_world() as forge:
            return _measure(forge, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(forge: ForgeWorld, folder: Path) -> str:
    files = {f"api/{number // 100:02}/file{number:04}.py": f"value = {number}\n" for number in range(FILES)}
    pull = forge.a_pull(files)
    (folder / "event.json").write_text(json.dumps(event_of(forge, pull)))
    checkout = a_checkout(forge, folder, pull)
    timed = Timed(forge)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_API_URL": forge.url,
        "GITHUB_WORKSPACE": str(checkout),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "RUNNER_TOOL_CACHE": os.environ.get("GATE_BENCH_TOOLS") or str(folder / "tools"),
        "INPUT_MODE": "standalone",
        "INPUT_TOKEN": forge.world.token(forge.carol),
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }
    cold, _, _ = _run(environment, checkout, timed)
    rounds = [_run(environment, checkout, timed) for _ in range(ROUNDS)]
    whole = statistics.median(whole for whole, _, _ in rounds)
    own = statistics.median(whole - github for whole, github, _ in rounds)
    processor = statistics.median(used for _, _, used in rounds)
    holds = "yes" if own < BAR_SECONDS else "**no**"
    said = f"{own:.2f} s; {processor:.2f} s of it on the processor; {whole:.2f} s with GitHub's stand-in"
    return "\n".join(
        [
            "| bar | measured | holds |",
            "| --- | --- | --- |",
            f"| Warm, {FILES:,} files: verdict below {BAR_SECONDS:.0f} s, without network | {said} | {holds} |",
            f"| Cold: the libraries are installed first | {cold:.1f} s | - |",
        ]
    )


def _run(environment: dict[str, str], checkout: Path, timed: Timed) -> tuple[float, float, float]:
    """Return how long one run took, how much of that was GitHub's stand-in, and its own time on the processor."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    before, began, used = timed.seconds, time.perf_counter(), _processor_seconds()
    line = [str(python), "-I", str(ROOT / "gate" / "action" / "start.py")]
    done = subprocess.run(line, env=environment, cwd=checkout, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode != 1 or "WAITING" not in done.stdout:
        raise SystemExit(f"The Action did not judge: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return took, timed.seconds - before, _processor_seconds() - used


def _processor_seconds() -> float:
    """Return what children have used of the processor, git included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(report())
