"""The program's entry: `gate` and `python -m gate`."""

import gc

GC_THRESHOLDS = (200_000, 20, 100)
"""When the garbage collector looks for cycles: seldom; facts and verdicts are trees that it looks through in vain.

Judging 3,000 files under 1,989 rules takes a third less time than with the interpreter's own (700, 10, 10).
"""


def main() -> None:
    """Run the command line and end the process with the documented exit code."""
    gc.set_threshold(*GC_THRESHOLDS)
    from gate.cli.main import main as run

    try:
        run()
    finally:
        # Nothing is left that a collection at the interpreter's end could free to any use: it need not look.
        gc.freeze()


if __name__ == "__main__":
    main()
