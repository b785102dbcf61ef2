"""What the trail forgets with a record it forgets in one statement: row by row took a cluster a message for each act.

The digests are worked out by a select of their own, since a change on a cluster calls no function that is not immutable
with a column.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0032"
branch_labels = None
depends_on = None

MADE = sa.text("SELECT pg_get_functiondef(CAST('carnet.forget(text)' AS regprocedure))")
CHANGED = """reason = '', name = '', profession = '', specialty = '', resource_id = '', resource_version = '',
            documents = '{}', query = '', detail = '', secret = false, address = ''"""
ITS_ROWS = """FROM public.audit_event e WHERE e.record = gone AND e.was = ''::bytea
        AND NOT (e.interaction = '$destroy' AND e.outcome = '0')"""
ONE_BY_ONE = re.compile(r"FOR one IN SELECT .*? AS salt, (?P<leaf>.*) AS leaf\s.*?END LOOP;", re.DOTALL)
AT_ONCE = re.compile(r"UPDATE public\.audit_event e\s.*? AS salt, (?P<leaf>.*) AS leaf\s.*?e\.id = one\.id;", re.DOTALL)
EACH, NONE = "DECLARE one record; here bigint", "DECLARE here bigint"


def at_once(leaf: str) -> str:
    """All rows by one statement."""
    return f"""UPDATE public.audit_event e
        SET was = one.leaf, salt = one.salt, xact = here,
            {CHANGED}
        FROM (SELECT e.id, e.recorded, gen_random_uuid() AS salt, {leaf} AS leaf
        {ITS_ROWS}) one
        WHERE e.record = gone AND e.was = ''::bytea AND e.recorded = one.recorded AND e.id = one.id;"""  # noqa: S608 - ours


def one_by_one(leaf: str) -> str:
    """Each row by a statement of its own."""
    return f"""FOR one IN SELECT e.id, e.recorded, gen_random_uuid() AS salt, {leaf} AS leaf
    {ITS_ROWS} LOOP
        UPDATE public.audit_event e
        SET was = one.leaf, salt = one.salt, xact = here,
            {CHANGED}
        WHERE e.record = gone AND e.recorded = one.recorded AND e.id = one.id;
    END LOOP;"""  # noqa: S608 - ours


def _made_again(text: str) -> None:
    op.get_bind().exec_driver_sql(text)


def upgrade() -> None:
    text = op.get_bind().execute(MADE).scalar_one()
    _made_again(ONE_BY_ONE.sub(lambda it: at_once(it["leaf"]), text).replace(EACH, NONE))


def downgrade() -> None:
    text = op.get_bind().execute(MADE).scalar_one()
    _made_again(AT_ONCE.sub(lambda it: one_by_one(it["leaf"]), text).replace(NONE, EACH))
