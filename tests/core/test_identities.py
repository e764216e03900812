"""Identities: every requirement of a verdict, and everything that somebody is asked for, bears an id of its own."""

import dataclasses
from typing import Any

from builders_decision import decided, signed
from builders_facts import (
    AT,
    a_change,
    a_component,
    a_declaration,
    a_file,
    a_policy,
    account_key,
    an_ownership,
    some_facts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.asks import Asks
from gate.core.change.facts import Facts, FreezePeriod, Label, Problem

PARTIES = ["owner", "backup", "transfer", "role:dba", "team:platform", "person:erin"]
LABEL = "break-glass"
# Names such as the gate uses within ids of its own.
NAMES = ["emergency", "window", "unowned", "two-humans", "any-of", "R", "S"]

leaves = st.fixed_dictionaries(
    {},
    optional={
        "signoffs": st.dictionaries(st.sampled_from(PARTIES), st.integers(1, 2), min_size=1, max_size=3),
        "rollback": st.just({"allow": ["revert"]}),
        "tickets": st.just({"min": 1}),
        "checks": st.lists(st.sampled_from(["build@ci", "test@ci"]), min_size=1, max_size=3),
        "escalation": st.sampled_from([True]),
        "review_current": st.sampled_from([True]),
    },
).filter(bool)
requirements: st.SearchStrategy[dict[str, Any]] = st.recursive(
    leaves,
    lambda inner: st.tuples(leaves, st.lists(inner, min_size=1, max_size=3)).map(
        lambda both: {**both[0], "any_of": both[1]}
    ),
    max_leaves=8,
)


@st.composite
def changes(draw: st.DrawFn) -> Facts:
    """A change under rules that nest, names that the gate uses itself, freezes, an emergency and problems."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    freeze = {"name": draw(st.sampled_from(NAMES)), "from": "2026-01-01", "to": "2027-01-01"}
    policy = a_policy(
        rules=[{"name": name, "require": draw(requirements)} for name in names],
        roles={"dba": ["carol"]},
        default_owner="platform",
        tickets={"required": True},
        freezes=[freeze],
        emergency={"label": LABEL, "signoffs": {"person:erin": 1}, "tickets": {"min": 1}, "set_by": ["owner"]},
    )
    component = a_component(draw(st.sampled_from(["web", "unowned"])), "web", "/web/", backup="platform")
    labels = (Label(LABEL, account_key("alice")),) if draw(st.booleans()) else ()
    facts = some_facts(
        files=(a_file("web/a"), a_file("loose"), a_file(".gate/policy.yaml")),
        ownership=an_ownership(component, a_component("docs", "alice", "/loose/")),
        policy=policy,
        change=a_change(labels=labels),
        declaration=a_declaration(affects=("docs", "nothing")),
        problems=(Problem("file-cap", "One.", "Mend."), Problem("file-cap", "Another.", "Mend.")),
        signoffs=signed("alice"),
    )
    return dataclasses.replace(facts, freeze_periods=(FreezePeriod(0, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),))


class TestARequirement:
    @given(facts=changes())
    @settings(max_examples=300, deadline=None)
    def test_never_bears_the_id_of_another_of_the_same_verdict(self, facts: Facts) -> None:
        ids = [view.id for view in Asks(facts, at=AT).verdict.requirements]
        assert sorted(set(ids)) == sorted(ids)

    def test_has_the_number_of_its_turn_where_the_id_is_taken(self) -> None:
        several = tuple(Problem("file-cap", why, "Mend.") for why in ("One.", "Two.", "Three."))
        blocked = [view for view in decided(problems=several).requirements if view.kind == "complete"]
        assert [(view.id, view.why) for view in blocked] == [
            ("complete:file-cap", "One."), ("complete:file-cap:2", "Two."), ("complete:file-cap:3", "Three."),
        ]  # fmt: skip

    def test_is_a_check_that_a_rule_lists_twice_only_once(self) -> None:
        rule = {"name": "R", "require": {"checks": ["build@ci", "build@ci"]}}
        ids = [view.id for view in decided(policy=a_policy(rules=[rule])).requirements]
        assert [one for one in ids if one.startswith("rule:")] == ["rule:R:check:build@ci"]


class TestWhatSomebodyIsAskedFor:
    @given(require=requirements)
    @settings(max_examples=200, deadline=None)
    def test_never_bears_the_id_of_something_else(self, require: dict[str, Any]) -> None:
        facts = some_facts(policy=a_policy(rules=[{"name": "R", "require": require}], roles={"dba": ["carol"]}))
        asked = [ask.requirement for ask in Asks(facts, at=AT).all]
        assert sorted(set(asked)) == sorted(asked)

    @given(facts=changes())
    @settings(max_examples=100, deadline=None)
    def test_is_always_among_what_the_verdict_shows(self, facts: Facts) -> None:
        asks = Asks(facts, at=AT)
        shown = [(view.id, view.title) for view in asks.verdict.requirements]
        assert {(ask.shown_in, ask.title) for ask in asks.all} <= set(shown)
