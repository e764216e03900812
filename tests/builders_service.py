"""A service for tests: a real store and the real GitHub adapter against the double, worked by hand.

with a_service(tmp_path) as service:
    pull = service.forge.a_pull()
    service.settle()                       # webhooks in, all jobs run
    assert service.check(pull) == "in_progress"
"""

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from builders_canaries import Canaries, WatchedTokens
from builders_forge_world import GATE_APP, GATE_CHECK, SHOP, ForgeWorld
from builders_forge_world import a_world as a_forge_world
from builders_store import a_signer, sqlite_url
from doubles.github.hooks import Delivery
from doubles.github.objects import Content
from doubles.github.pulls import Pull

from gate.adapters.db.store import DatabaseStore, open_store
from gate.adapters.github.credentials import AppKey
from gate.adapters.github.forge import GithubForge
from gate.adapters.link_keys import new_key
from gate.adapters.link_tokens import JoseLinkTokens
from gate.bootstrap import readers
from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import ChangeKey
from gate.core.verdict import Verdict
from gate.usecases.gate import Gate, GateSettings
from gate.usecases.notify_ports import NoNotifier, Notifier
from gate.usecases.receive_delivery import receive_delivery
from gate.usecases.sweep import start_timers
from gate.usecases.work import work_once

MOST_JOBS = 500


@dataclass
class Clock:
    """The world's clock, so that forge and gate agree on the time; `ahead_seconds` sets the gate's forward."""

    forge: ForgeWorld
    ahead_seconds: int = 0

    def __call__(self) -> dt.datetime:
        return self.forge.world.clock.instant + dt.timedelta(seconds=self.ahead_seconds)


@dataclass
class Points:
    """What happens at the named points within the service, once each."""

    due: dict[str, Callable[[], object]] = field(default_factory=dict)

    def once(self, name: str, act: Callable[[], object]) -> None:
        """Do something when a point is passed next."""
        self.due[name] = act

    def __call__(self, name: str) -> None:
        self.due.pop(name, lambda: None)()


@dataclass
class Service:
    """One gate with its world."""

    forge: ForgeWorld
    store: DatabaseStore
    gate: Gate
    clock: Clock
    points: Points
    errors: list[str] = field(default_factory=list)
    received: list[Delivery] = field(default_factory=list)
    canaries: Canaries = field(default_factory=Canaries)

    def approved(self, pull: Pull | None = None) -> Pull:
        """A pull (of payments-api, by dave) that alice approved and that is green."""
        pull = pull or self.forge.a_pull()
        self.settle()
        pull.review(self.forge.alice, "APPROVED")
        self.settle()
        assert self.check(pull) == "success", self.verdict(pull).summary
        return pull

    def merged(self, pull: Pull | None = None, method: str = "merge") -> str:
        """The commit as which a pull came onto its branch that alice approved and dave merged."""
        sha = self.approved(pull).merge(self.forge.dave, method)
        self.settle()
        return sha

    def judged_pull(self, *, minutes_ago: int = 0) -> Pull:
        """A pull (of payments-api, by dave) that was judged, and waits for somebody of payments."""
        pull = self.forge.a_pull()
        self.settle()
        self.forge.world.clock.later(minutes=minutes_ago)
        return pull

    def restart(self) -> None:
        """Forget everything but the store, as a new process would."""
        self.gate = replace(self.gate, forge=github_of(self.forge))

    def sweep(self) -> None:
        """Let the next sweep come now, and all that follows from it."""
        self.ask_for_a_sweep()
        self.settle()

    def ask_for_a_sweep(self) -> None:
        """Make the next sweep due now."""
        start_timers(self.gate)

    def settle(self) -> None:
        """Hand all waiting webhooks over and run every job that is due."""
        self.receive()
        self.work()

    def receive(self, *, reverse: bool = False, twice: bool = False) -> int:
        """Hand waiting webhooks over, and run nothing."""
        hooks = self.forge.world.hooks
        batch, hooks.waiting = hooks.waiting, []
        for delivery in reversed(batch) if reverse else batch:
            for _ in range(2 if twice else 1):
                self.hand_over(delivery)
        self.received += batch
        return len(batch)

    def hand_over(self, delivery: Delivery, *, guid: str = "") -> None:
        """Hand one webhook over, under a GUID of one's own choice where one is named."""
        body = json.dumps(delivery.payload).encode()
        receive_delivery(self.gate, guid=guid or delivery.guid, event=delivery.event, body=body)

    def lose_webhooks(self) -> int:
        """Forget all waiting webhooks, as if they had never been sent."""
        hooks = self.forge.world.hooks
        lost, hooks.waiting = len(hooks.waiting), []
        return lost

    def work(self) -> int:
        """Run every job that is due; what fails is noted in `errors` and comes back later."""
        for count in range(MOST_JOBS):
            if not work_once(self.gate, on_error=lambda job, error: self.errors.append(f"{job.job.kind}: {error!r}")):
                return count
            self.clock.forge.world.hooks.wait()
        raise AssertionError("the jobs do not end")

    def later(self, seconds: int) -> None:
        """Move the clock on and run what is due then."""
        self.clock.ahead_seconds += seconds
        self.settle()

    def key(self, pull: Pull) -> ChangeKey:
        with self.store.reading() as reading:
            found = reading.repository_named("acme/shop")
        return ChangeKey(found.key.tenant if found else 0, SHOP, pull.number)

    def anomalies(self) -> list[dict[str, Any]]:
        """What the ledger's entries of anomalies say, whatever they are about."""
        with self.store.reading() as reading:
            checkpoint = reading.checkpoint()
            entries = list(reading.ledger_entries(0, checkpoint.size)) if checkpoint else []
        return [entry.payload() for entry in entries if entry.kind == "anomaly-seen"]

    def verdict(self, pull: Pull) -> Verdict:
        """The newest recorded verdict."""
        with self.store.reading() as reading:
            stored = reading.verdict(self.key(pull))
        assert stored is not None
        return parse_verdict(stored.verdict)

    def codes(self, pull: Pull) -> set[str]:
        """The codes of all requirements that are not met."""
        return {one.code for one in self.verdict(pull).requirements if one.state != "met"}

    def check(self, pull: Pull, *, sha: str = "", name: str = GATE_CHECK) -> str | None:
        """What the gate's check on a head says: its conclusion, else its status, None where there is none."""
        return self.check_on(sha or pull.head_sha, name=name)

    def check_on(self, sha: str, *, name: str = GATE_CHECK) -> str | None:
        token = self.forge.world.installation_token(self.forge.installation)
        found = self.forge.world.get(
            f"/repos/acme/shop/commits/{sha}/check-runs?check_name={name.replace(' ', '%20')}", token=token
        )
        runs = [run for run in found["check_runs"] if run["app"]["id"] == GATE_APP]
        assert len(runs) <= 1, "the gate made two check runs of one name"
        return (runs[0]["conclusion"] or runs[0]["status"]) if runs else None


def github_of(forge: ForgeWorld, *, is_with_token: bool = False) -> GithubForge:
    """A way to this world that knows nothing yet and never sleeps."""
    app = None if is_with_token else AppKey(GATE_APP, forge.private_key)
    token = forge.world.installation_token(forge.installation) if is_with_token else ""
    return GithubForge(app=app, token=token, base_url=forge.url, sleep=lambda _: None)


@contextmanager
def a_service(
    folder: Path,
    *,
    files: Mapping[str, Content | None] | None = None,
    settings: Mapping[str, Any] | None = None,
    url: str = "",
    is_with_token: bool = False,
    notifier: Notifier | None = None,
) -> Iterator[Service]:
    """A service on SQLite (or a database of its own at `url`); webhooks wait until they are handed over."""
    with a_forge_world(files=files) as forge:
        forge.world.webhooks_to("http://127.0.0.1:9/webhooks/github", "a secret of sixteen", mode="queue")
        forge.demand_the_gate()
        clock = Clock(forge)
        store = open_store(url or sqlite_url(folder), clock=clock, signer=a_signer(), randomness=os.urandom)
        key = [new_key(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))]
        points, canaries = Points(), Canaries()
        gate = Gate(
            store=store,
            forge=github_of(forge, is_with_token=is_with_token),
            readers=readers(),
            now=clock,
            salt_for=lambda key: f"{key}".encode(),
            settings=GateSettings(**(settings or {})),
            links=WatchedTokens(
                JoseLinkTokens(issuer=GateSettings().base_url, keys=lambda: key, randomness=os.urandom), canaries
            ),
            notifier=notifier or NoNotifier(),
            at_point=points,
        )
        service = Service(forge, store, gate, clock, points, canaries=canaries)
        yield service
        store.close()
        canaries.look("errors of jobs", str(service.errors))
        canaries.look_at_files(folder.glob("*.db*"))
        assert canaries.leaks == [], f"a link's token was in: {canaries.leaks[:5]}"
