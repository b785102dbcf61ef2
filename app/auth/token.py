"""Bearer tokens, checked on every request (api.md section 6; RFC 6750, RFC 7515, RFC 9068, SMART App Launch 2.2).

A token is a compact JWS signed with RS384 or ES384 by a key of ours. Its header may hold `alg`, `kid` and `typ`, and
nothing else: keys that a token brings along, and critical extensions, are refused before anything is computed.

A verified token is remembered by its digest, so that its signature is checked once; its expiry, its revocation and the
certificate that it is bound to (RFC 8705) are checked each time.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import jiter

from app.auth.claims import PROFESSIONALS, REALM, access_from_claims, flag, invalid, word
from app.auth.keys import algorithm
from app.auth.signature import holds as signature_holds
from app.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.access import Access, Kind
    from app.auth.keys import Key, SigningKeys
    from app.settings import Settings

LEEWAY = 5  # seconds between the clocks of two honest machines
PROFESSIONAL_LIFETIME = 300  # seconds (api.md section 6)
LIFETIME = 3600  # seconds, of every other caller: SMART App Launch 2.2 advises at most an hour
TOKEN_LIMIT = 16 << 10  # bytes
CACHE_LIMIT = 4096  # tokens of one worker, about 2 kB each
LATEST = 1 << 40  # seconds since 1970: past it a time is no time, and arithmetic on it might overflow
COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
HEADER = frozenset({"alg", "kid", "typ"})
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
BOUND = "x5t#S256"
"""Member of `cnf` that binds a token to the SHA-256 of a client certificate (RFC 8705 section 3.1)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A token whose signature and claims hold: the caller, and when it was made and ends (seconds since 1970).

    `session` is the sign-in that it comes of, `thumbprint` the certificate that it is bound to; either may be "".
    """

    access: Access
    issued: float
    expires: float
    session: str = ""
    thumbprint: str = ""


def _never(_: Verified) -> bool:
    return False


def _no_certificate() -> str:
    return ""


class Verifier:
    """Turns the Authorization header into an `Access`. One for each worker; not shared between threads.

    `revoked` tells whether a token was revoked; `limit` is the number of tokens remembered. `keys` may be changed while
    it serves (`use`).
    """

    def __init__(
        self,
        settings: Settings,
        keys: SigningKeys,
        revoked: Callable[[Verified], bool] = _never,
        limit: int = CACHE_LIMIT,
    ) -> None:
        self._issuer = settings.token_issuer
        self._base = settings.fhir_base
        self._sandbox = settings.sandbox_tokens
        self._keys = keys.public
        self._revoked = revoked
        self._limit = limit
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    def use(self, keys: SigningKeys) -> None:
        """Verify with other keys from now on; tokens that a key signed which is gone are no longer known."""
        if self._keys.keys() - keys.public.keys():
            self._known.clear()
        self._keys = keys.public

    def verify(
        self,
        authorization: str | None,
        now: float | None = None,
        certificate: Callable[[], str] = _no_certificate,
    ) -> Access:
        """Return the caller of an Authorization header, judged at `now` (seconds since 1970; the clock's if None).

        `certificate` gives the SHA-256 thumbprint of the client's certificate, "" where it has shown none; it is asked
        for only by tokens that are bound to one. Unauthenticated, with its `WWW-Authenticate` header, if there is no
        token or it does not hold.
        """
        verified = self.check(authorization, now)
        if verified.thumbprint and certificate() != verified.thumbprint:
            raise invalid("the token is bound to another certificate")
        return verified.access

    def check(self, authorization: str | None, now: float | None = None) -> Verified:
        """The same but for the certificate, and with what is known of the token."""
        moment = time.time() if now is None else now
        token = _bearer(authorization)
        digest = blake2b(token.encode(), digest_size=32).digest()
        verified = self._known.get(digest)
        if verified is None:
            verified = self._check(token, moment)
            self._remember(digest, verified)
        else:
            self._known.move_to_end(digest)
        self._check_still(digest, verified, moment)
        return verified

    def claims(self, token: str, now: float | None = None) -> tuple[dict[str, object], Verified]:
        """The claims of a token that holds, whoever shows it, for those who may look into it; Unauthenticated."""
        verified = self.check(f"Bearer {token}", now)
        return object_of(payload(token, self._key(token)), "claims"), verified

    def _check_still(self, digest: bytes, verified: Verified, moment: float) -> None:
        if moment >= verified.expires + LEEWAY:
            self._known.pop(digest)
            raise invalid("the token has expired")
        if self._revoked(verified):
            raise invalid("the token was revoked")

    def _remember(self, digest: bytes, verified: Verified) -> None:
        self._known[digest] = verified
        if len(self._known) > self._limit:
            self._known.popitem(last=False)

    def _check(self, token: str, moment: float) -> Verified:
        claims = object_of(payload(token, self._key(token)), "claims")
        self._check_parties(claims)
        access = access_from_claims(claims, self._base)
        expires = self._expiry(claims, access.kind, moment)
        return Verified(access, instant(claims, "iat"), expires, word(claims, "sid"), _bound(claims))

    def _key(self, token: str) -> Key:
        """Key that the header names and whose one algorithm it states."""
        match = COMPACT.fullmatch(token)
        if match is None:
            raise invalid("the token is not a compact JWS")
        header = object_of(decoded(match[1]), "header")
        kid, typ = header.get("kid"), header.get("typ", "JWT")
        if not header.keys() <= HEADER or not isinstance(typ, str) or typ.lower() not in TYPES:
            raise invalid("the header of the token is not that of an access token")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None or header.get("alg") != algorithm(key):
            raise invalid("the token is not signed with a known key and its algorithm")
        return key

    def _check_parties(self, claims: dict[str, object]) -> None:
        if claims.get("iss") != self._issuer:
            raise invalid("the token comes from another issuer")
        audience = claims.get("aud")
        if self._base not in (audience if isinstance(audience, list) else [audience]):
            raise invalid("the token is for another audience")

    def _expiry(self, claims: dict[str, object], kind: Kind, moment: float) -> float:
        expires, issued = instant(claims, "exp"), instant(claims, "iat")
        starts = instant(claims, "nbf") if "nbf" in claims else issued
        if max(issued, starts) > moment + LEEWAY:
            raise invalid("the token is not valid yet")
        sandbox = flag(claims, "sandbox")
        if sandbox and not self._sandbox:
            raise invalid("sandbox tokens are not accepted here")
        longest = PROFESSIONAL_LIFETIME if kind in PROFESSIONALS else LIFETIME
        if not sandbox and expires - issued > longest + LEEWAY:
            raise invalid("the token lives too long")
        return expires


def _bound(claims: dict[str, object]) -> str:
    """The certificate that a token is bound to; a binding that is not understood is none that can be ignored."""
    bound = claims.get("cnf")
    if bound is None:
        return ""
    thumbprint = bound.get(BOUND) if isinstance(bound, dict) and len(bound) == 1 else None
    if not isinstance(thumbprint, str) or not THUMBPRINT.fullmatch(thumbprint):
        raise invalid("claim `cnf` is no certificate's thumbprint")
    return thumbprint


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("a bearer token is required", reason="no-token", headers={"WWW-Authenticate": REALM})
    token = token.strip(" ")
    if len(token) > TOKEN_LIMIT or not token.isascii():
        raise invalid("the token is too long or not ASCII")
    return token


def decoded(part: str) -> bytes:
    """One part of a compact JWS as it was before it was encoded; Unauthenticated."""
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise invalid("the token is not base64url") from error


def payload(token: str, key: Key) -> bytes:
    """What a compact JWS carries, if that key signed it with its one algorithm; Unauthenticated."""
    signed, _, signature = token.rpartition(".")
    if not signature_holds(signed.encode(), decoded(signature), key):
        raise invalid("the signature of the token does not hold")
    return decoded(signed.partition(".")[2])


def object_of(data: bytes, part: str) -> dict[str, object]:
    """Parse a JSON object; two members of one name, or deep nesting, are refused as no JSON is."""
    message = f"the {part} of the token is not a JSON object"
    try:
        tree = jiter.from_json(data, catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError as error:
        raise invalid(message) from error
    if not isinstance(tree, dict):
        raise invalid(message)
    return tree


def instant(claims: dict[str, object], name: str) -> float:
    """Return a NumericDate (RFC 7519 section 2), in seconds since 1970."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise invalid(f"claim `{name}` is missing or no time")
    return value
