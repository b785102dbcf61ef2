"""The keys that sign and verify tokens, kept in the server's private data folder.

`signing.pem` signs. It is made at the first start and kept readable by its owner alone. To rotate: write the public
half of the old key to `verifying/<any name>.pem`, put a new `signing.pem` in place (RSA of 2048 bits or more, or EC
P-384), restart; take the old half away when its last token has expired.

A new key is RSA-3072: the French agency for the security of information systems (ANSSI) advises it over 2048 for use
beyond 2030. A verification takes 32 µs instead of 17, paid once for each token, for verified tokens are remembered.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from stat import S_IMODE
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from pathlib import Path

Key = RSAKey | ECKey
"""A private key, or its public half."""

SIGNING = "signing.pem"
VERIFYING = "verifying"
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


def _public(key: Key) -> Key:
    algorithm(key)
    pem = key.as_pem(private=False)
    return RSAKey.import_key(pem) if isinstance(key, RSAKey) else ECKey.import_key(pem)


def _read(path: Path) -> Key:
    pem = path.read_bytes()
    raw = load_pem_private_key(pem, None) if b"PRIVATE KEY" in pem else load_pem_public_key(pem)
    return RSAKey.import_key(pem) if isinstance(raw, RSAPrivateKey | RSAPublicKey) else ECKey.import_key(pem)


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
