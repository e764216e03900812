"""The verifier's command: every claim of an export checked, PASS or FAIL each, exit code 0 only where none failed."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Callable, Iterator

from gate.verifier.claims_changes import (
    claim_approvals,
    claim_duties,
    claim_population,
    claim_proofs,
    claim_sample,
    claim_statements,
)
from gate.verifier.claims_commits import claim_clone, claim_commits, claim_exceptions, claim_explained
from gate.verifier.claims_incidents import claim_incidents
from gate.verifier.claims_ledger import (
    claim_checkpoint,
    claim_files,
    claim_history,
    claim_ledger,
    claim_signature,
    claim_times,
)
from gate.verifier.claims_packets import claim_packets
from gate.verifier.export import Asked, BadExportError, Export
from gate.verifier.tlog import BadProofError, parse_key

MOST_TOLD = 5
Claim = Callable[[Export, Asked], Iterator[str]]
CLAIMS: tuple[tuple[str, Claim, str], ...] = (
    ("manifest", claim_files, "every file is the one in the manifest, and there is no other"),
    ("signature", claim_signature, "the manifest is signed by the ledger's key"),
    ("checkpoint", claim_checkpoint, "the ledger's head is signed by its key"),
    ("leaves-to-root", claim_ledger, "the entries are all there and lead to the signed root"),
    ("times", claim_times, "time never goes back"),
    ("consistency", claim_history, "earlier heads are the beginning of this ledger"),
    ("population", claim_population, "the population is every change that the ledger has merged in the period"),
    ("packets", claim_packets, "each packet says what the ledger says"),
    ("proofs", claim_proofs, "each proof leads from its entry to the signed root"),
    ("statements", claim_statements, "each statement is signed and says what its packet says"),
    ("approval-before-merge", claim_approvals, "each change was approved before it was merged"),
    ("separation-of-duties", claim_duties, "nobody's sign-off on their own work counted"),
    ("commits", claim_commits, "each branch is whole and accounted for as the ledger says"),
    ("clone", claim_clone, "git lists the same commits in your own clone"),
    ("unexplained", claim_explained, "no commit that came past the gate is unexplained"),
    ("exceptions", claim_exceptions, "every exception in the ledger is listed"),
    ("incidents", claim_incidents, "incidents, what caused them and their metrics are as the ledger tells them"),
    ("sample", claim_sample, "the sample is the one that the seed draws"),
)


def verify(export: Export, asked: Asked) -> Iterator[tuple[str, str, list[str] | None]]:
    """Yield claim, what it says, and why it does not hold (none: it does; None: it was not asked)."""
    for name, claim, text in CLAIMS:
        if name == "clone" and not asked.clones:
            yield name, "give --clone PATH to compare with git", None
            continue
        if name == "sample" and not export.manifest["sample"]["size"]:
            yield name, "no sample was asked for", None
            continue
        if name == "consistency" and not asked.checkpoints and not export.has("ledger/consistency.json"):
            yield name, "give --checkpoint FILE to compare with a head that you kept", None
            continue
        yield name, text, list(_failures(claim, export, asked))


def _failures(claim: Claim, export: Export, asked: Asked) -> Iterator[str]:
    """Yield why a claim does not hold. SECURITY: whatever cannot be checked has failed (A13)."""
    try:
        yield from claim(export, asked)
    except (BadExportError, BadProofError, OSError) as error:
        yield str(error)
    except Exception as error:  # noqa: BLE001  (a hostile export may break any reader; it must not pass by that)
        yield f"it cannot be read: {type(error).__name__}: {error}"


def main(arguments: list[str] | None = None) -> int:
    """Verify an export and return the exit code: 0 all claims hold, 1 one does not, 2 it cannot be read at all."""
    parser = argparse.ArgumentParser(
        description="Verify an audit export. Nothing but Python is needed, and no network."
    )
    parser.add_argument("export", nargs="?", default=os.path.dirname(os.path.abspath(__file__)), help="folder or zip")
    parser.add_argument("--key", help="the ledger's key, got on another way than the export: NAME+KEYID+BASE64")
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that you kept; repeatable")
    parser.add_argument("--clone", action="append", default=[], help="your own clone of a repository; repeatable")
    asked = parser.parse_args(arguments)
    try:
        export = Export(asked.export)
    except (BadExportError, OSError, ValueError, KeyError, TypeError) as error:
        print(f"FAIL export: it cannot be read: {error}")
        return 2
    try:
        return _run(export, asked)
    finally:
        export.close()


def _run(export: Export, asked: argparse.Namespace) -> int:
    try:
        key = parse_key(asked.key or export.key_text())
        notes = []
        for file in asked.checkpoint:
            with open(file, encoding="utf-8") as opened:
                notes.append(opened.read())
    except (BadExportError, BadProofError, OSError, ValueError) as error:
        print(f"FAIL key: {error}")
        return 2
    if not asked.key:
        print("NOTE key: taken from the export itself; give --key to know whose it is")
    code = 0
    for name, text, failures in verify(export, Asked(key, notes, asked.clone)):
        if failures is None:
            print(f"SKIP {name}: {text}")
        elif not failures:
            print(f"PASS {name}: {text}")
        else:
            code = 1
            for why in failures[:MOST_TOLD]:
                print(f"FAIL {name}: {_plain(why)}")
            if len(failures) > MOST_TOLD:
                print(f"FAIL {name}: and {len(failures) - MOST_TOLD} more")
    _tell_notes(export)
    return code


def _tell_notes(export: Export) -> None:
    """Print what is no fault and has to be known: verdicts that lost a name, and what the export could not hold."""
    try:
        erased = export.entries.erased()
        rows = [row for row in export.lines("population/changes.jsonl") if row["verdict_entry"] in erased]
    except (BadExportError, OSError, ValueError, KeyError, TypeError, AttributeError):
        rows = []  # the claims have told so
    for row in rows:
        kept = f"the verdict in entry {row['verdict_entry']} is kept without a name that was erased"
        print(f"NOTE erased: change {_plain(row['id'])}: {_plain(kept)}")
    for reason in export.manifest["incomplete"]:
        print(f"NOTE incomplete: {_plain(reason)}")


def _plain(text: object) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(text))[:400]


if __name__ == "__main__":
    sys.exit(main())
