"""The store keeps deliveries, sessions, tokens and settings: by hashes, once, and for good where that is promised."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from builders_facts import AT

from gate.usecases.store_ports import StoreError
from gate.usecases.stored import ApiToken, Delivery, Session

HASH = hashlib.sha256(b"secret").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


def a_delivery(**fields: Any) -> Any:
    given = {"guid": "g-1", "event": "push", "received_at": AT, "body": b'{"a":"\xc3\xa9\x00"}', "tenant": 7}
    return Delivery(**{**given, **fields})


def a_session(**fields: Any) -> Any:
    given = {
        "id": "s-1",
        "account": "github:1001",
        "display": "Alice",
        "role": "owner",
        "issuer": "https://id.example",
        "subject": "alice@example.com",
        "created_at": AT,
        "expires_at": AT,
    }
    return Session(**{**given, **fields})


def a_token(**fields: Any) -> Any:
    given = {
        "id": "t-1",
        "name": "export",
        "role": "auditor",
        "repositories": ("acme/shop", "acme/*"),
        "created_at": AT,
        "expires_at": AT,
    }
    return ApiToken(**{**given, **fields})


def save_token(store: Any, token: Any, secret_hash: Any) -> None:
    with store.writing() as writing:
        writing.save_api_token(token, secret_hash)


class TestDeliveries:
    def test_the_raw_body_comes_back_with_its_digest(self, store: Any) -> None:
        delivery = a_delivery(repository=501, action="opened")
        with store.writing() as writing:
            assert writing.add_delivery(delivery) is True
        with store.reading() as reading:
            digest = "sha256:" + hashlib.sha256(delivery.body).hexdigest()
            assert reading.delivery("g-1") == replace(delivery, digest=digest)
            assert reading.delivery("g-2") is None

    def test_a_guid_is_kept_once_whatever_tenant_it_names(self, store: Any) -> None:
        with store.writing() as writing:
            assert writing.add_delivery(a_delivery())
            assert not writing.add_delivery(a_delivery(body=b"{}"))
            assert not writing.add_delivery(a_delivery(tenant=8))
        with store.writing() as writing:
            assert not writing.add_delivery(a_delivery(tenant=9))
            assert writing.delivery("g-1").body == a_delivery().body

    @pytest.mark.parametrize("delivery", [a_delivery(guid=""), a_delivery(digest="sha256:00")])
    def test_one_without_guid_or_with_another_digest_is_refused(self, store: Any, delivery: Any) -> None:
        with pytest.raises(StoreError), store.writing() as writing:
            writing.add_delivery(delivery)

    def test_what_became_of_it_is_one_of_three(self, store: Any) -> None:
        with store.writing() as writing:
            writing.add_delivery(a_delivery())
            writing.finish_delivery("g-1", outcome="quarantined")
        with pytest.raises(StoreError), store.writing() as writing:
            writing.finish_delivery("g-1", outcome="odd")


class TestSessions:
    def test_a_session_is_found_by_the_hash_of_its_secret_until_it_ends(self, store: Any) -> None:
        with store.writing() as writing:
            writing.save_session(a_session(), HASH)
            writing.save_session(a_session(reauthenticated_at=AT), HASH)
        with store.reading() as reading:
            assert reading.session(HASH) == a_session(reauthenticated_at=AT)
            assert reading.session(OTHER) is None
        with store.writing() as writing:
            writing.end_session(HASH)
        with store.reading() as reading:
            assert reading.session(HASH) is None

    @pytest.mark.parametrize(("session", "secret_hash"), [(a_session(role="root"), HASH), (a_session(), "secret")])
    def test_an_unknown_role_or_a_bare_secret_is_refused(self, store: Any, session: Any, secret_hash: Any) -> None:
        with pytest.raises(StoreError), store.writing() as writing:
            writing.save_session(session, secret_hash)


class TestTokens:
    def test_a_token_is_found_by_the_hash_of_its_secret_and_listed(self, store: Any) -> None:
        save_token(store, a_token(), HASH)
        save_token(store, a_token(id="t-0"), OTHER)
        with store.reading() as reading:
            assert reading.api_token(HASH) == a_token()
            assert reading.api_token("0" * 64) is None
            assert [token.id for token in reading.api_tokens()] == ["t-0", "t-1"]

    def test_revoking_is_for_good(self, store: Any) -> None:
        save_token(store, a_token(), HASH)
        with store.writing() as writing:
            assert [writing.revoke_api_token(name) for name in ("t-1", "t-1", "t-2")] == [True, False, False]
        with store.reading() as reading:
            assert reading.api_token(HASH).is_revoked
        with pytest.raises(StoreError):
            save_token(store, a_token(), HASH)

    def test_two_tokens_never_share_a_secret(self, store: Any) -> None:
        save_token(store, a_token(), HASH)
        with pytest.raises(StoreError):
            save_token(store, a_token(id="t-2"), HASH)


class TestSettings:
    def test_the_last_value_holds(self, store: Any) -> None:
        with store.writing() as writing:
            writing.save_setting("epoch", "1")
            writing.save_setting("epoch", "2")
        with store.reading() as reading:
            assert (reading.setting("epoch"), reading.setting("other")) == ("2", None)
