"""Entries: their exact bytes, what is personal in them, and what can never become one."""

import hashlib
import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.canonical import canonical_bytes
from gate.core.ledger.entries import MAX_BYTES, EntryDraft, EntryError, entry_bytes

AT = "2026-12-01T12:00:00Z"
SALT = bytes(range(16))


def a_draft(**fields: Any) -> Any:
    return EntryDraft(**{"kind": "verdict-changed", "at": AT, "subject": "change:7/501/1", **fields})


def parsed(draft: Any, salts: Any = None, *, at: Any = AT) -> Any:
    return json.loads(entry_bytes(draft, 4, salts or {}, at=at))


class TestTheBytes:
    def test_they_are_canonical_json_of_what_was_recorded(self) -> None:
        draft = a_draft(actor="github:1", authenticated="oidc", facts="sha256:ab", payload={"b": [1, True], "a": "é"})
        assert entry_bytes(draft, 4, {}, at=AT).decode() == (
            '{"actor":"github:1","at":"2026-12-01T12:00:00Z","authenticated":"oidc","facts":"sha256:ab","index":4,'
            '"kind":"verdict-changed","payload":{"a":"é","b":[1,true]},"schema":"gate.ledger-entry/1",'
            '"subject":"change:7/501/1"}'
        )

    def test_the_time_of_the_event_stands_beside_that_of_recording_where_they_differ(self) -> None:
        entry = parsed(a_draft(), at="2026-12-01T12:00:09Z")
        assert (entry["at"], entry["happened_at"]) == ("2026-12-01T12:00:09Z", AT)

    @pytest.mark.parametrize("payload", [MappingProxyType({"n": 1}), {"n": 1, "o": MappingProxyType({"p": "q"})}])
    def test_they_are_the_same_whatever_mapping_holds_what_happened(self, payload: Any) -> None:
        plain = {key: dict(value) if isinstance(value, MappingProxyType) else value for key, value in payload.items()}
        same = entry_bytes(a_draft(payload=plain), 4, {}, at=AT)
        assert entry_bytes(a_draft(payload=payload), 4, {}, at=AT) == same

    @given(st.dictionaries(st.text(), st.recursive(st.integers(-(2**53) + 1, 2**53 - 1) | st.text(), st.lists)))
    @settings(max_examples=100)
    def test_they_are_always_canonical_or_refused(self, payload: Any) -> None:
        try:
            content = entry_bytes(a_draft(payload=payload), 0, {}, at=AT)
        except EntryError:
            return
        assert canonical_bytes(json.loads(content)) == content


class TestWhatIsPersonal:
    def test_only_a_salted_commitment_stands_in_the_entry(self) -> None:
        draft = a_draft(payload={"id": "r1", "who": {"id": 1}}, personal={"reason": "I know Bob", "who/name": "Bob"})
        entry = parsed(draft, {"reason": SALT, "who/name": SALT[::-1]})
        assert entry["payload"]["reason"] == hashlib.sha256(SALT + b"I know Bob").hexdigest()
        assert entry["payload"]["who"] == {"id": 1, "name": hashlib.sha256(SALT[::-1] + b"Bob").hexdigest()}
        assert entry["personal"] == ["reason", "who/name"]
        assert "Bob" not in json.dumps(entry)

    def test_the_draft_is_left_as_it_was(self) -> None:
        payload = {"who": {"id": 1}}
        parsed(a_draft(payload=payload, personal={"who/name": "Bob"}), {"who/name": SALT})
        assert payload == {"who": {"id": 1}}

    @pytest.mark.parametrize("path", ["id", "id/name", "", "who/"])
    def test_a_place_that_is_taken_or_none_is_refused(self, path: Any) -> None:
        with pytest.raises(EntryError, match="place"):
            parsed(a_draft(payload={"id": "r1"}, personal={path: "Bob"}), {path: SALT})

    @pytest.mark.parametrize("salts", [{}, {"reason": b""}, {"reason": SALT, "other": SALT}])
    def test_a_missing_short_or_spare_salt_is_refused(self, salts: Any) -> None:
        with pytest.raises(EntryError, match="salt of 16 bytes"):
            entry_bytes(a_draft(personal={"reason": "x"}), 0, salts, at=AT)


class TestWhatCanNeverBecomeAnEntry:
    @pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, "\ud800", object(), {1: 2}])
    def test_a_value_without_a_canonical_form_is_refused(self, value: Any) -> None:
        with pytest.raises(EntryError, match="no canonical form"):
            parsed(a_draft(payload={"value": value}))

    def test_a_float_in_whatever_mapping_is_refused(self) -> None:
        with pytest.raises(EntryError, match="float"):
            entry_bytes(a_draft(payload=MappingProxyType({"n": 1.5})), 0, {}, at=AT)

    def test_nesting_without_end_is_refused(self) -> None:
        deep = []
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(EntryError, match="no canonical form"):
            parsed(a_draft(payload={"deep": deep}))

    def test_64_kib_are_too_much_and_one_byte_less_is_not(self) -> None:
        room = MAX_BYTES - len(entry_bytes(a_draft(payload={"x": ""}), 4, {}, at=AT))
        assert parsed(a_draft(payload={"x": "a" * (room - 1)}))["index"] == 4
        with pytest.raises(EntryError, match="below 65536"):
            parsed(a_draft(payload={"x": "a" * room}))

    def test_a_kind_outside_the_catalogue_is_refused(self) -> None:
        with pytest.raises(EntryError, match="no kind of entry named 'made-up'"):
            parsed(a_draft(kind="made-up"))
