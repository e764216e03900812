"""Scenarios: a case in short form reads in the verdict as a change would."""

from builders_facts import a_policy, an_ownership

from gate.core.decide import decide
from gate.core.policy.scenario import Scenario, facts_of


class TestAFindingThatACaseStates:
    def test_its_path_is_named_once_where_it_makes_a_revert_not_enough(self) -> None:
        path = "services/payments/drop.sql"
        scenario = Scenario.model_validate_json(
            f'{{"name": "drop", "change": {{"files": ["{path}"], "rollback": {{"method": "revert"}}, '
            f'"findings": [{{"path": "{path}", "kind": "data-migration"}}]}}, "expect": {{"state": "needs-author"}}}}'
        )
        facts = facts_of(scenario, ownership=an_ownership(), policy=a_policy(), periods=(), engine="0.1.0")

        (problem,) = [one for one in decide(facts, at=scenario.at).rollback.problems if "not enough" in one.text]

        assert problem.text.startswith(
            f"`revert` (scenario) is not enough, because `{path}` (SQL: the case says so) is "
        )
        assert problem.text.count("drop.sql") == 1
