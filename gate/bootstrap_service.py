"""Bootstrap of the service: settings become a ready gate, its web application and its worker."""

import datetime as dt
import hashlib
import hmac
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import bootstrap
from gate.adapters.logs_structlog import log, set_up_logs
from gate.adapters.measures_prometheus import PrometheusMeasures
from gate.adapters.remote_calendars import RemoteCalendars
from gate.bootstrap_ledger import copies_of, faults_at_start
from gate.bootstrap_parts import (
    channels_of,
    database_file,
    forge_of,
    link_tokens_of,
    require_current_database,
    store_of,
)
from gate.bootstrap_trackers import trackers_of
from gate.core.errors import GateError, UsageError
from gate.core.forge.snapshot import ChangeKey
from gate.core.times import parse_instant
from gate.usecases.forge_access import refused_since
from gate.usecases.gate import Gate, GateSettings
from gate.usecases.ledger_freeze import freeze
from gate.usecases.stored import ClaimedJob
from gate.usecases.sweep import stale_bound_seconds, start_timers
from gate.usecases.work import work_once

if TYPE_CHECKING:
    from gate.config import Settings
    from gate.usecases.store_ports import Store

IDLE_SECONDS = 0.1
_CLOCK_MAY_LAG = dt.timedelta(seconds=5)


class Service:
    """A gate in one process: what serves its pages and what does its work share one store."""

    def __init__(self, settings: "Settings", *, trial_secret: str = "") -> None:
        self.settings = settings
        self.is_stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.gate = self._gate()
        self.trial_secret = "" if settings.has_login else trial_secret or secrets.token_urlsafe(24)

    def _gate(self) -> Gate:
        settings = self.settings
        store = store_of(settings)
        self.close_store: Callable[[], None] = store.close
        forge = forge_of(settings)
        measures = PrometheusMeasures(
            {
                "jobs_waiting": ("Jobs that are due, by kind.", lambda: dict(store.waiting_jobs())),
                "github_requests": ("Requests sent to the forge.", lambda: {"all": forge.requests_made()}),
                "forge_login_refused": (
                    "1 while the forge refuses the gate's own login.",
                    lambda: {"all": float(bool(self.forge_problem()))},
                ),
                "stale_bound_seconds": (
                    "For how long a green check may stand that no webhook told to be wrong.",
                    lambda: {"all": stale_bound_seconds(self.gate)},
                ),
            }
        )
        self.render_metrics: Callable[[], bytes] = measures.render
        return Gate(
            store=store,
            forge=forge,
            readers=bootstrap.readers(remote_calendar=RemoteCalendars(hosts=settings.calendar_host_names)),
            now=bootstrap.now,
            salt_for=_salter(salt_key(settings)),
            settings=GateSettings(
                base_url=settings.base_url,
                check_name=settings.check_name,
                config_repository=settings.config_repository,
                resync_seconds=settings.resync_seconds,
                evidence_workflows=settings.evidence_workflows,
            ),
            notifier=channels_of(settings),
            trackers=trackers_of(settings, forge, store),
            copies=copies_of(settings),
            measures=measures,
            links=link_tokens_of(settings),
        )

    def database_problem(self) -> str:
        """Return why the database cannot be used as it is, empty where it can."""
        try:
            require_current_database(self.settings)
        except GateError as error:
            return str(error)
        return ""

    def forge_problem(self) -> str:
        """Return since when the forge refuses the gate's login, empty while it does not."""
        with self.gate.store.reading() as reading:
            since = refused_since(reading)
        return f"GitHub refuses the app's key or the token since {since}; see `gate doctor`." if since else ""

    @property
    def is_working(self) -> bool:
        """Return whether jobs are worked on here, or by another process."""
        return not self._threads or any(thread.is_alive() for thread in self._threads)

    def start_worker(self, *, threads: int = 1) -> None:
        """Run jobs in threads of this process until `stop`."""
        start_timers(self.gate)
        for number in range(threads):
            thread = threading.Thread(target=self.work, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def work(self) -> None:
        """Run jobs until `stop`; a database that does not answer is asked again."""
        while not self.is_stopping.is_set():
            try:
                was_busy = work_once(self.gate, on_error=_note)
            except GateError as error:
                log("worker.store", level="error", why=str(error))
                was_busy = False
                self.is_stopping.wait(1.0)
            if not was_busy:
                self.is_stopping.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Let the job at hand end, and no further one begin."""
        self.is_stopping.set()
        for thread in self._threads:
            thread.join(timeout=20)
        self.close_store()


def start_service(settings: "Settings") -> Service:
    """Return a service that may start. Raises UsageError or UnreadableError for what would weaken it unseen (S22)."""
    set_up_logs(form=settings.log_format, level=settings.log_level)
    if sys.flags.optimize:
        step = "Start Python without -O and without PYTHONOPTIMIZE."
        raise UsageError("Checks of the libraries are switched off by -O.", next_step=step)
    require_current_database(settings)
    service = Service(settings)
    refuse_old_clock(service.gate.store)
    freeze_where_behind(settings, service.gate)
    return service


def refuse_old_clock(store: "Store") -> None:
    """Raise UsageError where the clock stands before the newest checkpoint: times of the ledger only go forward."""
    with store.reading() as reading:
        checkpoint = reading.checkpoint()
    if checkpoint is not None and bootstrap.now() + _CLOCK_MAY_LAG < parse_instant(checkpoint.at):
        raise UsageError(
            f"The clock stands before the ledger's last entry ({checkpoint.at}).", next_step="Set the clock."
        )


def freeze_where_behind(settings: "Settings", gate: Gate) -> None:
    """Withhold all approvals where the database is older than a head of its ledger that was kept elsewhere (S20).

    Raises UnreadableError where such a place cannot be read, UsageError where the ledger is signed by another key.
    """
    faults = faults_at_start(settings, gate.store, gate.copies)
    if faults and freeze(gate.store, faults, at=gate.instant()):
        log("ledger.frozen", level="error", why=faults[0].text, next="gate ledger resume --reason TEXT")


def salt_key(settings: "Settings") -> bytes:
    """Return the key from which each change's salt follows: GATE_SECRET_KEY, or one made once beside SQLite."""
    if settings.secret_key:
        return settings.secret_key.encode()
    file = database_file(settings)
    if file is None:
        raise UsageError("GATE_SECRET_KEY is not set.", next_step="Set it to the same secret on every replica.")
    return _secret_beside(file)


def _secret_beside(database: Path) -> bytes:
    """Return the secret of a SQLite file, made once and readable by its owner alone."""
    import os

    place = database.with_name(f"{database.name}.secret")
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return place.read_bytes()
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_hex(32).encode())
    return place.read_bytes()


def _salter(key: bytes) -> Callable[[ChangeKey], bytes]:
    def salt_for(change: ChangeKey) -> bytes:
        text = f"{change.tenant}/{change.repository}/{change.number}"
        return hmac.new(key, b"gate.salt/1\0" + text.encode(), hashlib.sha256).digest()

    return salt_for


def _note(job: ClaimedJob, error: Exception) -> None:
    payload: Mapping[str, Any] = job.job.payload
    is_ours = isinstance(error, GateError)
    log("job.failed", level="warning" if is_ours else "error", kind=job.job.kind, attempts=job.attempts,
        why=str(error) if is_ours else f"{type(error).__name__}: {error}", payload=dict(payload))  # fmt: skip
