"""Bodies as people write them, and what is understood of each."""

import json
from pathlib import Path

import pytest
from builders_declaration import declared

from gate.core.change.declaration import Declaration, RollbackPlan, Window

_FOLDER = Path(__file__).parents[2] / "fixtures" / "declarations"
_NAMES = sorted(path.stem for path in _FOLDER.glob("*.json"))


class TestWhatIsUnderstood:
    @pytest.mark.parametrize("name", _NAMES)
    def test_every_value_and_every_problem_is_as_written_down(self, name: str) -> None:
        expected = json.loads((_FOLDER / f"{name}.json").read_text())
        found = declared((_FOLDER / f"{name}.md").read_text())
        assert _seen(found) == _wanted(expected)
        assert sorted((one.code, one.line) for one in found.problems) == sorted(map(tuple, expected["problems"]))

    @pytest.mark.parametrize("name", _NAMES)
    def test_line_ends_of_another_system_change_nothing(self, name: str) -> None:
        body = (_FOLDER / f"{name}.md").read_text()
        assert declared(body.replace("\n", "\r\n")) == declared(body)

    def test_there_are_at_least_a_dozen(self) -> None:
        assert len(_NAMES) >= 12


def _wanted(expected: dict) -> Declaration:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in expected.items()}
    del values["problems"]
    if values.get("window"):
        values["window"] = Window(*values["window"])
    if values.get("rollback"):
        plan = values["rollback"] | {"steps": tuple(values["rollback"].get("steps", ()))}
        values["rollback"] = RollbackPlan(**{"method": None, **plan})
    return Declaration(**values)


def _seen(found: Declaration) -> Declaration:
    plan = found.rollback
    names = RollbackPlan.__slots__
    kept = plan and RollbackPlan(**{name: getattr(plan, name) for name in names if name not in {"source", "lines"}})
    return Declaration(
        change_type=found.change_type,
        risk=found.risk,
        environments=found.environments,
        affects=found.affects,
        tickets=found.tickets,
        window=found.window,
        rollback=kept,
    )
