"""A server on the Citus cluster that `CARNET_TEST_CITUS_URL` names: a superuser's URL to a database that has workers.

With that variable the databases of all other tests lie on the cluster as well.
"""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic import command

from app.storage import fence, migrate, session, spread
from app.storage.citus import distribute
from app.storage.embedded import ADMIN, OWNER, SERVE, Urls
from app.storage.fence import SEARCH_PATH
from app.storage.migrate import check, upgrade
from benchmarks import statements
from tests import test_golden
from tests.requests import work
from tests.serving import document, serving
from tests.world import OTHER, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.citus import Nodes
    from tests.serving import Carnet

    Link = asyncpg.Connection[asyncpg.Record]

VARIABLE = "CARNET_TEST_CITUS_URL"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no cluster")]
TASKS = re.compile(r"Task Count: (\d+)")
READS = 25
"""Statements bound to one record that are answered by one worker, at the least."""
ROWS = "SELECT count(*) FROM audit_event"
LEAVES = "SELECT coalesce(sum(octet_length(leaves)), 0) / 32 FROM audit_leaf"


@asynccontextmanager
async def linked(url: str, **settings: str) -> AsyncIterator[Link]:
    link: Link = await asyncpg.connect(url, server_settings=settings, statement_cache_size=0)
    try:
        yield link
    finally:
        await link.close()


def sealer(carnet: Carnet) -> Any:
    return carnet.app.state.server.door._office.sealer  # noqa: SLF001


async def all_sealed(carnet: Carnet, owner: Link) -> int:
    """Have every act sealed, once; how many. Where the server's own sealing is at it, it is left to that."""
    async with asyncio.timeout(60):
        while True:
            await sealer(carnet).all()
            rows, leaves = await owner.fetchval(ROWS), await owner.fetchval(LEAVES)
            assert leaves <= rows
            if leaves == rows:
                return int(rows)
            await asyncio.sleep(0.1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Each statement that the server runs, with the values of one run."""
    found: dict[str, tuple[Any, ...]] = {}

    class Listening(session.Spread):
        async def fetch(self, query: str, *args: Any, **more: Any) -> Any:
            found[query] = args
            return await super().fetch(query, *args, **more)

        async def fetchmany(self, query: str, args: Any, **more: Any) -> Any:
            rows = list(args)
            found[query] = tuple(rows[0])
            return await super().fetchmany(query, rows, **more)

    monkeypatch.setattr(session, "Spread", Listening)
    return found


async def test_what_is_asked_of_one_record_is_answered_by_one_worker(
    database_urls: Urls, asked: dict[str, tuple[Any, ...]], tmp_path: Path
) -> None:
    async with serving(database_urls, tmp_path, notices=False) as carnet:
        record = await opened(carnet, treating=OTHER)
        await work(carnet.doctor(OTHER), record)
        settings = session.parameters(carnet.settings, spread=True)
    tasks: dict[str, int] = {}
    async with linked(database_urls.serve, **settings) as link:
        for text, values in asked.items():
            leave = fence.known.get(text)
            if leave is None or "record" not in leave.names or spread.across(text) or not leave.tables & spread.SPREAD:
                continue
            if re.search(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", text) is None:
                plan = await link.fetch(f"EXPLAIN {spread.said(text)}", *values)
                tasks[text] = max(map(int, TASKS.findall("\n".join(row[0] for row in plan))), default=0)
    assert len(tasks) > READS
    assert {text for text, count in tasks.items() if count != 1} == set()


SAMPLES: dict[str, Any] = {
    "text": "one", "varchar": "one", "text[]": ["one"], "varchar[]": ["one"], "int4": 1, "int8": 1, "bool": False,
    "timestamptz": datetime(2026, 1, 1, tzinfo=UTC), "interval": timedelta(1), "jsonb": "{}", "bytea": b"1",
}  # fmt: skip
"""A value of each type that a statement of the catalogue takes."""


async def test_each_statement_of_the_catalogue_is_answered_by_one_worker(database_urls: Urls) -> None:
    """As the golden files have them, and as callers with restricted tokens ask them; but those across records."""
    every = test_golden.everything() | statements.on_records()
    kinds: tuple[tuple[str, ...], ...] = ((), ("ceilings",))
    texts = {one.said(dict.fromkeys([*one.names, "flags", *more], 0))[0] for one in every.values() for more in kinds}
    asked = [text for text in texts if fence.known[text].tables & spread.SPREAD and not spread.across(text)]
    assert len(asked) > 0.6 * len(texts) > 60
    strange = []
    async with linked(database_urls.serve, **session.parameters(statements.SETTINGS, spread=True)) as link:
        for text in asked:
            types = (await link.prepare(spread.said(text))).get_parameters()
            values = [SAMPLES[one.name] for one in types]
            values[fence.known[text].names.index("record")] = "a record"
            plan = await link.fetch(f"EXPLAIN {spread.said(text)}", *values)
            counts = TASKS.findall("\n".join(row[0] for row in plan))
            strange += [] if set(counts) == {"1"} else [(text, counts)]
    assert strange == []


async def test_what_a_connection_asks_the_catalogue_is_asked_at_once(database_urls: Urls) -> None:
    """To hide shards Citus looks at each table, which took longer than the trail waits: no group of acts was kept."""
    told = session.parameters(statements.SETTINGS, spread=True)
    for settings, hidden in ((told, False), ({}, True)):
        async with linked(database_urls.serve, **settings) as link:
            plan = await link.fetch("EXPLAIN SELECT relname FROM pg_catalog.pg_class")
            assert ("known_shard" in str(plan)) is hidden


async def test_the_fence_of_the_database_holds_on_the_coordinator(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        record = await opened(carnet, treating=OTHER)
        made = await carnet.doctor(OTHER).make(document(record))
    async with linked(database_urls.serve, search_path=SEARCH_PATH) as link:
        assert await link.fetchval(fence.PRIVILEGED) is False
        for table in spread.FENCED:
            what = "reason" if table == "audit_event" else "body"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await link.fetch(f'SELECT {what} FROM public."{table}"')
            assert await link.fetchval(f'SELECT count(*) FROM "{table}"') == 0
        for text in ("DELETE FROM public.audit_event", "SELECT run_command_on_workers('SELECT 1')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await link.execute(text)
        async with link.transaction():
            await link.execute("SELECT set_config('citus.propagate_set_commands', 'local', true)")
            await link.execute("SELECT carnet.let('record', $1)", "another")
            assert await link.fetch("SELECT id FROM document_reference") == []
            await link.execute("SELECT carnet.let('record', $1)", record)
            assert [row["id"] for row in await link.fetch("SELECT id FROM document_reference")] == [made]
        assert await link.fetchval("SELECT count(*) FROM document_reference") == 0


async def test_every_act_is_in_one_block_whichever_workers_wrote_it(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet, linked(database_urls.owner) as owner:
        records = [await opened(carnet, treating=OTHER) for _ in range(3)]
        doctor = carnet.doctor(OTHER)
        await asyncio.gather(*(doctor.make(document(record)) for record in records * 3))
        await asyncio.gather(*(doctor.get(f"DocumentReference?patient={record}") for record in records * 3))
        await asyncio.gather(*(doctor.get("DocumentReference?type=11488-4") for _ in range(3)))
        assert await all_sealed(carnet, owner) > len(records) * 7
        newest = await owner.fetchval("SELECT max(xact) FROM audit_event")
        mine = await owner.fetchval("SELECT pg_current_xact_id()::text::bigint")
        oldest = await owner.fetchval("SELECT min(xact) FROM audit_event")
        assert mine - 1000 < oldest <= newest <= mine, "the number is that of the coordinator's transaction"


COMMITTED = "SELECT count(*) FROM pg_dist_transaction"


async def test_what_is_written_on_a_worker_is_prepared_there_before_it_is_kept(
    database_urls: Urls, tmp_path: Path
) -> None:
    """Citus commits on one worker without that, and says that it did where the worker died of it."""
    async with serving(database_urls, tmp_path, notices=False) as carnet, linked(database_urls.owner) as owner:
        record = await opened(carnet, treating=OTHER, telecom=[{"system": "email", "value": "one@mail.example"}])
        doctor = carnet.doctor(OTHER)

        async def prepared(act: Callable[[], Awaitable[Any]]) -> bool:
            before = await owner.fetchval(COMMITTED)
            await act()
            return bool(await owner.fetchval(COMMITTED) > before)  # Citus's daemon takes them away once a minute

        for act in (
            lambda: doctor.make(document(record)),
            lambda: doctor.get("DocumentReference/nowhere"),
            lambda: doctor.get(
                f"DocumentReference?patient={record}"
            ),  # the holder is told of these: Citus copies the rows
            lambda: carnet.holder(record).get(f"AuditEvent?patient={record}"),
        ):
            assert await prepared(act) or await prepared(act)


async def test_the_sealer_waits_for_what_has_ended_and_is_not_seen_yet(
    database_urls: Urls, cluster: Nodes, tmp_path: Path
) -> None:
    """As between the two phases of a commit: prepared on a worker."""
    worker = urlsplit(cluster.nodes[1].admin)._replace(path=urlsplit(database_urls.owner).path).geturl()
    async with (
        serving(database_urls, tmp_path) as carnet,
        linked(worker) as other,
        linked(database_urls.owner) as owner,
    ):
        await opened(carnet)
        await sealer(carnet).all()
        await other.execute("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'of_a_test'")
        try:
            await carnet.doctor().get("Patient?name=nobody")
            before = await owner.fetchval(LEAVES)
            sealing = asyncio.create_task(sealer(carnet).all())
            await asyncio.sleep(0.5)  # it waits, or the server's own does, and leaves it to that
            assert await owner.fetchval(LEAVES) == before
        finally:
            await other.execute("COMMIT PREPARED 'of_a_test'")
        await sealing
        await all_sealed(carnet, owner)


async def test_a_filled_database_is_spread_and_served_on(cluster: Nodes, tmp_path: Path) -> None:
    name = "carnet_filled"
    cluster.drop(name)
    cluster.make(name)
    urls, admin = Urls(cluster.url(OWNER, name), cluster.url(SERVE, name)), cluster.url(ADMIN, name)
    try:
        await upgrade(urls.owner)
        async with serving(urls, tmp_path) as carnet:
            record = await opened(carnet, treating=OTHER)
            made = await carnet.doctor(OTHER).make(document(record))
            await sealer(carnet).all()
        cluster.furnish(name)
        session.forget(urls.serve)
        assert "document_reference" in await distribute(admin, shards=4)
        assert await distribute(admin, shards=4) == []
        await upgrade(urls.owner)  # as each start does
        assert await check(urls.owner) == ()
        async with serving(urls, tmp_path) as carnet, linked(urls.owner) as owner:
            doctor = carnet.doctor(OTHER)
            assert (await doctor.get(f"DocumentReference/{made}")).status_code == 200
            assert made in await doctor.found("DocumentReference")
            assert await doctor.make(document(record)) in await doctor.found(f"DocumentReference?patient={record}")
            await all_sealed(carnet, owner)
    finally:
        cluster.drop(name)


OLDER = "0030"
"""A schema from before there were clusters."""
RECORDS = "INSERT INTO record (id, status) SELECT 'r' || n, 'destroyed' FROM generate_series(1, 8) n"
ACTS = """
INSERT INTO audit_event (record, id, recorded, interaction, action, outcome, caller_kind, subject)
SELECT 'r' || n % 8 + 1, 'a' || n, now(), 'create', 'C', '0', 'professional', 's' FROM generate_series(1, 80) n
"""


async def test_a_filled_cluster_of_an_older_schema_is_brought_to_the_newest(cluster: Nodes) -> None:
    name = "carnet_older"
    cluster.drop(name)
    cluster.make(name)
    url, admin = cluster.url(OWNER, name), cluster.url(ADMIN, name)
    try:
        async with migrate.engine(url) as link, link.begin() as connection:
            await connection.run_sync(lambda one: command.upgrade(migrate._config(one), OLDER))  # noqa: SLF001
        async with linked(url) as owner:
            for text in (RECORDS, ACTS):
                await owner.execute(text)
        cluster.furnish(name)
        await distribute(admin, shards=4)
        await upgrade(url)
        assert await distribute(admin, shards=4) == []
        assert await check(url) == ()
        async with linked(url) as owner:
            assert await owner.fetchval("SELECT carnet.forget('r7')")
            assert await owner.fetchval("SELECT count(*) FROM audit_event WHERE was <> ''::bytea") == 10
    finally:
        cluster.drop(name)
