"""A11: an export that shows only what is good. What it covers is said, counted from git, and marked where it ends."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from builders_audit import clone_of, reconciled
from builders_export import (
    YEAR,
    MadeExport,
    exported,
    failing,
    key_of,
    merge_a_change,
    push_past_the_gate,
    sealed_again,
    unpacked,
)
from builders_service import a_service
from builders_store import a_signer

from gate.core.errors import UsageError


def files_of(raw: bytes) -> dict[str, bytes]:
    return MadeExport(raw, None, key_of(a_signer()), Path(), "").files()  # type: ignore[arg-type]


class TestWhatAnExportCounts:
    def test_commits_come_from_git_and_not_from_the_ledger(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            pushed = push_past_the_gate(service, is_explained=False)
            raw, result = exported(service)
            files = files_of(raw)
            told = json.loads(files["population/reconciliation.json"])
            assert (told["commits"], told["accounted"], told["bypasses"], told["unexplained"]) == (2, 1, 1, 1)
            rows = list(csv.DictReader(io.StringIO(files["population/commits.csv"].decode())))
            assert [(row["sha"], row["code"]) for row in rows][-1] == (pushed, "direct-push")
            assert b"1 commit past the gate, 1 of them unexplained" in files["report.html"]
            assert result.incomplete == []

    def test_a_merge_past_a_red_check_is_an_exception_and_a_control_that_is_not_satisfied(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            pull = service.forge.a_pull({"web/page.html": "<p>\n"})
            service.settle()
            pull.merge(service.forge.carol, as_admin=True)
            service.settle()
            reconciled(service)
            files = files_of(exported(service)[0])
            rows = [json.loads(line) for line in files["population/changes.jsonl"].splitlines()]
            assert [row["exceptions"] for row in rows] == [[], ["unapproved-merge"]]
            codes = [json.loads(line)["code"] for line in files["exceptions/exceptions.jsonl"].splitlines()]
            assert sorted(codes) == ["bypass", "unapproved-merge"]
            assert b"SOC 2,CC8.1" in files["controls/mapping.csv"]
            assert b"unapproved merges: 1" in files["controls/mapping.csv"]

    def test_the_edges_of_a_period_are_exact_and_lose_no_change(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            merge_a_change(service, 2)
            reconciled(service)
            rows = [json.loads(one) for one in files_of(exported(service)[0])["population/changes.jsonl"].splitlines()]
            edge = rows[1]["merged_at"]
            before = exported(service, replace(YEAR, until=edge, sample=0))[1]
            after = exported(service, replace(YEAR, since=edge, sample=0))[1]
            assert (before.changes, after.changes) == (1, 1)

    def test_the_commits_of_a_period_end_with_it_and_a_bypass_dated_later_is_there(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            first = merge_a_change(service, 1)
            with service.store.reading() as reading:
                head = reading.checkpoint()
            assert head is not None
            edge = service.forge.world.clock.later(days=2)
            second = merge_a_change(service, 2)
            pushed = push_past_the_gate(service, is_explained=False)
            raw, result = exported(service, replace(YEAR, until=edge, sample=0, since_checkpoint=head.note))
            made = MadeExport(raw, result, key_of(a_signer()), clone_of(service), head.note)
            files = made.files()
            lines = files["population/commits.csv"].splitlines(keepends=True)
            assert [row["sha"] for row in csv.DictReader(line.decode() for line in lines)] == [first, pushed]
            assert failing(unpacked(files, tmp_path / "whole"), made) == {"unexplained"}
            longer = [*lines, lines[-1].replace(pushed.encode(), second.encode())]
            for name, edited in (("cut", [lines[0], lines[-1]]), ("longer", longer)):
                edit = {**files, "population/commits.csv": b"".join(edited)}
                assert "commits" in failing(unpacked(sealed_again(edit), tmp_path / name), made)

    def test_a_time_without_a_zone_or_out_of_order_is_refused(self) -> None:
        with pytest.raises(UsageError, match="ends before it begins"):
            replace(YEAR, until=YEAR.since)

    def test_what_nobody_saw_of_a_branch_is_a_gap_before_and_after(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            reconciled(service)
            rows = list(
                csv.DictReader(io.StringIO(files_of(exported(service)[0])["population/control-periods.csv"].decode()))
            )
            assert [row["gap"] for row in rows] == ["yes", "no", "yes"]
            assert (rows[0]["from"], rows[-1]["to"]) == (YEAR.since, YEAR.until)
