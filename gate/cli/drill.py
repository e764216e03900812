"""`gate drill`: run the ladder of a component for real, marked as an exercise, and report how fast people answered."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from gate.cli.output import table, write_json, write_lines
from gate.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.core.forge.snapshot import ForgeRepository
    from gate.usecases.gate import Gate
    from gate.usecases.notices import StoredEscalation


@click.command(name="drill")
@click.argument("name")
@click.option("--repository", metavar="OWNER/NAME", help="Whose records hold it; needed where the gate knows several.")
@click.option("--report", "is_report", is_flag=True, help="Begin nothing; say how the exercises so far went.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def command(name: str, *, repository: str | None, is_report: bool, is_json: bool) -> None:
    """Run the ladder of component NAME for real, marked as an exercise, level by level until somebody acknowledges.

    The service's worker calls; quiet hours do not hold. Each message leads to a page to acknowledge on.

    \b
    Examples:
      gate drill payments-api --repository acme/shop
      gate drill payments-api --report

    Exit codes: 0 fine; 2 wrong usage or settings, or no such ladder; 3 something could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.bootstrap_service import start_service
    from gate.config import load_settings

    service = start_service(load_settings())
    try:
        held_in = _repository(service.gate, repository)
        drills = _held(service.gate, held_in, name) if is_report else [_begun(service.gate, held_in, name)]
    finally:
        service.stop()
    if is_json:
        write_json([_as_json(drill) for drill in drills])
    elif is_report:
        write_lines(table(["begun", "state", "calls", "minutes to answer", "by"], [_row(drill) for drill in drills]))
    else:
        write_lines([f"The exercise {drills[0].id[:12]} has begun; the worker calls level 1 now."])


def minutes_to_answer(drill: "StoredEscalation") -> int | None:
    """Return after how many minutes somebody acknowledged, None where nobody did."""
    from gate.core.times import parse_instant

    if not drill.acknowledged_at:
        return None
    passed: dt.timedelta = parse_instant(drill.acknowledged_at) - parse_instant(drill.begun_at)
    return int(passed.total_seconds()) // 60


def _repository(gate: "Gate", name: str | None) -> "ForgeRepository":
    with gate.store.reading() as reading:
        known = list(reading.repositories())
        found = reading.repository_named(name) if name else None
    if name is None and len(known) == 1:
        return known[0]
    if found is None:
        names = ", ".join(one.name for one in known[:5]) or "none yet"
        raise UsageError("The repository is not known here.", next_step=f"Name one by --repository: {names}.")
    return found


def _begun(gate: "Gate", repository: "ForgeRepository", name: str) -> "StoredEscalation":
    from gate.usecases.call_out import begin_call_out

    return begin_call_out(gate, repository, name, cause="drill", matter=gate.instant())


def _held(gate: "Gate", repository: "ForgeRepository", name: str) -> "list[StoredEscalation]":
    from gate.core.forge.snapshot import ChangeKey

    key = ChangeKey(repository.key.tenant, repository.key.id, 0)
    with gate.store.reading() as reading:
        found = reading.escalations(key, cause="drill")
    return [one for one in found if name in {one.scope, one.component}]


def _row(drill: "StoredEscalation") -> "Sequence[str]":
    minutes = minutes_to_answer(drill)
    calls = "; ".join(", ".join(names) or "nobody" for _, _, names in drill.told)
    return [drill.begun_at, drill.state, calls, "-" if minutes is None else str(minutes), drill.acknowledged_by or "-"]


def _as_json(drill: "StoredEscalation") -> dict[str, Any]:
    return {
        "id": drill.id,
        "component": drill.component,
        "begun_at": drill.begun_at,
        "state": drill.state,
        "calls": [{"level": step + 1, "at": at, "recipients": list(names)} for step, at, names in drill.told],
        "acknowledged_at": drill.acknowledged_at or None,
        "acknowledged_by": drill.acknowledged_by or None,
        "minutes_to_answer": minutes_to_answer(drill),
    }
