"""A repository that the gate is not installed on any more: its work ends, and comes back with the installation."""

from collections.abc import Callable

import pytest
from builders_forge_world import GATE_APP
from builders_service import Service


def codes(service: Service) -> list[str]:
    return [one["code"] for one in service.anomalies()]


def suspend(service: Service) -> None:
    service.forge.installation.suspend()


def uninstall(service: Service) -> None:
    service.forge.installation.delete()


ENDS: dict[str, Callable[[Service], object]] = {"suspended": suspend, "uninstalled": uninstall}


class TestAnInstallationThatIsGone:
    @pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
    @pytest.mark.parametrize("is_told", ["told", "lost"])
    def test_leaves_no_job_behind_and_is_recorded_once(
        self, service: Service, end: Callable[[Service], object], is_told: str
    ) -> None:
        service.approved()
        end(service)
        if is_told == "lost":
            service.lose_webhooks()
        service.sweep()
        service.sweep()
        service.later(900)
        assert codes(service) == ["not-installed"]
        assert set(service.store.waiting_jobs()) <= {"sweep", "poll-deliveries"}
        asked = len(service.forge.world.requests)
        service.sweep()
        assert [one for one in service.forge.world.requests[asked:] if "/pulls" in one[1]] == []

    def test_comes_back_with_all_that_was_missed_once_it_goes_on(self, service: Service) -> None:
        pull = service.approved()
        service.forge.installation.suspend()
        service.settle()
        service.sweep()
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 7\n"}, author=service.forge.dave)
        service.lose_webhooks()
        service.forge.installation.unsuspend()
        service.lose_webhooks()
        service.sweep()
        assert codes(service) == ["not-installed", "installed-again"]
        assert service.check(pull) == "in_progress"
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"

    def test_comes_back_under_a_new_installation_too(self, service: Service) -> None:
        pull = service.approved()
        before = service.forge.installation
        before.delete()
        service.settle()
        service.sweep()
        again = service.forge.world.install(GATE_APP, before.app.private_key)
        service.settle()
        service.sweep()
        with service.store.reading() as reading:
            found = reading.repository_named("acme/shop")
        assert found is not None
        assert found.installation == again.id
        assert "installed-again" in codes(service)
        assert service.verdict(pull).state == "approved"


class TestARepositoryThatIsTakenOutOfAnInstallation:
    def test_leaves_no_job_that_is_tried_for_ever(self, service: Service) -> None:
        service.approved()
        service.forge.installation.select([])
        service.lose_webhooks()
        service.sweep()
        for _ in range(12):
            service.later(301)
        assert set(service.store.waiting_jobs()) <= {"sweep", "poll-deliveries"}
