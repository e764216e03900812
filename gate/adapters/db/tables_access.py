"""Tables of access: sessions and tokens by the hashes of their secrets, whom tokens sign as, and settings."""

from typing import get_args

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Table

from gate.adapters.db.columns import BYTEWISE, METADATA, texts, words
from gate.usecases.stored import Role


def _role_is_known() -> CheckConstraint:
    roles = ", ".join(f"'{role}'" for role in get_args(Role))
    return CheckConstraint(f"role IN ({roles})", name="role_is_known")


def _secret_is_hashed() -> CheckConstraint:
    return CheckConstraint("length(secret_hash) >= 32", name="is_hashed")


sessions = Table(
    "sessions",
    METADATA,
    Column("secret_hash", BYTEWISE, primary_key=True),
    Column("id", BYTEWISE, nullable=False, unique=True),
    *texts("account", "display", "role", "issuer", "subject", "created_at", "expires_at", "reauthenticated_at"),
    _role_is_known(),
    _secret_is_hashed(),
)

api_tokens = Table(
    "api_tokens",
    METADATA,
    Column("id", BYTEWISE, primary_key=True),
    Column("secret_hash", BYTEWISE, nullable=False, unique=True),
    *texts("name", "role", "repositories", "created_at", "expires_at"),
    Column("is_revoked", Boolean, nullable=False),
    _role_is_known(),
    _secret_is_hashed(),
)

token_accounts = Table(
    "token_accounts",
    METADATA,
    Column("token", BYTEWISE, ForeignKey("api_tokens.id"), primary_key=True),
    *texts("account"),
    CheckConstraint("account LIKE 'github:%'", name="is_of_the_forge"),
)

settings = Table("settings", METADATA, Column("name", BYTEWISE, primary_key=True), words("value"))
