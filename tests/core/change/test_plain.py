from builders_facts import some_facts
from builders_rich_facts import rich_facts

from gate.core.change.plain import plain_value
from gate.core.change.stored_facts import StoredFacts
from gate.core.policy.model import Policy, built_in_policy


class TestPlainValues:
    def test_they_are_what_pydantic_dumps(self) -> None:
        for facts in (some_facts(), rich_facts()):
            dumped = StoredFacts.model_construct(facts=facts).model_dump(mode="json", by_alias=True)["facts"]
            assert plain_value(facts) == dumped


class TestTheBuiltInPolicy:
    def test_it_equals_a_policy_that_says_nothing(self) -> None:
        assert built_in_policy() == Policy(version=1)
        assert plain_value(built_in_policy()) == plain_value(Policy(version=1))
