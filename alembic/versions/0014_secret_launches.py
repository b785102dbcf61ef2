"""A launch keeps that it was made within a secret connection; a session keeps the provider that its person came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("launch", sa.Column("secret", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("session", sa.Column("provider", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("session", "provider")
    op.drop_column("launch", "secret")
