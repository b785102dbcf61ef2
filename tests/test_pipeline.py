"""Statements that go to the database together: each gets its own rows, its own fault, and waits for no stranger."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import BigInteger, Integer, bindparam, column, func, insert, literal, literal_column, select

from app.errors import Unavailable
from app.settings import Settings
from app.storage import pipeline
from app.storage.outbox import told
from app.storage.session import Database
from app.storage.statement import Statement, asker
from tests.serving import document, serving
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from app.storage.pipeline import Waiting
    from app.storage.statement import Connected

N = bindparam("n", type_=Integer)
SERIES = func.generate_series(1, N).table_valued(column("i", Integer), name="series").render_derived()
COUNTING = Statement(select(SERIES.c.i, N.label("n"), asker()))
"""As many rows as it is asked for, none for 0."""
DIVIDING = Statement(select((literal(60) / N).label("part"), asker()))
ADDING = Statement(
    insert(told)
    .values(record=bindparam("name"), party="", kind="access", subject=literal_column("'x'"))
    .returning(told.c.record, asker())
)
KEPT = Statement(select(func.count()).select_from(told))
QUEUEING = [Statement(select(func.pg_advisory_xact_lock(N), *[N] * more, asker())) for more in range(pipeline.LANES)]
"""Wait until nobody holds the lock of that number; of different texts, so that none goes along with another."""
WAITING = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
)
CLOSING = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "wish"}]}
BACKEND = Statement(select(func.pg_backend_pid(type_=BigInteger).label("pid"), N.label("n"), asker()))


@pytest.fixture
async def database(module_database_urls: Urls, tmp_path: Path) -> AsyncIterator[Database]:
    found = await Database.connect(module_database_urls.serve, Settings(data=tmp_path, statement_timeout=30_000))
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


async def test_what_comes_while_the_sockets_are_looked_at_goes_along(database: Database) -> None:
    async def after(turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await BACKEND.row(database.pipeline, n=turns)

    found = await asyncio.gather(*[after(turns) for turns in range(pipeline.TURNS)])
    assert [row["of"] for row in found] == list(range(pipeline.TURNS))


async def test_a_fault_is_his_who_asked(database: Database) -> None:
    asked = [1, 2, 0, 3, 0, 4]
    found = await asyncio.gather(*[DIVIDING.row(database.pipeline, n=n) for n in asked], return_exceptions=True)
    many = await asyncio.gather(
        *[COUNTING.rows(database.pipeline, n=n) for n in (1, 2, 1 << 40, 3)], return_exceptions=True
    )
    assert [len(one) if isinstance(one, list) else None for one in many] == [1, 2, None, 3], "nor what cannot be sent"
    faults = [isinstance(one, asyncpg.DivisionByZeroError) for one in found]
    assert faults == [n == 0 for n in asked]
    assert [one["part"] for one in found if not isinstance(one, BaseException) and one] == [60, 30, 20, 15]


async def test_what_is_written_together_stands_but_for_what_fails(database: Database) -> None:
    before = await KEPT.value(database.pipeline)
    names = ["a", "b", "a", "c", "d", "a", "e"]
    found = await asyncio.gather(*[ADDING.row(database.pipeline, name=one) for one in names], return_exceptions=True)
    kept = [one["record"] for one in found if not isinstance(one, BaseException) and one]
    assert sorted(kept) == ["a", "b", "c", "d", "e"]
    assert sum(isinstance(one, asyncpg.UniqueViolationError) for one in found) == 2
    assert await KEPT.value(database.pipeline) == before + 5


async def test_who_gives_up_holds_nobody_up(database: Database) -> None:
    waiting = [asyncio.ensure_future(BACKEND.row(database.pipeline, n=n)) for n in range(8)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[5].cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [row["n"] for row in found if not isinstance(row, BaseException) and row] == [1, 2, 3, 4, 6, 7]


async def test_a_slow_one_holds_up_nobody_else(database: Database, module_database_urls: Urls) -> None:
    link = await asyncpg.connect(module_database_urls.owner)
    await link.execute("SELECT pg_advisory_lock(1)")
    slow = [asyncio.ensure_future(one.row(database.pipeline, n=1)) for one in QUEUEING]
    async with asyncio.timeout(25):  # while the time of a statement is not over
        while await link.fetchval(WAITING) < len(slow):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.01)
        assert await COUNTING.rows(database.pipeline, n=3)
    assert not any(one.done() for one in slow)
    await link.close()
    await asyncio.gather(*slow)


@pytest.mark.parametrize("patience", [0.001, 10.0])
async def test_no_more_exchanges_than_lanes_count(
    database: Database, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    """However long they take, each gives its lane back once."""
    monkeypatch.setattr(pipeline, "PATIENCE", patience)
    inner, under_way, most = pipeline._at_once, 0, 0  # noqa: SLF001

    async def counted(link: Connected, text: str, batch: list[Waiting]) -> bool:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await inner(link, text, batch)
        finally:
            under_way -= 1

    monkeypatch.setattr(pipeline, "_at_once", counted)
    together = database.pipeline
    await asyncio.gather(
        *[BACKEND.row(together, n=n) for n in range(60)], *[COUNTING.rows(together, n=n) for n in range(60)]
    )
    assert most <= pipeline.LANES or patience < 1
    async with asyncio.timeout(30):  # the last answers are given before the lanes
        while under_way or together._free < pipeline.LANES:  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.02)  # whoever gives a lane back twice has done so
    assert together._free == pipeline.LANES  # noqa: SLF001


async def test_no_connection_is_an_outage_to_everybody(module_database_urls: Urls, tmp_path: Path) -> None:
    gone = module_database_urls.serve.replace("/test_", "/none_")
    nowhere = await Database.connect(gone, Settings(data=tmp_path), least=0)

    async def ask() -> None:
        with nowhere.together() as link:
            await COUNTING.rows(link, n=1)

    found = await asyncio.gather(*[ask() for _ in range(6)], return_exceptions=True)
    assert [type(one) for one in found] == [Unavailable] * 6
    await nowhere.close()


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


async def test_deposits_at_once_are_judged_each_by_itself(module_database_urls: Urls, tmp_path: Path) -> None:
    async with serving(module_database_urls, tmp_path) as carnet:
        record, other, closed = [await opened(carnet) for _ in range(3)]
        doctor = carnet.doctor()
        assert (await carnet.holder(closed).post(f"Patient/{closed}/$close", CLOSING)).status_code == 200
        same = {"masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.213.9.9"}}
        trees = [document(record), document(other), document(record) | same, document("a" * 20), document(closed)]
        answers = await asyncio.gather(*[doctor.post("DocumentReference", trees[n % 5]) for n in range(25)])
        codes = [answer.status_code for answer in answers]
        for place, expected in ((0, {201}), (1, {201}), (3, {422}), (4, {422})):
            assert set(codes[place::5]) == expected, (place, codes)
        assert sorted(codes[2::5]) == [200, 200, 200, 200, 201]
        assert (await doctor.get(f"DocumentReference?patient={record}")).json()["total"] == 6
        told = (await carnet.holder(record).get(f"AuditEvent?patient={record}&action=C&outcome=0&_count=0")).json()
        assert told["total"] >= 6


async def test_who_waits_for_a_lock_waits_alone(module_database_urls: Urls, tmp_path: Path) -> None:
    async with serving(module_database_urls, tmp_path) as carnet:
        locked, *others = [await opened(carnet) for _ in range(3)]
        doctor, link = carnet.doctor(), await asyncpg.connect(module_database_urls.owner)
        for record in (locked, *others):
            await doctor.make(document(record))  # what is met for the first time takes a transaction of its own
        held = link.transaction()
        await held.start()
        await link.execute("SELECT FROM public.record WHERE id = $1 FOR UPDATE", locked)
        asked = [others[n % 2] for n in range(12)]
        asked[3] = asked[4] = asked[8] = locked
        sent = [asyncio.ensure_future(doctor.post("DocumentReference", document(record))) for record in asked]
        free = [one for one, record in zip(sent, asked, strict=True) if record is not locked]
        done, _ = await asyncio.wait(free, timeout=30)
        assert len(done) == len(free)
        assert not any(one.done() for one in sent if one not in free)
        await held.rollback()
        await link.close()
        assert [(await one).status_code for one in sent] == [201] * 12
