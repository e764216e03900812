"""Owner resolution: bars 1 to 5, against a bare loop, PyPI `codeowners` and any matcher named by GO_PEER.

Usage: python benchmarks/owners.py [DATA] [--rounds N]

DATA holds one folder a set, with CODEOWNERS and tree.txt.xz. Every ratio comes from interleaved rounds of one run; the
median of the rounds counts. What is compared with a peer counts by the clock; bars 3 and 4, compared with none, count
time on the processor, so that it matters less who else uses the machine. The peer is installed into a folder for
temporary files, never into the repository.
"""

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from builders_patterns import documented_last
from owners_sets import DataSet, default_data, load_sets, monorepo

from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.matcher import PathMatcher

PEER = "codeowners==0.9.0"
PEER_TRIES = 600_000
REFERENCE_TRIES = 150_000
WARM_PASSES = 5


@dataclass
class Times:
    """Seconds of one set, one item a round."""

    build: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    cpu_build: list[float] = field(default_factory=list)
    cpu_warm: list[float] = field(default_factory=list)
    cpu_floor: list[float] = field(default_factory=list)
    peers: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """One promise, what was measured, and whether it holds."""

    text: str
    measured: str
    holds: bool | None

    def __str__(self) -> str:
        """Return the bar as a row of a Markdown table."""
        outcome = {True: "yes", False: "**no**", None: "not measured"}[self.holds]
        return f"| {self.text} | {self.measured} | {outcome} |"


def main() -> None:
    """Measure everything and print one report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=default_data())
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(report(options.data, rounds=options.rounds))


def report(data: Path, *, rounds: int = 5) -> str:
    """Return the whole report as Markdown: the sets, the bars, the machine."""
    sets = [*load_sets(data), monorepo(rules=1989, paths=55526)]
    peers = {PEER: install_peer(), **({"GO_PEER": [go]} if (go := os.environ.get("GO_PEER")) else {})}
    # The paths of all sets are the benchmark's, not the matcher's: the collector must not walk them again and again.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="gate-owners-") as scratch:
        measured = {item.name: measure(item, peers, Path(scratch), rounds) for item in sets}
        wrong = {item.name: count_wrong(item, peers, Path(scratch)) for item in sets}
    lines = [set_header(peers), *(set_row(item, measured[item.name], wrong[item.name], peers) for item in sets)]
    lines += ["", "| bar | measured | holds |", "| --- | --- | --- |"]
    lines += map(str, bars(sets, measured, wrong, peers, rounds))
    lines += [
        "",
        f"{rounds} rounds, CPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.",
    ]
    return "\n".join(lines)


def install_peer() -> list[str]:
    """Return the command of the PyPI peer; it is installed once, into the folder for temporary files."""
    folder = Path(tempfile.gettempdir()) / f"gate-benchmarks-{PEER.replace('==', '-')}-{platform.python_version()}"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True)
        (folder / "installed").touch()
    return [str(python), "-I", str(Path(__file__).with_name("owners_peer.py"))]


def measure(item: DataSet, peers: dict[str, list[str]], scratch: Path, rounds: int) -> Times:
    """Return the times of one set: all sides once a round, one after the other, after a warm-up that does not count."""
    times = Times(peers={name: [] for name in peers})
    for number in range(rounds + 1):
        one = own_times(item)
        asked = {name: run_peer(name, command, item, scratch) for name, command in peers.items()}
        if number == 0:
            continue
        lists = (times.build, times.cold, times.warm, times.cpu_build, times.cpu_warm, times.cpu_floor)
        for into, spent in zip(lists, one, strict=True):
            into.append(spent)
        for name, seconds_of in asked.items():
            times.peers[name].append(seconds_of)
    return times


def own_times(item: DataSet) -> tuple[float, ...]:
    """Return seconds to build, for the first pass and for a warm pass by the clock; then on the processor.

    The latter are those to build, for a warm pass and for the bare loop over the same paths.
    """
    gc.collect()
    matcher: list[PathMatcher] = []
    build = seconds(lambda: matcher.append(build_matcher(item.text)))
    cold = seconds(lambda: matcher[0].match_all(item.paths))
    table = {path.rpartition("/")[0]: 0 for path in item.paths}
    passes = [
        (*seconds(lambda: matcher[0].match_all(item.paths)), seconds(lambda: bare_loop(item.paths, table))[1])
        for _ in range(WARM_PASSES)
    ]
    warm, cpu_warm, cpu_floor = map(statistics.median, zip(*passes, strict=True))
    return build[0], cold[0], warm, build[1], cpu_warm, cpu_floor


def build_matcher(text: bytes) -> PathMatcher:
    """Return the matcher of a CODEOWNERS file, parsed from its bytes."""
    return PathMatcher([[rule.pattern for rule in parse_codeowners(text, file="CODEOWNERS").rules]])


def bare_loop(paths: Sequence[str], table: dict[str, int]) -> None:
    """Do what no matcher can do without: split each path and look its folder up."""
    for path in paths:
        folder, _, _name = path.rpartition("/")
        table[folder]


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long some work takes: by the clock, and on the processor."""
    start, cpu_start = time.perf_counter(), time.process_time()
    work()
    cpu = time.process_time() - cpu_start
    return time.perf_counter() - start, cpu


def run_peer(name: str, command: list[str], item: DataSet, scratch: Path) -> tuple[float, float, float]:
    """Return a peer's seconds to build, its seconds for a whole pass, and its memory in MB; slow peers get a sample."""
    paths = peer_paths(name, item)
    (scratch / "CODEOWNERS").write_bytes(item.text)
    (scratch / "tree.txt").write_text("\n".join(paths) + "\n")
    done = subprocess.run([*command, scratch, "1", scratch / "out"], check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    return answer["build_s"], answer["resolve_s"] * len(item.paths) / len(paths), answer["rss_mb"]


def peer_paths(name: str, item: DataSet) -> list[str]:
    """Return the paths that a peer is asked: all, or an even sample for the one that tries every rule in Python."""
    if name != PEER:
        return item.paths
    return item.paths[:: max(1, len(item.paths) * (item.text.count(b"\n") + 1) // PEER_TRIES)]


def count_wrong(item: DataSet, peers: dict[str, list[str]], scratch: Path) -> tuple[int, int, dict[str, int]]:
    """Return how many sampled paths differ from the documented answer, of how many, and from each peer's owner."""
    rules = parse_codeowners(item.text, file="CODEOWNERS").rules
    patterns = [rule.pattern for rule in rules]
    matcher = PathMatcher([patterns])
    sample = item.paths[:: max(1, len(item.paths) * len(patterns) // REFERENCE_TRIES)]
    wrong = sum(matcher.match(path) != documented_last([patterns], path) for path in sample)
    differing = {}
    for name, command in peers.items():
        run_peer(name, command, item, scratch)
        found = dict(line.rsplit("\t", 1) for line in (scratch / "out").read_text().splitlines())
        own = {path: rules[index].owners if index >= 0 else () for path in found for index in matcher.match(path)}
        differing[name] = sum(
            found[path].lstrip("@") != (owners[0].lstrip("@") if owners else "-") for path, owners in own.items()
        )
    return wrong, len(sample), differing


def set_header(peers: dict[str, list[str]]) -> str:
    """Return the head of the table of sets."""
    columns = [
        "set",
        "rules",
        "paths",
        "parse and compile, ms of processor",
        "first pass, ms",
        "warm, k paths/s",
        "warm / bare loop",
    ]
    for name in peers:
        columns += [f"{name}, k paths/s", "warm x", "cold x", "build + first pass x", "paths answered differently"]
    columns += ["differ from the documents"]
    return "| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns)


def set_row(item: DataSet, times: Times, wrong: tuple[int, int, dict[str, int]], peers: dict[str, list[str]]) -> str:
    """Return one row of the table of sets."""
    build, cold, warm = map(statistics.median, (times.build, times.cold, times.warm))
    cpu_build = statistics.median(times.cpu_build)
    cells = [item.name, str(count_rules(item)), str(len(item.paths)), f"{cpu_build * 1e3:.2f}", f"{cold * 1e3:.2f}"]
    cells += [f"{len(item.paths) / warm / 1e3:,.0f}", f"{loop_ratio(times):.2f}"]
    for name in peers:
        peer_build, resolve = peer_medians(times, name)
        cells += [f"{len(item.paths) / resolve / 1e3:,.1f}", f"{resolve / warm:,.1f}", f"{resolve / cold:,.1f}"]
        cells += [f"{(peer_build + resolve) / (build + cold):.2f}", str(wrong[2][name])]
    return "| " + " | ".join([*cells, f"{wrong[0]} of {wrong[1]}"]) + " |"


def loop_ratio(times: Times) -> float:
    """Return the speed of a warm pass over that of the bare loop."""
    return statistics.median(times.cpu_floor) / statistics.median(times.cpu_warm)


def count_rules(item: DataSet) -> int:
    """Return how many rules a set has."""
    return len(parse_codeowners(item.text, file="CODEOWNERS").rules)


def peer_medians(times: Times, name: str) -> tuple[float, float]:
    """Return a peer's median seconds to build and for a whole pass."""
    builds, passes, _ = zip(*times.peers[name], strict=True)
    return statistics.median(builds), statistics.median(passes)


def bars(
    sets: list[DataSet],
    measured: dict[str, Times],
    wrong: dict[str, tuple[int, int, dict[str, int]]],
    peers: dict[str, list[str]],
    rounds: int,
) -> list[Bar]:
    """Return the five bars with what was measured."""
    found: list[Bar] = []
    own = {name: [statistics.median(x) for x in (t.build, t.cold, t.warm)] for name, t in measured.items()}
    if "GO_PEER" in peers:
        go = {name: peer_medians(times, "GO_PEER") for name, times in measured.items()}
        warm = [go[name][1] / own[name][2] for name in own]
        whole = [sum(go[name]) / (own[name][0] + own[name][1]) for name in own]
        found += [ratio_bar("1. Whole tree, warm, against GO_PEER", warm, median=20, least=2)]
        found += [ratio_bar("2. Build and first pass against GO_PEER", whole, median=4, least=0.8)]
    else:
        found += [Bar("1., 2. Against GO_PEER", "set GO_PEER to an executable", None)]
    slow = {name: peer_medians(times, PEER)[1] for name, times in measured.items()}
    found += [
        ratio_bar(f"1. Whole tree, warm, against {PEER}", [slow[n] / own[n][2] for n in own], median=150, least=0),
        ratio_bar(f"1. First pass against {PEER}", [slow[n] / own[n][1] for n in own], median=0, least=5),
    ]
    growth = growth_ratio(rounds)
    found += [Bar("3. Warm speed at 7,807 rules at least 0.9x that at 67, same tree", f"{growth:.2f}", growth >= 0.9)]
    loops = [loop_ratio(times) for times in measured.values()]
    found += [ratio_bar("3. Warm against the bare loop", loops, median=0.6, least=0)]
    costs = [statistics.median(measured[item.name].cpu_build) * 1e6 / count_rules(item) for item in sets]
    text = f"median {statistics.median(costs):.1f}, most {max(costs):.1f}"
    found += [
        Bar("4. Parse and compile: at most 8 ms per 1,000 rules in the median", text, statistics.median(costs) <= 8)
    ]
    memory = memory_mb(sets[-1])
    found += [Bar("4. At most 40 MB for 1,989 rules and 55,526 paths", f"{memory:.1f} MB", memory <= 40)]
    count = sum(item[0] for item in wrong.values())
    asked = sum(item[1] for item in wrong.values())
    return [*found, Bar("5. No path differs from the documented answer", f"{count} of {asked:,}", count == 0)]


def ratio_bar(text: str, ratios: list[float], *, median: float, least: float) -> Bar:
    """Return a bar on the median and the least of some ratios; 0 asks nothing."""
    asked = [f"at least {median}x in the median"] if median else []
    asked += [f"{least}x on every set"] if least else []
    got = f"median {statistics.median(ratios):,.2f}, least {min(ratios):,.2f}, most {max(ratios):,.2f}"
    return Bar(f"{text}: {', '.join(asked)}", got, statistics.median(ratios) >= median and min(ratios) >= least)


def growth_ratio(rounds: int) -> float:
    """Return warm speed with many rules over warm speed with few, on the same tree, interleaved."""
    large = monorepo(rules=7807, paths=37397)
    lines = large.text.split(b"\n")
    few = b"\n".join([*lines[:6], *lines[6 :: len(lines) // 61][:61]])
    matchers = [build_matcher(large.text), build_matcher(few)]
    for matcher in matchers:
        matcher.match_all(large.paths)
    pairs = [[seconds(lambda m=m: m.match_all(large.paths))[1] for m in matchers] for _ in range(rounds * WARM_PASSES)]
    return statistics.median(few_s / many_s for many_s, few_s in pairs)


def memory_mb(item: DataSet) -> float:
    """Return the most memory that rules, matcher and all answers of a set hold at once, the paths themselves aside."""
    gc.collect()
    tracemalloc.start()
    rules = parse_codeowners(item.text, file="CODEOWNERS").rules
    matcher = PathMatcher([[rule.pattern for rule in rules]])
    answers = matcher.match_all(item.paths)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6 if len(answers) == len(item.paths) else float("inf")


if __name__ == "__main__":
    main()
