"""Upkeep of the ledger: heads kept elsewhere, the end of a freeze, people who are to be forgotten."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap_ledger, bootstrap_parts
from gate.cli.output import write_lines
from gate.core.counting import count_of
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.adapters.db.store import DatabaseStore
    from gate.config import Settings

_MOST_BYTES = 64 * 1024 * 1024
_ACCOUNT = re.compile(r"[a-z]{1,20}:[A-Za-z0-9._|@-]{1,200}")


@click.command(name="publish")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="Append the head to this file.")
@click.option("--git", "remotes", multiple=True, metavar="REMOTE", help="Commit the head to a reference there.")
@click.option("--ref", default="refs/gate/ledger", show_default=True, help="The reference for --git.")
def publish(*, files: tuple[Path, ...], remotes: tuple[str, ...], ref: str) -> int:
    """Keep the ledger's head where the database's owner cannot reach it: a file, a git reference, or both.

    Without options it goes to all places that GATE_LEDGER_COPIES names, as a running service does with every sweep.
    What is there is compared first: a ledger that does not continue it is not kept.

    \b
    Example: gate ledger publish --git git@example.com:audit/heads.git --file /mnt/heads.txt

    Exit codes: 0 kept, or there already, 1 the ledger does not continue what was kept, 2 wrong usage or settings,
    3 unreachable.
    """  # noqa: D301  # click reads the backspace
    from gate.usecases.outside_copies import keep_copy

    settings, store = open_ledger()
    places = [*(f"file:{file}" for file in files), *(f"git:{remote}#{ref}" for remote in remotes)]
    copies = [bootstrap_ledger.copy_of(place) for place in places] or bootstrap_ledger.copies_of(settings)
    if not copies:
        raise UsageError("There is no place to keep it in.", next_step="Give --file or --git, or GATE_LEDGER_COPIES.")
    try:
        faults = bootstrap_ledger.faults_at_start(settings, store, copies)
        with store.reading() as reading:
            newest = reading.checkpoint()
    finally:
        store.close()
    if faults:
        click.echo(f"gate: {visible(faults[0].text)} Nothing was kept.", err=True)
        return 1
    if newest is None:
        raise UsageError("The ledger is empty: there is no head yet.", next_step="Judge a change first.")
    for copy in copies:
        done = "kept" if keep_copy(copy, newest) else "there already"
        write_lines([f"{visible(copy.name)}: {newest.size} entries, {done}."])
    return 0


@click.command(name="resume")
@click.option("--reason", required=True, help="What happened to the newer database; it stands in the ledger.")
@click.option("--copy", "files", multiple=True, type=click.Path(path_type=Path), help="Give up these heads as well.")
def resume(*, reason: str, files: tuple[Path, ...]) -> int:
    """Let changes be approved again after the ledger was found to be older than a head kept elsewhere.

    Restore the newest database instead, if there is one. What this ledger lost is named in an entry, with the reason;
    links stay void, and every open change is judged anew.

    \b
    Example: gate ledger resume --reason "restored the backup of 06:00 after the disk failed"

    Exit codes: 0 resumed, 2 nothing is frozen, or wrong settings, 3 unreadable.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings

    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    store = bootstrap_parts.store_of(settings)
    try:
        notes = [note for file in files for note in notes_in(file)]
        count = bootstrap_ledger.resume_ledger(settings, store, notes, reason=reason)
    finally:
        store.close()
    lost = f"{count_of(count, 'head')} {'is' if count == 1 else 'are'} given up as lost"
    write_lines([f"Resumed; {lost}, which the ledger records. Links stay void."])
    return 0


@click.command(name="erase")
@click.argument("account", metavar="ACCOUNT")
@click.option("--name", "names", multiple=True, help="A further name, login or address to forget; repeatable.")
@click.option("--reason", required=True, help="Why, for the ledger; nothing personal.")
@click.option("--yes", is_flag=True, help="Do not ask: what is erased never comes back.")
def erase(*, account: str, names: tuple[str, ...], reason: str, yes: bool) -> int:
    """Forget the person who has ACCOUNT (such as github:1001): names, addresses, and every text that holds them.

    The account's number stays, and so does every proof: the ledger holds salted commitments, whose salts and values go.
    `gate replay` then says `erased`. Back-ups and what the platform keeps are not touched.

    \b
    Example: gate ledger erase github:1001 --name "Alice Example" --reason "request 17"

    Exit codes: 0 erased, 2 wrong usage, or nothing is kept of them, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate import bootstrap
    from gate.config import load_settings
    from gate.core.times import instant
    from gate.usecases.erase_person import erase_person

    if not _ACCOUNT.fullmatch(account):
        raise UsageError(f"{account!r} is no account.", next_step="Write it as github:1001.")
    if not yes:
        click.confirm(f"Forget {account} for good?", abort=True, err=True)
    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    store = bootstrap_parts.store_of(settings)
    try:
        done = erase_person(store, account, names, at=instant(bootstrap.now()), reason=reason)
    finally:
        store.close()
    values = f"{count_of(done.values, 'value')} of facts, {done.beside_entries:,} beside entries"
    rows = f"{count_of(len(done.verdicts), 'verdict')}, {count_of(done.others, 'other row')}"
    write_lines([f"Forgotten: {values}, {rows}. The ledger records it."])
    return 0


def open_ledger() -> "tuple[Settings, DatabaseStore]":
    """Return settings and a store for those who only read. Raises UnreadableError for tables of another version."""
    from gate.config import load_settings

    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    return settings, bootstrap_parts.store_to_look_at(settings)


def notes_in(file: Path) -> list[str]:
    """Return the heads of a file of copies. Raises UnreadableError or UsageError where there are none."""
    from gate.core.ledger.note import NoteError, split_notes

    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_BYTES)
        return list(split_notes(raw.decode()))
    except OSError as error:
        step = "Name a file that `gate ledger publish` wrote."
        raise UnreadableError(f"{file} cannot be read: {error.strerror}.", next_step=step) from None
    except (NoteError, UnicodeDecodeError):
        step = "Name the file that `gate ledger publish` wrote."
        raise UsageError(f"{file} is no file of heads.", next_step=step) from None
