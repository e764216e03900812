"""R20: rules that are kept judge a change as if compiled for it alone, whatever they judged before."""

import dataclasses
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from builders_facts import (
    AT,
    PEOPLE,
    TEAMS,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    a_signoff,
    accounts_of,
    an_ownership,
    some_facts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import EarlierContent, Facts, LookAlike, Team
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes
from gate.core.ownership import path_memory
from gate.core.ownership.records import TeamRecord
from gate.core.ownership.registry import Ownership, Rule, Section
from gate.core.policy.model import PolicyDocument
from gate.core.verdict import Verdict
from gate.usecases.kept_rules import KeptRules

PATTERNS = ("*", "/a/", "a", "/a/*", "/a/**/b", "*.py", "A", "**/b/", "/.gate/", "b*", "\\a", "/a//b", "e\u0301", "[a]")
PATHS = (
    "a", "A", "a/a", "a/b", "a/b/b", "a/x.py", "b/a/b/x.py", "a//b", "./a", "a/../b", "b", "bb", "x.py/x.py", "\u00e9",
    "e\u0301", "\u0430/b", "a\nb", ".gate/policy.yaml", ".gate/changes/x.yaml", "CODEOWNERS", "\\a", "[a]",
    "/".join("a" * 70),
)  # fmt: skip
OWNERS = ("payments", "web", "platform", "@alice", "@bob", "@stranger", "@acme/team", "nobody")
NAMES = ("api", "web", "@alice @bob")


@st.composite
def ownerships(draw: st.DrawFn) -> Ownership:
    """Components, and sections that un-own, exclude, ignore, inform or ask for two."""
    count = draw(st.integers(1, 3))
    backups = st.sampled_from([None, *OWNERS[:5]])
    components = tuple(
        dataclasses.replace(
            an_ownership(a_component(name, draw(st.sampled_from(OWNERS)), "*")).components[0], backup=draw(backups)
        )
        for name in NAMES[:count]
    )
    rule = st.builds(
        lambda pattern, component, is_exclusion, problem: Rule(
            pattern, "f:1", component, is_exclusion=is_exclusion and component is not None, problem=problem
        ),
        st.sampled_from(PATTERNS),
        st.sampled_from([None, *range(count)]),
        st.booleans(),
        st.sampled_from([None, None, None, "it cannot be read"]),
    )
    section = st.builds(
        lambda rules, is_optional, required, dialect: Section(
            "default", tuple(rules), "f", is_optional=is_optional, required=required, dialect=dialect
        ),
        st.lists(rule, min_size=1, max_size=6),
        st.booleans(),
        st.sampled_from([None, 1, 2]),
        st.sampled_from(["github", "gitlab"]),
    )
    sections = draw(st.lists(section, min_size=1, max_size=2))
    teams = {**TEAMS, "payments": TeamRecord(members=draw(st.sampled_from([("alice", "bob"), ("carol",)])))}
    named = tuple(dataclasses.replace(one, name=f"s{n}" if n else "default") for n, one in enumerate(sections))
    return Ownership(components, named, people=PEOPLE, teams=teams)


POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"default_owner": "platform"},
    {"default_owner": "web", "signoffs": {"from": ["owner", "backup"], "each_component": 2}},
    {"policy_owner": "platform", "unowned": "allow", "file": ".ci/policy.yaml"},
    {
        "rules": [
            {"name": "r", "when": {"paths": ["*.py", "/a/"]}, "require": {"signoffs": {"owner": 2, "team:web": 1}}}
        ]
    },
    {"rules": [{"name": "r", "when": {"not": {"paths": ["b"]}}, "require": {"any_of": [{"signoffs": {"backup": 1}}]}}]},
)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Files at odd paths, who wrote them, who signed off, and what is looked up besides."""
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=8, unique=True))
    people = draw(st.lists(st.sampled_from(sorted(PEOPLE)), max_size=3, unique=True))
    link = {"mode": "120000", "link_target": draw(st.sampled_from(PATHS))}
    modes = st.sampled_from([{}, {}, {"mode": "160000"}, link])
    declared = draw(st.lists(st.sampled_from(NAMES), max_size=1))
    return {
        "files": tuple(a_file(path, **draw(modes)) for path in paths),
        "commits": (a_commit(by=draw(st.sampled_from(sorted(PEOPLE)))),),
        "accounts": accounts_of("dave", *PEOPLE),
        "signoffs": tuple(a_signoff(person) for person in people),
        "declaration": a_declaration(rollback=a_plan(), affects=tuple(declared)),
        "earlier_contents": (EarlierContent("k", (a_file(draw(st.sampled_from(PATHS))),)),),
        "look_alikes": (LookAlike(paths[0], draw(st.sampled_from(PATHS)), "looks alike"),),
        "teams": draw(st.sampled_from([{}, {"acme/team": Team(("alice", "erin"))}])),
    }


def world(change: dict[str, Any], ownership: Ownership, policy: PolicyDocument) -> Facts:
    return some_facts(**change, ownership=ownership, policy=policy)


def anew(facts: Facts) -> bytes:
    """The verdict by rules that are compiled for it alone, read at once."""
    return verdict_bytes(decide(facts, at=AT))


def in_turn(worlds: Sequence[Facts], kept: KeptRules) -> list[Verdict]:
    """The verdicts on all of them by kept rules, none of which was read before the last was decided."""
    ways = itertools.cycle((kept.decide, lambda facts, at: kept.asks(facts, at=at).verdict))
    return [judged(facts, at=AT) for judged, facts in zip(ways, worlds, strict=False)]


ONE_RULES = st.tuples(ownerships(), st.sampled_from(POLICIES).map(lambda keys: a_policy(**keys)))
RULES = st.lists(ONE_RULES, min_size=1, max_size=3)


class TestTheVerdict:
    @pytest.mark.parametrize("budget", [path_memory.MEMORY_BUDGET, 2_000])
    def test_is_the_same_to_the_byte_whatever_was_judged_before_and_whenever_it_is_read(
        self, budget: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(path_memory, "MEMORY_BUDGET", budget)

        @given(RULES, st.lists(changes(), min_size=1, max_size=3), st.randoms(use_true_random=False))
        @settings(max_examples=40, deadline=None)
        def judged_in_any_order(rules: Any, several: Any, random: Any) -> None:
            kept = KeptRules(most_sets=2)
            worlds = [world(change, *one) for one in rules for change in several] * 2
            random.shuffle(worlds)
            verdicts = in_turn(worlds, kept)
            states = [verdict.state for verdict in verdicts]
            with ThreadPoolExecutor(2) as pool:
                told = [*pool.map(verdict_bytes, verdicts)]
            assert told == [anew(facts) for facts in worlds]
            assert states == [verdict.state for verdict in verdicts]

        judged_in_any_order()

    def test_is_explained_without_the_rules_that_were_lent_for_it(self) -> None:
        kept, facts = KeptRules(), some_facts()
        verdict = kept.decide(facts, at=AT)
        with kept.lent(facts.ownership, facts.policy) as rules:
            index, rules.index = rules.index, None  # type: ignore[assignment]  # whoever looked a path up would fail
            assert verdict_bytes(verdict) == anew(facts)
            rules.index = index
