"""`gate ledger`: verify what was recorded, print its head, prove single entries, and keep copies elsewhere."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap_ledger
from gate.cli.groups import WholeHelpGroup
from gate.cli.ledger_upkeep import erase, notes_in, open_ledger, publish, resume
from gate.cli.output import progress, write_json, write_lines
from gate.core.counting import count_of
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.core.ledger.entries import SignedCheckpoint
    from gate.core.ledger.verification import LedgerFault
    from gate.usecases.verify_ledger import LedgerReport

_SHOWN = 20


@click.group(name="ledger", cls=WholeHelpGroup)
def command() -> None:
    """Look at the append-only ledger: verify it, prove an entry, keep its head elsewhere."""


@command.command(name="verify")
@click.option("--copy", "copies", multiple=True, type=click.Path(path_type=Path), help="Heads kept elsewhere; a file.")
@click.option("--key", default="", metavar="KEY", help="The key to trust, [default: the settings' own]")
@click.option("--processes", type=click.IntRange(1, 64), default=None, help="How many share it.  [default: one a core]")
@click.option("--may-be-empty", is_flag=True, help="An empty ledger is no fault.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def verify(*, copies: tuple[Path, ...], key: str, processes: int | None, may_be_empty: bool, is_json: bool) -> int:
    """Check everything: entries, hashes, tree, tiles, every checkpoint's signature, and the tables against the entries.

    The first bad entry is named. Without a copy of a head that was kept elsewhere, nobody can tell whether the end of
    the ledger was cut off together with its checkpoints: give one with --copy.

    \b
    Example: gate ledger verify --copy /mnt/elsewhere/gate-heads.txt

    Exit codes: 0 all holds, 1 something does not, 2 wrong usage or settings, 3 the database could not be read.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.db.ledger_verification import ledger_size

    settings, store = open_ledger()
    try:
        notes = [note for file in copies for note in notes_in(file)]
        with progress("Verifying", ledger_size(settings.database_url), shown_from=50_000) as bar:
            report = bootstrap_ledger.verify_store(
                settings, store, bootstrap_ledger.trusted_key(settings, key), copies=notes, may_be_empty=may_be_empty,
                processes=processes or 0, progress=bar.update,
            )  # fmt: skip
    finally:
        store.close()
    if is_json:
        write_json(_as_json(report))
    else:
        write_lines(_as_lines(report))
    return 1 if report.faults else 0


@command.command(name="checkpoint")
@click.option("--key", "is_key", is_flag=True, help="Print the key by which others verify it instead.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def checkpoint(*, is_key: bool, is_json: bool) -> int:
    """Print the signed head of the ledger, a C2SP checkpoint.

    \b
    Example: gate ledger checkpoint > head.txt

    Exit codes: 0 printed, 1 the ledger is empty, 2 wrong settings, 3 the database could not be read.
    """  # noqa: D301  # click reads the backspace
    settings, store = open_ledger()
    try:
        if is_key:
            write_lines([bootstrap_ledger.trusted_key(settings).text])
            return 0
        with store.reading() as reading:
            found = reading.checkpoint()
    finally:
        store.close()
    if found is None:
        click.echo("The ledger is empty: nothing was recorded yet.", err=True)
        return 1
    if is_json:
        write_json(_head(found))
    else:
        click.echo(found.note, nl=False)
    return 0


@command.command(name="prove")
@click.argument("index", type=click.IntRange(min=0))
@click.option("--size", type=click.IntRange(min=1), help="Under the checkpoint over so many.  [default: newest]")
@click.option("--entry", "entry_file", type=click.Path(path_type=Path), help="Write the entry's exact bytes here, too.")
@click.option("--since", type=click.IntRange(min=1), help="Prove instead that the head over so many is its beginning.")
def prove(*, index: int, size: int | None, entry_file: Path | None, since: int | None) -> int:
    """Print the proof that entry INDEX is under a signed checkpoint, as a C2SP tlog-proof.

    With --since SIZE the proof is printed that the checkpoint over SIZE entries is the beginning of the one under
    which the entry is: its hashes in base64, one a line, between the two checkpoints.

    \b
    Example: gate ledger prove 41 --entry entry.json > entry.tlog-proof

    Exit codes: 0 printed, 2 there is no such entry or checkpoint, 3 the database could not be read.
    """  # noqa: D301  # click reads the backspace
    from gate import bootstrap
    from gate.usecases.prove_entries import prove_consistency, prove_inclusion

    _, store = open_ledger()
    try:
        with store.reading() as reading:
            proof = prove_inclusion(reading, index, size=size)
            consistency = None if since is None else prove_consistency(reading, since, size)
            entry = reading.ledger_entry(index)
    finally:
        store.close()
    if entry_file is not None and entry is not None:
        bootstrap.write_whole(entry_file, entry.content)
    if consistency is None:
        click.echo(proof.text(), nl=False)
        return 0
    steps = "".join(base64.b64encode(step).decode() + "\n" for step in consistency.path)
    click.echo(f"{consistency.old.note}\n{steps}\n{consistency.new.note}", nl=False)
    return 0


def _head(found: "SignedCheckpoint") -> dict[str, object]:
    return {"size": found.size, "root": found.root.hex(), "at": found.at, "note": found.note}


def _index(fault: "LedgerFault") -> int | None:
    from gate.core.ledger.verification import NOWHERE

    return None if fault.index == NOWHERE else fault.index


def _as_json(report: "LedgerReport") -> dict[str, object]:
    return {
        "schema": "gate.ledger-verification/1",
        "is_whole": not report.faults,
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "copies": report.copies,
        "newest": None if report.newest is None else _head(report.newest),
        "keys": [{"key": key.text, "after": key.after} for key in report.keys],
        "faults": [{"index": _index(one), "code": one.code, "text": one.text} for one in report.faults],
    }


def _as_lines(report: "LedgerReport") -> list[str]:
    counts = [
        count_of(report.entries, "entry", "entries"),
        count_of(report.checkpoints, "signed checkpoint"),
        count_of(len(report.keys), "key"),
        count_of(report.copies, "head"),
    ]
    lines = [f"{', '.join(counts)} kept elsewhere."]
    if report.newest is not None:
        lines.append(
            f"Newest head: {count_of(report.newest.size, 'entry', 'entries')}, root {report.newest.root.hex()}."
        )
    if not report.faults:
        lines.append("All of it holds.")
        if not report.copies:
            lines.append("No head kept elsewhere was compared (--copy): a cut or rewritten end would not be seen.")
        return lines
    lines += [f"{one.code}: {visible(one.text)}" for one in report.faults[:_SHOWN]]
    if len(report.faults) > _SHOWN:
        lines.append(f"... and {len(report.faults) - _SHOWN} more.")
    return lines


for one in (publish, resume, erase):
    command.add_command(one)
