"""The texts that `gate init` writes: records, policy and workflow, byte for byte the same for the same input."""

import json
import re
from collections.abc import Mapping, Sequence

from gate.core.identity import ascii_lower


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
    """Return the workflow that shows on every pull request what one release of the gate would ask.

    It judges from the checkout alone and sees no reviews, so it shows and never blocks.
    """
    return f"""\
# Shows the gate's verdict in the summary of this run: who must sign off, and whether the way back holds.
# Reviews, comments and approval links are counted by the service alone, which is also what holds a merge back: a
# sign-off that was given is still shown as missing here, and this run blocks nothing.
name: Sign-off gate
on:
  pull_request:
    types: [opened, edited, synchronize, reopened, ready_for_review]
permissions:
  contents: read
jobs:
  show:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - name: Show what is asked
        env:
          TOKEN: ${{{{ github.token }}}}
          NUMBER: ${{{{ github.event.pull_request.number }}}}
          BASE: ${{{{ github.event.pull_request.base.ref }}}}
          HEAD: ${{{{ github.event.pull_request.head.sha }}}}
          TITLE: ${{{{ github.event.pull_request.title }}}}
          BODY: ${{{{ github.event.pull_request.body }}}}
          AUTHOR: ${{{{ github.event.pull_request.user.login }}}}
        run: |
          git clone --quiet --no-checkout \\
            "https://x-access-token:$TOKEN@${{GITHUB_SERVER_URL#https://}}/$GITHUB_REPOSITORY.git" repository
          git -C repository fetch --quiet origin "pull/$NUMBER/head"
          printf '%s' "$BODY" > body.md
          pipx run --spec "signoff-gate=={version}" gate check --format markdown \\
            --repo repository --base "origin/$BASE" --branch "$BASE" --head "$HEAD" \\
            --body body.md --title "$TITLE" --author "$AUTHOR" \\
            >> "$GITHUB_STEP_SUMMARY" || [ $? -eq 1 ]
"""
