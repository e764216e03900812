"""The durable store: SQLite or PostgreSQL through SQLAlchemy, with the ledger in the same transactions."""
