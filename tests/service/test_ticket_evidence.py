"""From an incident's ticket to the auditor's packet: one link on the ticket, its state as it was when it counted."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from builders_audit import clone_of, reconciled, settings_in_force
from builders_export import MadeExport, failing, key_of, sealed_again, unpacked
from builders_forge_world import BODY, POLICY
from builders_gate_command import run_gate
from builders_login import HTML, an_app, log_in
from builders_service import Service, a_service
from builders_store import a_signer
from doubles.github.pulls import Pull
from doubles.trackers.jira import TOKEN, JiraDouble
from doubles.trackers.server import Server

from gate.adapters.trackers.github_issues import GithubIssues
from gate.adapters.trackers.jira import Jira
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.open_incident import Opening, open_incident

TITLE = "Payments fail, says ops@example.com"
ASKED = "Round half to even, as ops@example.com asked"
RULES = POLICY + "tickets: {required: true, kinds: [incident, issue], state: open}\n"
PERIOD = ("--from", "2026-01-01", "--to", "2027-01-01")


@dataclass
class Ticket:
    """An incident's ticket wherever it is: its key, what it shows of the change, and how it is closed."""

    key: str
    kind: str
    shown: Callable[[], list[str]]
    close: Callable[[], object]


@dataclass
class World:
    """A service, one incident's ticket, and the change that is to end it."""

    folder: Path
    service: Service
    ticket: Ticket

    def an_approved_pull(self) -> Pull:
        return self.service.approved(
            self.service.forge.a_pull(title=ASKED, body=f"{BODY}\n## Tickets\n\n{self.ticket.key}\n")
        )

    def merge(self, pull: Pull, method: str = "merge") -> None:
        pull.merge(self.service.forge.dave, method)
        self.service.settle()

    def page(self, url: str, *, who: str) -> Any:
        """What somebody sees who follows an address on the ticket."""
        self.service.forge.world.browser_user = getattr(self.service.forge, who, None) or self.service.forge.world.user(
            who
        )
        client = an_app(self.service).test_client()
        log_in(client)
        return client.get(urlsplit(url).path, headers=HTML)

    def export(self, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The unpacked export of the command, verified by its own verifier against a clone."""
        reconciled(self.service)
        settings_in_force(self.folder, monkeypatch)
        ran = run_gate("audit", "export", *PERIOD, "-o", "q.zip")
        assert (ran.code, ran.err) == (0, "")
        place = self.folder / "export"
        with zipfile.ZipFile("q.zip") as archive:
            archive.extractall(place)  # the gate's own
        line = [sys.executable, "-I", "-S", str(place / "verify.py"), "--key", key_of(a_signer())]
        line += ["--clone", str(clone_of(self.service))]
        done = subprocess.run(line, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
        assert (done.returncode, "FAIL" in done.stdout) == (0, False), done.stdout + done.stderr
        return place


def at_jira(service: Service, stack: ExitStack) -> Ticket:
    double = JiraDouble()
    server = Server(double)
    stack.callback(double.loop.close)
    stack.callback(server.stop)
    service.gate = replace(service.gate, trackers=(Jira(server.url, TOKEN, project="OPS"),))
    key = double.an_issue(title=TITLE, kind="Incident")

    def shown() -> list[str]:
        urls = [link["url"] for link in double.links(key)]
        comments = double.comments(key)
        assert all(url in text for url in urls for text in comments)
        assert len(urls) == len(comments)
        return comments

    return Ticket(key, "incident", shown, lambda: double.close(key))


def at_github(service: Service, stack: ExitStack) -> Ticket:
    del stack
    issue = service.forge.shop.issue(TITLE, author=service.forge.bob)

    def find(name: str) -> ForgeRepository | None:
        with service.store.reading() as reading:
            return reading.repository_named(name)

    tracker = GithubIssues(service.gate.forge, find=find, web="https://github.com")
    service.gate = replace(service.gate, trackers=(tracker,))
    return Ticket(
        key=f"#{issue.number}",
        kind="issue",
        shown=lambda: [one.body for one in issue.comments],
        close=lambda: issue.close(service.forge.bob),
    )


@pytest.fixture(params=[at_jira, at_github], ids=["jira", "github"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        service = stack.enter_context(a_service(tmp_path, files={".gate/policy.yaml": RULES}))
        yield World(tmp_path, service, request.param(service, stack))
        assert service.errors == []


class TestAChangeForAnIncident:
    def test_shows_once_on_its_ticket_and_its_packet_keeps_the_ticket_as_it_was(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pull = world.an_approved_pull()
        world.merge(pull)
        (shown,) = world.ticket.shown()
        for text in ("Merged", "payments-api (payments)", "alice by review", "revert, within 15 minutes: 1. Revert"):
            assert text in shown

        (address,) = set(re.findall(r"http://127\.0\.0\.1:8000/[A-Za-z0-9/_.-]+", shown))
        page = world.page(address, who="bob")
        assert page.status_code == 200
        for text in (ASKED, "alice", "Revert the merge commit.", world.ticket.key):
            assert text in page.text
        assert world.page(address, who="outsider").status_code == 404

        world.ticket.close()
        world.service.later(3600)
        place = world.export(monkeypatch)
        (packet,) = [json.loads(path.read_text()) for path in place.glob("changes/*/packet.json")]
        assert packet["change"]["number"] == pull.number
        known = {"key": world.ticket.key, "kind": world.ticket.kind, "state": "open", "title": TITLE}
        assert packet["tickets"] == [known]
        told = [one["payload"] for one in packet["communications"] if one["kind"] == "ticket-linked"]
        assert [(one["ticket"], one["edition"]) for one in told] == [
            (world.ticket.key, "approved"),
            (world.ticket.key, "merged"),
        ]
        (page_of_packet,) = place.glob("changes/*/packet.html")
        assert f"{world.ticket.key} ({world.ticket.kind}, open): {TITLE}" in page_of_packet.read_text()

    def test_shows_once_though_all_comes_twice_and_the_worker_dies_between_telling_and_recording(
        self, world: World
    ) -> None:
        def die() -> None:
            raise ConnectionError("the worker died")

        service = world.service
        for edition in ("approved", "merged"):
            service.points.once("ticket-linked", die)
            if edition == "approved":
                pull = world.an_approved_pull()
            else:
                world.merge(pull)
            assert [error for error in service.errors if "the worker died" in error] == service.errors != []
            service.errors.clear()
            assert len(world.ticket.shown()) == 1
            for number, delivery in enumerate(list(service.received)):
                service.hand_over(delivery)
                service.hand_over(delivery, guid=f"redelivered-{edition}-{number}")
            service.restart()
            service.later(600)
            service.sweep()
            (shown,) = world.ticket.shown()
            assert edition.title() in shown
        with service.store.reading() as reading:
            kinds = [entry.kind for entry in reading.timeline(service.key(pull))]
        assert kinds.count("ticket-linked") == 2

    @pytest.mark.parametrize("world", [at_jira], indirect=True)
    def test_that_is_named_as_the_cause_says_so_in_its_packet(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pull = world.an_approved_pull()
        world.merge(pull)
        began_at = world.service.gate.instant()
        opening = Opening(
            component="payments-api", title="", began_at=began_at, ticket=world.ticket.key, tracker="jira"
        )
        opened, _ = open_incident(world.service.gate, opening)
        closing = Closing(incident=opened.id, restored_at=world.service.gate.instant(), cause=pull.number)
        close_incident(world.service.gate, closing)
        place = world.export(monkeypatch)
        (packet,) = [json.loads(path.read_text()) for path in place.glob("changes/*/packet.json")]
        (link,) = packet["incidents"]
        assert (link["payload"]["incident"], link["payload"]["relation"]) == (opened.id, "caused-by")
        listed = json.loads((place / "incidents/incidents.json").read_text())
        (row,) = listed["incidents"]
        change = packet["change"]["id"]
        assert (row["id"], row["ticket"], row["restored_at"]) == (opened.id, world.ticket.key, closing.restored_at)
        assert row["changes"] == [{"change": change, "relation": "caused-by", "confirmation": "confirmed"}]
        assert link["entry"] in row["entries"]
        assert (listed["metrics"]["changes"], listed["metrics"]["failed"]) == (1, [change])

    @pytest.mark.parametrize("world", [at_jira], indirect=True)
    def test_is_found_by_an_incident_whose_ticket_was_made(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.merge(world.an_approved_pull())
        service = world.service
        opening = Opening(component="payments-api", title="", began_at=service.gate.instant(), tracker="jira")
        opened, _ = open_incident(service.gate, opening)
        place = f"{service.gate.settings.base_url}/incidents/{opened.id}"
        for address in (place, place.removesuffix(f"/{opened.id}")):
            assert "its ticket is being made at jira" in world.page(address, who="bob").text
        service.work()
        with service.store.reading() as reading:
            kept = reading.incident(opened.id)
        assert kept is not None
        assert kept.ticket.startswith("OPS-")
        for address in (place, place.removesuffix(f"/{opened.id}")):
            page = world.page(address, who="bob").text
            assert (kept.ticket in page, "is being made" in page) == (True, False)
        (row,) = json.loads((world.export(monkeypatch) / "incidents/incidents.json").read_text())["incidents"]
        assert (row["id"], row["ticket"], len(row["entries"])) == (opened.id, kept.ticket, 2)


@pytest.mark.parametrize("world", [at_jira], indirect=True)
class TestASealedPacket:
    def test_that_tells_another_state_of_the_ticket_is_refused(
        self, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        world.merge(world.an_approved_pull())
        place = world.export(monkeypatch)
        files = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
        name = next(name for name in files if name.endswith("packet.json"))
        files[name] = files[name].replace(b'"state":"open"', b'"state":"closed"')
        folder = unpacked(sealed_again(files), tmp_path / "forged")
        made = MadeExport(b"", None, key_of(a_signer()), clone_of(world.service), "")
        assert failing(folder, made) - {"consistency"} == {"packets"}
