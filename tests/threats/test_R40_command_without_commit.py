"""R40: a command is for the head that its author saw; one that races a push is asked to name its commit."""

from pathlib import Path

import pytest
from builders_forge_world import BODY
from builders_service import a_service


class TestACommand:
    def test_within_moments_of_a_push_counts_once_it_names_the_commit(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
            pull.comment(service.forge.alice, "/signoff")
            service.settle()
            assert service.check(pull) == "in_progress"
            (view,) = [one for one in service.verdict(pull).requirements if one.id == "ownership:payments-api"]
            assert "confirm it by `/signoff SHA`" in view.signoffs.not_counted[0].why
            pull.comment(service.forge.alice, f"/signoff {pull.head_sha[:10]}")
            service.settle()
            assert service.check(pull) == "success"

    def test_is_not_carried_over_to_what_was_pushed_later(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            pull.comment(service.forge.alice, "/signoff")
            service.forge.world.clock.later(minutes=2)
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
            service.settle()  # both webhooks arrive after the push
            assert service.check(pull) == "in_progress"

    def test_that_names_a_commit_from_after_it_names_none(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            first = pull.head_sha
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
            service.settle()
            service.forge.world.clock.later(minutes=2)
            pull.comment(service.forge.alice, f"/signoff {first}")
            service.settle()
            assert service.check(pull) == "in_progress"

    @pytest.mark.parametrize("is_a_fork", [False, True])
    def test_is_not_for_content_that_was_there_before_and_came_back_after_it(
        self, tmp_path: Path, *, is_a_fork: bool
    ) -> None:
        with a_service(tmp_path) as service:
            forge, later = service.forge, service.forge.world.clock.later
            source = forge.shop.fork(forge.dave) if is_a_fork else forge.shop  # its record of pushes cannot be read
            fine = source.commit("topic", {"api/pay.py": "amount = 'fine'\n"}, author=forge.dave, start="main")
            evil = source.make_commit({"api/pay.py": "amount = 'evil'\n"}, parents=[fine], author=forge.dave)
            pull = forge.shop.open_pull(head="topic", head_repository=source, author=forge.dave, title="X", body=BODY)
            service.settle()
            for tip in (evil, fine):
                later(minutes=2)
                source.push("topic", tip, pusher=forge.dave)
                service.settle()
            later(minutes=2)
            pull.comment(forge.alice, "/signoff")
            later(minutes=2)
            source.push("topic", evil, pusher=forge.dave)
            service.receive(reverse=True)
            service.settle()  # the comment is read after the content that its author never saw came back
            assert service.check(pull) == "in_progress"
            later(minutes=2)
            pull.comment(forge.alice, f"/signoff {evil[:12]}")
            service.settle()
            assert service.check(pull) == "success"
