"""`gate rehearse` from the outside: merge, revert, migrations, commands."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders_git import GitRepository, a_repository

from gate.core.change.rehearsal import parse_report
from gate.core.errors import InvalidFileError

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {before}


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
"""
CREATE = 'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))'
ADD = 'op.add_column("orders", sa.Column("note", sa.Text))'
REMOVE = 'op.drop_column("orders", "note")'


def rehearse(shop: GitRepository, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "gate", "rehearse", "--repo", str(shop.path), "--base", "main", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, **env})


def a_shop(tmp_path: Path) -> GitRepository:
    first = MIGRATION.format(id="a1", before=None, up=CREATE, down='op.drop_table("orders")')
    files = {"README.md": "1\n", "db/env.py": "raise SystemExit('never run')\n", "db/versions/a1.py": first}
    return a_repository(tmp_path / "shop", files)


def with_migration(shop: GitRepository, *, up: str = ADD, down: str = REMOVE, before: str = '"a1"') -> GitRepository:
    shop.commit({"db/versions/b1.py": MIGRATION.format(id="b1", before=before, up=up, down=down)}, branch="feature")
    return shop


class TestMergeAndRevert:
    def test_of_a_plain_change_pass(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"README.md": "2\n"}, branch="feature")
        done = rehearse(shop, "--head", "feature")
        assert done.returncode == 0, done.stderr
        assert "passed  merge: The change merges onto" in done.stdout
        assert "passed  revert: Reverting the merge gives the base's tree again, byte for byte." in done.stdout

    def test_with_a_conflict_fail_and_name_the_file(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"README.md": "2\n"}, branch="feature")
        shop.commit({"README.md": "3\n"})
        done = rehearse(shop, "--head", "feature")
        assert done.returncode == 1
        assert "FAILED  merge: The change does not merge onto its base: conflicts in README.md." in done.stdout

    def test_of_nothing_are_not_tried(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.branch("feature")
        done = rehearse(shop, "--head", "feature")
        assert done.returncode == 3
        assert "there is nothing to merge" in done.stdout

    def test_leave_the_checkout_as_it_was(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.commit({"README.md": "2\n"}, branch="feature")
        shop.check_out()
        before = sorted(shop.path.rglob("*"))
        assert rehearse(shop, "--head", "feature", TMPDIR=str(_folder(tmp_path / "tmp"))).returncode == 0
        assert sorted(shop.path.rglob("*")) == before
        assert not list((tmp_path / "tmp").iterdir())


class TestMigrations:
    def test_that_go_up_and_down_pass(self, tmp_path: Path) -> None:
        done = rehearse(with_migration(a_shop(tmp_path)), "--head", "feature")
        assert done.returncode == 0, done.stdout
        assert "migrations:db/versions: 1 migration(s) went up and down; the schema is what it was." in done.stdout

    @pytest.mark.parametrize(
        ("down", "why"),
        [
            ("pass", "After the downgrade the schema is not what it was: orders."),
            (
                'raise NotImplementedError("no way back")',
                "The downgrade does not run: NotImplementedError: no way back.",
            ),
            ("import os; os._exit(0)", "The downgrade does not run: exit code 0."),
        ],
    )
    def test_without_a_way_back_fail(self, tmp_path: Path, down: str, why: str) -> None:
        done = rehearse(with_migration(a_shop(tmp_path), down=down), "--head", "feature")
        assert done.returncode == 1
        assert why in done.stdout

    @pytest.mark.parametrize(
        ("up", "why"),
        [
            ('op.alter_column("orders", "id", nullable=True)', "syntax error"),
            ("import a_library_of_the_application", "ModuleNotFoundError"),
        ],
    )
    def test_that_the_embedded_database_cannot_run_are_not_tried(self, tmp_path: Path, up: str, why: str) -> None:
        done = rehearse(with_migration(a_shop(tmp_path), up=up, down="pass"), "--head", "feature")
        assert done.returncode == 3
        assert "untried migrations:db/versions: The upgrade does not run on the embedded database" in done.stdout
        assert why in done.stdout

    def test_that_merge_two_branches_pass(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        for name in ("x1", "y1"):
            text = MIGRATION.format(id=name, before='"a1"', up="pass", down="pass")
            shop.commit({f"db/versions/{name}.py": text})
        done = rehearse(with_migration(shop, before='("x1", "y1")'), "--head", "feature")
        assert done.returncode == 0, done.stdout

    def test_get_nothing_of_the_caller_and_cannot_change_what_merge_and_revert_said(self, tmp_path: Path) -> None:
        checks = f"assert 'GATE_CANARY' not in os.environ and os.environ['HOME'] != {os.environ.get('HOME')!r}"
        up = f"import os, pathlib; {checks}; pathlib.Path('README.md').write_text('evil'); {ADD}"
        done = rehearse(with_migration(a_shop(tmp_path), up=up), "--head", "feature", "--json", GATE_CANARY="x")
        assert [step["is_passed"] for step in json.loads(done.stdout)["steps"]] == [True, True, True]

    def test_are_left_out_when_told(self, tmp_path: Path) -> None:
        done = rehearse(with_migration(a_shop(tmp_path), down="pass"), "--head", "feature", "--no-migrations")
        assert done.returncode == 0
        assert "migrations" not in done.stdout


RECORDS = """\
version: 1
people: {{alice: {{github: alice}}}}
components:
  - {{name: api, owner: alice, paths: ["/api/"], rollback: {{method: revert, rehearse: {command}}}}}
  - {{name: web, owner: alice, paths: ["/web/"], rollback: {{method: revert, rehearse: "exit 9"}}}}
"""


class TestACommand:
    @pytest.mark.parametrize(("line", "code"), [("test -f api/new && echo fine", 0), ("echo broken; exit 7", 1)])
    def test_of_a_touched_component_runs_in_the_merged_tree_and_is_reported(
        self, tmp_path: Path, line: str, code: int
    ) -> None:
        records = RECORDS.format(command=json.dumps(line))
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": records})
        shop.commit({"api/new": "2\n", ".gate/ownership.yaml": RECORDS.format(command='"true"')}, branch="feature")
        done = rehearse(shop, "--head", "feature", "--commands", "--json")
        assert done.returncode == code, done.stderr
        (step,) = json.loads(done.stdout)["steps"][2:]
        assert (step["step"], step["component"], step["source"]) == ("command:api", "api", "reported")
        assert line in step["why"]

    def test_is_not_run_unasked(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS.format(command='"exit 7"')})
        shop.commit({"api/new": "2\n"}, branch="feature")
        assert rehearse(shop, "--head", "feature").returncode == 0

    def test_of_a_component_that_is_not_touched_is_refused(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS.format(command='"true"')})
        shop.commit({"api/new": "2\n"}, branch="feature")
        done = rehearse(shop, "--head", "feature", "--commands", "--component", "web")
        assert (done.returncode, done.stdout) == (2, "")
        assert "The change touches no component 'web' that has a rehearsal command on the base." in done.stderr

    def test_is_chosen_among_commands_only(self, tmp_path: Path) -> None:
        done = rehearse(a_shop(tmp_path), "--component", "api")
        assert done.returncode == 2
        assert "Add --commands" in done.stderr


class TestTheReport:
    def test_is_saved_and_read_again(self, tmp_path: Path) -> None:
        shop = with_migration(a_shop(tmp_path), up='op.execute("SELECT FROM")', down="pass")
        rehearse(shop, "--head", "feature", "--save", str(tmp_path / "report.json"))
        report = parse_report((tmp_path / "report.json").read_bytes(), file="report.json")
        assert report.head_sha == shop.rev("feature")
        facts = report.rehearsals()
        assert [(one.step, one.is_passed) for one in facts] == [
            ("merge", True),
            ("revert", True),
            ("migrations:db/versions", False),
        ]
        assert {one.head_sha for one in facts} == {shop.rev("feature")}

    @pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"schema": "gate.rehearsal/2"}', b"\xff", b"x" * 1_100_000])
    def test_is_refused_where_it_is_anything_else(self, raw: bytes) -> None:
        with pytest.raises(InvalidFileError):
            parse_report(raw, file="report.json")


class TestStopping:
    def test_midway_leaves_nothing_behind(self, tmp_path: Path) -> None:
        mark = tmp_path / "started"
        records = RECORDS.format(command=json.dumps(f"echo $$ > {mark}.part; mv {mark}.part {mark}; sleep 60"))
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": records})
        shop.commit({"api/new": "2\n"}, branch="feature")
        place = _folder(tmp_path / "tmp")
        line = [sys.executable, "-m", "gate", "rehearse", "--repo", str(shop.path), "--base", "main"]
        running = subprocess.Popen(
            [*line, "--head", "feature", "--commands"],
            env={**os.environ, "TMPDIR": str(place)},
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 20
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        child = int(mark.read_text())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
        assert (running.returncode, said.strip()) == (3, "Stopped.")
        assert not list(place.iterdir())
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


class TestWrongUsage:
    def test_an_unknown_revision_is_a_sentence(self, tmp_path: Path) -> None:
        done = rehearse(a_shop(tmp_path), "--head", "mian")
        assert (done.returncode, done.stdout) == (2, "")
        assert "There is no revision 'mian' here. Did you mean main?" in done.stderr


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
