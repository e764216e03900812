"""The gate's own files: whoever looks owners up is told what a decision will ask."""

import pytest
from builders_facts import a_policy

from gate.core.ownership.registry import Ownership, Rule, Section
from gate.core.policy.compiled_rules import GATE_LAYER, CompiledRules
from gate.core.policy.gate_files import GATE_FILES, gate_files_of, with_gate_files
from gate.core.policy.model import PolicyDocument
from gate.usecases.load_rules import BUILT_IN


def records_in(file: str) -> Ownership:
    return Ownership(sections=(Section("default", (Rule("*", f"{file}:3", None),), file),), sources=("records",))


class TestWhichFiles:
    @pytest.mark.parametrize(
        ("records", "document", "folders"),
        [
            (".gate/ownership.yaml", a_policy(), ()),
            (".gate/ownership.yaml", BUILT_IN, ()),
            (".ci/ownership.yaml", BUILT_IN, ("/.ci/",)),
            ("ops/gate/ownership/web.yaml", BUILT_IN, ("/ops/gate/",)),
            (".gate/ownership.yaml", a_policy(file=".ci/policy.yaml"), ("/.ci/",)),
        ],
    )
    def test_those_of_the_platform_and_of_the_folder_of_policy_or_records(
        self, records: str, document: PolicyDocument, folders: tuple[str, ...]
    ) -> None:
        ownership = records_in(records)
        assert gate_files_of(ownership, document) == (*GATE_FILES, *folders)

    def test_the_section_that_is_shown_names_those_that_the_decision_asks_for(self) -> None:
        ownership = records_in(".ci/ownership.yaml")
        shown = with_gate_files(ownership, BUILT_IN).sections[-1]
        asked = CompiledRules.of(ownership, BUILT_IN).gate_files
        assert tuple(rule.pattern for rule in shown.rules) == tuple(asked)

    def test_those_of_a_freeze_that_follows_a_calendar_elsewhere(self) -> None:
        freezes = [{"name": name, "calendar": name} for name in ("ops/a b[1].ics", ".gate/in.ics", "ops/z.ics")]
        document = a_policy(freezes=freezes)
        assert gate_files_of(records_in(".gate/ownership.yaml"), document)[len(GATE_FILES) :] == (
            "/ops/a\\ b\\[1\\].ics", "/ops/z.ics",
        )  # fmt: skip
        asked = CompiledRules.of(records_in(".gate/ownership.yaml"), document).index.group(
            ["ops/a b[1].ics", "ops/z.ics", "ops/y.ics"]
        )
        assert [positions for positions, _, hits in asked if hits[GATE_LAYER] >= 0] == [[0], [1]]
