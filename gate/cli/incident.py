"""`gate incident`: open an incident with owner, on call, way back and suspects at hand; close it with its cause."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap_parts
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import warn, write_json, write_lines
from gate.cli.suspects import began_at, local_brief_of, shown
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import prose, visible
from gate.core.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gate.config import Settings
    from gate.core.incident.brief import Brief
    from gate.usecases.gate import Gate
    from gate.usecases.incident_stored import StoredIncident

_CHANGE = lazy_regex(r"(?:[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})?#?([0-9]{1,9})")
_SET = "Set GATE_DATABASE_URL."
_BY = "operator:command-line"


@click.group(name="incident", cls=WholeHelpGroup)
def command() -> None:
    """Incidents: what fails, who owns it, how it is rolled back, and which change is suspected.

    \b
    Examples:
      gate incident open --component payments-api
      gate incident close inc-3f2a1c8d9e01 --cause 128
      gate incident review inc-3f2a1c8d9e01 --note "the index is rebuilt by the deployment now"
    """  # noqa: D301 (click reads the backspace)


@command.command(name="open")
@click.option("--component", required=True, metavar="NAME", help="The component that fails, as the records name it.")
@click.option("--title", default="", help="What fails, in one line.")
@click.option("--at", metavar="TIME", help="When it began, such as 2026-12-01T10:00Z.  [default: now]")
@click.option("--ticket", default="", metavar="KEY", help="The ticket that people work on; it is told what is known.")
@click.option("--new-ticket", metavar="TRACKER", help="Have its ticket made: jira, servicenow, pagerduty, webhook.")
@click.option("--path", "paths", multiple=True, metavar="PATH", help="A file that an alert or a trace names.")
@click.option("--repository", metavar="OWNER/NAME", help="Where the component is, if several repositories name it.")
@click.option("--repo", type=click.Path(path_type=Path), help="Look into this checkout alone; nothing is recorded.")
@click.option("--days", type=click.IntRange(1, 365), default=14, show_default=True, help="How far back, in a checkout.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many suspects to show.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def open_command(*, is_json: bool, repo: Path | None, **options: Any) -> None:
    """Open an incident and print owner, on call, escalation, way back and ranked suspects.

    It is recorded in the service whose settings are in force (GATE_DATABASE_URL ...), and its ticket is told. Where
    there is no service, or with --repo, the checkout alone answers and nothing is recorded. With --new-ticket the
    worker makes the ticket, once, at a tracker that is set up for it (docs/tickets.md).

    \b
    Examples:
      gate incident open --component payments-api --ticket OPS-12
      gate incident open --component payments-api --new-ticket jira
      gate incident open --component payments-api --repo . --days 3

    Exit codes: 0 fine, 2 wrong usage or invalid file, 3 could not reach or read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.incident.brief import brief_value

    is_new = options["new_ticket"] is not None
    if is_new and (repo or options["ticket"]):
        step = "Leave --new-ticket out, or --ticket and --repo."
        raise UsageError("--new-ticket has a ticket made, so --ticket and --repo do not go with it.", next_step=step)
    settings = None if repo else _service_settings()
    if settings is None:
        if is_new:
            step = f"{_SET} Until then `--repo .` answers from a checkout; nothing is recorded by it."
            raise UsageError("There is no service here that could have a ticket made.", next_step=step)
        if repo is None:
            warn("There is no service here (no database): the checkout alone answers, and nothing is recorded.")
        local = {**options, "repo": repo or Path(), "rev": None, "config": ".gate", "is_json": is_json}
        brief = local_brief_of(options["component"], local)
        value: dict[str, Any] = {**brief_value(brief), "incident": None}
        lines = list(shown(brief))
    else:
        try:
            value, lines = _opened(settings, options)
        except UnreadableError as error:
            step = "Until then `--repo .` answers from a checkout, without the service; nothing is recorded by it."
            raise UnreadableError(error.message, next_step=step) from error
    if is_json:
        write_json(value)
    else:
        write_lines(lines)


@command.command(name="close")
@click.argument("incident")
@click.option("--cause", metavar="CHANGE", help="The merged change that caused it: its number, or owner/name#number.")
@click.option("--restored-at", "at", metavar="TIME", help="When service was back.  [default: now]")
@click.option("--reason", default="", help="Why this change is the cause.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def close_command(*, incident: str, cause: str | None, at: str | None, reason: str, is_json: bool) -> None:
    """Close INCIDENT (its id, or its ticket's key): when service was back, and which change caused it.

    A cause counts in the change failure rate and raises the risk of the next changes. Without one the page of the
    incident keeps asking. The date until which its review is due is printed.

    \b
    Example: gate incident close inc-3f2a1c8d9e01 --cause acme/shop#128 --reason "it lost the index"

    Exit codes: 0 closed, 2 wrong usage, 3 the database could not be reached.
    """  # noqa: D301 (click reads the backspace)
    from gate.usecases.close_incident import Closing, close_incident

    settings = _service_settings()
    if settings is None:
        raise UsageError("There is no service here whose incidents could be closed.", next_step=_SET)
    match = _CHANGE.fullmatch(cause) if cause else None
    if cause and match is None:
        raise UsageError(f"{cause!r} is no change.", next_step="Write its number, such as 128.")
    closing = Closing(
        incident=incident,
        restored_at=began_at(at),
        cause=int(match[1]) if match else None,
        by=_BY,
        authenticated="command line",
        reason=reason,
    )
    closed = close_incident(_gate(settings), closing)
    if is_json:
        write_json({"id": closed.id, "state": closed.state, "restored_at": closed.restored_at,
                    "review_due_at": closed.review_due_at})  # fmt: skip
        return
    asked = "" if cause else " Which change caused it? Say so with --cause, or on its page."
    write_lines([f"{closed.id} is closed; its review is due until {closed.review_due_at}.{asked}"])


@command.command(name="review")
@click.argument("incident")
@click.option("--note", required=True, help="What the review found, and what is to change.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def review_command(*, incident: str, note: str, is_json: bool) -> None:
    """Record that the review of INCIDENT (its id, or its ticket's key) was held, once.

    \b
    Example: gate incident review inc-3f2a1c8d9e01 --note "the index is rebuilt by the deployment now"

    Exit codes: 0 recorded, 2 wrong usage, 3 the database could not be reached.
    """  # noqa: D301 (click reads the backspace)
    from gate.usecases.review_incident import HeldReview, review_incident

    settings = _service_settings()
    if settings is None:
        raise UsageError("There is no service here whose incidents could be reviewed.", next_step=_SET)
    held = HeldReview(incident=incident, note=note, by=_BY, authenticated="command line")
    reviewed = review_incident(_gate(settings), held)
    if is_json:
        write_json({"id": reviewed.id, "review_due_at": reviewed.review_due_at, "reviewed_at": reviewed.reviewed_at})
        return
    write_lines([f"The review of {reviewed.id} was held at {reviewed.reviewed_at}."])


def _opened(settings: "Settings", options: dict[str, Any]) -> "tuple[dict[str, Any], list[str]]":
    """Record an incident in the service, and return it as JSON and as lines."""
    from gate.core.incident.brief import brief_value
    from gate.usecases.incident_brief import incident_brief
    from gate.usecases.incident_ticket import incident_url
    from gate.usecases.open_incident import Opening, open_incident
    from gate.usecases.prepared_revert import with_commands

    gate = _gate(settings)
    opening = Opening(
        component=options["component"],
        title=options["title"],
        began_at=began_at(options["at"]),
        repository=_repository(gate, options["repository"]),
        tracker=_tracker(gate, options["ticket"], options["new_ticket"]),
        ticket=options["ticket"],
        paths=options["paths"],
        by=_BY,
        authenticated="command line",
    )
    incident, now = open_incident(gate, opening)
    brief = with_commands(gate, now.repository, incident_brief(gate, now, incident, limit=options["limit"]))
    url = incident_url(gate, incident.id)
    named = {"tracker": incident.tracker or None, "ticket": incident.ticket or None}
    value: dict[str, Any] = brief_value(brief)
    value["incident"] = {"id": incident.id, "began_at": incident.began_at, "url": url, **named}
    with gate.store.reading() as reading:
        same = reading.incidents([incident.repository], component=incident.component)
    others = [one for one in same if one.state == "open" and one.id != incident.id]
    return value, [*_opening(incident, brief, url, others), "", *shown(brief), "", *_ending(incident.id)]


def _opening(
    incident: "StoredIncident", brief: "Brief", url: str, others: "Sequence[StoredIncident]"
) -> "Iterator[str]":
    yield f"Incident {incident.id} of {visible(incident.component)}, which began at {incident.began_at}: {visible(url)}"
    if incident.ticket:
        yield f"{visible(incident.ticket)} is told what stands here."
    elif incident.is_ticket_due:
        yield f"Its ticket is being made at {incident.tracker}, and told what stands here; its page names it then."
    if brief.escalation:
        yield f"The escalation policy {visible(brief.escalation)} has begun; it calls until somebody acknowledges."
    for one in others[:3]:
        yield f"Open for it already: {one.id}, since {one.began_at} ({prose(one.title, 80)})."


def _ending(identity: str) -> "Iterator[str]":
    yield f"When service is back: gate incident close {identity} --cause NUMBER (without --cause while it is unknown)"


def _tracker(gate: "Gate", ticket: str, new_ticket: str | None) -> str:
    """Return the tracker that owns a ticket, or that is to make one; empty where neither is asked for."""
    from gate.usecases.incident_ticket import tracker_to_make_at
    from gate.usecases.tracker_ports import tracker_of

    if new_ticket is not None:
        return tracker_to_make_at(gate.trackers, new_ticket).name
    tracker = tracker_of(gate.trackers, ticket) if ticket else None
    if ticket and tracker is None:
        step = "Set its tracker up (docs/tickets.md), or leave --ticket out."
        raise UsageError(f"No tracker that is set up owns {ticket!r}.", next_step=step)
    return tracker.name if tracker else ""


def _repository(gate: "Gate", name: str | None) -> Any:
    if not name:
        return None
    with gate.store.reading() as reading:
        found = reading.repository_named(name)
    if found is None:
        raise UsageError(f"The repository {name!r} is not known here.", next_step="Install the gate's app on it.")
    return found


def _service_settings() -> "Settings | None":
    """Return the settings of the service here, None where there is none: no database has been made."""
    from gate.config import load_settings

    settings = load_settings()
    file = bootstrap_parts.database_file(settings)
    return settings if file is None or file.exists() else None


def _gate(settings: "Settings") -> "Gate":
    from gate.bootstrap_service import Service

    bootstrap_parts.require_current_database(settings)
    return Service(settings).gate
