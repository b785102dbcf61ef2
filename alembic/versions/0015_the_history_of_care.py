"""Whose care the insurer's feed is asked for, since when, and when next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

EMPTY = sa.text("''")
NOW = sa.text("carnet.now()")


def _at(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=NOW, nullable=False)


def upgrade() -> None:
    op.create_table(
        "care",
        sa.Column("record", sa.Text(), nullable=False),
        _at("begun"),
        _at("due"),
        sa.Column("since", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fault", sa.Text(), server_default=EMPTY, nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_care")),
    )
    op.create_index("ix_care_due", "care", ["due"])


def downgrade() -> None:
    op.drop_table("care")
