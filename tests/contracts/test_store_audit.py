"""What reconciliation and export keep and look up, the same on every database."""

import json
from dataclasses import replace

from builders_store import AT, StoreWorld, a_change_row, a_draft, a_key, a_known_repository, record_judgement

from gate.core.forge.snapshot import RepositoryKey
from gate.usecases.audit_stored import GONE, BranchCommit, BranchState


def a_commit(key: RepositoryKey, position: int, **fields: object) -> BranchCommit:
    given = BranchCommit(
        key, "main", position, f"{position:040x}", f"{position - 1:040x}", AT, "merge", "accounted", change=1
    )
    return replace(given, **fields)  # type: ignore[arg-type]


class TestBranches:
    def test_commits_come_back_in_order_those_that_are_gone_first(self, world: StoreWorld) -> None:
        key = a_known_repository(world.store)
        gone = a_commit(key, GONE, sha="f" * 40, status="bypass", code="force-push", found=3)
        with world.store.writing() as writing:
            writing.save_branch_commits([a_commit(key, 2), a_commit(key, 1), gone])
            writing.save_branch_commits([a_commit(key, 1, how="squash")])
            writing.save_branch(BranchState(key, "main", "a" * 40, "", AT, 7))
            writing.save_branch(BranchState(key, "main", "b" * 40, "", AT, 9))
        with world.store.reading() as reading:
            found = list(reading.branch_commits(key, "main"))
            assert [(one.position, one.how) for one in found] == [(-1, "merge"), (1, "squash"), (2, "merge")]
            assert reading.open_bypasses() == (gone,)
            assert [state.tip for state in reading.branches(key)] == ["b" * 40]
        with world.store.writing() as writing:
            writing.save_branch_commits([replace(gone, explained=9)])
            assert writing.open_bypasses() == ()


class TestTheLedgerForAudits:
    def test_merges_of_a_repository_are_found_without_reading_the_whole_ledger(self, world: StoreWorld) -> None:
        key = a_known_repository(world.store)
        for number in (1, 2, 12):
            record_judgement(world.store, a_change_row(number))
            with world.store.writing() as writing:
                row = writing.change(a_key(number))
                assert row is not None
                writing.save_change(replace(row, state="merged"))
                writing.append(a_draft(number, kind="change-merged", payload={"merge": f"{number:040x}"}))
        with world.store.reading() as reading:
            found = [json.loads(entry.content)["payload"]["merge"] for entry in reading.merges(key)]
            assert found == [f"{number:040x}" for number in (1, 2, 12)]
            assert list(reading.merges(RepositoryKey(key.tenant, key.id + 1))) == []

    def test_rows_are_the_entries_as_they_are_stored(self, world: StoreWorld) -> None:
        a_known_repository(world.store)
        for number in range(5):
            with world.store.writing() as writing:
                writing.append(a_draft(number))
        with world.store.reading() as reading:
            rows = [row for batch in reading.ledger_rows(1, 4) for row in batch]
            entries = list(reading.ledger_entries(1, 4))
            assert rows == [(one.index, one.content) for one in entries]

    def test_the_first_base_that_was_judged_is_that_of_the_branch(self, world: StoreWorld) -> None:
        key = a_known_repository(world.store)
        for base_ref, base in (("release", "a" * 40), ("main", "b" * 40), ("main", "c" * 40)):
            with world.store.writing() as writing:
                writing.append(a_draft(1, payload={"base_ref": base_ref, "base": base}))
        with world.store.reading() as reading:
            assert reading.first_judged_base(key, "main") == "b" * 40
            assert reading.first_judged_base(key, "none") is None
