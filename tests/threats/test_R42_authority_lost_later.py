"""R42, R18: who loses a right, and a base that moves underneath, are looked at on the event."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import OWNERSHIP
from builders_service import Service, a_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    records = OWNERSHIP.replace("payments: {members: [alice, bob]}", "payments: {github_team: acme/payments}")
    with a_service(tmp_path, files={".gate/ownership.yaml": records}) as one:
        yield one


class TestAnApproverWho:
    def test_leaves_the_team_counts_no_longer(self, service: Service) -> None:
        pull = service.approved()
        service.forge.payments.remove(service.forge.alice)
        service.settle()
        assert service.check(pull) == "in_progress"
        service.forge.payments.add(service.forge.alice)
        service.settle()
        assert service.check(pull) == "success"

    def test_leaves_the_organisation_counts_no_longer(self, service: Service) -> None:
        pull = service.approved()
        service.forge.acme.remove_member(service.forge.alice)
        service.settle()
        assert service.check(pull) == "in_progress"

    def test_was_asked_by_a_team_that_cannot_be_read_any_more_counts_no_longer(self, service: Service) -> None:
        pull = service.approved()
        service.forge.payments.is_secret = True
        service.sweep()
        assert service.check(pull) != "success"

    def test_is_found_by_the_sweep_where_no_webhook_told(self, service: Service) -> None:
        pull = service.approved()
        service.forge.payments.remove(service.forge.alice)
        service.lose_webhooks()
        service.sweep()
        assert service.check(pull) == "in_progress"


class TestABaseThatMoves:
    def test_so_that_the_change_brings_something_else_asks_anew(self, service: Service) -> None:
        forge = service.forge
        start = forge.shop.tip("main")
        forge.shop.commit("main", {"api/tax.py": "rate = 19\n"}, author=forge.carol)
        pull = service.approved(forge.a_pull())
        reverted = forge.shop.make_commit({}, parents=[start], author=forge.carol, message="As before")
        forge.shop.push("main", reverted, pusher=forge.carol)  # the change now brings `api/tax.py` back
        service.settle()
        assert service.check(pull) == "in_progress"
