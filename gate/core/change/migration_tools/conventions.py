"""The conventions of migration tools, as data: where their files lie, and which of their steps take themselves back.

Sources: the tools' own documentation and code (Alembic script directories; Django migration operations; Rails'
`CommandRecorder`; Flyway naming; Liquibase's table of automatic rollbacks; Knex, Sequelize, TypeORM and EF Core
migration classes; goose, golang-migrate, dbmate, Prisma and sqitch file formats).
"""

import re

from gate.core.lazy_regex import lazy_regex

_FOLDERS = (
    "versions|migrations?|migrate|alembic|db|database|databases|schemas?|sql|ddl|change-?logs?|liquibase|flyway|prisma|"
    "goose|sqitch|deploy|revert|evolutions|upgrades?|[a-z0-9]+_migrat(?:e|ions?)|migrat(?:e|ions?)_[a-z0-9]+"
)
CODE_ENDINGS = frozenset(
    {
        "py", "rb", "js", "jsx", "cjs", "mjs", "ts", "tsx", "cts", "mts", "go", "java", "kt", "kts", "groovy", "cs",
        "fs", "vb", "php", "ex", "exs", "scala", "clj", "xml", "yml", "yaml", "json",
    }
)  # fmt: skip
CANDIDATE_FOLDER = lazy_regex(rf"(?:\A|/)(?:{_FOLDERS})/")
"""Folders in which code, and structured files, may be migrations; in lower case."""
CANDIDATE_NAME = lazy_regex(r"[^/]*change-?log[^/]*\Z|[vurb][0-9._]*__|[0-9]+_[^/]+\.(?:up|down)\.[a-z]+\Z")
"""Names that are those of migrations wherever they lie; in lower case."""
SQL_FOLDER = lazy_regex(rf"(?:\A|/)(?:{_FOLDERS}|scripts?|patch(?:es)?|updates?|releases?)/")
"""Folders in which SQL that changes a schema or data counts as a migration of an unknown tool; in lower case."""
MIGRATION_FOLDER = lazy_regex(r"(?:\A|/)(?:migrations?|migrate|[a-z0-9]+_migrat(?:e|ions?))/")
NUMBERED = lazy_regex(r"(?:version|v|m|migration)?[-_]?[0-9]{3,}[^/]*\.[a-z]+\Z")
"""The name of a file that a migration tool would run in order; in lower case."""

SQL_CHANGES = frozenset(
    {
        "alter", "create", "drop", "truncate", "delete", "update", "insert", "merge", "replace", "rename", "upsert",
        "grant", "revoke", "call", "exec", "execute", "do", "copy", "load", "import", "comment", "with", "declare",
        "if", "refresh", "attach", "detach", "exchange", "purge", "undrop",
    }
)  # fmt: skip
"""First words of SQL statements that change a schema or data, or may."""

FLYWAY = lazy_regex(r"\A(?P<kind>[VURB])(?P<version>[0-9][0-9._]*)?__(?P<text>.+?)\.(?P<extension>[A-Za-z]+)\Z")
GOLANG_MIGRATE = lazy_regex(r"\A(?P<stem>[0-9]+_.+)\.(?P<way>up|down)\.(?P<extension>[A-Za-z]+)\Z", re.IGNORECASE)
PRISMA = lazy_regex(r"(?:\A|/)migrations/[^/]+/migration\.sql\Z", re.IGNORECASE)

DJANGO_REVERSIBLE = frozenset(
    {
        "CreateModel", "DeleteModel", "RenameModel", "AlterModelTable", "AlterModelTableComment", "AlterUniqueTogether",
        "AlterIndexTogether", "AlterOrderWithRespectTo", "AlterModelOptions", "AlterModelManagers", "AddField",
        "RemoveField", "AlterField", "RenameField", "AddIndex", "RemoveIndex", "RenameIndex", "AddConstraint",
        "RemoveConstraint", "AlterConstraint", "AddIndexConcurrently", "RemoveIndexConcurrently", "ValidateConstraint",
        "AddConstraintNotValid", "CreateCollation", "RemoveCollation", "CreateExtension", "BloomExtension",
        "BtreeGinExtension", "BtreeGistExtension", "CITextExtension", "CryptoExtension", "HStoreExtension",
        "TrigramExtension", "UnaccentExtension",
    }
)  # fmt: skip
DJANGO_LOSSY = frozenset({"DeleteModel", "RemoveField"})
ALEMBIC_LOSSY = frozenset({"drop_column", "drop_table"})

RAILS_REVERSIBLE = frozenset(
    {
        "add_column", "add_foreign_key", "add_check_constraint", "add_exclusion_constraint", "add_unique_constraint",
        "add_unique_key", "add_index", "add_reference", "add_belongs_to", "add_timestamps", "change_column_null",
        "create_enum", "create_join_table", "create_virtual_table", "create_table", "create_schema",
        "disable_extension", "drop_join_table", "enable_extension", "remove_reference", "remove_belongs_to",
        "remove_timestamps", "rename_column", "rename_enum", "rename_index", "rename_table", "enable_index",
        "disable_index", "validate_foreign_key", "validate_check_constraint", "validate_constraint",
        "disable_ddl_transaction", "say", "up_only",
    }
)  # fmt: skip
"""Steps that Rails takes back by itself, or that change nothing. `up_only` states that nothing is to be taken back."""
RAILS_IF_TOLD_MORE = {
    "remove_column": "a type", "remove_columns": "`type:`", "drop_table": "a block", "drop_enum": "its values",
    "drop_virtual_table": "its options", "change_column_default": "`from:` and `to:`",
    "change_column_comment": "`from:` and `to:`", "change_table_comment": "`from:` and `to:`",
    "rename_enum_value": "`from:` and `to:`", "remove_foreign_key": "a second table", "remove_index": "the column",
    "remove_check_constraint": "its expression", "remove_exclusion_constraint": "its expression",
    "remove_unique_constraint": "its columns", "remove_unique_key": "its columns",
}  # fmt: skip
"""Steps that Rails takes back only when they say what there was before."""
RAILS_IRREVERSIBLE = frozenset(
    {"execute", "change_column", "exec_query", "update", "delete", "insert", "change", "exec_update", "exec_delete"}
)

LIQUIBASE_AUTOMATIC = frozenset(
    {
        "addCheckConstraint", "addColumn", "addDefaultValue", "addForeignKeyConstraint", "addLookupTable",
        "addNotNullConstraint", "addPrimaryKey", "addUniqueConstraint", "createIndex", "createSequence",
        "createSynonym", "createTable", "createView", "disableCheckConstraint", "disableTrigger",
        "dropNotNullConstraint", "enableCheckConstraint", "enableTrigger", "renameColumn", "renameSequence",
        "renameTable", "renameTrigger", "renameView", "tagDatabase", "empty", "output",
    }
)  # fmt: skip
LIQUIBASE_NOT_A_CHANGE = frozenset({"preConditions", "validCheckSum", "comment", "property", "rollback", "modifySql"})
