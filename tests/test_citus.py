"""What Citus does with the statements of requests, on the cluster that `CARNET_TEST_CITUS_URL` names.

The URL is of a superuser, to a database of the coordinator that knows its workers. A server without Citus answers
requests of every kind that is asked much; each statement that it ran is then asked of its own database and of the
cluster, which holds the same rows: what is answered must be the same, and `EXPLAIN` says by how many shards.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from app.storage import session
from app.storage.fence import SEARCH_PATH
from app.storage.migrate import SERVING
from tests import citus
from tests.requests import work
from tests.serving import serving
from tests.world import OTHER, opened

if TYPE_CHECKING:
    from app.storage.embedded import Urls

VARIABLE = "CARNET_TEST_CITUS_URL"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no cluster")]
PAGE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
PLANNED = re.compile(r"Task Count: (\d+)")
READS = 30
"""Reads of one record that one shard answers, at the least."""
STILL = "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS '{body}'"


@dataclass(frozen=True)
class Asked:
    """A statement as the server ran it."""

    text: str
    values: tuple[Any, ...]

    @property
    def reads(self) -> bool:
        """Whether it writes and locks nothing."""
        return re.search(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", self.text) is None

    @property
    def distributed(self) -> bool:
        """Whether it is of a table that lies on the workers."""
        return any(re.search(rf'\b"?{name}"?\b', self.text) for name in citus.RECORDS)


@dataclass
class Told:
    """What became of a statement: to how many shards it was led, 0 for none; or why it was refused.

    `same` where the cluster answers as the other database does, `more` where with rows that this one does not give.
    """

    asked: Asked
    shards: int = 0
    refused: str = ""
    same: bool = False
    more: bool = False


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """Each statement that the server runs, once for each text."""
    found: dict[str, Asked] = {}

    class Listening(session.Tripwire):
        def fetch(self, query: str, *args: Any, **more: Any) -> Any:
            keep(query, args)
            return super().fetch(query, *args, **more)

        def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
            keep(query, args)
            return super().fetchrow(query, *args, **more)

        def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
            keep(query, args)
            return super().fetchval(query, *args, **more)

        def execute(self, query: str, *args: Any, **more: Any) -> Any:
            keep(query, args)
            return super().execute(query, *args, **more)

        def executemany(self, command: str, args: Any, **more: Any) -> Any:
            rows = list(args)
            keep(command, tuple(rows[0]))
            return super().executemany(command, rows, **more)

        def fetchmany(self, query: str, args: Any, **more: Any) -> Any:
            rows = list(args)
            keep(query, tuple(rows[0]))
            return super().fetchmany(query, rows, **more)

    def keep(text: str, values: tuple[Any, ...]) -> None:
        if text.startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            found[text] = Asked(text, values)
            order[:] = found.values()

    order: list[Asked] = []
    monkeypatch.setattr(session, "Tripwire", Listening)
    return order


async def _serve(url: str, mode: str) -> asyncpg.Connection[asyncpg.Record]:
    settings = {"search_path": SEARCH_PATH, "plan_cache_mode": mode, "jit": "off", "timezone": "UTC"}
    return await asyncpg.connect(url, server_settings=settings, statement_cache_size=0)


def _ids(rows: list[asyncpg.Record]) -> set[object]:
    return {row.get("id") for row in rows} - {None}


async def _tell(
    one: Asked, plain: asyncpg.Connection[asyncpg.Record], cluster: asyncpg.Connection[asyncpg.Record]
) -> Told:
    """Ask both, and compare; a statement that writes is taken back."""
    told = Told(one)
    begun = cluster.transaction()
    await begun.start()
    try:
        plan = "\n".join(row[0] for row in await cluster.fetch(f"EXPLAIN {one.text}", *one.values))
        tasks = [int(count) for count in PLANNED.findall(plan)]
        told.shards = max(tasks, default=0)
        if one.reads:
            found, wanted = await cluster.fetch(one.text, *one.values), await plain.fetch(one.text, *one.values)
            told.same = (
                found == wanted if "ORDER BY" in one.text else sorted(map(str, found)) == sorted(map(str, wanted))
            )
            told.more = bool(_ids(found) - _ids(wanted))
        else:
            await cluster.fetch(one.text, *one.values)
    except asyncpg.PostgresError as error:
        told.refused = re.sub(r"\s+", " ", str(error)).split(" HINT:")[0].split(" DETAIL:")[0].strip()
    finally:
        await begun.rollback()
    return told


async def test_what_is_asked_of_one_record_is_answered_by_one_shard(
    database_urls: Urls, asked: list[Asked], tmp_path: Path
) -> None:
    async with serving(database_urls, tmp_path, notices=False) as carnet:
        record = await opened(carnet, treating=OTHER)
        await work(carnet.doctor(OTHER), record)
    owner = await asyncpg.connect(database_urls.owner)
    moment = await owner.fetchval("SELECT clock_timestamp()::text")
    await owner.execute(STILL.format(body=f"SELECT ''{moment}''::timestamptz"))
    await owner.close()
    async with citus.database(os.environ[VARIABLE]) as url:
        await citus.copied(citus.at(database_urls.owner), url)
        async with citus.linked(url) as link:
            await link.execute(STILL.format(body=f"SELECT ''{moment}''::timestamptz"))
            # the coordinator rewrites a view to its tables, and asks its workers for these in the name of who asked
            await link.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SERVING}")
        plain = await _serve(database_urls.serve, "force_generic_plan")
        cluster = await _serve(citus.at(url, role=SERVING), "auto")
        told = [await _tell(one, plain, cluster) for one in asked if one.distributed]
        await plain.close()
        await cluster.close()
    reads = [one for one in told if one.asked.reads]
    assert len([one for one in reads if one.shards == 1 and one.same]) > READS
    assert [one.asked.text for one in reads if one.more or (one.shards == 1 and not one.same)] == []
    page = PAGE.read_text(encoding="utf-8")
    refused = {one.refused for one in told if one.refused and "duplicate key" not in one.refused}
    assert {why for why in refused if f"`{why}`" not in page} == set(), "what Citus refuses is told"
