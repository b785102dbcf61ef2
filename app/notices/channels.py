"""The ways that messages go: SMTP (RFC 5321) to holders and to MSSanté, and an SMS gateway over HTTP.

A message has the same name each time that it is sent: Message-ID of a mail (RFC 5322 section 3.6.4), `Idempotency-Key`
of a text message, so that a gateway that keeps it sends a repeated one once.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import format_datetime, parseaddr
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import httpx
import orjson

from app.notices.wording import word
from app.records.contacts import MAIL, SECURE, SMS
from app.records.messages import Answered, Fate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    import aiosmtplib

    from app.notices.wording import Worded
    from app.records.messages import Outgoing
    from app.settings import Settings

PATIENCE = 30.0
"""Seconds that the other side has for one message."""
TIMES = dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE)
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Answers of a gateway to a request that may come again, among those of 400 to 499."""
CLOSED = frozenset(
    {
        HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND,
        HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT,
    }
)  # fmt: skip
"""Answers that are about us or the gateway, and not about the message."""
LASTING = 500
"""SMTP replies from here on are lasting (RFC 5321 section 4.2.1)."""


class Down(Exception):  # noqa: N818 - says how the other side is
    """The other side takes nothing from anybody now: no message is to blame. Its text names no person."""


class Sender(Protocol):
    """Sends one message after the other."""

    async def send(self, outgoing: Outgoing) -> Answered:
        """Send; Down where the other side takes nothing."""
        ...


@dataclass(frozen=True)
class Channel:
    """One way, and how to have a sender for it."""

    way: str
    sender: Callable[[], AbstractAsyncContextManager[Sender]]


def configured(settings: Settings) -> list[Channel]:
    """The ways that the settings name; messages of any other wait."""
    found = [
        Channel(way, partial(_smtp, url, sender, settings))
        for way, url, sender in (
            (MAIL, settings.smtp_url, settings.mail_from),
            (SECURE, settings.mssante_url, settings.mssante_from),
        )
        if url
    ]
    return [*found, Channel(SMS, partial(_gateway, settings))] if settings.sms_url else found


class Smtp:
    """A connection to a mail server, kept from one message to the next."""

    def __init__(self, url: str, sender: str, settings: Settings) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._sender_address = parseaddr(sender)[1]
        self._settings = settings
        self._link: aiosmtplib.SMTP | None = None

    async def send(self, outgoing: Outgoing) -> Answered:
        """One mail."""
        import aiosmtplib  # noqa: PLC0415 - a worker that tells nobody needs none

        link = await self._linked()
        try:
            await link.sendmail(self._sender_address, outgoing.address, self._mail(outgoing))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _answered(refused.recipients[0].code)
        except aiosmtplib.SMTPSenderRefused as refused:
            raise Down(f"sender refused, {refused.code}") from None
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError) as error:
            await self.close()  # in the midst of one message: others may pass while it waits
            return Answered(Fate.LATER, type(error).__name__)
        except aiosmtplib.SMTPResponseException as refused:
            return _answered(refused.code)
        return Answered(Fate.SENT)

    async def _linked(self) -> aiosmtplib.SMTP:
        import aiosmtplib  # noqa: PLC0415

        if self._link is None or not self._link.is_connected:
            link = aiosmtplib.SMTP(
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=PATIENCE,
            )
            try:
                await link.connect()
            except (aiosmtplib.SMTPException, OSError) as error:
                raise Down(type(error).__name__) from None
            self._link = link
        return self._link

    def _mail(self, outgoing: Outgoing) -> bytes:
        """A mail as it goes over the wire: what is its own before what it has in common with others."""
        worded = word(outgoing, self._settings.public_url)
        flat = _flattened if outgoing.words else _common
        own = {
            "To": outgoing.address,
            "Message-ID": f"<{outgoing.id}@{self._sender_address.rpartition('@')[2]}>",
            "Date": format_datetime(outgoing.made_at),
        }
        lines = [f"{name}: {value}\r\n" for name, value in own.items()]
        return "".join(lines).encode("ascii") + flat(self._sender, worded)

    async def close(self) -> None:
        """Leave the server."""
        link, self._link = self._link, None
        if link is not None:
            with suppress(Exception):  # whatever it is, we are leaving
                link.close()


def _flattened(sender: str, worded: Worded) -> bytes:
    """Sender, subject and body of a mail in ASCII, the last of its headers."""
    from email.message import EmailMessage  # noqa: PLC0415 - a worker that tells nobody needs none
    from email.policy import SMTP  # noqa: PLC0415

    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = sender, worded.subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered
    mail.set_content(worded.body, cte="quoted-printable")
    return mail.as_bytes()


_common = lru_cache(maxsize=256)(_flattened)
"""To make a mail costs ten times what sending it does, and most of them are alike; a one-time code is not kept."""


def _answered(code: int) -> Answered:
    return Answered(Fate.FAILED if code >= LASTING else Fate.LATER, str(code))


@asynccontextmanager
async def _smtp(url: str, sender: str, settings: Settings) -> AsyncIterator[Smtp]:
    made = Smtp(url, sender, settings)
    try:
        yield made
    finally:
        await made.close()


class Gateway:
    """An SMS gateway: POST of `{"to", "text"}` as JSON, bearer token, `Idempotency-Key`."""

    def __init__(self, wire: httpx.AsyncHTTPTransport, settings: Settings) -> None:
        self._wire = wire
        self._settings = settings
        self._url = httpx.URL(settings.sms_url)
        self._headers = {"Content-Type": "application/json"}
        if settings.sms_token:
            self._headers["Authorization"] = f"Bearer {settings.sms_token}"
        elif self._url.userinfo:
            self._headers["Authorization"] = f"Basic {b64encode(unquote_to_bytes(self._url.userinfo)).decode()}"

    async def send(self, outgoing: Outgoing) -> Answered:
        """One text message."""
        worded = word(outgoing, self._settings.public_url)
        said = orjson.dumps({"to": outgoing.address, "text": worded.short})
        headers = {**self._headers, "Idempotency-Key": outgoing.id}
        request = httpx.Request("POST", self._url, headers=headers, content=said, extensions={"timeout": TIMES})
        try:
            # not through a client, whose redirects, cookies and hooks nobody wants here: they cost half of a message
            answer = await self._wire.handle_async_request(request)
            await answer.aread()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Down(type(error).__name__) from None
        except httpx.TransportError as error:
            return Answered(Fate.LATER, type(error).__name__)
        if answer.is_success:
            return Answered(Fate.SENT)
        if answer.status_code in CLOSED or answer.is_redirect:
            raise Down(str(answer.status_code))
        passing = answer.is_server_error or answer.status_code in PASSING
        return Answered(Fate.LATER if passing else Fate.FAILED, str(answer.status_code))


@asynccontextmanager
async def _gateway(settings: Settings) -> AsyncIterator[Gateway]:
    async with httpx.AsyncHTTPTransport(trust_env=False) as wire:
        yield Gateway(wire, settings)
