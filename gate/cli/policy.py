"""`gate policy`: explain a policy in words, run its scenario cases, and try it on past changes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap
from gate.cli.config_folder import require_folder
from gate.cli.groups import WholeHelpGroup
from gate.cli.policy_simulate import simulate_command
from gate.core.counting import count_of
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout
    from gate.core.policy.explained_relaxations import Passage
    from gate.core.policy.explanation import RuleExplanation
    from gate.usecases.load_rules import Rules
    from gate.usecases.ports import Tree
    from gate.usecases.try_policy import CaseOutcome

_MOST_REACHED = 8
_repo = click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The checkout.  [default: here]")
_rev = click.option("--rev", help="Read this revision.  [default: the working tree]")
_config = click.option("--config", default=".gate", show_default=True, help="The folder of policy and records.")
_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


@click.group(name="policy", cls=WholeHelpGroup)
def command() -> None:
    """Say what a policy does before it does it."""


command.add_command(simulate_command)


@command.command(name="explain")
@_repo
@_rev
@_config
@_json
def explain(repo: Path, rev: str | None, config: str, *, is_json: bool) -> int:
    """Say every rule in words, which components it reaches, and what can never match or be met.

    Standard changes, freezes and the emergency path are told as well.

    \b
    Example: gate policy explain --rev main

    Exit codes: 0 nothing is wrong, 1 some rule can never match or be met, 2 invalid policy or records.
    """  # noqa: D301  # click reads the backspace
    from gate.usecases.try_policy import explain_rules

    with _opened(repo) as checkout:
        tree, rules = _rules(checkout, rev, config)
        found = explain_rules(tree, rules, at=bootstrap.now())
    if is_json:
        click.echo(json.dumps([_as_json(rule) for rule in found.rules], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join([*_explained(rules, found.rules), *_relaxations(rules, found.relaxations)]))
    is_dead = [one.is_dead for one in found.rules] + [one.is_dead for one in found.relaxations]
    return 1 if any(is_dead) else 0


@command.command(name="test")
@_repo
@_rev
@_config
@_json
@click.option("--show", is_flag=True, help="Print each verdict as `gate check` would.")
def test(repo: Path, rev: str | None, config: str, *, is_json: bool, show: bool) -> int:
    """Run the cases of `.gate/tests/*.yaml`: a change in short form, and what the gate must say to it.

    \b
    Example: gate policy test --show, with a case such as
      version: 1
      cases:
        - name: a migration needs a database administrator
          change:
            files: [db/schema.sql]
            findings: [{path: db/schema.sql, kind: data-migration}]
            signoffs: [alice]
          expect: {state: waiting, asked: [carol]}

    Exit codes: 0 all as expected, 1 some differ, 2 invalid file.
    """  # noqa: D301  # click reads the backspace
    from gate.usecases.try_policy import run_cases

    with _opened(repo) as checkout:
        tree, rules = _rules(checkout, rev, config)
        outcomes = run_cases(tree, rules, readers=bootstrap.readers(), config=config)
    failed = [outcome for outcome in outcomes if outcome.mismatches]
    if is_json:
        click.echo(json.dumps([_case_as_json(outcome) for outcome in outcomes], indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            _print_outcome(outcome, is_shown=show)
        click.echo(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


class _opened:  # noqa: N801  # used as a verb
    """Opens a checkout and closes it again."""

    def __init__(self, repo: Path) -> None:
        self.checkout = bootstrap.open_checkout(repo)

    def __enter__(self) -> "Checkout":
        return self.checkout

    def __exit__(self, *_: object) -> None:
        self.checkout.close()


def _rules(checkout: "Checkout", rev: str | None, config: str) -> "tuple[Tree, Rules]":
    from gate.usecases.load_rules import load_rules

    tree = checkout.tree(rev)
    require_folder(config, tree)
    return tree, load_rules(tree, readers=bootstrap.readers(), config=config, repository=None)


def _explained(rules: "Rules", found: "Sequence[RuleExplanation]") -> list[str]:
    policy = rules.policy.policy
    parties = " or ".join(policy.signoffs.from_)
    parts = count_of(len(rules.ownership.components), "component")
    lines = [
        f"{visible(rules.policy.file)}: {count_of(len(found), 'rule')} over {parts}",
        f"  Each touched component needs {count_of(policy.signoffs.each_component, 'sign-off')} of its {parties}.",
        f"  Files without owner: {_unowned_words(rules)}",
        f"  The gate's own files: {_gate_files_words(rules)}",
        f"  A rollback plan is {'required' if policy.rollback.required else 'not required'}.",
    ]
    for rule in found:
        lines += [
            "",
            f"{visible(rule.name)} ({rules.policy.file}:{rule.line})",
            f"  {visible(rule.when)}, it asks for:",
        ]
        lines += [f"    - {visible(ask)}" for ask in rule.asks]
        if rule.reaches:
            rest = len(rule.reaches) - _MOST_REACHED
            more = f" and {rest} more" if rest > 0 else ""
            lines.append(f"  It can reach {', '.join(rule.reaches[:_MOST_REACHED])}{more}.")
        lines += [f"  warning: {visible(warning)}" for warning in rule.warnings]
    return lines


def _relaxations(rules: "Rules", found: "Sequence[Passage]") -> list[str]:
    lines = []
    for passage in found:
        lines += ["", f"{visible(passage.title)} ({visible(rules.policy.file)}:{passage.line})"]
        lines += [f"  {visible(sentence)}" for sentence in passage.sentences]
        lines += [f"  warning: {visible(warning)}" for warning in passage.warnings]
    return lines


def _gate_files_words(rules: "Rules") -> str:
    from gate.core.policy.gate_files import GATE_SECTION, with_gate_files

    sections = with_gate_files(rules.ownership, rules.policy).sections
    if not sections or sections[-1].name != GATE_SECTION:
        return "as any other file, for there is no policy yet."
    owner = rules.policy.policy.policy_owner or rules.policy.policy.default_owner
    return f"{visible(owner)} signs off." if owner else "nobody can approve them; set `policy_owner`."


def _unowned_words(rules: "Rules") -> str:
    policy = rules.policy.policy
    if policy.unowned == "allow":
        return "they pass unasked (`unowned: allow`)."
    if rules.ownership.is_bare_codeowners and rules.policy.file == "built-in defaults":
        return "they pass unasked, as on the platform."
    return f"{policy.default_owner} signs off." if policy.default_owner else "they block; there is no `default_owner`."


def _as_json(rule: "RuleExplanation") -> dict[str, object]:
    return {
        "name": rule.name,
        "line": rule.line,
        "when": rule.when,
        "asks": list(rule.asks),
        "reaches": list(rule.reaches),
        "warnings": list(rule.warnings),
    }


def _print_outcome(outcome: "CaseOutcome", *, is_shown: bool) -> None:
    from gate.core.explain.terminal import terminal

    is_coloured = bootstrap.is_coloured(sys.stdout)
    mark = click.style("FAIL", fg="red") if outcome.mismatches else click.style("ok", fg="green")
    line = f"{mark}  {visible(outcome.scenario.name)}"
    click.echo(line if is_coloured else click.unstyle(line))
    for mismatch in outcome.mismatches:
        click.echo(f"      {outcome.file}: {visible(str(mismatch))}")
    if is_shown:
        click.echo(terminal(outcome.verdict, width=100, colour=is_coloured), nl=False)


def _case_as_json(outcome: "CaseOutcome") -> dict[str, object]:
    return {
        "file": outcome.file,
        "name": outcome.scenario.name,
        "passed": not outcome.mismatches,
        "state": outcome.verdict.state,
        "mismatches": [str(mismatch) for mismatch in outcome.mismatches],
    }
