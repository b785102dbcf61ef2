"""The outbox: whom to tell, what is to be told, the messages of it. It holds no health data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NONE = sa.text("'{}'::text[]")
EMPTY = sa.text("''")
NOW = sa.text("carnet.now()")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=EMPTY, nullable=False)


def _at(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=NOW, nullable=False)


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("record", sa.Text(), nullable=False),
        _key("party"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), server_default=NONE, nullable=False),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("record", "party", name=op.f("pk_contact")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _key("event"),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=True),
        _key("subject"),
        _key("document"),
        _key("also"),
        _key("only"),
        _at("due"),
        _at("made_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_due", "notice", ["due"])
    op.create_index("ix_notice_record", "notice", ["record"])
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        _key("party"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _key("way"),
        _key("language"),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _at("due"),
        _at("made_at"),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        _key("fault"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_due", "message", ["way", "due"], postgresql_where=sa.text("failed_at IS NULL"))
    op.create_index("ix_message_record", "message", ["record"])
    op.create_table(
        "told",
        sa.Column("record", sa.Text(), nullable=False),
        _key("party"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("record", "party", "kind", "subject", name=op.f("pk_told")),
    )


def downgrade() -> None:
    op.drop_table("told")
    op.drop_table("message")
    op.drop_table("notice")
    op.drop_table("contact")
