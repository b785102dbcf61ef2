"""HTTP/1.1 as uvicorn reads it, and requests that offer HTTP/2 on the same connection.

Java's own client offers it (`Upgrade: h2c`) with every first request. A server may ignore the offer (RFC 9110 section
7.8), but httptools ends a request where the offer ends, and uvicorn drops its body. Here it is read on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from array import array
    from typing import Any

    from uvicorn import Config
    from uvicorn.server import ServerState

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
        self._read_by(self)

    def data_received(self, data: bytes) -> None:
        """Read what arrived; behind each head that offers a protocol, go on as if it did not."""
        while True:
            try:
                super().data_received(data)
            except Offered as offer:
                self._read_by(_Rest(self))
                data = self._length() + data[offer.at :]
            else:
                return

    def on_headers_complete(self) -> None:
        """The end of a head. Behind an offer the parser has not judged how long the body is: it is, before any acts."""
        if self.parser.should_upgrade():
            Parser(object()).feed_data(self._length())
        super().on_headers_complete()

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
