"""How a worker takes connections: one at a time, and after a worker that has fewer.

All workers listen on one socket, so that none waits at a worker that hangs. But a loop that takes every connection that
waits, as uvloop does, leaves none to the others. So each worker writes how many it has where all read it, and leaves a
connection for a moment to one that has fewer: the longer, the more it has itself. One that lets all of them pass for a
while hangs, and is not waited for until it takes or loses one.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uvicorn.server import Protocols

POLITE = 0.001
"""Seconds for which a connection is left to others, for each that they have less."""
MOST = 0.02
"""Seconds for which it is left to them at most."""
SILENCE = 0.25
"""Seconds of waiting in vain after which a worker is not waited for."""
BREATH = 1.0
"""Seconds after which a socket that gives no connection is tried again."""
ABSENT = 1 << 62
"""What stands for the connections of a worker that takes none."""
NONE_CAME = frozenset({errno.EAGAIN, errno.EINTR, errno.ECONNABORTED})
"""What a socket says where another worker was faster, or the client has gone."""


class Doorman(uvicorn.Server):
    """A server of uvicorn's that takes its connections itself.

    `counts` are the connections of all workers, in memory that they share, those of this one at `own`.
    """

    def __init__(self, config: uvicorn.Config, counts: memoryview[int], own: int) -> None:
        super().__init__(config)
        self.server_state.connections = _Counted(counts, own)
        self._counts, self._own = counts, own
        self._listening: Sequence[socket.socket] = ()
        self._greeted: set[asyncio.Task[None]] = set()
        self._waited_for: list[int] = []
        self._waited = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen."""
        await super().startup(sockets=[])
        self._counts[self._own] = 0
        self._listening = [listener.dup() for listener in sockets or []]
        for listener in self._listening:
            listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
            listener.listen(self.config.backlog)
            self._watch(listener)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, then end as ever."""
        self._counts[self._own] = ABSENT
        for listener in self._listening:
            self._leave(listener)
            listener.close()
        await super().shutdown(sockets)

    def _watch(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener.fileno(), self._come, listener)

    def _leave(self, listener: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(listener.fileno())

    def _come(self, listener: socket.socket) -> None:
        """A connection waits: it is for this worker where none has fewer."""
        fewer = self._fewer()
        if fewer != self._waited_for:
            self._waited_for, self._waited = fewer, 0.0
        if not fewer or self._waited > SILENCE:
            self._take(listener)
            return
        pause = min(MOST, POLITE * (self._counts[self._own] - min(fewer)))
        self._leave(listener)
        asyncio.get_running_loop().call_later(pause, self._after, listener, pause)

    def _fewer(self) -> list[int]:
        """Connections of the workers that have fewer."""
        own = self._counts[self._own]
        return [count for count in self._counts if count < own]

    def _after(self, listener: socket.socket, pause: float) -> None:
        """Those who have fewer had time to come: it is for this worker where none of them did."""
        if listener.fileno() < 0:
            return
        self._watch(listener)
        if self._fewer() == self._waited_for and self._take(listener):
            self._waited += pause

    def _take(self, listener: socket.socket) -> bool:
        """Take one connection, if one still waits."""
        try:
            link, _ = listener.accept()
        except OSError as error:
            if error.errno not in NONE_CAME:  # it gives none and yet says that one waits: nobody listens, no more files
                self._leave(listener)
                asyncio.get_running_loop().call_later(BREATH, self._watch, listener)
            return False
        link.setblocking(False)  # noqa: FBT003
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._counts[self._own] += 1
        task = asyncio.get_running_loop().create_task(self._greet(link))
        self._greeted.add(task)
        task.add_done_callback(self._greeted.discard)
        return True

    async def _greet(self, link: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, link)
        except OSError:
            self._counts[self._own] -= 1
            link.close()

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


class _Counted(set["Protocols"]):
    """The connections of a worker; one that ends is counted off."""

    def __init__(self, counts: memoryview[int], own: int) -> None:
        super().__init__()
        self._counts, self._own = counts, own

    def discard(self, ended: object, /) -> None:
        """A connection has ended."""
        if ended in self and self._counts[self._own] != ABSENT:
            self._counts[self._own] -= 1
        super().discard(ended)
