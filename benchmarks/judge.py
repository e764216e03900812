"""Judging: bars 6 to 8, the decision in memory and the command line's cold start.

Usage: python benchmarks/judge.py [DATA] [--rounds N]

policy-bot, the peer of bar 6, is a Go program that is measured outside the repository. POLICY_PEER may name an
executable that drives it (arguments DIR ROUNDS; DIR holds `CODEOWNERS`, `files.txt` and `reviewers.txt`, a line each;
it prints one line of JSON with `evaluate_ms`, the median of evaluating one rule for each line, all of them asked for).
It then takes turns with our own rounds. Without it, the figures of another machine in POLICY_BOT_MS stand in, and the
ratios hold only for a machine of that speed. Our own figures are printed in absolute terms as well: the decision, the
same with every explanation worked out, and with all of it written as JSON, which no bar asks for.
"""

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests"), str(REPOSITORY / "benchmarks")]

from builders_facts import AT, a_file, a_policy, a_signoff, some_facts
from builders_git import a_repository
from owners import Bar, default_data, load_sets, monorepo
from owners_sets import DataSet

from gate.__main__ import GC_THRESHOLDS
from gate.core.change.facts import Account, Facts
from gate.core.change.plan_digest import plan_digest
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes
from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.imported import merge_imported
from gate.core.ownership.importing import import_codeowners
from gate.core.policy.compiled_rules import CompiledRules

# Milliseconds of policy-bot's in-memory evaluation of 3,000 files (snapshot of 2024-10-24), by number of rules.
POLICY_BOT_MS = {68: 19.5, 331: 216.0, 1989: 662.0}
ASKED = {68: 5.0, 331: 40.0, 1989: 100.0}
FILES = 3_000
MANY_FILES = 100_000
POLICY_PEER = os.environ.get("POLICY_PEER", "")
TURNS = 5
REVIEWS = 5
WARM_SECONDS = 0.1


def main() -> None:
    """Measure everything and print one report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=default_data())
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--many", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.many:
        print(json.dumps(judge_many(options.rounds)))
        return
    print(report(options.data, rounds=options.rounds))


def report(data: Path, *, rounds: int = 9) -> str:
    """Return the whole report as Markdown."""
    lines = ["| bar | measured | holds |", "| --- | --- | --- |"]
    lines += [str(bar) for bar in (*decision_bars(data, rounds), *many_files_bars(rounds), *start_bars(rounds))]
    lines += [
        "",
        f"{rounds} rounds, CPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.",
    ]
    return "\n".join(lines)


def facts_for(text: bytes, paths: list[str]) -> Facts:
    """Return a change of some paths under a CODEOWNERS file, with five approving reviews of its owners."""
    ownership = merge_imported([import_codeowners(parse_codeowners(text, file="CODEOWNERS"))], is_bare_codeowners=True)
    owners = [owner for component in ownership.components for owner in component.owners if "/" not in owner][:REVIEWS]
    accounts = {f"login:{o.removeprefix('@').lower()}": o for o in owners}
    base = some_facts(ownership=ownership, policy=a_policy(unowned="allow"), files=tuple(map(a_file, sorted(paths))))
    plan = plan_digest(base.declaration.rollback)
    return some_facts(
        ownership=ownership,
        policy=base.policy,
        files=base.files,
        accounts={**base.accounts, **{key: Account(key, login=o.removeprefix("@")) for key, o in accounts.items()}},
        signoffs=tuple(
            a_signoff(f"reviewer{n}", id=f"r{n}", account=key, plan_digest=plan) for n, key in enumerate(accounts)
        ),
    )


def sample(paths: list[str], count: int) -> list[str]:
    """Return an even sample of a tree, filled up with further names where the tree is smaller."""
    step = max(len(paths) // count, 1)
    chosen = paths[::step][:count]
    return [*chosen, *(f"{paths[n % len(paths)]}.{n}" for n in range(count - len(chosen)))]


def milliseconds(work: Callable[[], object], rounds: int, *, warm_seconds: float = 0.0) -> float:
    """Return the median time of some work, warmed, with the garbage collector set as the product sets it.

    A peer is warmed by its own first evaluation of up to 0.2 s. Right after its process has ended, ours takes up to 1.5
    times as long for some hundredths of a second: what takes turns with it is warmed for `warm_seconds` as well.
    """
    gc.set_threshold(*GC_THRESHOLDS)
    work()
    began = time.perf_counter()
    while time.perf_counter() - began < warm_seconds:
        work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def decision_bars(data: Path, rounds: int) -> list[Bar]:
    """Return bar 6: 3,000 files and one file, at three numbers of rules."""
    sets = {len(parse_codeowners(s.text, file="f").rules): s for s in load_sets(data)}
    found = []
    for rules, published in POLICY_BOT_MS.items():
        nearest = min(sets, key=lambda count: abs(count - rules), default=0)
        item = sets[nearest] if nearest and abs(nearest - rules) <= 0.1 * rules else monorepo(rules=rules, paths=55_526)
        facts = facts_for(item.text, sample(item.paths, FILES))
        compiled = CompiledRules.of(facts.ownership, facts.policy)
        explained = milliseconds(lambda f=facts, c=compiled: decide(f, at=AT, compiled=c).requirements, rounds)
        whole = milliseconds(lambda f=facts: decide(f, at=AT), rounds)
        ours = partial(
            milliseconds, partial(decide, facts, at=AT, compiled=compiled), rounds, warm_seconds=WARM_SECONDS
        )
        turns = [(policy_bot(item, facts), ours()) for _ in range(TURNS)] if POLICY_PEER else [(published, ours())]
        peer, warm = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
        ratio = peer / warm
        text = f"6. {FILES:,} files under {rules:,} rules ({item.name}): {ASKED[rules]:.0f}x policy-bot's {peer:.1f} ms"
        told = milliseconds(lambda f=facts, c=compiled: verdict_bytes(decide(f, at=AT, compiled=c)), rounds)
        measured = (
            f"{warm:.2f} ms, {ratio:.0f}x; with compiling the rules {whole:.1f} ms; with every explanation worked out "
            f"{explained:.1f} ms, and written as JSON {told:.1f} ms"
        )
        found.append(Bar(text, measured, ratio >= ASKED[rules]))
        one = facts_for(item.text, sample(item.paths, 1))
        single = milliseconds(lambda f=one, c=compiled: decide(f, at=AT, compiled=c), rounds * 20)
        found.append(Bar(f"6. One file under {rules:,} rules below 0.5 ms", f"{single:.3f} ms", single < 0.5))
    return found


def policy_bot(item: DataSet, facts: Facts) -> float:
    """Return the milliseconds of policy-bot's evaluation of the same files, rules and reviewers."""
    reviewers = [account.login for key, account in facts.accounts.items() if key.startswith("login:")]
    with tempfile.TemporaryDirectory(prefix="gate-policy-peer-") as name:
        folder = Path(name)
        (folder / "CODEOWNERS").write_bytes(item.text)
        (folder / "files.txt").write_text("".join(f"{file.path}\n" for file in facts.files))
        (folder / "reviewers.txt").write_text("".join(f"{login}\n" for login in reviewers))
        command = [POLICY_PEER, str(folder), str(TURNS)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(answer.stdout)["evaluate_ms"])


def judge_many(rounds: int) -> dict[str, float]:
    """Return the times for 3,000 and 100,000 files, and the most memory, in megabytes, of this process."""
    item = monorepo(rules=331, paths=MANY_FILES)
    times = {}
    for count in (FILES, MANY_FILES):
        facts = facts_for(item.text, sample(item.paths, count))
        compiled = CompiledRules.of(facts.ownership, facts.policy)
        times[count] = milliseconds(lambda f=facts, c=compiled: decide(f, at=AT, compiled=c), rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"few": times[FILES], "many": times[MANY_FILES], "peak": peak}


def many_files_bars(rounds: int) -> list[Bar]:
    """Return bar 7, measured in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--many", "--rounds", str(rounds)]
    seen = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ratio = seen["many"] / seen["few"]
    text = f"{seen['few']:.1f} ms and {seen['many']:.0f} ms: {ratio:.0f}x"
    return [
        Bar(f"7. {MANY_FILES:,} files at most 40x the time of {FILES:,}", text, ratio <= 40),
        Bar(f"7. {MANY_FILES:,} files below 400 MB", f"{seen['peak']:.0f} MB", seen["peak"] < 400),
    ]


def start_bars(rounds: int) -> list[Bar]:
    """Return bar 8: whole processes, interleaved, git's own time measured by the same questions and taken off."""
    with tempfile.TemporaryDirectory(prefix="gate-start-") as folder:
        repository = a_repository(Path(folder) / "shop", {"CODEOWNERS": "* @alice\n", "a.py": "x = 1\n"})
        repository.commit({"a.py": "x = 2\n"}, branch="change")
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        check = ["-m", "gate", "check", "--repo", str(repository.path), "--base", "main", "--head", "change"]
        works = {
            "version": ["-m", "gate", "--version"],
            "click": ["-c", "import click"],
            "check": check,
            "libraries": ["-c", "import click, pydantic, ruamel.yaml"],
            "used": ["-c", "import click, ruamel.yaml; from pydantic import BaseModel"],
        }
        times: dict[str, list[float]] = {name: [] for name in works}
        git: list[float] = []
        for number in range(rounds + 1):
            for name, arguments in works.items():
                seconds, of_children = whole_process(arguments, environment)
                if number:
                    times[name].append(seconds - of_children)
                    git += [of_children] if name == "check" else []
    median = {name: statistics.median(values) for name, values in times.items()}
    version, start = median["version"] / median["click"], median["check"] / median["libraries"]
    used = median["check"] / median["used"]
    return [
        Bar("8. `gate --version` at most 1.3x `import click`", f"{version:.2f}x", version <= 1.3),
        Bar(
            "8. `gate check` on one file, git's time excluded, at most 2x `import click, pydantic, ruamel.yaml`",
            f"{start:.1f}x: {median['check'] * 1000:.0f} ms, git {statistics.median(git) * 1000:.0f} ms besides; "
            f"{used:.1f}x with `from pydantic import BaseModel`, which that import puts off",
            start <= 2,
        ),
    ]


def whole_process(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the processor seconds of a Python process with its children, and those of the children alone."""
    probe = (
        "import os,sys,subprocess,resource\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(u.ru_utime + u.ru_stime)\n"
    )
    command = [sys.executable, "-c", probe, sys.executable, *arguments]
    whole = float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
    if "check" not in arguments:
        return whole, 0.0
    wrapped = (
        "import sys,resource,atexit\n"
        "sys.argv = sys.argv[1:]\n"
        "def told():\n"
        "    u = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "    sys.stderr.write(f'\\ngit {u.ru_utime + u.ru_stime}\\n')\n"
        "atexit.register(told)\n"
        "from gate.__main__ import main\n"
        "main()\n"
    )
    inner = [sys.executable, "-c", wrapped, "gate", *arguments[2:]]
    done = subprocess.run(inner, check=False, capture_output=True, text=True, env=environment)
    return whole, float(done.stderr.rpartition("git ")[2])


if __name__ == "__main__":
    main()
