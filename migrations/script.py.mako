"""${message}.

Rules: run beside the previous release; expand first, contract in a later release; never touch the rows of
`ledger_entries` and `ledger_checkpoints`; write `downgrade`; no import from `gate`.
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
