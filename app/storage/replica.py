"""A standby of the database that finds what the primary then judges, while it lags by a few seconds at most.

How far it lags is told by the write-ahead log: where the primary stood at some moment, how far the standby has come.
The rows that it gives are candidates and no answer (`app.records.standby`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import BigInteger, cast, func, literal_column, select

from app.errors import Unavailable
from app.storage.session import Database
from app.storage.statement import Statement

if TYPE_CHECKING:
    from asyncpg import Record

    from app.settings import Settings

LOOK = 1.0
"""Seconds between two looks at how far the standby has come."""
MORE = 1.0
"""Seconds beside the limit of a statement after which a standby that says nothing is given up."""


def _position(place: Any) -> Statement:  # noqa: ANN401 - a function of PostgreSQL's
    return Statement(select(cast(func.pg_wal_lsn_diff(place, literal_column("'0/0'::pg_lsn")), BigInteger)))


WRITTEN = _position(func.pg_current_wal_lsn())
"""Bytes that the primary has written since it was made."""
REPLAYED = _position(func.pg_last_wal_replay_lsn())
"""Bytes of them that a standby has come to; null where it is none."""


class Replica:
    """One standby, for one worker. It is asked while it is known to lag by less than `lag` seconds."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._lag = settings.replica_lag
        self._patience = settings.statement_timeout / 1000 + MORE
        self._past: deque[tuple[float, int]] = deque(maxlen=int(self._lag / LOOK) + 2)
        self._until = float("-inf")
        self._plain = False
        self.found = 0

    @classmethod
    async def connect(cls, settings: Settings) -> Replica:
        """A replica at `settings.replica_url`, which may be away."""
        return cls(await Database.connect(settings.replica_url, settings, least=0), settings)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    @property
    def sound(self) -> bool:
        """Whether it lags by little, as far as is known."""
        return time.monotonic() < self._until

    async def compare(self, primary: Database) -> None:
        """Look how far it has come; to be called every `LOOK` seconds.

        Raises:
            RuntimeError: its role could step around the fence: it is never asked.
        """
        now = time.monotonic()
        try:
            async with primary.link() as link:
                self._past.append((now, await WRITTEN.value(link)))
            async with asyncio.timeout(MORE), self._database.link() as link:
                replayed: int | None = await REPLAYED.value(link)
            if not self._plain:
                await self._database.refuse_privilege()
                self._plain = True
        except (Unavailable, TimeoutError, asyncpg.PostgresError):
            return  # what is known of it holds for a while
        reached = [then for then, written in self._past if replayed is not None and written <= replayed]
        self._until = max(reached) + self._lag if reached else float("-inf")

    async def rows(self, statement: Statement, **values: Any) -> list[Record] | None:  # noqa: ANN401 - SQL values
        """Every row that it has, None where it does not answer: then it is left alone until it was looked at again.

        Raises:
            QueryCanceledError: it takes longer than a statement may.
        """
        try:
            async with asyncio.timeout(self._patience), self._database.link() as link:
                return await statement.rows(link, **values)
        except (Unavailable, TimeoutError, asyncpg.PostgresError) as error:
            if isinstance(error.__cause__, asyncpg.QueryCanceledError):
                raise error.__cause__ from None
            self._until = float("-inf")
            return None
