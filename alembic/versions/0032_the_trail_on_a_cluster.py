"""What the chain asks of the trail is asked of a cluster as well: no function calls within a change, rows with a column.

On a cluster a transaction that wrote on two workers has ended before the last of them shows its rows: whoever seals
waits for that (`carnet.settled`, which a database that is spread has).
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

MADE = sa.text("SELECT pg_get_functiondef(CAST(:name AS regprocedure))")
BARE, PLAIN = "SELECT FROM public.audit_event e", "SELECT 1 FROM public.audit_event e"
SETTLED = """BEGIN
    IF to_regprocedure('carnet.settled()') IS NOT NULL THEN
        PERFORM carnet.settled();
    END IF;
    SELECT e.xact INTO first FROM"""
DECLARED = "AS $function$ DECLARE one record; here bigint := pg_current_xact_id()::text::bigint; BEGIN"
AT_ONCE = re.compile(r"UPDATE public\.audit_event e\s+SET was = (.*), salt = gen_random_uuid\(\), .*?;", re.DOTALL)
ONE_BY_ONE = r"""FOR one IN SELECT e.id, e.recorded, gen_random_uuid() AS salt, \1 AS leaf
    FROM public.audit_event e WHERE e.record = gone AND e.was = ''::bytea
        AND NOT (e.interaction = '$destroy' AND e.outcome = '0') LOOP
        UPDATE public.audit_event e
        SET was = one.leaf, salt = one.salt, xact = here,
            reason = '', name = '', profession = '', specialty = '', resource_id = '', resource_version = '',
            documents = '{}', query = '', detail = '', secret = false, address = ''
        WHERE e.record = gone AND e.recorded = one.recorded AND e.id = one.id;
    END LOOP;"""


ROW_BY_ROW = re.compile(r"FOR one IN SELECT .*? AS salt, (.*) AS leaf\s.*?END LOOP;", re.DOTALL)
ALL_AT_ONCE = r"""UPDATE public.audit_event e
    SET was = \1, salt = gen_random_uuid(), xact = pg_current_xact_id()::text::bigint,
        reason = '', name = '', profession = '', specialty = '', resource_id = '', resource_version = '',
        documents = '{}', query = '', detail = '', secret = false, address = ''
    WHERE record = gone AND was = ''::bytea;"""


def changed(name: str, *changes: tuple[str | re.Pattern[str], str]) -> None:
    """Make a function again with another text; its options and rights stay."""
    text = op.get_bind().execute(MADE, {"name": f"carnet.{name}"}).scalar_one()
    for before, after in changes:
        made = re.sub(before, after, text)
        if made == text:
            raise RuntimeError(name)
        text = made
    op.get_bind().exec_driver_sql(text)


def upgrade() -> None:
    changed("waiting(text)", (BARE, PLAIN))
    changed("unsealed(text, integer)", (r"BEGIN\s+SELECT e\.xact INTO first FROM", SETTLED))
    changed(
        "forget(text)",
        (r"AS \$function\$\s*BEGIN", DECLARED.replace("\\", "\\\\")),
        ("SELECT FROM public.record", "SELECT 1 FROM public.record"),
        (AT_ONCE, ONE_BY_ONE),
    )


def downgrade() -> None:
    changed("waiting(text)", (PLAIN, BARE))
    changed("unsealed(text, integer)", (re.escape(SETTLED), "BEGIN\n    SELECT e.xact INTO first FROM"))
    changed(
        "forget(text)",
        (re.escape(DECLARED), "AS $function$\nBEGIN"),
        ("SELECT 1 FROM public.record", "SELECT FROM public.record"),
        (ROW_BY_ROW, ALL_AT_ONCE),
    )
