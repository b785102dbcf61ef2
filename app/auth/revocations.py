"""What was revoked, as one worker knows it: read again four times a second, so that no token outlives its end by more.

A token is revoked by its `jti`, by the session that it comes of, or by its client (tokens made up to that moment). The
list is short: what is revoked leaves it when its last token has ended by itself.

A worker that could not read the list for some seconds trusts no token: a revocation that it cannot know of may be there
(503, and not 401: the token may be good).
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
PATIENCE = 5.0
"""Seconds after which a list that could not be read is too old."""
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
    """The list, over a connection of its own: no other request can hold up the end of a token."""

    def __init__(self, connect: Callable[[], Awaitable[Connection[Record]]]) -> None:
        self._connect = connect
        self._link: Connection[Record] | None = None
        self._known: dict[str, tuple[float, float]] = {}
        self._read_at = float("-inf")
        self._looks = 0

    def holds(self, verified: Verified) -> bool:
        """Whether a token was revoked; Unavailable where that cannot be known."""
        if time.monotonic() - self._read_at > PATIENCE:
            raise Unavailable("revocations cannot be read now", headers={"Retry-After": "1"})
        if not self._known:
            return False
        if of_token(verified.access.jti) in self._known or of_session(verified.session) in self._known:
            return True
        client = self._known.get(of_client(verified.access.client))
        return client is not None and verified.issued <= client[0]

    async def look(self) -> None:
        """Read what is new since the last look, or all of it after one that failed; raises what the database does."""
        fresh = self._link is not None and not self._link.is_closed()
        if self._link is None or not fresh:
            self._link = await self._connect()
        begun = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            rows = await sessions.revoked(self._link, newest=fresh and begun - self._read_at < PATIENCE)
        for row in rows:
            self._known[row["id"]] = (row["revoked_at"].timestamp(), row["ends_at"].timestamp())
        self._read_at = begun
        self._looks += 1
        if self._looks % PRUNED == 0:
            now = time.time()
            self._known = {key: moments for key, moments in self._known.items() if moments[1] > now - PATIENCE}

    async def watch(self, also: Callable[[Connection[Record]], Awaitable[None]]) -> None:
        """Look until cancelled; `also` is done after each look, on the same connection."""
        try:
            while True:
                await asyncio.sleep(PAUSE)
                try:
                    await self.look()
                    if self._link is not None:
                        await also(self._link)
                except Exception as error:  # noqa: BLE001 - whatever it is: who does not look again trusts no token
                    _log.warning("revocations could not be read: %s", type(error).__name__)
                    self._drop()
        finally:
            self._drop()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.terminate()
            self._link = None
