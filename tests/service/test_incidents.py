"""Incidents: opened once, with owner, way back and suspects on the ticket; closed with a cause that counts."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_service import Service, a_service
from doubles.github.pulls import Pull
from doubles.trackers import pagerduty
from doubles.trackers.pagerduty import PagerDutyDouble
from doubles.trackers.server import Server

from gate.adapters.trackers.pagerduty import PagerDuty
from gate.core.errors import UsageError
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.incident_brief import incident_brief
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.open_incident import Opening, open_incident
from gate.web.app import create_app
from gate.web.door import Door

SECRET = b"a secret of sixteen"


class World:
    """A service with PagerDuty, and its web door."""

    def __init__(self, service: Service, server: Server) -> None:
        self.service, self.server = service, server
        self.pager: PagerDutyDouble = server.double  # type: ignore[assignment]
        door = Door(
            gate=service.gate, webhook_secrets=[SECRET], has_login=False, is_https=False, hosts=["localhost"],
            new_secret=lambda: "a session of a test", readiness=tuple, metrics=bytes,
            incident_secrets={"pagerduty": [SECRET, b"the secret before it"]},
        )  # fmt: skip
        self.web = create_app(door).test_client()

    def a_merged_pull(self, files: Mapping[str, str], *, title: str = "Change it") -> Pull:
        pull = self.service.forge.a_pull(files, title=title, body=BODY)
        self.service.settle()
        pull.merge(self.service.forge.carol, as_admin=True)
        self.service.settle()
        return pull

    def opened(self, **fields: Any) -> StoredIncident:
        given: dict[str, Any] = {"component": "payments-api", "title": "Payments fail"}
        given["began_at"] = self.service.gate.instant()
        return open_incident(self.service.gate, Opening(**{**given, **fields}))[0]

    def hook(self, identity: str, event: str = "triggered", *, secret: bytes = SECRET, **data: Any) -> int:
        incident = {**self.pager.incidents[identity], "service": {"summary": "Payments API"}, **data}
        incident["created_at"] = self.service.gate.instant()
        raw = json.dumps({"event": {"event_type": f"incident.{event}", "data": incident}}).encode()
        signature = hmac.new(secret, raw, hashlib.sha256).hexdigest()
        headers = {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={signature}", "Content-Type": "application/json"}
        answer = self.web.post("/webhooks/incidents/pagerduty", data=raw, headers=headers)
        self.service.settle()
        return answer.status_code

    def incidents(self) -> list[StoredIncident]:
        with self.service.store.reading() as reading:
            return list(reading.incidents())

    def kinds(self) -> list[str]:
        kinds = []
        with self.service.store.reading() as reading:
            checkpoint = reading.checkpoint()
            for index in range(checkpoint.size if checkpoint else 0):
                entry = reading.ledger_entry(index)
                kinds.append(entry.kind if entry else "")
        return [kind for kind in kinds if kind.startswith(("incident-", "ticket-", "anomaly-"))]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        service = stack.enter_context(a_service(tmp_path, files={".gate/ownership.yaml": RECORDS}))
        server = Server(PagerDutyDouble())
        stack.callback(server.stop)
        tracker = PagerDuty(pagerduty.TOKEN, sender=pagerduty.SENDER, address=server.url)
        service.gate = replace(service.gate, trackers=(tracker,))
        service.forge.a_pull()  # so that the repository is known
        service.settle()
        yield World(service, server)


class TestAnOpenedIncident:
    def test_names_owner_escalation_links_and_way_back_and_ranks_suspects(self, world: World) -> None:
        world.a_merged_pull({"web/page.html": "1"}, title="Has no relation")
        old = world.a_merged_pull({"ledger/table.sql": "1"}, title="Change the ledger")
        new = world.a_merged_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise")
        incident, now = open_incident(
            world.service.gate,
            Opening(component="payments-api", title="Payments fail", began_at=world.service.gate.instant()),
        )
        brief = incident_brief(world.service.gate, now, incident)
        assert (brief.owner, brief.backup, brief.escalation) == ("payments", "platform", "ladder")
        assert brief.links["runbook"] == "https://runbooks.example.com/payments"
        assert brief.playbook is not None
        assert [one.landing.id for one in brief.suspects] == [f"acme/shop#{one.number}" for one in (new, old)]
        assert "It changed payments-api itself." in brief.suspects[0].reasons
        assert "It changed ledger, which payments-api depends on." in brief.suspects[1].reasons
        assert brief.suspects[0].landing.rollback == "revert"

    def test_never_accuses_what_landed_after_it_began(self, world: World) -> None:
        began = world.service.gate.instant()
        world.service.clock.ahead_seconds += 60
        world.a_merged_pull({"api/pay.py": "amount = 3\n"})
        incident, now = open_incident(world.service.gate, Opening(component="payments-api", title="", began_at=began))
        assert incident_brief(world.service.gate, now, incident).suspects == ()

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"component": "nothing"}, "There is no component 'nothing'"),
            ({"began_at": "2999-01-01T00:00:00Z"}, "cannot begin in the time to come"),
        ],
    )
    def test_is_refused_with_a_next_step(self, world: World, fields: dict[str, Any], why: str) -> None:
        with pytest.raises(UsageError, match=why):
            world.opened(**fields)


class TestAWebhook:
    def test_opens_once_and_tells_the_ticket_who_and_how_and_what_changed(self, world: World) -> None:
        pull = world.a_merged_pull({"api/pay.py": "amount = 3\n"}, title="Round otherwise")
        identity = world.pager.an_incident(title="Checkout is down")
        assert [world.hook(identity) for _ in range(3)] == [202, 202, 202]
        (incident,) = world.incidents()
        assert (incident.component, incident.title, incident.ticket) == (
            "payments-api", "Checkout is down", f"PD:{identity}",
        )  # fmt: skip
        (note,) = world.pager.notes(identity)
        for text in (
            "owner: payments",
            "escalation: owner by pager, 15m to acknowledge",
            "runbook: https://runbooks.example.com/payments",
            "dashboard: https://grafana.example.com/d/1",
            "rollback: redeploy-previous, 15 min to restore; 1. deploy the previous tag",
            f"1. acme/shop#{pull.number} Round otherwise",
            "It changed payments-api itself.",
            f"/incidents/{incident.id}",
        ):
            assert text in note
        assert world.kinds() == ["incident-opened", "ticket-linked"]

    def test_closes_by_what_the_tracker_says_now(self, world: World) -> None:
        identity = world.pager.an_incident()
        world.hook(identity)
        assert world.hook(identity, "resolved", status="resolved") == 202
        assert world.incidents()[0].state == "open", "the webhook is a hint; the tracker does not say so"
        world.pager.incidents[identity]["status"] = "resolved"
        world.hook(identity, "acknowledged")
        assert world.incidents()[0].state == "closed"
        world.hook(identity, "triggered")
        assert (len(world.incidents()), world.incidents()[0].state) == (1, "closed"), "an old delivery opens nothing"

    @pytest.mark.parametrize("secret", [b"", b"another secret of sixteen"])
    def test_with_a_wrong_signature_is_401_and_does_nothing(self, world: World, secret: bytes) -> None:
        assert world.hook(world.pager.an_incident(), secret=secret) == 401
        assert world.incidents() == []

    def test_of_a_tracker_without_a_secret_is_404(self, world: World) -> None:
        assert world.web.post("/webhooks/incidents/jira", data=b"{}").status_code == 404
        assert world.web.post("/webhooks/incidents/nobody", data=b"{}").status_code == 404

    def test_that_no_component_fits_is_an_anomaly_and_opens_nothing(self, world: World) -> None:
        identity = world.pager.an_incident()
        world.hook(identity, service={"summary": "Something else"})
        assert (world.incidents(), world.kinds()) == ([], ["anomaly-seen"])

    def test_is_tried_again_while_the_tracker_is_down_with_one_note_in_the_end(self, world: World) -> None:
        identity = world.pager.an_incident()
        faults = iter(["500", "drop", "429", "502-after"])
        world.server.fault_for = lambda _: next(faults, None)
        world.hook(identity)
        for _ in range(6):
            world.service.later(60)
        assert (len(world.incidents()), len(world.pager.notes(identity))) == (1, 1)


class TestAClosedIncident:
    def test_keeps_its_cause_and_a_due_review_and_both_are_in_the_ledger(self, world: World) -> None:
        pull = world.a_merged_pull({"api/pay.py": "amount = 3\n"})
        incident = world.opened()
        world.service.clock.ahead_seconds += 600
        closing = Closing(incident=incident.id, restored_at=world.service.gate.instant(), cause=pull.number)
        closed = close_incident(world.service.gate, closing)
        assert (closed.state, closed.restored_at) == ("closed", closing.restored_at)
        assert closed.review_due_at is not None
        assert closed.review_due_at > closing.restored_at
        assert close_incident(world.service.gate, closing) == closed
        with world.service.store.reading() as reading:
            (link,) = reading.incident_changes(incident.id)
        assert (link.relation, link.confirmation, link.change.number) == ("caused-by", "confirmed", pull.number)
        assert world.kinds() == ["incident-opened", "incident-linked", "incident-closed"]

    @pytest.mark.parametrize("cause", [404, 1])
    def test_is_caused_by_nothing_that_was_not_merged(self, world: World, cause: int) -> None:
        incident = world.opened()
        with pytest.raises(UsageError, match=r"no change 404|was not merged"):
            close_incident(
                world.service.gate, Closing(incident=incident.id, restored_at=incident.began_at, cause=cause)
            )
        assert world.incidents()[0].state == "open"

    def test_does_not_end_before_it_began(self, world: World) -> None:
        incident = world.opened()
        with pytest.raises(UsageError, match="no time at which service can have been back"):
            close_incident(world.service.gate, Closing(incident=incident.id, restored_at="2020-01-01T00:00:00Z"))

    def test_raises_the_risk_of_the_next_changes_of_its_component_for_thirty_days(self, world: World) -> None:
        world.opened()
        pull = world.service.forge.a_pull({"api/pay.py": "amount = 9\n"})
        other = world.service.forge.a_pull({"web/page.html": "9"})
        world.service.settle()
        assert "recent_incident" in {term.name for term in world.service.verdict(pull).risk.terms}
        assert "recent_incident" not in {term.name for term in world.service.verdict(other).risk.terms}
        world.service.later(31 * 24 * 3600)
        world.service.sweep()
        assert "recent_incident" not in {term.name for term in world.service.verdict(pull).risk.terms}
