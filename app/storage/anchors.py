"""Keeping blocks of the chain elsewhere, so that even who has the database and the server cannot rewrite what was.

An anchor is named by a URL: `file:///…` appends lines to a file, which may be of another machine; `tsp+https://…` asks
a time-stamp authority (RFC 3161) and keeps its answer in the trail's folder. Software of others adds schemes by entry
points of the group `carnet.anchors`: a callable that takes the URL and that folder, and gives an `Anchor`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from app.storage.chain import Block

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = "carnet.anchors"
PATIENCE = 20.0
"""Seconds that a time-stamp authority has."""
SHA256 = bytes.fromhex("300d06096086480165030402010500")
"""AlgorithmIdentifier of SHA-256 (RFC 5754 section 2)."""
INTEGER, OCTETS, SEQUENCE = 0x02, 0x04, 0x30
TRUE = bytes.fromhex("0101ff")
LONG = 0x80
GRANTED = (b"\x00", b"\x01")
"""PKIStatus of an answer that holds a token (RFC 3161 section 2.4.2)."""


class AnchorError(Exception):
    """A block could not be kept elsewhere: said in the log, and tried again with the next one."""


class Anchor(Protocol):
    """A place elsewhere."""

    async def keep(self, block: Block) -> None:
        """Keep a block, durably; AnchorError or OSError where that fails."""


@dataclass(frozen=True)
class File:
    """A file of lines, one a block, only ever appended to."""

    path: Path

    async def keep(self, block: Block) -> None:
        """Append the block."""
        await asyncio.to_thread(self._append, block.line())

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    def last(self) -> Block | None:
        """The block that was kept last."""
        blocks = self.blocks()
        return blocks[-1] if blocks else None

    def blocks(self) -> list[Block]:
        """The blocks that it holds; the last piece of a line that a crash cut short is none."""
        lines = self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []
        return [Block.of_line(line) for line in lines]


@dataclass(frozen=True)
class TimeStamps:
    """A time-stamp authority; its answers are kept as `<number>.tsr`, which `openssl ts -verify` checks."""

    url: str
    folder: Path

    async def keep(self, block: Block) -> None:
        """Have the time of a block's header attested."""
        import httpx  # noqa: PLC0415 - where there is an authority

        nonce = secrets.token_bytes(8)
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.post(self.url, content=asked(block, nonce), headers=headers)
                answer.raise_for_status()
        except httpx.HTTPError as error:
            raise AnchorError(f"the time-stamp authority does not answer: {type(error).__name__}") from None
        if not attests(answer.content, block, nonce):
            raise AnchorError("the time-stamp authority attests something else")
        await asyncio.to_thread(self._write, block, answer.content)

    def _write(self, block: Block, answer: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / f"{block.number}.tsr").write_bytes(answer)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, LONG | len(length))) + length + content


def _number(value: bytes) -> bytes:
    bare = value.lstrip(b"\0")
    return _der(INTEGER, bare if bare and bare[0] < LONG else b"\0" + bare)


def asked(block: Block, nonce: bytes) -> bytes:
    """TimeStampReq (RFC 3161 section 2.4.1) for the SHA-256 of a block's header, with the authority's certificate."""
    imprint = _der(SEQUENCE, SHA256 + _der(OCTETS, bytes.fromhex(block.digest)))
    return _der(SEQUENCE, _number(b"\1") + imprint + _number(nonce) + TRUE)


def _content(der: bytes) -> bytes:
    """What an element holds; b"" for what is none."""
    if len(der) < 2:  # noqa: PLR2004 - a tag and a length
        return b""
    size, start = der[1], 2
    if size & LONG:
        start += size & ~LONG
        size = int.from_bytes(der[2:start])
    return der[start : start + size]


def attests(answer: bytes, block: Block, nonce: bytes = b"") -> bool:
    """Whether an answer is granted and about this block; who signed it is for `openssl ts -verify` to say."""
    status = _content(_content(answer))
    about = _der(OCTETS, bytes.fromhex(block.digest)) in answer
    return _content(status) in GRANTED and about and (not nonce or _number(nonce) in answer)


def _file(url: str, _: Path) -> Anchor:
    return File(Path(unquote(urlsplit(url).path)))


def _time_stamps(url: str, folder: Path) -> Anchor:
    return TimeStamps(url.removeprefix("tsp+"), folder)


SCHEMES: dict[str, Callable[[str, Path], Anchor]] = {
    "file": _file,
    "tsp+http": _time_stamps,
    "tsp+https": _time_stamps,
}


def anchor(url: str, folder: Path) -> Anchor:
    """The place that a URL names; ValueError for a scheme that nobody knows."""
    scheme = urlsplit(url).scheme
    if scheme in SCHEMES:
        return SCHEMES[scheme](url, folder)
    for point in entry_points(group=GROUP, name=scheme):
        made: Anchor = point.load()(url, folder)
        return made
    raise ValueError(f"no anchor is known by `{scheme}:`")
