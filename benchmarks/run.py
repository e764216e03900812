"""All benchmarks in one run, as one report. Usage: python benchmarks/run.py [DATA]."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import action
import exports
import judge
import ledger
import owners
import service
import suspects


def main() -> None:
    """Print the report of every benchmark."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else owners.default_data()
    for title, report in (("Owner resolution", owners.report), ("Judging", judge.report)):
        print(f"## {title}\n", flush=True)
        print(f"{report(data)}\n", flush=True)
    print(f"## Ledger\n\n{ledger.report()}\n", flush=True)
    print(f"## Suspects of an incident\n\n{suspects.report()}\n", flush=True)
    print(f"## The Action\n\n{action.report()}\n", flush=True)
    print(f"## The service\n\n{service.report()}\n", flush=True)
    print(f"## Exports\n\n{exports.report()}\n", flush=True)


if __name__ == "__main__":
    main()
