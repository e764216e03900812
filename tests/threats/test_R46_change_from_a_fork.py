"""R46: a change from a fork is judged by the base's rules alone, also when the fork is gone."""

from builders_forge_world import BODY
from builders_service import Service
from doubles.github.pulls import Pull
from doubles.github.repositories import Repository


def from_fork(service: Service) -> tuple[Repository, Pull]:
    forge = service.forge
    fork = forge.shop.fork(forge.dave)
    fork.commit("topic", {"api/pay.py": "amount = 'fork'\n"}, author=forge.dave)
    pull = forge.shop.open_pull(head="topic", head_repository=fork, author=forge.dave, title="From a fork", body=BODY)
    service.settle()
    fork.commit("topic", {"api/pay.py": "amount = 'seen'\n"}, author=forge.dave)
    service.settle()
    return fork, pull


class TestAFork:
    def test_one_whose_pushes_nobody_can_name_waits_for_a_push_that_the_gate_hears_of(self, service: Service) -> None:
        forge = service.forge
        fork = forge.shop.fork(forge.dave)  # private: the gate may not read its activity
        fork.commit("topic", {"api/pay.py": "amount = 'fork'\n"}, author=forge.dave)
        pull = forge.shop.open_pull(head="topic", head_repository=fork, author=forge.dave, body=BODY)
        service.settle()
        assert "unattributed-commit" in service.codes(pull)
        fork.commit("topic", {"api/pay.py": "amount = 'seen'\n"}, author=forge.dave)
        service.settle()
        assert "unattributed-commit" not in service.codes(pull)

    def test_it_is_judged_like_any_other_change(self, service: Service) -> None:
        _, pull = from_fork(service)
        assert service.check(pull) == "in_progress"
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"

    def test_an_owner_who_pushed_to_the_fork_had_a_hand_in_it(self, service: Service) -> None:
        fork, pull = from_fork(service)
        fork.commit("topic", {"api/pay.py": "amount = 'alice'\n"}, author=service.forge.alice)
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "in_progress"
        pull.review(service.forge.bob, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"

    def test_rules_that_the_fork_brings_along_are_a_change_of_the_rules(self, service: Service) -> None:
        fork, pull = from_fork(service)
        fork.commit("topic", {".gate/policy.yaml": "version: 1\nunowned: allow\n"}, author=service.forge.dave)
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) != "success"

    def test_an_approval_in_the_fork_is_none_here(self, service: Service) -> None:
        fork, pull = from_fork(service)
        inside = fork.open_pull(head="topic", base="main", author=service.forge.dave, title="Inside", body="-")
        inside.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "in_progress"


class TestAForkThatIsGone:
    def test_it_is_no_crash_and_leaves_nothing_green_that_is_not_approved(self, service: Service) -> None:
        fork, pull = from_fork(service)
        service.forge.world.delete_repository(fork)
        pull.edit(title="Orphaned", by=service.forge.dave)
        service.settle()
        assert service.errors == []
        assert service.check(pull) == "in_progress"

    def test_a_green_one_loses_its_green_with_its_plan_all_the_same(self, service: Service) -> None:
        fork, pull = from_fork(service)
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(pull) == "success"
        service.forge.world.delete_repository(fork)
        pull.edit(body="Nothing to see.\n", by=service.forge.dave)
        service.settle()
        assert service.errors == []
        assert service.check(pull) == "action_required"
