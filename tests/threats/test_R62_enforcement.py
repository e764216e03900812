"""R62: green of a policy that was active does not stay once it only evaluates, is gone, or spares the branch."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders_forge_world import BODY, GATE_CHECK, POLICY
from builders_service import Service, a_service

EVALUATING = POLICY + "enforcement: evaluate\n"
EVALUATED = f"{GATE_CHECK} (evaluate)"


def commit_rules(service: Service, policy: str | None) -> None:
    service.forge.shop.commit("main", {".gate/policy.yaml": policy}, author=service.forge.carol)


def lose_and_sweep(service: Service) -> None:
    service.lose_webhooks()
    service.sweep()


class TestAPolicyThatOnlyEvaluates:
    @pytest.mark.parametrize("come", [Service.settle, lose_and_sweep], ids=["told", "lost"])
    def test_leaves_no_green_of_the_time_before(self, service: Service, come: Callable[[Service], object]) -> None:
        pull = service.approved()
        commit_rules(service, EVALUATING)
        come(service)
        assert service.check(pull, name=EVALUATED) == "success"
        assert service.check(pull) == "action_required"
        assert not pull.would_merge()

    def test_leaves_none_where_it_does_not_approve_either(self, service: Service) -> None:
        pull = service.approved()
        commit_rules(service, EVALUATING + "signoffs: {each_component: 2}\n")
        service.lose_webhooks()
        service.sweep()
        assert service.check(pull, name=EVALUATED) == "in_progress"
        assert service.check(pull) == "action_required"

    def test_shows_green_again_once_it_is_active_again(self, service: Service) -> None:
        pull = service.approved()
        for rules in (EVALUATING, POLICY):
            commit_rules(service, rules)
            service.lose_webhooks()
            service.sweep()
        assert service.check(pull) == "success"

    def test_says_nothing_under_the_required_name_where_nothing_was_green(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": EVALUATING}) as service:
            pull = service.forge.a_pull()
            service.settle()
            assert service.check(pull) is None
            assert service.check(pull, name=EVALUATED) == "in_progress"

    def test_for_one_branch_does_not_hide_what_holds_for_another_with_the_same_head(self, tmp_path: Path) -> None:
        """`main` only evaluates and `dev` is active: one head in both, and the check of `dev` follows both."""
        branches = POLICY + "branches: [main, dev]\n"
        with a_service(tmp_path, files={".gate/policy.yaml": branches + "enforcement: evaluate\n"}) as service:
            forge = service.forge
            forge.shop.commit(
                "dev", {".gate/policy.yaml": branches + "enforcement: active\n"}, author=forge.carol, start="main"
            )
            forge.demand_the_gate("dev")
            service.settle()
            evaluated = forge.a_pull(branch="topic")
            active = forge.shop.open_pull(head="topic", base="dev", author=forge.dave, title="second", body=BODY)
            service.settle()
            active.review(forge.alice, "APPROVED")
            service.settle()
            assert service.check(active) == "in_progress"
            evaluated.review(forge.alice, "APPROVED")
            service.settle()
            assert service.check(active) == "success"
            evaluated.reviews[-1].dismiss(forge.dave)
            service.settle()
            assert service.check(active) != "success"


class TestAPolicyThatIsGone:
    def test_leaves_the_change_to_what_holds_without_one(self, service: Service) -> None:
        pull = service.approved()
        commit_rules(service, None)
        service.forge.shop.commit("main", {".gate/ownership.yaml": None}, author=service.forge.carol)
        service.lose_webhooks()
        service.sweep()
        state = service.verdict(pull).state
        assert (service.check(pull) == "success") == (state == "approved")

    def test_for_the_branch_takes_its_green_back(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": POLICY + "branches: [main, dev]\n"}) as service:
            service.forge.shop.push("dev", service.forge.shop.tip("main"), pusher=service.forge.carol)
            pull = service.approved(service.forge.a_pull(base="dev"))
            commit_rules(service, POLICY)
            service.lose_webhooks()
            service.sweep()
            assert service.check(pull) != "success"

    def test_and_cannot_be_read_takes_its_green_back(self, service: Service) -> None:
        pull = service.approved()
        commit_rules(service, "version: 1\nno: such: thing\n")
        service.lose_webhooks()
        service.sweep()
        assert service.check(pull) != "success"
