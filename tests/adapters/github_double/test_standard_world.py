"""The standard world is one that the gate can judge: its records, its policy and its declarations are sound."""

import time

from builders_declaration import codes_of, declared
from builders_forge_world import BODY, OWNERSHIP, POLICY, a_world

from gate.adapters.files.yaml_documents import load_yaml
from gate.bootstrap import readers
from gate.core.ownership.records_reading import parse_records
from gate.core.policy.reading import parse_policy


class TestTheStandardWorld:
    def test_its_records_name_the_owners(self) -> None:
        records, _ = parse_records([load_yaml(OWNERSHIP.encode(), file=".gate/ownership.yaml")])
        assert {component.name for component in records.components} == {"payments-api", "storefront"}

    def test_its_policy_names_the_default_owner(self) -> None:
        document = load_yaml(POLICY.encode(), file=".gate/policy.yaml")
        assert str(parse_policy(document, checks=readers().policy_checks).policy.default_owner) == "platform"

    def test_its_declaration_has_no_problem(self) -> None:
        assert codes_of(declared(BODY)) == []
        assert declared(BODY).rollback is not None

    def test_it_is_there_in_a_moment(self) -> None:
        with a_world():
            start = time.perf_counter()
        with a_world() as forge:
            forge.a_pull()
            took = time.perf_counter() - start
        assert took < 0.75  # a tenth of a second on an idle machine
