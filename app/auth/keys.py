"""The keys that sign and verify tokens, kept in the server's private data folder.

`signing.pem` signs. It is made at the first start and kept readable by its owner alone. `carnet key rotate` puts
another in its place: the new public half is in `verifying` first, so that every worker knows it before a token comes,
and the old one stays there until its last token has ended. Workers see by the folder that keys changed (`changed`). By
hand it goes the same way; a key of one's own is RSA of 2048 bits or more, or EC P-384.

`identity.pem` signs identity tokens and nothing else, with RS256 as OpenID Connect wants it (Core section 15.1): an
identity token is never an access token, not even by its key. It is made when it is first needed.

A new key is RSA-3072: the French agency for the security of information systems (ANSSI) advises it over 2048 for use
beyond 2030. A verification takes 32 µs instead of 17, paid once for each token, for verified tokens are remembered.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from stat import S_IMODE
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable

Key = RSAKey | ECKey
"""A private key, or its public half."""

SIGNING = "signing.pem"
VERIFYING = "verifying"
IDENTITY = "identity.pem"
IDENTITY_ALGORITHM = "RS256"
NEW_KEY_BITS = 3072
LEAST_BITS = 2048
TYPE = "at+jwt"  # RFC 9068 section 2.1: an access token is never taken for an identity token


def algorithm(key: Key) -> str:
    """Return the one algorithm that a key is for: RS384 for RSA, ES384 for EC P-384; ValueError for another key."""
    if isinstance(key, ECKey):
        if key.curve_name == "P-384":
            return "ES384"
    elif key.raw_value.key_size >= LEAST_BITS:
        return "RS384"
    raise ValueError(f"a token key is RSA of at least {LEAST_BITS} bits or EC P-384")


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The key that signs, and the public keys that verify, by kid (RFC 7638 thumbprint)."""

    private: Key
    public: dict[str, Key]

    @classmethod
    def of(cls, private: Key, *others: Key) -> SigningKeys:
        """Keys of which `private` signs, and its public half and `others` verify; ValueError for a weak key."""
        halves = [_public(key) for key in (private, *others)]
        return cls(private, {key.thumbprint(): key for key in halves})

    @classmethod
    def load(cls, data: Path) -> SigningKeys:
        """Read the keys of a data folder, and make the signing key if there is none.

        Of several processes that start at once, the first to finish its key wins and the others read it.
        PermissionError if anyone but its owner may read the key; ValueError if it is weak, or no key.
        """
        path = data / SIGNING
        if not path.exists():
            _make(path)
        others = [_read(other) for other in sorted((data / VERIFYING).glob("*.pem"))]
        return cls.of(_read_private(path), *others)

    @property
    def kid(self) -> str:
        """The kid of the key that signs."""
        return self.private.thumbprint()

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        """Return the public keys as a JWK Set (RFC 7517 section 5)."""
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm(key)}
                for kid, key in self.public.items()
            ]
        }

    def sign(self, claims: dict[str, object]) -> str:
        """Sign claims as a compact JWS; the claims leave as they are given."""
        header = {"alg": algorithm(self.private), "kid": self.kid, "typ": TYPE}
        return jws.serialize_compact(header, orjson.dumps(claims), self.private, algorithms=[header["alg"]])


def changed(data: Path) -> object:
    """Something that is another thing whenever the keys of a data folder are."""
    files = [data / SIGNING, *sorted((data / VERIFYING).glob("*.pem"))]
    return [(file.name, stat.st_mtime_ns, stat.st_ino) for file in files if (stat := _stat(file))]


def _stat(path: Path) -> os.stat_result | None:
    with suppress(FileNotFoundError):
        return path.stat()
    return None


def rotate(data: Path, pause: Callable[[], None], longest: float) -> str:
    """Put a new signing key in the place of the old one; returns its kid.

    `pause` gives the workers time to read the new public half before anything is signed with it. Halves that signed
    nothing for `longest` seconds, the longest that a token lives, are taken away.
    """
    old, new = SigningKeys.load(data), RSAKey.generate_key(NEW_KEY_BITS)
    folder = data / VERIFYING
    folder.mkdir(mode=0o700, exist_ok=True)
    for half in folder.glob("*.pem"):
        if half.stat().st_mtime + longest < time.time():
            half.unlink()
    for key in (old.public[old.kid], _public(new)):
        _put(folder / f"{key.thumbprint()}.pem", key.as_pem(private=False))
    pause()
    os.utime(folder / f"{old.kid}.pem")  # until now it signed
    _put(data / SIGNING, new.as_pem(private=True))
    return new.thumbprint()


def _put(path: Path, pem: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=".key-", delete=False) as draft:  # made with mode 0600
        draft.write(pem)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)


class IdentityKey:
    """Signs identity tokens; read, or made, when it is first needed."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @cached_property
    def private(self) -> RSAKey:
        """The key; ValueError for one that is no RSA key."""
        path = self._data / IDENTITY
        if not path.exists():
            _make(path)
        key = _read_private(path)
        if not isinstance(key, RSAKey):
            raise ValueError(f"{IDENTITY} is an RSA key")  # noqa: TRY004 - a file of the wrong content
        return key

    def jwk(self) -> dict[str, object]:
        """Its public half as a JWK."""
        key = _public(self.private)
        return {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": IDENTITY_ALGORITHM}

    def sign(self, claims: dict[str, object]) -> str:
        """Sign claims as an identity token."""
        header = {"alg": IDENTITY_ALGORITHM, "kid": self.private.thumbprint(), "typ": "JWT"}
        return jws.serialize_compact(header, orjson.dumps(claims), self.private, algorithms=[IDENTITY_ALGORITHM])

    def claims(self, token: str) -> dict[str, object]:
        """The claims of an identity token of ours, over or not; ValueError for any other."""
        try:
            found = jws.deserialize_compact(token, _public(self.private), algorithms=[IDENTITY_ALGORITHM])
        except (JoseError, ValueError) as error:
            raise ValueError("no identity token of this server") from error
        claims = orjson.loads(found.payload)
        if found.headers().get("typ") != "JWT" or not isinstance(claims, dict):
            raise ValueError("no identity token of this server")
        return claims


def _public(key: Key) -> Key:
    algorithm(key)
    pem = key.as_pem(private=False)
    return RSAKey.import_key(pem) if isinstance(key, RSAKey) else ECKey.import_key(pem)


def _read(path: Path) -> Key:
    pem = path.read_bytes()
    raw = load_pem_private_key(pem, None) if b"PRIVATE KEY" in pem else load_pem_public_key(pem)
    if isinstance(raw, RSAPrivateKey | RSAPublicKey):
        return RSAKey.import_key(raw)  # not its text: that a private key is sound is found out once, in 45 ms
    return ECKey.import_key(pem)


def _read_private(path: Path) -> Key:
    if S_IMODE(path.stat().st_mode) & 0o077:
        raise PermissionError(f"{path.name} may be read by others than its owner: its mode must be 0600")
    key = _read(path)
    if not key.is_private:
        raise ValueError(f"{path.name} holds a public key: it cannot sign")
    return key


def _make(path: Path) -> None:
    # The key is written whole beside its place and linked into it: a link never replaces a file, so a key that another
    # process made meanwhile stays, and nobody ever reads half a key.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".signing-") as draft:  # made with mode 0600
        draft.write(RSAKey.generate_key(NEW_KEY_BITS).as_pem(private=True))
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
