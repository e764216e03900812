"""Exporting an audit: one archive with all evidence of a period, streamed, the same bytes for the same question."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

from gate.core.audit.archive import Archive, Member
from gate.core.audit.attestation import EXPORT, envelope, statement
from gate.core.audit.controls import MAPPING_COLUMNS, assessment_results, mapping_rows
from gate.core.audit.exceptions import COLUMNS as EXCEPTIONS
from gate.core.audit.guide import guide
from gate.core.audit.incidents import incidents_value
from gate.core.audit.report import Findings, report
from gate.core.audit.tables import csv_line, json_line
from gate.core.canonical import canonical_bytes
from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.ledger.entries import EntryDraft
from gate.usecases.export_branches import Branches, export_branches
from gate.usecases.export_changes import Population, export_changes, export_population
from gate.usecases.export_ledger import Found, Scope, as_of, exception_rows, export_ledger
from gate.usecases.export_owed import after_reviews, ownership_reviews, records_in_force, undecided
from gate.usecases.export_query import ExportQuery, ExportResult, ExportTools, FileSpool
from gate.usecases.store_ports import Reading, Store

SCHEMA = "gate.export/1"


def export_audit(
    store: Store, query: ExportQuery, tools: ExportTools, write: Callable[[bytes], object], *, at: Instant
) -> ExportResult:
    """Write an export, record that it was made, and return what came of it.

    Everything is read from one state of the database. Raises UsageError for a question that fits nothing, StoreError
    where the database fails: what was written until then has no directory, and no reader takes it for an archive.
    """
    with ExitStack() as files, store.reading() as reading:
        closed_after = replace(tools, new_spool=lambda: files.enter_context(closing(tools.new_spool())))
        result = _Export(reading, query, closed_after, write).run()
    payload = {
        "from": query.since,
        "to": query.until,
        "repositories": list(query.repositories)[:200],
        "manifest": result.manifest,
        "changes": result.changes,
        "is_complete": not result.incomplete,
    }
    with store.writing() as writing:
        writing.append(
            EntryDraft(
                "export-made", at, "ledger", authenticated=query.authenticated, payload=payload,
                personal={"asked_by": query.asked_by} if query.asked_by else {},
            )
        )  # fmt: skip
    return result


class _Export:
    """One export: its files one after the other, and what each tells the later ones."""

    def __init__(
        self, reading: Reading, query: ExportQuery, tools: ExportTools, write: Callable[[bytes], object]
    ) -> None:
        self.reading, self.query, self.tools = reading, query, tools
        self.scope = _scope(reading, query)
        self.archive = Archive(write, tools.new_spool())
        self.files: FileSpool = tools.new_spool()

    def run(self) -> ExportResult:
        """Write everything, and return what came of it."""
        members, found = export_ledger(self.archive, self.reading, self.scope, self.tools)
        self._keep(members)
        population = export_changes(self.archive, self.reading, self.scope, found, self.tools, keep=self._keep)
        members, branches = export_branches(self.archive, self.reading, self.scope, found)
        self._keep(members)
        counts = self._counts(found, population, branches)
        manifest = self._manifest(counts, branches.incomplete)
        self._keep(export_population(self.archive, population, self.scope))
        self._keep(self._tables(found, population, manifest))
        findings = Findings(counts, _in_order(found), branches.rows, exception_rows(found), population.each())
        self._keep([self.archive.stream("report.html", report(manifest, findings))])
        self._keep(self._for_readers(manifest, counts))
        digest = self._sealed(manifest)
        size = self.archive.close()
        return ExportResult(digest, size, len(population.ids), branches.incomplete)

    def _keep(self, members: Iterable[Member]) -> None:
        for one in members:
            self.files.write(json_line({"name": one.name, "size": one.size, "sha256": one.sha256}))

    def _counts(self, found: Found, population: Population, branches: Branches) -> dict[str, int]:
        return {
            "changes": len(population.ids),
            "unapproved_merges": population.counts["unapproved_merges"],
            "self_approvals": population.counts["self_approvals"],
            "exceptions": found.by_code.total(),
            "bypasses": sum(row["bypasses"] for row in branches.rows),
            "unexplained": sum(row["unexplained"] for row in branches.rows),
            "incomplete": len(branches.incomplete),
            "entries": self.scope.checkpoint.size,
        }

    def _manifest(self, counts: dict[str, int], incomplete: list[str]) -> dict[str, Any]:
        checkpoint, query = self.scope.checkpoint, self.query
        return {
            "schema": SCHEMA,
            "gate": self.tools.version,
            "origin": self.tools.signer.name,
            "checkpoint": {"size": checkpoint.size, "root": checkpoint.root.hex(), "at": checkpoint.at},
            "period": {"from": query.since, "to": query.until},
            "repositories": [
                {"tenant": one.key.tenant, "id": one.key.id, "name": one.name} for one in self.scope.repositories
            ],
            "is_everything": self.scope.is_everything,
            "sample": {"size": query.sample, "seed": query.seed},
            "asked_by": query.asked_by,
            "authenticated": query.authenticated,
            "counts": counts,
            "incomplete": incomplete,
        }

    def _tables(self, found: Found, population: Population, manifest: dict[str, Any]) -> Iterator[Member]:
        archive = self.archive
        yield archive.stream("exceptions/exceptions.csv", _exceptions(found))
        yield archive.stream("exceptions/exceptions.jsonl", (json_line(row) for row in exception_rows(found)))
        yield archive.stream("aging/undecided.csv", undecided(self.reading, self.scope))
        yield archive.stream("aging/after-reviews.csv", after_reviews(self.reading, self.scope))
        yield archive.stream("aging/ownership-reviews.csv", ownership_reviews(self.reading, self.scope))
        yield archive.stream("ownership/records.jsonl", records_in_force(self.reading, self.scope))
        yield archive.stream("ownership/history.jsonl", (one.content + b"\n" for one in found.ownership))
        merged = ((row["id"], row["merged_at"]) for row in population.each())
        incidents = incidents_value(found.incidents, merged, since=self.query.since, until=self.query.until)
        yield archive.add("incidents/incidents.json", json_line(incidents))
        yield archive.add("population/query.json", json_line(self._asked(manifest)))

    def _asked(self, manifest: dict[str, Any]) -> dict[str, Any]:
        names = (
            "period",
            "repositories",
            "is_everything",
            "sample",
            "asked_by",
            "authenticated",
            "checkpoint",
            "counts",
        )
        return {
            **{name: manifest[name] for name in names},
            "how": {
                "changes": "ledger entries of kind change-merged, recorded from <= at < to, of these repositories",
                "commits": "git log --first-parent of each reconciled branch, since the gate's first judgement of it",
                "exceptions": "ledger entries of the kinds that are exceptions, recorded from <= at",
                "rows": "SELECT idx, content FROM ledger_entries WHERE idx < size",
            },
        }

    def _for_readers(self, manifest: dict[str, Any], counts: dict[str, int]) -> Iterator[Member]:
        results = assessment_results(
            "Change management, by the sign-off gate",
            counts=counts,
            start=self.query.since,
            end=self.scope.checkpoint.at,
            seed=f"{manifest['checkpoint']['root']} {self.query.since} {self.query.until}",
        )
        yield self.archive.add("controls/assessment-results.json", canonical_bytes(results) + b"\n")
        rows = [csv_line(MAPPING_COLUMNS), *map(csv_line, mapping_rows(counts))]
        yield self.archive.stream("controls/mapping.csv", rows)
        yield self.archive.add("verify.py", self.tools.verifier)
        yield self.archive.add("README.md", guide(manifest))

    def _sealed(self, manifest: dict[str, Any]) -> str:
        """Write the manifest and its signed statement, and return the manifest's digest."""
        member = self.archive.stream("manifest.json", self._manifest_parts(manifest))
        payload = statement(
            [("manifest.json", "sha256", member.sha256)],
            EXPORT,
            {name: manifest[name] for name in ("origin", "checkpoint", "period", "counts", "incomplete")},
        )
        self.archive.add("manifest.intoto.json", envelope(payload, self.tools.signer))
        return f"sha256:{member.sha256}"

    def _manifest_parts(self, manifest: dict[str, Any]) -> Iterator[bytes]:
        """Yield the manifest with its list of files, which may be long, as canonical JSON."""
        head = canonical_bytes({**manifest, "files": []})
        before, _, after = head.partition(b'"files":[]')
        yield before + b'"files":['
        self.files.seek(0)
        comma = b""
        for line in iter(self.files.readline, b""):
            yield comma + line[:-1]
            comma = b","
        yield b"]" + after + b"\n"


def _scope(reading: Reading, query: ExportQuery) -> Scope:
    known = sorted(reading.repositories(), key=lambda one: one.key)
    if not query.repositories:
        return Scope(query, as_of(reading), known, is_everything=True)
    wanted = {name.lower() for name in query.repositories}
    chosen = [one for one in known if one.name.lower() in wanted]
    missing = wanted - {one.name.lower() for one in chosen}
    if missing:
        step = f"The service knows {', '.join(one.name for one in known[:5]) or 'none yet'}."
        raise UsageError(f"There is no repository {min(missing)!r}.", next_step=step)
    return Scope(query, as_of(reading), chosen, is_everything=False)


def _exceptions(found: Found) -> Iterator[bytes]:
    yield csv_line(EXCEPTIONS)
    for row in exception_rows(found):
        yield csv_line([_cell(row[name]) for name in EXCEPTIONS])


def _cell(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)


def _in_order(found: Found) -> dict[str, int]:
    return dict(sorted(found.by_month.items()))
