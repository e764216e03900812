"""R23: where the organisation's policy is at an installation that is gone or suspended, nothing stays green by it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders_forge_world import GATE_APP
from builders_service import Service, a_service
from doubles.github.apps import Installation


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path, settings={"config_repository": "holding/rules"}) as service:
        yield service


@pytest.fixture
def holding(service: Service) -> Installation:
    """The gate on another organisation, whose repository holds the policy of them all."""
    world = service.forge.world
    organisation = world.organisation("holding", 600)
    world.repository("holding/rules", files={".gate/policy.yaml": "version: 1\n"}, author=service.forge.carol)
    return world.install(GATE_APP, organisation=organisation, id=4300)


LOSSES: dict[str, Callable[[Installation], None]] = {
    "suspended": Installation.suspend,
    "uninstalled": Installation.delete,
}


class TestAnInstallationThatHoldsThePolicyOfOthers:
    @pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
    def test_takes_their_green_along_where_it_ends(
        self, service: Service, holding: Installation, loss: Callable[[Installation], None]
    ) -> None:
        pull = service.approved()
        loss(holding)
        service.lose_webhooks()
        service.restart()
        service.sweep()
        assert service.check(pull) == "in_progress"
        assert any("holding/rules cannot be read" in error for error in service.errors)

    def test_and_gives_it_back_where_it_goes_on(self, service: Service, holding: Installation) -> None:
        pull = service.approved()
        holding.suspend()
        service.lose_webhooks()
        service.restart()
        service.sweep()
        holding.unsuspend()
        service.later(600)
        service.sweep()
        assert service.check(pull) == "success"
