"""Statements of different callers in one exchange: nobody has anything of his neighbour's, nor pays for him."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import select

from app.policy.facts import Flag
from app.policy.reach import within_reach
from app.settings import Settings
from app.storage.fence import Marked
from app.storage.pipeline import LANES
from app.storage.session import SETTING, Database
from app.storage.statement import Statement, asker, constant
from app.storage.tables import TABLES
from tests.serving import document, serving
from tests.world import DOCTOR, nir, opened

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from app.storage.pipeline import Pipeline
    from tests.serving import Carnet

READY = b"Z\x00\x00\x00\x05"
"""How a message that an exchange is done begins (PostgreSQL's protocol)."""


class Wire:
    """A way to the database that is cut where it would tell what became of an exchange in which `word` was sent."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self.word = b""
        self.cuts = 0

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """The URL that leads over it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        try:
            yield f"postgresql://{user}@127.0.0.1:{port}{self._parts.path}?sslmode=disable"
        finally:
            server.close()

    async def _serve(self, asked: StreamReader, answers: StreamWriter) -> None:
        place = parse_qs(self._parts.query)
        if "host" in place:
            found = await asyncio.open_unix_connection(f"{place['host'][0]}/.s.PGSQL.{place['port'][0]}")
        else:
            found = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        cut = asyncio.Event()
        with suppress(ConnectionError):
            await asyncio.gather(self._forth(asked, found[1], cut), self._back(found[0], answers, cut))

    async def _forth(self, asked: StreamReader, database: StreamWriter, cut: asyncio.Event) -> None:
        while said := await asked.read(1 << 20):
            if self.word and self.word in said:
                self.word = b""
                cut.set()
            database.write(said)
        database.close()

    async def _back(self, database: StreamReader, answers: StreamWriter, cut: asyncio.Event) -> None:
        while said := await database.read(1 << 20):
            if not cut.is_set():
                answers.write(said)
            elif READY in said:
                self.cuts += 1
                break
        answers.close()


def pipeline_of(carnet: Carnet) -> Pipeline:
    """Where the statements of a server wait for each other."""
    found: Pipeline = carnet.app.state.server.door._office.database.pipeline  # noqa: SLF001
    return found


@asynccontextmanager
async def gathered(pipeline: Pipeline, number: int) -> AsyncIterator[None]:
    """A while in which nothing goes, until so many statements of one text wait: then they go in one exchange."""
    async with asyncio.timeout(10):
        while pipeline._free < LANES:  # noqa: SLF001
            await asyncio.sleep(0.005)
        pipeline._free = 0  # noqa: SLF001
        yield
        while max(map(len, pipeline._waiting.values()), default=0) < number:  # noqa: SLF001
            await asyncio.sleep(0.005)
    pipeline._free = LANES  # noqa: SLF001
    pipeline._go()  # noqa: SLF001


async def test_what_may_have_been_kept_is_not_asked_again(module_database_urls: Urls, tmp_path: Path) -> None:
    """The database commits an exchange of deposits, and nobody hears of it: each is told so, and none is filed twice."""
    wire = Wire(module_database_urls.serve)
    async with wire.laid() as url, serving(module_database_urls._replace(serve=url), tmp_path) as carnet:
        record, doctor = await opened(carnet), carnet.doctor()
        await doctor.make(document(record))
        wire.word = b"said-and-not-heard"
        trees = [document(record, description="said-and-not-heard") for _ in range(8)]
        async with gathered(pipeline_of(carnet), 8):
            sent = [asyncio.ensure_future(doctor.post("DocumentReference", one)) for one in trees]
        answers = await asyncio.gather(*sent)
        assert wire.cuts == 1
        assert {(one.status_code, one.headers.get("retry-after")) for one in answers} == {(503, "1")}
        assert len(await doctor.found(f"DocumentReference?patient={record}")) == 1 + 8
