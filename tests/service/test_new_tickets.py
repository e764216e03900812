"""An incident's new ticket: made once at each tracker, kept and told, whoever dies, doubles or is down meanwhile."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_calendars import on_call
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_service import Service, a_service
from builders_trackers import WORLDS, TrackerWorld, random_faults
from doubles.trackers.own import SECRET, OwnDouble
from doubles.trackers.server import Server

from gate.adapters.trackers.webhook import TicketWebhook
from gate.core.incident.signals import Signal
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.heed_signal import receive_signal
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.incident_ticket import ticket_job
from gate.usecases.open_incident import Opening, open_incident
from gate.usecases.tracker_ports import Tracker

TEAM = "payments: {members: [alice, bob]}"
ON_CALL = "payments: {members: [alice, bob], on_call: {schedule: .gate/on-call.ics}}"
FILES = {".gate/ownership.yaml": RECORDS.replace(TEAM, ON_CALL), ".gate/on-call.ics": on_call("alice")}
TRACKERS = ("jira", "jira-cloud", "pagerduty", "servicenow", "webhook")


class KilledError(BaseException):
    """The worker's process ends: nothing is given back, the job's lease runs out."""


class World:
    """A service with one tracker where tickets can be made."""

    def __init__(self, service: Service, trackers: TrackerWorld) -> None:
        self.service, self.trackers = service, trackers
        service.gate = replace(service.gate, trackers=(trackers.tracker,))

    def opened(self, **fields: Any) -> StoredIncident:
        """An incident whose ticket is to be made; nothing of it has run."""
        given = {"component": "payments-api", "title": "Payments fail", "began_at": self.service.gate.instant()}
        given |= {"tracker": self.trackers.tracker.name}
        return open_incident(self.service.gate, Opening(**{**given, **fields}))[0]

    def kept(self, identity: str) -> StoredIncident:
        with self.service.store.reading() as reading:
            found = reading.incident(identity)
        assert found is not None
        return found

    def incidents(self) -> list[StoredIncident]:
        with self.service.store.reading() as reading:
            return list(reading.incidents())

    def made(self) -> list[str]:
        """The keys that the ledger says were made, and where a ticket was told."""
        with self.service.store.reading() as reading:
            checkpoint = reading.checkpoint()
            entries = list(reading.ledger_entries(0, checkpoint.size)) if checkpoint else []
        told = [one.payload() for one in entries if one.kind == "ticket-linked"]
        return [f"{one['edition']} {one['ticket']}" for one in told]

    def again(self, incident: StoredIncident) -> None:
        """The job comes once more, as after a restored backup."""
        with self.service.store.writing() as writing:
            writing.enqueue(ticket_job(incident, at=self.service.gate.instant()))
        self.service.work()


@pytest.fixture(params=TRACKERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        trackers = stack.enter_context(WORLDS[request.param]())
        service = stack.enter_context(a_service(tmp_path, files=FILES))
        service.forge.a_pull()  # so that the repository is known
        service.settle()
        yield World(service, trackers)


only = pytest.mark.parametrize("world", ["pagerduty"], indirect=True)


class TestANewTicket:
    def test_is_made_and_told_who_how_back_and_what_changed_as_one_that_was_named(self, world: World) -> None:
        service = world.service
        pull = service.forge.a_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise", body=BODY)
        service.settle()
        pull.merge(service.forge.carol, as_admin=True)
        service.settle()
        before = world.trackers.count()
        incident = world.opened()
        assert (incident.ticket, incident.is_ticket_due) == ("", True)
        service.work()
        kept = world.kept(incident.id)
        assert world.trackers.count() == before + 1
        assert (kept.is_ticket_due, world.trackers.tracker.owns(kept.ticket)) == (False, True)
        found = world.trackers.tracker.fetch(kept.ticket)
        assert found is not None
        assert found.title == f"payments-api: Payments fail ({incident.id})"
        for text in (
            "owner: payments",
            "on call: alice",
            "escalation: owner by pager, 15m to acknowledge",
            "runbook: https://runbooks.example.com/payments",
            "rollback: redeploy-previous, 15 min to restore; 1. deploy the previous tag",
            f"1. acme/shop#{pull.number} Round otherwise",
        ):
            assert world.trackers.shown(kept.ticket, text) == 1
        assert world.made() == [f"made {kept.ticket}", f"incident {kept.ticket}"]
        assert service.errors == []

    def test_is_made_once_though_the_worker_is_killed_at_every_point_and_the_job_comes_again(
        self, world: World
    ) -> None:
        def die() -> None:
            raise KilledError

        service, before = world.service, world.trackers.count()
        incident = world.opened()
        for point in ("claimed-make-ticket", "ticket-made", "ticket-made", "claimed-tell-incident"):
            service.points.once(point, die)
            with pytest.raises(KilledError):
                service.work()
            service.restart()
            service.clock.ahead_seconds += 20
        service.work()
        kept = world.kept(incident.id)
        world.again(incident)
        world.again(kept)
        assert world.trackers.count() == before + 1
        assert world.trackers.shown(kept.ticket, "owner: payments") == 1
        assert world.made() == [f"made {kept.ticket}", f"incident {kept.ticket}"]

    @pytest.mark.parametrize("seed", range(3))
    def test_is_made_once_by_a_tracker_that_fails_first_and_waits_until_its_search_finds_what_it_made(
        self, world: World, seed: int
    ) -> None:
        service, before = world.service, world.trackers.count()
        faults = iter(["500", "502-after", "drop", "drop-after", "429", "garbage-after"])
        world.trackers.misbehave(lambda: next(faults, None))  # type: ignore[arg-type]
        incident = world.opened()
        service.work()
        assert world.kept(incident.id).is_ticket_due
        service.later(30)
        assert len(service.errors) == 1, "it is asked again after a minute, not before"
        world.trackers.misbehave(random_faults(seed))
        for _ in range(12):
            service.later(400)
        world.trackers.misbehave(lambda: None)
        for _ in range(2):
            service.later(400)
        kept = world.kept(incident.id)
        assert world.trackers.count() == before + 1
        assert world.trackers.shown(kept.ticket, "owner: payments") == 1
        assert world.made() == [f"made {kept.ticket}", f"incident {kept.ticket}"]

    @only
    def test_that_was_asked_for_is_made_although_the_incident_is_over(self, world: World) -> None:
        world.trackers.misbehave(lambda: "500")
        incident = world.opened()
        world.service.work()
        close_incident(world.service.gate, Closing(incident=incident.id, restored_at=world.service.gate.instant()))
        world.trackers.misbehave(lambda: None)
        world.service.later(400)
        kept = world.kept(incident.id)
        assert (kept.state, kept.is_ticket_due) == ("closed", False)

    @only
    def test_waits_for_a_worker_that_has_the_trackers_settings(self, world: World) -> None:
        service, trackers = world.service, world.service.gate.trackers
        incident = world.opened()
        service.gate = replace(service.gate, trackers=())
        service.work()
        assert "No tracker 'pagerduty' is set up here." in service.errors[0]
        service.gate = replace(service.gate, trackers=trackers)
        service.later(61)
        assert world.kept(incident.id).ticket.startswith("PD:")


@only
class TestATicketThatIsQuickerThanItsAnswer:
    def test_opens_no_second_incident_by_its_webhook(self, world: World) -> None:
        service = world.service

        def hooked() -> None:
            signal = Signal("PD:Q000000001ABCD", f"payments-api: Payments fail ({incident.id})", "open",
                            hints=("payments-api",))  # fmt: skip
            receive_signal(service.gate, "pagerduty", signal)
            raise ConnectionError("the worker died")

        incident = world.opened()
        service.points.once("ticket-made", hooked)
        service.work()
        assert [one.id for one in world.incidents()] == [incident.id]
        assert any("does not know its key yet" in error for error in service.errors)
        service.later(61)
        service.later(61)
        (kept,) = world.incidents()
        assert (kept.id, kept.ticket) == (incident.id, "PD:Q000000001ABCD")

    def test_stays_with_an_incident_that_somebody_opened_for_it_meanwhile(self, world: World) -> None:
        service = world.service
        service.points.once("ticket-made", lambda: world.opened(ticket="PD:Q000000001ABCD", title="By hand"))
        incident = world.opened()
        service.work()
        by_hand = next(one for one in world.incidents() if one.title == "By hand")
        assert by_hand.ticket == "PD:Q000000001ABCD"
        assert (world.kept(incident.id).ticket, world.kept(incident.id).is_ticket_due) == ("", False)
        (anomaly,) = service.anomalies()
        assert (anomaly["code"], anomaly["incident"]) == ("incident-ticket-taken", incident.id)
        assert service.errors == []


class TestWhatATrackerOfOnesOwnAnswers:
    @contextmanager
    def answering(self, **answer: str) -> Iterator[Tracker]:
        class Double(OwnDouble):
            def _do(self, value: dict[str, Any]) -> Any:
                made = super()._do(value)
                return {**made, **answer} if value["action"] == "create" else made

        server = Server(Double())
        yield TicketWebhook(server.url, SECRET, prefixes=["OWN-"])
        server.stop()

    @pytest.mark.parametrize("world", ["webhook"], indirect=True)
    @pytest.mark.parametrize("key", ["", "INC0012345", "OWN-" + "9" * 300])
    def test_is_not_taken_for_a_key_that_is_none_of_its_own(self, world: World, key: str) -> None:
        with self.answering(key=key) as tracker:
            world.service.gate = replace(world.service.gate, trackers=(tracker,))
            incident = world.opened()
            world.service.work()
            assert "made a ticket whose key is none of its own" in world.service.errors[0]
            assert world.kept(incident.id).is_ticket_due

    @pytest.mark.parametrize("world", ["webhook"], indirect=True)
    @pytest.mark.parametrize(
        ("url", "kept"),
        [("https://tickets.example.com/1", "https://tickets.example.com/1"), ("javascript:alert(1)", "")],
    )
    def test_is_linked_from_pages_only_by_an_address_of_https(self, world: World, url: str, kept: str) -> None:
        with self.answering(url=url) as tracker:
            world.service.gate = replace(world.service.gate, trackers=(tracker,))
            incident = world.opened()
            world.service.work()
            assert world.kept(incident.id).url == kept
