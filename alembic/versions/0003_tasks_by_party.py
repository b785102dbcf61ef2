"""Rectifications are found by who asks and who answers: without these each search across records read all of them."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_requester", "task", ["requester"], unique=False)
    op.create_index("ix_task_owner", "task", ["owner"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_owner", table_name="task")
    op.drop_index("ix_task_requester", table_name="task")
