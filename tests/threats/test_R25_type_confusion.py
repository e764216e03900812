"""R25: `owner: alice` is not a list of letters, and `no` is not false: a wrong type is refused, never converted."""

from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import a_repository

VALID = "version: 1\npeople: {alice: {}, ali: {}}\nteams: {t: {members: [alice, ali]}}\n"
POLICY = "version: 1\ndefault_owner: alice\n"


def judged(where: Path, records: str, policy: str = POLICY) -> tuple[int, str]:
    """The exit code and the state of a change judged by these files, with everybody's sign-off."""
    repository = a_repository(
        where / "shop", {".gate/ownership.yaml": records, ".gate/policy.yaml": policy, "a.py": "a\n"}
    )
    repository.commit({"a.py": "b\n"}, branch="feature")
    everybody = ("--signoff", "alice", "--signoff", "ali")
    where_ = ("--repo", repository.path, "--base", "main", "--head", "feature")
    ran = run_gate("check", *where_, *everybody, "--format", "json")
    return ran.code, ran.json["state"]


class TestTextInPlaceOfAList:
    @pytest.mark.parametrize(
        "records",
        [
            VALID + "components: [{name: c, owner: t, paths: '*'}]",
            VALID + "components: [{name: c, owner: [alice], paths: ['*']}]",
            VALID + "components: {name: c, owner: t}",
            "version: 1\npeople: {alice: {}}\nteams: {t: {members: alice}}\n",
            "version: 1\npeople: [alice]\n",
            "version: 1\nteams: {t: alice}\n",
        ],
    )
    def test_in_the_records_is_an_error(self, tmp_path: Path, records: str) -> None:
        assert judged(tmp_path, records) == (2, "error")

    @pytest.mark.parametrize(
        "line",
        [
            "roles: {dba: alice}",
            "signoffs: {from: owner}",
            "signoffs: {exclude: author}",
            "branches: main",
            "rules: {name: r}",
        ],
    )
    def test_in_the_policy_is_an_error(self, tmp_path: Path, line: str) -> None:
        assert judged(tmp_path, VALID, f"{POLICY}{line}\n") == (2, "error")


class TestWordsAndNumbers:
    @pytest.mark.parametrize(
        "line",
        [
            "rollback: {required: no}",
            "rollback: {required: off}",
            "rollback: {required: 0}",
            "rollback: {required: 'false'}",
            "rollback: {required:}",
            "signoffs: {each_component: '1'}",
            "signoffs: {each_component: 1_0}",
            "signoffs: {each_component: 1.0}",
            "signoffs: {each_component: true}",
            "signoffs: {each_component: 0}",
            "signoffs: {exclude: []}",
            "signoffs: {exclude:}",
        ],
    )
    def test_that_are_no_truth_and_no_count_are_an_error(self, tmp_path: Path, line: str) -> None:
        assert judged(tmp_path, VALID, f"{POLICY}{line}\n") == (2, "error")

    def test_a_country_named_no_stays_a_name(self, tmp_path: Path) -> None:
        records = "version: 1\npeople: {no: {}, on: {}}\ncomponents: [{name: yes, owner: no, paths: ['*']}]\n"
        code, state = judged(tmp_path, records, "version: 1\ndefault_owner: on\n")
        assert (code, state != "error") == (1, True), "the names are valid; only nobody of them signed"


class TestPartsOfNames:
    def test_a_person_whose_name_is_a_part_of_the_owners_does_not_count(self, tmp_path: Path) -> None:
        records = VALID + "components: [{name: c, owner: alice, paths: ['*']}]"
        repository = a_repository(tmp_path / "shop", {".gate/ownership.yaml": records, "a.py": "a\n"})
        repository.commit({"a.py": "b\n"}, branch="feature")
        where = ("--repo", repository.path, "--base", "main", "--head", "feature")
        owner = _ownership_state(run_gate("check", *where, "--signoff", "alice", "--format", "json").json)
        part = _ownership_state(run_gate("check", *where, "--signoff", "ali", "--format", "json").json)
        assert (owner, part) == ("met", "waiting")


def _ownership_state(verdict: dict[str, list[dict[str, str]]]) -> str:
    return next(one["state"] for one in verdict["requirements"] if one["id"] == "ownership:c")
