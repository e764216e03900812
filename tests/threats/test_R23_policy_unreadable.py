"""R23: a policy that is there and cannot be read is never the same as no policy, and approves nothing."""

from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import run_gate
from builders_git import Content, Executable, Link, Submodule, a_repository

from gate.adapters.files.yaml_documents import MAX_BYTES

POLICY = "version: 1\nunowned: allow\nrollback: {required: false}\n"
BASE: dict[str, Content] = {"a.py": "a\n", "other.yaml": POLICY}
UNREADABLE: dict[str, dict[str, Content]] = {
    "no YAML": {".gate/policy.yaml": "version: [1\n"},
    "an empty mapping": {".gate/policy.yaml": "{}\n"},
    "empty": {".gate/policy.yaml": ""},
    "larger than may be read": {".gate/policy.yaml": POLICY + "#" * MAX_BYTES},
    "not UTF-8": {".gate/policy.yaml": POLICY.encode() + b"# \xff\n"},
    "a folder": {".gate/policy.yaml/x": POLICY},
    "a link to a lax policy": {".gate/policy.yaml": Link("../other.yaml")},
    "a submodule": {".gate/policy.yaml": Submodule("1" * 40)},
    "of a later version": {".gate/policy.yaml": "version: 2\n"},
}
RECORDS: dict[str, dict[str, Content]] = {
    "a broken records file": {".gate/ownership.yaml": "version: 1\npeople: [\n"},
    "a folder in place of the records": {".gate/ownership.yaml/x": "version: 1\n"},
    "a link in place of the records": {".gate/ownership.yaml": Link("../other.yaml")},
    "a link in place of the folder of records": {".gate/ownership": Link("../elsewhere")},
}


def judged(where: Path, base: dict[str, Content], change: dict[str, Content]) -> tuple[int, Any]:
    repository = a_repository(where / "shop", {**BASE, **base})
    repository.commit(change, branch="feature")
    ran = run_gate("check", "--repo", repository.path, "--base", "main", "--head", "feature", "--format", "json")
    return ran.code, ran.json["state"] if ran.out else None


class TestOnTheBase:
    def test_a_policy_that_can_be_read_decides(self, tmp_path: Path) -> None:
        assert judged(tmp_path, {".gate/policy.yaml": POLICY}, {"a.py": "b\n"}) == (0, "approved")

    def test_one_with_the_executable_bit_is_read_as_well(self, tmp_path: Path) -> None:
        assert judged(tmp_path, {".gate/policy.yaml": Executable(POLICY)}, {"a.py": "b\n"}) == (0, "approved")

    @pytest.mark.parametrize("what", [*UNREADABLE, *RECORDS])
    def test_one_that_cannot_be_read_approves_nothing(self, tmp_path: Path, what: str) -> None:
        base = UNREADABLE.get(what) or {".gate/policy.yaml": POLICY, **RECORDS[what]}
        code, state = judged(tmp_path, base, {"a.py": "b\n"})
        assert (code, state) == (2, "error")

    @pytest.mark.parametrize("file", [".gate/policy.yml", ".gate/ownership.yml"])
    def test_one_of_another_ending_is_not_taken_for_none(self, tmp_path: Path, file: str) -> None:
        base: dict[str, Content] = {file: POLICY if "policy" in file else "version: 1\n"}
        assert judged(tmp_path, base, {"a.py": "b\n"}) == (2, "error")
        assert judged(tmp_path / "both", {**base, ".gate/policy.yaml": POLICY, ".gate/ownership.yaml": "version: 1\n"},
                      {"a.py": "b\n"})[1] != "error"  # fmt: skip


class TestInTheChange:
    @pytest.mark.parametrize("what", sorted(UNREADABLE))
    def test_breaking_it_is_not_approved(self, tmp_path: Path, what: str) -> None:
        change = {".gate/policy.yaml": None, **UNREADABLE[what]}
        code, state = judged(tmp_path, {".gate/policy.yaml": POLICY}, change)
        assert code in {1, 2}
        assert state != "approved"

    def test_deleting_it_is_not_approved(self, tmp_path: Path) -> None:
        code, state = judged(tmp_path, {".gate/policy.yaml": POLICY}, {".gate/policy.yaml": None, "a.py": "b\n"})
        assert code in {1, 2}
        assert state != "approved"
