"""R12: whatever moves between judging and publishing, nothing is merged that nobody approved.

Auto-merge is on everywhere, so that even a momentary false green would show: the platform merges at once.
"""

from collections.abc import Callable

import pytest
from builders_forge_world import BODY
from builders_service import Service
from doubles.github.pulls import Pull

Move = Callable[[Service, Pull], object]
POINTS = ["decided", "claimed-publish", "before-green"]
MOVES: dict[str, Move] = {
    "pushed": lambda service, pull: service.forge.shop.commit(
        pull.head_ref, {"api/pay.py": "amount = 'evil'\n"}, author=service.forge.dave
    ),
    "plan edited": lambda service, pull: pull.edit(body=BODY.replace("Deploy main", "Pray"), by=service.forge.dave),
    "rules changed": lambda service, _: service.forge.shop.commit(
        "main",
        {".gate/policy.yaml": "version: 1\ndefault_owner: platform\nsignoffs: {each_component: 2}\n"},
        author=service.forge.carol,
    ),
}


def about_to_turn_green(service: Service) -> Pull:
    """A pull that the owner has approved, whose review the gate is about to hear of."""
    pull = service.forge.a_pull()
    service.settle()
    pull.review(service.forge.alice, "APPROVED")
    service.receive()
    pull.auto_merge(service.forge.dave)
    return pull


class TestBetweenJudgingAndPublishing:
    @pytest.mark.parametrize("point", POINTS)
    def test_a_push_is_never_merged_by_the_approval_before_it(self, service: Service, point: str) -> None:
        pull = about_to_turn_green(service)
        judged = pull.head_sha
        service.points.once(point, lambda: MOVES["pushed"](service, pull))
        service.settle()
        assert point not in service.points.due
        assert pull.merged_at is None
        assert service.check(pull) == "in_progress"
        assert service.check_on(judged) != "success"

    @pytest.mark.parametrize(
        ("move", "point"),
        [("plan edited", "decided"), ("plan edited", "recorded"), ("rules changed", "claimed-publish")],
    )
    def test_what_moves_without_the_head_is_seen_by_the_last_look(
        self, service: Service, move: str, point: str
    ) -> None:
        pull = about_to_turn_green(service)
        service.points.once(point, lambda: MOVES[move](service, pull))
        service.settle()
        assert point not in service.points.due
        assert pull.merged_at is None
        assert service.check(pull) == "in_progress"

    @pytest.mark.parametrize("move", ["plan edited", "rules changed"])
    def test_what_moves_at_the_last_moment_is_taken_back_at_once(self, service: Service, move: str) -> None:
        pull = about_to_turn_green(service)
        pull.draft(service.forge.dave)  # the platform waits, so that what the gate does next can be seen
        service.receive()
        service.points.once("before-green", lambda: MOVES[move](service, pull))
        service.work()
        assert "before-green" not in service.points.due
        assert service.check(pull) == "in_progress"


class TestWhatTheForgeHasToldAlready:
    """A dismissal moves nothing that a look shows; the delivery that tells of it overtakes what was read before."""

    @pytest.mark.parametrize("point", ["decided", "recorded", "claimed-publish"])
    def test_a_dismissal_that_was_received_is_heeded_before_anything_turns_green(
        self, service: Service, point: str
    ) -> None:
        pull = about_to_turn_green(service)

        def dismiss() -> None:
            pull.reviews[-1].dismiss(service.forge.dave)
            service.receive()
            if point == "claimed-publish":
                service.work()  # another worker

        service.points.once(point, dismiss)
        service.settle()
        assert point not in service.points.due
        assert pull.merged_at is None
        assert service.check(pull) == "in_progress"
        assert service.verdict(pull).state == "waiting"

    def test_nothing_else_keeps_it_from_turning_green(self, service: Service) -> None:
        pull = about_to_turn_green(service)
        service.settle()
        assert pull.merged_at is not None
