"""Signed assertions of software: who it is (RFC 7523), and for whom it acts (RFC 8693 with the fields of VIHF).

An assertion is a compact JWS with RS384 or ES384, whichever its key is for. Its header names the key and brings none
along; it is for this server alone, lives five minutes at most, and comes once.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.auth import token
from app.auth.keys import algorithm
from app.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.auth.keys import Key

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 300
HEADER = frozenset({"alg", "kid", "typ", "jku"})
LIMIT = 16 << 10
MOST_JTI = 256


class BadAssertion(ValueError):  # noqa: N818 - what is bad, and no error of ours
    """An assertion that does not hold; its message holds no value of it."""


def head(assertion: str) -> dict[str, object]:
    """The header, unverified: it says which key to look for."""
    match = token.COMPACT.fullmatch(assertion) if len(assertion) <= LIMIT else None
    if match is None:
        raise BadAssertion("the assertion is not a compact JWS")
    header = _read(assertion.split(".", maxsplit=1)[0], "header")
    typ, kid = header.get("typ", "JWT"), header.get("kid")
    if not header.keys() <= HEADER or not isinstance(typ, str) or typ.upper() != "JWT" or not isinstance(kid, str):
        raise BadAssertion("the header of the assertion is not alg, kid, typ JWT")
    return header


def body(assertion: str) -> dict[str, object]:
    """The claims, unverified: they say whose keys to look among."""
    head(assertion)
    return _read(assertion.split(".")[1], "claims")


def _read(part: str, name: str) -> dict[str, object]:
    try:
        return token.object_of(token.decoded(part), name)
    except Unauthenticated as refusal:
        raise BadAssertion(str(refusal)) from None


def check(assertion: str, key: Key, issuer: str, audiences: Collection[str]) -> tuple[dict[str, object], datetime]:
    """The claims of an assertion that its key signed for this server, and when it ends; BadAssertion.

    That it comes for the first time is still to be seen, by its `jti`.
    """
    if head(assertion).get("alg") != algorithm(key):
        raise BadAssertion("the assertion is not signed with the algorithm of its key")
    try:
        claims = token.object_of(token.payload(assertion, key), "claims")
        expires = token.instant(claims, "exp")
        starts = max([0.0, *(token.instant(claims, name) for name in ("iat", "nbf") if name in claims)])
    except Unauthenticated as refusal:
        raise BadAssertion(str(refusal)) from None
    now = time.time()
    if expires <= now - token.LEEWAY or expires > now + LIFETIME + token.LEEWAY or starts > now + token.LEEWAY:
        raise BadAssertion("the assertion is over, not valid yet, or lives longer than five minutes")
    if claims.get("iss") != issuer:
        raise BadAssertion("the assertion comes from another issuer")
    if _audience(claims) not in audiences:
        raise BadAssertion("the assertion is for another audience")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= MOST_JTI or not jti.isprintable():
        raise BadAssertion("the assertion has no jti")
    return claims, datetime.fromtimestamp(expires, UTC) + timedelta(seconds=2 * token.LEEWAY)


def _audience(claims: dict[str, object]) -> str:
    """The one audience: an assertion that is for others as well could be used there by whoever gets it here."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    return audience if isinstance(audience, str) else ""
