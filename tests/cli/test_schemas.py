import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from builders_facts import AT, a_signoff, some_facts
from builders_gate_command import run_gate
from builders_git import a_repository
from builders_verdict import a_requirement, a_verdict

from gate.adapters.files.yaml_documents import load_yaml
from gate.cli.schemas import schemas
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policies/schema"
NAMES = ["ownership", "policy", "verdict"]


def written(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text())
    return schema


def is_valid(name: str, value: object) -> bool:
    return bool(jsonschema_rs.validator_for(written(name)).is_valid(value))


def data_of(path: str) -> Any:
    return load_yaml((ROOT / path).read_bytes(), file=path).data


class TestTheFiles:
    @pytest.mark.parametrize("name", NAMES)
    def test_they_are_what_the_models_say(self, name: str) -> None:
        assert written(name) == schemas()[name], "run `make schemas`"

    @pytest.mark.parametrize("name", NAMES)
    def test_they_are_schemas_of_draft_2020_12_with_a_name_and_a_title(self, name: str) -> None:
        schema = written(name)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == f"urn:signoff-gate:schema:{name}:1"
        assert schema["title"].endswith("of the sign-off gate")
        assert jsonschema_rs.meta.is_valid(schema)

    def test_the_command_writes_the_same_files(self, tmp_path: Path) -> None:
        ran = run_gate("schemas", tmp_path)
        assert ran.code == 0
        for name in NAMES:
            file = f"{name}.schema.json"
            assert (tmp_path / file).read_bytes() == (FOLDER / file).read_bytes()

    def test_a_folder_that_does_not_exist_is_wrong_usage(self, tmp_path: Path) -> None:
        assert run_gate("schemas", tmp_path / "nowhere").code == 2


class TestWhatTheyAccept:
    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("ownership", "policies/sample/ownership.yaml"),
            ("ownership", ".gate/ownership.yaml"),
            ("policy", "policies/sample/policy.yaml"),
            ("policy", "policies/default/policy.yaml"),
            ("policy", ".gate/policy.yaml"),
        ],
    )
    def test_the_samples_and_our_own_files(self, name: str, path: str) -> None:
        jsonschema_rs.validator_for(written(name)).validate(data_of(path))

    @pytest.mark.parametrize("signoffs", [(), (a_signoff("alice"),), (a_signoff("alice", "reject", reason="no"),)])
    def test_verdicts_as_they_are_printed(self, signoffs: tuple[Any, ...]) -> None:
        verdict = decide(some_facts(signoffs=signoffs), at=AT)
        jsonschema_rs.validator_for(written("verdict")).validate(json.loads(verdict_bytes(verdict)))
        built = a_verdict(a_requirement(state="rejected", kind="veto", why="No."))
        jsonschema_rs.validator_for(written("verdict")).validate(json.loads(verdict_bytes(built)))

    def test_a_verdict_of_the_command_line(self, tmp_path: Path) -> None:
        repository = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @acme/web\n"})
        repository.commit({"a.py": "a\n"}, branch="feature")
        ran = run_gate("check", "--repo", repository.path, "--base", "main", "--head", "feature", "--format", "json")
        jsonschema_rs.validator_for(written("verdict")).validate(ran.json)


class TestWhatTheyRefuse:
    @pytest.mark.parametrize(
        "change",
        [
            {"version": 2},
            {"unowned": "sometimes"},
            {"signofs": {}},
            {"branches": []},
            {"rules": [{"name": "r", "require": {"signoffs": {"boss": 1}}}]},
            {"rules": [{"name": "r"}]},
            {"signoffs": {"each_component": "2"}},
        ],
    )
    def test_policies_that_the_gate_refuses(self, change: dict[str, Any]) -> None:
        assert is_valid("policy", {"version": 1})
        assert not is_valid("policy", {"version": 1, **change})

    @pytest.mark.parametrize(
        "change",
        [
            {"people": {"al ice": {}}},
            {"people": {"alice": {"github": "a b"}}},
            {"components": [{"name": "a"}]},
            {"teams": {"t": {"members": "alice"}}},
            {"escalations": {"e": {"levels": []}}},
        ],
    )
    def test_records_that_the_gate_refuses(self, change: dict[str, Any]) -> None:
        assert is_valid("ownership", {"version": 1})
        assert not is_valid("ownership", {"version": 1, **change})

    def test_a_verdict_without_its_state(self) -> None:
        printed = json.loads(verdict_bytes(a_verdict(a_requirement())))
        assert is_valid("verdict", printed)
        assert not is_valid("verdict", {key: value for key, value in printed.items() if key != "state"})
        assert not is_valid("verdict", {**printed, "state": "fine"})
