"""Access to the forge: whether its login is refused, and which repositories it is installed on no longer; told once."""

from collections.abc import Collection, Iterable

from gate.core.change.facts import Instant
from gate.core.errors import GateError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.usecases.forge_ports import CredentialsRefusedError
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.jobs import notify_job
from gate.usecases.store_ports import Reading, Writing

REFUSED_SINCE = "forge-login-refused-since"
_MOST_WHY = 300


def refused_since(reading: Reading) -> Instant:
    """Return since when the forge refuses the gate's own login, empty while it does not."""
    return reading.setting(REFUSED_SINCE) or ""


def note_refused(gate: Gate, error: CredentialsRefusedError) -> None:
    """Record once that the forge refuses the gate's login, so that readiness and metrics say it from now on (L26)."""
    gate.measures.count("forge_logins_refused")
    with gate.store.writing() as writing:
        if refused_since(writing):
            return
        at = gate.instant()
        payload = {"code": "forge-login-refused", "why": error.message[:_MOST_WHY]}
        writing.append(EntryDraft("anomaly-seen", at, "service", payload=payload))
        writing.save_setting(REFUSED_SINCE, at)


def listed_repositories(gate: Gate) -> list[ForgeRepository] | None:
    """Return the repositories that the gate is installed on, None where the forge does not say.

    Whether it takes the gate's login is noted on the way.
    """
    try:
        listed = list(gate.forge.installed_repositories())
    except CredentialsRefusedError as error:
        note_refused(gate, error)
        return None
    except GateError:
        return None
    with gate.store.reading() as reading:
        was_refused = bool(refused_since(reading))
    if was_refused:
        with gate.store.writing() as writing:
            payload = {"code": "forge-login-taken-again"}
            writing.append(EntryDraft("anomaly-seen", gate.instant(), "service", payload=payload))
            writing.save_setting(REFUSED_SINCE, "")
    return listed


def is_left(reading: Reading, key: RepositoryKey) -> bool:
    """Return whether the gate is known not to be installed on a repository any more."""
    return bool(reading.setting(_left(key)))


def leave_repository(gate: Gate, key: RepositoryKey, why: str) -> None:
    """Record once that nothing is to be done at a repository until the gate is installed on it again."""
    gate.measures.count("repositories_left")
    with gate.store.writing() as writing:
        if is_left(writing, key):
            return
        payload = {"code": "not-installed", "why": why[:_MOST_WHY]}
        writing.append(EntryDraft("anomaly-seen", gate.instant(), repository_subject(key), payload=payload))
        writing.save_setting(_left(key), gate.instant())


def return_to(writing: Writing, keys: Iterable[RepositoryKey], *, at: Instant) -> Collection[RepositoryKey]:
    """Record that the gate is installed again where it was not, and return those repositories.

    The sweep that calls this has every change judged; whoever is waited for may not have been told meanwhile.
    """
    found = [key for key in keys if is_left(writing, key)]
    for key in found:
        writing.append(EntryDraft("anomaly-seen", at, repository_subject(key), payload={"code": "installed-again"}))
        writing.save_setting(_left(key), "")
        for change in list(writing.open_changes(key)):
            if change.verdict_state == "waiting":
                writing.enqueue(notify_job(change.key, at=at))
    return found


def _left(key: RepositoryKey) -> str:
    return f"repository-left:{key.tenant}/{key.id}"
