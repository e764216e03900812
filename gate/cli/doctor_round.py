"""The round of `gate doctor`: settings, channels, database, ledger, clock and GitHub, each looked at in its turn."""

import datetime as dt
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate import bootstrap, bootstrap_parts
from gate.core.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from gate.config import Settings
    from gate.core.change.facts import Instant
    from gate.core.examination import ConfigurationState, Finding, LedgerState
    from gate.core.ledger.entries import SignedCheckpoint

_LOOK_BACK = dt.timedelta(days=1)


def examine(settings: "Settings", names: "Sequence[str]") -> "Iterator[Finding]":
    """Yield what is found, one thing the gate depends on after another; a thing that cannot be reached is a finding."""
    from gate.core.examination import examine_configuration

    yield from examine_configuration(_configuration(settings))
    yield from _examine_channels(settings)
    ledger_at = yield from _examine_database(settings)
    yield from _examine_clock(settings, ledger_at)
    if settings.github_app_id or settings.github_token:
        yield from _examine_github(settings, names)


def _configuration(settings: "Settings") -> "ConfigurationState":
    from gate.core.examination import ConfigurationState

    address = urlsplit(settings.base_url)
    return ConfigurationState(
        scheme=address.scheme,
        host=address.hostname or "",
        has_app=bool(settings.github_app_id),
        has_token=bool(settings.github_token),
        webhook_secrets=len(settings.webhook_secrets),
        has_login=settings.has_login,
        is_insecure=settings.insecure_no_login,
        has_secret_key=bool(settings.secret_key),
        is_embedded=settings.is_embedded,
        exposed_files=tuple(str(file) for file in _secret_files(settings) if _is_exposed(file)),
    )


def _examine_channels(settings: "Settings") -> "Iterator[Finding]":
    from gate.core.errors import UnreadableError
    from gate.core.examination import ChannelsState, examine_channels

    problem = mend = ""
    is_unreached = False
    try:
        bootstrap_parts.channels_of(settings).check()
    except GateError as error:
        problem, mend, is_unreached = error.message, error.next_step, isinstance(error, UnreadableError)
    yield from examine_channels(
        ChannelsState(
            has_mail=bool(settings.smtp_url),
            has_services=bool(settings.notify_urls),
            problem=problem,
            mend=mend,
            is_unreached=is_unreached,
        )
    )


def _secret_files(settings: "Settings") -> "Iterator[Path]":
    """Yield the files of this service's own that hold secrets; some may not exist."""
    yield Path(".env")
    if settings.ledger_key_file:
        yield Path(settings.ledger_key_file)
    try:
        file = bootstrap_parts.database_file(settings)
    except GateError:
        return  # NOTE: the database's own findings say so
    if file is not None:
        yield bootstrap_parts.key_file_beside(file)
        yield file.with_name(f"{file.name}.secret")


def _is_exposed(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return False  # where it is needed, reading it tells


def _examine_database(settings: "Settings") -> "Generator[Finding, None, Instant]":
    """Yield the findings of the database and of the ledger in it; return the time of the ledger's last entry."""
    from gate.adapters.db.state import read_head, read_state
    from gate.core.examination import Finding, examine_database, examine_ledger, examine_sweep
    from gate.core.times import instant
    from gate.usecases.examine import unreached
    from gate.usecases.outside_copies import FREEZE
    from gate.usecases.sweep import LAST_SWEEP

    try:
        file = bootstrap_parts.database_file(settings)
        if file is not None and not file.exists():
            yield Finding("fail", "database", f"There is no database {file} yet.", "Run `gate db upgrade`.")
            return ""
        state = read_state(settings.database_url)
        yield from examine_database(state)
        if state.revision != state.newest:
            return ""
        head, last_sweep = read_head(settings.database_url, setting=LAST_SWEEP)
        _, frozen_why = read_head(settings.database_url, setting=FREEZE)
    except GateError as error:
        yield unreached("database", error)
        return ""
    yield from examine_ledger(_ledger(settings, head))
    if frozen_why:
        step = "Restore the newest database, or run `gate ledger resume --reason TEXT`."
        yield Finding("fail", "ledger", frozen_why, step)
    if head is not None:
        yield from _examine_copies(settings)
    yield from examine_sweep(last_sweep, instant(bootstrap.now()), resync_seconds=settings.resync_seconds)
    return head.at if head else ""


def _examine_copies(settings: "Settings") -> "Iterator[Finding]":
    from gate import bootstrap_ledger
    from gate.core.examination import SWEEP_SECONDS, SWEEPS_MISSED
    from gate.core.examination_copies import examine_copies
    from gate.core.times import instant
    from gate.usecases.examine import unreached

    tolerance = SWEEPS_MISSED * settings.resync_seconds + SWEEP_SECONDS
    try:
        states = bootstrap_ledger.copy_states(settings)
        yield from examine_copies(states, instant(bootstrap.now()), tolerance_seconds=tolerance)
    except GateError as error:
        yield unreached("copies of the ledger's head", error)


def _ledger(settings: "Settings", head: "SignedCheckpoint | None") -> "LedgerState":
    from gate.core.examination import LedgerState

    size, at = (head.size, head.at) if head else (0, "")
    makes_key = settings.is_embedded and not settings.ledger_key_file
    try:
        bootstrap_parts.signer_of(settings, may_create=False)
    except GateError as error:
        return LedgerState(size=size, at=at, key_problem=error.message, makes_key=makes_key)
    problem = _head_problem(settings, head) if head else ""
    return LedgerState(size=size, at=at, head_problem=problem, makes_key=makes_key)


def _head_problem(settings: "Settings", head: "SignedCheckpoint") -> str:
    from gate import bootstrap_ledger
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.core.ledger.note import NoteError
    from gate.usecases.verify_ledger import verified_note

    try:
        said = verified_note(head.note, bootstrap_ledger.ledger_keys(settings), verify_ed25519)
    except NoteError as error:
        return str(error)
    except GateError as error:
        return error.message
    is_same = (said.size, said.root) == (head.size, head.root)
    return "" if is_same else "the note says another size or root than the table"


def _examine_clock(settings: "Settings", ledger_at: "Instant") -> "Iterator[Finding]":
    from gate.adapters.github.app_state import forge_clock
    from gate.core.examination import examine_clock
    from gate.core.times import instant
    from gate.usecases.examine import unreached

    forge_at = None
    if settings.github_app_id or settings.github_token:
        try:
            forge_at = forge_clock(settings.github_api_url)
        except GateError as error:
            yield unreached("github", error)
    yield from examine_clock(instant(bootstrap.now()), forge=forge_at, ledger=ledger_at)


def _examine_github(settings: "Settings", names: "Sequence[str]") -> "Iterator[Finding]":
    from gate.adapters.remote_calendars import RemoteCalendars
    from gate.core.times import instant
    from gate.usecases.examine import Round, examine_deliveries, examine_organisation, examine_repositories, unreached

    try:
        forge = bootstrap_parts.forge_of(settings)
        if settings.github_app_id:
            yield from _examine_app(settings)
            yield from examine_deliveries(forge, instant(bootstrap.now() - _LOOK_BACK))
    except GateError as error:
        yield unreached("app", error)
        return
    round_ = Round(
        forge=forge,
        readers=bootstrap.readers(remote_calendar=RemoteCalendars(hosts=settings.calendar_host_names)),
        check_name=settings.check_name,
        at=instant(bootstrap.now()),
        names=names,
    )
    if settings.config_repository:
        yield examine_organisation(round_, settings.config_repository)
    yield from examine_repositories(round_)


def _examine_app(settings: "Settings") -> "Iterator[Finding]":
    from gate.adapters.github.app_state import read_app
    from gate.adapters.github.manifest import EVENTS, PERMISSIONS, app_manifest
    from gate.core.examination_app import examine_app

    hook_url = app_manifest(name="", base_url=settings.base_url)["hook_attributes"]["url"]
    state = read_app(bootstrap_parts.app_key_of(settings), base_url=settings.github_api_url)
    yield from examine_app(state, hook_url=hook_url, permissions=PERMISSIONS, events=EVENTS)
