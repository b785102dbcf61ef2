"""What was revoked, as one worker knows it: read again four times a second, so that no token outlives its end by more.

A token is revoked by its `jti`, by the session that it comes of, or by its client (tokens made up to that moment). The
list is short: what is revoked leaves it when its last token has ended by itself.

The list is old after less than a second, whatever kept it from being read: a busy worker, a slow database. Who then
comes with a token has it read first (`catch_up`), one for all who wait; where it cannot be read no token is trusted: a
revocation that nobody here can know of may be there (503, and not 401: the token may be good).
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from app.errors import Unavailable
from app.storage.auth import sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Connection, Record

    from app.auth.token import Verified

PAUSE = 0.25
"""Seconds between two looks: a revocation takes effect within this, and what a statement takes."""
FRESH = 0.75
"""Seconds after which a list is too old to be trusted: with the time that reading it takes, under a second."""
PATIENCE = 5.0
"""Seconds that a look may take."""
RECENT = 10.0
"""Seconds within which the newest is all that can have changed (`app.storage.auth.sessions.OVERLAP` is more)."""
PRUNED = 240
"""Looks between two prunings."""

_log = logging.getLogger(__name__)


def of_token(jti: str) -> str:
    """Key of one token."""
    return f"jti|{jti}"


def of_session(session: str) -> str:
    """Key of every token of a session."""
    return f"session|{session}"


def of_client(client: str) -> str:
    """Key of every token that a client has."""
    return f"client|{client}"


class Revocations:
    """The list, over a connection of its own: no other request can hold up the end of a token.

    `read_at` is when it was read (monotonic seconds), `looks` how often.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection[Record]]]) -> None:
        self.connect = connect
        self._link: Connection[Record] | None = None
        self._known: dict[str, tuple[float, float]] = {}
        self.read_at = float("-inf")
        self.looks = 0
        self._looking: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    def holds(self, verified: Verified) -> bool:
        """Whether a token was revoked; Unavailable where the list was last read so long ago that it says nothing."""
        if time.monotonic() - self.read_at > PATIENCE:
            raise _unknown()
        if not self._known:
            return False
        if of_token(verified.access.jti) in self._known or of_session(verified.session) in self._known:
            return True
        client = self._known.get(of_client(verified.access.client))
        return client is not None and verified.issued <= client[0]

    @property
    def old(self) -> bool:
        """Whether the list has to be read before a token is judged by it."""
        return time.monotonic() - self.read_at > FRESH

    async def catch_up(self) -> None:
        """Have a list that is not older than who asks for it; Unavailable where it cannot be read.

        However long the reading takes, what was revoked before it is known after it: that a worker is slow makes it
        answer late, and not trust what was revoked meanwhile.
        """
        asked = time.monotonic()
        try:
            while self.read_at < asked - FRESH:
                await self.look()
        except Exception as error:
            raise _unknown() from error

    async def look(self) -> None:
        """Read the list, once for all who ask meanwhile; raises what the database does."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await asyncio.shield(self._looking)  # who goes away leaves it to the others

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self._lock:
                await self._read()
        except BaseException:
            self.drop()
            raise

    async def _read(self) -> None:
        """Read what is new since the last look, or all of it after one that failed."""
        fresh = self._link is not None and not self._link.is_closed()
        if self._link is None or not fresh:
            self._link = await self.connect()
        begun = time.monotonic()
        rows = await sessions.revoked(self._link, newest=fresh and begun - self.read_at < RECENT)
        for row in rows:
            self._known[row["id"]] = (row["revoked_at"].timestamp(), row["ends_at"].timestamp())
        self.read_at = begun
        self.looks += 1
        if self.looks % PRUNED == 0:
            now = time.time()
            self._known = {key: moments for key, moments in self._known.items() if moments[1] > now - PATIENCE}

    async def watch(self, also: Callable[[Connection[Record]], Awaitable[None]]) -> None:
        """Look until cancelled; `also` is done after each look, on the same connection."""
        try:
            while True:
                await asyncio.sleep(PAUSE)
                try:
                    await self.look()
                    async with self._lock:
                        if self._link is not None:
                            await also(self._link)
                except Exception as error:  # noqa: BLE001 - whatever it is, the next look begins anew
                    _log.warning("revocations could not be read: %s", type(error).__name__)
                    self.drop()
        finally:
            if self._looking is not None:
                self._looking.cancel()
            self.drop()

    def drop(self) -> None:
        """Give the connection up: the next look makes another."""
        if self._link is not None:
            self._link.terminate()
            self._link = None


def _unknown() -> Unavailable:
    return Unavailable("revocations cannot be read now", headers={"Retry-After": "1"})
