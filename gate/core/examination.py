"""Examination: what the gate depends on as it was found, judged: each finding one sentence and what to mend."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Literal

from gate.core.change.facts import Instant
from gate.core.counting import agreeing
from gate.core.loopback import LOOPBACK
from gate.core.values import dataclass

Level = Literal["ok", "warn", "fail"]

MAX_SKEW_SECONDS = 60
_NOTABLE_SKEW_SECONDS = 10
_LEDGER_TOLERANCE_SECONDS = 5
SWEEPS_MISSED = 3
SWEEP_SECONDS = 60
_OLDEST_POSTGRESQL = 15
_DURABLE_SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
_DURABLE_POSTGRESQL = {"fsync": "on", "full_page_writes": "on"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is empty where nothing is to do.

    `is_unreached` says that it could not be looked at: nothing is known of it, and that is never fine.
    """

    level: Level
    area: str
    sentence: str
    mend: str = ""
    is_unreached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationState:
    """What the settings come to, without any secret. `exposed_files` hold secrets, and others may read them."""

    scheme: str
    host: str
    has_app: bool
    has_token: bool
    webhook_secrets: int
    has_login: bool
    is_insecure: bool
    has_secret_key: bool
    is_embedded: bool
    exposed_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """A database that was reached. `settings` are its own, by name; `is_exposed`: others may read its file."""

    kind: str
    revision: str | None
    newest: str
    settings: Mapping[str, str] = field(default_factory=dict)
    is_exposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """The head of the ledger. `key_problem` says why its key cannot be used; `head_problem` why its head is not ours.

    `makes_key` says that a key is made at the start where there is none, as beside a SQLite file.
    """

    makes_key: bool = False
    size: int = 0
    at: Instant = ""
    key_problem: str = ""
    head_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsState:
    """The channels to people. `problem` says why one that is set cannot be used, with what to do in `mend`."""

    has_mail: bool
    has_services: bool
    problem: str = ""
    mend: str = ""
    is_unreached: bool = False


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 3 where something could not be looked at, else 1 where something failed, else 0."""
    failed = [finding for finding in findings if finding.level == "fail"]
    if any(finding.is_unreached for finding in failed):
        return 3
    return 1 if failed else 0


def examine_channels(state: ChannelsState) -> Iterator[Finding]:
    """Yield what is to say of the ways in which people are told that they are waited for."""
    area = "notifications"
    if state.problem:
        yield Finding("fail", area, state.problem, state.mend, state.is_unreached)
    elif not state.has_mail and not state.has_services:
        mend = "Set GATE_SMTP_URL, or GATE_NOTIFY_URLS for chat and pager."
        yield Finding("warn", area, "Nobody is told that they are waited for, except by the forge itself.", mend)
    elif not state.has_mail:
        yield Finding("warn", area, "Addresses of mail reach nobody.", "Set GATE_SMTP_URL.")
    else:
        services = " Services of GATE_NOTIFY_URLS are set up." if state.has_services else ""
        yield Finding("ok", area, f"The mail server answers.{services}")


def examine_configuration(state: ConfigurationState) -> Iterator[Finding]:
    """Yield what is to say of the settings."""
    area = "configuration"
    if not state.has_app and not state.has_token:
        step = "Run `gate app manifest`, then `gate app install CODE`."
        yield Finding("fail", area, "Neither an app nor a token is set, so GitHub cannot be asked anything.", step)
    elif not state.has_app:
        step = "For more than a trial create an app by `gate app manifest`."
        said = (
            "A plain token is used: whoever has it can write the check too, and the check cannot be pinned to an app."
        )
        yield Finding("warn", area, said, step)
    if not state.webhook_secrets:
        step = "Set GATE_GITHUB_WEBHOOK_SECRET to the app's secret."
        yield Finding("fail", area, "There is no webhook secret, so that no webhook is believed.", step)
    elif state.webhook_secrets > 1:
        said = f"{state.webhook_secrets} webhook secrets are accepted, as while one is rotated."
        yield Finding("warn", area, said, "Take the old one out of GATE_GITHUB_WEBHOOK_SECRET when GitHub has the new.")
    if state.host in LOOPBACK:
        said = "GATE_BASE_URL is this machine: neither GitHub's webhooks nor other people reach it."
        yield Finding(
            "warn", area, said, "Set it to the address that GitHub sees; without webhooks only the sweep works."
        )
    elif state.scheme != "https":
        said = "GATE_BASE_URL is not encrypted: sessions and tokens travel in the clear."
        yield Finding("fail", area, said, "Put the service behind HTTPS and write https:// there.")
    yield from _examine_doors(state)
    for file in state.exposed_files:
        said = f"Other users of this machine may read {file}, which holds secrets."
        yield Finding("warn", area, said, f"Run `chmod 600 {file}`, and change the secrets that were readable.")


def _examine_doors(state: ConfigurationState) -> Iterator[Finding]:
    area = "configuration"
    if state.is_insecure:
        said = "GATE_INSECURE_NO_LOGIN lets everybody in who reaches the service."
        yield Finding("warn", area, said, "Set up a login and take it out.")
    elif not state.has_login:
        said = "Nobody can log in; the service listens on this machine alone."
        yield Finding("warn", area, said, "Set GATE_OIDC_ISSUER and its client, or GATE_GITHUB_CLIENT_ID and _SECRET.")
    else:
        yield Finding("ok", area, "People can log in.")
    if not state.has_secret_key and not state.is_embedded:
        said = "GATE_SECRET_KEY is not set, and replicas on PostgreSQL have to share one."
        yield Finding("fail", area, said, "Set it to the same 32 random bytes on every replica.")


def examine_database(state: DatabaseState) -> Iterator[Finding]:
    """Yield what is to say of a database that was reached."""
    area = "database"
    if state.revision is None:
        yield Finding("fail", area, f"The {state.kind} database has no tables yet.", "Run `gate db upgrade`.")
        return
    if state.revision != state.newest:
        said = f"The {state.kind} database is at {state.revision}; this version needs {state.newest}."
        yield Finding("fail", area, said, "Run `gate db upgrade`, or use the version that migrated it.")
    else:
        yield Finding("ok", area, f"The {state.kind} database is reachable and at {state.revision}.")
    if state.is_exposed:
        yield Finding(
            "fail", area, "Other users of this machine may read the database's file.", "Take that right away."
        )
    wanted = _DURABLE_SQLITE if state.kind == "SQLite" else _DURABLE_POSTGRESQL
    lax = {name: state.settings.get(name, "unknown") for name in wanted if state.settings.get(name) != wanted[name]}
    if lax:
        found = ", ".join(f"{name} is {value}" for name, value in lax.items())
        step = f"Set {', '.join(f'{name} = {wanted[name]}' for name in lax)}."
        yield Finding("fail", area, f"The database may lose what it promised to keep: {found}.", step)
    else:
        kept = ", ".join(f"{name}={state.settings[name]}" for name in wanted)
        yield Finding("ok", area, f"What is committed survives a power cut ({kept}).")
    version = state.settings.get("server_version", "")
    major = re.match(r"[0-9]{1,4}", version)
    if major and int(major[0]) < _OLDEST_POSTGRESQL:
        step = f"Use PostgreSQL {_OLDEST_POSTGRESQL} or later."
        yield Finding("fail", area, f"PostgreSQL {version} is older than what the gate is tested with.", step)


def examine_ledger(state: LedgerState) -> Iterator[Finding]:
    """Yield what is to say of the ledger's head and of its key."""
    area = "ledger"
    if state.key_problem and state.size:
        step = "Put the ledger's key back from its copy: another key would begin another ledger."
        yield Finding("fail", area, f"The ledger has {entries(state.size)} and cannot go on. {state.key_problem}", step)
    elif state.key_problem and state.makes_key:
        yield Finding("ok", area, "The ledger is empty; its key is made when the service starts.")
    elif state.key_problem:
        step = "Make one by `openssl genpkey -algorithm ed25519` and name its file in GATE_LEDGER_KEY_FILE."
        yield Finding("fail", area, f"The ledger's entries cannot be signed. {state.key_problem}", step)
    elif state.head_problem:
        step = "Look at GATE_LEDGER_KEY_FILE and GATE_LEDGER_ORIGIN; restore the key that signed it."
        yield Finding("fail", area, f"The ledger's head is not by the key in force: {state.head_problem}.", step)
    elif state.size:
        said = f"The ledger has {entries(state.size)} up to {state.at}, its head signed by the key in force."
        yield Finding("ok", area, said)
    else:
        yield Finding("ok", area, "The ledger is empty, and its key can be used.")


def examine_sweep(last: Instant | None, now: Instant, *, resync_seconds: int) -> Iterator[Finding]:
    """Yield whether the sweep runs, which finds what no webhook told; `last` is when the last one began."""
    area, step = "worker", "Run `gate serve`, or `gate worker` beside it, and look at its log."
    if last is None:
        yield Finding("warn", area, "No sweep has run yet: no worker was ever started on this database.", step)
        return
    ago = _seconds(last, now)
    if ago > SWEEPS_MISSED * resync_seconds + SWEEP_SECONDS:
        said = f"The last sweep began {ago} s ago ({last}), though one is due every {resync_seconds} s."
        yield Finding("fail", area, said, step)
    else:
        yield Finding(
            "ok", area, f"The last sweep began at {last}; a green check is looked at every {resync_seconds} s."
        )


def examine_clock(now: Instant, *, forge: Instant | None, ledger: Instant) -> Iterator[Finding]:
    """Yield what is to say of this machine's clock beside the ledger's (empty: no entry) and GitHub's.

    GitHub's is empty where its answer carried none, None where there was no answer, which is a finding already.
    """
    area, step = "clock", "Let this machine's clock be set by NTP."
    ahead = _seconds(now, ledger) if ledger else 0
    if ahead > _LEDGER_TOLERANCE_SECONDS:
        yield Finding("fail", area, f"The clock is {ahead} s behind the ledger's last entry ({ledger}).", step)
    if forge is None:
        return
    if not forge:
        said = "GitHub's clock could not be read."
        yield Finding("warn", area, said, "Compare this machine's clock with another one.")
        return
    skew = _seconds(now, forge)
    if abs(skew) > MAX_SKEW_SECONDS:
        said = f"The clock is {abs(skew)} s {'behind' if skew > 0 else 'ahead of'} GitHub's, which refuses logins then."
        yield Finding("fail", area, said, step)
    elif abs(skew) > _NOTABLE_SKEW_SECONDS:
        yield Finding(
            "warn", area, f"The clock is {abs(skew)} s {'behind' if skew > 0 else 'ahead of'} GitHub's.", step
        )
    else:
        yield Finding("ok", area, f"The clock ({now}) agrees with GitHub's.")


def entries(count: int) -> str:
    """Return a number of entries in words."""
    return f"{count} {agreeing(count, 'entry', 'entries')}"


def _seconds(earlier: Instant, later: Instant) -> int:
    """Return how many seconds the first instant lies before the second, negative where it lies after it."""
    return int((dt.datetime.fromisoformat(later) - dt.datetime.fromisoformat(earlier)).total_seconds())
