"""JSON: the bytes that other programs read."""

import json

import pytest
from builders_verdict import a_requirement, a_verdict, hidden_in
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.errors import InvalidFileError
from gate.core.explain.json import parse_verdict, verdict_bytes


class TestTheBytes:
    def test_keys_stand_in_the_published_order(self) -> None:
        tree = json.loads(verdict_bytes(a_verdict()))
        assert list(tree)[:9] == [
            "schema", "engine", "state", "summary", "facts", "enforcement", "change", "components", "rollback",
        ]  # fmt: skip
        assert tree["schema"] == "gate.verdict/1"
        assert list(tree["requirements"][0]) == [
            "id", "kind", "title", "state", "code", "why", "next", "who", "needed", "given", "rule", "files",
            "signoffs",
        ]  # fmt: skip
        assert list(tree["change"]) == [
            "repository", "number", "title", "author", "base_ref", "base_sha", "head_sha", "url",
        ]  # fmt: skip

    def test_letters_of_all_scripts_stand_as_they_are(self) -> None:
        assert '"Käse 猫"'.encode() in verdict_bytes(a_verdict(title="Käse 猫"))

    @pytest.mark.parametrize("title", ["a\u202eb", "\x1b[31m", "\x9b31m", "\x7f", "\u200b", "\U000e0041", "\ufeff"])
    def test_what_hides_itself_is_written_as_an_escape(self, title: str) -> None:
        raw = verdict_bytes(a_verdict(title=title))
        assert hidden_in(raw.decode()) == []
        assert json.loads(raw)["change"]["title"] == title

    def test_the_same_verdict_gives_the_same_bytes(self) -> None:
        assert verdict_bytes(a_verdict()) == verdict_bytes(a_verdict())


class TestReading:
    def test_gives_back_what_was_written(self) -> None:
        raw = verdict_bytes(a_verdict())
        assert verdict_bytes(parse_verdict(raw)) == raw

    @given(st.text())
    @settings(max_examples=100, deadline=None)
    def test_any_text_always_survives(self, text: str) -> None:
        raw = verdict_bytes(a_verdict(a_requirement(why=text), title=text))
        assert parse_verdict(raw).change.title == text
        assert verdict_bytes(parse_verdict(raw)) == raw

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"{}",
            b"[]",
            b"\xff",
            b"[" * 100_000,
            verdict_bytes(a_verdict()).replace(b'"number": 42', b'"number": "42"'),
        ],
        ids=["nothing", "empty", "list", "bytes", "deep", "number as text"],
    )
    def test_refuses_what_is_no_verdict(self, raw: bytes) -> None:
        with pytest.raises(InvalidFileError, match=r"saved\.json"):
            parse_verdict(raw, file="saved.json")
