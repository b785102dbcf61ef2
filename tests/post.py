"""Where messages arrive in the tests: a real SMTP server and a real SMS gateway, and a hand that empties the outbox."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

from app.main import furnish
from app.notices import channels
from app.records.messages import deliver
from app.records.telling import spread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

    from app.records.office import Office
    from app.settings import Settings


@dataclass
class Mailbox:
    """An SMTP server that keeps what it takes; `answers` are what it says to an address instead of taking it."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        self.arrived.set()
        return "250 OK"

    def to(self, address: str) -> list[str]:
        """The words of the mails to an address."""
        return [one.get_content() for one in self.mails if one["To"] == address]

    def subjects(self, address: str) -> list[str]:
        return [one["Subject"] for one in self.mails if one["To"] == address]


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """An SMTP server on a free port."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="sink.example"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


@dataclass
class Phones:
    """An SMS gateway that keeps what it takes, once for each idempotency key; `status` is what it answers."""

    url: str = ""
    status: int = 202
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """idempotency key and authorisation of each request"""

    def to(self, number: str) -> list[str]:
        return [text for where, text in self.taken.values() if where == number]


@contextmanager
def phones() -> Iterator[Phones]:
    """A gateway on a free port."""
    made = Phones()

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            made.asked.append((key, self.headers["Authorization"] or ""))
            if made.status < 300:
                made.taken.setdefault(key, (said["to"], said["text"]))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/messages"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """What a worker has that tells people."""
    async with furnish(settings) as made:
        yield made


async def empty(made: Office) -> None:
    """Tell all that is due, and send it."""
    while await spread(made):
        pass
    for channel in channels.configured(made.settings):
        async with channel.sender() as sender:
            while await deliver(made, channel.way, sender.send):
                pass
