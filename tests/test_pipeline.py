"""Statements that go to the database together: each gets its own rows, its own fault, and waits for no stranger."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import BigInteger, Integer, bindparam, column, func, literal, select

from app.settings import Settings
from app.storage import pipeline
from app.storage.session import Database
from app.storage.statement import Statement, asker
from tests.serving import document, serving
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

N = bindparam("n", type_=Integer)
SERIES = func.generate_series(1, N).table_valued(column("i", Integer), name="series").render_derived()
COUNTING = Statement(select(SERIES.c.i, N.label("n"), asker()))
"""As many rows as it is asked for, none for 0."""
DIVIDING = Statement(select((literal(60) / N).label("part"), asker()))
SLEEPING = Statement(select(func.pg_sleep(N), asker()))
BACKEND = Statement(select(func.pg_backend_pid(type_=BigInteger).label("pid"), N.label("n"), asker()))


@pytest.fixture
async def database(module_database_urls: Urls, tmp_path: Path) -> AsyncIterator[Database]:
    found = await Database.connect(module_database_urls.serve, Settings(data=tmp_path, statement_timeout=3000))
    yield found
    await found.close()


async def test_each_gets_the_rows_that_it_asked_for(database: Database) -> None:
    asked = [7, 0, 1, 30, 0, 2, *range(40)]
    found = await asyncio.gather(*[COUNTING.rows(database.pipeline, n=n) for n in asked])
    assert [[row["n"] for row in rows] for rows in found] == [[n] * n for n in asked]
    assert [len({row["i"] for row in rows}) for rows in found] == asked


async def test_those_that_wait_share_exchanges(database: Database) -> None:
    together = database.pipeline
    found: list[Any] = await asyncio.gather(*[BACKEND.row(together, n=n) for n in range(60)])
    assert [row["n"] for row in found] == list(range(60))
    assert sum(row["of"] > 0 for row in found) >= 40, "most go along with another"
    assert max(row["of"] for row in found) < pipeline.MOST


async def test_a_fault_is_his_who_asked(database: Database) -> None:
    asked = [1, 2, 0, 3, 0, 4]
    found = await asyncio.gather(*[DIVIDING.row(database.pipeline, n=n) for n in asked], return_exceptions=True)
    faults = [isinstance(one, asyncpg.DivisionByZeroError) for one in found]
    assert faults == [n == 0 for n in asked]
    assert [one["part"] for one in found if not isinstance(one, BaseException) and one] == [60, 30, 20, 15]


async def test_who_gives_up_holds_nobody_up(database: Database) -> None:
    waiting = [asyncio.ensure_future(BACKEND.row(database.pipeline, n=n)) for n in range(8)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[5].cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [row["n"] for row in found if not isinstance(row, BaseException) and row] == [1, 2, 3, 4, 6, 7]


async def test_a_slow_one_holds_up_nobody_else(database: Database) -> None:
    slow = [asyncio.ensure_future(SLEEPING.row(database.pipeline, n=2)) for _ in range(pipeline.LANES)]
    await asyncio.sleep(0.1)
    started = time.monotonic()
    assert await COUNTING.rows(database.pipeline, n=3)
    assert time.monotonic() - started < 1
    assert not any(one.done() for one in slow)
    for one in slow:
        one.cancel()


async def test_callers_at_once_see_what_each_may_see(module_database_urls: Urls, tmp_path: Path) -> None:
    async with serving(module_database_urls, tmp_path) as carnet:
        record, doctor = await opened(carnet), carnet.doctor()
        stranger = carnet.doctor("810000000077", structure="1750000077")
        documents = [await doctor.make(document(record)) for _ in range(4)]
        callers = [doctor, stranger, carnet.holder(record)] * 8
        asked = [f"DocumentReference/{documents[n % 4]}" for n in range(24)]
        answers = await asyncio.gather(*[one.get(path) for one, path in zip(callers, asked, strict=True)])
        for caller, path, answer in zip(callers, asked, answers, strict=True):
            assert answer.status_code == (404 if caller is stranger else 200)
            assert caller is stranger or answer.json()["id"] == path.rpartition("/")[2]
        found = await asyncio.gather(*[one.get(f"DocumentReference?patient={record}") for one in callers])
        totals = [answer.json()["total"] for answer in found]
        assert totals == [4, 0, 4] * 8
