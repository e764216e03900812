import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders_calendars import on_call
from builders_gate_command import run_gate
from builders_git import ALICE, BOB, DAVE, GitRepository, a_repository

from gate.core.change.template import PULL_REQUEST_TEMPLATE

RECORDS = """\
version: 1
people:
  alice: {github: alice, email: alice@example.com}
  bob: {github: bob, email: bob@example.com}
  carol: {github: carol, email: carol@example.com}
  dave: {github: dave, email: dave@example.com}
components:
  - {name: payments, owner: alice, paths: [/payments/]}
  - {name: docs, owner: bob, paths: [/docs/]}
  - {name: ledger, owner: carol, kind: database, paths: [/db/]}
"""
POLICY = "version: 1\npolicy_owner: carol\ndefault_owner: carol\n"
PLAN = "## Rollback plan\n\n- Method: revert\n"
AT = "2026-11-01T12:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    files = {
        ".gate/ownership.yaml": RECORDS,
        ".gate/policy.yaml": POLICY,
        "payments/pay.py": "".join(f"line {n}\n" for n in range(40)),
        "docs/guide.md": "guide\n",
    }
    repository = a_repository(tmp_path / "shop", files, by=ALICE)
    repository.git("branch", "change")
    return repository


def check(repository: GitRepository, *arguments: str, body: str = PLAN) -> tuple[int, dict[str, object]]:
    text = repository.path.parent / "body.md"
    text.write_text(body)
    done = run_gate(
        "check", "--repo", str(repository.path), "--base", "main", "--head", "change", "--body", str(text), "--at", AT,
        "--json", *arguments,
    )  # fmt: skip
    return done.code, json.loads(done.out)


def requirement(verdict: dict[str, object], identity: str) -> dict[str, object]:
    found = [entry for entry in verdict["requirements"] if entry["id"] == identity]  # type: ignore[attr-defined]
    assert found, [entry["id"] for entry in verdict["requirements"]]  # type: ignore[attr-defined]
    return dict(found[0])


class TestTheMainFlow:
    def test_an_owners_sign_off_approves(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        code, verdict = check(shop)
        assert (code, verdict["state"]) == (1, "waiting")
        assert [actor["person"] for actor in requirement(verdict, "ownership:payments")["who"]] == ["alice"]  # type: ignore[attr-defined]
        code, verdict = check(shop, "--signoff", "alice")
        assert (code, verdict["state"]) == (0, "approved")

    def test_the_author_never_counts_even_as_owner(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=ALICE)
        code, verdict = check(shop, "--signoff", "alice")
        assert (code, verdict["state"]) == (1, "waiting")
        owner = requirement(verdict, "ownership:payments")
        assert owner["code"] == "no-eligible-owner"
        assert [entry["code"] for entry in owner["signoffs"]["not_counted"]] == ["author"]  # type: ignore[index]

    def test_a_hand_whose_address_is_nobodys_may_be_anybodys(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by="Al <al@home.example>")
        _, verdict = check(shop, "--signoff", "alice")
        assert verdict["assumptions"][-1] == (  # type: ignore[index]
            "al@home.example made this change and is nobody of the records: whether the same people sign off cannot be "
            "told, until the records have their `email`."
        )
        assert "cannot be told" not in str(check(shop)[1]["assumptions"]), "nobody is said to sign off"

    def test_an_unknown_name_is_listed_and_counts_for_nothing(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        _, verdict = check(shop, "--signoff", "zed")
        refused = requirement(verdict, "ownership:payments")["signoffs"]["not_counted"]  # type: ignore[index]
        assert [(entry["person"], entry["code"]) for entry in refused] == [("zed", "unknown-person")]

    def test_a_sign_off_for_one_component_counts_for_no_other(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n", "docs/guide.md": "new\n"}, branch="change", by=DAVE)
        code, verdict = check(shop, "--signoff", "alice:payments")
        assert code == 1
        assert requirement(verdict, "ownership:payments")["state"] == "met"
        assert requirement(verdict, "ownership:docs")["state"] == "waiting"


class TestWhatTheDiffHides:
    def test_a_rename_out_of_an_owned_folder_names_both_owners(self, shop: GitRepository) -> None:
        content = "".join(f"line {n}\n" for n in range(40))
        shop.commit({"payments/pay.py": None, "docs/pay.py": content}, branch="change", by=DAVE)
        _, verdict = check(shop)
        assert requirement(verdict, "ownership:payments")["files"] == ["payments/pay.py"]
        assert requirement(verdict, "ownership:docs")["files"] == ["docs/pay.py"]

    def test_the_untouched_template_is_refused_with_its_line(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        _, verdict = check(shop, "--signoff", "alice", body=PULL_REQUEST_TEMPLATE)
        line = PULL_REQUEST_TEMPLATE[: PULL_REQUEST_TEMPLATE.index("## Rollback")].count("\n") + 1
        rollback = requirement(verdict, "rollback")
        assert (verdict["state"], rollback["code"]) == ("needs-author", "rollback-template")
        assert f"line {line}" in str(rollback["why"])

    def test_revert_is_not_enough_for_a_migration_without_a_way_back_and_the_file_is_named(
        self, shop: GitRepository
    ) -> None:
        migration = 'revision = "2"\ndown_revision = "1"\n\ndef upgrade():\n    drop()\n\ndef downgrade():\n    pass\n'
        shop.commit({"db/versions/0002_drop.py": migration}, branch="change", by=DAVE)
        _, verdict = check(shop, "--signoff", "carol")
        rollback = requirement(verdict, "rollback")
        assert (verdict["state"], rollback["code"]) == ("needs-author", "revert-not-enough")
        assert "db/versions/0002_drop.py" in str(rollback["why"])


class TestTheRulesComeFromTheBase:
    def test_a_laxer_policy_in_the_change_changes_nothing(self, shop: GitRepository) -> None:
        lax = POLICY + "unowned: allow\nrollback: {required: false}\n"
        shop.commit({".gate/policy.yaml": lax, "new.txt": "x\n"}, branch="change", by=DAVE)
        code, verdict = check(shop)
        assert code == 1
        assert requirement(verdict, "policy-change")["code"] == "policy-change-needs-owner"
        assert requirement(verdict, "ownership:unowned")["state"] == "waiting"

    def test_a_change_that_breaks_the_records_is_the_authors_to_mend(self, shop: GitRepository) -> None:
        shop.commit({".gate/ownership.yaml": RECORDS + "  - {name: x}\n"}, branch="change", by=DAVE)
        _, verdict = check(shop, "--signoff", "carol")
        assert requirement(verdict, "complete:policy-invalid")["state"] == "needs-author"

    def test_a_broken_policy_on_the_base_is_an_error_with_its_line_and_exit_code_2(self, shop: GitRepository) -> None:
        shop.commit({".gate/policy.yaml": POLICY + "rulez: []\n"}, by=ALICE)
        shop.git("branch", "--force", "change", "main")
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        code, verdict = check(shop, "--signoff", "alice")
        assert (code, verdict["state"]) == (2, "error")
        assert ".gate/policy.yaml:4" in str(requirement(verdict, "complete:policy-invalid")["why"])

    def test_a_change_that_only_mends_them_is_judged_by_the_newest_valid_version(self, shop: GitRepository) -> None:
        shop.commit({".gate/policy.yaml": POLICY + "rulez: []\n"}, by=ALICE)
        shop.git("branch", "--force", "change", "main")
        shop.commit({".gate/policy.yaml": POLICY}, branch="change", by=DAVE)
        code, verdict = check(shop)
        assert (code, verdict["state"]) == (1, "waiting")
        code, verdict = check(shop, "--signoff", "carol")
        assert (code, verdict["state"]) == (0, "approved")


class TestTheSameFactsGiveTheSameVerdict:
    def test_byte_for_byte_in_another_process_zone_and_hash_seed(self, shop: GitRepository, tmp_path: Path) -> None:
        shop.commit({"payments/pay.py": "new\n", "docs/é.md": "x\n"}, branch="change", by=DAVE)
        saved = tmp_path / "facts.json"
        arguments = ["check", "--repo", str(shop.path), "--base", "main", "--head", "change", "--signoff", "alice"]
        first = _gate([*arguments, "--save-facts", str(saved), "--format", "json"], PYTHONHASHSEED="1")
        again = _gate(["check", "--facts", str(saved), "--format", "json"], PYTHONHASHSEED="2", TZ="Asia/Tokyo")
        assert first.startswith(b"{")
        assert again == first

    def test_facts_that_were_edited_are_refused(self, shop: GitRepository, tmp_path: Path) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        saved = tmp_path / "facts.json"
        check(shop, "--save-facts", str(saved))
        saved.write_text(saved.read_text().replace("payments/pay.py", "docs/guide.md"))
        done = run_gate("check", "--facts", str(saved))
        assert done.code == 2
        assert "digest" in done.err


class TestWrongUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["--base", "nowhere"],
            ["--at", "yesterday"],
            ["--at", "0001-01-01T00:00:00Z"],
            ["--at", "9999-12-31T23:59:59Z"],
            ["--ticket", "INC-1"],
            ["--facts", "x.json", "--head", "main"],
        ],
    )
    def test_it_is_one_sentence_and_exit_code_2(self, shop: GitRepository, arguments: list[str]) -> None:
        done = run_gate("check", "--repo", str(shop.path), *arguments)
        assert done.code == 2
        assert "Traceback" not in done.err
        assert done.err.strip()

    def test_no_repository_is_exit_code_3(self, tmp_path: Path) -> None:
        done = run_gate("check", "--repo", str(tmp_path))
        assert done.code == 3


class TestTheOtherFormats:
    def test_each_says_who_is_asked(self, shop: GitRepository) -> None:
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=BOB)
        for form in ("text", "markdown", "github"):
            done = run_gate("check", "--repo", str(shop.path), "--base", "main", "--head", "change", "--format", form)
            assert done.code == 1
            assert "alice" in done.out, form


def _gate(arguments: list[str], **environment: str) -> bytes:
    command = [sys.executable, "-m", "gate", *arguments]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


class TestWhatElseTheBaseSays:
    def test_a_rotation_of_the_repository_tells_who_is_on_call(self, shop: GitRepository) -> None:
        records = RECORDS.replace("components:\n", TEAM + "components:\n").replace("owner: alice,", "owner: payments,")
        records = records.replace("paths: [/payments/]", "paths: [/payments/], escalation: ladder")
        policy = POLICY + "rules: [{name: Reachable, require: {escalation: true}}]\n"
        shop.commit({".gate/ownership.yaml": records, ".gate/policy.yaml": policy, "oncall.ics": ROTATION}, by=ALICE)
        shop.git("branch", "--force", "change", "main")
        shop.commit({"payments/pay.py": "new\n"}, branch="change", by=DAVE)
        _, verdict = check(shop)
        assert requirement(verdict, "escalation:Reachable")["state"] == "met"
        _, later = check(shop, "--at", "2026-12-01T12:00:00Z")
        assert requirement(later, "escalation:Reachable")["code"] == "no-escalation"

    def test_a_file_whose_diff_nobody_sees_is_noted(self, shop: GitRepository) -> None:
        shop.commit({"payments/logo.png": b"\x89PNG\0\0\1"}, branch="change", by=DAVE)
        _, verdict = check(shop)
        assert verdict["notes"] == ["A diff view does not show payments/logo.png in full: binary file."]


TEAM = """\
teams:
  payments: {members: [alice, bob], on_call: {schedule: oncall.ics}}
escalations:
  ladder: {levels: [{notify: ["owner:on-call"], channel: pager, acknowledge_within: 15m}]}
"""
ROTATION = on_call("alice", "20261101", "20261108")
