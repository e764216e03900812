"""R38: a comment that somebody edits within the second of its writing shows one time for both, and is edited still."""

import pytest
from builders_service import Service
from doubles.github.issues import Comment
from doubles.github.pulls import Pull

from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import ForgeRepositoryAccess


@pytest.fixture
def pull(service: Service) -> Pull:
    return service.judged_pull(minutes_ago=2)


def edit_at_once(service: Service, comment: Comment, body: str) -> None:
    """What dave's program does to a comment of somebody else as soon as it is there."""
    comment.edit(body, service.forge.dave)
    comment.edited_at = comment.updated_at = comment.created_at


def access(service: Service) -> ForgeRepositoryAccess:
    with service.store.reading() as reading:
        repository = reading.repository_named("acme/shop")
    assert repository is not None
    return service.gate.access(repository)


class TestSomebodyElsesCommentEditedAtOnce:
    @pytest.mark.parametrize("sweeps", [0, 1])
    def test_into_a_command_is_none_of_its_author(self, service: Service, pull: Pull, sweeps: int) -> None:
        comment = pull.comment(service.forge.alice, "I will look at it.")
        for _ in range(sweeps):
            service.sweep()
        edit_at_once(service, comment, "/signoff")
        service.settle()
        assert service.check(pull) == "in_progress"
        assert "edited" in service.codes(pull)

    def test_into_a_delegation_asks_nobody(self, service: Service, pull: Pull) -> None:
        edit_at_once(service, pull.comment(service.forge.alice, "I will look at it."), "/delegate @bob")
        service.settle()
        with service.store.reading() as reading:
            assert list(reading.delegations(service.key(pull))) == []

    def test_from_one_command_into_another_is_seen_the_next_time(self, service: Service, pull: Pull) -> None:
        comment = pull.comment(service.forge.alice, "/reject Not yet.")
        service.settle()
        assert service.check(pull) == "failure"
        edit_at_once(service, comment, "/signoff")
        service.settle()
        assert service.check(pull) == "failure"


class TestACommandThatNobodyEdited:
    def test_counts_and_is_asked_about_once(self, service: Service, pull: Pull) -> None:
        pull.comment(service.forge.alice, "/signoff")
        service.settle()
        assert service.check(pull) == "success"
        pull.comment(service.forge.bob, "Thank you.")
        asked = len(service.forge.world.requests)
        access(service).snapshot(pull.number)
        queries = [path for method, path, _ in service.forge.world.requests[asked:] if method == "POST"]
        assert queries == ["/graphql"]  # whether anything moved; nothing of the command

    def test_is_not_read_at_all_while_the_forge_does_not_say_so(self, service: Service, pull: Pull) -> None:
        pull.comment(service.forge.alice, "/signoff")
        service.restart()
        service.forge.world.faults.add("POST", r"/graphql", "garbage")
        with pytest.raises(UnreadableError):
            access(service).snapshot(pull.number)
        assert not any(one.is_edited for one in access(service).snapshot(pull.number).comments)
