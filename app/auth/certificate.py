"""Client certificates, as a reverse proxy that ends TLS hands them on (RFC 9440 section 2.2; RFC 8705).

`Client-Cert` is believed of the addresses that the setting `proxies` names and of nobody else: there it is what the
proxy saw, for it puts its own header in the place of any that came. Of others it is not read at all.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from app.auth.proxy import is_proxy

if TYPE_CHECKING:
    from collections.abc import Collection
    from ipaddress import IPv4Network, IPv6Network

    from cryptography.x509 import Certificate as Parsed

HEADER = b"client-cert"
SEQUENCE = re.compile(r":([A-Za-z0-9+/]{1,8192}={0,2}):")  # a byte sequence of RFC 8941 section 3.3.5


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that somebody has the key of: thumbprint (SHA-256, base64url), subject (RFC 4514), days."""

    thumbprint: str
    subject: str
    starts: datetime
    ends: datetime

    @property
    def current(self) -> bool:
        """Whether it is valid today; a proxy that verifies no chain checks no dates either."""
        return self.starts <= datetime.now(UTC) < self.ends


def of_request(peer: str, header: str, proxies: Collection[IPv4Network | IPv6Network]) -> Certificate | None:
    """The certificate that the client of a request has shown, None where it has not or nobody believable says so."""
    if not header or not proxies or not is_proxy(peer, proxies):
        return None
    return read(header)


@lru_cache(maxsize=1000)
def read(header: str) -> Certificate | None:
    """The certificate of a `Client-Cert` header; None for what is none."""
    match = SEQUENCE.fullmatch(header.strip(" "))
    try:
        data = b64decode(match[1], validate=True) if match else b""
        return _of(_parsed(data), data)
    except ValueError:
        return None


def _of(parsed: Parsed, data: bytes) -> Certificate:
    days = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    return Certificate(thumbprint(data), parsed.subject.rfc4514_string(), *days)


def _parsed(data: bytes) -> Parsed:
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - only who uses certificates needs it

    return load_der_x509_certificate(data)


def thumbprint(der: bytes) -> str:
    """SHA-256 of a certificate's DER, as `x5t#S256` spells it (RFC 7515 section 4.1.8)."""
    return urlsafe_b64encode(sha256(der).digest()).decode().rstrip("=")


def of_pem(pem: bytes) -> Certificate:
    """The certificate of a PEM file, for who registers it; ValueError."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    parsed = load_pem_x509_certificate(pem)
    return _of(parsed, parsed.public_bytes(Encoding.DER))
