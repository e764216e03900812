"""What each tool's convention makes of its own migration files: is there a way back, and in which words."""

from pathlib import Path

import pytest

from gate.core.change.migrations import FileContent, find_migrations

FIXTURES = Path(__file__).parents[2] / "fixtures" / "migrations"
ANSWERS = {"yes": True, "no": False, "unknown": None}
CONVENTIONS = [
    ("alembic/env.py", "none", ""),
    ("alembic/versions/0001_reversible.py", "yes", "Alembic: `downgrade()` takes it back."),
    ("alembic/versions/0002_empty.py", "no", "Alembic: `downgrade()` does nothing."),
    ("alembic/versions/0003_docstring_only.py", "no", "Alembic: `downgrade()` does nothing."),
    ("alembic/versions/0004_raises.py", "no", "Alembic: `downgrade()` only raises an error."),
    ("alembic/versions/0005_ellipsis.py", "no", "Alembic: `downgrade()` does nothing."),
    ("alembic/versions/0006_missing.py", "no", "Alembic: there is no `downgrade()`."),
    ("alembic/versions/0007_early_return.py", "no", "Alembic: `downgrade()` does nothing."),
    ("alembic/versions/0008_talks.py", "no", "Alembic: `downgrade()` does nothing."),
    ("alembic/versions/0009_never.py", "no", "Alembic: `downgrade()` does nothing."),
    (
        "alembic/versions/0010_elsewhere.py",
        "unknown",
        "Alembic: `downgrade()` is defined in a way that cannot be told from this file.",
    ),
    ("alembic/versions/0011_merge.py", "yes", "Alembic: `upgrade()` changes nothing."),
    (
        "alembic/versions/0012_lossy.py",
        "yes",
        "Alembic: `downgrade()` takes it back, but not the data that `drop_column` removes.",
    ),
    (
        "alembic/versions/0013_broken.py",
        "unknown",
        "Alembic: the file cannot be read, so nobody can tell whether it has a way back.",
    ),
    ("dbmate/db/migrations/20260101_both.sql", "yes", "dbmate: the down section takes it back."),
    ("dbmate/db/migrations/20260102_empty.sql", "no", "dbmate: the down section does nothing."),
    ("django/shop/migrations/0002_fields.py", "yes", "Django: all operations can be taken back."),
    ("django/shop/migrations/0003_run_python.py", "no", "Django: `RunPython` has no `reverse_code`."),
    ("django/shop/migrations/0004_noop.py", "yes", "Django: all operations can be taken back."),
    ("django/shop/migrations/0005_run_sql.py", "no", "Django: `RunSQL` has no `reverse_sql`."),
    ("django/shop/migrations/0006_run_sql_reverse.py", "yes", "Django: all operations can be taken back."),
    ("django/shop/migrations/0007_separate.py", "no", "Django: `RunSQL` has no `reverse_sql`."),
    ("django/shop/migrations/0008_state_only.py", "yes", "Django: all operations can be taken back."),
    (
        "django/shop/migrations/0009_computed.py",
        "unknown",
        "Django: its `operations` are not a plain list, so they cannot be told from this file.",
    ),
    (
        "django/shop/migrations/0010_own_operation.py",
        "unknown",
        "Django: `Repartition` is no operation whose way back is known.",
    ),
    (
        "django/shop/migrations/0011_appended.py",
        "unknown",
        "Django: its `operations` are not a plain list, so they cannot be told from this file.",
    ),
    (
        "django/shop/migrations/0012_remove_field.py",
        "yes",
        "Django: all operations can be taken back, but not the data that `RemoveField` removes.",
    ),
    ("django/shop/migrations/0013_reverse_is_none.py", "no", "Django: `RunPython` has no `reverse_code`."),
    ("django/shop/migrations/__init__.py", "none", ""),
    ("efcore/Migrations/20260101000000_AddAge.cs", "yes", "EF Core: `Down` takes it back."),
    ("efcore/Migrations/20260102000000_Empty.cs", "no", "EF Core: `Down` does nothing."),
    ("flyway/java/U6__Split.java", "none", ""),
    ("flyway/java/V5__Backfill.java", "no", "Flyway: there is no undo migration `U5__...` beside it."),
    ("flyway/java/V6__Split.java", "yes", "Flyway: `U6__Split.java` takes it back."),
    (
        "flyway/sql/R__views.sql",
        "unknown",
        "Flyway: a repeatable script has no undo script, so its way back cannot be told.",
    ),
    ("flyway/sql/U1__with_undo.sql", "none", ""),
    ("flyway/sql/U3_1__undo_is_comment.sql", "none", ""),
    ("flyway/sql/U4__undo_of_four.sql", "none", ""),
    ("flyway/sql/V1__with_undo.sql", "yes", "Flyway: `U1__with_undo.sql` takes it back."),
    ("flyway/sql/V2__without_undo.sql", "no", "Flyway: there is no `U2__without_undo.sql` beside it."),
    ("flyway/sql/V3_1__undo_is_comment.sql", "no", "Flyway: `U3_1__undo_is_comment.sql` does nothing."),
    ("flyway/sql/V4__other_text.sql", "no", "Flyway: there is no `U4__other_text.sql` beside it."),
    ("golang-migrate/000001_users.down.sql", "none", ""),
    ("golang-migrate/000001_users.up.sql", "yes", "golang-migrate: `000001_users.down.sql` takes it back."),
    ("golang-migrate/000002_emails.up.sql", "no", "golang-migrate: there is no `000002_emails.down.sql` beside it."),
    ("golang-migrate/000003_empty.down.sql", "none", ""),
    ("golang-migrate/000003_empty.up.sql", "no", "golang-migrate: `000003_empty.down.sql` does nothing."),
    ("goose/00001_both.sql", "yes", "goose: the down section takes it back."),
    ("goose/00002_empty_down.sql", "no", "goose: the down section does nothing."),
    ("goose/00003_no_down.sql", "no", "goose: there is no down section."),
    ("goose/00004_go.go", "yes", "goose: its down function takes it back."),
    ("goose/00005_go_nil.go", "no", "goose: its down function is nil."),
    ("goose/00006_go_empty.go", "no", "goose: `down` does nothing."),
    ("knex/migrations/20260101_users.js", "yes", "Knex: `down` takes it back."),
    ("knex/migrations/20260102_empty.js", "no", "Knex: `down` does nothing."),
    ("knex/migrations/20260103_none.ts", "no", "Knex: there is no `down`."),
    ("knex/migrations/20260104_typed.ts", "yes", "Knex: `down` takes it back."),
    ("knex/migrations/20260105_throws.js", "no", "Knex: `down` only raises an error."),
    ("knex/migrations/20260106_arrow.mjs", "yes", "Knex: `down` takes it back."),
    (
        "liquibase/changelog/automatic.xml",
        "yes",
        "Liquibase: every change set has a `rollback` or is taken back by itself.",
    ),
    (
        "liquibase/changelog/automatic.yaml",
        "yes",
        "Liquibase: every change set has a `rollback` or is taken back by itself.",
    ),
    (
        "liquibase/changelog/create.json",
        "yes",
        "Liquibase: every change set has a `rollback` or is taken back by itself.",
    ),
    ("liquibase/changelog/delete.json", "no", "Liquibase: `delete` has no `rollback` and is not taken back by itself."),
    ("liquibase/changelog/drop.xml", "no", "Liquibase: `dropTable` has no `rollback` and is not taken back by itself."),
    (
        "liquibase/changelog/drop_with_rollback.xml",
        "yes",
        "Liquibase: every change set has a `rollback` or is taken back by itself.",
    ),
    (
        "liquibase/changelog/entity.xml",
        "unknown",
        "Liquibase: the file cannot be read, so nobody can tell whether it has a way back.",
    ),
    ("liquibase/changelog/formatted.sql", "yes", "Liquibase: every changeset has a `--rollback`."),
    (
        "liquibase/changelog/formatted_without.sql",
        "no",
        "Liquibase: `changeset dave:2` has no `--rollback`, and SQL is not taken back by itself.",
    ),
    ("liquibase/changelog/includes.xml", "none", ""),
    ("liquibase/changelog/sql.yaml", "no", "Liquibase: `sql` has no `rollback` and is not taken back by itself."),
    ("prisma/migrations/20260101000000_init/migration.sql", "no", "Prisma: there is no `down.sql` beside it."),
    ("prisma/migrations/20260102000000_email/down.sql", "none", ""),
    ("prisma/migrations/20260102000000_email/migration.sql", "yes", "Prisma: `down.sql` takes it back."),
    ("rails/db/migrate/20260101000001_add_state.rb", "yes", "Rails: `change` can be taken back."),
    ("rails/db/migrate/20260101000002_up_down.rb", "yes", "Rails: `down` takes it back."),
    ("rails/db/migrate/20260101000003_irreversible.rb", "no", "Rails: `down` only raises an error."),
    (
        "rails/db/migrate/20260101000004_remove_column.rb",
        "no",
        "Rails: `remove_column` can only be taken back when it gives a type.",
    ),
    ("rails/db/migrate/20260101000005_remove_column_typed.rb", "yes", "Rails: `change` can be taken back."),
    ("rails/db/migrate/20260101000006_execute.rb", "no", "Rails: `execute` inside `change` cannot be taken back."),
    (
        "rails/db/migrate/20260101000007_drop_table.rb",
        "no",
        "Rails: `drop_table` can only be taken back when it gives a block.",
    ),
    ("rails/db/migrate/20260101000008_drop_table_block.rb", "yes", "Rails: `change` can be taken back."),
    ("rails/db/migrate/20260101000009_reversible.rb", "yes", "Rails: `change` can be taken back."),
    ("rails/db/migrate/20260101000010_reversible_up_only.rb", "no", "Rails: its `reversible` block has no `down`."),
    (
        "rails/db/migrate/20260101000011_change_column.rb",
        "no",
        "Rails: `change_column` inside `change` cannot be taken back.",
    ),
    (
        "rails/db/migrate/20260101000012_models.rb",
        "no",
        "Rails: `Order.where` inside `change` is no step that can be taken back.",
    ),
    ("rails/db/migrate/20260101000013_empty_down.rb", "no", "Rails: `down` does nothing."),
    ("rails/db/migrate/20260101000014_only_up.rb", "no", "Rails: there is no `down`."),
    ("rails/db/migrate/20260101000015_commented_down.rb", "no", "Rails: there is no `down`."),
    (
        "rails/db/migrate/20260101000016_change_table.rb",
        "no",
        "Rails: `remove` of a column can only be taken back when it gives `type:`.",
    ),
    ("sequelize/migrations/20260101-users.js", "yes", "Sequelize: `down` takes it back."),
    ("sequelize/migrations/20260102-template.js", "no", "Sequelize: `down` does nothing."),
    ("sqitch/deploy/carts.sql", "no", "sqitch: `sqitch/revert/carts.sql` does nothing."),
    ("sqitch/deploy/orders.sql", "no", "sqitch: there is no `sqitch/revert/orders.sql`."),
    ("sqitch/deploy/users.sql", "yes", "sqitch: `sqitch/revert/users.sql` takes it back."),
    ("sqitch/revert/carts.sql", "none", ""),
    ("sqitch/revert/users.sql", "none", ""),
    ("typeorm/src/migrations/1700000000000-Users.ts", "yes", "TypeORM: `down` takes it back."),
    ("typeorm/src/migrations/1700000000001-Empty.ts", "no", "TypeORM: `down` does nothing."),
    (
        "unknown/database/migrations/2026_01_01_000000_users.php",
        "unknown",
        "Unknown tool: it is numbered like a migration, and no known tool says how to take it back.",
    ),
    (
        "unknown/db/patches/add_index.sql",
        "unknown",
        "SQL: it changes schema or data, and no tool that is known here says how to take it back.",
    ),
    ("unknown/db/queries/report.sql", "none", ""),
    ("unknown/migrations/README.json", "none", ""),
    (
        "unknown/migrations/mysql_only.sql",
        "unknown",
        "SQL: it changes schema or data, and no tool that is known here says how to take it back.",
    ),
    (
        "unknown/priv/repo/migrations/20260101000000_users.exs",
        "unknown",
        "Unknown tool: it is numbered like a migration, and no known tool says how to take it back.",
    ),
    ("unknown/reports/create.sql", "none", ""),
]


def read(path: str) -> bytes | None:
    file = FIXTURES / path
    return file.read_bytes() if file.is_file() else None


class TestConventions:
    @pytest.mark.parametrize(("path", "answer", "why"), CONVENTIONS, ids=[row[0] for row in CONVENTIONS])
    def test_the_tool_and_its_way_back_are_recognised(self, path: str, answer: str, why: str) -> None:
        found = find_migrations([FileContent(path, "added", read(path))], read_head=read)
        if answer == "none":
            assert found == ()
            return
        assert [(one.kind, one.path, one.is_reversible, one.why) for one in found] == [
            ("data-migration", path, ANSWERS[answer], why)
        ]
        assert why.startswith(f"{found[0].tool}: ")

    def test_every_fixture_has_its_row(self) -> None:
        files = {file.relative_to(FIXTURES).as_posix() for file in FIXTURES.rglob("*") if file.is_file()}
        assert files - {"SOURCE"} == {row[0] for row in CONVENTIONS}
