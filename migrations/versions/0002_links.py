# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of approval links and of their uses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = ("account", "purpose", "issued_at", "expires_at", "subjects", "facts_digest", "revoked_at", "why")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "links",
        _text("jti"),
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in CHANGE),
        *(_text(name) for name in TEXTS),
        sa.CheckConstraint("length(jti) >= 16", name=op.f("ck_links_is_not_guessed")),
        sa.CheckConstraint("purpose IN ('signoff', 'review', 'acknowledge')", name=op.f("ck_links_purpose_is_known")),
        sa.ForeignKeyConstraint(
            CHANGE,
            ["generations.tenant", "generations.repository", "generations.number"],
            name=op.f("fk_links_generations"),
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_links")),
    )
    op.create_index("ix_links_change", "links", [*CHANGE, "issued_at"])
    op.create_index("ix_links_account", "links", ["account", "issued_at"])
    op.create_table(
        "link_uses",
        _text("jti"),
        _text("at"),
        _text("decision"),
        _text("signoff"),
        sa.ForeignKeyConstraint(["jti"], ["links.jti"], name=op.f("fk_link_uses_links")),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_link_uses")),
    )


def downgrade() -> None:
    """Drop the tables, and what they held."""
    op.drop_table("link_uses")
    op.drop_table("links")


CHANGE = ["tenant", "repository", "number"]


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
