"""Exporting changes: the packet of each merged change, and the rows of the population."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from gate.core.audit.archive import Archive, Member
from gate.core.audit.duties import self_approvals
from gate.core.audit.packet import approval_line, packet_bytes, packet_of
from gate.core.audit.packet_page import packet_page
from gate.core.audit.rows import COLUMNS, Evidence, Merge, cells_of, change_row
from gate.core.audit.sample import drawn
from gate.core.audit.tables import csv_line, json_line
from gate.core.change.sealing import facts_file_bytes
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import LedgerEntry
from gate.core.values import dataclass
from gate.usecases.export_ledger import Found, Scope
from gate.usecases.export_query import ExportTools, FileSpool
from gate.usecases.gate import subject_of
from gate.usecases.prove_entries import prove_inclusion
from gate.usecases.store_ports import Reading

_MOST_ENTRIES = 5000


@dataclass(slots=True)
class Population:
    """The rows of the population, as lines of a temporary file, and their ids for the sample."""

    rows: FileSpool
    ids: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def each(self) -> Iterator[dict[str, Any]]:
        """Yield the rows; may be asked again."""
        self.rows.seek(0)
        for line in iter(self.rows.readline, b""):
            yield json.loads(line)


def export_changes(
    archive: Archive,
    reading: Reading,
    scope: Scope,
    found: Found,
    tools: ExportTools,
    *,
    keep: Callable[[Iterable[Member]], None],
) -> Population:
    """Write the packet of every merged change, hand its files to `keep`, and return the rows of all."""
    population = Population(tools.new_spool())
    names = {(one.key.tenant, one.key.id): one.name for one in scope.repositories}
    methods = _methods(reading, scope)
    for count, index in enumerate(found.merges):
        entry = reading.ledger_entry(index)
        if entry is None:
            continue
        merge, key = _merge_of(entry, names)
        evidence = _evidence(reading, key, entry, methods.get(merge.merge_sha, ""))
        row = change_row(merge, evidence)
        population.rows.write(json_line(row))
        population.ids.append(merge.id)
        population.counts["unapproved_merges"] += bool({"unapproved-merge", "not-judged"} & set(row["exceptions"]))
        population.counts["self_approvals"] += len(self_approvals(evidence.facts(), evidence.verdict()))
        keep(_files(archive, reading, scope, tools, (merge, evidence, row, key)))
        tools.progress(count + 1, len(found.merges))
    return population


def export_population(archive: Archive, population: Population, scope: Scope) -> Iterator[Member]:
    """Write the population as evidence and as a table, and the sample drawn from it."""
    yield archive.stream("population/changes.jsonl", _lines(population))
    yield archive.stream("population/changes.csv", _table(population))
    if scope.query.sample:
        ranks = {one: rank for rank, one in drawn(scope.query.seed, population.ids, scope.query.sample)}
        yield archive.stream("sample/sample.csv", _sample(population, ranks))


def _files(
    archive: Archive,
    reading: Reading,
    scope: Scope,
    tools: ExportTools,
    change: tuple[Merge, Evidence, dict[str, Any], ChangeKey],
) -> Iterator[Member]:
    merge, evidence, row, key = change
    size = scope.checkpoint.size
    entries = [one for one in reading.entries_about(subject_of(key), limit=_MOST_ENTRIES) if one.index < size]
    packet = packet_of(merge, evidence, row, entries)
    folder = f"changes/{merge.id}"
    yield archive.add(f"{folder}/packet.json", packet_bytes(packet))
    yield archive.add(f"{folder}/packet.html", packet_page(packet))
    if evidence.sealed is not None:
        yield archive.add(f"{folder}/facts.json", facts_file_bytes(evidence.sealed, evidence.decided_at))
        yield archive.add(f"{folder}/verdict.json", evidence.verdict_bytes)
        yield archive.add(f"{folder}/approval.intoto.jsonl", approval_line(merge, evidence, row, tools.signer))
        proof = prove_inclusion(reading, evidence.verdict_entry, size=size)
        yield archive.add(f"{folder}/verdict.tlog-proof", proof.text().encode())
    proof = prove_inclusion(reading, merge.entry, size=size)
    yield archive.add(f"{folder}/merge.tlog-proof", proof.text().encode())


def _merge_of(entry: LedgerEntry, names: Mapping[tuple[int, int], str]) -> tuple[Merge, ChangeKey]:
    value = json.loads(entry.content)
    payload = value["payload"]
    tenant, repository, number = map(int, entry.subject.removeprefix("change:").split("/"))
    merge = Merge(
        id=f"{tenant}-{repository}-{number}",
        repository=names.get((tenant, repository), f"{tenant}/{repository}"),
        number=number,
        merge_sha=payload["merge"],
        head_sha=payload["head"],
        base_ref=payload["base_ref"],
        merged_at=entry.at,
        merger=value.get("actor", ""),
        verdict=payload["verdict"],
        is_head_judged=payload["is_head_judged"],
        entry=entry.index,
    )
    return merge, ChangeKey(tenant, repository, number)


def _evidence(reading: Reading, key: ChangeKey, entry: LedgerEntry, method: str) -> Evidence:
    """Return what was recorded of a change when it was merged; nothing where it was never judged."""
    digest = json.loads(entry.content).get("facts", "")
    stored = reading.verdict(key, digest) if digest else None
    sealed = reading.facts(digest) if stored is not None else None
    if stored is None or sealed is None:
        return Evidence(None, b"", -1, "", "", method)
    return Evidence(sealed, stored.verdict, stored.ledger_index, stored.at, stored.state, method)


def _methods(reading: Reading, scope: Scope) -> dict[str, str]:
    """Return how each merge came onto its branch, where a reconciliation told."""
    found: dict[str, str] = {}
    for repository in scope.repositories:
        for state in reading.branches(repository.key):
            for one in reading.branch_commits(repository.key, state.branch):
                if one.change:
                    found[one.sha] = one.how
    return found


def _lines(population: Population) -> Iterator[bytes]:
    for row in population.each():
        yield json_line(row)


def _table(population: Population) -> Iterator[bytes]:
    yield csv_line(COLUMNS)
    for row in population.each():
        yield csv_line(cells_of(row))


def _sample(population: Population, ranks: Mapping[str, str]) -> Iterator[bytes]:
    yield csv_line(("rank", *COLUMNS))
    rows = [row for row in population.each() if row["id"] in ranks]
    for row in sorted(rows, key=lambda row: ranks[row["id"]]):
        yield csv_line((ranks[row["id"]], *cells_of(row)))
