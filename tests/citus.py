"""A Citus cluster for the tests: the schema of Carnet on it, distributed by record, and rows of another database.

What Citus refuses of the schema is done otherwise here, and told in `docs/scale.md`: an INS is unique by the lock that
who gives it holds, and by no constraint; the queues of what is to be told stay on the coordinator.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg

from app.storage.migrate import SERVING, UNIQUE, upgrade
from app.storage.parts import KEYS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    Link = asyncpg.Connection[asyncpg.Record]

SHARDS = 8
DIRECTORY = (
    "practitioner", "practitioner_role", "organization", "identity", "document_kind", "matrix_cell", "matrix_version"
)  # fmt: skip
"""Reference tables: whole on each node."""
RECORDS = {**KEYS, "audit_event": "record"}
WITHIN = """
    record = nullif(current_setting('carnet.record', true), '')
    OR record IN (SELECT unnest(string_to_array(current_setting('carnet.reach', true), ' ')))
    OR current_setting('carnet.reach', true) = '*'
    OR record = ANY(string_to_array(current_setting('carnet.identity', true), ' '))"""
WIDER = ("binary", "list", "provenance", "version")
"""Tables whose view looks into other tables beside each row, by the key of that row: Citus finds no shard by that."""


def at(url: str, *, database: str = "", role: str = "") -> str:
    """The same address, in another database, or as another role."""
    parts = urlsplit(url)
    place = f"{role}@{parts.netloc.rpartition('@')[2]}" if role else parts.netloc
    return parts._replace(netloc=place, path=f"/{database}" if database else parts.path).geturl()


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[Link]:
    """A connection, closed at the end."""
    link: Link = await asyncpg.connect(url)
    try:
        yield link
    finally:
        await link.close()


async def nodes(url: str) -> list[tuple[str, int]]:
    """Host and port of the workers that the coordinator's database knows."""
    async with linked(url) as link:
        rows = await link.fetch("SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY nodeport")
    return [(row["nodename"], row["nodeport"]) for row in rows]


@asynccontextmanager
async def database(url: str) -> AsyncIterator[str]:
    """A fresh database on each node, with the schema distributed; the URL of its superuser on the coordinator."""
    workers, name = await nodes(url), f"test_{secrets.token_hex(8)}"
    own = urlsplit(url)
    places = [url, *[own._replace(netloc=f"{own.username}@{host}:{port}").geturl() for host, port in workers]]
    try:
        for place in places:
            async with linked(place) as link:
                await link.execute(f'CREATE DATABASE "{name}"')
                if not await link.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", SERVING):
                    await link.execute(f"CREATE ROLE {SERVING} LOGIN")
            async with linked(at(place, database=name)) as link:
                await link.execute("CREATE EXTENSION citus")
        made = at(url, database=name)
        await _furnish(made, (own.hostname or "", own.port or 5432), workers)
        yield made
    finally:
        for place in places:
            async with linked(place) as link:
                await link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _furnish(url: str, coordinator: tuple[str, int], workers: list[tuple[str, int]]) -> None:
    async with linked(url) as link:
        await link.execute("SELECT citus_set_coordinator_host($1, $2)", *coordinator)
        for worker in workers:
            await link.execute("SELECT citus_add_node($1, $2)", *worker)
        await link.execute("CREATE EXTENSION pg_trgm")
    await upgrade(url)
    async with linked(url) as link:
        await link.execute(f"ALTER TABLE patient DROP CONSTRAINT {UNIQUE}")
        await link.execute(f"CREATE INDEX {UNIQUE} ON patient (ins)")
        await link.execute(f"SET citus.shard_count = {SHARDS}")
        for table in DIRECTORY:
            await link.execute("SELECT create_reference_table($1::text::regclass)", table)
        first = "default"
        for table, key in RECORDS.items():
            await link.execute(
                "SELECT create_distributed_table(quote_ident($1)::regclass, $2, colocate_with => $3)", table, key, first
            )
            first = first if first != "default" else table
        await _widen(link)


async def _widen(link: Link) -> None:
    """To who has no relation to a record, views of four tables hold what his request asks about and not what is his."""
    for table in WIDER:
        await link.execute(f'CREATE OR REPLACE VIEW fence."{table}" AS SELECT * FROM public."{table}" WHERE {WITHIN}')


async def copied(source: str, url: str) -> None:
    """Every row of a database, put into the one of the cluster."""
    local = ("notice", "message")
    async with linked(source) as one, linked(url) as other:
        for table in (*DIRECTORY, *RECORDS, *local):
            columns = await one.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
                table,
            )
            names = [row["column_name"] for row in columns]
            quoted = ", ".join(f'"{name}"' for name in names)
            await other.execute(f'TRUNCATE public."{table}"')
            data = BytesIO()
            rows = f'SELECT {quoted} FROM public."{table}"'
            await one.copy_from_query(rows, output=data, format="binary")
            data.seek(0)
            await other.copy_to_table(table, schema_name="public", source=data, columns=names, format="binary")
