"""Replaying an export: every verdict decided anew from its recorded facts, every page drawn anew, and compared."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from gate.core.audit.packet_page import packet_page
from gate.core.change.sealing import open_facts_file
from gate.core.errors import GateError
from gate.usecases.kept_rules import KeptRules
from gate.usecases.replay_verdict import replay


class OpenedExport(Protocol):
    """An export as its verifier reads it."""

    def read(self, name: str) -> bytes: ...  # noqa: D102  # name and types say it
    def lines(self, name: str) -> Iterator[Any]: ...  # noqa: D102  # name and types say it


def replayed(export: OpenedExport, *, kept: KeptRules | None = None) -> Sequence[str]:
    """Return every packet whose verdict is not what this gate decides from its facts; none where all are.

    Facts of another engine are named with the release to install; of erased facts the state must come out the same.
    Rules that equal those of a change before are not compiled again.
    """
    kept = kept or KeptRules()
    rows = export.lines("population/changes.jsonl")
    return [f"change {row['id']}: {why}" for row in rows if (why := _why(export, row, kept))]


def redrawn(export: OpenedExport) -> Sequence[str]:
    """Return every page that does not show what its packet says; none where all do."""
    return [
        f"changes/{row['id']}/packet.html does not show what the packet says"
        for row in export.lines("population/changes.jsonl")
        if packet_page(json.loads(export.read(f"changes/{row['id']}/packet.json")))
        != export.read(f"changes/{row['id']}/packet.html")
    ]


def _why(export: OpenedExport, row: dict[str, Any], kept: KeptRules) -> str:
    if row["verdict_entry"] < 0:
        return ""
    folder = f"changes/{row['id']}"
    try:
        found = open_facts_file(export.read(f"{folder}/facts.json"), file=f"{folder}/facts.json")
        done = replay(found.sealed, found.at, export.read(f"{folder}/verdict.json"), kept=kept)
    except GateError as error:
        return str(error)
    return "" if done.outcome in {"same", "erased"} else done.why
