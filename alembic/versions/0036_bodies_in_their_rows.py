"""A row of some four kilobytes is kept whole, two to a page: a document's body no longer lies beside its search columns.

PostgreSQL moves the longest column of a row above two kilobytes to a table beside, and before that tries to compress one
column after the other. The search columns of a document take as much room as its body, so every document was compressed
a dozen times over and read by two indexes. What was written before stays as it is until it is written again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

WHOLE = 4080
"""Bytes of a row of which two fill a page of 8 192."""
TABLES = sa.text(
    "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'body' AND NOT a.attisdropped"
    " WHERE c.relkind = 'r' AND c.relnamespace IN"
    " (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('public', 'shard'))"
    " ORDER BY 1"
)
"""The tables that rows lie in, or the parts of those that lie in parts."""


def upgrade() -> None:
    for table in op.get_bind().execute(TABLES).scalars().all():
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {WHOLE})")


def downgrade() -> None:
    for table in op.get_bind().execute(TABLES).scalars().all():
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
