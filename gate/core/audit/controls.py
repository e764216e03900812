"""Controls: which files answer which control, and OSCAL assessment results that say so for machines."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from gate.core.values import dataclass

OSCAL_VERSION = "1.1.3"


@dataclass(frozen=True, slots=True)
class Control:
    """One control of one framework, the figures that decide whether it is met, and where its evidence is.

    `must_be_zero` names counts of the export that must be 0 for the control to be met.
    """

    framework: str
    id: str
    title: str
    evidence: tuple[str, ...]
    must_be_zero: tuple[str, ...]


_CHANGES, _COMMITS = "population/changes.csv", "population/commits.csv"
_PACKETS = "changes/*/packet.json"
_LEDGER = "ledger/entries.jsonl"
_ALL = ("unapproved_merges", "unexplained", "incomplete")
CONTROLS = (
    Control("SOC 2", "CC8.1", "Changes are authorised, tested, approved", (_CHANGES, _COMMITS, _PACKETS), _ALL),
    Control("ISO/IEC 27001:2022", "A.8.32", "Change management", (_CHANGES, _PACKETS), _ALL),
    Control("ISO/IEC 27001:2022", "A.5.3", "Segregation of duties", (_PACKETS,), ("self_approvals",)),
    Control("PCI DSS 4.0.1", "6.5.1", "Changes follow established procedures", (_CHANGES, _PACKETS), _ALL),
    Control("NIST SP 800-53", "CM-3", "Configuration change control", (_CHANGES, _PACKETS), _ALL),
    Control("NIST SP 800-53", "CM-3(1)", "Automated documentation, notification and prohibition of changes",
            (_PACKETS, "population/control-periods.csv"), ("unapproved_merges", "unexplained")),
    Control("NIST SP 800-53", "CM-4", "Impact analyses", (_PACKETS,), ("incomplete",)),
    Control("NIST SP 800-53", "CM-5(1)", "Automated access enforcement and audit records",
            (_COMMITS, "population/control-periods.csv"), ("unexplained",)),
    Control("NIST SP 800-53", "AC-5", "Separation of duties", (_PACKETS,), ("self_approvals",)),
    Control("NIST SP 800-53", "AU-9", "Protection of audit information",
            ("ledger/checkpoint", _LEDGER), ("incomplete",)),
    Control("NIST SP 800-53", "AU-10", "Non-repudiation", (_PACKETS, _LEDGER), ("self_approvals",)),
    Control("SOX ITGC", "Change management", "Changes to systems are approved before release",
            (_CHANGES, _COMMITS), _ALL),
    Control("EU DORA RTS 2024/1774", "Art. 17", "ICT change management", (_CHANGES, _PACKETS), _ALL),
)  # fmt: skip
MAPPING_COLUMNS = ("framework", "control", "title", "satisfied", "why", "evidence")


def mapping_rows(counts: Mapping[str, int]) -> list[list[str | int | bool | None]]:
    """Return one row for each control: whether it is satisfied in this export, why, and which files to look at."""
    return [
        [one.framework, one.id, one.title, not _failing(one, counts), _why(one, counts), "; ".join(one.evidence)]
        for one in CONTROLS
    ]


def assessment_results(title: str, *, counts: Mapping[str, int], start: str, end: str, seed: str) -> dict[str, Any]:
    """Return OSCAL assessment results. `seed` makes every id: the same export has the same ids."""
    observations = [_observation(one, counts, seed, end) for one in CONTROLS]
    findings = [_finding(one, counts, seed, place) for place, one in enumerate(CONTROLS)]
    return {
        "assessment-results": {
            "uuid": uuid_of(seed, "results"),
            "metadata": {
                "title": title,
                "last-modified": end,
                "version": "1",
                "oscal-version": OSCAL_VERSION,
            },
            "import-ap": {"href": "#" + uuid_of(seed, "plan")},
            "results": [
                {
                    "uuid": uuid_of(seed, "result"),
                    "title": title,
                    "description": "Recomputed by the sign-off gate from its ledger; verify.py checks it offline.",
                    "start": start,
                    "end": end,
                    "reviewed-controls": {
                        "control-selections": [
                            {"include-controls": [{"control-id": one} for one in _oscal_ids(CONTROLS)]}
                        ]
                    },
                    "observations": observations,
                    "findings": findings,
                }
            ],
        }
    }


def uuid_of(seed: str, name: str) -> str:
    """Return a version 4 shaped UUID that follows from a seed and a name alone."""
    raw = hashlib.sha256(f"{seed}\0{name}".encode()).hexdigest()
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"


def _observation(one: Control, counts: Mapping[str, int], seed: str, end: str) -> dict[str, Any]:
    return {
        "uuid": uuid_of(seed, f"observation {one.framework} {one.id}"),
        "title": f"{one.framework} {one.id}: {one.title}",
        "description": _why(one, counts),
        "methods": ["EXAMINE", "TEST"],
        "relevant-evidence": [{"href": file, "description": "A file of this export."} for file in one.evidence],
        "collected": end,
    }


def _finding(one: Control, counts: Mapping[str, int], seed: str, place: int) -> dict[str, Any]:
    name = f"{one.framework} {one.id}"
    return {
        "uuid": uuid_of(seed, f"finding {name}"),
        "title": name,
        "description": one.title,
        "target": {
            "type": "objective-id",
            "target-id": _oscal_ids([one])[0] + "_obj",
            "description": _why(one, counts),
            "status": {"state": "not-satisfied" if _failing(one, counts) else "satisfied"},
        },
        "related-observations": [
            {"observation-uuid": uuid_of(seed, f"observation {CONTROLS[place].framework} {one.id}")}
        ],
    }


def _oscal_ids(controls: Sequence[Control]) -> list[str]:
    """Return ids as OSCAL spells them: tokens of letters, digits, dots and hyphens that begin with a letter."""
    return ["".join(letter if letter.isalnum() else "-" for letter in f"{one.framework} {one.id}".lower()).strip("-")
            for one in controls]  # fmt: skip


def _failing(one: Control, counts: Mapping[str, int]) -> list[str]:
    return [name for name in one.must_be_zero if counts.get(name, 1)]


def _why(one: Control, counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {counts.get(name, 'unknown')}" for name in one.must_be_zero)
