"""The page docs/policy.md: it names every key there is, and whatever it shows is valid."""

import re
from pathlib import Path
from typing import Any

import pytest

from gate.adapters.files.yaml_documents import load_yaml
from gate.core.policy.model import (
    Condition,
    Emergency,
    Freeze,
    Policy,
    Requirement,
    RollbackPolicy,
    StandardChange,
    TicketPolicy,
)
from gate.core.policy.scenario import ScenarioCases
from gate.core.policy.signoff_policy import SignoffPolicy
from gate.core.validation import validate_document

PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
MODELS = (
    Policy, Condition, Requirement, SignoffPolicy, RollbackPolicy, TicketPolicy, StandardChange, Freeze, Emergency,
)  # fmt: skip
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_named(model: Any) -> None:
    keys = {field.alias or name for name, field in model.model_fields.items()}
    shown = {*re.findall(r"`([a-z_]+)", PAGE), *re.findall(r"([a-z_]+):", "".join(EXAMPLES))}
    assert sorted(keys - shown) == []


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_valid(text: str) -> None:
    model: Any = ScenarioCases if "cases:" in text else Policy
    assert validate_document(model, load_yaml(text.encode(), file="docs/policy.md")).version == 1


def test_the_examples_are_several() -> None:
    assert len(EXAMPLES) >= 6
