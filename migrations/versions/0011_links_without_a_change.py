# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Links may be about a repository alone, as a call in an incident is: they hang on it instead of on a change."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHANGE = ["tenant", "repository", "number"]
TEXTS = ("account", "purpose", "issued_at", "expires_at", "subjects", "facts_digest", "revoked_at", "why")
USES = ("jti", "at", "decision", "signoff")
TO_CHANGE, TO_REPOSITORY = "fk_links_generations", "fk_links_repositories"


def upgrade() -> None:
    """Let links hang on their repository."""
    if op.get_context().dialect.name == "sqlite":
        _make_anew(TO_REPOSITORY)
        return
    op.drop_constraint(TO_CHANGE, "links", type_="foreignkey")
    op.create_foreign_key(TO_REPOSITORY, "links", "repositories", CHANGE[:2], ["tenant", "id"])


def downgrade() -> None:
    """Let links hang on their change; those about none are dropped with their uses."""
    op.execute("DELETE FROM link_uses WHERE jti IN (SELECT jti FROM links WHERE number = 0)")
    op.execute("DELETE FROM links WHERE number = 0")
    if op.get_context().dialect.name == "sqlite":
        _make_anew(TO_CHANGE)
        return
    op.drop_constraint(TO_REPOSITORY, "links", type_="foreignkey")
    op.create_foreign_key(TO_CHANGE, "links", "generations", CHANGE, CHANGE)


def _make_anew(hangs_on: str) -> None:
    """Make both tables anew with what they hold: SQLite cannot change a foreign key of a table that is there."""
    op.execute("CREATE TEMPORARY TABLE kept_links AS SELECT * FROM links")
    op.execute("CREATE TEMPORARY TABLE kept_link_uses AS SELECT * FROM link_uses")
    op.drop_table("link_uses")
    op.drop_table("links")
    to_change = sa.ForeignKeyConstraint(CHANGE, [f"generations.{name}" for name in CHANGE], name=TO_CHANGE)
    to_repository = sa.ForeignKeyConstraint(CHANGE[:2], ["repositories.tenant", "repositories.id"], name=TO_REPOSITORY)
    op.create_table(
        "links",
        _text("jti"),
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in CHANGE),
        *(_text(name) for name in TEXTS),
        sa.CheckConstraint("length(jti) >= 16", name=op.f("ck_links_is_not_guessed")),
        sa.CheckConstraint("purpose IN ('signoff', 'review', 'acknowledge')", name=op.f("ck_links_purpose_is_known")),
        to_change if hangs_on == TO_CHANGE else to_repository,
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_links")),
    )
    op.create_index("ix_links_change", "links", [*CHANGE, "issued_at"])
    op.create_index("ix_links_account", "links", ["account", "issued_at"])
    op.create_table(
        "link_uses",
        *(_text(name) for name in USES),
        sa.ForeignKeyConstraint(["jti"], ["links.jti"], name=op.f("fk_link_uses_links")),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_link_uses")),
    )
    columns = ", ".join(("jti", *CHANGE, *TEXTS))
    op.execute(f"INSERT INTO links ({columns}) SELECT {columns} FROM kept_links")  # noqa: S608  # names of our own
    op.execute(f"INSERT INTO link_uses SELECT {', '.join(USES)} FROM kept_link_uses")  # noqa: S608  # likewise
    op.execute("DROP TABLE kept_link_uses")
    op.execute("DROP TABLE kept_links")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
