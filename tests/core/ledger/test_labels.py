"""Labels: what an entry's exact bytes say of its place, kind, time and subject, whatever else stands in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.canonical import canonical_bytes
from gate.core.ledger.entries import EntryDraft, entry_bytes
from gate.core.ledger.labels import labels_of, places_and_times, written

AT = "2026-12-01T12:00:00Z"
LURES = st.sampled_from(
    ['"', "\\", ',"subject":"x', '","kind":"y","payload":', '"at":"1970', "\\u0022", "\n", "\x01", "\u2603", "}"]
)
TEXTS = st.lists(LURES | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=4).map("".join)
KEYS = st.sampled_from(["subject", "kind", "at", "index", "schema"]) | TEXTS
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3)
)


def parsed(content: bytes) -> Any:
    entry = json.loads(content)
    return entry["index"], entry["kind"], entry["at"], entry["subject"]


@settings(max_examples=150)
@given(
    subject=TEXTS,
    actor=TEXTS,
    authenticated=TEXTS,
    facts=TEXTS,
    happened_at=st.just(AT) | TEXTS,
    payload=st.dictionaries(KEYS, VALUES, max_size=3),
)
def test_they_are_always_those_that_a_reader_of_json_finds(
    subject: str, actor: str, authenticated: str, facts: str, happened_at: str, payload: Any
) -> None:
    draft = EntryDraft("signoff-given", happened_at, subject, actor, authenticated, facts, payload)
    content = entry_bytes(draft, 1234, {}, at=AT)
    assert labels_of(content) == parsed(content) == (1234, "signoff-given", AT, subject)
    assert places_and_times([content]) == [(1234, AT.encode())]
    assert content.endswith(f',"subject":"{written(subject)}"}}'.encode())


@given(TEXTS)
def test_a_subject_is_written_as_canonical_json_writes_it(text: str) -> None:
    assert f'"{written(text)}"'.encode() == canonical_bytes(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\x00",
        b'{"at":"x","index":1,"kind":"x","payload":{}}',
        b'{"at":"x","index":"1","kind":"x","payload":{},"subject":"x"}',
        b'{"at":"x","index":01,"kind":"x","payload":{},"subject":"x"}',
        b'{"at":"x","index":1,"kind":"\xff","payload":{},"subject":"x"}',
        b'{"at":"x","index":1,"kind":"x","payload":{"a":1,"subject":"x"}}',
        b'{"at":1,"index":1,"kind":"x","payload":{},"subject":"x"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_says_nothing(content: bytes) -> None:
    assert labels_of(content) is None
