"""R52: an administrator takes the branch's protection away, merges, and puts it back; the ledger and exports say so."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from builders_audit import the_shop
from builders_export import YEAR, exported
from builders_service import Service, a_service

from gate.usecases.jobs import protection_job


def told(service: Service, kind: str = "protection-changed") -> list[dict[str, Any]]:
    """What the ledger says of main's protection."""
    with service.store.reading() as reading:
        checkpoint = reading.checkpoint()
        entries = list(reading.ledger_entries(0, checkpoint.size)) if checkpoint else []
    return [entry.payload() for entry in entries if entry.kind == kind and "branch" in entry.payload()]


def look(service: Service) -> None:
    """Let the next look at the branches come, as a sweep asks for it."""
    with service.store.writing() as writing:
        writing.enqueue(protection_job(the_shop(service).key, at=service.gate.instant()))
    service.settle()


def periods(service: Service) -> list[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(exported(service, YEAR)[0])) as archive:
        text = archive.read("population/control-periods.csv").decode()
    return [(row["is_demanded"], row["gap"]) for row in csv.DictReader(io.StringIO(text))]


class TestTakenAwayAndPutBack:
    def test_each_change_is_an_entry_and_the_export_shows_the_time_without_the_gate(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.clock.ahead_seconds += 60
            service.forge.shop.unprotect("main")
            service.later(60)
            service.forge.demand_the_gate()
            service.settle()
            assert [one["is_required"] for one in told(service)] == [True, False, True]
            service.clock.ahead_seconds += 60
            service.approved(service.forge.a_pull())
            assert periods(service) == [("", "yes"), ("yes", "no"), ("no", "no"), ("yes", "no"), ("", "yes")]

    def test_administrators_let_past_the_check_are_a_change(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.forge.shop.protections["main"].covers_admins = False
            service.later(3601)
            look(service)
            assert [one["covers_admins"] for one in told(service)] == [True, False]

    def test_a_lost_webhook_is_made_up_for_by_the_sweep(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.forge.shop.unprotect("main")
            service.lose_webhooks()
            service.clock.ahead_seconds += 3601
            service.sweep()
            assert [one["is_required"] for one in told(service)] == [True, False]


class TestHowOftenItIsLookedAt:
    def test_nothing_is_recorded_twice_and_nothing_asked_within_the_hour(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.settle()
            service.settle()
            before = service.gate.forge.requests_made()
            look(service)
            assert service.gate.forge.requests_made() == before
            service.later(3601)
            look(service)
            assert service.gate.forge.requests_made() > before
            assert (len(told(service)), len(told(service, "review-done"))) == (1, 0)

    def test_a_service_that_was_away_says_since_when_nobody_looked(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            service.later(3601)
            look(service)
            service.clock.ahead_seconds += 12 * 3600
            look(service)
            [seen] = told(service, "review-done")
            assert seen["is_required"] is True
            assert seen["unseen_since"] < service.gate.instant(later_seconds=-11 * 3600)
            service.clock.ahead_seconds += 60
            service.approved(service.forge.a_pull())
            assert periods(service) == [("", "yes"), ("yes", "no"), ("", "yes"), ("yes", "no"), ("", "yes")]

    def test_all_as_it_was_is_recorded_once_a_day(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            service.approved()
            for _ in range(25):
                service.clock.ahead_seconds += 3601
                look(service)
            assert len(told(service, "review-done")) == 1
            assert ("yes", "no") in periods(service)
