"""Report: the whole export as one page to read and print: exceptions first, charts, then the population."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gate.core.audit.charts import bars
from gate.core.audit.controls import MAPPING_COLUMNS, mapping_rows
from gate.core.audit.packet_page import esc, page, table
from gate.core.counting import count_of
from gate.core.values import dataclass

_CHANGE_COLUMNS = ("merged_at", "repository", "number", "title", "requester", "signoffs", "verdict", "exceptions")
_EXCEPTION_COLUMNS = ("at", "code", "subject", "commit", "why", "closed_by")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the report tells: figures, merged changes by month, branches, and what is read once as it is written."""

    counts: Mapping[str, int]
    by_month: Mapping[str, int]
    branches: Sequence[Mapping[str, Any]]
    exceptions: Iterable[Mapping[str, Any]]
    changes: Iterable[Mapping[str, Any]]


def report(manifest: Mapping[str, Any], found: Findings) -> Iterator[bytes]:
    """Yield the report part by part; exceptions and changes are read once, so that memory stays flat."""
    for part in page("Change management: audit report", _parts(manifest, found)):
        yield part.encode()


def _parts(manifest: Mapping[str, Any], found: Findings) -> Iterator[str]:
    period, counts, branches = manifest["period"], found.counts, found.branches
    yield "<h1>Change management: audit report</h1>\n"
    yield f"<p>{esc(period['from'])} to {esc(period['to'])} (UTC), ledger {esc(manifest['origin'])} of "
    head = manifest["checkpoint"]
    yield f"{count_of(head['size'], 'entry', 'entries')}, root <code>{esc(head['root'])}</code>.</p>\n"
    for reason in manifest["incomplete"]:
        yield f"<p class=bad>Incomplete: {esc(reason)}</p>\n"
    verdict = "good" if not counts["unexplained"] and not counts["unapproved_merges"] else "bad"
    merged, past = count_of(counts["changes"], "change"), count_of(counts["bypasses"], "commit")
    yield f"<p class={verdict}>{merged} merged, {counts['unapproved_merges']} of them without an approval; "
    yield f"{past} past the gate, {counts['unexplained']} of them unexplained.</p>\n"
    yield "<h2>Exceptions</h2>\n"
    yield from table(_EXCEPTION_COLUMNS, ([one[name] for name in _EXCEPTION_COLUMNS] for one in found.exceptions))
    yield "<h2>Merged changes by month</h2>\n"
    yield from bars("Merged changes by month", found.by_month)
    yield "<h2>Commits of protected branches</h2>\n"
    figures = {
        "accounted for": sum(one["accounted"] for one in branches),
        "past the gate": sum(one["bypasses"] for one in branches),
        "unexplained": sum(one["unexplained"] for one in branches),
    }
    yield from bars("Commits of protected branches", figures)
    names = ("repository", "branch", "tip", "commits", "accounted", "bypasses", "unexplained")
    yield from table(names, ([one[name] for name in names] for one in branches))
    yield "<h2>Controls</h2>\n"
    yield from table(MAPPING_COLUMNS, ([_said(cell) for cell in row] for row in mapping_rows(counts)))
    yield "<h2>Population</h2>\n"
    yield from table(_CHANGE_COLUMNS, ([_joined(one[name]) for name in _CHANGE_COLUMNS] for one in found.changes))


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
