"""The chain over the trail: blocks of digests, linked and signed; the trail by month; what both of them need.

Every row has a salt, without which its digest says nothing of it, the transaction that wrote it, by which the chain
finds what is new, and, once the trail forgot what it held, the digest that it had before. The view of the fence stays as
it is: the serving role sees none of the three and sets none of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

CHUNK = 10_000
"""Rows that are there already and are sealed at once."""

SHOWN = """sha256(record_send(ROW(sha256('a'::bytea || uuid_send(e.salt)), e.record, e.id, e.recorded, e.action,
        e.interaction, e.caller_kind, e.subject, e.name, e.profession, e.specialty, e.structure, e.purpose, e.client,
        e.jti, e.acr, e.resource_type, e.resource_id, e.resource_version, e.secret, e.emergency, e.request_id,
        e.address)))"""
JUDGED = "sha256(record_send(ROW(sha256('b'::bytea || uuid_send(e.salt)), e.outcome, e.reason, e.detail)))"
NAMED = "sha256(record_send(ROW(sha256('c'::bytea || uuid_send(e.salt)), e.documents, e.query)))"
LEAF = f"sha256('\\x00'::bytea || {SHOWN} || {JUDGED} || {NAMED} || e.was)"
"""The digest of a row, in three parts with a salt each, so that one can be shown and another kept back; each is of the
binary form of a row, which says the type and the length of every value."""
DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
TODAY = "(carnet.now() AT TIME ZONE 'UTC')::date"

FUNCTIONS = {
    "waiting(since text)": """RETURNS boolean LANGUAGE plpgsql STABLE @DEFINER
SET plan_cache_mode = force_custom_plan AS $$
DECLARE before pg_snapshot := since::pg_snapshot;
BEGIN
    RETURN EXISTS (
        SELECT FROM public.audit_event e
        WHERE e.xact >= pg_snapshot_xmin(before)::text::bigint
            AND NOT pg_visible_in_snapshot(e.xact::text::xid8, before));
END $$""",
    # what is visible now and was not before: exactly once, in whatever order transactions end
    "unsealed(since text, most integer)": """RETURNS TABLE (until text, month date, forgotten boolean, records text[],
    earliest timestamptz, latest timestamptz, leaves bytea)
LANGUAGE plpgsql STABLE @DEFINER SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    before pg_snapshot := since::pg_snapshot;
    tick pg_snapshot := pg_current_snapshot();
    low bigint := pg_snapshot_xmin(before)::text::bigint;
    high bigint := pg_snapshot_xmax(tick)::text::bigint;
    first bigint;
    edge bigint;
BEGIN
    SELECT e.xact INTO first FROM public.audit_event e
    WHERE e.xact >= low AND e.xact < high AND NOT pg_visible_in_snapshot(e.xact::text::xid8, before)
    ORDER BY e.xact LIMIT 1;
    SELECT e.xact INTO edge FROM public.audit_event e
    WHERE e.xact >= low AND e.xact < high AND NOT pg_visible_in_snapshot(e.xact::text::xid8, before)
    ORDER BY e.xact OFFSET most LIMIT 1;
    IF edge > first AND edge <= pg_snapshot_xmin(tick)::text::bigint THEN
        tick := (edge || ':' || edge || ':')::pg_snapshot;
        high := edge;
    END IF;
    RETURN QUERY
    SELECT tick::text, one.month, one.forgotten,
        CASE WHEN one.forgotten THEN array_agg(DISTINCT one.record) ELSE '{}'::text[] END,
        min(one.recorded), max(one.recorded), string_agg(one.leaf, ''::bytea ORDER BY one.recorded, one.id)
    FROM (
        SELECT date_trunc('month', e.recorded AT TIME ZONE 'UTC')::date AS month, e.was <> ''::bytea AS forgotten,
            e.record, e.recorded, e.id, @LEAF AS leaf
        FROM public.audit_event e
        WHERE e.xact >= low AND e.xact < high AND NOT pg_visible_in_snapshot(e.xact::text::xid8, before)
            AND pg_visible_in_snapshot(e.xact::text::xid8, tick)
    ) one
    GROUP BY one.month, one.forgotten ORDER BY one.month, one.forgotten;
END $$""",
    # a cluster whose transactions are numbered lower than those that the rows name: what a dump was restored to
    "renumber(since text)": """RETURNS text LANGUAGE plpgsql VOLATILE @DEFINER AS $$
DECLARE
    before pg_snapshot := since::pg_snapshot;
    here bigint := pg_current_xact_id()::text::bigint;
    tick pg_snapshot := pg_current_snapshot();
BEGIN
    IF pg_snapshot_xmax(before)::text::bigint <= here THEN
        RETURN since;
    END IF;
    UPDATE public.audit_event e
    SET xact = CASE WHEN pg_visible_in_snapshot(e.xact::text::xid8, before) THEN 0 ELSE here END
    WHERE e.xact >= here OR NOT pg_visible_in_snapshot(e.xact::text::xid8, before);
    RETURN least(pg_snapshot_xmin(tick)::text::bigint, here)
        || ':' || greatest(pg_snapshot_xmax(tick)::text::bigint, here + 1) || ':' || array_to_string(ARRAY(
            SELECT x::text::bigint FROM pg_snapshot_xip(tick) x UNION SELECT here ORDER BY 1
        ), ',');
END $$""",
    "evidence(of text, ids text[])": """RETURNS TABLE (id text, month date, recorded timestamptz, shown_salt bytea,
    judged_salt bytea, judged bytea, named bytea, was bytea, leaf bytea)
LANGUAGE sql STABLE @DEFINER AS $$
    SELECT e.id, date_trunc('month', e.recorded AT TIME ZONE 'UTC')::date, e.recorded,
        sha256('a'::bytea || uuid_send(e.salt)), sha256('b'::bytea || uuid_send(e.salt)), @JUDGED, @NAMED, e.was, @LEAF
    FROM public.audit_event e WHERE e.record = of AND e.id = ANY(ids)
$$""",
    "forget(gone text)": """RETURNS boolean LANGUAGE plpgsql @DEFINER AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.record WHERE id = gone AND status = 'destroyed') THEN
        RETURN false;
    END IF;
    DELETE FROM public."window" WHERE record = gone;
    UPDATE public.audit_event e
    SET was = @LEAF, salt = gen_random_uuid(), xact = pg_current_xact_id()::text::bigint,
        reason = '', name = '', profession = '', specialty = '', resource_id = '', resource_version = '',
        documents = '{}', query = '', detail = '', secret = false, address = ''
    WHERE record = gone AND was = ''::bytea;
    RETURN true;
END $$""",
    # attached, not created in place: that would lock out every reader of the trail
    "trail_ahead(months integer)": """RETURNS integer LANGUAGE plpgsql VOLATILE @DEFINER
SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    one date;
    name text;
    made integer := 0;
BEGIN
    FOR one IN
        SELECT date_trunc('month', recorded)::date FROM public.audit_event_default WHERE isfinite(recorded)
        UNION SELECT month FROM public.audit_leaf_default WHERE isfinite(month)
        UNION SELECT (date_trunc('month', @TODAY) + make_interval(months => n))::date
        FROM generate_series(0, months) n
        ORDER BY 1
    LOOP
        name := 'audit_event_' || to_char(one, 'YYYY_MM');
        IF to_regclass('public.' || name) IS NULL THEN
            LOCK TABLE public.audit_event_default IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_event INCLUDING DEFAULTS)', name);
            EXECUTE format('WITH moved AS (DELETE FROM public.audit_event_default WHERE recorded >= %L'
                ' AND recorded < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
                one, one + interval '1 month', name);
            EXECUTE format('ALTER TABLE public.audit_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                name, one, one + interval '1 month');
            made := made + 1;
        END IF;
        name := 'audit_leaf_' || to_char(one, 'YYYY_MM');
        IF to_regclass('public.' || name) IS NULL THEN
            LOCK TABLE public.audit_leaf_default IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_leaf INCLUDING DEFAULTS)', name);
            EXECUTE format('WITH moved AS (DELETE FROM public.audit_leaf_default WHERE month = %L RETURNING *)'
                ' INSERT INTO public.%I SELECT * FROM moved', one, name);
            EXECUTE format('ALTER TABLE public.audit_leaf ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                name, one, (one + interval '1 month')::date);
        END IF;
    END LOOP;
    RETURN made;
END $$""",
    "trail_over(years integer)": """RETURNS TABLE (month date, rows bigint, blocks bigint)
LANGUAGE sql STABLE @DEFINER SET timezone = 'UTC' AS $$
    SELECT l.month, sum(octet_length(l.leaves) / 32)::bigint, count(*) FROM public.audit_leaf l
    WHERE l.month + interval '1 month' + make_interval(years => greatest(years, 1)) <= @TODAY
    GROUP BY l.month ORDER BY l.month
$$""",
    # whatever it is told, nothing younger than a year goes
    "trail_drop(gone date)": """RETURNS void LANGUAGE plpgsql VOLATILE @DEFINER
SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
BEGIN
    IF gone + interval '1 year 1 month' > @TODAY THEN
        RAISE EXCEPTION 'a year has not passed';
    END IF;
    EXECUTE format('DROP TABLE public.%I, public.%I', 'audit_event_' || to_char(gone, 'YYYY_MM'),
        'audit_leaf_' || to_char(gone, 'YYYY_MM'));
END $$""",
}

MARKS = {"@DEFINER": DEFINER, "@JUDGED": JUDGED, "@LEAF": LEAF, "@NAMED": NAMED, "@TODAY": TODAY}


def filled(body: str) -> str:
    """The text of a function with what several have in common."""
    for mark, common in MARKS.items():
        body = body.replace(mark, common)
    return body


FORGET = """
CREATE OR REPLACE FUNCTION carnet.forget(gone text) RETURNS boolean
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

# rows that are there already become as if written by earlier transactions, some ten thousand by each
EARLIER = f"""
UPDATE audit_event d SET xact = n.xact FROM (
    SELECT record, recorded, id, greatest(3, pg_current_xact_id()::text::bigint
        - (count(*) OVER () - row_number() OVER (ORDER BY recorded, id)) / {CHUNK} - 1) AS xact
    FROM audit_event
) n WHERE (d.record, d.recorded, d.id) = (n.record, n.recorded, n.id)
"""  # noqa: S608 - ours


def upgrade() -> None:
    op.create_table(
        "audit_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_block")),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("earliest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", "number", name=op.f("pk_audit_leaf")),
        postgresql_partition_by="RANGE (month)",
    )
    op.create_index("ix_audit_leaf_latest", "audit_leaf", ["latest"], unique=False)
    op.execute("CREATE TABLE audit_leaf_default PARTITION OF audit_leaf DEFAULT")
    op.add_column(
        "audit_event", sa.Column("salt", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )
    op.add_column(
        "audit_event", sa.Column("was", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False)
    )
    op.add_column("audit_event", sa.Column("xact", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(EARLIER)
    op.execute("ALTER TABLE audit_event ALTER COLUMN xact SET DEFAULT pg_current_xact_id()::text::bigint")
    op.create_index("ix_audit_event_xact", "audit_event", ["xact"], unique=False)
    op.execute("DROP FUNCTION carnet.forget(text)")
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION carnet.{name} {filled(body)}")
        types = ", ".join(part.split()[1] for part in name[:-1].partition("(")[2].split(","))
        op.execute(f"REVOKE ALL ON FUNCTION carnet.{name.partition('(')[0]}({types}) FROM PUBLIC")
    op.execute("SELECT carnet.trail_ahead(2)")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION carnet.{name.partition('(')[0]}")
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION carnet.forget(text) FROM PUBLIC")
    op.drop_index("ix_audit_event_xact", table_name="audit_event")
    for name in ("xact", "was", "salt"):
        op.drop_column("audit_event", name)
    op.drop_table("audit_leaf")
    op.drop_table("audit_block")
