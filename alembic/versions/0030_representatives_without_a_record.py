"""A representative who has no record of his own has an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("related_person", sa.Text()))
    op.add_column("account", sa.Column("represented", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("account", sa.Column("number", sa.Text()))
    op.create_unique_constraint("uq_account_related_person", "account", ["related_person"])
    op.create_unique_constraint("uq_account_number", "account", ["number"])
    op.create_index("ix_account_represented", "account", ["represented"])
    op.create_index("ix_account_relation_patient", "account_relation", ["patient"])


def downgrade() -> None:
    op.execute("DELETE FROM account WHERE related_person IS NOT NULL")
    op.drop_index("ix_account_relation_patient", "account_relation")
    op.drop_column("account", "number")
    op.drop_column("account", "represented")
    op.drop_column("account", "related_person")
