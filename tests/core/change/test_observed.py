"""Attribution: observed commits by account."""

from gate.core.change.observed import ObservedCommit, attribute
from gate.core.identity import Identity
from gate.core.ownership.records import PersonRecord

ALICE = Identity("Alice", "alice@example.com")
EVE = Identity("Eve", "eve@example.com")
PEOPLE = {"alice": PersonRecord(email="alice@example.com")}


class TestAttribution:
    def test_names_everybody_by_account(self) -> None:
        commit = ObservedCommit("1" * 40, (), ALICE, EVE, (EVE, Identity("E", "EVE@example.com")), message="x")
        commits, accounts, keys = attribute([commit], PEOPLE, Identity(login="alice"))
        (found,) = commits
        assert (found.author, found.committer) == ("person:alice", "mail:eve@example.com")
        assert found.co_authors == ("mail:eve@example.com",)
        assert sorted(accounts) == ["mail:eve@example.com", "person:alice"]
        assert keys[Identity(login="alice")] == "person:alice"

    def test_leaves_nobody_where_there_is_nobody(self) -> None:
        (found,), accounts, _ = attribute([ObservedCommit("1" * 40, (), None, None)], PEOPLE)
        assert (found.author, found.committer, accounts) == (None, None, {})

    def test_keeps_what_was_proven_of_a_merge(self) -> None:
        (found,), _, _ = attribute([ObservedCommit("1" * 40, (), ALICE, ALICE, is_mechanical_merge=True)], {})
        assert found.is_mechanical_merge
