"""What stands before the application: how many requests of one worker are let in, and how long a client may take.

A worker that is given more than it can do must go on doing what it can. So the requests that are at work or wait are
counted, and one more is refused before anything is done for it: 503 at once, which costs a tenth of a read. A request
that waits for its own client, for a body or for an answer to be taken, is not counted: nobody else waits for it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import orjson

from app.errors import BadValue, NotAcceptable, Unavailable
from app.rest import formats, outcome, xml
from app.rest.formats import Format
from app.rest.request import parse_pairs
from app.rest.wire import PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import FrameType

    from app.rest.metrics import Metrics
    from app.settings import Settings

OPEN = frozenset({"/health/live", "/health/ready", "/metrics"})
"""What answers also when nothing else does: a worker that is full is neither dead nor to be left alone."""
RECOUNT = 0.02
"""Seconds for which the number of requests that wait for their clients is believed."""


class Connection(Protocol):
    """A connection, as what watches it sees it (`app.rest.wire`)."""

    @property
    def waits(self) -> bool:
        """Whether its request waits for its client."""

    def check(self, now: float) -> None:
        """End it where its client takes too long."""


class Entrance:
    """The entrance of one worker. `draining` is true from when it is told to stop, `exhausted` for want of memory."""

    def __init__(self, settings: Settings, metrics: Metrics, exhausted: Callable[[], None] = lambda: None) -> None:
        self.settings = settings
        self.metrics = metrics
        self.exhausted = exhausted
        self.draining = False
        self._idle = 0
        self._counted = float("-inf")
        self._connections: Collection[Connection] = ()
        self._answers = _answers(settings.codesystem_base)

    def join(self, connections: Collection[Connection]) -> None:
        """Know the connections of the worker, which are open at each moment."""
        self._connections = connections

    def admits(self, path: str, running: int) -> bool:
        """Whether there is room for one request more than `running`."""
        if running < self.settings.queue or path in OPEN:
            return True
        now = asyncio.get_running_loop().time()
        if now - self._counted > RECOUNT:
            self._idle = sum(one.waits for one in self._connections)
            self._counted = now
        return running - self._idle < self.settings.queue

    def refusal(self, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        """Head, less the empty line at its end, and body of the answer to one request too many."""
        self.metrics.turn_away("full")
        if not path.startswith("/fhir"):
            return self._answers[None, 0]
        said = {name: value.decode("latin-1") for name, value in headers if name.startswith(b"accept")}
        try:
            asked = dict(parse_pairs(query.decode("latin-1"))).get("_format", "") if b"_format" in query else ""
            liked = formats.negotiate(said.get(b"accept", ""), asked)
        except (BadValue, NotAcceptable):
            liked = Format.JSON
        return self._answers[liked, outcome.language(said.get(b"accept-language", ""))]

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Within it SIGTERM makes the worker say that it is not ready, and stop only `settings.drain` seconds later.

        A second one, or SIGINT, stops it at once, as does the first where there is no time to drain.
        """
        before = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(before):
            yield
            return
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            if self.draining or not self.settings.drain:
                before(number, frame)
            else:
                loop.call_soon_threadsafe(loop.call_later, self.settings.drain, before, number, frame)
            self.draining = True

        signal.signal(signal.SIGTERM, leave)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    async def watch(self) -> None:
        """End connections whose clients take too long, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PAUSE)
            now = loop.time()
            for connection in list(self._connections):
                connection.check(now)


def _answers(base: str) -> dict[tuple[Format | None, int], tuple[bytes, bytes]]:
    """The answers to one request too many, by format and language; None is what is no FHIR (RFC 6749 section 5.2)."""
    issues = Unavailable("the server is at its limit, try again", reason="overloaded").issues
    bodies: dict[tuple[Format | None, int], bytes] = {(None, 0): orjson.dumps({"error": "temporarily_unavailable"})}
    for tongue in (outcome.FRENCH, outcome.ENGLISH):
        body = outcome.render(issues, tongue, base)
        bodies |= {(Format.JSON, tongue): body, (Format.XML, tongue): xml.write(body)}
    return {key: (_head(key[0], len(body)), body) for key, body in bodies.items()}


def _head(spoken: Format | None, size: int) -> bytes:
    lines = (
        "HTTP/1.1 503 Service Unavailable",
        "retry-after: 1",
        "cache-control: no-store",
        "vary: Accept",
        "x-content-type-options: nosniff",
        f"content-type: {spoken.media_type if spoken else 'application/json'}",
        f"content-length: {size}",
        "",
    )
    return "\r\n".join(lines).encode()
