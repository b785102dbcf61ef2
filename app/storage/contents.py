"""The bytes of documents: encrypted, in an object store outside the database, streamed both ways in flat memory.

An object is its content, cut into segments of 64 KiB, each sealed with AES-256-GCM (NIST SP 800-38D) under a content
key that serves this one object. The nonce is the segment's number and, in its last byte, whether it is the last (the
STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015), so a segment that is altered, swapped, missing
or added does not open. An object is never changed once it is written.

The content key, wrapped by the record's key, is not in the object but in the text that names the content:

    20261122/0f8e…c1.ZWx1…      <day>/<32 hexadecimal digits>.<wrapped content key, base64url>

That text belongs in the row of the Binary. So refiling a content is one UPDATE of that row, in the same transaction as
what caused it; and an object whose row was never committed can be read by nobody.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import logging
import os
import re
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError, PermissionDeniedError
from obstore.store import LocalStore, from_url

from app.errors import TooLarge, Unavailable
from app.storage.entropy import random_bytes
from app.storage.keys import KEY_BYTES, Tampered, Unreadable, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from obstore.store import ClientConfig, ObjectStore, RetryConfig
    from typing_extensions import Buffer

    from app.storage.keys import KeyStore

SEGMENT = 64 << 10
SEALED = SEGMENT + 16
LOCAL_PART = 1 << 20
REMOTE_TIME = timedelta(seconds=30)  # for one request, and for all of its tries
REMOTE_PART = 5 << 20  # S3 takes no smaller part of a multipart upload
WINDOW = 1 << 20
SMALL = 1 << 20
"""Bytes of an object that is kept in one piece."""
ROOM = 64 << 20
"""Bytes that a local store needs to be called sound: two of the largest contents."""
UNFILED = "unfiled-"
UNFILED_DAYS = 2
_log = logging.getLogger(__name__)
KEY = re.compile(r"(?P<name>(?P<day>[0-9]{8})/[0-9a-f]{32})\.(?P<wrapped>[A-Za-z0-9_-]{80})")

NAMED = re.compile("[0-9]{8}/[0-9a-f]{32}")


def name_of(key: str) -> str:
    """Name of the object that the text of a content names; Tampered where it names none."""
    return _parse(key)["name"]


class MissingContent(Unreadable):
    """The object is not in the store: deleted meanwhile, or lost."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was put: the text that names it, its size in bytes, its digests (`sha1` raw, `sha256` hexadecimal)."""

    key: str
    size: int
    sha1: bytes
    sha256: str

    @property
    def hash(self) -> str:
        """The SHA-1 in base64, as `Attachment.hash` has it (FHIR R4, data type Attachment)."""
        return base64.b64encode(self.sha1).decode()


def local(folder: Path) -> LocalStore:
    """A store in a private folder of this machine (0700), made if there is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(folder)


def remote(url: str, options: dict[str, str]) -> ObjectStore:
    """A store at a URL that obstore knows (`s3://bucket/prefix`, `gs://`, `az://`), with its options.

    Raises:
        ValueError: the URL or an option is unknown.
    """
    given: Any = options  # obstore's types want the options of one kind of store
    client: ClientConfig = {"allow_http": options.get("endpoint", "").startswith("http://"), "timeout": REMOTE_TIME}
    retry: RetryConfig = {"max_retries": 3, "retry_timeout": REMOTE_TIME}
    try:
        store: ObjectStore = from_url(url, config=given, client_options=client, retry_config=retry)
    except BaseError:  # its text would show the options, which hold credentials
        message = "the URL or the options of the object store are not understood"
        raise ValueError(message) from None
    return store


class Contents:
    """The contents of every record, in one object store.

    A content belongs to a record, or to the record "" until a document cites it (policy section 4, Binary). Unfiled
    contents are wrapped by a key of their day, which `retire` destroys: else a backup taken before a content was filed
    could still be read after its record was destroyed.

    Encrypting costs 4 µs a segment and the two digests 65 µs, less than a hop to a thread is worth: they stay on the
    event loop, which runs freely between segments.
    """

    def __init__(self, store: ObjectStore, keys: KeyStore) -> None:
        self._store = store
        self._keys = keys
        self._part = LOCAL_PART if isinstance(store, LocalStore) else REMOTE_PART
        self._root = store.prefix if isinstance(store, LocalStore) else None
        self._days: set[str] = set()
        self._waiting: dict[str, bytes] = {}
        self._unsettled: list[tuple[list[str], asyncio.Future[None]]] = []
        self._settler: asyncio.Task[None] | None = None

    async def put(self, record: str, chunks: AsyncIterable[bytes], *, limit: int) -> Content:
        """Keep what `chunks` yields, at most `limit` bytes; durable once `settle` has it.

        The same content put twice is kept twice: its digest is known only at the end, when it is already stored. A put
        that fails or is cancelled leaves nothing that can be read: a local store drops the unfinished file, in S3 a
        lifecycle rule for incomplete multipart uploads has to.

        Raises:
            TooLarge: there is more than `limit`; nothing more is read.
            DestroyedKey: the record was destroyed.
            Unavailable: the store cannot be reached, or is full.
        """
        name = f"{datetime.now(UTC):%Y%m%d}/{random_bytes(16).hex()}"
        secret = os.urandom(KEY_BYTES)
        key = await self._seal(record, name, secret)
        measure = _Measure(limit)
        await self._upload(name, _sealed(secret, measure.over(chunks)))
        return Content(key, measure.size, measure.sha1.digest(), measure.sha256.hexdigest())

    async def settle(self, keys: Iterable[str]) -> None:
        """Make contents that were put survive a crash: to be awaited before anything that names them is committed.

        Raises:
            Unavailable: the disk refuses.
        """
        names = [_parse(key)["name"] for key in keys]
        if names and self._root is not None:
            done = asyncio.get_running_loop().create_future()
            self._unsettled.append((names, done))
            if self._settler is None:
                self._settler = asyncio.create_task(self._settle(self._root), name="contents")
            await done

    async def _settle(self, root: Path) -> None:
        """Settle what waits, of every request in flight together, until nothing does."""
        try:
            while self._unsettled:
                waiting, self._unsettled = self._unsettled, []
                names = [name for those, _ in waiting for name in those]
                objects = [(root / name, self._waiting.pop(name, None)) for name in names]
                days, failed = {name.partition("/")[0] for name in names}, True
                try:
                    await asyncio.to_thread(_settle, objects, root if days - self._days else None)
                    self._days |= days
                    failed = False
                except Unavailable as error:
                    _log.error("%d contents could not be kept: %s", len(names), type(error.__cause__).__name__)
                finally:
                    _answer([done for _, done in waiting], failed=failed)
        finally:
            self._settler = None

    async def open(self, record: str, key: str) -> AsyncIterator[bytes]:
        """The content, decrypted segment by segment as it is asked for.

        What can be known before the first byte is raised here. A damaged object raises `Tampered` where the damage is,
        after good segments may have left: the size, sent before, tells the receiver that the rest is missing.

        Raises:
            DestroyedKey: the record was destroyed, at whatever worker.
            UnknownKey: the record has no contents at all.
            Tampered: the content is another record's, or was altered.
            MissingContent: there is no such object.
            Unavailable: the store cannot be reached.
        """
        name, secret = await self._unseal(record, key)
        with _reached():
            found = await obstore.get_async(self._store, name, options={"range": (0, WINDOW)})
            first = await found.bytes_async()
        return _opened(secret, self._arriving(name, first, found.meta["size"]))

    async def read(self, record: str, key: str) -> bytes:
        """The whole content at once; raises as `open`."""
        return b"".join([segment async for segment in await self.open(record, key)])

    async def refile(self, key: str, source: str, target: str) -> str:
        """The text that names the same content in record `target`; the object is not touched.

        The caller replaces the old text, which keeps opening the content for `source` until that key is destroyed.

        Raises:
            DestroyedKey: one of the two was destroyed.
            UnknownKey, Tampered: the content is not of `source`.
        """
        return await self._seal(target, *await self._unseal(source, key))

    async def delete(self, key: str) -> None:
        """Remove the object; again is no error.

        Raises:
            Tampered: the text is not one of `put`.
            Unavailable: the store cannot be reached.
        """
        name = _parse(key)["name"]
        if self._waiting.pop(name, None) is not None:
            return
        try:
            with _reached():
                await obstore.delete_async(self._store, name)
        except MissingContent:
            return

    async def names(self) -> AsyncIterator[str]:
        """Names of every object, in no order; what is no object of ours is left out. Raises Unavailable."""
        with _reached():
            async for batch in self._store.list():
                for found in batch:
                    if NAMED.fullmatch(found["path"]):
                        yield found["path"]

    async def drop(self, name: str) -> None:
        """Remove the object of a name; again is no error. Raises Unavailable."""
        with suppress(MissingContent), _reached():
            await obstore.delete_async(self._store, name)

    async def refuse_loss(self) -> None:
        """Raise where nothing can be kept: OSError for a folder that is read-only, full or gone, else Unavailable."""
        if self._root is not None:
            if not os.access(self._root, os.W_OK | os.X_OK):
                raise PermissionError
            left = os.statvfs(self._root)
            if left.f_bavail * left.f_frsize < ROOM:
                raise OSError(errno.ENOSPC, "no room")
            return
        with suppress(MissingContent), _reached(), suppress(PermissionDeniedError):  # who may not list is told so
            await obstore.head_async(self._store, "nothing")

    async def retire(self, today: date) -> int:
        """Destroy the keys of unfiled contents of the days before the day before yesterday; returns how many.

        To be called once a day after the sweep of Binaries that no document cited within 24 hours.
        """
        oldest = _unfiled(f"{today - timedelta(days=UNFILED_DAYS):%Y%m%d}")
        past = [name for name in self._keys.names(UNFILED) if name < oldest]
        for name in past:
            await self._keys.destroy(name)
        return len(past)

    async def _seal(self, record: str, name: str, secret: bytes) -> str:
        holder = await self._keys.get_or_create(record or _unfiled(name[:8]))
        return f"{name}.{base64.urlsafe_b64encode(wrap(holder, secret, _context(name))).decode()}"

    async def _unseal(self, record: str, key: str) -> tuple[str, bytes]:
        parts = _parse(key)
        holder = await self._keys.get(record or _unfiled(parts["day"]))
        name = parts["name"]
        return name, unwrap(holder, base64.urlsafe_b64decode(parts["wrapped"]), _context(name))

    async def _upload(self, name: str, segments: AsyncIterator[bytes]) -> None:
        """Keep an object: what fits in `SMALL` at once, which is a third of the work, the rest as it comes."""
        start = bytearray()
        async for segment in segments:
            start += segment
            if len(start) > SMALL:
                await self._stream(name, bytes(start), segments)
                break
        else:
            with _reached():
                await self._put(name, bytes(start))

    async def _put(self, name: str, data: bytes) -> None:
        if self._root is None or len(data) > SEALED:
            await obstore.put_async(self._store, name, data, use_multipart=False)
        else:  # written by `settle`, which goes to a thread anyway: half of what the store's own way of a file costs
            self._waiting[name] = data

    async def _stream(self, name: str, start: bytes, segments: AsyncIterator[bytes]) -> None:
        writer = obstore.open_writer_async(self._store, name, buffer_size=self._part, max_concurrency=2)
        # Leaving by an exception aborts the upload. Only what the store raises is translated, not what the sender does.
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(writer)
            with _reached():
                await writer.write(start)
            async for segment in segments:
                with _reached():
                    await writer.write(segment)
            with _reached():
                await stack.aclose()

    async def _arriving(self, name: str, first: Buffer, size: int) -> AsyncIterator[Buffer]:
        """The object as it is stored, window by window: the store's own stream took eight times the work."""
        yield first
        for start in range(WINDOW, size, WINDOW):
            with _reached():
                window = await obstore.get_range_async(self._store, name, start=start, length=min(WINDOW, size - start))
            yield window


class _Measure:
    """Size and digests of a stream, taken as it passes, and its limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.sha1 = hashlib.sha1(usedforsecurity=False)  # FHIR asks for it; nothing rests on it
        self.sha256 = hashlib.sha256()

    async def over(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Pass the chunks on; `TooLarge` past the limit."""
        async for chunk in chunks:
            self.size += len(chunk)
            if self.size > self.limit:
                raise TooLarge(f"a content may have at most {self.limit} bytes", reason="content-too-large")
            self.sha1.update(chunk)
            self.sha256.update(chunk)
            yield chunk


async def _segments(chunks: AsyncIterable[Buffer], size: int) -> AsyncIterator[tuple[bytes, bytes]]:
    """Cut a stream into pieces of `size` bytes, each with its nonce. There is always a last, which may be shorter."""
    buffer = bytearray()
    index = 0
    async for chunk in chunks:
        buffer += chunk
        # A full piece is held back until more follows, for it may be the last.
        while len(buffer) > size:
            yield index.to_bytes(11, "big") + b"\0", bytes(buffer[:size])
            del buffer[:size]
            index += 1
    yield index.to_bytes(11, "big") + b"\1", bytes(buffer)


async def _sealed(secret: bytes, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    cipher = AESGCM(secret)
    async for nonce, piece in _segments(chunks, SEGMENT):
        yield cipher.encrypt(nonce, piece, None)


async def _opened(secret: bytes, chunks: AsyncIterable[Buffer]) -> AsyncIterator[bytes]:
    cipher = AESGCM(secret)
    async for nonce, piece in _segments(chunks, SEALED):
        try:
            opened = cipher.decrypt(nonce, piece, None)
        except InvalidTag:
            raise Tampered from None
        yield opened


def _parse(key: str) -> re.Match[str]:
    parts = KEY.fullmatch(key)
    if parts is None:
        raise Tampered
    return parts


def _context(name: str) -> str:
    return f"content|{name}"


def _unfiled(day: str) -> str:
    """Name of the key of the contents of a day (yyyymmdd, UTC) that belong to no record yet."""
    return UNFILED + day


@contextmanager
def _reached() -> Iterator[None]:
    """Say in our words what went wrong in the store."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingContent from error
    except (BaseError, OSError) as error:
        raise Unavailable("document contents cannot be reached now, try again") from error


def _answer(waiting: list[asyncio.Future[None]], *, failed: bool) -> None:
    for done in waiting:
        if done.done():  # its request was cancelled
            continue
        if failed:
            done.set_exception(Unavailable("document contents cannot be kept now, try again"))
        else:
            done.set_result(None)


def _settle(objects: list[tuple[Path, bytes | None]], root: Path | None) -> None:
    """Make objects of a local store survive a crash: their bytes, their entries, and those of new folders in `root`.

    An object that comes with its bytes is not there yet. It is written under its own name: one that a crash left torn
    is named by no row.
    """
    folders = {path.parent for path, _ in objects}
    try:
        for folder in folders if root else ():
            folder.mkdir(exist_ok=True)
        for path, data in objects:
            if data is None:
                _sync(path)
            else:
                _write(path, data)
        for folder in (*folders, *([root] if root else [])):
            _sync(folder)
    except OSError as error:
        raise Unavailable("document contents cannot be kept now, try again") from error


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
