"""The trail over a real PostgreSQL: its group commit, and its rows as search sees them."""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import ColumnElement, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import Text

from app.errors import Unavailable
from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Parameter, Search
from app.resources.extraction import EXACT, TEXT, fold
from app.storage import audit
from app.storage.audit import ACTIONS, COLUMNS, MEMBERS, Act, Trail, spelt
from app.storage.fence import Unjudged
from app.storage.journal import selectable
from app.storage.statement import Statement
from app.storage.tables import audit_event, identity
from tests.trail import ACTS, PENDING, RECORD, RENDERER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.conftest import Cluster

    Tree = dict[str, Any]
    Rows = list[asyncpg.Record]

BLOCKED = "wait_event_type = 'Lock' AND datname = current_database()"
"""Backends that wait for a lock: here, and not where another worker of the run is at its own tests."""


def members() -> list[tuple[str, str]]:
    """What an act is made of on its way to the trail, with the types of its columns."""
    kinds = {column.name: str(column.type.compile(postgresql.dialect())) for column in audit_event.columns}  # type: ignore[no-untyped-call]
    return [(name, kinds.get(name, "TEXT").lower()) for name in MEMBERS]


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> Iterator[str]:
    """A database with nothing but the trail and the directory's keys."""
    name = f"trail_{secrets.token_hex(4)}"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = [str(CreateTable(table).compile(dialect=dialect)) for table in (audit_event, identity)]
    indexes = [str(CreateIndex(index).compile(dialect=dialect)) for index in audit_event.indexes]
    cluster.run(f"CREATE DATABASE {name}")
    cluster.run(
        "CREATE SCHEMA carnet",
        "CREATE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'",
        f"CREATE TYPE carnet.act AS ({', '.join(f'{name} {kind}' for name, kind in members())})",
        *tables,
        *indexes,
        "CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT",
        "INSERT INTO identity VALUES ('person|899700218896', 'Practitioner', 'dir1', true),"
        " ('structure|1750000001', 'Organization', 'dir2', false)",
        database=name,
    )
    yield cluster.url("postgres", name)
    cluster.drop(name)


@pytest.fixture
async def link(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection to an empty trail."""
    link: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    await link.execute("TRUNCATE audit_event")
    yield link
    await link.close()


@asynccontextmanager
async def running(url: str, **limits: Any) -> AsyncIterator[Trail]:
    trail = Trail(partial(asyncpg.connect, url), **limits)
    await trail.start()
    try:
        yield trail
    finally:
        await trail.stop()


async def rows(link: asyncpg.Connection[asyncpg.Record]) -> Rows:
    return await link.fetch("SELECT * FROM audit_event ORDER BY recorded, id")


async def test_every_column_comes_back(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        for act in ACTS.values():
            await trail.durable(act)
    stored = await rows(link)
    assert [tuple(row[name] for name in COLUMNS) for row in stored] == [
        tuple(list(value) if isinstance(value, tuple) else value for value in act[:-1]) for act in ACTS.values()
    ]
    assert [row["action"] for row in stored] == [ACTIONS.get(act.interaction, "E") for act in ACTS.values()]


async def test_ids_begin_with_the_record(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        await trail.durable(*[Act("read", record) for record in ("", RECORD) for _ in range(50)])
    ids = [row["id"] for row in await rows(link)]
    assert len(set(ids)) == 100
    assert sum(id.startswith(f"{RECORD}.") for id in ids) == 50
    assert all(len(id) <= 64 and id.replace(".", "").isalnum() for id in ids)


async def test_acts_of_many_share_few_writes(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        await asyncio.gather(*(trail.durable(Act("read", client=str(number))) for number in range(500)))
        assert await link.fetchval("SELECT count(*) FROM audit_event") == 500
    writes = await link.fetchval("SELECT count(DISTINCT xmin::text) FROM audit_event")
    assert writes <= 4


async def test_an_act_waits_for_those_on_their_way(
    url: str, link: asyncpg.Connection[asyncpg.Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not for one that never comes, nor for one that was answered without any."""

    async def request(trail: Trail, pause: float) -> None:
        trail.enter()
        await asyncio.sleep(pause)
        await trail.durable(Act("read", client="together"))
        trail.leave()

    async with running(url) as trail:
        monkeypatch.setattr(audit, "COMPANY", 5)
        await asyncio.gather(*(request(trail, pause) for pause in (0, 0, 0.02)))
        assert await link.fetchval("SELECT count(DISTINCT xmin::text) FROM audit_event") == 1
        monkeypatch.undo()
        trail.enter()
        async with asyncio.timeout(30):
            await request(trail, 0)
        waiting = asyncio.create_task(request(trail, 0))
        await asyncio.sleep(0)
        trail.leave()
        async with asyncio.timeout(30):
            await waiting
    assert len(await rows(link)) == 5


async def test_order_is_kept_within_and_across_batches(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url, batch=7) as trail:
        await asyncio.gather(*(trail.durable(Act("read", client=str(number))) for number in range(100)))
    stored = await link.fetch("SELECT client, recorded <= now() AS past FROM audit_event ORDER BY recorded")
    assert [int(row["client"]) for row in stored] == list(range(100))
    assert all(row["past"] for row in stored)


async def test_a_caller_that_leaves_is_still_recorded(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        waiting = asyncio.create_task(trail.durable(Act("read")))
        await asyncio.sleep(0)
        waiting.cancel()
        await trail.durable(Act("read"))
    assert len(await rows(link)) == 2


async def test_killed_backend_answers_nobody_and_recovers(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail, AsyncExitStack() as stack:
        await trail.durable(Act("read", client="before"))
        lock = link.transaction()
        await lock.start()
        await link.execute("LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.create_task(trail.durable(Act("read", client="lost"))) for _ in range(5)]
        await _blocked(url)
        killer = await asyncpg.connect(url)
        stack.push_async_callback(killer.close)
        await killer.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {BLOCKED}")
        results = await asyncio.gather(*waiting, return_exceptions=True)
        await lock.rollback()
        assert [type(result) for result in results] == [Unavailable] * 5
        await trail.durable(Act("read", client="after"))
    assert [row["client"] for row in await rows(link)] == ["before", "after"]


async def test_a_connection_lost_while_idle_is_made_anew(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        await link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert trail._link is not None  # noqa: SLF001
        while not trail._link.is_closed():  # noqa: ASYNC110, SLF001 - who lost a connection is told by nobody
            await asyncio.sleep(0.01)
        await trail.durable(Act("read"))
    assert len(await rows(link)) == 1


async def test_a_write_that_hangs_is_given_up(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url, patience=0.1) as trail:
        async with link.transaction():
            await link.execute("LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Unavailable):
                await trail.durable(Act("read"))
        trail._patience = 10  # noqa: SLF001 - a busy machine may take longer to connect again
        await trail.durable(Act("read", client="after"))
    assert [row["client"] for row in await rows(link)] == ["after"]


async def test_errors_of_the_database_stay_out_of_the_log(
    url: str, link: asyncpg.Connection[asyncpg.Record], caplog: pytest.LogCaptureFixture
) -> None:
    await link.execute("ALTER TABLE audit_event ADD CONSTRAINT refuse CHECK (name <> 'Dupont')")
    async with running(url) as trail:
        with pytest.raises(Unavailable) as raised:
            await trail.durable(Act("read", name="Dupont"))
    await link.execute("ALTER TABLE audit_event DROP CONSTRAINT refuse")
    assert "CheckViolationError" in caplog.text
    assert "Dupont" not in caplog.text
    assert raised.value.headers == {"Retry-After": "1"}
    assert raised.value.status == 503


async def test_past_the_limit_is_refused_at_once(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url, limit=10) as trail:
        results = await asyncio.gather(*(trail.durable(Act("read")) for _ in range(15)), return_exceptions=True)
        await trail.durable(Act("read"))
    assert [type(result) for result in results] == [type(None)] * 10 + [Unavailable] * 5
    assert len(await rows(link)) == 11


async def test_stop_drains_and_refuses_more(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    trail = Trail(partial(asyncpg.connect, url), batch=8)
    await trail.start()
    waiting = [asyncio.create_task(trail.durable(Act("read"))) for _ in range(50)]
    await asyncio.sleep(0)
    await trail.stop()
    await asyncio.gather(*waiting)
    assert len(await rows(link)) == 50
    with pytest.raises(Unavailable):
        await trail.durable(Act("read"))


async def test_a_cancelled_trail_leaves_nobody_waiting(url: str) -> None:
    trail = Trail(partial(asyncpg.connect, url))
    with pytest.raises(Unavailable):
        await trail.durable(Act("read"))
    await trail.start()
    waiting = [asyncio.create_task(trail.durable(Act("read"))) for _ in range(3)]
    await asyncio.sleep(0)
    assert trail._task is not None  # noqa: SLF001 - as the loop does at its end
    trail._task.cancel()  # noqa: SLF001
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [Unavailable] * 3
    await trail.stop()


async def test_an_insert_stands_or_falls_with_its_transaction(
    url: str, link: asyncpg.Connection[asyncpg.Record]
) -> None:
    trail = Trail(partial(asyncpg.connect, url))
    transaction = link.transaction()
    await transaction.start()
    await trail.insert(link, [Act("create", RECORD)])
    await transaction.rollback()
    async with link.transaction():
        await trail.insert(link, [Act("create", RECORD, client="1"), Act("create", RECORD, client="2")])
        await trail.insert(link, [])
    assert [row["client"] for row in await rows(link)] == ["1", "2"]


def test_a_name_has_one_spelling_in_the_trail() -> None:
    assert spelt("%5fid=a%2Eb%63&type=a%7Cb%2520%") == "_id=a.bc&type=a%7Cb%2520%"


async def test_no_text_can_fail_the_batch_of_others(url: str, link: asyncpg.Connection[asyncpg.Record]) -> None:
    async with running(url) as trail:
        await trail.durable(Act("read", query="a\0b"), Act("read", name="\ud800x"), Act("read", name="Zoé"))
    stored = await rows(link)
    assert [(row["query"], row["name"]) for row in stored] == [("a�b", ""), ("", "?x"), ("", "Zoé")]


async def _blocked(url: str) -> None:
    link = await asyncpg.connect(url)
    try:
        for _ in range(3000):
            if await link.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {BLOCKED}"):
                return
            await asyncio.sleep(0.01)
    finally:
        await link.close()
    pytest.fail("nobody waits for the lock")


def leaves(tree: object, path: list[str]) -> Iterator[Any]:
    """The values at a dotted path, lists opened."""
    if isinstance(tree, list):
        for item in tree:
            yield from leaves(item, path)
    elif not path:
        yield tree
    elif isinstance(tree, dict) and path[0] in tree:
        yield from leaves(tree[path[0]], path[1:])


def indexed(parameter: Parameter, value: Any) -> set[str]:
    """What a value is found by, as `app.storage.search` has it."""
    match parameter.type:
        case Search.TOKEN if isinstance(value, str):
            return {f"{parameter.system}|{value}", value, f"{parameter.system}|"}
        case Search.TOKEN:
            return {
                key
                for one in value.get("coding", [value])
                for key in (f"{one['system']}|{one['code']}", one["code"], f"{one['system']}|", _read(one))
                if key
            }
        case Search.STRING:
            return {fold(value), EXACT + value}
        case Search.REFERENCE:
            return references(parameter, value)
    return {value}


def _read(coding: Tree) -> str:
    return TEXT + fold(coding["display"]) if "display" in coding else ""


def references(parameter: Parameter, value: Tree) -> set[str]:
    target = value.get("reference", "").split("/_history/")[0]
    found = {target} if target and (not parameter.targets or target.split("/")[0] in parameter.targets) else set()
    if "identifier" in value and parameter.name != "patient":
        found.add(f"identifier|{value['identifier'].get('system', '')}|{value['identifier']['value']}")
    return found


def expected(event: Tree, parameter: Parameter) -> set[str]:
    paths = [path.strip().split(".") for path in parameter.path.split("|")]
    return {key for path in paths for value in leaves(event, path) for key in indexed(parameter, value)}


async def journal(link: asyncpg.Connection[asyncpg.Record], hidden: list[str], *, own: bool) -> Rows:
    concealed = bindparam("hidden", hidden, ARRAY(Text))
    mine: ColumnElement[bool] = literal(own)
    view = selectable(RENDERER, concealed, mine)
    return await Statement(select(view).order_by(view.c.recorded), Unjudged.FACT).rows(link)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("hidden", [[], [PENDING]])
async def test_search_finds_what_the_event_shows(
    url: str, link: asyncpg.Connection[asyncpg.Record], hidden: list[str], *, own: bool
) -> None:
    async with running(url) as trail:
        await trail.durable(*ACTS.values())
    parameters = [p for p in (*DEFINITIONS["AuditEvent"].parameters, *COMMON) if p.type is not Search.DATE]
    for name, row in zip(ACTS, await journal(link, hidden, own=own), strict=True):
        event = json.loads(RENDERER.render(dict(row), frozenset(hidden), own=row["own"]))
        found = {parameter.name: set(row[parameter.column]) for parameter in parameters}
        assert found == {parameter.name: expected(event, parameter) for parameter in parameters}, name
        assert (row["p_date_lo"], row["p_date_hi"]) == (row["recorded"], row["recorded"] + timedelta(microseconds=1))
        assert (row["version_id"], row["last_updated"]) == ("1", row["recorded"])


async def test_search_uses_the_record_and_the_time(link: asyncpg.Connection[asyncpg.Record]) -> None:
    await link.execute(
        "INSERT INTO audit_event (record, id, recorded, action, interaction, outcome, caller_kind, subject)"
        " SELECT 'r' || n % 500, 'i' || n, now() - n * interval '1 min', 'R', 'read', '0', 'holder', 's' || n % 500"
        " FROM generate_series(1, 20000) AS n"
    )
    await link.execute("ANALYZE audit_event")
    view = selectable(RENDERER)
    query = select(view.c.id).where(view.c.record == "r7", view.c.p_date_lo > func.now() - timedelta(days=1))
    own = select(view.c.id).where(view.c.subject == "s7").order_by(view.c.p_date_lo.desc())
    for statement in (Statement(query, Unjudged.FACT), Statement(own, Unjudged.FACT)):
        plan = await link.fetch("EXPLAIN " + statement.sql, *statement.arguments({}))
        assert not any("Seq Scan on audit_event" in line[0] for line in plan), plan
