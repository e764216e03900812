"""R15: what is approved for a lax branch is not green for a strict one, though both share one check."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_forge_world import BODY, POLICY
from builders_service import Service, a_service

BOTH = POLICY + "branches: [main, dev]\n"
LAX = BOTH
STRICT = BOTH + "signoffs: {each_component: 2}\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path, files={".gate/policy.yaml": BOTH}) as one:
        one.forge.shop.push("dev", one.forge.shop.tip("main"), pusher=one.forge.carol)
        one.forge.demand_the_gate("dev")
        one.settle()
        yield one


class TestTwoBases:
    def test_green_for_one_is_not_green_for_the_other(self, service: Service) -> None:
        forge = service.forge
        lax = service.approved(forge.a_pull(base="dev"))
        forge.shop.commit("main", {".gate/policy.yaml": STRICT}, author=forge.carol)
        service.settle()
        strict = forge.shop.open_pull(head=lax.head_ref, base="main", author=forge.dave, title=lax.title, body=BODY)
        service.settle()
        assert strict.head_sha == lax.head_sha
        assert service.check(strict) != "success"
        assert not strict.would_merge()

    def test_an_approval_of_the_one_is_none_of_the_other(self, service: Service) -> None:
        forge = service.forge
        first = service.approved(forge.a_pull(base="dev"))
        second = forge.shop.open_pull(head=first.head_ref, base="main", author=forge.dave, title=first.title, body=BODY)
        service.settle()
        assert service.check(second) == "in_progress"
        second.review(forge.alice, "APPROVED")
        service.settle()
        assert service.check(second) == "success"
        assert first.would_merge()
        assert second.would_merge()

    def test_what_is_aimed_away_from_a_branch_that_the_gate_does_not_speak_for_finds_no_green(
        self, service: Service
    ) -> None:
        forge = service.forge
        forge.shop.push("toys", forge.shop.tip("main"), pusher=forge.carol)
        first = service.approved()
        second = forge.shop.open_pull(head=first.head_ref, base="toys", author=forge.erin, title="Again", body="-")
        service.settle()
        assert service.check(first) == "success"  # nothing is said of `toys`, green or red
        second.edit(base="main", by=forge.erin)
        forge.world.faults.add("GET", rf"/pulls/{second.number}$", "status", status=502, times=None)
        service.settle()
        assert service.check(first) != "success"
        assert not second.would_merge()
