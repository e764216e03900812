"""Verifier source: the verifier's modules as the one file that an export carries."""

import re
from importlib import resources

MODULES = (
    "ed25519",
    "tlog",
    "export",
    "tables",
    "facts",
    "claims_ledger",
    "claims_packets",
    "claims_changes",
    "claims_commits",
    "claims_incidents",
    "main",
)
_OWN = re.compile(r"^from gate\.verifier\.\w+ import (?:\([^)]*\)|[^\n]*)\n", re.MULTILINE)
_FUTURE = "from __future__ import annotations\n"
_HEAD = '''#!/usr/bin/env python3
"""Verifies an audit export of the sign-off gate: PASS or FAIL for every claim; exit code 0 only where none failed.

Python 3.9 or newer, the standard library alone, no network. `python3 verify.py --help` says the rest.
"""

from __future__ import annotations
'''


def verifier_source() -> bytes:
    """Return the verifier as one file, the same bytes every time."""
    folder = resources.files("gate.verifier")
    parts = [_HEAD]
    for name in MODULES:
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        body = _OWN.sub("", text.partition(_FUTURE)[2])
        parts.append(f"\n# ---- {name}\n{body.rstrip()}\n")
    return "\n".join(parts).encode()
