"""S09: text from outside in a table that a spreadsheet opens."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.audit.tables import csv_line, harmless, json_line, told
from gate.core.explain.escaping import visible
from gate.verifier.tables import is_same

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")

_TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8")), st.text("=+-@|%' ,\"\x1fa1"), st.from_regex(r"[ -~]*", fullmatch=True)
)


class TestWhatASpreadsheetWouldRun:
    @pytest.mark.parametrize(
        "text",
        [
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-1",
            "@alice",
            "\t=1+1",
            "\r=1",
            "\n=1",
            " =1+1",
            "\u200b=1",
            "\uff1dSUM(A1)",
            "\uff0b1",
            "\uff0d1",
            "\uff20x",
            "%0A=1",
            '=HYPERLINK("http://evil","x")',
        ],
    )
    def test_it_begins_with_an_apostrophe(self, text: str) -> None:
        assert harmless(text).startswith("'")
        cell = next(csv.reader([csv_line([text]).decode()]))[0]
        assert cell.startswith("'")
        assert "\n" not in csv_line([text]).decode().removesuffix("\r\n")

    @given(st.text())
    def test_no_cell_ever_begins_like_a_formula(self, text: str) -> None:
        raw = csv_line([text.encode("utf-8", "replace").decode()]).decode()
        cell = next(csv.reader(io.StringIO(raw, newline="")), [""])[0] if raw.strip() else ""
        assert not cell.startswith(BEGINS)

    @given(st.lists(st.one_of(_TEXTS, st.integers(), st.booleans(), st.none()), min_size=1, max_size=6))
    def test_a_row_says_of_each_cell_what_the_cell_alone_would_say(self, cells: list[str | int | bool | None]) -> None:
        words = {True: "yes", False: "no", None: ""}
        said = [
            harmless(one) if isinstance(one, str) else words[one] if one is None or isinstance(one, bool) else str(one)
            for one in cells
        ]
        line = csv_line(cells).decode()
        assert line.endswith("\r\n")
        assert (next(csv.reader([line.removesuffix("\r\n")])) or [""]) == said

    @given(st.text(st.characters(codec="utf-8")))
    def test_what_it_says_can_always_be_read_back(self, text: str) -> None:
        assert told(harmless(text)) == visible(text)
        assert is_same(harmless(text), text)

    def test_the_evidence_beside_it_holds_the_text_as_it_is(self) -> None:
        assert json_line({"title": "=1+1"}) == b'{"title":"=1+1"}\n'
