"""`gate keys`: list the keys that approval links and the ledger are signed by, and rotate them."""

import datetime as dt
from typing import TYPE_CHECKING

import click

from gate import bootstrap, bootstrap_ledger, bootstrap_parts
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import table, write_json, write_lines
from gate.core.ledger.entries import EntryDraft
from gate.core.times import instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.adapters.link_keys import LinkKey
    from gate.core.ledger.signing_keys import SigningKey

_MOST_DAYS = 31


@click.group(name="keys", cls=WholeHelpGroup)
def command() -> None:
    """Look after the keys that approval links and the ledger are signed by."""


@command.command(name="list")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def list_(*, is_json: bool) -> int:
    """Show every key: what it signs, since when, until when it verifies. Keys that are not there yet are not made.

    \b
    Example: gate keys list

    Exit codes: 0 shown, 2 wrong settings.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings

    settings = load_settings()
    keys = bootstrap_parts.link_keys_there(settings)
    ledger = bootstrap_ledger.ledger_keys(settings) if bootstrap_parts.has_ledger(settings) else ()
    now = bootstrap.now()
    signing = next((key for key in keys if key.from_at <= now and key.holds(now)), None)
    shown = [(key, _state(key, signing, now)) for key in keys]
    if is_json:
        links = [
            {"purpose": "links", "kid": key.kid, "from": instant(key.from_at), "until": _until(key), "state": state}
            for key, state in shown
        ]
        write_json([*links, *(_ledger_json(key, ledger) for key in reversed(ledger))])
    elif not (keys or ledger):
        write_lines(["There are no keys yet; the service makes them when it starts."])
    else:
        rows = [["links", key.kid, instant(key.from_at), _until(key) or "-", state] for key, state in shown]
        rows += [
            ["ledger", one.text, f"entry {one.after}", "-", _ledger_state(one, ledger)] for one in reversed(ledger)
        ]
        write_lines(table(["for", "key", "from", "until", "state"], rows))
    return 0


@command.command(name="rotate")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, _MOST_DAYS),
    default=8,
    show_default=True,
    help="How long links of earlier keys still hold; 0 ends them at once.",
)
@click.option("--ledger", "is_ledger", is_flag=True, help="Rotate the ledger's key instead of that of links.")
def rotate(*, overlap_days: int, is_ledger: bool) -> int:
    """Sign with a new key from now on; a running service takes it up by itself.

    The ledger's old key signs that the new one follows, and its private half is gone then; the old public key stays in
    the ledger, so that old checkpoints verify. Where replicas do not share the key's file, give it to each.

    \b
    Examples:
      gate keys rotate --overlap-days 0
      gate keys rotate --ledger

    Exit codes: 0 rotated, 2 wrong settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings

    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    if is_ledger:
        new = bootstrap_ledger.rotate_key(settings)
        write_lines([f"The ledger is signed with {new} now."])
        return 0
    file = bootstrap_parts.link_key_file(settings)
    store = bootstrap_parts.store_of(settings)
    now = bootstrap.now()
    try:
        with store.writing() as writing:
            rotated = file.rotate(now, overlap=dt.timedelta(days=overlap_days))
            payload = {"purpose": "links", "kid": rotated.kid, "overlap_days": overlap_days}
            entry = EntryDraft("key-rotated", instant(now), "service", authenticated="command-line", payload=payload)
            writing.append(entry)
    finally:
        store.close()
    write_lines([f"Links are signed with {rotated.kid} now; earlier ones hold for {overlap_days} days at most."])
    return 0


def _ledger_json(key: "SigningKey", keys: "Sequence[SigningKey]") -> dict[str, object]:
    return {"purpose": "ledger", "key": key.text, "after": key.after, "state": _ledger_state(key, keys)}


def _ledger_state(key: "SigningKey", keys: "Sequence[SigningKey]") -> str:
    return "signs" if key is keys[-1] else "verifies"


def _until(key: "LinkKey") -> str:
    return instant(key.until_at) if key.until_at else ""


def _state(key: "LinkKey", signing: "LinkKey | None", now: dt.datetime) -> str:
    if key is signing:
        return "signs"
    return "verifies" if key.holds(now) else "ended"
