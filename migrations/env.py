# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Alembic's environment: runs migrations over the connection that `gate.adapters.db.migrate` gives."""

from alembic import context

from gate.adapters.db.tables import METADATA


def run() -> None:
    """Run the migrations asked for within the caller's transaction."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise SystemExit("Run migrations with `gate db upgrade`; GATE_DATABASE_URL names the database.")
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
