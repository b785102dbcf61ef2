"""The database of one worker: a pool of asyncpg connections, and transactions on them."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from sqlalchemy import Text, bindparam, func, select

from app.errors import Unavailable
from app.storage import fence, spread
from app.storage.pipeline import Pipeline
from app.storage.statement import Statement

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from asyncpg import Connection, Record
    from asyncpg.pool import Pool, PoolConnectionProxy

    from app.settings import Settings
    from app.storage.held import Held

    Connected = PoolConnectionProxy[Record]
    Link: TypeAlias = PoolConnectionProxy[Record] | Held

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.InternalClientError,  # an answer that was cut off, where the driver expected the rest of it
)
"""What a database looks like that went away, takes too long, has no room or cannot write: the caller waits (503)."""

RETRIES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.CheckViolationError)
"""A transaction that lost against another: it is run again from its start.

No table has a CHECK of its own: what is violated is that of the partition for acts of no month, where their month is
made while they are on their way to it.
"""


async def _keep(_: Any) -> None:  # noqa: ANN401 - a connection, whatever its class
    """Hand a connection back as it is: nothing here changes session state, and the usual reset is a round trip."""


class Tripwire(asyncpg.Connection):
    """A connection that runs the statements of `app.storage.statement` and no other text (policy.md section 8)."""

    def execute(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as asyncpg takes it
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        return super().execute(query, *args, **more)

    def fetch(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        return super().fetch(query, *args, **more)

    def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        return super().fetchrow(query, *args, **more)

    def fetchval(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        return super().fetchval(query, *args, **more)

    def _shut(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        """A way to the database that the server does not go."""
        raise fence.TripError("a connection runs statements, and this way runs none")

    def executemany(self, command: str, args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(command)
        return super().executemany(command, args, **more)

    def fetchmany(self, query: str, args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        return super().fetchmany(query, args, **more)

    prepare = cursor = _shut
    copy_from_query = copy_from_table = copy_to_table = copy_records_to_table = _shut


class Spread(Tripwire):
    """A connection to the coordinator of a cluster, which is told statements in its way (`app.storage.spread`)."""

    _in_phases = False
    """Whether this transaction commits in two phases for sure."""

    async def execute(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as asyncpg takes it
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        if query.startswith("BEGIN"):
            self._in_phases = False
        async with self._whole(query, args):
            return await asyncpg.Connection.execute(self, spread.said(query), *args, **more)

    async def fetch(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(query)
        across = spread.across(query)
        if across is not None:
            with _reaching():
                return await across.run(self, args)
        async with self._whole(query, args):
            return await asyncpg.Connection.fetch(self, spread.said(query), *args, **more)

    @asynccontextmanager
    async def _whole(self, query: str, values: Sequence[Any] = ()) -> AsyncIterator[None]:
        """For what is written on a worker: once it is said to be kept, it is, with all that is written besides."""
        there = spread.there(query)
        if there and not self.is_in_transaction():
            async with self.transaction(), self._whole(query, values):
                yield
            return
        with _reaching():
            if self.is_in_transaction() and spread.common(query):
                await asyncpg.Connection.execute(self, spread.IN_TURN)  # before he changes the directory
            if there and not self._in_phases:
                await asyncpg.Connection.execute(self, spread.TWO_PHASES)
                self._in_phases = True
            if values and (copied := spread.copied(query, values)):
                await asyncpg.Connection.executemany(self, spread.TOUCH, copied)
            yield

    async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        return next(iter(await self.fetch(query, *args, **more)), None)

    async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        row = await self.fetchrow(query, *args, **more)
        return row[0] if row else None

    async def executemany(self, command: str, args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted."""
        fence.admit(command)
        async with self._whole(command):
            return await asyncpg.Connection.executemany(self, spread.said(command), args, **more)

    async def fetchmany(self, query: str, args: Any, **more: Any) -> Any:  # noqa: ANN401
        """As asyncpg does, once the text is admitted; what is across records is asked for one by one."""
        fence.admit(query)
        across = spread.across(query)
        if across is None:
            async with self._whole(query):
                return await asyncpg.Connection.fetchmany(self, spread.said(query), args, **more)
        with _reaching():
            return [row for one in args for row in await across.run(self, one)]


@contextmanager
def _reaching() -> Iterator[None]:
    """Says of a worker that died in a transaction what the coordinator says of one that is dead: it names no reason."""
    try:
        yield
    except asyncpg.InternalServerError as error:
        if not BROKEN.search(str(error)):
            raise
        raise asyncpg.ConnectionFailureError(str(error)) from error


BROKEN = re.compile(
    "failure on connection|could not commit transaction|postmaster was shut down"
    "|server closed the connection|(?:receive data from|send data to|connection to the) server"
)
_spread: dict[str, bool] = {}


def forget(url: str) -> None:
    """Ask again when it is next wanted: the tables were spread since."""
    _spread.pop(url, None)


async def is_spread(url: str) -> bool:
    """Whether a database is that of the coordinator of a cluster; it is asked once."""
    if url not in _spread:
        link = await asyncpg.connect(url)
        try:
            _spread[url] = await link.fetchval(fence.SPREAD)
        finally:
            await link.close()
    return _spread[url]


SETTING = Statement(select(func.current_setting(bindparam("name", type_=Text))))


def parameters(settings: Settings, *, spread: bool = False) -> dict[str, str]:
    """What every session must have; of a cluster, where no plan holds for any record and settings go to the workers."""
    whole = {
        "search_path": fence.SEARCH_PATH,
        "jit": "off",  # compiling the verdict of a journal takes ten seconds, running it one millisecond
        "statement_timeout": str(settings.statement_timeout),
        "timezone": "UTC",  # days and months of the rules are the same whatever the database's own zone is
        "plan_cache_mode": "force_generic_plan",
    }
    if not spread:
        return whole
    return whole | {
        "plan_cache_mode": "force_custom_plan",
        "citus.propagate_set_commands": "local",
        "citus.max_adaptive_executor_pool_size": "1",  # what a transaction wrote it reads over the same connection
        "citus.override_table_visibility": "off",  # to hide shards it looks at each: the type of acts was asked for 5 s
    }


def options(settings: Settings, *, spread: bool = False) -> dict[str, Any]:
    """How asyncpg connects.

    Behind a pooler in transaction mode each transaction may have another session: nothing is prepared for later, and
    what a session must have is set by the pooler or the role (`refuse_other`).
    """
    kind = Spread if spread else Tripwire
    if settings.pooler:
        return {"connection_class": kind, "statement_cache_size": 0}
    return {
        "connection_class": kind,
        "statement_cache_size": 500,
        "max_cacheable_statement_size": 1 << 18,  # a guarded List is 25 kB of SQL: planned once, not at each request
        "server_settings": parameters(settings, spread=spread),
    }


async def connect(url: str, settings: Settings) -> Connection[Record]:
    """One connection with the serving role's URL, beside the pool."""
    return await asyncpg.connect(url, **options(settings, spread=await is_spread(url)))


class Database:
    """A pool. `connect` with the serving role's URL, `close` at the end."""

    def __init__(self, pool: Pool[Record], *, spread: bool = False) -> None:
        self.pool = pool
        self.spread = spread
        self.pipeline = Pipeline(self._acquired)

    @classmethod
    async def connect(cls, url: str, settings: Settings, *, least: int = 1) -> Database:
        """Open the pool; connections are made as they are needed, `least` at once, at most `settings.pool_size`."""
        most = settings.pool_size
        spread = await is_spread(url) if least else False  # who may be away is a standby, and no cluster has one
        how = options(settings, spread=spread)
        return cls(await asyncpg.create_pool(url, min_size=least, max_size=most, reset=_keep, **how), spread=spread)

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connected]:
        """A connection of the pool; Unavailable for whatever stands against having one."""
        try:
            link = await self.pool.acquire()
        except asyncpg.PostgresError as error:
            raise _away() from error
        try:
            yield link
        finally:
            await self.pool.release(link)

    @asynccontextmanager
    async def link(self) -> AsyncIterator[Connected]:
        """One connection for statements that each stand alone; Unavailable when there is none."""
        with _answering():
            async with self._acquired() as link:
                yield link

    @contextmanager
    def together(self) -> Iterator[Pipeline]:
        """For statements that each stand alone and may go along with those of other requests; Unavailable as above."""
        with _answering():
            yield self.pipeline

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connected]:
        """One connection inside one transaction, committed at the end of the block."""
        with _answering():
            async with self._acquired() as link, link.transaction():
                yield link

    async def refuse_privilege(self) -> None:
        """Stop the start when the serving role could step around the database's own fences (house.md section 6)."""
        async with self.link() as link:
            privileged = await link.fetchval(fence.PRIVILEGED)
        if privileged is not False:
            message = "the serving role is owner, superuser or BYPASSRLS: give CARNET_DATABASE_URL a plain role"
            raise RuntimeError(message)

    async def refuse_other(self, settings: Settings) -> None:
        """Stop the start behind a pooler whose sessions are not as they must be; RuntimeError names what is not."""
        async with self.link() as link:
            for name, value in (*parameters(settings, spread=self.spread).items(), ("synchronous_commit", "on")):
                found = await SETTING.value(link, name=name)
                if _plain(name, found) != _plain(name, value):
                    message = f"sessions of the pooler have `{name}` = `{found}`, and must have `{value}`"
                    raise RuntimeError(message)


def _plain(name: str, value: str) -> str:
    """A value of a setting in one spelling: times in milliseconds, lists without blanks and quotes."""
    if name == "statement_timeout":
        digits, unit = value.rstrip("mins"), value.lstrip("0123456789")
        return str(int(digits) * {"": 1, "ms": 1, "s": 1000, "min": 60_000}[unit])
    return value.replace(" ", "").replace('"', "").lower()


@contextmanager
def _answering() -> Iterator[None]:
    """Unavailable for whatever says that the database does not answer."""
    try:
        yield
    except LOST as error:
        raise _away() from error
    except asyncpg.InterfaceError as error:
        if isinstance(error, asyncpg.DataError | ValueError):  # a parameter of ours, and no fault of the database
            raise
        raise _away() from error


def _away() -> Unavailable:
    return Unavailable("the database does not answer", headers={"Retry-After": "1"})
