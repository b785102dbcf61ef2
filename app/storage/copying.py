"""Whole rows of a record, out of the tables and into them: how a multitude of records is entered at once.

Only who owns the tables can: no caller comes this way, and no policy stands in it. What is entered is a copy of what
the server wrote (`app.storage.stencil`); constraints, indexes and the trail's own columns are the database's, as ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import Text, bindparam, select

from app.storage.fence import Unjudged
from app.storage.rows import FUTURE, PAST, blank
from app.storage.statement import Statement
from app.storage.tables import SEALED, metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from asyncpg import Connection, Record
    from sqlalchemy import Table

    from app.storage.stencil import Rows

    Link = Connection[Record]

PENDING, SORTING = "1GB", "256MB"
PIECE = 64
"""Texts that are sent at once: one for each table of what was deposited together."""
WIDTH = 50
"""How finely columns are counted, half of what PostgreSQL does by itself: a sample has few values, and many columns."""
LONG = ("document_reference", "audit_event")
"""The tables that take longest to analyse."""
KEY = bindparam("record", type_=Text)
"""The record whose rows are meant."""


@cache
def _tables() -> dict[str, Table]:
    """Every table that holds something of a record, what others refer to first."""
    return {table.name: table for table in metadata.sorted_tables if table.name == "record" or "record" in table.c}


def names(table: Table) -> list[str]:
    """The columns that a row brings: the others are the database's own."""
    return [column.name for column in table.c if column.name not in SEALED and column.identity is None]


async def rows_of(link: Link, key: str) -> Rows:
    """Every row of a record, by table; without what the database gives a row by itself."""
    return {name: [_plain(row) for row in await _whole(name).rows(link, record=key)] for name in _tables()}


@cache
def _whole(name: str) -> Statement:
    """Every row of a record in one table."""
    table = metadata.tables[name]
    its = table.c.id if name == "record" else table.c.record
    return Statement(select(*[table.c[one] for one in names(table)]).where(its == KEY), Unjudged.SWEPT)


def _plain(row: Record) -> dict[str, Any]:
    """A row as it is written: the driver reads the infinities without a time zone, and wants them with one."""
    ends = {end.replace(tzinfo=None): end for end in (PAST, FUTURE)}
    return {name: ends.get(value, value) if isinstance(value, datetime) else value for name, value in row.items()}


def columns(every: Iterable[Rows]) -> dict[str, tuple[str, ...]]:
    """The columns of each table that any of these rows says something in: the others get what the database puts."""
    tables, said = _tables(), {name: dict[str, None]() for name in _tables()}
    for rows in every:
        for name, some in rows.items():
            silent = blank(tables[name])
            said[name] |= dict.fromkeys(one for row in some for one in row if row[one] != silent.get(one))
    for name, table in tables.items():
        said[name] |= dict.fromkeys(one.name for one in table.c if not (one.nullable or one.server_default))
    return {name: tuple(one for one in names(tables[name]) if one in said[name]) for name in said}


async def connect(url: str) -> Link:
    """A connection of the owner of the tables.

    What its rows add to GIN indexes waits until `analyse`: put in one by one it costs as much as the rest of a row.
    Nothing waits for the disk: `analyse` ends with what was entered on it.
    """
    put_off = {"gin_pending_list_limit": PENDING, "synchronous_commit": "off", "maintenance_work_mem": SORTING}
    return await asyncpg.connect(url, server_settings=put_off)


async def copy(link: Link, texts: Mapping[str, Sequence[str]], columns: dict[str, tuple[str, ...]]) -> None:
    """Enter rows, all of them or none: texts of each table, columns in the order of `columns`."""
    async with link.transaction():
        for name, names in columns.items():
            if texts.get(name):
                await link.copy_to_table(name, source=_pieces(texts[name]), columns=names)


async def _pieces(texts: Sequence[str]) -> AsyncIterator[bytes]:
    for start in range(0, len(texts), PIECE):
        yield "".join(texts[start : start + PIECE]).encode()


async def analyse(links: Sequence[Link]) -> None:
    """Have the statistics that a database has which lived a day, and all that was entered on the disk."""
    left = deque([*LONG, *(name for name in metadata.tables if name not in LONG)])

    async def work(link: Link) -> None:
        await link.execute(f"SET default_statistics_target TO {WIDTH}")
        while left:
            await link.execute(f'VACUUM ANALYZE "{left.popleft()}"')

    await asyncio.gather(*map(work, links))
    await links[0].execute("SET synchronous_commit TO DEFAULT")
    await links[0].execute("ANALYZE document_kind")  # its commit takes all that was before it to the disk
