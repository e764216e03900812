"""`gate escalation`: who would be called when, on call as the calendars say then."""

from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import table, write_json, write_lines
from gate.cli.ownership_input import open_source, source_options
from gate.cli.times import written_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gate.usecases.preview_escalation import PreviewedCall


@click.group(name="escalation", cls=WholeHelpGroup)
def command() -> None:
    """Look at the ladders that are climbed while nobody answers."""


@command.command(name="preview")
@click.argument("name")
@click.option("--at", metavar="TIME", help="When the ladder begins; without a zone it is UTC.  [default: now]")
@source_options
def preview(name: str, **options: Any) -> None:
    """Say who would be called when, if the ladder of component NAME began at a time. Nobody is told anything.

    \b
    Examples:
      gate escalation preview payments-api --at 2026-12-24T23:00
      gate escalation preview payments-api --rev main --json

    Exit codes: 0 fine; 2 wrong usage, invalid file, or no such ladder; 3 could not read something.
    """  # noqa: D301  # click reads the backspace
    from gate.usecases.preview_escalation import preview_escalation

    source = open_source(options)
    source.mention_faults()
    at = moment_of(options["at"])
    calls = preview_escalation(source.tree, source.ownership, name, at=at, readers=bootstrap.readers())
    if options["is_json"]:
        write_json([_as_json(call) for call in calls])
    else:
        write_lines(_shown(calls))


def moment_of(text: str | None) -> str:
    """Return the time that an option names, now without one; without a zone it is UTC. Raises UsageError for none."""
    from gate.core.times import instant

    if not text:
        return instant(bootstrap.now())
    return instant(written_time(text, step="Write 2026-12-24T23:00, in UTC, or 2026-12-24T23:00+01:00."))


def shown_address(to: str) -> str:
    """Return an address as it may be shown: of a service its name alone, since the rest holds its secrets."""
    scheme, mark, _ = to.partition("://")
    return f"{scheme}://..." if mark else to


def _shown(calls: "Sequence[PreviewedCall]") -> "Iterator[str]":
    return table(["level", "at", "who", "by", "why", "next level"], [_row(call) for call in calls])


def _row(call: "PreviewedCall") -> list[str]:
    turn = f" (turn {call.turn + 1})" if call.turn else ""
    by = f"{call.address.channel} {shown_address(call.address.to)}" if call.address else "no address"
    why = f"{call.why}; quiet until {call.quiet_until}" if call.quiet_until else call.why
    if call.holiday_until:
        why += f"; on holiday until {call.holiday_until} (a sign-off waits, an incident does not)"
    return [f"{call.level}{turn}", call.at, call.recipient or "nobody", by if call.recipient else "-", why, call.until]


def _as_json(call: "PreviewedCall") -> dict[str, Any]:
    address = call.address
    return {
        "level": call.level,
        "turn": call.turn,
        "at": call.at,
        "until": call.until,
        "recipient": call.recipient,
        "why": call.why,
        "channel": address.channel if address else None,
        "to": shown_address(address.to) if address else None,
        "quiet_until": call.quiet_until or None,
        "holiday_until": call.holiday_until or None,
    }
