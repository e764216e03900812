"""The texts that `gate init` writes: records, policy and workflow, byte for byte the same for the same input."""

import json
import re
from collections.abc import Mapping, Sequence

from gate.core.identity import ascii_lower

ACTION_REPOSITORY = "signoff-gate/signoff-gate"
CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"


def records_text(
    intro: Sequence[str],
    people: Mapping[str, Mapping[str, str]],
    teams: Mapping[str, Mapping[str, object]],
    component: Sequence[str],
    most_active: Sequence[str],
) -> str:
    """Return the text of a records file; equal arguments give equal bytes."""
    lines = ["# Ownership records. Check with `gate lint`; see who owns a file with `gate owners PATH`.", *intro]
    if most_active:
        lines += ["#", "# Most active in the recent history:", *(f"#   {one}" for one in most_active)]
    lines += ["version: 1"]
    lines += _mapping("people", people) + _mapping("teams", teams)
    lines += ["components:", *component] if component else []
    return "\n".join(lines) + "\n"


def policy_text(sources: Sequence[str], owner: str, further: Sequence[str]) -> str:
    """Return the text of a policy file: the sources, the policy owner (empty: none), and further lines as they are."""
    named = (
        [f"policy_owner: {_quoted(owner)}"]
        if owner
        else ["# Until somebody is named, nobody can.", "# policy_owner: NAME"]
    )
    lines = [
        "# Sign-off policy. What is not said has its default; `gate policy explain` says what is in force.",
        "version: 1",
        "# Where ownership is written; each source is a section of its own, and all of them apply.",
        f"sources: [{', '.join(sources)}]",
        "# Who signs off changes of .gate/, .github/, CODEOWNERS, .gitattributes and .gitmodules.",
        *named,
        *further,
        "# Try it without blocking anybody: `enforcement: evaluate`.",
        "enforcement: active",
    ]
    return "\n".join(lines) + "\n"


def _mapping(key: str, entries: Mapping[str, Mapping[str, object]]) -> list[str]:
    lines = [f"{key}:"] if entries else []
    for name, values in sorted(entries.items(), key=lambda item: (ascii_lower(item[0]), item[0])):
        inner = ", ".join(f"{field}: {_quoted(value)}" for field, value in values.items())
        lines.append(f"  {_quoted(name)}: {{{inner}}}")
    return lines


def _quoted(value: object) -> str:
    """Return a value as YAML that every reader takes for a text (or a list of texts)."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value) and not _is_word_of_yaml(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_word_of_yaml(value: str) -> bool:
    return value.lower() in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def workflow_text(version: str) -> str:
    """Return the workflow that judges every pull request by the Action of one release, without a service."""
    return f"""\
# Judges every pull request: who must sign off, and whether the way back holds. Red until everything is met.
# A change can edit this file, so the run is advice. It holds merges back for certain where the organisation requires
# it from a protected repository, or where the gate's service is set up: its own check is then what to require.
name: Sign-off gate
on:
  pull_request:
    types: [opened, edited, synchronize, reopened, ready_for_review, labeled, unlabeled]
  pull_request_review:
    types: [submitted, edited, dismissed]
permissions: {{}}
concurrency:
  group: signoff-gate-${{{{ github.event.pull_request.number }}}}
  cancel-in-progress: true
jobs:
  gate:
    name: Sign-off gate (advice)
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # the files, and who pushed
      pull-requests: read # text, labels and reviews
      issues: read # tickets that are issues of this repository
      checks: read # other checks that the policy asks for
    steps:
      - uses: {CHECKOUT} # v5.0.0
        with:
          fetch-depth: 0
          persist-credentials: false
      # Better than the tag: the commit that it stands for.
      - uses: {ACTION_REPOSITORY}@v{version}
        with:
          mode: standalone
"""
