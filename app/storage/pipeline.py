"""Statements of requests in flight that go to the database together, each for itself.

What an exchange with the database costs is mostly not the statement: processes wake one another, and each backend finds
its caches cold. So statements of the same text that wait at the same moment go through one connection in one exchange
(PostgreSQL's extended query protocol: Bind and Execute for each of them, one Sync). Each has its own parameters and its
own snapshot, taken when it is bound. One number goes with it and comes back in every row: a row is given to whoever
asked for it. What such statements write is committed together or not at all, and nobody is answered before.

Where nothing is under way a statement goes after a look at the sockets, `TURNS` of the loop. One that takes long holds
up those that came with it, and no other: its lane is given to the next after `PATIENCE`. One that would wait for
somebody's lock gives up after a moment (`app.storage.statement.hurried`); what fails as one exchange runs again, each
statement by itself. That is so where nothing of it was kept: where the answer of the database did not come back, all of
them are told.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

    from app.storage.statement import Connected

    Acquire = Callable[[], AbstractAsyncContextManager[PoolConnectionProxy[Record]]]

LANES = 2
"""Exchanges of one worker at a time: while these are under way, the next one gathers."""
TURNS = 3
"""Turns of the event loop until an exchange goes: each looks at the sockets, and what came in goes along."""
MOST = 16
"""Statements of one exchange."""
ALONE = -1
"""The number of a statement that goes alone."""
PATIENCE = 0.005
"""Seconds after which an exchange no longer counts against `LANES`."""

Waiting = tuple[list[Any], int, asyncio.Future["list[Record]"]]
"""Parameters, which of them is the number that comes back as `of`, and who waits."""


class Pipeline:
    """The statements of one worker that stand alone; each other statement has a connection to itself."""

    def __init__(self, acquire: Acquire, lanes: int = LANES) -> None:
        self._acquire = acquire
        self._free = lanes
        self._due = False
        self._waiting: dict[str, list[Waiting]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def together(self, text: str, arguments: list[Any], of: int) -> list[Record]:
        """The rows of a statement, which may go with others of its text; `of` is the place of its number."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[list[Record]] = loop.create_future()
        self._waiting.setdefault(text, []).append((arguments, of, done))
        self._soon()
        return await done

    async def fetch(self, text: str, *arguments: Any) -> list[Record]:  # noqa: ANN401 - SQL values
        """Every row of a statement that goes alone."""
        async with self._acquire() as link:
            return await link.fetch(text, *arguments)

    async def fetchrow(self, text: str, *arguments: Any) -> Record | None:  # noqa: ANN401
        """Its first row, or None."""
        async with self._acquire() as link:
            return await link.fetchrow(text, *arguments)

    async def fetchval(self, text: str, *arguments: Any) -> Any:  # noqa: ANN401
        """First column of its first row, or None."""
        async with self._acquire() as link:
            return await link.fetchval(text, *arguments)

    async def fetchmany(self, text: str, arguments: list[list[Any]]) -> list[Record]:
        """The rows of a statement, run once for each set of parameters."""
        async with self._acquire() as link:
            rows: list[Record] = await link.fetchmany(text, arguments)
            return rows

    async def executemany(self, text: str, arguments: list[list[Any]]) -> None:
        """Run for effect once for each set of parameters."""
        async with self._acquire() as link:
            await link.executemany(text, arguments)

    async def execute(self, text: str, *arguments: Any) -> str:  # noqa: ANN401
        """Run for effect; returns the command tag."""
        async with self._acquire() as link:
            return await link.execute(text, *arguments)

    def _soon(self) -> None:
        """Go after a few turns of the loop, where a lane is free and something waits."""
        if self._free and self._waiting and not self._due:
            self._due = True
            self._turn(TURNS)

    def _turn(self, left: int) -> None:
        if left:
            asyncio.get_running_loop().call_soon(self._turn, left - 1)
        else:
            self._go()

    def _go(self) -> None:
        self._due = False
        while self._waiting and self._free:
            text, batch = next(iter(self._waiting.items()))
            if len(batch) > MOST:
                self._waiting[text] = batch[MOST:]
            else:
                del self._waiting[text]
            self._free -= 1
            self._begin(self._exchange(text, batch[:MOST]))

    def _yield(self) -> None:
        self._free += 1
        self._soon()

    async def _exchange(self, text: str, batch: list[Waiting]) -> None:
        late = asyncio.get_running_loop().call_later(PATIENCE, self._yield)
        try:
            async with self._acquire() as link:
                parted = not await _at_once(link, text, batch)
        except Exception as error:  # noqa: BLE001 - whatever stands against it, each of them is told
            for _, _, done in batch:
                _give(done, error)
        else:
            for one in batch if parted else ():
                self._begin(self._alone(text, one))
        finally:
            if late.when() > asyncio.get_running_loop().time():
                late.cancel()
                self._yield()

    async def _alone(self, text: str, one: Waiting) -> None:
        """Run a statement by itself, in its own time: what its company failed of may be its fault or another's."""
        arguments, of, done = one
        arguments[of] = ALONE
        try:
            _give(done, await self.fetch(text, *arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is his who asked
            _give(done, error)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)  # the loop alone would let it go
        task.add_done_callback(self._running.discard)


async def _at_once(link: Connected, text: str, batch: list[Waiting]) -> bool:
    """Run them as one exchange and give everybody his rows; False where that failed and nobody has any."""
    alone = len(batch) == 1
    for number, (arguments, of, _) in enumerate(batch):
        arguments[of] = ALONE if alone else number
    if alone:
        rows = await link.fetch(text, *batch[0][0])
    else:
        try:
            rows = await link.fetchmany(text, [arguments for arguments, _, _ in batch])
        except Exception as error:
            if _undone(error):
                return False  # whose fault it is shows when each runs by itself
            raise
    found: list[list[Record]] = [[] for _ in batch]
    for row in rows:
        found[row["of"]].append(row)
    for (_, _, done), own in zip(batch, found, strict=True):
        _give(done, own)
    return True


def _undone(error: Exception) -> bool:
    """Whether an exchange that failed kept nothing, for sure.

    The database said so, or a parameter could not be sent. One whose answer is lost may have been committed.
    """
    return isinstance(error, asyncpg.DataError) or getattr(error, "severity_en", "") == "ERROR"


def _give(done: asyncio.Future[list[Record]], found: list[Record] | Exception) -> None:
    """Answer who waits, unless his request was given up."""
    if done.done():
        return
    if isinstance(found, Exception):
        done.set_exception(found)
    else:
        done.set_result(found)
