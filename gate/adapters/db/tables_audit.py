"""Tables of the audit: the commits of protected branches with what accounts for them, and how far each was read."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, Table, text

from gate.adapters.db.columns import BYTEWISE, METADATA, number, partial, texts, words

_REPOSITORY = ["tenant", "repository"]
_REPOSITORIES = ["repositories.tenant", "repositories.id"]
_OPEN = text("status = 'bypass' AND explained < 0")

branches = Table(
    "branches",
    METADATA,
    number("tenant", is_key=True),
    number("repository", is_key=True),
    Column("branch", BYTEWISE, primary_key=True),
    *texts("tip", "baseline", "at"),
    Column("entry", BigInteger, nullable=False),
    ForeignKeyConstraint(_REPOSITORY, _REPOSITORIES),
)

branch_commits = Table(
    "branch_commits",
    METADATA,
    number("tenant", is_key=True),
    number("repository", is_key=True),
    Column("branch", BYTEWISE, primary_key=True),
    Column("sha", BYTEWISE, primary_key=True),
    number("position"),
    *texts("parent", "at", "how", "status"),
    words("code"),
    *(number(name) for name in ("change", "found", "explained")),
    ForeignKeyConstraint(_REPOSITORY, _REPOSITORIES),
    CheckConstraint("status IN ('accounted', 'claimed', 'bypass', 'before-gate')", name="status_is_known"),
    CheckConstraint("(status = 'bypass') = (code <> '')", name="bypass_has_code"),
    Index("ix_branch_commits_position", *_REPOSITORY, "branch", "position"),
    partial("ix_branch_commits_open", "found", where=_OPEN),
)
