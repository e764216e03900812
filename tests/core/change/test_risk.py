"""How the risk of a change is summed up, and what raises it."""

from typing import Any

import pytest
from builders_facts import a_component
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import Finding
from gate.core.change.risk import LEVELS, assess_risk
from gate.core.ownership.records import Playbook
from gate.core.ownership.registry import Component
from gate.core.policy.model import RiskPolicy
from gate.core.verdict import RiskView

MIGRATION = Finding("data-migration", "db/V7__x.sql", "Flyway", is_reversible=None, why="Flyway: no undo script.")
DESTROY = Finding("infrastructure-destroy", "infra/db.tf", "Terraform", is_reversible=None, why="A resource goes.")


def component(name: str = "web", tier: int | None = 4, **fields: Any) -> Component:
    return a_component(name, "web", f"/{name}/", tier=tier, **fields).component


def assess(**given: Any) -> RiskView:
    defaults: dict[str, Any] = {
        "declared": None,
        "components": (component(),),
        "dependents_count": 0,
        "findings": (),
        "files_changed": 1,
        "lines_changed": 10,
        "is_first_contribution": False,
        "freeze_near": False,
        "recent_incident": None,
        "plan_method": "revert",
        "policy": RiskPolicy(),
    }
    return assess_risk(**{**defaults, **given})


def names(view: RiskView) -> list[str]:
    return [term.name for term in view.terms]


class TestWhatCounts:
    def test_a_small_change_of_a_minor_component_is_low(self) -> None:
        view = assess()
        assert (view.level, view.score, view.terms) == ("low", 0, ())

    @pytest.mark.parametrize(
        ("given_", "term", "weight", "why"),
        [
            ({"components": (component("ledger", 1),)}, "tier_1", 3, "It touches ledger of tier 1."),
            ({"components": (component("mail", 2),)}, "tier_2", 1, "It touches mail of tier 2."),
            ({"findings": (MIGRATION,)}, "data_migration", 3, "It migrates data: db/V7__x.sql."),
            ({"findings": (DESTROY,)}, "infrastructure_destroy", 3, "It destroys infrastructure: infra/db.tf."),
            (
                {"components": tuple(component(n) for n in "abc")},
                "many_components",
                1,
                "It touches 3 components (3 or more are many).",
            ),
            ({"dependents_count": 5}, "many_dependents", 1, "5 components depend on what it touches (5 are many)."),
            ({"lines_changed": 501}, "large", 1, "It changes 501 lines in 1 file (large: over 500 or over 50)."),
            ({"files_changed": 51}, "large", 1, "It changes 10 lines in 51 files (large: over 500 or over 50)."),
            ({"recent_incident": True}, "recent_incident", 2, "A component that it touches had an incident lately."),
            (
                {"is_first_contribution": True},
                "first_time_author",
                1,
                "This is the author's first contribution here.",
            ),
            ({"freeze_near": True}, "freeze_near", 1, "A freeze is in force or begins soon."),
        ],
    )
    def test_each_term_is_named_with_its_weight_and_why(
        self, given_: dict[str, Any], term: str, weight: int, why: str
    ) -> None:
        view = assess(**given_)
        assert [(one.name, one.weight, one.why) for one in view.terms] == [(term, weight, why)]
        assert view.score == weight

    def test_just_below_each_bound_nothing_counts(self) -> None:
        view = assess(
            components=(component("a"), component("b")), dependents_count=4, files_changed=50, lines_changed=500
        )
        assert view.terms == ()

    def test_what_cannot_be_told_counts(self) -> None:
        assert names(assess(is_first_contribution=None)) == ["first_time_author"]
        untiered = assess(components=(component("job", None),))
        assert untiered.terms[0].why == "It touches job without a tier in the records, which counts as tier 2."
        both = assess(components=(component("job", None), component("run", None)))
        assert both.terms[0].why == "It touches job and 1 more without a tier in the records, which count as tier 2."

    def test_incidents_that_nobody_records_are_no_term(self) -> None:
        assert assess(recent_incident=None).score == assess(recent_incident=False).score == 0

    def test_weights_are_policy_and_those_not_named_keep_their_defaults(self) -> None:
        policy = RiskPolicy(weights={"data_migration": 10})
        view = assess(policy=policy, findings=(MIGRATION, DESTROY))
        assert [term.weight for term in view.terms] == [10, 3]


class TestTheLevel:
    def test_it_follows_the_sum(self) -> None:
        assert assess(components=(component("a", 2),)).level == "low"
        assert assess(findings=(MIGRATION,)).level == "medium"
        assert assess(findings=(MIGRATION, DESTROY)).level == "high"
        assert assess(findings=(MIGRATION,), policy=RiskPolicy(high_from=3)).level == "high"

    def test_a_declared_risk_is_raised_and_never_lowered(self) -> None:
        view = assess(declared="low", findings=(MIGRATION, DESTROY))
        assert (view.declared, view.level) == ("low", "high")
        assert assess(declared="high").level == "high"

    def test_a_plan_without_a_way_back_is_high_whatever_the_sum(self) -> None:
        view = assess(plan_method="forward-fix")
        assert (view.level, view.score, names(view)) == ("high", 0, ["forward_fix"])

    def test_so_is_a_playbook_without_one(self) -> None:
        risky = component(rollback=Playbook(method="forward-fix"))
        assert assess(plan_method="inherit", components=(risky,)).level == "high"
        assert assess(plan_method="revert", components=(risky,)).level == "low"

    @settings(max_examples=100, deadline=None)
    @given(
        declared=st.sampled_from([None, *LEVELS]),
        tiers=st.lists(st.sampled_from([None, 1, 2, 3, 4]), max_size=5),
        more=st.sampled_from([None, 1, 2, 3, 4]),
        findings=st.lists(st.sampled_from([MIGRATION, DESTROY]), max_size=2),
        weights=st.dictionaries(st.sampled_from(["tier_1", "tier_2", "many_components"]), st.integers(0, 9)),
    )
    def test_more_never_lowers_it_nor_does_it_fall_below_what_was_declared(
        self,
        declared: Any,
        tiers: list[int | None],
        more: int | None,
        findings: list[Finding],
        weights: dict[Any, int],
    ) -> None:
        policy = RiskPolicy(weights=weights)
        components = [component(f"c{number}", tier) for number, tier in enumerate(tiers)]
        before = assess(declared=declared, components=components, findings=findings, policy=policy)
        after = assess(
            declared=declared,
            components=[*components, component("more", more)],
            findings=[*findings, MIGRATION],
            policy=policy,
        )
        assert LEVELS.index(after.level) >= LEVELS.index(before.level) >= LEVELS.index(declared or "low")
