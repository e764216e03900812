"""Incidents in the store: once by id and by ticket, with landings and notes, on every database."""

from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT
from builders_store import REPOSITORY, TENANT, a_key

from gate.core.forge.snapshot import RepositoryKey
from gate.usecases.incident_stored import IncidentChange, StoredIncident, StoredLanding, WrittenNote
from gate.usecases.store_ports import StoreError

SHOP = RepositoryKey(TENANT, REPOSITORY)
LATER = "2026-12-30T12:00:00Z"


def an_incident(identity: str = "inc-1", **fields: Any) -> StoredIncident:
    given: dict[str, Any] = {
        "repository": SHOP, "component": "payments-api", "title": "Payments fail", "state": "open", "began_at": AT,
        "opened_at": AT, "opened_by": "github:1001", "paths": ("api/pay.py",),
    }  # fmt: skip
    return StoredIncident(identity, **{**given, **fields})


@pytest.fixture
def kept(store: Any) -> Any:
    with store.writing() as writing:
        for number in (1, 2, 3):
            writing.begin_judgement(a_key(number))
        assert writing.add_incident(an_incident(tracker="jira", ticket="OPS-1"))
    return store


class TestAnIncident:
    def test_comes_back_as_it_was_kept_by_id_and_by_ticket(self, kept: Any) -> None:
        wanted = an_incident(tracker="jira", ticket="OPS-1")
        with kept.reading() as reading:
            assert reading.incident("inc-1") == reading.incident_of_ticket("jira", "OPS-1") == wanted
            assert reading.incident("inc-2") is reading.incident_of_ticket("jira", "") is None

    def test_is_kept_once_by_id_and_once_by_ticket(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert not writing.add_incident(an_incident(title="Another"))
            assert not writing.add_incident(an_incident("inc-2", tracker="jira", ticket="OPS-1"))
            assert writing.add_incident(an_incident("inc-3"))
            assert writing.add_incident(an_incident("inc-4"))

    def test_is_listed_by_when_it_began(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.add_incident(an_incident("inc-2", began_at=LATER, component="web"))
        with kept.reading() as reading:
            assert [one.id for one in reading.incidents()] == ["inc-2", "inc-1"]
            assert [one.id for one in reading.incidents([SHOP], component="payments-api")] == ["inc-1"]
            assert [one.id for one in reading.incidents([SHOP], began_since=LATER)] == ["inc-2"]
            assert reading.incidents([]) == reading.incidents([RepositoryKey(9, 9)]) == ()

    def test_closes_with_a_time_or_not_at_all(self, kept: Any) -> None:
        closed = an_incident(tracker="jira", ticket="OPS-1", state="closed", closed_at=LATER, restored_at=LATER)
        with kept.writing() as writing:
            writing.save_incident(closed)
            assert writing.incident("inc-1") == closed
        with pytest.raises(StoreError), kept.writing() as writing:
            writing.save_incident(replace(closed, closed_at=None))


class TestItsChanges:
    def test_of_each_relation_the_last_statement_counts(self, kept: Any) -> None:
        first = IncidentChange("inc-1", a_key(1), "caused-by", "proposed", AT, "github:1001", "it was near")
        last = replace(first, confirmation="confirmed", at=LATER)
        with kept.writing() as writing:
            for link in (first, last, replace(first, relation="related")):
                writing.save_incident_change(link)
        with kept.reading() as reading:
            assert reading.incident_changes("inc-1") == (replace(first, relation="related"), last)

    def test_an_unknown_incident_has_none_and_takes_none(self, kept: Any) -> None:
        with kept.reading() as reading:
            assert reading.incident_changes("inc-9") == ()
        with pytest.raises(StoreError), kept.writing() as writing:
            writing.save_incident_change(IncidentChange("inc-9", a_key(1), "related", "proposed", AT))


class TestLandings:
    def test_are_found_by_time_and_by_what_they_take_back(self, kept: Any) -> None:
        first, second = StoredLanding(a_key(1), AT, "a" * 40), StoredLanding(a_key(2), LATER, "b" * 40, reverts=1)
        with kept.writing() as writing:
            assert [writing.add_landing(one) for one in (first, second, first)] == [True, True, False]
        with kept.reading() as reading:
            assert reading.landings(SHOP, since=AT, until=LATER) == (second, first)
            assert reading.landings(SHOP, since=LATER, until=LATER) == (second,)
            assert (reading.landing(a_key(1)), reading.landing(a_key(3))) == (first, None)
            assert (reading.reverting(a_key(1)), reading.reverting(a_key(2))) == (second, None)

    def test_none_takes_itself_back(self, kept: Any) -> None:
        with pytest.raises(StoreError), kept.writing() as writing:
            writing.add_landing(StoredLanding(a_key(1), AT, "a" * 40, reverts=1))


class TestNotesOnTickets:
    def test_each_edition_is_kept_once(self, kept: Any) -> None:
        note = WrittenNote(a_key(1), "OPS-1", "approved", "10001", AT)
        merged = replace(note, edition="merged", at=LATER)
        with kept.writing() as writing:
            assert [writing.add_written_note(one) for one in (note, merged, note)] == [True, True, False]
        with kept.writing() as writing:
            other = replace(note, key=a_key(2))
            assert [writing.add_written_note(one) for one in (merged, note, other)] == [False, False, True]
