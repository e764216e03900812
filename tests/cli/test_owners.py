"""`gate owners` on real repositories."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import ENVIRONMENT, GitRepository, Submodule, a_repository

RECORDS = """\
version: 1
people:
  alice: {github: alice}
  carol: {github: carol}
teams:
  payments: {members: [alice], github_team: acme/payments}
  platform: {members: [carol]}
components:
  - name: base
    owner: platform
    paths: ["*", "!/docs/"]
  - name: payments-api
    owner: payments
    paths:
      - /services/payments/
  - name: ledger
    owner: payments
  - name: legal
    section: legal
    owner: "@acme/legal"
    paths: [LICENSE]
"""
FILE = ".gate/ownership.yaml"


def a_shop(tmp_path: Path, **files: str) -> GitRepository:
    given = {FILE: RECORDS, "LICENSE": "", "services/payments/api.py": "", "docs/a.md": "", **files}
    shop = a_repository(tmp_path / "shop", given)
    shop.check_out()
    return shop


class TestJson:
    def test_one_object_for_each_path_and_section(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "--json", "LICENSE", "docs/new.md")
        assert (ran.code, ran.err) == (0, "")
        base = {"path": "LICENSE", "section": "default", "component": "base", "owners": ["platform"]}
        assert ran.json == [
            {**base, "source": f"{FILE}:11"},
            {**base, "section": "legal", "component": "legal", "owners": ["@acme/legal"], "source": f"{FILE}:21"},
            {"path": "docs/new.md", "section": "default", "component": None, "owners": [], "source": f"{FILE}:11"},
            {"path": "docs/new.md", "section": "legal", "component": None, "owners": [], "source": None},
        ]

    def test_a_blocked_path_has_no_owner_and_says_why(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n/x bob\n"})
        ran = run_gate("owners", "--repo", shop.path, "--rev", "main", "--json", "x")
        (answer,) = ran.json
        assert (answer["component"], answer["owners"], answer["source"]) == (None, [], "CODEOWNERS:2")
        assert "bob" in answer["problem"]

    def test_nothing_asked_is_an_empty_array(self, tmp_path: Path) -> None:
        assert run_gate("owners", "--repo", a_shop(tmp_path).path, "--stdin", "--json").json == []

    def test_without_any_source_every_path_is_answered(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_repository(tmp_path / "shop").path, "--rev", "main", "--json", "a")
        assert ran.json == [{"path": "a", "section": None, "component": None, "owners": [], "source": None}]
        assert "gate init" in ran.err


class TestText:
    def test_a_table_with_the_deciding_line(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "services/payments/x", "docs/x")
        assert ran.rows == [
            ["PATH", "OWNER", "COMPONENT", "SECTION", "SOURCE"],
            ["services/payments/x", "payments", "payments-api", "default", f"{FILE}:15"],
            ["docs/x", "unowned", "-", "default", f"{FILE}:11"],
        ]

    def test_a_bare_codeowners_file_needs_no_column_for_component_and_section(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/a @x @b\n/c d\n"})
        ran = run_gate("owners", "--repo", shop.path, "--rev", "main", "a", "b", "c")
        assert ran.rows[:4] == [
            ["PATH", "OWNER", "SOURCE"],
            ["a", "@b @x", "CODEOWNERS:1"],
            ["b", "unowned", "no line matches"],
            ["c", "blocked", "CODEOWNERS:2"],
        ]
        assert "Blocked until these lines are mended on the base branch:" in ran.out
        assert "CODEOWNERS:2" in ran.err

    def test_sections_of_gitlab_and_whether_they_are_optional(self, tmp_path: Path) -> None:
        files = {
            "CODEOWNERS": "* @a\n^[Docs] @w\n*.md\n",
            ".gate/policy.yaml": "version: 1\ncodeowners_dialect: gitlab\n",
        }
        ran = run_gate("owners", "--repo", a_repository(tmp_path / "shop", files).path, "--rev", "main", "x.md")
        assert ran.rows[1:] == [
            ["x.md", "@a", "codeowners", "CODEOWNERS:1"],
            ["x.md", "@w", "codeowners:Docs (optional)", "CODEOWNERS:3"],
        ]

    def test_nothing_in_a_path_moves_the_terminal(self, tmp_path: Path) -> None:
        ran = run_gate(
            "owners", "--repo", a_shop(tmp_path).path, "a\x1b[31m", "b\u202ec", "d\u200be", "f\u3164g", "n\nl"
        )
        assert [row[0] for row in ran.rows[1:]] == [
            "a\\u{1b}[31m",
            "b\\u{202e}c",
            "d\\u{200b}e",
            "f\\u{3164}g",
            "n\\u{a}l",
        ]


class TestWhichPaths:
    def test_all_of_a_revision_or_of_the_working_tree(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.write({"new.txt": ""})
        committed = {
            item["path"] for item in run_gate("owners", "--repo", shop.path, "--rev", "main", "--all", "--json").json
        }
        present = {item["path"] for item in run_gate("owners", "--repo", shop.path, "--all", "--json").json}
        assert committed == {FILE, "LICENSE", "services/payments/api.py", "docs/a.md"}
        assert present == committed | {"new.txt"}

    def test_standard_input_by_lines_or_by_nul(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        lines = run_gate("owners", "--repo", shop.path, "--stdin", "--json", stdin=b"LICENSE\na b\n").json
        nul = run_gate("owners", "--repo", shop.path, "--stdin", "-0", "--json", stdin=b"LICENSE\0a\nb\0\xff\0").json
        assert [item["path"] for item in lines[::2]] == ["LICENSE", "a b"]
        assert [item["path"] for item in nul[::2]] == ["LICENSE", "a\nb", "\\xff"]

    def test_a_submodule_is_a_file_and_a_folder_at_once(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/vendor/lib/ @a\n", "vendor/lib": Submodule("a" * 40)})
        ran = run_gate("owners", "--repo", shop.path, "--rev", "main", "vendor/lib", "vendor/other/", "vendor/lib/")
        assert [row[1] for row in ran.rows[1:]] == ["@a", "unowned", "@a"]

    @pytest.mark.parametrize("path", ["/LICENSE", "./LICENSE", "a/../b", "a//b"])
    def test_what_is_no_path_of_a_tree_is_refused(self, tmp_path: Path, path: str) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, path)
        assert (ran.code, ran.out) == (2, "")
        assert "no path from the root" in ran.err

    @pytest.mark.parametrize(
        "arguments", [[], ["a", "--all"], ["--all", "--stdin"], ["-0", "a"], ["--person", "a", "--team", "b"]]
    )
    def test_exactly_one_way_to_ask(self, tmp_path: Path, arguments: list[str]) -> None:
        assert run_gate("owners", "--repo", a_shop(tmp_path).path, *arguments).code == 2


class TestWithoutOwners:
    def test_the_next_step_is_to_begin_or_to_go_on(self, tmp_path: Path) -> None:
        bare = a_repository(tmp_path / "bare", {"a": "1"})
        assert "Try `gate init`." in run_gate("owners", "--repo", bare.path, "--rev", "main", "--all").err
        begun = a_repository(tmp_path / "begun", {"a": "1", ".gate/policy.yaml": "version: 1\n"})
        said = run_gate("owners", "--repo", begun.path, "--rev", "main", "--all").err
        assert "name `components` with their `paths` in .gate/ownership.yaml." in said


class TestAPathThatIsNotThere:
    def test_is_said_to_be_none(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "services/payments/new.py")
        assert ran.err == "services/payments/new.py is not in the tree; this is whose it would be.\n"

    def test_is_asked_for_with_a_slash_where_it_is_a_folder(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "services/payments")
        assert ran.err == "services/payments is a folder; ask for services/payments/ to see whose it is as a whole.\n"


class TestTheInverse:
    def test_a_person_owns_through_a_team(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "--person", "alice")
        assert ran.rows == [
            ["alice owns 1 of 4 files in 2 components."],
            [],
            ["COMPONENT", "SECTION", "THROUGH", "FILES", "SOURCE"],
            ["payments-api", "default", "payments", "1", f"{FILE}:12"],
            ["ledger", "default", "payments", "no files", f"{FILE}:16"],
        ]

    def test_a_team_as_json_is_every_path_of_it(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "--team", "acme/payments", "--json")
        assert [(item["path"], item["owners"]) for item in ran.json] == [("services/payments/api.py", ["payments"])]

    def test_a_name_that_nobody_has_gets_the_nearest_ones(self, tmp_path: Path) -> None:
        ran = run_gate("owners", "--repo", a_shop(tmp_path).path, "--team", "payment")
        assert (ran.code, ran.out) == (0, "")
        assert "Did you mean payments?" in ran.err
        shop = a_repository(tmp_path / "bare", {"CODEOWNERS": "* @acme/web\n"})
        assert "@acme/web?" in run_gate("owners", "--repo", shop.path, "--rev", "main", "--team", "web").err


class TestWhenItCannot:
    def test_broken_records_are_refused_with_every_fault(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.write({FILE: "version: 1\ncomponents: [{name: a}]\nnonsense: 1\n"})
        ran = run_gate("owners", "--repo", shop.path, "LICENSE")
        assert (ran.code, ran.out) == (2, "")
        assert f"{FILE}:2:" in ran.err
        assert f"{FILE}:3:" in ran.err

    def test_an_unknown_revision_and_no_repository(self, tmp_path: Path) -> None:
        assert run_gate("owners", "--repo", a_shop(tmp_path).path, "--rev", "nope", "a").code == 2
        assert run_gate("owners", "--repo", tmp_path / "nowhere", "a").code == 3

    def test_a_linked_codeowners_file_is_not_taken_for_an_absent_one(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"docs/CODEOWNERS": "* @a\n"})
        shop.check_out()
        (shop.path / "CODEOWNERS").symlink_to("/etc/passwd")
        ran = run_gate("owners", "--repo", shop.path, "a")
        assert (ran.code, ran.out) == (3, "")
        assert "symbolic link" in ran.err


class TestFromASubfolder:
    def test_a_path_that_is_meant_from_there_is_pointed_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = a_shop(tmp_path)
        monkeypatch.chdir(shop.path / "services")
        ran = run_gate("owners", "payments/api.py", "LICENSE")
        assert ran.code == 0
        said = "Paths begin at the root: payments/api.py is not in the tree; did you mean services/payments/api.py?"
        assert ran.err == f"{said}\n"


class TestTheGatesOwnFiles:
    POLICY = "version: 1\nsources: [codeowners]\npolicy_owner: '@acme/gate'\n"

    def test_belong_to_the_policy_owner_as_in_a_verdict(self, tmp_path: Path) -> None:
        files = {"CODEOWNERS": "/api/ @acme/api\n", ".gate/policy.yaml": self.POLICY, "api/a.py": ""}
        shop = a_repository(tmp_path / "shop", files)
        ran = run_gate("owners", "--repo", shop.path, "--rev", "main", ".gate/policy.yaml", "docs/CODEOWNERS", "b.py")
        assert ran.rows == [
            ["PATH", "OWNER", "SOURCE"],
            [".gate/policy.yaml", "@acme/gate", ".gate/policy.yaml:3"],
            ["docs/CODEOWNERS", "@acme/gate", ".gate/policy.yaml:3"],
            ["b.py", "unowned", "no line matches"],
        ]
        owned = run_gate("owners", "--repo", shop.path, "--rev", "main", "--team", "@acme/gate", "--json").json
        assert {one["path"] for one in owned} == {".gate/policy.yaml", "CODEOWNERS"}

    def test_ask_their_owners_in_the_records_as_well(self, tmp_path: Path) -> None:
        files = {"CODEOWNERS": "* @acme/all\n", ".gate/policy.yaml": self.POLICY}
        shop = a_repository(tmp_path / "shop", files)
        found = run_gate("owners", "--repo", shop.path, "--rev", "main", "--json", "CODEOWNERS", "x").json
        assert [(one["path"], one["section"], one["owners"]) for one in found] == [
            ("CODEOWNERS", "codeowners", ["@acme/all"]),
            ("CODEOWNERS", "gate-files", ["@acme/gate"]),
            ("x", "codeowners", ["@acme/all"]),
        ]

    def test_are_the_platforms_where_there_is_no_policy(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "/api/ @acme/api\n"})
        found = run_gate("owners", "--repo", shop.path, "--rev", "main", "--json", "CODEOWNERS").json
        assert [(one["section"], one["owners"]) for one in found] == [("codeowners", [])]


class TestStreams:
    def test_a_reader_that_has_seen_enough_ends_it_quietly(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n", **{f"d/{n}": "" for n in range(3_000)}})
        line = [sys.executable, "-m", "gate", "owners", "--repo", str(shop.path), "--rev", "main", "--all", "--json"]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    @pytest.mark.parametrize("setting", ["", "1"])
    def test_on_a_terminal_it_fits_the_width_and_no_color_is_obeyed(self, tmp_path: Path, setting: str) -> None:
        shop = a_shop(tmp_path, **{f"{'long/' * 30}name.py": ""})
        main, terminal = pty.openpty()
        line = [sys.executable, "-m", "gate", "owners", "--repo", str(shop.path), "--all"]
        env = {**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "60", "NO_COLOR": setting}
        with subprocess.Popen(line, stdout=terminal, stderr=subprocess.DEVNULL, env=env) as process:
            os.close(terminal)
            shown = b""
            while part := _read(main):
                shown += part
        os.close(main)
        assert process.returncode == 0
        assert (b"\x1b[" in shown) == (not setting)
        if setting:
            lines = shown.decode().splitlines()
            assert max(map(len, lines)) <= 60
            assert any("e.py " in one and "\N{HORIZONTAL ELLIPSIS}" in one for one in lines)


def _read(number: int) -> bytes:
    try:
        return os.read(number, 65536)
    except OSError:
        return b""  # the other end of a terminal is closed
