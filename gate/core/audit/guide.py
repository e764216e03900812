"""Guide: the README of an export, for an auditor who has never seen one."""

from collections.abc import Mapping
from typing import Any


def guide(manifest: Mapping[str, Any]) -> bytes:
    """Return the README of an export."""
    period = manifest["period"]
    names = ", ".join(one["name"] for one in manifest["repositories"]) or "none"
    incomplete = "".join(f"\n> **Incomplete:** {reason}\n" for reason in manifest["incomplete"])
    return f"""\
# Audit export

Every change merged from {period["from"]} to {period["to"]} (UTC, end excluded) in: {names}.
{incomplete}
## Verify it in three commands

    unzip export.zip -d export && cd export
    git clone --bare URL-OF-THE-REPOSITORY ../clone.git
    python3 verify.py --key "KEY" --clone ../clone.git

`verify.py` needs Python 3.9 and nothing else, and no network. It prints PASS or FAIL for every claim and ends with 0
only where none failed. Ask for the KEY (it reads `{manifest["origin"]}+...`) on another way than this file came:
without `--key` it takes the key from `ledger/key`, which proves that the export is consistent, not whose it is.
`--checkpoint FILE` compares with a checkpoint that you kept from an earlier visit.

## What is in it

| file | what |
| --- | --- |
| `report.html` | the same for people, made to be printed: exceptions first |
| `population/changes.csv` | one row for each merged change; `changes.jsonl` holds the same as evidence |
| `population/commits.csv` | every commit of each protected branch and what accounts for it; `commits.jsonl` likewise |
| `population/reconciliation.json` | commits = accounted for + exceptions; `unexplained` must be 0 |
| `population/control-periods.csv` | when the branch demanded the gate, as far as it was seen |
| `population/query.json` | what was asked, by whom, and how the rows were found |
| `changes/*/` | the packet of each change: exact facts and verdict, a page, a signed statement, a ledger proof |
| `exceptions/`, `aging/`, `ownership/`, `incidents/` | what to ask about first |
| `sample/sample.csv` | rows with the lowest HMAC-SHA256(seed, change id) |
| `controls/` | which file answers which control; OSCAL assessment results |
| `ledger/` | the entries, the signed checkpoint, the key |
| `manifest.json`, `manifest.intoto.json` | every file with its SHA-256, signed |

In tables a cell that a spreadsheet would take for a formula begins with an apostrophe. Times are UTC.
The gate itself can decide every change anew from its recorded facts: `gate audit verify export.zip`.
""".encode()
