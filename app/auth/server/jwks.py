"""The public keys of software, by value or by address (SMART App Launch 2.2, asymmetric authentication).

Keys by address are fetched within bounds (`app.auth.server.fetching`) and kept as long as the answer's Cache-Control
says, an hour at most. A `kid` that is not among them has them fetched again, but not more than once in ten seconds:
whoever makes kids up does not make this server a load on another.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app.auth.keys import algorithm
from app.auth.server.fetching import UnreachableError, got

if TYPE_CHECKING:
    from app.auth.keys import Key
    from app.auth.server.party import Client

MOST_KEYS = 20
MOST_ADDRESSES = 1000
USUAL, LONGEST, AGAIN = 300.0, 3600.0, 10.0
"""Seconds that keys are kept where nothing is said, at most, and at least."""
MAX_AGE = re.compile(r"(?:^|,)\s*max-age=(\d{1,9})")
NO_STORE = re.compile(r"(?:^|,)\s*no-(?:store|cache)\b")


class KeysError(ValueError):
    """Keys that cannot be had; its message names nothing of the answer."""


@dataclass(slots=True)
class Fetched:
    """Keys of one address: when they were fetched and when they are to be fetched again (monotonic seconds)."""

    keys: dict[str, Key] = field(default_factory=dict)
    at: float = float("-inf")
    until: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeyRing:
    """Keys of all software, in one worker; `private` says that an address may be anywhere (setting `private_keys`)."""

    def __init__(self, *, private: bool = False) -> None:
        self.private = private
        self._fetched: dict[str, Fetched] = {}

    async def find(self, client: Client, kid: str) -> Key | None:
        """The key of that `kid`; None where the client has no such one. KeysError where its keys cannot be had."""
        if client.jwks:
            return _by_value(client.jwks).get(kid)
        if len(self._fetched) >= MOST_ADDRESSES and client.jwks_uri not in self._fetched:
            self._fetched.pop(next(iter(self._fetched)))
        kept = self._fetched.setdefault(client.jwks_uri, Fetched())
        now = time.monotonic()
        if now < kept.until and kid in kept.keys:
            return kept.keys[kid]
        async with kept.lock:
            if kept.at + AGAIN <= now:  # nobody fetched them meanwhile
                await self._fetch(client.jwks_uri, kept)
        return kept.keys.get(kid) if time.monotonic() < kept.until else None

    async def _fetch(self, address: str, kept: Fetched) -> None:
        """What is kept holds until other keys are there, or its time is over: no stranger's `kid` takes it away."""
        kept.at = time.monotonic()
        try:
            body, caching = await got(address, private=self.private)
        except UnreachableError as error:
            raise KeysError("the keys of the client cannot be fetched") from error
        kept.keys = read(body)
        kept.until = kept.at + _age(caching)


@lru_cache(maxsize=256)
def _by_value(jwks: str) -> dict[str, Key]:
    return read(jwks.encode())


def _age(caching: str) -> float:
    if NO_STORE.search(caching.lower()):
        return AGAIN
    match = MAX_AGE.search(caching.lower())
    return min(max(float(match[1]), AGAIN), LONGEST) if match else USUAL


def read(text: bytes) -> dict[str, Key]:
    """Usable keys of a JWK Set, by kid; KeysError for what is none, or holds a private key or one kid twice."""
    try:
        tree = orjson.loads(text)
        listed = tree["keys"]
        keys = [_key(one) for one in listed[:MOST_KEYS] if one.get("use", "sig") == "sig" and one.get("kid")]
    except KeysError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, JoseError) as error:
        raise KeysError("the keys of the client are no JWK Set") from error
    found = [(str(jwk["kid"]), key) for jwk, key in keys if key is not None]
    if len(dict(found)) != len(found):
        raise KeysError("the keys of the client name one kid twice")
    return dict(found)


def _key(jwk: dict[str, object]) -> tuple[dict[str, object], Key | None]:
    kind = {"RSA": RSAKey, "EC": ECKey}.get(str(jwk.get("kty")))
    if kind is None:
        return jwk, None
    key: Key = kind.import_key(jwk)  # type: ignore[attr-defined] # both have it
    if key.is_private:
        raise KeysError("the keys of the client are not public")
    try:
        usable = jwk.get("alg") in {None, algorithm(key)} and "verify" in jwk.get("key_ops", ("verify",))  # type: ignore[operator] # a JWK's is a list
    except ValueError:  # too weak, or another curve
        usable = False
    return jwk, key if usable else None
