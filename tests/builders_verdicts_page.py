"""Builder of docs/verdicts.md: every state as it is really printed. Run this file to write the page anew."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from builders_facts import AT, a_declaration, a_file, a_plan, a_policy, a_signoff, some_facts

from gate.core.change.declaration import DeclarationProblem
from gate.core.change.facts import Facts, FreezePeriod, Problem
from gate.core.change.plan_digest import plan_digest
from gate.core.change.sealing import content_salt, settle
from gate.core.decide import decide
from gate.core.explain.terminal import terminal
from gate.core.verdict import Verdict

PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
_INTRODUCTION = """# Verdicts, as they are printed

`gate check` prints one verdict. This page shows each of the six states once, in the order in which they win when
several hold: `error`, `rejected`, `needs-author`, `frozen`, `waiting`, `approved`. Only `approved` ends with exit
code 0.

All examples are about the same change: dave changes the service `payments-api`, which the team `payments` (alice and
bob) owns. The gate prints them; a test compares them with this page. Only the digests of the facts are shortened here.

How to read one: the first line is the state, as a sign and as a word; then one or two sentences with the next step;
then the change, what is missing (what decides comes first), what is met, the rollback plan as it was understood, the
risk with its terms, and the components that the change touches. `rule` names the file and line that asked for
something.
"""
_STATES: Mapping[str, str] = {
    "error": "The gate could not see or understand everything, so it does not judge. Unknown is never yes.",
    "rejected": (
        "Somebody entitled said no. A rejection stands across pushes until its author approves or withdraws,\n"
        "or until two people with the role `veto-lift` lift it."
    ),
    "needs-author": "The author must act: here the rollback plan lacks what makes it one.",
    "frozen": "A freeze window holds the change, whoever has signed off. The verdict changes by itself when it ends.",
    "waiting": (
        "All is in order, and others must sign off. Here dave approved his own change, which does not count, and the\n"
        "owner of a second component has signed off already."
    ),
    "approved": "Every requirement is met.",
}
_CLOSING = """
## Other forms

| form | for |
| --- | --- |
| `gate check --format text` | people at a terminal; the default, shown above |
| `gate check --format json` | programs: one object with `"schema": "gate.verdict/1"` |
| `gate check --format markdown` | the summary of a check run or a job: 65,535 characters at most, cut by importance |
| `gate check --format github` | workflow annotations on the files that brought a requirement in, ten at most |

In every form the text of other people (titles, paths, reasons) is shown and does nothing: control characters,
zero-width characters and those that change the direction of writing appear as `\\u{202e}`, and in Markdown there are no
mentions, links or images of theirs.
"""


def signed(facts: Facts, *people: str) -> Facts:
    """The facts with an approving review of each person, given on what is there now."""
    digest = plan_digest(facts.declaration.rollback)
    return replace(facts, signoffs=facts.signoffs + tuple(a_signoff(name, plan_digest=digest) for name in people))


def examples() -> dict[str, Verdict]:
    """A verdict for each state, each decided from settled facts."""
    policy_lines = {"signoffs": 4, "rollback": 9}
    plain = some_facts(policy=a_policy(lines=policy_lines))
    cut_off = Problem("listing-cut-off", "The listing of files is cut off at 3,000.", "Split the change.")
    vague = a_declaration(
        rollback=a_plan(verification=None, restore_minutes=None),
        problems=(
            DeclarationProblem("rollback-placeholder", "`tbd` stands where the verification belongs.", "body", 9),
        ),
    )
    freeze = {
        "name": "Year-end close",
        "from": "2026-12-18T18:00",
        "to": "2027-01-04T08:00",
        "timezone": "Europe/Berlin",
    }
    frozen = some_facts(
        policy=a_policy(lines={**policy_lines, "freezes/0": 31}, freezes=[freeze]),
        freeze_periods=(FreezePeriod(0, "2026-12-18T17:00:00Z", "2027-01-04T07:00:00Z"),),
    )
    two = replace(plain, files=(a_file("services/payments/round.py"), a_file("web/prices.html")))
    rejected = replace(plain, signoffs=(a_signoff("bob", "reject", reason="Yen have no cents; see ledger/README."),))
    facts = {
        "error": (signed(replace(plain, problems=(cut_off,)), "alice"), AT),
        "rejected": (signed(rejected, "alice"), AT),
        "needs-author": (signed(replace(plain, declaration=vague), "alice"), AT),
        "frozen": (signed(frozen, "alice"), "2026-12-20T09:00:00Z"),
        "waiting": (signed(two, "dave", "erin"), AT),
        "approved": (signed(plain, "alice"), AT),
    }
    return {name: decide(settle(one, salt=content_salt(one))[0], at=at) for name, (one, at) in facts.items()}


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for name, verdict in examples().items():
        shown = terminal(verdict).replace(verdict.facts, "sha256:...")
        parts.append(f"\n## {name}\n\n{_STATES[name]}\n\n```text\n{shown}```\n")
    return "".join([*parts, _CLOSING])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
