"""What is new to the chain is found by its index: nothing being new, a table without statistics was read to its end."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTIONS = ("waiting(text)", "unsealed(text, integer)")


def upgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"ALTER FUNCTION carnet.{name} SET enable_seqscan = off")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"ALTER FUNCTION carnet.{name} RESET enable_seqscan")
