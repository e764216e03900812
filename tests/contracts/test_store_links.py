"""Links in the store: issued once, used once, revoked for good, on every database."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT
from builders_store import a_key

from gate.usecases.links import IssuedLink, LinkUse
from gate.usecases.store_ports import StoreError

LATER, END = "2026-12-01T13:00:00Z", "2026-12-30T12:00:00Z"


def a_link(jti: str = "link-000000000001", **fields: Any) -> IssuedLink:
    given: dict[str, Any] = {
        "jti": jti, "key": a_key(), "account": "github:1001", "purpose": "signoff", "issued_at": AT, "expires_at": END,
        "subjects": {"component:default/api": "sha256:00"}, "facts_digest": "sha256:ff",
    }  # fmt: skip
    return IssuedLink(**{**given, **fields})


@pytest.fixture
def kept(store: Any) -> Any:
    with store.writing() as writing:
        writing.begin_judgement(a_key())
        writing.begin_judgement(a_key(2))
        writing.save_link(a_link())
    return store


class TestALink:
    def test_is_found_as_it_was_issued(self, kept: Any) -> None:
        with kept.reading() as reading:
            assert reading.link("link-000000000001") == a_link()
            assert reading.link("link-000000000002") is None
            assert reading.link_use("link-000000000001") is None

    def test_is_issued_once(self, kept: Any) -> None:
        with pytest.raises(StoreError), kept.writing() as writing:
            writing.save_link(a_link(account="github:1002"))

    def test_is_listed_by_change_and_by_account_newest_first(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.save_link(a_link("link-000000000002", issued_at=LATER, account="person:bob"))
            writing.save_link(a_link("link-000000000003", key=a_key(2), issued_at=LATER))
        with kept.reading() as reading:
            assert [one.jti[-1] for one in reading.links(a_key())] == ["2", "1"]
            assert [one.jti[-1] for one in reading.links(account="github:1001")] == ["3", "1"]
            assert [one.jti[-1] for one in reading.links(limit=1)] == ["2"]


class TestItsUse:
    def test_happens_once(self, kept: Any) -> None:
        with kept.writing() as writing:
            assert writing.use_link(LinkUse("link-000000000001", LATER, "approve", "link:1"))
            assert not writing.use_link(LinkUse("link-000000000001", LATER, "reject", "link:1"))
        with kept.reading() as reading:
            assert reading.link_use("link-000000000001").decision == "approve"

    def test_happens_once_however_many_try_at_the_same_time(self, kept: Any) -> None:
        won: list[bool] = []
        together = threading.Barrier(6)

        def use() -> None:
            together.wait(20)
            with kept.writing() as writing:
                won.append(writing.use_link(LinkUse("link-000000000001", LATER, "approve")))

        threads = [threading.Thread(target=use) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(won) == [False] * 5 + [True]

    def test_of_a_link_that_was_never_issued_is_an_error(self, kept: Any) -> None:
        with pytest.raises(StoreError), kept.writing() as writing:
            writing.use_link(LinkUse("link-000000000009", LATER, "approve"))


class TestRevoking:
    def test_ends_what_is_named_and_holds_and_nothing_else(self, kept: Any) -> None:
        others = [a_link("link-000000000002", key=a_key(2)), a_link("link-000000000003", expires_at=AT)]
        with kept.writing() as writing:
            for other in others:
                writing.save_link(other)
            assert writing.revoke_links(at=LATER, why="left", key=a_key()) == ["link-000000000001"]
            assert writing.revoke_links(at=LATER, why="left", jti="link-000000000001") == []
        with kept.reading() as reading:
            assert reading.link("link-000000000001") == replace(a_link(), revoked_at=LATER, why="left")
            assert [reading.link(one.jti) for one in others] == others

    def test_of_everything_ends_all_that_hold(self, kept: Any) -> None:
        with kept.writing() as writing:
            writing.save_link(a_link("link-000000000002", key=a_key(2), account="person:bob"))
            assert len(writing.revoke_links(at=LATER, why="restored")) == 2
