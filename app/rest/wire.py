"""HTTP/1.1 as uvicorn reads it, and requests that offer HTTP/2 on the same connection.

Java's own client offers it (`Upgrade: h2c`) with every first request. A server may ignore the offer (RFC 9110 section
7.8), but httptools ends a request where the offer ends, and uvicorn drops its body. Here it is read on.

A connection also keeps to the limits of its worker (`app.rest.entrance`): a request too many is answered here, before
anything is made of it, and a client that takes too long is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from httptools import HttpParserCallbackError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from array import array
    from typing import Any

    from uvicorn import Config
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

    from app.rest.entrance import Entrance

HEAD_LIMIT = 64 << 10
"""Bytes of the head of a request that comes in pieces."""
MINIMUM = 8 << 10
"""Bytes a second of a body that is long: a client that sends as fast has as long as it needs."""
PAUSE = 1.0
"""Seconds between two looks at the connections."""
FRAMING = frozenset({b"content-length", b"transfer-encoding"})
"""Headers that say how long a body is (RFC 9112 section 6)."""


class Offered(Exception):  # noqa: N818 - no error: the parser stopped at `at`, behind the head of a request
    """A request offers another protocol; its head ends `at` bytes into what was read."""

    def __init__(self, at: int) -> None:
        self.at = at


class Parser(HttpRequestParser):
    """The parser of httptools. What it says of an offer reaches us, and not uvicorn, which would drop the body."""

    def feed_data(self, data: bytes | bytearray | memoryview[int] | array[int]) -> None:
        """Read what arrived; Offered behind the head of a request that offers another protocol."""
        try:
            super().feed_data(data)
        except HttpParserUpgrade as offer:
            raise Offered(offer.args[0]) from None
        except HttpParserCallbackError as error:
            if isinstance(error.__context__, MemoryError):
                raise error.__context__ from None
            raise


class Protocol(HttpToolsProtocol):
    """A connection. Every offer of another protocol is ignored: none is served."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.entrance: Entrance | None = app_state.get("entrance")
        self._since = self._stuck = 0.0  # when the client was last waited for; when it last stopped taking its answer
        self._came = 0  # bytes of the head or body that is read
        self._heading = self._let_in = False
        self._read_by(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count a new connection; one too many is told so at once."""
        super().connection_made(transport)
        self._since = self.loop.time()
        entrance = self.entrance
        if entrance is None:
            return
        entrance.join(self.connections)  # type: ignore[arg-type] # all of them are of this class
        if len(self.connections) > entrance.settings.connections:
            entrance.metrics.turn_away("crowd")
            self._leave(b"503 Service Unavailable\r\nretry-after: 1")

    def data_received(self, data: bytes) -> None:
        """Read what arrived; behind each head that offers a protocol, go on as if it did not."""
        still = self._heading
        while True:
            try:
                super().data_received(data)
            except Offered as offer:
                self._read_by(_Rest(self))
                data = self._length() + data[offer.at :]
            except MemoryError:
                self.transport.abort()
                if self.entrance is not None:
                    self.entrance.exhausted()
                return
            else:
                break
        if still and self._heading:
            self._came += len(data)
            if self._came > HEAD_LIMIT and not self.transport.is_closing():
                self._leave(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._heading, self._came = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The end of a head: from now on the body is waited for.

        Behind an offer the parser has not judged how long the body is: it is, before any acts.
        """
        if self.parser.should_upgrade():
            Parser(object()).feed_data(self._length())
        self._heading, self._came, self._since = False, 0, self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body, which gives the client more time."""
        self._came += len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """An answer is gone: the next head is waited for, once the connection has been kept for it."""
        self._let_in = False
        self._since = self.loop.time() + self.timeout_keep_alive
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client does not take its answer as fast as it comes."""
        self._stuck = self.loop.time()
        super().pause_writing()

    @property
    def waits(self) -> bool:
        """Whether the request waits for its client: for the rest of its body, or for room for its answer."""
        cycle = self._unanswered
        if cycle is None or not self._let_in:
            return False
        return self.flow.write_paused or (cycle.more_body and not cycle.message_event.is_set())

    @property
    def _unanswered(self) -> RequestResponseCycle | None:
        """The request that is at work, None between two of them."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    def check(self, now: float) -> None:
        """Leave a client that takes too long: for a head, for a body, for taking its answer."""
        if self.entrance is None:
            return
        limits, answered = self.entrance.settings, self._unanswered is None
        if self.flow.write_paused or self.transport.is_closing():
            if now - max(self._stuck, self._since) > limits.send_timeout:
                self.entrance.metrics.turn_away("slow")
                self.transport.abort()
        elif answered and now - self._since > limits.header_timeout:
            self._late()
        elif not answered and not self.waits:
            self._since += PAUSE  # the server's own time is not the client's
        elif not answered and now - self._since > limits.body_timeout + self._came / MINIMUM:
            self._late()

    def _late(self) -> None:
        if self.entrance is not None:
            self.entrance.metrics.turn_away("slow")
        cycle = self._unanswered
        if cycle is not None and cycle.response_started:
            self.transport.abort()
        else:
            self._leave(b"408 Request Timeout")

    def _leave(self, status: bytes) -> None:
        """Say why and close, where no answer has begun (RFC 9110 sections 15.5.9 and 15.6.4, RFC 6585 section 5)."""
        self.transport.write(b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        entrance = self.entrance
        if entrance is not None and entrance.draining:
            cycle.keep_alive = False  # whoever is still here goes to another server with his next request
        if entrance is None or entrance.admits(cycle.scope["path"], len(self.tasks)):
            self._let_in = True
            super()._start_asgi_task(cycle, app)
        else:
            self._refuse(cycle, entrance)

    def _refuse(self, cycle: RequestResponseCycle, entrance: Entrance) -> None:
        """Answer one request too many. What was sent behind it meanwhile goes with its connection."""
        scope = cycle.scope
        head, body = entrance.refusal(scope["path"], scope["query_string"], list(scope["headers"]))
        if self.pipeline or cycle.waiting_for_100_continue:
            cycle.keep_alive = False
        if not cycle.keep_alive:
            head += b"connection: close\r\n"
        cycle.response_started = cycle.response_complete = True
        self.transport.write(head + b"\r\n" + (b"" if scope["method"] == "HEAD" else body))
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def on_message_complete(self) -> None:
        """The end of a request. Behind an offer the parser says so before it has read the body."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _length(self) -> bytes:
        """A head that offers nothing, before a body of the same length."""
        framing = [b"%s: %s\r\n" % one for one in self.headers if one[0] in FRAMING]
        return b"".join((b"POST / HTTP/1.1\r\n", *framing, b"\r\n"))

    def _read_by(self, listener: Protocol | _Rest) -> None:
        self.parser = Parser(listener)
        # As uvicorn does: more may follow a request that is to be the last one of its connection.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)


class _Rest:
    """What a connection is told by a parser that reads a head a second time: nothing of that head."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol, self._known = protocol, True
        self.on_body, self.on_message_complete = protocol.on_body, protocol.on_message_complete

    def on_message_begin(self) -> None:
        if not self._known:
            self._protocol.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._known:
            self._protocol.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._known:
            self._protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._known:
            self._known = False
        else:
            self._protocol.on_headers_complete()
