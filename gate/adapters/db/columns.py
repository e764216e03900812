"""Columns: what the tables are made of: naming conventions, types that every database compares alike, conditions."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Text, text
from sqlalchemy.dialects import postgresql

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
COUNTER = BigInteger().with_variant(Integer, "sqlite")  # SQLite keeps a table in the order of such a key
BYTEWISE = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
CHANGE = ("tenant", "repository", "number")
CHANGE_ROW = ("generations.tenant", "generations.repository", "generations.number")
OPEN = text("state = 'open'")  # written out: with a parameter in its place no database would use a partial index
READY = text("lease_until IS NULL AND dedupe <> ''")
WAITING = text("lease_until IS NULL")
RUNNING = text("lease_until IS NOT NULL")
RUNNING_IN_LANE = text("lease_until IS NOT NULL AND lane <> ''")
NAMED = text("name_key <> ''")


def partial(name: str, *columns: str, where: object, is_unique: bool = False) -> Index:
    """Return an index over the rows of a condition only."""
    return Index(name, *columns, unique=is_unique, sqlite_where=where, postgresql_where=where)


def words(name: str, *, default: str | None = None, is_nullable: bool = False) -> "Column[str]":
    """Return a column of text."""
    return Column(name, BYTEWISE, nullable=is_nullable, server_default=default)


def number(name: str, *, is_key: bool = False) -> "Column[int]":
    """Return a column of whole numbers that somebody else gives out."""
    return Column(name, BigInteger, primary_key=is_key, nullable=False, autoincrement=False)


def texts(*names: str) -> "list[Column[str]]":
    """Return columns of text that are never NULL."""
    return [words(name) for name in names]
