"""Trying a policy: its scenario cases, and its rules explained against the ownership they apply to."""

import datetime as dt
from collections.abc import Sequence

from gate import __version__
from gate.core.change.facts import Change, Facts, Repository
from gate.core.decide import decide
from gate.core.errors import UsageError
from gate.core.ownership.matcher import PathMatcher
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.conditions import pattern_lists
from gate.core.policy.explained_relaxations import Passage, explain_relaxations
from gate.core.policy.explanation import RuleExplanation, explain_policy
from gate.core.policy.scenario import Mismatch, Scenario, ScenarioCases, facts_of, mismatches
from gate.core.times import instant, parse_instant
from gate.core.validation import validate_document
from gate.core.values import dataclass
from gate.core.verdict import Verdict
from gate.usecases.load_rules import Rules
from gate.usecases.ports import Readers, Tree

_AROUND = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case: what was expected, what the gate said, and where they differ."""

    file: str
    scenario: Scenario
    verdict: Verdict
    mismatches: Sequence[Mismatch]


def run_cases(tree: Tree, rules: Rules, *, readers: Readers, config: str) -> list[CaseOutcome]:
    """Return the outcome of every case of `.gate/tests/*.yaml`. Raises UsageError where there are none."""
    folder = f"{config}/tests/"
    files = [e.path for e in tree.entries() if e.path.startswith(folder) and e.path.endswith((".yaml", ".yml"))]
    if not files:
        raise UsageError(f"There are no cases in {folder}.", next_step="Write one as `gate policy test --help` shows.")
    compiled = CompiledRules.of(rules.ownership, rules.policy)
    found = []
    for file in files:
        document = readers.load_yaml(tree.read(file) or b"", file=file)
        cases = validate_document(ScenarioCases, document)
        found += [run_case(file, case, rules, compiled, tree=tree, readers=readers) for case in cases.cases]
    return found


def run_case(  # a case, its rules, and what reads them
    file: str, scenario: Scenario, rules: Rules, compiled: CompiledRules, *, tree: Tree, readers: Readers
) -> CaseOutcome:
    """Return what the gate says to one case."""
    at = parse_instant(scenario.at)
    expanded = readers.expand_freezes(
        rules.policy.policy.freezes,
        read=tree.read,
        from_at=instant(at - _AROUND),
        until_at=instant(at + _AROUND),
        file=rules.policy.file,
        lines=rules.policy.lines,
    )
    facts = facts_of(
        scenario, ownership=rules.ownership, policy=rules.policy, periods=expanded.periods, engine=__version__
    )
    verdict = decide(facts, at=scenario.at, compiled=compiled)
    return CaseOutcome(file, scenario, verdict, mismatches(scenario.expect, verdict))


@dataclass(frozen=True, slots=True)
class PolicyInWords:
    """A policy explained: its rules with what they reach, and what holds changes or lets them through besides."""

    rules: Sequence[RuleExplanation]
    relaxations: Sequence[Passage]


def explain_rules(tree: Tree, rules: Rules, *, at: dt.datetime) -> PolicyInWords:
    """Return a policy in words, with what each rule reaches in this tree and what is wrong with it."""
    lists = pattern_lists(rules.policy.policy)
    paths = [entry.path for entry in tree.entries()]
    matcher = PathMatcher(lists)
    hits = matcher.match_all(paths)
    matching = {patterns: sum(1 for hit in hits if hit[number] >= 0) for number, patterns in enumerate(lists)}
    change = Change(Repository(0, ""), 0, "", "", "", "", "", ())
    facts = Facts(__version__, change, (), (), {}, rules.ownership, rules.policy)
    return PolicyInWords(explain_policy(facts, paths, matching), explain_relaxations(facts, at=instant(at)))
