"""The store keeps changes, judgements and sign-offs: what it gives back, and what it never lets happen."""

from dataclasses import replace
from typing import Any, Never

import pytest
from builders_facts import AT, a_file
from builders_store import (
    REPOSITORY,
    TENANT,
    a_change_row,
    a_draft,
    a_key,
    a_known_repository,
    a_repository,
    a_stored_signoff,
    record_judgement,
    sealed_facts,
)
from sqlalchemy import text

from gate.core.change.personal import PersonalValue
from gate.core.change.sealing import unseal
from gate.core.forge.snapshot import ChangeKey, ForgeAccount, ForgePush, RepositoryKey, content_digest
from gate.usecases.store_ports import StaleGenerationError, StoreError
from gate.usecases.stored import StoredVerdict

LATER = "2026-12-01T13:00:00Z"


def save(store: Any, *changes: Any) -> None:
    with store.writing() as writing:
        for change in changes:
            writing.save_change(change)


def save_with_entry(store: Any, change: Any) -> None:
    with store.writing() as writing:
        writing.append(a_draft())
        writing.save_change(change)


def judge(store: Any, **fields: Any) -> Any:
    sealed, files = sealed_facts()
    with store.writing() as writing:
        index = writing.append(a_draft())
        writing.save_judgement(a_verdict(sealed, **{"ledger_index": index, **fields}), sealed, files)
    return sealed


def fail_after_writing(store: Any) -> Never:
    with store.writing() as writing:
        writing.save_change(a_change_row())
        writing.append(a_draft())
        writing.save_setting("epoch", "1")
        raise RuntimeError


class TestRepositories:
    def test_a_repository_is_found_by_number_and_by_name_whatever_its_case(self, store: Any) -> None:
        with store.reading() as reading:
            assert reading.repository(RepositoryKey(TENANT, REPOSITORY)) == a_repository()
            assert reading.repository_named("ACME/Shop") == a_repository()
            assert reading.repository_named("acme/shop2") is None
            assert reading.repository_named("") is None
            assert reading.repository(RepositoryKey(TENANT + 1, REPOSITORY)) is None

    def test_case_is_that_of_ascii_alone(self, store: Any) -> None:
        a_known_repository(store, key=RepositoryKey(TENANT, 9), name="acme/\u212a")  # the Kelvin sign lowers to k
        with store.reading() as reading:
            assert reading.repository_named("acme/k") is None

    def test_a_renamed_repository_is_found_under_its_new_name_only(self, store: Any) -> None:
        a_known_repository(store, name="acme/store")
        with store.reading() as reading:
            assert reading.repository_named("acme/shop") is None
            assert reading.repository_named("acme/store").key == RepositoryKey(TENANT, REPOSITORY)

    def test_a_name_belongs_to_the_repository_that_was_seen_with_it_last(self, store: Any) -> None:
        other = a_known_repository(store, key=RepositoryKey(TENANT, 502))
        with store.reading() as reading:
            assert reading.repository_named("acme/shop").key == other
            assert [one.key.id for one in reading.repositories()] == [REPOSITORY, 502]
        a_known_repository(store)
        with store.reading() as reading:
            assert reading.repository_named("acme/shop").key == RepositoryKey(TENANT, REPOSITORY)

    def test_an_unknown_default_branch_never_replaces_a_known_one(self, store: Any) -> None:
        a_known_repository(store, default_branch="", installation=77)
        with store.reading() as reading:
            found = reading.repository(RepositoryKey(TENANT, REPOSITORY))
        assert (found.default_branch, found.installation) == ("main", 77)


class TestChanges:
    def test_a_change_comes_back_as_it_was_saved(self, store: Any) -> None:
        change = a_change_row(
            is_draft=True, verdict_state="frozen", valid_until=LATER, published="success", check_run_id=2**40
        )
        save(store, change)
        with store.reading() as reading:
            assert reading.change(change.key) == change
            assert reading.change(a_key(2)) is None

    @pytest.mark.parametrize("number", [2**63, 10**30, -1])
    def test_a_number_that_no_change_can_have_is_no_change(self, store: Any, number: int) -> None:
        with store.reading() as reading:
            assert reading.change(a_key(number)) is None
            assert reading.verdicts(a_key(number)) == ()
            assert reading.repository(RepositoryKey(number, 1)) is None
        with pytest.raises(StoreError):
            save(store, a_change_row(number))

    def test_text_that_a_database_cannot_hold_is_marked(self, store: Any) -> None:
        save(store, a_change_row(title="a\0b\ud800c é \U0001f600"))
        with store.reading() as reading:
            assert reading.change(a_key()).title == "a\ufffdb\ufffdc é \U0001f600"

    def test_the_same_number_in_another_tenant_or_repository_is_another_change(self, store: Any) -> None:
        for tenant, repository in ((TENANT, 502), (TENANT + 1, REPOSITORY)):
            key = a_known_repository(store, key=RepositoryKey(tenant, repository), name=f"acme/{tenant}-{repository}")
            save(store, a_change_row(key=ChangeKey(key.tenant, key.id, 1), title=str(key)))
        save(store, a_change_row())
        with store.reading() as reading:
            assert reading.change(a_key()).title == "Change 1"
            assert len(list(reading.open_changes())) == 3
            assert len(list(reading.open_changes(RepositoryKey(TENANT, REPOSITORY)))) == 1

    def test_a_change_of_an_unknown_repository_is_refused(self, store: Any) -> None:
        with pytest.raises(StoreError):
            save(store, a_change_row(key=ChangeKey(TENANT, 999, 1)))

    @pytest.mark.parametrize("fields", [{"state": "odd"}, {"verdict_state": "fine"}, {"judged_generation": -1}])
    def test_a_state_that_does_not_exist_is_refused(self, store: Any, fields: Any) -> None:
        with pytest.raises(StoreError):
            save(store, a_change_row(**fields))


class TestOpenChanges:
    def test_they_come_oldest_judged_first_and_no_others(self, store: Any) -> None:
        save(
            store,
            a_change_row(1, judged_at=LATER),
            a_change_row(2, judged_at=AT),
            a_change_row(3, judged_at=AT, state="closed"),
            a_change_row(4),
        )
        with store.reading() as reading:
            assert [change.key.number for change in reading.open_changes()] == [4, 2, 1]

    def test_they_are_found_by_base_and_by_head(self, store: Any) -> None:
        save(store, a_change_row(1, base_ref="stable"), a_change_row(2, head_sha="c" * 40), a_change_row(3))
        repository = RepositoryKey(TENANT, REPOSITORY)
        with store.reading() as reading:
            assert [one.key.number for one in reading.open_changes(repository, base_ref="stable")] == [1]
            assert [one.key.number for one in reading.open_changes(repository, head_sha="c" * 40)] == [2]
            assert list(reading.open_changes(repository, base_ref="STABLE")) == []

    def test_more_than_one_portion_is_given_in_full(self, store: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr("gate.adapters.db.changes.PORTION", 3)
        save(store, *(a_change_row(number, judged_at=AT if number % 2 else LATER) for number in range(1, 11)))
        with store.reading() as reading:
            found = [change.key.number for change in reading.open_changes()]
        assert found == [1, 3, 5, 7, 9, 2, 4, 6, 8, 10]


class TestGenerations:
    def test_they_count_from_one_and_a_change_shows_the_one_that_began_last(self, store: Any) -> None:
        with store.writing() as writing:
            assert [writing.begin_judgement(a_key()) for _ in range(3)] == [1, 2, 3]
        save(store, a_change_row(generation=3, judged_generation=3))
        with store.writing() as writing:
            assert writing.begin_judgement(a_key()) == 4
        with store.reading() as reading:
            change = reading.change(a_key())
        assert (change.generation, change.judged_generation) == (4, 3)

    def test_an_overtaken_change_is_refused_and_nothing_of_its_transaction_is_kept(self, store: Any) -> None:
        with store.writing() as writing:
            writing.begin_judgement(a_key())
            writing.begin_judgement(a_key())
        with pytest.raises(StaleGenerationError):
            save_with_entry(store, a_change_row(generation=1))
        with store.reading() as reading:
            assert reading.change(a_key()) is None
            assert reading.checkpoint() is None

    def test_an_overtaken_judgement_is_refused_and_nothing_of_it_is_kept(self, store: Any) -> None:
        sealed, _ = sealed_facts()
        with store.writing() as writing:
            writing.begin_judgement(a_key())
            writing.begin_judgement(a_key())
        with pytest.raises(StaleGenerationError):
            judge(store, generation=1)
        with store.reading() as reading:
            assert reading.verdict(a_key()) is None
            assert reading.facts(sealed.digest) is None
            assert reading.ledger_entry(0) is None

    def test_one_generation_is_recorded_once(self, store: Any) -> None:
        judge(store, generation=1)
        with pytest.raises(StoreError):
            judge(store, generation=1)


def a_verdict(sealed: Any, **fields: Any) -> Any:
    given = {
        "key": a_key(),
        "generation": 1,
        "at": AT,
        "state": "waiting",
        "head_sha": "a" * 40,
        "base_ref": "main",
        "plan_digest": "",
        "facts_digest": sealed.digest,
        "verdict": b"{}",
        "ledger_index": 0,
    }
    return StoredVerdict(**{**given, **fields})


class TestJudgements:
    def test_the_exact_bytes_come_back_with_the_digest_of_the_files(self, store: Any) -> None:
        raw = b'{"schema":"gate.verdict/1","x":"' + bytes(range(32, 127)).replace(b'"', b"") + b'"}'
        stored = record_judgement(store, a_change_row(), verdict=raw)
        _, files = sealed_facts()
        with store.reading() as reading:
            found = reading.verdict(a_key())
            assert found == replace(stored, content=content_digest(files))
            assert reading.content(found.content) == files

    def test_facts_come_back_as_they_were_sealed(self, store: Any) -> None:
        stored = record_judgement(store, a_change_row())
        sealed, files = sealed_facts()
        with store.reading() as reading:
            found = reading.facts(stored.facts_digest)
        assert found == sealed
        assert unseal(found.content, found.personal).files == files

    def test_the_newest_is_found_and_the_newest_on_certain_facts(self, store: Any) -> None:
        first = record_judgement(store, a_change_row(), files=(a_file("a.py"),))
        second = record_judgement(store, a_change_row(), files=(a_file("b.py"),), state="approved")
        third = record_judgement(store, a_change_row(), files=(a_file("a.py"),), state="frozen")
        with store.reading() as reading:
            assert reading.verdict(a_key()).generation == third.generation
            assert reading.verdict(a_key(), second.facts_digest).state == "approved"
            assert reading.verdict(a_key(), first.facts_digest).state == "frozen"
            assert reading.verdict(a_key(), "sha256:" + "0" * 64) is None
            assert [one.generation for one in reading.verdicts(a_key())] == [3, 2, 1]
            assert [one.generation for one in reading.verdicts(a_key(), limit=1)] == [3]

    def test_facts_contents_and_personal_values_are_kept_once(self, world: Any) -> None:
        for _ in range(3):
            record_judgement(world.store, a_change_row())
        record_judgement(world.store, a_change_row(), state="approved")
        sealed, _ = sealed_facts()
        with world.store._transactions.reading() as connection:
            counts = {
                table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
                for table in ("facts", "contents", "personal_values", "verdicts")
            }
        assert counts == {"facts": 1, "contents": 1, "personal_values": len(sealed.personal), "verdicts": 4}

    def test_an_erased_value_comes_back_as_a_tombstone_and_stays_erased(self, world: Any) -> None:
        stored = record_judgement(world.store, a_change_row())
        sealed, _ = sealed_facts()
        gone = min(sealed.personal)
        with world.store._transactions.writing() as connection:
            erase = text("UPDATE personal_values SET salt = NULL, value = NULL WHERE commitment = :gone")
            connection.execute(erase, {"gone": gone})
        record_judgement(world.store, a_change_row(), files=(a_file("b.py"),))
        with world.store.reading() as reading:
            found = reading.facts(stored.facts_digest)
        assert found.erased == (gone,)
        assert found.personal[gone] == PersonalValue(None, None)
        assert found.digest == sealed.digest

    def test_a_verdict_without_its_entry_is_refused(self, store: Any) -> None:
        sealed, files = sealed_facts()
        with pytest.raises(StoreError), store.writing() as writing:
            writing.save_judgement(a_verdict(sealed, ledger_index=5), sealed, files)

    def test_a_verdict_on_other_facts_or_files_is_refused(self, store: Any) -> None:
        sealed, files = sealed_facts()
        for wrong in ({"facts_digest": "sha256:" + "0" * 64}, {"content": "sha256:" + "0" * 64}):
            with pytest.raises(StoreError, match="do not belong together"), store.writing() as writing:
                writing.save_judgement(a_verdict(sealed, **wrong), sealed, files)

    @pytest.mark.parametrize(("table", "column"), [("facts", "content"), ("contents", "files")])
    def test_what_was_changed_in_the_database_is_never_given_out(self, world: Any, table: Any, column: Any) -> None:
        stored = record_judgement(world.store, a_change_row())
        other = record_judgement(world.store, a_change_row(2), files=(a_file("b.py"),))
        with world.store.reading() as reading:
            contents = [reading.verdict(key).content for key in (a_key(1), a_key(2))]
        pairs = {"facts": (stored.facts_digest, other.facts_digest), "contents": tuple(contents)}[table]
        forge = (
            f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE digest = :other) "  # noqa: S608
            "WHERE digest = :one"
        )
        with world.store._transactions.writing() as connection:
            connection.execute(text(forge), {"one": pairs[0], "other": pairs[1]})
        with pytest.raises(StoreError, match="is something else"), world.store.reading() as reading:
            (reading.facts if table == "facts" else reading.content)(pairs[0])


class TestSignoffs:
    def test_they_come_back_in_the_order_in_which_they_were_first_seen(self, store: Any) -> None:
        second = a_stored_signoff("b", subjects=("payments",), scopes={"payments": "sha256:1"}, reason="é\n")
        first = a_stored_signoff("a", at="2027-01-01T00:00:00Z")
        save(store, a_change_row())
        with store.writing() as writing:
            writing.save_signoff(second)
            writing.save_signoff(first)
        with store.reading() as reading:
            assert reading.signoffs(a_key()) == (second, first)
            assert reading.signoffs(a_key(2)) == ()

    def test_what_one_binds_to_never_changes_and_void_is_for_good(self, store: Any) -> None:
        save(store, a_change_row())
        known = a_stored_signoff(content="sha256:1")
        voided = replace(known, void="dismissed", voided_by="github:9", content="sha256:2", decision="reject")
        for step in (known, voided, replace(known, void="edited", voided_by="github:8"), known):
            with store.writing() as writing:
                writing.save_signoff(step)
        with store.reading() as reading:
            assert reading.signoffs(a_key()) == (replace(known, void="dismissed", voided_by="github:9"),)

    def test_who_made_one_void_may_come_out_later_once(self, store: Any) -> None:
        save(store, a_change_row())
        known = a_stored_signoff(void="dismissed")
        for step in (known, replace(known, voided_by="github:9"), replace(known, voided_by="github:8"), known):
            with store.writing() as writing:
                writing.save_signoff(step)
        with store.reading() as reading:
            assert reading.signoffs(a_key()) == (replace(known, voided_by="github:9"),)


class TestPushes:
    def test_they_are_found_by_the_commits_they_led_to(self, store: Any) -> None:
        repository = RepositoryKey(TENANT, REPOSITORY)
        alice, bob = ForgeAccount(1001, "alice"), ForgeAccount(1002, "bob", "bot")
        told = [
            ForgePush(alice, "a" * 40, "b" * 40, AT),
            ForgePush(bob, "a" * 40, "c" * 40, LATER),
            ForgePush(alice, "d" * 40),
        ]
        with store.writing() as writing:
            for push in [*told, replace(told[1], at=AT)]:
                writing.save_push(repository, push)
        with store.reading() as reading:
            assert reading.pushes(repository, ["a" * 40, "a" * 40, "e" * 40]) == tuple(told[:2])
            assert reading.pushes(repository, [*("f" * 40 for _ in range(2000)), "d" * 40]) == (told[2],)
            assert reading.pushes(repository, []) == ()
            assert reading.pushes(RepositoryKey(TENANT, 1), ["a" * 40]) == ()

    def test_one_that_is_made_again_is_as_of_the_last_time(self, store: Any) -> None:
        repository, push = RepositoryKey(TENANT, REPOSITORY), ForgePush(ForgeAccount(1, "a"), "a" * 40, "b" * 40, AT)
        for at in (AT, LATER, AT):
            with store.writing() as writing:
                writing.save_push(repository, replace(push, at=at))
        with store.reading() as reading:
            assert reading.pushes(repository, ["a" * 40]) == (replace(push, at=LATER),)


class TestTransactions:
    def test_an_error_keeps_nothing(self, store: Any) -> Never:
        with pytest.raises(RuntimeError):
            fail_after_writing(store)
        with store.reading() as reading:
            assert (reading.change(a_key()), reading.checkpoint(), reading.setting("epoch")) == (None, None, None)

    def test_a_transaction_sees_what_it_wrote(self, store: Any) -> None:
        with store.writing() as writing:
            writing.save_change(a_change_row())
            index = writing.append(a_draft())
            assert writing.change(a_key()) is not None
            assert [entry.index for entry in writing.timeline(a_key())] == [index]
            assert writing.ledger_entry(index).kind == "verdict-changed"

    def test_a_look_sees_one_state_throughout(self, world: Any) -> None:
        other: Any = world.opened_again()
        save(world.store, a_change_row())
        with other.reading() as reading:
            before = reading.change(a_key())
            save(world.store, a_change_row(title="Another"))
            assert reading.change(a_key()) == before
        with other.reading() as reading:
            assert reading.change(a_key()).title == "Another"
        other.close()
