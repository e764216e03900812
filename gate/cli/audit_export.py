"""`gate audit export`: all evidence of a period as one archive that verifies itself."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gate import bootstrap, bootstrap_parts
from gate.cli.audit_reconcile import moment_of
from gate.cli.output import progress, warn, write_json, write_lines
from gate.core.counting import count_of
from gate.core.errors import UnreadableError, UsageError
from gate.core.times import instant

_INCOMPLETE = 3
_ALL = 1000


@click.command()
@click.option("--from", "since", required=True, help="Changes merged from this day or time on (UTC).")
@click.option("--to", "until", default="", help="Changes merged before this day or time (UTC).  [default: now]")
@click.option("--repository", "repositories", multiple=True, metavar="OWNER/NAME", help="Only this one; repeatable.")
@click.option("--sample", type=click.IntRange(0, 10_000), default=0, help="Draw so many changes by the seed.")
@click.option("--seed", default="", help="The auditor's own text; who has it can draw the sample again.")
@click.option("--since-checkpoint", type=click.Path(path_type=Path), help="A head kept earlier: prove it is continued.")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="The archive to write.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(  # one argument for each option
    *,
    since: str,
    until: str,
    repositories: tuple[str, ...],
    sample: int,
    seed: str,
    since_checkpoint: Path | None,
    output: Path,
    is_json: bool,
) -> int:
    """Write all evidence of a period: population, packets, exceptions, ledger, report, and a verifier.

    The same question on the same ledger gives the same bytes. Nothing is cut; where something is missing the export
    says so, and the exit code is 3. Run `gate audit reconcile` on each repository before.

    \b
    Example: gate audit export --from 2026-07-01 --to 2026-10-01 --sample 25 --seed "rain" -o q3.zip

    Exit codes: 0 complete, 2 wrong usage or settings, 3 incomplete, or the database could not be read.
    """  # noqa: D301  # click reads the backspace
    from gate.cli.service_store import opened_store
    from gate.config import load_settings
    from gate.usecases.export_audit import export_audit
    from gate.usecases.export_query import ExportQuery

    query = ExportQuery(
        since=moment_of(since),
        until=moment_of(until) or instant(bootstrap.now()),
        repositories=repositories,
        sample=sample,
        seed=seed,
        since_checkpoint=_text(since_checkpoint) if since_checkpoint else "",
    )
    with opened_store() as store, _written(output) as write, _progress() as told:
        tools = bootstrap_parts.export_tools_of(load_settings(), told)
        result = export_audit(store, query, tools, write, at=instant(bootstrap.now()))
    if is_json:
        write_json(
            {
                "file": str(output),
                "manifest": result.manifest,
                "bytes": result.bytes,
                "changes": result.changes,
                "incomplete": list(result.incomplete),
            }
        )
    else:
        counts = f"{count_of(result.changes, 'change')}, {count_of(result.bytes, 'byte')}"
        write_lines([f"{output}: {counts}, manifest {result.manifest}."])
    for reason in result.incomplete:
        warn(f"Incomplete: {reason}")
    return _INCOMPLETE if result.incomplete else 0


@contextmanager
def _written(output: Path) -> Iterator[Callable[[bytes], object]]:
    """Give what writes a file that is there as a whole or not at all, whatever ends the process."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    except OSError as error:
        step = "Name a file in a folder that exists and may be written."
        raise UnreadableError(f"{output} cannot be written: {error.strerror}.", next_step=step) from None
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        draft.replace(output)
    except OSError as error:
        raise UnreadableError(f"{output} cannot be written: {error.strerror}.", next_step="Free some space.") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object]]:
    """Give what shows how far the export is, on a terminal alone."""
    with progress("Exporting", _ALL) as bar:
        shown = 0

        def tell(done: int, whole: int) -> None:
            nonlocal shown
            now = done * _ALL // max(whole, 1)
            if now > shown:
                bar.update(now - shown)
                shown = now

        yield tell
    sys.stderr.flush()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} cannot be read.", next_step="Name the file of a checkpoint.") from None
