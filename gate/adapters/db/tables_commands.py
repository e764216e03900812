"""Tables of commands: what became of each command in a comment, which is a row that can be inserted once."""

from sqlalchemy import ForeignKeyConstraint, Table

from gate.adapters.db.columns import CHANGE, CHANGE_ROW, METADATA, number, texts

command_answers = Table(
    "command_answers",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    number("comment", is_key=True),
    number("line", is_key=True),
    *texts("account", "name", "kind", "outcome", "why", "given_at", "answered_at"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
)
