# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of branches that were reconciled, and of their commits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'bypass' AND explained < 0")
REPOSITORY = ["tenant", "repository"]
REPOSITORIES = ["repositories.tenant", "repositories.id"]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "branches",
        *(_number(name) for name in REPOSITORY),
        *(_text(name) for name in ("branch", "tip", "baseline", "at")),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(REPOSITORY, REPOSITORIES, name=op.f("fk_branches_repositories")),
        sa.PrimaryKeyConstraint("tenant", "repository", "branch", name=op.f("pk_branches")),
    )
    op.create_table(
        "branch_commits",
        *(_number(name) for name in REPOSITORY),
        *(_text(name) for name in ("branch", "sha")),
        _number("position"),
        *(_text(name) for name in ("parent", "at", "how", "status", "code")),
        *(_number(name) for name in ("change", "found", "explained")),
        sa.CheckConstraint(
            "status IN ('accounted', 'claimed', 'bypass', 'before-gate')",
            name=op.f("ck_branch_commits_status_is_known"),
        ),
        sa.CheckConstraint("(status = 'bypass') = (code <> '')", name=op.f("ck_branch_commits_bypass_has_code")),
        sa.ForeignKeyConstraint(REPOSITORY, REPOSITORIES, name=op.f("fk_branch_commits_repositories")),
        sa.PrimaryKeyConstraint("tenant", "repository", "branch", "sha", name=op.f("pk_branch_commits")),
    )
    op.create_index("ix_branch_commits_position", "branch_commits", [*REPOSITORY, "branch", "position"])
    op.create_index("ix_branch_commits_open", "branch_commits", ["found"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    """Drop the tables, and what they held."""
    op.drop_table("branch_commits")
    op.drop_table("branches")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
