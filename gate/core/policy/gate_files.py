"""The gate's own files as a section of the ownership: what the decision asks of them, for whoever looks up owners."""

from dataclasses import replace

from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.policy.model import PolicyDocument
from gate.core.policy.touched import GATE_FILES

GATE_SECTION = "gate-files"
"""The name of the section and of its one component."""


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
    folder = document.file.rpartition("/")[0]
    patterns = GATE_FILES if folder in {"", ".gate"} else (*GATE_FILES, f"/{folder}/")
    rules = tuple(Rule(pattern, source, number) for pattern in patterns)
    section = Section(GATE_SECTION, rules, source)
    return replace(ownership, components=(*ownership.components, component), sections=(*ownership.sections, section))
