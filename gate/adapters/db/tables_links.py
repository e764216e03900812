"""Tables of links: every link that was issued, and the use of each, which is a row that can be inserted once."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Table

from gate.adapters.db.columns import BYTEWISE, CHANGE, METADATA, number, texts

links = Table(
    "links",
    METADATA,
    Column("jti", BYTEWISE, primary_key=True),
    *(number(name) for name in CHANGE),  # number 0: about no change
    *texts("account", "purpose", "issued_at", "expires_at", "subjects", "facts_digest", "revoked_at", "why"),
    ForeignKeyConstraint(CHANGE[:2], ["repositories.tenant", "repositories.id"]),
    CheckConstraint("purpose IN ('signoff', 'review', 'acknowledge')", name="purpose_is_known"),
    CheckConstraint("length(jti) >= 16", name="is_not_guessed"),
    Index("ix_links_change", *CHANGE, "issued_at"),
    Index("ix_links_account", "account", "issued_at"),
)

link_uses = Table(
    "link_uses",
    METADATA,
    Column("jti", BYTEWISE, ForeignKey("links.jti"), primary_key=True),
    *texts("at", "decision", "signoff"),
)
