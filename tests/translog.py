"""A transparency log, and the anchor that a distribution of its own would bring for it: the suite's plug-in.

The log appends the digests that it is sent to a Merkle tree and answers each with the size and root of the tree, its
signature over both, and the way from the digest to the root, as logs of RFC 9162 do. The anchor believes none of it
unchecked, and keeps the receipt beside the trail.
"""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.storage.anchors import AnchorError
from app.storage.chain import path, root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.storage.chain import Block


@dataclass
class Tree:
    """What the log holds. `lies` has it answer with no way, as if the entry were all it holds."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    leaves: bytes = b""
    lies: bool = False

    def append(self, digest: str) -> dict[str, Any]:
        """The receipt of one entry more."""
        self.leaves += bytes.fromhex(digest)
        size = len(self.leaves) // 32
        top = root(self.leaves)
        way = [] if self.lies else path(self.leaves, size - 1)
        return {"size": size, "root": top, "path": way, "signature": self.key.sign(f"{size} {top}".encode()).hex()}


@contextmanager
def logging(tree: Tree) -> Iterator[str]:
    """The log over HTTP; gives its URL, which ends with its public key."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(tree.append(said)).encode())

        def log_message(self, *_: object) -> None:
            """Not in the output of the tests."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{tree.key.public_key().public_bytes_raw().hex()}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def included(digest: str, way: list[str]) -> str:
    """The root that a way leads to."""
    at = bytes.fromhex(digest)
    for step in way:
        other = bytes.fromhex(step[1:])
        at = sha256(b"\1" + (other + at if step[0] == "l" else at + other)).digest()
    return at.hex()


@dataclass(frozen=True)
class Log:
    """The anchor: `log+http://host/<public key of the log>`."""

    url: str
    folder: Path

    async def keep(self, block: Block) -> None:
        """Have the log take the block in, and keep what proves it."""
        url = self.url.removeprefix("log+")
        async with httpx.AsyncClient() as client:
            receipt = (await client.post(url, content=block.digest)).json()
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(url.rpartition("/")[2]))
        try:
            key.verify(bytes.fromhex(receipt["signature"]), f"{receipt['size']} {receipt['root']}".encode())
        except InvalidSignature:
            raise AnchorError("the log did not sign this") from None
        if included(block.digest, receipt["path"]) != receipt["root"]:
            raise AnchorError("the log did not take the block in")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / f"{block.number}.receipt").write_text(json.dumps(receipt))
