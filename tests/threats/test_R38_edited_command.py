"""R38: a command that was edited or deleted counts for nothing, whatever it says now and whoever did it."""

from pathlib import Path
from typing import Any

from builders_service import Service, a_service


def a_signed_pull(service: Service) -> tuple[Any, Any]:
    pull = service.judged_pull(minutes_ago=2)
    comment = pull.comment(service.forge.alice, "Looks right.\n\n/signoff")
    service.settle()
    assert service.errors == []
    assert service.check(pull) == "success"
    return pull, comment


class TestACommandThatCounted:
    def test_does_not_once_it_is_edited(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull, comment = a_signed_pull(service)
            comment.edit("Looks right.\n\n/signoff\n", service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"
            assert "edited" in service.codes(pull)

    def test_does_not_once_it_is_deleted(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull, comment = a_signed_pull(service)
            comment.delete(service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"


class TestSomebodyElsesComment:
    def test_edited_into_a_command_is_none_of_its_author(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            comment = pull.comment(service.forge.alice, "I will look at it.")
            service.settle()
            comment.edit("/signoff", service.forge.dave)
            service.settle()
            assert service.check(pull) == "in_progress"

    def test_edited_into_a_withdrawal_lifts_no_rejection(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            comment = pull.comment(service.forge.bob, "/reject Not like this.")
            service.settle()
            assert service.check(pull) == "failure"
            comment.edit("/withdraw", service.forge.dave)
            service.settle()
            assert service.check(pull) == "failure"
            pull.comment(service.forge.bob, "/withdraw")
            service.settle()
            assert service.check(pull) == "in_progress"
