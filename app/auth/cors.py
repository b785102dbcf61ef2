"""Web pages of other origins that call this server (Fetch Standard, CORS): those that software is registered with.

They carry tokens and never cookies, so that no answer lets credentials in. What any page may read (metadata, keys) says
so by itself, and may be asked for by any page (`PUBLIC`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from starlette.types import Message, Scope, Send

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
HEADERS = (
    b"authorization, content-type, accept, accept-language, prefer, if-match, if-none-match, if-none-exist, "
    b"if-modified-since, x-request-id, x-security-context"
)
SHOWN = (
    b"location, content-location, etag, last-modified, x-request-id, x-correlation-id, retry-after, www-authenticate, "
    b"allow, accept-patch"
)
AGE = b"600"
"""Seconds that a browser need not ask again."""
ALLOWED = b"access-control-allow-origin"
PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "accept, accept-language, if-none-match, x-request-id",
    "Access-Control-Max-Age": AGE.decode(),
}
"""What any page is told beforehand of what anybody may read (SMART App Launch 2.2: metadata, configuration)."""


def of(scope: Scope, origins: AbstractSet[str]) -> bytes:
    """The origin of a request, if it is a registered one, else b""."""
    for name, value in scope["headers"]:
        if name == b"origin":
            origin: bytes = value
            return origin if origin.decode("latin-1") in origins else b""
    return b""


def is_question(scope: Scope) -> bool:
    """Whether a browser asks beforehand what a page may send."""
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def answer(send: Send, origin: bytes) -> None:
    """Tell the browser what a page of that origin may send."""
    headers = [
        (ALLOWED, origin),
        (b"vary", b"origin"),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", HEADERS),
        (b"access-control-max-age", AGE),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def telling(send: Send, origin: bytes) -> Send:
    """Sends the same, and that a page of that origin may read it."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            if not any(name.lower() == ALLOWED for name, _ in headers):
                headers += [(ALLOWED, origin), (b"vary", b"origin"), (b"access-control-expose-headers", SHOWN)]
            message = {**message, "headers": headers}
        await send(message)

    return told
