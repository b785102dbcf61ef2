"""A List is known by the uniqueId that its depositor gave it, and by what it said: the same again is the first.

Lists that are there already keep no digest: sent again, they are deposited again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ASKED = "record = ANY(string_to_array(current_setting('carnet.identity', true), ' '))"
DEPOSITOR = "nullif(current_setting('carnet.depositor', true), '')"
SUBJECT = "nullif(current_setting('carnet.subject', true), '')"
# as 0002 made it: a view keeps the columns that its table had
ROWS = f"""
    record = nullif(current_setting('carnet.record', true), '')
    OR record IN (SELECT unnest(string_to_array(current_setting('carnet.reach', true), ' ')))
    OR current_setting('carnet.reach', true) = '*'
    OR depositor = {DEPOSITOR} AND (record = '' OR {ASKED})
    OR {ASKED} AND (
        EXISTS (SELECT FROM public.document_reference d WHERE d.record = "list".record AND d.depositor = {DEPOSITOR})
        OR EXISTS (SELECT FROM public.consent c WHERE c.record = "list".record AND {SUBJECT} = ANY(c.names)))"""  # noqa: S608 - ours
VIEW = f"VIEW fence.list AS SELECT * FROM public.list WHERE {ROWS}"  # noqa: S608 - ours
NAME = "uq_list_record_depositor_master_identifier"


def upgrade() -> None:
    op.add_column("list", sa.Column("master_identifier", sa.Text(), nullable=True))
    op.add_column("list", sa.Column("digest", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_unique_constraint(NAME, "list", ["record", "depositor", "master_identifier"])
    op.execute(f"CREATE OR REPLACE {VIEW}")


def downgrade() -> None:
    op.execute("DROP VIEW fence.list")
    op.drop_constraint(NAME, "list")
    op.drop_column("list", "digest")
    op.drop_column("list", "master_identifier")
    op.execute(f"CREATE {VIEW}")
