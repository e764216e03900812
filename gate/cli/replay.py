"""`gate replay`: decide a recorded verdict anew from its facts, and compare byte for byte."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate.cli.output import write_json, write_lines
from gate.core.errors import InvalidFileError, UnreadableError, UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.usecases.replay_verdict import Replay

_CHANGE = re.compile(r"(?P<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})#(?P<number>[1-9][0-9]{0,9})")
_MOST_BYTES = 512 * 1024 * 1024


@click.command(name="replay")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--change", "change", metavar="OWNER/REPO#N", help="All verdicts on this change, from the database.")
@click.option("--verdict", "verdict_file", type=click.Path(path_type=Path), help="The verdict to compare facts with.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the verdict that was made anew here.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(
    *, source: Path | None, change: str | None, verdict_file: Path | None, save: Path | None, is_json: bool
) -> int:
    """Decide anew from the facts that a verdict was made from, and compare with what was recorded.

    SOURCE is a change's folder in an audit export (its packet.json does as well), or a file of facts that goes with
    --verdict. Facts whose personal values were erased say so: the rest must still come out the same.

    \b
    Examples:
      gate replay q3/changes/acme-shop-7
      gate replay facts.json --verdict verdict.json
      gate replay --change acme/shop#7

    Exit codes: 0 the same, 1 it differs, 2 wrong usage, or another release of the gate is needed, 3 unreadable.
    """  # noqa: D301  # click reads the backspace
    if (source is None) == (change is None):
        raise UsageError("One thing is replayed at a time.", next_step="Give a folder or file, or --change.")
    replays = _of_change(change) if change is not None else [_of_files(source or Path(), verdict_file)]
    if save is not None:
        _save(save, replays)
    if is_json:
        write_json([_as_json(one) for one in replays])
    else:
        write_lines(f"{visible(one.outcome)}: {_where(one)}{visible(one.why)}" for one in replays)
    outcomes = {one.outcome for one in replays}
    return 1 if "differs" in outcomes else 2 if "other-engine" in outcomes else 0


def _of_change(text: str) -> "list[Replay]":
    from gate import bootstrap_parts
    from gate.config import load_settings
    from gate.core.forge.snapshot import ChangeKey
    from gate.usecases.replay_verdict import replay_change

    found = _CHANGE.fullmatch(text)
    if found is None:
        raise UsageError(f"{visible(text)!r} is no change.", next_step="Write it as owner/name#7.")
    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    store = bootstrap_parts.store_to_look_at(settings)
    try:
        with store.reading() as reading:
            repository = reading.repository_named(found["repository"])
            if repository is None:
                step = "Name a repository that the gate is installed on."
                raise UsageError(f"{found['repository']} is not known here.", next_step=step)
            key = ChangeKey(repository.key.tenant, repository.key.id, int(found["number"]))
            return replay_change(reading, key)
    finally:
        store.close()


def _of_files(source: Path, verdict_file: Path | None) -> "Replay":
    from gate.core.change.sealing import open_facts_file
    from gate.usecases.kept_rules import KeptRules
    from gate.usecases.replay_verdict import replay

    folder = source if source.is_dir() else source.parent if source.name == "packet.json" else None
    facts_file = source if folder is None else folder / "facts.json"
    recorded = verdict_file or (None if folder is None else folder / "verdict.json")
    if recorded is None:
        _read(facts_file)  # a file that is not there is said first
        step = "Add --verdict FILE, or name a change's folder of an export."
        raise UsageError("There is no recorded verdict to compare with.", next_step=step)
    opened = open_facts_file(_read(facts_file), file=str(facts_file))
    try:
        return replay(opened.sealed, opened.at, _read(recorded), kept=KeptRules())
    except InvalidFileError as error:
        raise UsageError(f"{recorded} holds no verdict: {error}") from None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except OSError as error:
        step = "Name a change's folder of an export, or a file of facts."
        raise UnreadableError(f"{file} cannot be read: {error.strerror}.", next_step=step) from None


def _save(file: Path, replays: "list[Replay]") -> None:
    from gate import bootstrap

    if not replays[-1].made:
        raise UsageError("No verdict was made anew that could be written.", next_step="Leave --save out.")
    bootstrap.write_whole(file, replays[-1].made)


def _where(one: "Replay") -> str:
    return "" if one.ledger_index is None else f"entry {one.ledger_index}, {visible(one.state)} at {one.at}. "


def _as_json(one: "Replay") -> dict[str, object]:
    return {
        "outcome": one.outcome,
        "facts": one.facts,
        "at": one.at,
        "state": one.state,
        "entry": one.ledger_index,
        "why": one.why,
    }
