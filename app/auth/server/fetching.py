"""Addresses that software registered, fetched without letting it reach what only this server reaches.

An address is https, and everything that its name stands for is a public address of the internet: not this machine, not
the networks around it, not what a cloud tells its machines. The connection goes to the very address that was looked at,
so that a name which stands for another the next moment gains nothing; the certificate is still that of the name.
Redirects are not followed. The setting `private_keys` lifts this for software in the operator's own network.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

PATIENCE = 3.0
"""Seconds that an address has to answer, its name and its last byte included."""
SIZE = 64 << 10
HTTPS = 443
TRANSLATED = tuple(map(ip_network, ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "2001::/32")))
"""IPv6 addresses that stand for an IPv4 address (RFC 4291, 6052, 3056, 4380)."""


class UnreachableError(ValueError):
    """What cannot be fetched, or may not be; its message names nothing of the answer."""


async def got(address: str, *, private: bool) -> tuple[bytes, str]:
    """Body and Cache-Control of an address; UnreachableError. `private` lets it be anywhere, without TLS too."""
    import httpx  # noqa: PLC0415 - 6 MB that a server without such software does not need

    body, headers = b"", {"Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=PATIENCE) as http,
        ):
            where, extensions = address, dict[str, str]()
            if not private:
                where, headers["Host"], extensions = await pinned(address)
            async with http.stream("GET", where, headers=headers, extensions=extensions) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise UnreachableError("the address does not answer with what is asked for")
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > SIZE:
                        raise UnreachableError("the answer is too long")
                return body, answer.headers.get("cache-control", "")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise UnreachableError("the address does not answer") from error


async def pinned(address: str) -> tuple[str, str, dict[str, str]]:
    """The same address with a number in the place of its name, what `Host` says, and the name that TLS is held to."""
    parts = urlsplit(address)
    name = parts.hostname or ""
    if parts.scheme != "https" or not name or parts.username is not None:
        raise UnreachableError("the address is not https")
    found = await numbers(name, parts.port or HTTPS)
    if not found or not all(map(_public, found)):
        raise UnreachableError("the address is not one of the public internet")
    return _at(parts, found[0]), parts.netloc, {"sni_hostname": name}


def _public(number: str) -> bool:
    """Whether anybody reaches an address: not one that stands for a private one in another spelling, either."""
    address = ip_address(number)
    if not address.is_global or address.is_multicast:
        return False
    return address.version == 4 or not any(address in network for network in TRANSLATED)  # noqa: PLR2004


def _at(parts: SplitResult, number: str) -> str:
    host = f"[{number}]" if ":" in number else number
    return parts._replace(netloc=f"{host}:{parts.port or HTTPS}").geturl()


async def numbers(name: str, port: int) -> list[str]:
    """What a name stands for now."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]
