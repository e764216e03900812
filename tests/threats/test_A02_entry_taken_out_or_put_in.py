"""A02: an entry that is taken out, put in, moved or numbered anew is found, and named."""

from pathlib import Path
from typing import Any

import pytest
from builders_ledger import a_recorded_ledger

SHIFT = (
    "UPDATE ledger_entries SET idx = -idx WHERE idx > 40",
    "UPDATE ledger_entries SET idx = -idx - 1 WHERE idx < 0",
)
OPEN_UP = (
    "UPDATE ledger_entries SET idx = -idx WHERE idx >= 40",
    "UPDATE ledger_entries SET idx = -idx + 1 WHERE idx < 0",
)
COPY = "INSERT INTO ledger_entries (idx, content) SELECT {index}, content FROM ledger_entries WHERE idx = {of}"
CHECKS_OFF = "PRAGMA ignore_check_constraints = ON"


@pytest.mark.parametrize(
    ("statements", "code", "index"),
    [
        (["DELETE FROM ledger_entries WHERE idx = 40"], "entry-missing", 40),
        (["DELETE FROM ledger_entries WHERE idx = 0"], "entry-missing", 0),
        (["DELETE FROM ledger_entries WHERE idx BETWEEN 40 AND 99"], "entry-missing", 40),
        ([CHECKS_OFF, "DELETE FROM ledger_entries WHERE idx = 40", *SHIFT], "entry-mislabelled", 40),
        ([CHECKS_OFF, *OPEN_UP, COPY.format(index=40, of=39)], "entry-mislabelled", 40),
        ([COPY.format(index=300, of=299)], "entry-mislabelled", 300),
        ([CHECKS_OFF, COPY.format(index=-5, of=299)], "entry-inserted", 300),
        (
            [CHECKS_OFF, "UPDATE ledger_entries SET idx = -1 WHERE idx = 50",
             "UPDATE ledger_entries SET idx = 50 WHERE idx = 51", "UPDATE ledger_entries SET idx = 51 WHERE idx = -1"],
            "entry-mislabelled",
            50,
        ),
    ],
)  # fmt: skip
def test_it_is_found_and_named(tmp_path: Path, statements: Any, code: Any, index: Any) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(*statements)
    found = ledger.faults()
    assert found[0].index == index
    assert code in {one.code for one in found if one.index == index}
