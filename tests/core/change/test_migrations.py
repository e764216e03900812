"""Which files of a change count as data migrations, however they are hidden, and what an edit of one means."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import Finding
from gate.core.change.migrations import FileContent, find_migrations, is_migration_candidate

ALEMBIC = b"""
from alembic import op

revision = "b"
down_revision = "a"


def upgrade():
    op.drop_table("ledger")


def downgrade():
    op.create_table("ledger")
"""
EMPTIED = ALEMBIC.replace(b'op.create_table("ledger")', b"pass")


def only(*files: FileContent, **given_: object) -> Finding:
    found = find_migrations(files, **given_)  # type: ignore[arg-type]
    assert len(found) == 1, found
    return found[0]


class TestWhatIsAMigration:
    def test_the_folder_of_an_alembic_script_does_not_matter(self) -> None:
        assert only(FileContent("anywhere/odd_name.py", "added", ALEMBIC)).tool == "Alembic"

    def test_code_that_only_speaks_of_migrations_is_none(self) -> None:
        text = b'"""from alembic: down_revision."""\n\nDOCS = "down_revision"\n'
        assert find_migrations([FileContent("db/versions/notes.py", "added", text)]) == ()

    def test_a_command_of_the_same_name_is_none(self) -> None:
        text = b"import alembic.command\n\n\ndef upgrade(config):\n    alembic.command.upgrade(config, 'head')\n"
        assert find_migrations([FileContent("cli/db/upgrade.py", "added", text)]) == ()

    def test_a_script_that_computes_its_revision_is_one(self) -> None:
        text = b"from alembic import op\nglobals()['revision'] = 'b'\n\n\ndef upgrade():\n    op.drop_table('a')\n"
        assert only(FileContent("db/x.py", "added", text)).is_reversible is False

    def test_sql_that_hides_its_words_in_strings_and_comments_changes_nothing(self) -> None:
        text = b"-- DROP TABLE a;\n/* ALTER TABLE a */ SELECT 'DROP TABLE a', $q$ DROP TABLE a; $q$ FROM b;\n"
        assert find_migrations([FileContent("db/report.sql", "added", text)]) == ()

    @pytest.mark.parametrize(
        "statement",
        [
            "begin; drop table a; commit",
            "  ALTER\nTABLE a ADD b INT",
            "select 1; TRUNCATE a",
            "/*!50001 DROP TABLE a */",
            "'open string; DROP TABLE a;",
            "WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone",
            "BEGIN DELETE FROM a; END",
        ],
    )
    def test_sql_of_an_unknown_tool_is_found_however_it_is_written(self, statement: str) -> None:
        found = only(FileContent("services/Database/fix.SQL", "added", statement.encode()))
        assert (found.tool, found.is_reversible) == ("SQL", None)

    def test_the_patterns_of_a_component_bring_in_files_of_any_kind(self) -> None:
        file = FileContent("ops/data/2026-reload.sh", "added", b"psql -f reload\n")
        assert find_migrations([file]) == ()
        found = only(file, extra_patterns=("/ops/data/",))
        assert found.is_reversible is None
        assert found.why == (
            "Unknown tool: a component's own patterns call it a migration, and no known tool says how to take it back."
        )

    def test_a_byte_order_mark_and_utf_16_hide_nothing(self) -> None:
        assert only(FileContent("db/a.sql", "added", b"\xef\xbb\xbfDROP TABLE a;")).tool == "SQL"
        assert only(FileContent("db/b.sql", "added", "DROP TABLE b;".encode("utf-16"))).tool == "SQL"


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        "raw",
        [b"\xff\xff\xff", b"DROP TABLE a;\0", b"x" * 1_000_001, b"$a$" + b"".join(b"$%d$" % n for n in range(99))],
        ids=["not text", "a null byte", "too large", "strings that never end"],
    )
    def test_a_script_that_cannot_be_read_is_not_reversible(self, raw: bytes) -> None:
        found = only(FileContent("db/migrations/x.sql", "added", raw))
        assert found.is_reversible is None

    @pytest.mark.parametrize("nested", ["(" * 5000, "-" * 100_000 + "1", "x = " + "[" * 300 + "]" * 300, "\0"])
    def test_python_that_breaks_the_parser_is_not_reversible(self, nested: str) -> None:
        found = find_migrations([FileContent("db/versions/1.py", "added", ALEMBIC + nested.encode())])
        assert [one.is_reversible for one in found] == [None]

    @pytest.mark.parametrize("path", ["db/x.sql", "a/versions/1.py", "db/migrate/1_a.rb", "migrations/0001.js"])
    def test_a_file_that_was_not_handed_over_is_not_reversible(self, path: str) -> None:
        for status in ("added", "modified", "changed"):
            assert only(FileContent(path, status)).is_reversible is None
        assert only(FileContent(path, "deleted")).is_reversible is False

    def test_python_of_a_size_that_no_migration_has_is_not_reversible(self) -> None:
        assert only(FileContent("db/versions/1.py", "added", ALEMBIC + b"x = 1\n" * 50_000)).is_reversible is None

    def test_an_undo_script_that_cannot_be_read_is_no_way_back(self) -> None:
        up = FileContent("sql/V1__a.sql", "added", b"CREATE TABLE a (b INT);")
        assert only(up, read_head={"sql/U1__a.sql": b"\xff"}.get).is_reversible is None
        assert only(up, read_head={"sql/U1__a.sql": b"DROP TABLE a;"}.get).is_reversible is True

    @pytest.mark.parametrize(
        ("name", "unit"),
        [
            ("a.sql", "$a$b"),
            ("a.sql", "/*"),
            ("a.sql", "''"),
            ("V1__a.sql", "("),
            ("1_a.rb", "class A < ActiveRecord::Migration[7.0]\n=begin\n"),
            ("1_a.rb", "class A < ActiveRecord::Migration[7.0]\n%w("),
            ("1_a.rb", "def change\nif a\n"),
            ("1_a.rb", "<<AA "),
            ("1_a.js", "exports.up = exports.down = ("),
            ("1_a.ts", "down("),
            ("1_a.go", "goose.AddMigration("),
            ("changelog.yaml", "databaseChangeLog:\n- - - changeSet:\n"),
            ("changelog.xml", "<databaseChangeLog>"),
            ("changelog.json", '{"databaseChangeLog":['),
        ],
    )
    def test_hostile_text_takes_no_time(self, name: str, unit: str) -> None:
        raw = (unit * (200_000 // len(unit))).encode()
        started = time.process_time()
        find_migrations([FileContent(f"db/migrate/{name}", "added", raw)])
        assert time.process_time() - started < 5

    @settings(max_examples=150, deadline=None)
    @given(
        path=st.sampled_from(
            ["db/migrate/1_a.rb", "migrations/1_a.js", "migrations/1.ts", "V1__a.sql", "x/versions/a.py"]
        ),
        text=st.text(alphabet="(){}[]'\"`#$/*-\n\\ ;=>:,updownexrtbfclasi.|%<", max_size=200),
    )
    def test_no_text_ever_breaks_the_reading(self, path: str, text: str) -> None:
        for raw in (text.encode(), ALEMBIC + text.encode()):
            for found in find_migrations([FileContent(path, "added", raw)]):
                assert found.why.endswith(".")


class TestHistory:
    def test_a_deleted_migration_takes_its_way_back_with_it(self) -> None:
        found = only(FileContent("db/versions/a.py", "deleted", None, ALEMBIC))
        assert found.is_reversible is False
        assert "an existing migration is deleted" in found.why

    def test_an_edited_migration_does_not_run_again(self) -> None:
        edited = ALEMBIC.replace(b"ledger", b"ledgers")
        found = only(FileContent("db/versions/a.py", "modified", edited, ALEMBIC))
        assert found.is_reversible is None
        assert "an existing migration is edited" in found.why

    def test_an_edit_that_takes_the_down_step_away_says_so(self) -> None:
        found = only(FileContent("db/versions/a.py", "modified", EMPTIED, ALEMBIC))
        assert (found.is_reversible, found.why) == (False, "Alembic: `downgrade()` does nothing.")

    def test_a_migration_that_is_emptied_is_still_one(self) -> None:
        found = only(FileContent("db/versions/a.py", "modified", b"\n", ALEMBIC))
        assert found.is_reversible is False

    def test_a_file_that_becomes_a_migration_is_judged_as_one(self) -> None:
        assert only(FileContent("db/versions/a.py", "modified", ALEMBIC, b"\n")).is_reversible is True

    def test_a_change_of_mode_alone_migrates_nothing(self) -> None:
        assert find_migrations([FileContent("db/versions/a.py", "changed", ALEMBIC, ALEMBIC)]) == ()

    def test_a_rename_is_a_deletion_and_an_addition(self) -> None:
        found = find_migrations(
            [FileContent("db/versions/a.py", "deleted", None, ALEMBIC), FileContent("db/old/a.py", "added", ALEMBIC)]
        )
        assert [one.is_reversible for one in found] == [False, True]

    def test_a_changelog_grows_by_being_edited(self) -> None:
        before = b'{"databaseChangeLog": [{"changeSet": {"id": 1, "changes": [{"createTable": {}}]}}]}'
        after = before.replace(b"]}}]}", b'{}]}}, {"changeSet": {"id": 2, "changes": [{"createIndex": {}}]}}]}', 1)
        after = after.replace(b"}}{}]", b"}}]")
        assert only(FileContent("changelog.json", "modified", after, before)).is_reversible is True


class TestTheUndoScript:
    UP = FileContent("sql/V2__a.sql", "added", b"ALTER TABLE a ADD b INT;")

    def test_one_that_the_change_deletes_is_no_way_back(self) -> None:
        gone = FileContent("sql/U2__a.sql", "deleted", None, b"ALTER TABLE a DROP b;")
        found = find_migrations([self.UP, gone], read_head={"sql/U2__a.sql": b"ALTER TABLE a DROP b;"}.get)
        assert [(one.path, one.is_reversible) for one in found] == [("sql/V2__a.sql", False), ("sql/U2__a.sql", False)]
        assert found[1].why == "SQL: the script that takes a migration back is deleted."

    def test_the_version_joins_them_and_not_the_description(self) -> None:
        undo = FileContent("sql/U2__take_back.sql", "added", b"ALTER TABLE a DROP b;")
        assert only(self.UP, undo).is_reversible is True
        elsewhere = FileContent("other/U2__a.sql", "added", b"ALTER TABLE a DROP b;")
        assert only(self.UP, elsewhere).is_reversible is False

    def test_markers_of_another_tool_are_no_undo_script(self) -> None:
        text = b"-- +goose Up\nALTER TABLE a ADD b INT;\n-- +goose Down\nALTER TABLE a DROP b;\n"
        assert only(FileContent("db/00002_a.sql", "added", text)).is_reversible is True
        found = only(FileContent("db/V2__a.sql", "added", text))
        assert (found.tool, found.is_reversible) == ("Flyway", False)

    def test_one_that_only_refuses_is_no_way_back(self) -> None:
        refusing = b"DO $$ BEGIN RAISE EXCEPTION 'no way back'; END $$;"
        assert only(self.UP, read_head={"sql/U2__a.sql": refusing}.get).is_reversible is False


class TestCandidates:
    @pytest.mark.parametrize(
        "path",
        [
            "alembic/versions/8f1c.py",
            "services/a/Migrations/20260101_Init.cs",
            "db/migrate/1_a.rb",
            "db/animals_migrate/1_a.rb",
            "anything.sql",
            "ANYTHING.SQL",
            "src/main/java/db/migration/V1__A.java",
            "config/db.changelog-master.xml",
            "000001_users.up.cql",
            "packages/api/src/migrations/users/1700-A.ts",
            "priv/repo/migrations/1_a.exs",
        ],
    )
    def test_conventional_paths_are_worth_reading(self, path: str) -> None:
        assert is_migration_candidate(path)

    @pytest.mark.parametrize("path", ["README.md", "src/app.py", "docs/migrations.md", "migrations.py", "db/logo.png"])
    def test_others_are_not(self, path: str) -> None:
        assert not is_migration_candidate(path)

    def test_a_hundred_thousand_paths_take_no_time(self) -> None:
        paths = [f"packages/p{number}/src/components/module_{number}/index.tsx" for number in range(100_000)]
        started = time.process_time()
        assert not any(map(is_migration_candidate, paths))
        assert time.process_time() - started < 3
        assert not is_migration_candidate("db/" * 30_000 + "x.md")
