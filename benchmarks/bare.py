"""The bare application: uvicorn and asyncpg, no framework, no policy, no validation, no audit.

`GET /row/<id>` reads one row by primary key, `POST /row` inserts the body as one row under a random id. The insert is
committed durably before the answer leaves, as PostgreSQL does by default. It is the measure that Carnet is held
against: prepared statements, on a pool as asyncpg makes it, which resets a connection when it is given back.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Pool = asyncpg.Pool[asyncpg.Record]

TABLE = "CREATE TABLE IF NOT EXISTS row (id text PRIMARY KEY, body bytea NOT NULL)"
READ = "SELECT body FROM row WHERE id = $1"
INSERT = "INSERT INTO row (id, body) VALUES ($1, $2)"
JSON = (b"content-type", b"application/json")


async def open_pool() -> Pool:
    """The connections of one worker: `BARE_DATABASE_URL`, `BARE_POOL_SIZE` of them, opened at once."""
    size = int(os.environ["BARE_POOL_SIZE"])
    return await asyncpg.create_pool(os.environ["BARE_DATABASE_URL"], min_size=size, max_size=size)


class Bare:
    """The ASGI application of one worker."""

    def __init__(self) -> None:
        self.pool: Pool | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or open and close the pool with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["method"] == "POST":
            await self._insert(receive, send)
        else:
            await self._read(scope["path"].rpartition("/")[2], send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await open_pool()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _read(self, key: str, send: Send) -> None:
        assert self.pool  # noqa: S101 - opened before the first request
        async with self.pool.acquire() as connection:
            body = await connection.fetchval(READ, key)
        await _answer(send, 404 if body is None else 200, body or b"{}")

    async def _insert(self, receive: Receive, send: Send) -> None:
        assert self.pool  # noqa: S101 - opened before the first request
        body = await _body(receive)
        key = secrets.token_hex(16)
        async with self.pool.acquire() as connection:
            await connection.execute(INSERT, key, body)
        await _answer(send, 201, b"{}", (b"location", b"row/" + key.encode()))


async def _body(receive: Receive) -> bytes:
    chunks = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [JSON, length, *headers]})
    await send({"type": "http.response.body", "body": body})


app = Bare()
