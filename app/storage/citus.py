"""The tables of records spread over a Citus cluster: by the key of the record, the directory whole on each node.

What is of one record lies in one shard of each table, and in the shard of the same number, so that a statement which is
bound to a record is answered by one worker (`app.storage.spread` says what others are told). Sign-in, the chain and the
queues of what is to be told or asked stay on the coordinator. An INS has one record by the lock that whoever gives it
holds, and by no constraint: one that does not name the record cannot be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from app.storage.migrate import LOCK, SERVING, UNIQUE, grants
from app.storage.spread import SPREAD, WHOLE

if TYPE_CHECKING:
    Link = asyncpg.Connection[asyncpg.Record]

SHARDS = 32
WITHIN = """
    record = nullif(current_setting('carnet.record', true), '')
    OR record = ANY(string_to_array(current_setting('carnet.reach', true), ' '))
    OR current_setting('carnet.reach', true) = '*'
    OR record = ANY(string_to_array(current_setting('carnet.identity', true), ' '))
    OR (record = '' AND depositor = nullif(current_setting('carnet.depositor', true), ''))"""
WIDER = {"binary": "", "list": "", "provenance": "", "version": " OR record = ''"}
"""Tables whose view looks into other tables beside each row, by the key of that row, which finds no shard. To who has
no relation to a record, their views hold what his request asks about, and not what is his in it."""
THERE = "SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_partition WHERE logicalrelid = to_regclass($1::text))"
CITUS = "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')"
WORKERS = "SELECT count(*) FROM pg_catalog.pg_dist_node WHERE groupid > 0"
CALLED = """
SELECT p.oid FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'carnet'::regnamespace AND p.proname IN ('now', 'within', 'joined')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
"""
ROUND = """
SELECT p.oid::regprocedure::text AS name FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname LIKE 'run\\_command\\_on\\_%' OR p.proname = 'master_run_on_worker')
"""
"""Functions by which anybody runs a text on the workers, and so around the fence of the coordinator."""
PARTED = "SELECT relkind = 'p' FROM pg_catalog.pg_class WHERE oid = 'public.record'::regclass"
REPEAT = "SELECT create_reference_table(format('public.%I', $1::text)::regclass)"
DISTRIBUTE = (
    "SELECT create_distributed_table(format('public.%I', $1::text)::regclass, $2::text,"
    " colocate_with => $3::text, shard_count => $4::integer)"
)
BESIDE = "SELECT create_distributed_table(format('public.%I', $1::text)::regclass, $2::text, colocate_with => $3::text)"
LET = """
CREATE OR REPLACE FUNCTION carnet.let(name text, value text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL carnet.%I = %L', name, value);
END $$
"""
"""Makes a setting of the fence on the coordinator and on each worker, to the end of the transaction."""
PHASE = ("CREATE TABLE carnet.phase ()", "SELECT citus_add_local_table_to_metadata('carnet.phase')")
"""An empty table of the coordinator: who deletes from it commits in two phases (`app.storage.spread`)."""
SETTLED = """
CREATE OR REPLACE FUNCTION carnet.settled() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ask constant text := 'SELECT string_agg(gid, chr(32)) FROM pg_catalog.pg_prepared_xacts'
        ' WHERE database = pg_catalog.current_database()';
    first text[];
    now text[];
    heard boolean;
BEGIN
    FOR patience IN 0..200 LOOP
        SELECT bool_and(success), string_to_array(trim(string_agg(result, chr(32))), chr(32)) INTO heard, now
        FROM run_command_on_workers(ask);
        IF heard IS NOT TRUE THEN
            RAISE EXCEPTION 'a worker does not answer' USING ERRCODE = 'lock_not_available';
        END IF;
        first := coalesce(first, now);
        IF NOT first && now THEN
            RETURN;
        END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RAISE EXCEPTION 'a worker waits for the end of a transaction' USING ERRCODE = 'lock_not_available';
END $$
"""
"""Returns when every transaction that is prepared on a worker has ended there: whatever has ended on the coordinator,
its rows are seen. Raises where one does not end within two seconds, or a worker does not answer."""


class NoClusterError(RuntimeError):
    """The database is that of no coordinator with workers."""


async def distribute(url: str, serving: str = SERVING, shards: int = SHARDS) -> list[str]:
    """Spread the tables over the workers that the database knows; returns the names of those that were not.

    `url` is of a superuser: Citus tells the workers of roles and functions. Rows go along. Run again, it brings what a
    migration added, and makes rights and views what they are on a cluster.

    Raises:
        NoClusterError: there is no Citus, it has no worker, or tables are in hash partitions.
    """
    link: Link = await asyncpg.connect(url, server_settings={"search_path": ""}, statement_cache_size=0)
    try:
        if not (await link.fetchval(CITUS) and await link.fetchval(WORKERS)) or await link.fetchval(PARTED):
            raise NoClusterError
        await link.execute("SELECT pg_advisory_lock($1)", LOCK)
        changed = await _spread(link, shards)
        await _furnish(link)
        for statement in grants(serving, spread=True):
            await link.execute(statement)
        await link.execute(f"GRANT DELETE ON carnet.phase TO {serving}")
        for table in sorted(SPREAD):
            await link.fetch(f"SELECT run_command_on_shards('public.{table}', 'GRANT SELECT ON %s TO {serving}')")
    finally:
        await link.close()
    return changed


async def _spread(link: Link, shards: int) -> list[str]:
    changed = [name for name in (*WHOLE, *sorted(SPREAD)) if not await link.fetchval(THERE, f'public."{name}"')]
    if "patient" in changed:
        await link.execute(f"ALTER TABLE public.patient DROP CONSTRAINT IF EXISTS {UNIQUE}")
        await link.execute(f"CREATE INDEX IF NOT EXISTS {UNIQUE} ON public.patient (ins)")
    for name in changed:
        if name in WHOLE:
            await link.execute(REPEAT, name)
    if "record" in changed:
        await link.execute(DISTRIBUTE, "record", "id", "none", shards)
    for name in changed:
        if name in SPREAD - {"record"}:
            await link.execute(BESIDE, name, "record", "public.record")
    return changed


async def _furnish(link: Link) -> None:
    """Make the views and functions that a cluster needs, and tell the workers of those that statements call."""
    for row in await link.fetch(CALLED):
        await link.execute("SELECT create_distributed_function($1::oid::regprocedure)", row["oid"])
    await link.execute("SET citus.enable_ddl_propagation = off")
    for table, more in WIDER.items():
        rows = f'SELECT * FROM public."{table}" WHERE {WITHIN}{more}'  # noqa: S608 - our own names
        await link.execute(f'CREATE OR REPLACE VIEW fence."{table}" AS {rows}')
    for function in (LET, SETTLED):
        await link.execute(function)
    if not await link.fetchval(THERE, "carnet.phase"):
        await link.execute("SET citus.enable_ddl_propagation = on")
        for text in PHASE:
            await link.execute(text)
    owner = await link.fetchval("SELECT quote_ident(tableowner) FROM pg_catalog.pg_tables WHERE tablename = 'record'")
    for name in ("let(text, text)", "settled()"):
        await link.execute(f"REVOKE ALL ON FUNCTION carnet.{name} FROM PUBLIC")
        await link.execute(f"ALTER FUNCTION carnet.{name} OWNER TO {owner}")
    for row in await link.fetch(ROUND):
        await link.execute(f"REVOKE ALL ON FUNCTION {row['name']} FROM PUBLIC")
        await link.execute(f"GRANT EXECUTE ON FUNCTION {row['name']} TO {owner}")
    await link.execute("SET citus.enable_ddl_propagation = on")
