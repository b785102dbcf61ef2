"""The tables of records in hash partitions: as many as the operator says, the same for all, by the key of the record.

What is of one record lies in one part of each table, and in the part of the same number. A part has indexes a few times
less deep, is vacuumed on its own and can lie on a disk of its own (a tablespace). Statements stay what they are: each
that is bound to a record is led to one part by PostgreSQL itself, when it starts (`tests/test_parts.py` looks).

The parts are in the schema `shard`, where the serving role has no right. The trail is partitioned already, by month.
What is to be told (`notice`, `message`) waits in queues that are short and worked off across records: they stay whole.

A unique constraint holds within a part alone, so it has to hold the key of the record. All do but one: an INS has one
record. There a table of its own, which triggers keep, says whose each INS is, as the constraint did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from app.storage import care as _care  # noqa: F401 - declares its tables beside the others
from app.storage import outbox as _outbox  # noqa: F401 - as well
from app.storage.migrate import LOCK, SERVING, SHARDS, UNIQUE, grants
from app.storage.tables import metadata

if TYPE_CHECKING:
    Link = asyncpg.Connection[asyncpg.Record]

MOST = 256
KEYS = {"record": "id"} | {
    table.name: "record"
    for table in metadata.sorted_tables
    if "record" in table.primary_key.columns and not table.dialect_options["postgresql"]["partition_by"]
}
"""What is kept in parts: each table of records, and its column that holds the key of the record."""
NOW = """
SELECT c.relname AS name, count(i.inhrelid) AS parts FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY($1)
GROUP BY c.relname
"""
VIEWS = """
SELECT format('CREATE OR REPLACE VIEW %I.%I AS %s', schemaname, viewname, definition) AS made
FROM pg_catalog.pg_views WHERE schemaname IN ('fence', 'way')
"""
CONSTRAINTS = """
SELECT conname AS name, format('ALTER TABLE public.%I ADD CONSTRAINT %I %s', $1::text, conname,
    pg_catalog.pg_get_constraintdef(oid)) AS made
FROM pg_catalog.pg_constraint WHERE conrelid = format('public.%I', $1::text)::regclass AND contype IN ('p', 'u', 'c')
ORDER BY contype
"""
# the text that PostgreSQL gives for the index of a table in parts would leave them out
INDEXES = """
SELECT c.relname AS name, replace(pg_catalog.pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') AS made
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = format('public.%I', $1::text)::regclass
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = c.oid)
"""
OPTIONS = """
SELECT coalesce(array_to_string(reloptions, ', '), '') FROM pg_catalog.pg_class
WHERE oid = format('public.%I', $1::text)::regclass
"""

INS_KEPT = (
    'CREATE TABLE shard."ins" (ins text PRIMARY KEY, record text NOT NULL)',
    'INSERT INTO shard."ins" SELECT ins, record FROM public.patient WHERE ins IS NOT NULL',
    """CREATE FUNCTION shard.keep_ins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM shard.ins i WHERE i.ins = OLD.ins AND i.record = OLD.record;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.ins IS NOT NULL THEN
        INSERT INTO shard.ins VALUES (NEW.ins, NEW.record);
    END IF;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER ins_given AFTER INSERT OR DELETE ON public.patient FOR EACH ROW EXECUTE FUNCTION shard.keep_ins()",
    """CREATE TRIGGER ins_changed AFTER UPDATE ON public.patient FOR EACH ROW
WHEN (OLD.ins IS DISTINCT FROM NEW.ins) EXECUTE FUNCTION shard.keep_ins()""",
)
"""What an INS is unique by where `patient` lies in parts: the triggers go with the table when that is made anew."""
INS_LEFT = ('DROP TABLE IF EXISTS shard."ins"', "DROP FUNCTION IF EXISTS shard.keep_ins()")


class Making(NamedTuple):
    """What stands on a table, as the statements that make it again."""

    constraints: list[str]
    indexes: list[str]
    options: str


async def counted(owner_url: str) -> dict[str, int]:
    """In how many parts each table of records is; 1 for one that is whole."""
    link: Link = await asyncpg.connect(owner_url)
    try:
        return await _counted(link)
    finally:
        await link.close()


async def _counted(link: Link) -> dict[str, int]:
    return {row["name"]: row["parts"] or 1 for row in await link.fetch(NOW, list(KEYS))}


async def distribute(owner_url: str, count: int, serving: str = SERVING) -> list[str]:
    """Bring every table of records into so many parts, one for whole; returns the names of those that were not.

    One transaction: all of them or none, and whoever reads or writes waits meanwhile. The rows are copied, so that the
    disk needs the room of the greatest twice.

    Raises:
        ValueError: the count is none that makes sense.
    """
    if not 1 <= count <= MOST:
        raise ValueError(count)
    link: Link = await asyncpg.connect(owner_url, server_settings={"search_path": ""}, statement_cache_size=0)
    try:
        async with link.transaction():
            await link.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            changed = [name for name, now in (await _counted(link)).items() if now != count]
            if changed:
                await _distribute(link, sorted(changed), count)
                for statement in grants(serving):
                    await link.execute(statement)
    finally:
        await link.close()
    return sorted(changed)


async def _distribute(link: Link, names: list[str], count: int) -> None:
    await link.execute(f"CREATE SCHEMA IF NOT EXISTS {SHARDS}")
    views = [row["made"] for row in await link.fetch(VIEWS)]
    for name in names:
        await link.execute(f'LOCK TABLE public."{name}" IN ACCESS EXCLUSIVE MODE')
    for name in names:
        await _remake(link, name, count)
    for view in views:  # they saw the former tables, and have to let them go
        await link.execute(view)
    for name in names:
        await link.execute(f'DROP TABLE {SHARDS}."{name}"')
    if "patient" in names:
        for statement in (*INS_LEFT, *(INS_KEPT if count > 1 else ())):
            await link.execute(statement)
    for name in names:  # nobody else does, for a table in parts
        await link.execute(f'ANALYZE public."{name}"')


async def _remake(link: Link, name: str, count: int) -> None:
    """Put a table aside, make it again in parts and copy its rows; indexes come last, when all rows are there."""
    was = await _making(link, name, whole=count == 1)
    options = f" WITH ({was.options})" if was.options else ""
    parted = f' PARTITION BY HASH ("{KEYS[name]}")' if count > 1 else options
    like = f'LIKE {SHARDS}."{name}" INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION'
    await link.execute(f'ALTER TABLE public."{name}" SET SCHEMA {SHARDS}')
    await link.execute(f'CREATE TABLE public."{name}" ({like}){parted}')
    for number in range(count if count > 1 else 0):
        part = f'{SHARDS}."{name}_{count}_{number}"'
        values = f"VALUES WITH (MODULUS {count}, REMAINDER {number})"
        await link.execute(f'CREATE TABLE {part} PARTITION OF public."{name}" FOR {values}{options}')
    await link.execute(f'INSERT INTO public."{name}" SELECT * FROM {SHARDS}."{name}"')  # noqa: S608 - our own names
    for statement in (*was.constraints, *was.indexes):
        await link.execute(statement)


async def _making(link: Link, name: str, *, whole: bool) -> Making:
    """What stands on a table, with the uniqueness of the INS by constraint where it shall be whole."""
    constraints = {row["name"]: row["made"] for row in await link.fetch(CONSTRAINTS, name)}
    indexes = {row["name"]: row["made"] for row in await link.fetch(INDEXES, name)}
    if name == "patient":
        for made in (constraints, indexes):
            made.pop(UNIQUE, None)
        if whole:
            constraints[UNIQUE] = f"ALTER TABLE public.patient ADD CONSTRAINT {UNIQUE} UNIQUE (ins)"
        else:
            indexes[UNIQUE] = f"CREATE INDEX {UNIQUE} ON public.patient (ins)"
    return Making(list(constraints.values()), list(indexes.values()), await link.fetchval(OPTIONS, name))
