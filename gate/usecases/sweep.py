"""Sweeping: every open change is looked at again, so that whatever no webhook told stands no longer than this."""

from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.times import parse_instant
from gate.usecases.compare_checks import enqueue_comparisons
from gate.usecases.forge_access import is_left, listed_repositories, return_to
from gate.usecases.forge_ports import change_key
from gate.usecases.gate import Gate
from gate.usecases.jobs import judge_job, poll_job, protection_job, reconcile_job, remind_job, sweep_job
from gate.usecases.outside_copies import keep_copies
from gate.usecases.reconcile_at_forge import branches_to_reconcile

LAST_SWEEP = "last-sweep-at"
LAST_POLL = "last-poll-at"
_EARLIEST = "1970-01-01T00:00:00Z"


def sweep(gate: Gate) -> int:
    """Have every open change judged anew, those included that no webhook ever named; return how many.

    A repository that cannot be read keeps its known changes in the sweep: they are judged, and then say why not. One
    that the gate is installed on no longer is left out until it is listed again.
    """
    began_at = gate.instant()
    with gate.store.reading() as reading:
        known = {change.key for change in reading.open_changes()}
        repositories = list(reading.repositories())
    listed = listed_repositories(gate)
    with gate.store.writing() as writing:
        for repository in listed or ():
            writing.save_repository(repository)
        return_to(writing, [repository.key for repository in listed or ()], at=began_at)
        left = {repository.key for repository in repositories if is_left(writing, repository.key)}
    found = {one.key: one for one in (*repositories, *(listed or ())) if one.key not in left}
    known = {change for change in known if change.repository_key not in left}
    for repository in found.values():
        known |= _open_at_forge(gate, repository)
    with gate.store.writing() as writing:
        for key in sorted(found):
            enqueue_comparisons(writing, key, at=began_at)
        for change in sorted(known):
            writing.enqueue(judge_job(change, at=began_at, why="the sweep"))
        for key in sorted(found):
            writing.enqueue(protection_job(key, at=began_at))
            for branch in branches_to_reconcile(writing, key):
                writing.enqueue(reconcile_job(key, branch, at=began_at))
        writing.save_setting(LAST_SWEEP, began_at)
        writing.enqueue(sweep_job(at=gate.instant(later_seconds=gate.settings.resync_seconds)))
    gate.measures.count("sweeps")
    keep_copies(gate)
    return len(known)


def _open_at_forge(gate: Gate, repository: ForgeRepository) -> set[ChangeKey]:
    try:
        numbers = gate.access(repository).open_changes()
    except GateError:
        return set()  # its known changes are judged all the same, and say what could not be read
    return {change_key(repository, number) for number in numbers}


def poll_deliveries(gate: Gate) -> int:
    """Ask the forge to hand over again what it could not; return how many deliveries."""
    began_at = gate.instant()
    with gate.store.reading() as reading:
        since = reading.setting(LAST_POLL) or _EARLIEST
    count = 0
    for failed in gate.forge.failed_deliveries(since):
        with gate.store.reading() as reading:
            is_known = reading.delivery(failed.guid) is not None
        if not is_known:
            gate.forge.redeliver(failed)
            count += 1
    with gate.store.writing() as writing:
        writing.save_setting(LAST_POLL, began_at)
        writing.enqueue(poll_job(at=gate.instant(later_seconds=gate.settings.resync_seconds)))
    return count


def stale_bound_seconds(gate: Gate) -> int:
    """Return for how long a green check may stand by now that no webhook told to be wrong.

    That is the time since the last sweep began, or since the oldest look at anything green where that is longer: a
    sweep whose judgements fail or wait bounds nothing.
    """
    with gate.store.reading() as reading:
        last = reading.setting(LAST_SWEEP)
        greens = (change.judged_at for change in reading.open_changes() if change.published == "success")
        oldest = next(greens, None)  # open changes come oldest look first
    if last is None:
        return gate.settings.resync_seconds
    since = min(parse_instant(at) for at in (last, oldest) if at)
    return max(int((gate.now() - since).total_seconds()), 0)


def start_timers(gate: Gate) -> None:
    """Make sure that sweep, poll and reminders run from now on."""
    with gate.store.writing() as writing:
        writing.enqueue(sweep_job(at=gate.instant()))
        writing.enqueue(poll_job(at=gate.instant()))
        writing.enqueue(remind_job(at=gate.instant()))
