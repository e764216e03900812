# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of the store, and an append-only ledger from the first day on."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "ledger_entries",
    "ledger_personal",
    "ledger_checkpoints",
    "ledger_head",
    "repositories",
    "generations",
    "pushes",
    "changes",
    "facts",
    "personal_values",
    "contents",
    "verdicts",
    "signoffs",
    "deliveries",
    "jobs",
    "sessions",
    "api_tokens",
    "settings",
)


def upgrade() -> None:
    """Make all tables."""
    _ledger()
    _repositories()
    _judgements()
    _signoffs()
    _work()
    _access()
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def downgrade() -> None:
    """Drop all tables, and what they held."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("gate_refuse_change", "gate_require_next_entry", "gate_require_whole_checkpoint"):
            op.execute(f"DROP FUNCTION {function}()")


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=nullable)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("idx", COUNTER, autoincrement=False, nullable=False),
        _text("kind"),
        _text("at"),
        _text("subject"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name=op.f("ck_ledger_entries_is_counted")),
        sa.CheckConstraint("length(content) <= 65536", name=op.f("ck_ledger_entries_is_small")),
        sa.CheckConstraint("length(leaf_hash) = 32", name=op.f("ck_ledger_entries_is_hashed")),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("leaf_hash", name=op.f("uq_ledger_entries_leaf_hash")),
    )
    op.create_index("ix_ledger_entries_subject", "ledger_entries", ["subject", "idx"])
    op.create_table(
        "ledger_personal",
        _number("idx"),
        _text("path"),
        _text("salt", nullable=True),
        _text("value", nullable=True),
        sa.CheckConstraint("(salt IS NULL) = (value IS NULL)", name=op.f("ck_ledger_personal_is_whole_or_erased")),
        sa.ForeignKeyConstraint(["idx"], ["ledger_entries.idx"], name=op.f("fk_ledger_personal_ledger_entries")),
        sa.PrimaryKeyConstraint("idx", "path", name=op.f("pk_ledger_personal")),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("size", COUNTER, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        _text("at"),
        _text("note"),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_ledger_checkpoints_is_hashed")),
        sa.CheckConstraint("size > 0", name=op.f("ck_ledger_checkpoints_is_counted")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoints")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _number("size"),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        _text("at"),
        sa.Column("is_clock_behind", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_is_one")),
        sa.CheckConstraint("length(frontier) % 32 = 0", name=op.f("ck_ledger_head_is_whole")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_ledger_head_is_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )


def _repositories() -> None:
    op.create_table(
        "repositories",
        _number("tenant"),
        _number("id"),
        _text("name"),
        _text("name_key"),
        _text("default_branch"),
        _number("installation"),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.CheckConstraint("tenant >= 0 AND id > 0", name=op.f("ck_repositories_is_numbered")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_repositories")),
    )
    op.create_index("uq_repositories_name_key", "repositories", ["name_key"], unique=True, **_where("name_key <> ''"))
    op.create_table(
        "generations",
        _number("tenant"),
        _number("repository"),
        _number("number"),
        _number("generation"),
        sa.CheckConstraint("number > 0 AND generation >= 0", name=op.f("ck_generations_is_counted")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository"],
            ["repositories.tenant", "repositories.id"],
            name=op.f("fk_generations_repositories"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "number", name=op.f("pk_generations")),
    )
    op.create_table(
        "pushes",
        _number("tenant"),
        _number("repository"),
        _text("after"),
        _text("before"),
        _number("account"),
        _text("login"),
        _text("kind"),
        _text("at"),
        sa.ForeignKeyConstraint(
            ["tenant", "repository"], ["repositories.tenant", "repositories.id"], name=op.f("fk_pushes_repositories")
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "after", "before", "account", name=op.f("pk_pushes")),
    )
    op.create_table(
        "changes",
        _number("tenant"),
        _number("repository"),
        _number("number"),
        _text("state"),
        _text("title"),
        _text("author"),
        _text("base_ref"),
        _text("base_sha"),
        _text("head_sha"),
        _text("url"),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        _number("judged_generation"),
        _text("verdict_state"),
        _text("facts_digest"),
        _text("judged_at"),
        _text("valid_until", nullable=True),
        _text("published"),
        _text("body_digest"),
        sa.Column("check_run_id", sa.BigInteger(), nullable=True),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        _text("first_seen_at"),
        _text("waiting_since"),
        sa.CheckConstraint("state IN ('open', 'closed', 'merged')", name=op.f("ck_changes_state_is_known")),
        sa.CheckConstraint(
            "verdict_state IN ('', 'approved', 'waiting', 'needs-author', 'rejected', 'frozen', 'error')",
            name=op.f("ck_changes_verdict_is_known"),
        ),
        sa.CheckConstraint("judged_generation >= 0", name=op.f("ck_changes_is_counted")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository", "number"],
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_changes_generations"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "number", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_listed", "changes", ["state", "judged_at", "tenant", "repository", "number"])
    op.create_index(
        "ix_changes_listed_by_both",
        "changes",
        ["tenant", "repository", "state", "verdict_state", "judged_at", "number"],
    )
    op.create_index(
        "ix_changes_listed_by_repository", "changes", ["tenant", "repository", "state", "judged_at", "number"]
    )
    op.create_index(
        "ix_changes_listed_by_verdict",
        "changes",
        ["state", "verdict_state", "judged_at", "tenant", "repository", "number"],
    )
    op.create_index(
        "ix_changes_open_base",
        "changes",
        ["tenant", "repository", "base_ref", "judged_at", "number"],
        **_where("state = 'open'"),
    )
    op.create_index(
        "ix_changes_open_head",
        "changes",
        ["tenant", "repository", "head_sha", "judged_at", "number"],
        **_where("state = 'open'"),
    )


def _judgements() -> None:
    op.create_table(
        "facts",
        _text("digest"),
        _number("tenant"),
        _number("repository"),
        _number("number"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("commitments", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("digest LIKE 'sha256:%'", name=op.f("ck_facts_is_digest")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository", "number"],
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_facts_generations"),
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_facts")),
    )
    op.create_table(
        "personal_values",
        _number("tenant"),
        _number("repository"),
        _number("number"),
        _text("commitment"),
        _text("salt", nullable=True),
        _text("value", nullable=True),
        sa.CheckConstraint("(salt IS NULL) = (value IS NULL)", name=op.f("ck_personal_values_is_whole_or_erased")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository", "number"],
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_personal_values_generations"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "number", "commitment", name=op.f("pk_personal_values")),
    )
    op.create_table(
        "contents",
        _text("digest"),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("digest LIKE 'sha256:%'", name=op.f("ck_contents_is_digest")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_contents")),
    )
    op.create_table(
        "verdicts",
        _number("tenant"),
        _number("repository"),
        _number("number"),
        _number("generation"),
        _text("at"),
        _text("state"),
        _text("head_sha"),
        _text("base_ref"),
        _text("plan_digest"),
        _text("facts_digest"),
        _text("content"),
        sa.Column("verdict", sa.LargeBinary(), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('approved', 'waiting', 'needs-author', 'rejected', 'frozen', 'error')",
            name=op.f("ck_verdicts_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["content"], ["contents.digest"], name=op.f("fk_verdicts_contents")),
        sa.ForeignKeyConstraint(["facts_digest"], ["facts.digest"], name=op.f("fk_verdicts_facts")),
        sa.ForeignKeyConstraint(
            ["ledger_index"],
            ["ledger_entries.idx"],
            name=op.f("fk_verdicts_ledger_entries"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "repository", "number"],
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_verdicts_generations"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "number", "generation", name=op.f("pk_verdicts")),
    )
    op.create_index("ix_verdicts_facts", "verdicts", ["tenant", "repository", "number", "facts_digest", "generation"])


def _signoffs() -> None:
    op.create_table(
        "signoffs",
        _number("tenant"),
        _number("repository"),
        _number("number"),
        _text("id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("account"),
        _text("source"),
        _text("decision"),
        _text("at"),
        _text("first_seen_at"),
        _text("commit"),
        _text("content"),
        _text("facts_digest"),
        _text("base_ref"),
        _text("plan_digest"),
        _text("subjects"),
        _text("scopes"),
        _text("reason"),
        _text("void"),
        _text("voided_by", nullable=True),
        _text("authenticated"),
        sa.CheckConstraint(
            "decision IN ('approve', 'reject', 'withdraw', 'lift-veto')", name=op.f("ck_signoffs_decision_is_known")
        ),
        sa.CheckConstraint("source IN ('review', 'link', 'comment', 'api')", name=op.f("ck_signoffs_source_is_known")),
        sa.CheckConstraint("voided_by IS NULL OR void <> ''", name=op.f("ck_signoffs_is_voided_with_reason")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository", "number"],
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_signoffs_generations"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "number", "id", name=op.f("pk_signoffs")),
        sa.UniqueConstraint(
            "tenant", "repository", "number", "position", name=op.f("uq_signoffs_tenant_repository_number_position")
        ),
    )


def _work() -> None:
    op.create_table(
        "deliveries",
        _text("guid"),
        _number("tenant"),
        _number("repository"),
        _text("event"),
        _text("action"),
        _text("received_at"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("digest"),
        _text("outcome"),
        sa.CheckConstraint("guid <> ''", name=op.f("ck_deliveries_has_guid")),
        sa.CheckConstraint(
            "outcome IN ('', 'done', 'ignored', 'quarantined')", name=op.f("ck_deliveries_outcome_is_known")
        ),
        sa.PrimaryKeyConstraint("guid", name=op.f("pk_deliveries")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        _text("kind"),
        _text("payload"),
        _text("run_at"),
        _text("dedupe"),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        _text("lane"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("lease_until", nullable=True),
        _text("why"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_jobs_attempts_are_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due", "jobs", ["is_urgent", "run_at", "id"], **_where("lease_until IS NULL"))
    op.create_index("ix_jobs_running", "jobs", ["lease_until"], **_where("lease_until IS NOT NULL"))
    op.create_index("uq_jobs_ready", "jobs", ["dedupe"], unique=True, **_where("lease_until IS NULL AND dedupe <> ''"))
    op.create_index(
        "uq_jobs_running_in_lane", "jobs", ["lane"], unique=True, **_where("lease_until IS NOT NULL AND lane <> ''")
    )


def _access() -> None:
    op.create_table(
        "sessions",
        _text("secret_hash"),
        _text("id"),
        _text("account"),
        _text("display"),
        _text("role"),
        _text("issuer"),
        _text("subject"),
        _text("created_at"),
        _text("expires_at"),
        _text("reauthenticated_at"),
        sa.CheckConstraint("role IN ('viewer', 'owner', 'auditor', 'admin')", name=op.f("ck_sessions_role_is_known")),
        sa.CheckConstraint("length(secret_hash) >= 32", name=op.f("ck_sessions_is_hashed")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
    )
    op.create_table(
        "api_tokens",
        _text("id"),
        _text("secret_hash"),
        _text("name"),
        _text("role"),
        _text("repositories"),
        _text("created_at"),
        _text("expires_at"),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'owner', 'auditor', 'admin')", name=op.f("ck_api_tokens_role_is_known")),
        sa.CheckConstraint("length(secret_hash) >= 32", name=op.f("ck_api_tokens_is_hashed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_tokens_secret_hash")),
    )
    op.create_table(
        "settings", _text("name"), _text("value"), sa.PrimaryKeyConstraint("name", name=op.f("pk_settings"))
    )


def _guard_on_sqlite() -> None:
    """Let the ledger only ever grow, by the next entry, and by checkpoints over all of it."""
    for table in ("ledger_entries", "ledger_checkpoints"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER ledger_entries_require_next BEFORE INSERT ON ledger_entries "
        "WHEN NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries) "
        "BEGIN SELECT RAISE(ABORT, 'the ledger has no gaps'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_checkpoints_require_whole BEFORE INSERT ON ledger_checkpoints "
        "WHEN NEW.size IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries) "
        "OR NEW.size <= (SELECT coalesce(max(size), 0) FROM ledger_checkpoints) "
        "BEGIN SELECT RAISE(ABORT, 'a checkpoint is over the whole ledger'); END"
    )


def _guard_on_postgresql() -> None:
    """Let the ledger only ever grow, by the next entry, and by checkpoints over all of it."""
    _function("gate_refuse_change", "RAISE EXCEPTION 'the ledger is append-only';")
    _function(
        "gate_require_next_entry",
        "IF NEW.idx IS DISTINCT FROM (SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries) THEN "
        "RAISE EXCEPTION 'the ledger has no gaps'; END IF; RETURN NEW;",
    )
    _function(
        "gate_require_whole_checkpoint",
        "IF NEW.size IS DISTINCT FROM (SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries) "
        "OR NEW.size <= (SELECT coalesce(max(size), 0) FROM ledger_checkpoints) THEN "
        "RAISE EXCEPTION 'a checkpoint is over the whole ledger'; END IF; RETURN NEW;",
    )
    for table in ("ledger_entries", "ledger_checkpoints"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION gate_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gate_refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER ledger_entries_require_next BEFORE INSERT ON ledger_entries "
        "FOR EACH ROW EXECUTE FUNCTION gate_require_next_entry()"
    )
    op.execute(
        "CREATE TRIGGER ledger_checkpoints_require_whole BEFORE INSERT ON ledger_checkpoints "
        "FOR EACH ROW EXECUTE FUNCTION gate_require_whole_checkpoint()"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
