"""PyPI `codeowners` as a peer: DIR REPS OUT as arguments, one JSON line with its times as output.

Runs in a virtual environment of its own, with nothing of this repository on its path.
"""

import json
import resource
import statistics
import sys
import time
from pathlib import Path


def main() -> None:
    """Read CODEOWNERS and tree.txt of DIR, resolve all paths REPS times, write `path<TAB>first owner or -` to OUT."""
    from codeowners import CodeOwners  # type: ignore[import-not-found]

    folder, repetitions, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    paths = (folder / "tree.txt").read_text().splitlines()
    text = (folder / "CODEOWNERS").read_text()
    start = time.perf_counter()
    owners = CodeOwners(text)
    build = time.perf_counter() - start
    times = []
    found = []
    for _ in range(repetitions):
        start = time.perf_counter()
        found = [owners.of(path) for path in paths]
        times.append(time.perf_counter() - start)
    lines = (f"{path}\t{names[0][1] if names else '-'}\n" for path, names in zip(paths, found, strict=True))
    out.write_text("".join(lines))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"build_s": build, "resolve_s": statistics.median(times), "rss_mb": rss}))


if __name__ == "__main__":
    main()
