"""The chain over the trail: what a block says, how digests of rows make one, and who signs it.

A block is over the rows that became visible since the block before, whichever worker wrote them. Its header is JSON,
signed and kept letter by letter; it names the SHA-256 of the header before it and the root of a Merkle tree over the
digests of its rows (RFC 6962 section 2.1: leaves and nodes are told apart by their first byte). So whoever holds one
signed header can check every row before it, and nobody can change one without the key.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from app.storage.keys import UnknownKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from app.storage.keys import KeyStore

DIGEST = 32
"""Bytes of a digest."""
NODE = b"\x01"
KEY = "trail"
"""Name in the key store of what the first signing key is made of; `trail-2` is that of the second, and so on."""
START = "3:3:"
"""The snapshot before the first transaction that a cluster can have."""

SHOWN = (
    "record", "id", "recorded", "action", "interaction", "caller_kind", "subject", "name", "profession", "specialty",
    "structure", "purpose", "client", "jti", "acr", "resource_type", "resource_id", "resource_version", "secret",
    "emergency", "request_id", "address",
)  # fmt: skip
"""Columns of the first part of a row's digest: who did what, when, to what."""
JUDGED = ("outcome", "reason", "detail")
"""Columns of the second: what a refused caller is not told of his own act."""
NAMED = ("documents", "query")
"""Columns of the third: what names documents that a holder may not know of."""
PARTS = {"a": SHOWN, "b": JUDGED, "c": NAMED}


def _digest(letter: str, columns: tuple[str, ...]) -> str:
    salt = f"sha256('{letter}'::bytea || uuid_send(e.salt))"
    return f"sha256(record_send(ROW({salt}, {', '.join('e.' + name for name in columns)})))"


LEAF = f"sha256('\\x00'::bytea || {' || '.join(_digest(*part) for part in PARTS.items())} || e.was)"
"""Digest of row `e` in SQL, as the functions of the database make it: for who will not trust these."""


class Kind(StrEnum):
    """What a block is about."""

    ROWS = "rows"
    FORGOTTEN = "forgotten"
    """Rows of destroyed records, as they are since the trail forgot what they held."""
    DROPPED = "dropped"
    """A month that is past its term, and gone."""
    CUT = "cut"
    """Blocks that were there and are not: somebody cut the chain, or restored the database."""
    RESTORED = "restored"
    """Who runs the server says why."""
    REKEYED = "rekeyed"
    """Another key signs from the next block on, which this one names."""
    RENUMBERED = "renumbered"
    """The database moved to a cluster with other transaction numbers."""


OF_ROWS = frozenset({Kind.ROWS, Kind.FORGOTTEN})


@dataclass(frozen=True, slots=True)
class Block:
    """One block, as it is kept."""

    number: int
    header: str
    signature: bytes

    @property
    def said(self) -> dict[str, Any]:
        """What the header says; ValueError where it is no header."""
        said = orjson.loads(self.header)
        if not isinstance(said, dict):
            raise ValueError("no header")  # noqa: TRY004 - as for what is no JSON
        return said

    @property
    def digest(self) -> str:
        """SHA-256 of the header, by which the next block names it."""
        return hashlib.sha256(self.header.encode()).hexdigest()

    @property
    def until(self) -> str:
        """The snapshot up to which rows are sealed."""
        return str(self.said["until"])

    def line(self) -> bytes:
        """The block as one line of JSON, for keeping elsewhere."""
        return orjson.dumps({"header": self.header, "signature": self.signature.hex()}) + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Block:
        """The block that `line` made; ValueError for anything else."""
        try:
            found = orjson.loads(line)
            return cls(orjson.loads(found["header"])["number"], found["header"], bytes.fromhex(found["signature"]))
        except (KeyError, TypeError) as error:
            raise ValueError("this line is no block") from error


def split(leaves: bytes) -> list[bytes]:
    """Digests of 32 bytes, one after the other, as a list."""
    return [leaves[at : at + DIGEST] for at in range(0, len(leaves), DIGEST)]


def _levels(leaves: bytes) -> Iterator[list[bytes]]:
    level, sha256 = split(leaves), hashlib.sha256
    yield level
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)] + odd
        yield level


def root(leaves: bytes) -> str:
    """Root of the tree over digests, in hexadecimal."""
    *_, top = _levels(leaves)
    return top[0].hex() if top else hashlib.sha256().hexdigest()


def path(leaves: bytes, index: int) -> list[str]:
    """What leads from one digest to the root: each step `l` or `r` for the side of the other one, and that one."""
    steps = []
    for level in _levels(leaves):
        beside = index ^ 1
        if len(level) > 1 and beside < len(level):
            steps.append(("l" if beside < index else "r") + level[beside].hex())
        index //= 2
    return steps


class Signer:
    """Signs blocks, with an Ed25519 key (RFC 8032) made of 32 secret bytes."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - when it is first needed

        self._key: Ed25519PrivateKey = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
        self.public: Ed25519PublicKey = self._key.public_key()

    @property
    def public_key(self) -> str:
        """The public key, 32 bytes in hexadecimal."""
        return self.public.public_bytes_raw().hex()

    def next(self, last: Block | None, kind: Kind, made: datetime, until: str, **said: Any) -> Block:  # noqa: ANN401
        """The block after another one; `said` is what it says beside its place."""
        header = {
            "number": last.number + 1 if last else 1,
            "kind": kind,
            "made": made.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "previous": last.digest if last else "",
            "until": until,
            **said,
        }
        text = orjson.dumps(header).decode()
        return Block(header["number"], text, self._key.sign(text.encode()))

    def made(self, block: Block) -> bool:
        """Whether this key signed a block."""
        return signed(self.public, block)


class Ring:
    """The keys of a chain, the oldest first. A block has the key of the one before, unless that names another."""

    def __init__(self, *secrets: bytes) -> None:
        self.signers = [Signer(secret) for secret in secrets]

    @classmethod
    async def load(cls, keys: KeyStore) -> Ring:
        """Every key there is; the first is made where there is none."""
        secrets = [await keys.get_or_create(KEY)]
        with suppress(UnknownKey):
            while True:
                secrets.append(await keys.get(f"{KEY}-{len(secrets) + 1}"))
        return cls(*secrets)

    @property
    def public_keys(self) -> list[str]:
        """The public keys, in hexadecimal."""
        return [one.public_key for one in self.signers]

    def made(self, block: Block) -> bool:
        """Whether one of these keys signed a block."""
        return any(one.made(block) for one in self.signers)

    def named(self, block: Block) -> Signer | None:
        """The key that a block names as the next; None where it names none, or one that is not here."""
        name = block.said.get("public_key") if block.said["kind"] == Kind.REKEYED else ""
        return next((one for one in self.signers if one.public_key == name), None)

    def knows(self, block: Block) -> bool:
        """Whether the block after this one can be signed."""
        return self.made(block) and (block.said["kind"] != Kind.REKEYED or self.named(block) is not None)

    def after(self, *blocks: Block | None) -> Signer:
        """The newest key that any of these blocks leads to; the last there is where none of them is of these keys."""
        found = [self._after(block) for block in blocks if block is not None and self.made(block)]
        return max(found, key=self.signers.index) if found else self.signers[-1]

    def _after(self, block: Block) -> Signer:
        return self.named(block) or next(one for one in self.signers if one.made(block))


def signed(key: Ed25519PublicKey, block: Block) -> bool:
    """Whether a key signed a block."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    try:
        key.verify(block.signature, block.header.encode())
    except InvalidSignature:
        return False
    return True
