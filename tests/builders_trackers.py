"""Trackers for tests: every adapter with a stateful double, and the same handles on all of them.

with a_jira() as world:
    world.tracker.link(world.a_ticket(), a_note())
    assert world.shown(key) == 1
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from builders_forge_world import GATE_APP
from builders_forge_world import a_world as a_forge_world
from doubles.trackers import pagerduty, servicenow
from doubles.trackers.own import SECRET, OwnDouble
from doubles.trackers.pagerduty import PagerDutyDouble
from doubles.trackers.server import Asked, Fault, Server
from doubles.trackers.servicenow import ServiceNowDouble

from gate.adapters.github.credentials import AppKey
from gate.adapters.github.forge import GithubForge
from gate.adapters.trackers.github_issues import GithubIssues
from gate.adapters.trackers.jira import Jira
from gate.adapters.trackers.pagerduty import PagerDuty
from gate.adapters.trackers.servicenow import ServiceNow
from gate.adapters.trackers.webhook import TicketWebhook
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.tracker_ports import TicketDraft, TicketNote, Tracker

FAULTS: tuple[Fault, ...] = ("500", "429", "502-after", "drop", "drop-after", "garbage-after")
NOTE = TicketNote(
    reference="change:500/1000/7",
    edition="approved",
    marker="gate-0123456789abcdef0123456789abcdef",
    title="acme/shop#7 Round amounts half to even",
    url="https://gate.example/changes/acme/shop/7",
    text="Approved: acme/shop#7. Owners: payments. Signed off by alice. Rollback: revert.",
    markdown="**Approved**: acme/shop#7. Owners: payments. Signed off by alice. Rollback: revert.",
)
DRAFT = TicketDraft("incident:1", "Payments fail", "owner: payments\nrollback: revert")


def a_note(**fields: Any) -> TicketNote:
    return replace(NOTE, **fields)


@dataclass(frozen=True)
class TrackerWorld:
    """One tracker with its double behind the same handles.

    `shown` counts what a ticket shows of a text, `count` all tickets that the double has; `otherwise` names a ticket in
    another of the ways that its tracker takes.
    """

    tracker: Tracker
    a_ticket: Callable[[], str]
    close: Callable[[str], None]
    shown: Callable[[str, str], int]
    count: Callable[[], int]
    misbehave: Callable[[Callable[[], Fault | None]], Callable[[], int]]
    missing: str
    is_updated_in_place: bool
    otherwise: Callable[[str], str] = str
    may_create: bool = True


def random_faults(seed: int, share: float = 0.5) -> Callable[[], Fault | None]:
    """A source of faults: about that share of requests goes wrong, each in one of the ways."""
    chance = random.Random(seed)  # noqa: S311  # a test's dice
    return lambda: chance.choice(FAULTS) if chance.random() < share else None


def _misbehave(server: Server) -> Callable[[Callable[[], Fault | None]], Callable[[], int]]:
    def begin(source: Callable[[], Fault | None]) -> Callable[[], int]:
        def fault_for(_: Asked) -> Fault | None:
            return source()

        server.fault_for = fault_for
        return lambda: len(server.injected)

    return begin


@contextmanager
def a_jira(*, is_cloud: bool = False) -> Iterator[TrackerWorld]:
    from doubles.trackers.jira import TOKEN, USER, JiraDouble

    double = JiraDouble(is_cloud=is_cloud)
    server = Server(double)

    def shown(key: str, text: str) -> int:
        assert len(double.links(key)) <= 1
        return sum(text in one for one in double.comments(key))

    yield TrackerWorld(
        Jira(server.url, TOKEN, user=USER if is_cloud else "", project="OPS", issue_type="Bug"),
        double.an_issue,
        double.close,
        shown,
        lambda: len(double.store.issues),
        _misbehave(server),
        "OPS-999999",
        is_updated_in_place=True,
        otherwise=lambda key: f"{server.url}/browse/{key}",
    )
    server.stop()
    double.loop.close()


@contextmanager
def a_servicenow() -> Iterator[TrackerWorld]:
    double = ServiceNowDouble()
    server = Server(double)

    def a_ticket() -> str:
        number = f"INC{len(double.rows):07}"
        double.a_task(number)
        return number

    def close(key: str) -> None:
        next(row for row in double.rows if row["number"] == key)["active"] = "false"

    yield TrackerWorld(
        ServiceNow(server.url, user=servicenow.USER, password=servicenow.PASSWORD),
        a_ticket,
        close,
        lambda key, text: sum(text in one for one in double.notes(key)),
        lambda: len(double.rows),
        _misbehave(server),
        "INC9999999",
        is_updated_in_place=False,
    )
    server.stop()


@contextmanager
def a_pagerduty() -> Iterator[TrackerWorld]:
    double = PagerDutyDouble()
    server = Server(double)

    def close(key: str) -> None:
        double.incidents[key.removeprefix("PD:")]["status"] = "resolved"

    yield TrackerWorld(
        PagerDuty(pagerduty.TOKEN, sender=pagerduty.SENDER, service=pagerduty.SERVICE, address=server.url),
        lambda: "PD:" + double.an_incident(),
        close,
        lambda key, text: sum(text in one for one in double.notes(key.removeprefix("PD:"))),
        lambda: len(double.incidents),
        _misbehave(server),
        "PD:Q000000000NONE",
        is_updated_in_place=False,
        otherwise=lambda key: key.replace("PD:", "pagerduty:"),
    )
    server.stop()
    assert double.wrong == [], double.wrong[:3]


@contextmanager
def an_own() -> Iterator[TrackerWorld]:
    double = OwnDouble()
    server = Server(double)

    def a_ticket() -> str:
        key = f"OWN-{len(double.tickets) + 1}"
        double.a_ticket(key)
        return key

    yield TrackerWorld(
        TicketWebhook(server.url, SECRET, prefixes=["OWN-"]),
        a_ticket,
        lambda key: double.tickets[key].update(state="closed"),
        lambda key, text: sum(text in one for one in double.shown[key]),
        lambda: len(double.tickets),
        _misbehave(server),
        "OWN-999",
        is_updated_in_place=False,
    )
    server.stop()


@contextmanager
def a_github() -> Iterator[TrackerWorld]:
    with a_forge_world() as forge:
        forge.world.rate_limit = 10**9
        github = GithubForge(app=AppKey(GATE_APP, forge.private_key), base_url=forge.url, sleep=lambda _: None)

        def find(name: str) -> ForgeRepository | None:
            found = github.find(name)
            return replace(found, is_private=False) if found else None

        original, count = forge.world.faults.befalling, [0]

        def a_ticket() -> str:
            return f"acme/shop#{forge.shop.issue('Payments fail', author=forge.dave).number}"

        def issue(key: str) -> Any:
            return forge.shop.issues[int(key.partition("#")[2])]

        def misbehave(source: Callable[[], Fault | None]) -> Callable[[], int]:
            kinds = {"500": "status", "429": "status", "502-after": "after-success", "drop": "drop"}

            def befalling(method: str, target: str) -> list[Any]:
                if "/issues/" not in target:
                    return []
                fault = source()
                if fault is None:
                    return []
                count[0] += 1
                kind = kinds.get(fault, "after-success")
                made = forge.world.faults.add(method, ".", kind, status=500 if fault == "500" else 502)
                found = original(method, target)
                forge.world.faults.active.remove(made)
                return found

            forge.world.faults.befalling = befalling  # type: ignore[method-assign]
            return lambda: count[0]

        yield TrackerWorld(
            GithubIssues(github, find=cache(find), web="https://github.com"),
            a_ticket,
            lambda key: setattr(issue(key), "state", "closed"),
            lambda key, text: sum(text in one.body for one in issue(key).comments),
            lambda: len(forge.shop.issues),
            misbehave,
            "acme/shop#999",
            is_updated_in_place=True,
            otherwise=lambda key: f"https://github.com/{key.replace('#', '/issues/')}",
            may_create=False,
        )


WORLDS: dict[str, Callable[[], AbstractContextManager[TrackerWorld]]] = {
    "github": a_github,
    "jira": a_jira,
    "jira-cloud": partial(a_jira, is_cloud=True),
    "servicenow": a_servicenow,
    "pagerduty": a_pagerduty,
    "webhook": an_own,
}
