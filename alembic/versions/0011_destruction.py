"""The end of a record: when it died, is held, was destroyed; and what the trail forgets of a destroyed one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FORGET = """
CREATE FUNCTION carnet.forget(gone text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.record WHERE id = gone AND status = 'destroyed') THEN
        RETURN false;
    END IF;
    DELETE FROM public."window" WHERE record = gone;
    UPDATE public.audit_event
    SET reason = '', name = '', profession = '', specialty = '', resource_id = '', resource_version = '',
        documents = '{}', query = '', detail = '', secret = false, address = ''
    WHERE record = gone;
    RETURN true;
END $$
"""
"""The serving role adds to the trail and changes nothing of it: this is the one way, and it opens for destroyed records
alone. What stays is that somebody did an act of that kind then."""


def upgrade() -> None:
    op.add_column("record", sa.Column("died_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("record", sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("record", sa.Column("held", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION carnet.forget(text) FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION carnet.forget(text)")
    op.drop_column("record", "held")
    op.drop_column("record", "destroyed_at")
    op.drop_column("record", "died_at")
