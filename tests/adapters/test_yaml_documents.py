"""YAML is read strictly: what could hide something from the reader of a file is refused with its place."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gate.adapters.files.yaml_documents import MAX_BYTES, MAX_DEPTH, load_yaml
from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError
from gate.core.explain.escaping import visible

ROOT = Path(__file__).parents[2]
SAMPLES = [(ROOT / "policies/sample" / name).read_bytes() for name in ("ownership.yaml", "policy.yaml")]
ENOUGH_SECONDS = 20


def load(text: str | bytes) -> Document:
    return load_yaml(text if isinstance(text, bytes) else text.encode(), file="f")


def faults(text: str | bytes) -> list[tuple[int, int, str]]:
    with pytest.raises(InvalidFileError) as raised:
        load(text)
    return [(fault.line, fault.column, fault.code) for fault in raised.value.faults]


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"),
            ("1_000", "1_000"), ("2026-10-01", "2026-10-01"), ("12:30", "12:30"), ("1:30:00", "1:30:00"),
            ("true", True), ("True", True), ("FALSE", False), ("tRUE", "tRUE"),
            ("null", None), ("~", None), ("", None), ("Null", None), ("nULL", "nULL"),
            ("0", 0), ("7", 7), ("-7", -7), ("+7", 7), ("007", 7), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"),
            ("999999999999999", 999999999999999),
            ('"7"', "7"), ("'true'", "true"), ('""', ""), ("'~'", "~"),
            ("|\n  a\n  b", "a\nb"), (">\n  a\n  b", "a b"), ("a\n  b", "a b"),
            ("=", "="), (".", "."), ("1.2.3", "1.2.3"), ("1e", "1e"), ('"\\u00e9"', "\u00e9"),
        ],
    )  # fmt: skip
    def test_they_are_those_of_yaml_1_2(self, text: str, value: object) -> None:
        found = load(f"k: {text}\n").data["k"]
        found = found.rstrip("\n") if isinstance(found, str) else found
        assert (found, type(found)) == (value, type(value))

    @pytest.mark.parametrize("text", ["1.5", "1e3", ".5", "5.", ".inf", "-.INF", ".nan", "9" * 16, "-" + "9" * 15])
    def test_numbers_that_are_no_small_whole_numbers_are_refused(self, text: str) -> None:
        assert faults(f"k: {text}") == [(1, 4, "number")]

    def test_quoted_they_are_text(self) -> None:
        assert load('k: "1.5"').data == {"k": "1.5"}

    def test_keys_are_text_whatever_they_look_like(self) -> None:
        assert load("1: a\ntrue: b\n~: c\n").data == {"1": "a", "true": "b", "~": "c"}


class TestShapes:
    @pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff", "---\n...\n"])
    def test_an_empty_file_is_nothing(self, text: str) -> None:
        assert load(text).data is None

    def test_json_is_read_as_it_is(self) -> None:
        assert load('{"a": [1, true, null, "x"], "b": {}}').data == {"a": [1, True, None, "x"], "b": {}}

    def test_carriage_returns_before_line_feeds_are_fine(self) -> None:
        document = load("a: 1\r\nb: 2\r\n")
        assert document.data == {"a": 1, "b": 2}
        assert document.place(("b",)) == (2, 4)

    def test_every_key_and_value_has_its_place(self) -> None:
        document = load("people:\n  alice: {email: a@b}\nlist:\n  - x\n  - [y, z]\n")
        assert document.place(("people", "alice", "email")) == (2, 18)
        assert document.key_place(("people", "alice", "email")) == (2, 11)
        assert document.place(("list", 1, 1)) == (5, 9)
        assert document.place(("list", 9, "unknown")) == (4, 3), "the nearest value around it"
        assert document.place(()) == (1, 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("a: &x 1\n", [(1, 4, "anchor")]),
            ("a: &x 1\nb: *x\n", [(1, 4, "anchor"), (2, 4, "alias")]),
            ("a: &x [*x]\n", [(1, 4, "anchor"), (1, 8, "alias")]),
            ("&x a: 1\n", [(1, 1, "anchor")]),
            ("b: *unknown\n", [(1, 4, "alias")]),
            ("a: 1\n<<: {b: 2}\n", [(2, 1, "merge-key")]),
            ("a: !!str 1\n", [(1, 4, "tag")]),
            ("a: !!python/object:os.system ls\n", [(1, 4, "tag")]),
            ("a: !mine [1]\n", [(1, 4, "tag")]),
            ("!!str a: 1\n", [(1, 1, "anchor")]),
            ("%TAG ! tag:x,2026:\n---\na: !b 1\n", [(3, 4, "tag")]),
            ("a: 1\nb: 2\na: 3\n", [(3, 1, "duplicate-key")]),
            ("x: {a: 1, 'a': 2}\n", [(1, 11, "duplicate-key")]),
            ('1: a\n"1": b\n', [(2, 1, "duplicate-key")]),
            ("[a, b]: 1\n", [(1, 1, "key")]),
            ("? {a: b}\n: 1\n", [(1, 3, "key")]),
            ("a: 1\n---\nb: 2\n", [(2, 1, "several-documents")]),
            ("a: [\n", [(2, 1, "yaml-syntax")]),
            ("a: 1\n b: 2\n", [(2, 3, "yaml-syntax")]),
            ("a: 'x\n", [(2, 1, "yaml-syntax")]),
            ("a: b: c\n", [(1, 5, "yaml-syntax")]),
            ("\ta: 1\n", [(1, 1, "yaml-syntax")]),
            ("a: @b\n", [(1, 4, "yaml-syntax")]),
            ("a: 1\nb: \x00\n", [(2, 4, "control-character")]),
            ("a: \x1b[31m\n", [(1, 4, "control-character")]),
            ("# hidden\rb: 2\n", [(1, 9, "control-character")]),
            ("# hidden\u2028b: 2\n", [(1, 9, "control-character")]),
            ("# hidden\u0085b: 2\n", [(1, 9, "control-character")]),
            ("a: \ufeff1\n", [(1, 4, "control-character")]),
            ('a: "\\ud800"\n', [(1, 4, "not-unicode")]),
            ('"\\udfff": a\n', [(1, 1, "not-unicode")]),
            (f"a: !{'x' * 600} b\n", [(1, 4, "tag")]),
        ],
    )
    def test_each_has_its_place(self, text: str, found: list[tuple[int, int, str]]) -> None:
        assert faults(text) == found

    def test_all_are_told_at_once(self) -> None:
        assert [line for line, _, _ in faults("a: &x 1\nb: *x\na: !t 2\nc: 1.5\n")] == [1, 2, 3, 3, 4]

    def test_at_most_a_hundred_are_told(self) -> None:
        assert len(faults("\n".join(f"k{number}: *a" for number in range(500)))) == 100

    def test_bytes_that_are_no_utf_8_are_told_with_their_place(self) -> None:
        assert faults(b"a: 1\nb: \xff\n") == [(2, 4, "not-utf-8")]
        assert faults("a: 1\n".encode("utf-16")) == [(1, 1, "not-utf-8")]

    def test_a_duplicate_says_where_the_first_one_stands(self) -> None:
        with pytest.raises(InvalidFileError, match="already stands in line 1"):
            load("a: 1\nb: 2\na: 3\n")

    @pytest.mark.parametrize(
        "text", ["a: *\u202eb", "a: &\u202eb 1", "\u202e: 1\n\u202e: 2", "a: !\u202e 1", "a: @\u202e"]
    )
    def test_what_hides_is_shown_escaped(self, text: str) -> None:
        with pytest.raises(InvalidFileError) as raised:
            load(text)
        assert str(raised.value).isprintable()

    def test_a_sentence_holds_no_name_of_the_parser(self) -> None:
        with pytest.raises(InvalidFileError) as raised:
            load("a: [\n")
        assert "ruamel" not in str(raised.value)
        assert "\n" not in raised.value.faults[0].message


class TestTheNextStep:
    @pytest.mark.parametrize(
        ("text", "step"),
        [
            ("a:\n\tb: 1\n", "indent with spaces, not with tabs"),
            ("a: @acme/team\n", "put what begins with `@` in quotes"),
            ("a: %b\n", "put what begins with `%` in quotes"),
            ("a: [\n", "check indentation, quotes and brackets"),
        ],
    )
    def test_of_what_is_no_yaml_is_told_by_the_sign_that_stands_there(self, text: str, step: str) -> None:
        with pytest.raises(InvalidFileError) as caught:
            load(text)
        assert caught.value.faults[0].suggestion == step


class TestBounds:
    def test_three_megabytes_are_read_and_a_byte_more_is_not(self) -> None:
        assert load(b"#" * MAX_BYTES).data is None
        assert faults(b"#" * (MAX_BYTES + 1)) == [(0, 0, "too-large")]

    def test_twenty_levels_are_read_and_one_more_is_not(self) -> None:
        assert load("[" * MAX_DEPTH + "]" * MAX_DEPTH).data is not None
        assert faults("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == [(1, MAX_DEPTH + 1, "too-complex")]

    @pytest.mark.parametrize(
        "text",
        [
            b"[" * 1_500_000,
            b"- " * 100_000,
            b"{a: " * 100_000,
            b"- a\n" * 700_000,
            b"[" + b"a," * 1_000_000,
            b"---\n" * 500_000,
            b"!" * 3_000_000,
            b"!<" + b"a" * 2_900_000 + b">",
            b"? " * 1_000_000,
            b":" * 1_000_000,
            b'"' + b"\n" * 1_000_000,
            b"a: &a [x]\n" + b"b: [*a, *a]\n" * 30_000,
        ],
        ids=lambda text: f"{text[:6]!r}",
    )
    def test_a_hostile_file_is_refused_in_bounded_time(self, text: bytes) -> None:
        begun = time.perf_counter()
        assert faults(text)
        assert time.perf_counter() - begun < ENOUGH_SECONDS


class TestAnything:
    @given(st.binary(max_size=200))
    @example(b"%YAML 9.9\n---\na")
    @example(b"%YAML 1.1\n--- on")
    @example(b"%YAML x\n---\n")
    @example(b"- !\xc2\x85")
    @example(b"a: !<x%ff> b")
    @example(b'"\\UFFFFFFFF"')
    @example(b'"\\U00110000"')
    @settings(max_examples=200, deadline=None)
    def test_random_bytes_give_a_document_or_faults_inside_the_file(self, raw: bytes) -> None:
        check(raw)

    @given(st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@`#\n \t~<1."), max_size=80))
    @settings(max_examples=200, deadline=None)
    def test_random_punctuation_gives_a_document_or_faults_inside_the_file(self, text: str) -> None:
        check(text.encode())

    @given(data=st.data(), sample=st.sampled_from(SAMPLES))
    @settings(max_examples=80, deadline=None)
    def test_a_mutated_file_gives_a_document_or_faults_inside_the_file(
        self, data: st.DataObject, sample: bytes
    ) -> None:
        at = data.draw(st.integers(0, len(sample)))
        gone = data.draw(st.integers(0, 12))
        check(sample[:at] + data.draw(st.binary(max_size=6)) + sample[at + gone :])


def check(raw: bytes) -> None:
    """A document whose every place lies inside the file, or faults that do."""
    lines = raw.count(b"\n") + 1
    document, found = _read(raw)
    for fault in found:
        assert 1 <= fault.line <= lines, fault
        assert fault.column >= 1
        assert fault.message == visible(fault.message)
    if document is not None:
        assert all(1 <= line <= lines and column >= 1 for line, column in document.places.values())
        assert () in document.places or document.data is None


def _read(raw: bytes) -> tuple[Document | None, Sequence[Fault]]:
    try:
        return load_yaml(raw, file="f"), ()
    except InvalidFileError as error:
        return None, error.faults
