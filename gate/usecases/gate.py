"""The gate of the service: everything that its use cases are made of, put together once by bootstrap."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from gate.core.asks import Asks
from gate.core.change.facts import Facts, Instant
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.forge_ports import Forge, ForgeRepositoryAccess
from gate.usecases.ledger_ports import OutsideCopy
from gate.usecases.link_ports import LinkTokens, NoLinks
from gate.usecases.notify_ports import NoNotifier, Notifier
from gate.usecases.ports import Readers
from gate.usecases.store_ports import Reading, Store
from gate.usecases.tracker_ports import Tracker

EVALUATE_SUFFIX = " (evaluate)"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What an operator decides. Times are seconds. `config_repository` is `owner/name`, empty where there is none.

    A job of a worker that died is done by another one after `lease_seconds`; a job that takes longer than that may be
    done twice, which every job bears.
    """

    base_url: str = "http://127.0.0.1:8000"
    check_name: str = "Sign-off gate"
    config: str = ".gate"
    config_repository: str = ""
    resync_seconds: int = 300
    lease_seconds: int = 15
    link_seconds: int = 7 * 24 * 3600
    comments: bool = True
    review_requests: bool = True
    contact_delay_seconds: int = 24 * 3600
    evidence_workflows: frozenset[str] = frozenset()


class Measures(Protocol):
    """What is counted for the operator. Nothing depends on it."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None: ...  # noqa: D102  # adds to a counter
    def observe(self, name: str, value: float, **labels: str) -> None: ...  # noqa: D102  # one value of a histogram


class NoMeasures:
    """Counts nothing."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Count nothing."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Observe nothing."""


def no_faults(point: str) -> None:
    """Do nothing at a named point; tests of crashes end the process there."""
    del point


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A ready gate. `now` is the only clock; `salt_for` gives the salt that hides a change's personal values."""

    store: Store
    forge: Forge
    readers: Readers
    now: Callable[[], dt.datetime]
    salt_for: Callable[[ChangeKey], bytes]
    settings: GateSettings = field(default_factory=GateSettings)
    links: LinkTokens = field(default_factory=NoLinks)
    notifier: Notifier = field(default_factory=NoNotifier)
    trackers: Sequence[Tracker] = ()
    copies: Sequence[OutsideCopy] = ()
    measures: Measures = field(default_factory=NoMeasures)
    at_point: Callable[[str], None] = no_faults

    def instant(self, *, later_seconds: int = 0) -> Instant:
        """Return the present time, or one ahead of it."""
        return instant(self.now() + dt.timedelta(seconds=later_seconds))

    def asks(self, facts: Facts, *, at: Instant) -> Asks:
        """Return who is asked about a change at a time by its facts, and the verdict that asks them."""
        return self.readers.kept.asks(facts, at=at)

    def access(self, repository: ForgeRepository) -> ForgeRepositoryAccess:
        """Return a repository at the forge."""
        return self.forge.access(repository.key, installation=repository.installation, name=repository.name)

    def check_name(self, enforcement: str) -> str:
        """Return the name of the check that a policy's enforcement publishes."""
        return self.settings.check_name + (EVALUATE_SUFFIX if enforcement == "evaluate" else "")

    def url_of(self, repository_name: str, number: int) -> str:
        """Return the address of a change's page."""
        return self.address(f"/changes/{repository_name}/{number}")

    def address(self, path: str) -> str:
        """Return the address of one of the service's paths, as people reach it from outside."""
        return f"{self.settings.base_url.rstrip('/')}{path}"


def known_repository(reading: Reading, key: RepositoryKey) -> ForgeRepository:
    """Return a repository that the gate is installed on. Raises UnreadableError for any other."""
    found = reading.repository(key)
    if found is None:
        step = "Install the gate's app on it; its installation event makes it known."
        raise UnreadableError(f"The repository {key.tenant}/{key.id} is not known here.", next_step=step)
    return found


def subject_of(key: ChangeKey) -> str:
    """Return how the ledger names a change."""
    return f"change:{key.tenant}/{key.repository}/{key.number}"


def ledger_subject(key: ChangeKey) -> str:
    """Return how the ledger names the matter of a message: its change, or where there is none its repository."""
    return subject_of(key) if key.number else repository_subject(key.repository_key)


def repository_subject(key: RepositoryKey) -> str:
    """Return how the ledger names a repository."""
    return f"repository:{key.tenant}/{key.id}"


def payload_of(key: ChangeKey) -> dict[str, int]:
    """Return a change's key as a job carries it."""
    return {"tenant": key.tenant, "repository": key.repository, "number": key.number}


def key_in(payload: Mapping[str, int]) -> ChangeKey:
    """Return the change that a job is about."""
    return ChangeKey(payload["tenant"], payload["repository"], payload["number"])
