"""The table of threats: every row has its tests or its reason, and every test of a threat has its row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from architecture_map import ROOT

TABLE = ROOT / "docs" / "threats.md"
KINDS = {"R": 62, "L": 26, "S": 24, "A": 13}
IDS = [f"{kind}{number:02}" for kind, count in KINDS.items() for number in range(1, count + 1)]
NOT_BUILT = "not built yet: "
PARTS = {"with the service", "with the approval links", "with the ledger and export", "with the Action and tickets"}
REASONS = ("detect only: ", "cannot act: ")
OTHERS = "## Files named for rows that their names do not carry"


class Row(NamedTuple):
    """One row of the table."""

    id: str
    name: str
    shown_by: str
    note: str

    @property
    def files(self) -> list[str]:
        """The test files that it names."""
        return re.findall(r"`([^`]*)`", self.shown_by)


def rows_of(text: str) -> list[Row]:
    lines = [line for line in text.splitlines() if re.match(r"\| [A-Z][0-9]", line)]
    cells = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]
    return [Row(*found[:4]) if len(found) == len(Row._fields) else Row(found[0], "", "", "") for found in cells]


def others_of(text: str) -> Mapping[str, list[str]]:
    """Return the rows for which a file is named though its name says nothing of them."""
    listed = text.partition(OTHERS)[2].partition("\n## ")[0]
    return {path: ids.split(", ") for path, ids in re.findall(r"^- `([^`]+)`: (.+)$", listed, re.MULTILINE)}


def faults(text: str, root: Path = ROOT) -> list[str]:
    """Return everything that is wrong with a table, as sentences; none for one in order."""
    rows, others = rows_of(text), others_of(text)
    found = [] if [row.id for row in rows] == IDS else ["the ids are not all there, once each and in order"]
    for row in rows:
        found += [f"{row.id}: {fault}" for fault in _faults_of(row, others, root)]
    named = {path for row in rows for path in row.files}
    threats = sorted(path.relative_to(root).as_posix() for path in (root / "tests" / "threats").glob("test_*.py"))
    found += [f"{path} is in no row" for path in threats if path not in named]
    shown = {(path, row.id) for row in rows for path in row.files}
    found += [f"{path} is listed for {i}, whose row does not name it" for path, i in _pairs(others) - shown]
    return found


def _pairs(others: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
    return {(path, row) for path, rows in others.items() for row in rows}


def _faults_of(row: Row, others: Mapping[str, list[str]], root: Path) -> Iterator[str]:
    if not (row.name and row.note):
        yield "no name or no note, or not four cells"
    if row.files:
        yield from _faults_of_files(row, others, root)
    elif row.shown_by.startswith(NOT_BUILT):
        if row.shown_by.removeprefix(NOT_BUILT) not in PARTS:
            yield f"not built yet, but with what? {row.shown_by!r}"
        words = [word.strip(".") for word in re.findall(r"[A-Za-z0-9_./]+", f"{row.name} {row.note}")]
        places = [word.replace(".", "/") if word.startswith("gate.") else word for word in words]
        yield from (
            f"not built yet, and yet it names {place}"
            for place in places
            if "/" in place and ((root / place).exists() or (root / f"{place}.py").exists())
        )
    elif not any(row.shown_by.startswith(reason) and row.shown_by != reason for reason in REASONS):
        yield "neither a test nor a reason"


def _faults_of_files(row: Row, others: Mapping[str, list[str]], root: Path) -> Iterator[str]:
    if re.sub(r"`[^`]*`|, ", "", row.shown_by):
        yield "a test and a reason at once"
    for path in row.files:
        if not re.fullmatch(r"tests/[a-z0-9_/]+/test_[A-Za-z0-9_]+\.py", path) or not (root / path).is_file():
            yield f"{path} is no test file"
        elif f"test_{row.id}_" not in path and row.id not in others.get(path, []):
            yield f"{path} does not say in its name that it is about this row"


class TestTheTable:
    def test_it_is_in_order(self) -> None:
        assert faults(TABLE.read_text()) == []

    def test_it_has_a_row_for_each_of_the_125(self) -> None:
        assert len({row.id for row in rows_of(TABLE.read_text())}) == len(IDS) == 125


class TestABrokenTable:
    @pytest.mark.parametrize(
        ("broken", "by", "why"),
        [
            (r"\| R02 .*\n", "", "once each and in order"),
            (r"(\| R02 .*\n)", r"\1\1", "once each and in order"),
            (r"(\| R02 .*\n)(\| R03 .*\n)", r"\2\1", "once each and in order"),
            (
                r"\| R01 (.*)test_R01_self_approval",
                r"| R01 \1test_R01_gone",
                "test_R01_gone.py is no test",
            ),
            (r"(\| R02 .*)test_R02_\w+", r"\1test_R01_self_approval", "R02: tests/threats/test_R01_self_approval.py"),
            (r"(\| R52 \|[^|]*\|)[^|]*", r"\1 to be done ", "R52: neither a test nor a reason"),
            (r"(\| R52 \|[^|]*\|)[^|]*", r"\1 detect only:", "R52: neither a test nor a reason"),
            (r"(\| R12 \|[^|]*\|)[^|]*", r"\1 not built yet: some day ", "R12: not built yet, but with what?"),
            (
                r"(\| R12 \|[^|]*\|)[^|]*\|[^|]*",
                r"\1 not built yet: with the service | see gate/core/decide.py ",
                "R12: not built yet, and yet it",
            ),
            (
                r"(\| R12 \|[^|]*\|)[^|]*\|[^|]*",
                r"\1 not built yet: with the service | see gate.core.decide ",
                "R12: not built yet, and yet it",
            ),
            (r"(\| R01 \|[^|]*\|[^|]*)\|", r"\1 not built yet: with the service |", "R01: a test and a reason at once"),
            (r"(\| R01 \|[^|]*\|[^|]*\|).*", r"\1 |", "R01: no name or no note"),
            (r"(- `tests/threats/test_R30_\w+\.py`: )R31", r"\1R32", "R31: tests/threats/test_R30_"),
            (r"(- `tests/threats/test_R30_\w+\.py`: )R31", r"\1R31, R32", "is listed for R32"),
        ],
    )
    def test_is_told_apart_from_a_whole_one(self, broken: str, by: str, why: str) -> None:
        whole = TABLE.read_text()
        text = re.sub(broken, by, whole, count=1)
        assert text != whole
        assert any(why in fault for fault in faults(text)), faults(text)

    def test_a_test_of_a_threat_without_a_row_is_named(self, tmp_path: Path) -> None:
        folder = tmp_path / "tests" / "threats"
        folder.mkdir(parents=True)
        (folder / "test_R63_new.py").touch()
        assert "tests/threats/test_R63_new.py is in no row" in faults(TABLE.read_text(), tmp_path)
