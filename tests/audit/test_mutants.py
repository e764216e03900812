"""A mutation suite over one export: each kind of record edited, dropped, reordered, swapped, forged or re-signed.

Every mutant is sealed again with the ledger's own key, so that the manifest fits it: whoever edits files alone is
caught by `manifest` already. What must catch these is the claim named. GATE_MUTANTS_CHANGES says how many changes the
export holds; a large one is no matter of every run.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from builders_export import MadeExport, an_export, failing, sealed_again, unpacked
from builders_mutants import (
    COMMITS,
    ENTRIES,
    EXCEPTIONS,
    PACKET,
    RECONCILED,
    ROWS,
    SAMPLE,
    STATEMENT,
    Mutate,
    back_dated,
    checkpoint_by_another,
    drop,
    edited,
    forged_statement,
    in_file,
    made_up,
    of_change,
    on_commit,
    on_json,
    on_lines,
    on_row,
    own_work,
    replaced,
    rewritten,
    second_last,
    signed_by_another,
    signed_over,
    swap,
    with_other_key,
    without_first_event,
    without_its_last_line,
    without_third_line,
)
from builders_store import a_signer

from gate.verifier.claims_ledger import claim_files, claim_signature
from gate.verifier.export import Asked, Export
from gate.verifier.main import _failures
from gate.verifier.tlog import parse_key

INCIDENTS = "incidents/incidents.json"
A_TICKET = '{"key":"OPS-1","kind":"incident","state":"open","title":""}'
CHANGES = int(os.environ.get("GATE_MUTANTS_CHANGES", "12"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeExport:
    return an_export(tmp_path_factory.mktemp("export"), changes=CHANGES)


MUTANTS: Mapping[str, tuple[Mutate, str]] = {
    # the population
    "the last change is left out": (on_lines(ROWS, list.pop, table="population/changes.csv"), "population"),
    "the first change is left out": (
        on_lines(ROWS, lambda rows: rows.pop(0), table="population/changes.csv"),
        "population",
    ),
    "two changes are reordered": (
        on_lines(ROWS, lambda rows: rows.insert(0, rows.pop(1)), table="population/changes.csv"),
        "population",
    ),
    "a change is listed twice": (
        on_lines(ROWS, lambda rows: rows.append(rows[-1]), table="population/changes.csv"),
        "population",
    ),
    "the table says another title": (
        in_file("population/changes.csv", replaced("Change 3", "Change 4")),
        "population",
    ),
    "the period is moved": (on_json("manifest.json", "period", "from", to="2026-12-30T00:00:00Z"), "population"),
    "unapproved merges are miscounted": (on_json("manifest.json", "counts", "unapproved_merges", to=1), "population"),
    # rows and packets
    "another title": (on_row(3, title="Nothing to see"), "packets"),
    "another requester": (on_row(3, requester="Erin Evans"), "packets"),
    "another signer": (on_row(3, signoffs=["bob (review, 2026-12-01T10:00:00Z)"]), "packets"),
    "a merge is back-dated": (on_row(3, merged_at="2026-01-01T00:00:00Z"), "packets"),
    "a decision is back-dated": (on_row(3, decided_at="2026-01-01T00:00:00Z"), "packets"),
    "another merge commit": (on_row(3, merge_sha="1" * 40), "packets"),
    "risk is played down": (on_row(3, risk="none"), "packets"),
    "an exception is added in the packet alone": (
        of_change(3, PACKET, replaced('"exceptions":[]', '"exceptions":["x"]')),
        "packets",
    ),
    "packets are swapped": (swap(PACKET), "packets"),
    "verdicts are swapped": (swap("verdict.json"), "packets"),
    "facts are swapped": (swap("facts.json"), "packets"),
    "a packet is dropped": (drop(PACKET), "packets"),
    "a verdict is dropped": (drop("verdict.json"), "packets"),
    "a verdict is edited": (
        of_change(2, "verdict.json", replaced('"state": "approved"', '"state": "waiting"')),
        "packets",
    ),
    "a fact is edited": (of_change(2, "facts.json", replaced('"api/file2.py"', '"api/file9.py"')), "packets"),
    "a personal value is edited": (of_change(2, "facts.json", replaced("Dave Dunn", "Erin Dunn")), "packets"),
    "facts are truncated": (of_change(2, "facts.json", lambda raw: raw[:-40]), "packets"),
    "a sign-off's account is edited": (of_change(2, PACKET, replaced("github:1001", "github:1002")), "packets"),
    "an event is left out of a packet": (
        of_change(2, PACKET, without_first_event),
        "packets",
    ),
    "a ticket is made up": (
        of_change(3, PACKET, replaced('"tickets":[],"verdict":', f'"tickets":[{A_TICKET}],"verdict":')),
        "packets",
    ),
    "a rehearsal is made up": (of_change(3, PACKET, replaced('"rehearsals":[]', '"rehearsals":[{}]')), "packets"),
    "an incident is made up": (of_change(3, PACKET, replaced('"incidents":[]', '"incidents":[{}]')), "packets"),
    # approvals and duties
    "a change that was not approved": (on_row(4, verdict="waiting"), "approval-before-merge"),
    "approved after the merge": (on_row(4, verdict_entry=10_000), "approval-before-merge"),
    "an approver who wrote it": (own_work, "separation-of-duties"),
    "self-approvals are miscounted": (
        on_json("manifest.json", "counts", "self_approvals", to=1),
        "separation-of-duties",
    ),
    # proofs and statements
    "proofs are swapped": (swap("verdict.tlog-proof"), "proofs"),
    "a proof is edited": (
        of_change(1, "merge.tlog-proof", lambda raw: raw.replace(b"index ", b"index 1", 1)),
        "proofs",
    ),
    "a proof is cut": (of_change(1, "merge.tlog-proof", without_third_line), "proofs"),
    "a proof is dropped": (drop("merge.tlog-proof"), "proofs"),
    "a statement by another key": (of_change(1, STATEMENT, signed_by_another), "statements"),
    "a statement of another state": (of_change(1, STATEMENT, forged_statement(state="rejected")), "statements"),
    "a statement of other signers": (of_change(1, STATEMENT, forged_statement(signoffs=[])), "statements"),
    "statements are swapped": (swap(STATEMENT), "statements"),
    "a statement is dropped": (drop(STATEMENT), "statements"),
    # the ledger
    "an entry is edited": (on_lines(ENTRIES, edited), "leaves-to-root"),
    "an entry is back-dated": (on_lines(ENTRIES, back_dated), "leaves-to-root"),
    "time goes back": (on_lines(ENTRIES, back_dated), "times"),
    "an entry is dropped": (on_lines(ENTRIES, lambda rows: rows.pop(3)), "leaves-to-root"),
    "entries are reordered": (on_lines(ENTRIES, second_last), "leaves-to-root"),
    "the tail is cut off": (on_lines(ENTRIES, list.pop), "leaves-to-root"),
    "the ledger is emptied": (on_lines(ENTRIES, list.clear), "leaves-to-root"),
    "an entry is added": (
        on_lines(ENTRIES, lambda rows: rows.append({**rows[-1], "index": len(rows)})),
        "leaves-to-root",
    ),
    "the ledger is rewritten with the right key": (
        rewritten(lambda rows: rows[0].update(actor="github:9")),
        "consistency",
    ),
    "the ledger is cut short with the right key": (
        rewritten(lambda rows: rows.__delitem__(slice(5, None))),
        "consistency",
    ),
    "the checkpoint is of another size": (
        in_file("ledger/checkpoint", signed_over(1)),
        "checkpoint",
    ),
    "the checkpoint is signed by another key": (
        in_file("ledger/checkpoint", checkpoint_by_another),
        "checkpoint",
    ),
    "the key is exchanged": (with_other_key, "checkpoint"),
    "the consistency proof is edited": (on_json("ledger/consistency.json", "path", 0, to="00" * 32), "consistency"),
    "entries are miscounted": (on_json("manifest.json", "counts", "entries", to=3), "checkpoint"),
    # commits
    "a commit is left out": (on_lines(COMMITS, lambda rows: rows.pop(2)), "commits"),
    "the newest commit is left out": (on_lines(COMMITS, list.pop), "commits"),
    "commits are reordered": (on_lines(COMMITS, lambda rows: rows.insert(0, rows.pop(1))), "commits"),
    "a commit is left out, as git sees it": (on_lines(COMMITS, lambda rows: rows.pop(2)), "clone"),
    "a bypass is called accounted for": (
        on_commit("bypass", status="accounted", code="", change=1, how="merge"),
        "commits",
    ),
    "a bypass belongs to another entry": (on_commit("bypass", found=0), "commits"),
    "another change accounts for a commit": (on_commit("accounted", change=2), "commits"),
    "the reconciliation counts less": (on_json(RECONCILED, "branches", 0, "bypasses", to=0), "commits"),
    "another tip": (on_json(RECONCILED, "branches", 0, "tip", to="1" * 40), "commits"),
    "an older reconciliation": (on_json(RECONCILED, "branches", 0, "entry", to=1), "commits"),
    "the table of commits differs": (
        in_file("population/commits.csv", replaced("direct-push", "squash")),
        "commits",
    ),
    "the manifest is incomplete and does not say so": (
        on_json(RECONCILED, "incomplete", to=["never reconciled"]),
        "commits",
    ),
    "a bypass loses its explanation": (on_commit("bypass", explained=-1), "unexplained"),
    "a bypass is explained by another entry": (on_commit("bypass", explained=3), "unexplained"),
    "unexplained is miscounted": (on_json(RECONCILED, "unexplained", to=1), "unexplained"),
    # exceptions, sample
    "an exception is left out": (on_lines(EXCEPTIONS, list.pop, table="exceptions/exceptions.csv"), "exceptions"),
    "an exception is made up": (
        on_lines(EXCEPTIONS, made_up),
        "exceptions",
    ),
    "an exception is closed by another entry": (
        on_lines(EXCEPTIONS, lambda rows: rows[-1].update(closed_by=1)),
        "exceptions",
    ),
    "an exception is back-dated": (
        on_lines(EXCEPTIONS, lambda rows: rows[-1].update(at="2025-01-01T00:00:00Z")),
        "exceptions",
    ),
    "exceptions are miscounted": (on_json("manifest.json", "counts", "exceptions", to=0), "exceptions"),
    "an incident is made up in the list": (on_json(INCIDENTS, "incidents", to=[{"id": "inc-1"}]), "incidents"),
    "an incident lost its cause": (on_json(INCIDENTS, "incidents", 0, "changes", to=[]), "incidents"),
    "service was back sooner": (
        on_json(INCIDENTS, "incidents", 0, "restored_at", to="2026-10-05T09:00:00Z"),
        "incidents",
    ),
    "no change failed": (on_json(INCIDENTS, "metrics", "failed", to=[]), "incidents"),
    "repair was quick": (on_json(INCIDENTS, "metrics", "median_minutes", to=0), "incidents"),
    "another seed": (on_json("manifest.json", "sample", "seed", to="sun"), "sample"),
    "a smaller sample": (
        in_file(SAMPLE, without_its_last_line),
        "sample",
    ),
    "another title in the sample": (
        in_file(SAMPLE, replaced("acme/shop", "acme/shoq")),
        "sample",
    ),
}


class TestTheExportItself:
    def test_every_claim_holds(self, made: MadeExport, tmp_path: Path) -> None:
        assert made.result.changes == CHANGES
        assert failing(unpacked(made.files(), tmp_path), made) == set()

    def test_sealing_it_again_changes_nothing(self, made: MadeExport, tmp_path: Path) -> None:
        assert failing(unpacked(sealed_again(made.files()), tmp_path), made) == set()


class TestMutants:
    @pytest.mark.parametrize("name", MUTANTS)
    def test_each_is_caught_by_the_claim_named(self, made: MadeExport, tmp_path: Path, name: str) -> None:
        mutate, claim = MUTANTS[name]
        files = made.files()
        mutate(files)
        assert files != made.files(), "this mutant changes nothing"
        assert claim in failing(unpacked(sealed_again(files), tmp_path), made)


class TestWhoHoldsNoKey:
    def test_one_byte_anywhere_is_found(self, made: MadeExport, tmp_path: Path) -> None:
        whole = made.files()
        folder = unpacked(whole, tmp_path)
        for name, content in whole.items():
            if name == "manifest.json":
                continue
            place = len(content) // 2
            other = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :] if content else b"x"
            (folder / name).write_bytes(other)
            wanted = "signature" if name == "manifest.intoto.json" else "manifest"
            assert wanted in _files_and_signature(folder, made), name
            (folder / name).write_bytes(content)

    def test_a_manifest_that_is_edited_is_not_the_one_signed(self, made: MadeExport, tmp_path: Path) -> None:
        files = made.files()
        files["manifest.json"] = files["manifest.json"].replace(b"Ann Auditor", b"Ann Audited")
        assert "signature" in failing(unpacked(files, tmp_path), made)

    def test_everything_signed_anew_by_another_key_is_found_by_whom_the_key_was_given(
        self, made: MadeExport, tmp_path: Path
    ) -> None:
        files = sealed_again(made.files(), a_signer(99))
        assert "signature" in failing(unpacked(files, tmp_path), made)

    def test_a_file_more_or_less_is_found(self, made: MadeExport, tmp_path: Path) -> None:
        folder = unpacked({**made.files(), "changes/extra.json": b"{}"}, tmp_path)
        assert "manifest" in failing(folder, made)
        (folder / "changes/extra.json").unlink()
        (folder / "report.html").unlink()
        assert "manifest" in failing(folder, made)


def _files_and_signature(folder: Path, made: MadeExport) -> set[str]:
    export, asked = Export(str(folder)), Asked(parse_key(made.key))
    claims = {"manifest": claim_files, "signature": claim_signature}
    return {name for name, claim in claims.items() if list(_failures(claim, export, asked))}
