"""The door: what the web needs besides the gate itself, put together once by bootstrap."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gate.usecases.export_query import ExportTools
from gate.usecases.gate import Gate
from gate.usecases.login_ports import LoginProvider
from gate.usecases.workload_ports import WorkloadTokens


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether one part of the service is ready, and why not in one sentence."""

    part: str
    is_ready: bool
    why: str = ""


def no_log(event: str, *, level: str = "info", **values: object) -> None:
    """Write nothing."""
    del event, level, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A gate with what its web door needs.

    `webhook_secrets` are never empty; several hold while one is being rotated. `has_login` is false only for a trial
    on loopback: whoever reaches it is then let in by a link that is printed once. `readiness` is asked by `/readyz`,
    `metrics` gives the text that Prometheus reads. `new_secret` makes what nobody can guess. `key` seals forms and
    logins under way: every replica needs the same. `admins` are `github:<id>` and `oidc:<subject>`.
    `incident_secrets` are those of trackers' webhooks, by tracker.
    `log` writes one event with its values.
    """

    gate: Gate
    webhook_secrets: Sequence[bytes]
    has_login: bool
    is_https: bool
    hosts: Sequence[str]
    new_secret: Callable[[], str]
    readiness: Callable[[], Sequence[Readiness]]
    metrics: Callable[[], bytes]
    trusted_proxies: int = 0
    trial_secret: str = field(default="", repr=False)
    providers: Sequence[LoginProvider] = ()
    workload_tokens: WorkloadTokens | None = None
    admins: frozenset[str] = frozenset()
    incident_secrets: Mapping[str, Sequence[bytes]] = field(default_factory=dict, repr=False)
    log: Callable[..., None] = no_log
    export_tools: ExportTools | None = None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
