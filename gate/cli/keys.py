"""`gate keys`: list the keys that approval links are signed by, and rotate them with overlap."""

import datetime as dt
from typing import TYPE_CHECKING

import click

from gate import bootstrap, bootstrap_parts
from gate.cli.output import WholeHelpGroup, table, write_json, write_lines
from gate.core.ledger.entries import EntryDraft
from gate.core.signoff.eligibility import instant

if TYPE_CHECKING:
    from gate.adapters.link_keys import LinkKey

_MOST_DAYS = 31


@click.group(name="keys", cls=WholeHelpGroup)
def command() -> None:
    """Look after the keys that approval links are signed by."""


@command.command(name="list")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def list_(*, is_json: bool) -> int:
    """Show every key: since when it signs, until when it verifies.

    \b
    Example: gate keys list

    Exit codes: 0 shown, 2 wrong settings.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings

    keys = bootstrap_parts.link_key_file(load_settings()).keys()
    now = bootstrap.now()
    signing = next((key for key in keys if key.from_at <= now and key.holds(now)), None)
    shown = [(key, _state(key, signing, now)) for key in keys]
    if is_json:
        write_json([{"kid": key.kid, "from": instant(key.from_at), "until": _until(key), "state": state}
                    for key, state in shown])  # fmt: skip
    else:
        rows = [[key.kid, instant(key.from_at), _until(key) or "-", state] for key, state in shown]
        write_lines(table(["key", "from", "until", "state"], rows))
    return 0


@command.command(name="rotate")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, _MOST_DAYS),
    default=8,
    show_default=True,
    help="How long links of earlier keys still hold; 0 ends them at once.",
)
def rotate(*, overlap_days: int) -> int:
    """Sign with a new key from now on; a running service takes it up by itself.

    \b
    Example: gate keys rotate --overlap-days 0

    Exit codes: 0 rotated, 2 wrong settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.config import load_settings

    settings = load_settings()
    bootstrap_parts.require_current_database(settings)
    file = bootstrap_parts.link_key_file(settings)
    store = bootstrap_parts.store_of(settings)
    now = bootstrap.now()
    try:
        with store.writing() as writing:
            new = file.rotate(now, overlap=dt.timedelta(days=overlap_days))
            payload = {"purpose": "links", "kid": new.kid, "overlap_days": overlap_days}
            entry = EntryDraft("key-rotated", instant(now), "service", authenticated="command-line", payload=payload)
            writing.append(entry)
    finally:
        store.close()
    write_lines([f"Links are signed with {new.kid} now; earlier ones hold for {overlap_days} days at most."])
    return 0


def _until(key: "LinkKey") -> str:
    return instant(key.until_at) if key.until_at else ""


def _state(key: "LinkKey", signing: "LinkKey | None", now: dt.datetime) -> str:
    if key is signing:
        return "signs"
    return "verifies" if key.holds(now) else "ended"
