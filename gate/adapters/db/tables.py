"""Tables of changes and of what is judged and recorded of them, with constraints that make wrong states impossible.

Everything of a change hangs on its row in `generations`, which exists from its first judgement on. Facts and contents
are named by their digests. Times are text (RFC 3339, UTC), compared byte by byte on every database.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from gate.adapters.db import (  # all are in the same METADATA
    tables_access,  # noqa: F401
    tables_audit,  # noqa: F401
    tables_incidents,  # noqa: F401
    tables_jobs,  # noqa: F401
    tables_ledger,  # noqa: F401
    tables_links,  # noqa: F401
    tables_notices,  # noqa: F401
    tables_simulations,  # noqa: F401
    tables_workloads,  # noqa: F401
)
from gate.adapters.db.columns import (
    BYTEWISE,
    CHANGE,
    CHANGE_ROW,
    COUNTER,
    METADATA,
    NAMED,
    OPEN,
    number,
    partial,
    texts,
    words,
)
from gate.adapters.db.ledger_labels import Derived

repositories = Table(
    "repositories",
    METADATA,
    number("tenant", is_key=True),
    number("id", is_key=True),
    words("name"),
    words("name_key"),  # the name in lower case; empty once another repository has taken the name
    words("default_branch"),
    number("installation"),
    Column("is_private", Boolean, nullable=False),
    CheckConstraint("tenant >= 0 AND id > 0", name="is_numbered"),
    partial("uq_repositories_name_key", "name_key", where=NAMED, is_unique=True),
)

generations = Table(
    "generations",
    METADATA,
    number("tenant", is_key=True),
    number("repository", is_key=True),
    number("number", is_key=True),
    number("generation"),
    CheckConstraint("number > 0 AND generation >= 0", name="is_counted"),
    ForeignKeyConstraint(["tenant", "repository"], ["repositories.tenant", "repositories.id"]),
)

changes = Table(
    "changes",
    METADATA,
    number("tenant", is_key=True),
    number("repository", is_key=True),
    number("number", is_key=True),
    *texts("state", "title", "author", "base_ref", "base_sha", "head_sha", "url"),
    Column("is_draft", Boolean, nullable=False),
    number("judged_generation"),
    *texts("verdict_state", "facts_digest", "judged_at"),
    words("valid_until", is_nullable=True),
    words("published"),
    words("body_digest"),
    Column("check_run_id", BigInteger),
    Column("comment_id", BigInteger),
    words("first_seen_at"),
    words("waiting_since"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("state IN ('open', 'closed', 'merged')", name="state_is_known"),
    CheckConstraint(
        "verdict_state IN ('', 'approved', 'waiting', 'needs-author', 'rejected', 'frozen', 'error')",
        name="verdict_is_known",
    ),
    CheckConstraint("judged_generation >= 0", name="is_counted"),
    Index("ix_changes_listed", "state", "judged_at", "tenant", "repository", "number"),
    Index("ix_changes_listed_by_verdict", "state", "verdict_state", "judged_at", "tenant", "repository", "number"),
    Index("ix_changes_listed_by_repository", "tenant", "repository", "state", "judged_at", "number"),
    Index("ix_changes_listed_by_both", "tenant", "repository", "state", "verdict_state", "judged_at", "number"),
    partial("ix_changes_open_head", "tenant", "repository", "head_sha", "judged_at", "number", where=OPEN),
    partial("ix_changes_open_base", "tenant", "repository", "base_ref", "judged_at", "number", where=OPEN),
)

facts = Table(
    "facts",
    METADATA,
    Column("digest", BYTEWISE, primary_key=True),
    *(number(name) for name in CHANGE),
    Column("content", LargeBinary, nullable=False),  # zlib over the sealed bytes
    Column("commitments", LargeBinary, nullable=False),  # 32 bytes each, in order
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("digest LIKE 'sha256:%'", name="is_digest"),
)

personal_values = Table(
    "personal_values",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("commitment", BYTEWISE, primary_key=True),
    words("salt", is_nullable=True),
    words("value", is_nullable=True),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("(salt IS NULL) = (value IS NULL)", name="is_whole_or_erased"),
)

contents = Table(
    "contents",
    METADATA,
    Column("digest", BYTEWISE, primary_key=True),
    Column("files", LargeBinary, nullable=False),  # zlib over the canonical bytes that the digest is made of
    CheckConstraint("digest LIKE 'sha256:%'", name="is_digest"),
)

verdicts = Table(
    "verdicts",
    METADATA,
    *(number(name, is_key=True) for name in (*CHANGE, "generation")),
    *texts("at", "state", "head_sha", "base_ref", "plan_digest"),
    Column("facts_digest", BYTEWISE, ForeignKey("facts.digest"), nullable=False),
    Column("content", BYTEWISE, ForeignKey("contents.digest"), nullable=False),
    Column("verdict", LargeBinary, nullable=False),  # zlib over the exact bytes
    Column(
        "ledger_index",
        BigInteger,
        ForeignKey("ledger_entries.idx", deferrable=True, initially="DEFERRED"),  # entries are written in one batch
        nullable=False,
    ),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint(
        "state IN ('approved', 'waiting', 'needs-author', 'rejected', 'frozen', 'error')", name="state_is_known"
    ),
    Index("ix_verdicts_facts", *CHANGE, "facts_digest", "generation"),
)

signoffs = Table(
    "signoffs",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("id", BYTEWISE, primary_key=True),
    Column("position", Integer, nullable=False),
    *texts(
        "account",
        "source",
        "decision",
        "at",
        "first_seen_at",
        "commit",
        "content",
        "facts_digest",
        "base_ref",
        "plan_digest",
        "subjects",
        "scopes",
        "reason",
        "void",
    ),
    words("voided_by", is_nullable=True),
    words("authenticated"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    UniqueConstraint(*CHANGE, "position"),
    CheckConstraint("source IN ('review', 'link', 'comment', 'api')", name="source_is_known"),
    CheckConstraint("decision IN ('approve', 'reject', 'withdraw', 'lift-veto')", name="decision_is_known"),
    CheckConstraint("voided_by IS NULL OR void <> ''", name="is_voided_with_reason"),
)

pushes = Table(
    "pushes",
    METADATA,
    number("tenant", is_key=True),
    number("repository", is_key=True),
    Column("after", BYTEWISE, primary_key=True),
    Column("before", BYTEWISE, primary_key=True),
    number("account", is_key=True),  # 0: the forge named nobody
    *texts("login", "kind", "at"),
    ForeignKeyConstraint(["tenant", "repository"], ["repositories.tenant", "repositories.id"]),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("guid", BYTEWISE, primary_key=True),  # unique over all tenants: a replay under another one is a replay
    number("tenant"),
    number("repository"),
    *texts("event", "action", "received_at"),
    Column("body", LargeBinary, nullable=False),
    words("digest"),
    words("outcome"),
    CheckConstraint("outcome IN ('', 'done', 'ignored', 'quarantined')", name="outcome_is_known"),
    CheckConstraint("guid <> ''", name="has_guid"),
)

ledger_entries = Table(
    "ledger_entries",
    METADATA,
    Column("idx", COUNTER, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    *(Column(name, BYTEWISE, Derived(name)) for name in ("kind", "at", "subject")),
    CheckConstraint("idx >= 0", name="is_counted"),
    CheckConstraint("length(content) <= 65536", name="is_small"),
    CheckConstraint("kind IS NOT NULL AND at IS NOT NULL AND subject IS NOT NULL", name="is_labelled"),
    Index("ix_ledger_entries_subject", "subject", "idx"),
)

ledger_personal = Table(
    "ledger_personal",
    METADATA,
    Column("idx", BigInteger, ForeignKey("ledger_entries.idx"), primary_key=True, autoincrement=False),
    Column("path", BYTEWISE, primary_key=True),
    words("salt", is_nullable=True),
    words("value", is_nullable=True),
    CheckConstraint("(salt IS NULL) = (value IS NULL)", name="is_whole_or_erased"),
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    METADATA,
    Column("size", COUNTER, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    words("at"),
    words("note"),
    CheckConstraint("size > 0", name="is_counted"),
    CheckConstraint("length(root) = 32", name="is_hashed"),
)

ledger_head = Table(
    "ledger_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    number("size"),
    Column("frontier", LargeBinary, nullable=False),
    words("at"),
    Column("is_clock_behind", Boolean, nullable=False),
    words("signer", default=""),  # the key id that signs the next checkpoint; empty: of an earlier version
    CheckConstraint("id = 1", name="is_one"),
    CheckConstraint("size >= 0", name="is_counted"),
    CheckConstraint("length(frontier) % 32 = 0", name="is_whole"),
)
