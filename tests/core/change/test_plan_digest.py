"""The digest of a plan: what changes it, and what does not."""

import dataclasses

import pytest
from builders_declaration import declared, plan_of
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.declaration import RollbackPlan
from gate.core.change.plan_digest import plan_digest

_PLAN = RollbackPlan(
    method="manual",
    steps=("stop it", "start it"),
    verification="graphs are calm",
    restore_minutes=15,
    data_impact="none",
    command="make undo",
    flag="new-checkout",
    artifact="shop:1.2",
    backup="nightly",
    data_loss_minutes=0,
    reason="the column is gone",
)


class TestWhatDoesNotChangeIt:
    @pytest.mark.parametrize(
        "body",
        [
            "## Rollback plan\r\n- Method: manual\r\n- Steps:\r\n  1. stop it\r\n  2. start it\r\n",
            "# BACKOUT PLAN:\n\n* **method** :   Manual\n\n* Steps:\n   - stop   it\n   - start it\n",
            "Rollback\n---\nSteps:\n1. stop it\n2. start\n   it\n\nMethod: manual steps\n",
            "Hello\n\n```yaml gate\nrollback: {steps: [stop it, start it], method: manual}\n```\n",
        ],
    )
    def test_another_spelling_of_the_same_plan(self, body: str) -> None:
        plain = "## Rollback plan\n- Method: manual\n- Steps:\n  1. stop it\n  2. start it\n"
        assert plan_digest(plan_of(body)) == plan_digest(plan_of(plain))

    def test_source_and_lines(self) -> None:
        moved = dataclasses.replace(_PLAN, source="body", line=7, lines={"method": 8})
        assert plan_digest(moved) == plan_digest(_PLAN)

    def test_text_outside_of_the_plan(self) -> None:
        body = "## Rollback plan\n- Method: revert\n"
        assert plan_digest(plan_of(f"Hi\n{body}## Notes\nx")) == plan_digest(plan_of(body))


class TestWhatChangesIt:
    @pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(RollbackPlan)])
    def test_every_field_that_means_something(self, name: str) -> None:
        other = {
            "method": "revert", "is_prose": True, "steps": ("start it", "stop it"), "restore_minutes": 16,
            "data_loss_minutes": 1,
        }.get(name, "something else")  # fmt: skip
        if name in {"source", "line", "lines"}:
            return
        changed = plan_digest(dataclasses.replace(_PLAN, **{name: other}))
        emptied = plan_digest(dataclasses.replace(_PLAN, **{name: dataclasses.asdict(RollbackPlan(None))[name]}))
        assert changed != plan_digest(_PLAN)
        assert emptied != changed

    def test_no_plan_is_not_an_empty_one(self) -> None:
        assert plan_digest(None) != plan_digest(RollbackPlan(method=None))

    @pytest.mark.parametrize(
        ("one", "other"),
        [(("a b", "c"), ("a", "b c")), (("a",), ("a", "a")), (("a\nb",), ("a", "b"))],
    )
    def test_where_a_step_ends(self, one: tuple[str, ...], other: tuple[str, ...]) -> None:
        plans = [RollbackPlan(method="manual", steps=steps) for steps in (one, other)]
        assert plan_digest(plans[0]) != plan_digest(plans[1])

    def test_where_a_link_leads(self) -> None:
        bodies = [f"## Rollback\n- Steps: follow [this](https://example.com/{name})\n" for name in "ab"]
        assert plan_digest(plan_of(bodies[0])) != plan_digest(plan_of(bodies[1]))

    @settings(max_examples=100)
    @given(st.text(max_size=40), st.text(max_size=40))
    def test_two_texts_share_a_digest_only_where_they_differ_by_blanks(self, one: str, other: str) -> None:
        plans = [RollbackPlan(method="manual", steps=("x",), command=text) for text in (one, other)]
        is_same = one.split() == other.split()
        assert (plan_digest(plans[0]) == plan_digest(plans[1])) == is_same


def test_it_names_its_algorithm() -> None:
    assert plan_digest(declared(None).rollback).startswith("sha256:")
