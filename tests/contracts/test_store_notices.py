"""What a store keeps of messages and ladders: whom somebody is told of is kept once, on every database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from builders_facts import AT
from builders_store import a_key

from gate.adapters.db.store import DatabaseStore
from gate.core.notify.reach import Address
from gate.usecases.notices import KnownContacts, StoredEscalation, StoredNotice, escalation_id, notice_id

LATER = "2026-12-02T12:00:00Z"
DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64


def a_notice(**fields: Any) -> StoredNotice:
    given: dict[str, Any] = {
        "key": a_key(),
        "kind": "signoff",
        "round": 0,
        "recipient": "alice",
        "person": "alice",
        "addresses": (Address("chat", "notify:alice"), Address("email", "mailto:alice@example.com")),
        "subjects": {"component:default/web": DIGEST, "component:default/api": DIGEST},
        "names": ("web", "api"),
        "planned_at": AT,
        "not_before": AT,
    }
    given |= fields
    identity = notice_id(given["key"], given["kind"], given["round"], given["recipient"], given["subjects"])
    return StoredNotice(id=identity, **given)


def an_escalation(**fields: Any) -> StoredEscalation:
    given: dict[str, Any] = {
        "key": a_key(),
        "cause": "signoff",
        "subject": "component:default/web",
        "scope": DIGEST,
        "component": "default/web",
        "begun_at": AT,
        "next_at": LATER,
    }
    given |= fields
    return StoredEscalation(id=escalation_id(given["key"], given["cause"], given["subject"], given["scope"]), **given)


class TestMessages:
    def test_come_back_as_they_were_planned_and_as_they_ended(self, store: DatabaseStore) -> None:
        notice = a_notice()
        with store.writing() as writing:
            assert writing.plan_notice(notice) == notice
            sent = replace(notice, state="sent", addresses=(), done_at=LATER, attempts=1)
            assert writing.notice(notice.id) == notice
            writing.save_notice(sent)
        with store.reading() as reading:
            assert reading.notices(a_key()) == (sent,)
            assert reading.notices(a_key(2)) == ()
            assert reading.notice("nobody") is None

    def test_are_planned_once(self, store: DatabaseStore) -> None:
        with store.writing() as writing:
            writing.plan_notice(a_notice())
            assert writing.plan_notice(a_notice()) is None

    def test_hold_only_what_their_recipient_was_not_told_of(self, store: DatabaseStore) -> None:
        with store.writing() as writing:
            writing.plan_notice(a_notice(subjects={"component:default/web": DIGEST}))
            kept = writing.plan_notice(a_notice(subjects={"component:default/web": DIGEST, "unowned": OTHER}))
            assert kept is not None
            assert kept.subjects == {"unowned": OTHER}
        with store.reading() as reading:
            assert reading.told(a_key(), "signoff") == {
                ("alice", "component:default/web", DIGEST), ("alice", "unowned", OTHER),
            }  # fmt: skip

    def test_of_another_scope_recipient_kind_or_round_are_others(self, store: DatabaseStore) -> None:
        one = {"component:default/web": DIGEST}
        with store.writing() as writing:
            for fields in (
                {},
                {"recipient": "bob"},
                {"kind": "reminder", "round": 1},
                {"kind": "reminder", "round": 2},
            ):
                assert writing.plan_notice(a_notice(**{"subjects": one, **fields})) is not None
            assert writing.plan_notice(a_notice(subjects={"component:default/web": OTHER})) is not None

    def test_are_told_by_one_of_many_workers_at_once(self, store: DatabaseStore) -> None:
        def plan(_: int) -> bool:
            with store.writing() as writing:
                return writing.plan_notice(a_notice()) is not None

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(plan, range(8))) == [False] * 7 + [True]


class TestLadders:
    def test_come_back_as_they_began_and_as_they_stand(self, store: DatabaseStore) -> None:
        ladder = an_escalation()
        with store.writing() as writing:
            assert writing.begin_escalation(ladder)
            assert not writing.begin_escalation(ladder)
            assert writing.escalation(ladder.id) == ladder
            stands = replace(ladder, step=1, told=((0, AT, ("alice", "bob")),), state="acknowledged",
                             acknowledged_by="github:1001", acknowledged_at=LATER)  # fmt: skip
            writing.save_escalation(stands)
        with store.reading() as reading:
            assert reading.escalations(a_key()) == (stands,)
            assert reading.escalations(cause="signoff") == (stands,)
            assert reading.escalations(cause="drill") == reading.escalations(a_key(2)) == ()


class TestContacts:
    def test_are_those_that_were_kept_last(self, store: DatabaseStore) -> None:
        first = KnownContacts(a_key(), "alice", ("mailto:alice@example.com",))
        second = KnownContacts(a_key(), "alice", ("mailto:a@example.com",), LATER, ("mailto:a@example.com",))
        with store.writing() as writing:
            assert writing.known_contacts(a_key(), "alice") is None
            for contacts in (first, second):
                writing.save_known_contacts(contacts)
                assert writing.known_contacts(a_key(), "alice") == contacts
