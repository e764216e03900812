"""The gate's own files: which they are, and their section of the ownership for whoever looks up owners."""

import re
from dataclasses import replace

from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.policy.model import PolicyDocument

GATE_FILES = ("/.gate/", "/.github/", "/.gitlab/", "CODEOWNERS", ".gitattributes", ".gitmodules")
"""Files that steer the gate, the platform or what a reader sees: the policy owner's, whatever the records say."""
DECLARATIONS = ("/.gate/changes/*.yaml", "/.gate/changes/*.yml")
"""Declarations that a change brings along: the author's own, owned by nobody."""

GATE_SECTION = "gate-files"
"""The name of the section and of its one component."""


def gate_files_of(ownership: Ownership, document: PolicyDocument) -> tuple[str, ...]:
    """Return the patterns of the gate's own files: the folder of policy or records and the freezes' calendars included.

    SECURITY: whoever empties a calendar lifts the freeze, wherever the policy keeps it.
    """
    folders = {document.file.rpartition("/")[0], _records_folder(ownership)} - {"", ".gate"}
    calendars = {freeze.calendar.removeprefix("/") for freeze in document.policy.freezes if freeze.calendar}
    outside = [name for name in sorted(calendars) if not name.startswith((".gate/", *(f"{one}/" for one in folders)))]
    written_out = [re.sub(r"[\\*?\[\] ]", r"\\\g<0>", name) for name in outside]
    return (*GATE_FILES, *(f"/{folder}/" for folder in sorted(folders)), *(f"/{name}" for name in written_out))


def with_gate_files(ownership: Ownership, document: PolicyDocument) -> Ownership:
    """Return the ownership with a last section that gives the gate's own files to the policy owner.

    With no policy and a bare CODEOWNERS file there is no gate to protect yet, and the ownership is returned as it is.
    Where the policy names nobody, the section's component has no owner: nobody can approve such a change.
    """
    if ownership.is_bare_codeowners and document.file == "built-in defaults":
        return ownership
    policy = document.policy
    key = "policy_owner" if policy.policy_owner else "default_owner"
    owner, line = policy.policy_owner or policy.default_owner, document.lines.get(key)
    source = f"{document.file}:{line}" if line else document.file
    component = Component(GATE_SECTION, GATE_SECTION, (owner,) if owner else (), source, title="The gate's own files")
    number = len(ownership.components)
    rules = tuple(Rule(pattern, source, number) for pattern in gate_files_of(ownership, document))
    section = Section(GATE_SECTION, rules, source)
    return replace(ownership, components=(*ownership.components, component), sections=(*ownership.sections, section))


def _records_folder(ownership: Ownership) -> str:
    """Return the folder of the gate's files that the records stand in, empty where there are none.

    SECURITY: without a policy nothing else says which folder that is, and the records must not be their owners' own.
    """
    if "records" not in ownership.sources or not ownership.sections:
        return ""
    file = ownership.sections[0].source
    heads = [file.rpartition(name)[0] for name in ("/ownership.", "/ownership/")]
    return min(filter(None, heads), key=len, default="")
