"""One data key a record, kept in a private folder outside the database, the contents and the backups of both.

Destroying a record's key makes everything that it wraps unreadable at once, in every copy and every restored backup
(R.1111-40 names the right; policy section 5, `destroy`). A key management service can stand behind the same small face.

    keys/             0700, never shared with other software
        master        the key that wraps every other one; made at the first start
        destroyed     the list of destructions, one name a line, only ever appended to
        lock          shared while a key is made, exclusive while one is destroyed
        new/          keys being written
        ab/abcdef…    one wrapped key, under the first two characters of its name

Wrapping is AES-256-GCM (NIST SP 800-38D) with a random nonce and a context as associated data, so that what was wrapped
for one purpose or name does not open as another.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import secrets
from collections import OrderedDict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_BYTES = 32
NONCE_BYTES = 12
CACHED = 4096
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


class Unreadable(Exception):  # noqa: N818 - says what became of the bytes
    """What was kept cannot be read. Never for the wire: the message names no record, and the caller answers."""


class DestroyedKey(Unreadable):
    """The key was destroyed: what it wrapped is gone for good, and the name can never have a key again."""


class UnknownKey(Unreadable):
    """No key was ever made under this name."""


class Tampered(Unreadable):
    """Sealed bytes that do not open: altered, cut, or sealed under another key, name or purpose."""


class DamagedStore(Exception):  # noqa: N818
    """The key folder is open to others, or lacks its master key or its list: the start is refused."""


def wrap(key: bytes, secret: bytes, context: str) -> bytes:
    """Seal a small secret: 12 bytes of nonce, the secret encrypted under `key` (32 bytes), 16 bytes of tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, context.encode())


def unwrap(key: bytes, wrapped: bytes, context: str) -> bytes:
    """Open what `wrap` sealed with the same key and context.

    Raises:
        Tampered: it does not open.
    """
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise Tampered from None


class Destructions:
    """The list of destructions: a file that every worker appends to and watches."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Inode and size of the file when it was read, and what it named. One tuple, so that a thread which read an
        # older file can never leave its names beside the mark of a newer one.
        self._seen: tuple[tuple[int, int], frozenset[str]] = ((0, 0), frozenset())

    def names(self) -> frozenset[str]:
        """Every name on the list, by whichever worker.

        Costs one `stat` (1.5 µs on a local disk); the file is read again only when it grew or was replaced. What was
        once seen on it is never forgotten, and a list that is missing is an error, not an empty list.
        """
        found = self._path.stat()
        mark = (found.st_ino, found.st_size)
        seen, names = self._seen
        if mark != seen:
            # The last piece is empty, or a line that a crash cut short: it was never acknowledged.
            lines = self._path.read_text("ascii").split("\n")[:-1]
            names |= frozenset(lines)
            self._seen = (mark, names)
        return names

    def append(self, name: str) -> None:
        """Add one name, durable on return. The caller holds the exclusive lock."""
        torn = self._path.read_bytes()[-1:] not in {b"", b"\n"}
        with self._path.open("ab") as file:
            file.write(b"\n" * torn + name.encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())


class KeyStore:
    """The keys of one server, in a folder that all its workers share.

    Names are record keys, or names of the server's own (lower case letters, digits and hyphens, 2 to 63). Keys last
    used stay in the memory of the worker; a destruction by another worker is respected because every `get` first
    looks at the list of destructions.

    Overwriting erases a key where the disk writes in place; on copy-on-write file systems and flash the old bytes may
    outlive it, wrapped by the master key, so the folder belongs on an encrypted volume and its backups live shortly.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder, or make it at the first start; finish what a crash or a restored folder left undone.

        Raises:
            DamagedStore: others may read it, or its master key or list is missing.
        """
        self._folder = folder
        self._cache: OrderedDict[str, bytes] = OrderedDict()
        self._list = Destructions(folder / "destroyed")
        self._purged: frozenset[str] = frozenset()
        _private(folder)
        with self._locked(fcntl.LOCK_EX):
            _private(folder / "new")
            for leftover in (folder / "new").iterdir():
                leftover.unlink()
            self._master = self._first_start() if self._is_new() else self._open_master()
            for name in self._list.names():
                _erase(self._path(name))

    async def get(self, name: str) -> bytes:
        """The key (32 bytes) of a name.

        Raises:
            DestroyedKey: it was destroyed, by this worker or another.
            UnknownKey: there never was one.
            Tampered: its file was altered, or belongs to another name or master key.
        """
        self._refuse_destroyed(name)
        if (key := self._cache.get(name)) is not None:
            self._cache.move_to_end(name)
            return key
        try:
            key = await asyncio.to_thread(self._load, name)
        finally:
            # Destroyed while it was read: that is the answer, not the half-erased file.
            self._refuse_destroyed(name)
        return self._remember(name, key)

    async def get_or_create(self, name: str) -> bytes:
        """The key (32 bytes) of a name, made and durable on return if there was none.

        Workers that ask at once get the same key.

        Raises:
            DestroyedKey: it was destroyed; a name never gets a second key.
            Tampered: as `get`.
        """
        try:
            return await self.get(name)
        except UnknownKey:
            return self._remember(name, await asyncio.to_thread(self._create, name))

    async def destroy(self, name: str) -> None:
        """Destroy the key of a name, whether it has one or not; again is no error.

        The list comes first: once it is on disk the destruction holds, and a crash before the file is erased is made
        good at the next start.
        """
        await asyncio.to_thread(self._destroy, name)
        self._cache.pop(name, None)

    def destroyed(self) -> frozenset[str]:
        """Every name whose key was destroyed: what a restored database replays before it serves."""
        return self._list.names()

    async def refuse_loss(self) -> None:
        """Raise OSError where the folder or one of its two parts is gone, or nothing can be written into it."""
        self._list.names()
        (self._folder / "master").stat()
        if not os.access(self._folder / "new", os.W_OK | os.X_OK):
            raise PermissionError

    def names(self, prefix: str) -> list[str]:
        """Names of the keys that begin with `prefix` (at least two characters), in order."""
        return sorted(path.name for path in self._path(prefix).parent.glob(f"{prefix}*"))

    def _path(self, name: str) -> Path:
        # Also keeps slashes and line ends out of paths and of the list.
        if not NAME.fullmatch(name):
            message = "a key's name is 2 to 63 lower case letters, digits and hyphens"
            raise ValueError(message)
        return self._folder / name[:2] / name

    def _refuse_destroyed(self, name: str) -> None:
        destroyed = self._list.names()
        if destroyed is not self._purged:
            for gone in destroyed & self._cache.keys():
                del self._cache[gone]
            self._purged = destroyed
        if name in destroyed:
            raise DestroyedKey

    def _remember(self, name: str, key: bytes) -> bytes:
        self._cache[name] = key
        self._cache.move_to_end(name)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return key

    def _load(self, name: str) -> bytes:
        try:
            wrapped = self._path(name).read_bytes()
        except FileNotFoundError:
            raise UnknownKey from None
        return unwrap(self._master, wrapped, f"key|{name}")

    def _create(self, name: str) -> bytes:
        with self._locked(fcntl.LOCK_SH):
            if name in self._list.names():
                raise DestroyedKey
            key = os.urandom(KEY_BYTES)
            placed = self._place(self._path(name), wrap(self._master, key, f"key|{name}"))
            return key if placed else self._load(name)

    def _destroy(self, name: str) -> None:
        path = self._path(name)
        with self._locked(fcntl.LOCK_EX):
            if name not in self._list.names():
                self._list.append(name)
            _erase(path)

    def _place(self, target: Path, data: bytes) -> bool:
        """Write a file whole and durable, or not at all; false if another worker was first."""
        target.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = self._folder / "new" / secrets.token_hex(16)
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never replaces the key that another worker made meanwhile.
            os.link(temporary, target)
        except FileExistsError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
            _sync(target.parent)
            _sync(self._folder)
        return True

    def _is_new(self) -> bool:
        """Whether nothing was ever kept here. A crash within the first start leaves an empty list at most."""
        listed = self._folder / "destroyed"
        begun = next(self._folder.glob("??"), None) or (listed.exists() and listed.stat().st_size)
        return not begun and not (self._folder / "master").exists()

    def _first_start(self) -> bytes:
        self._place(self._folder / "destroyed", b"")
        master = os.urandom(KEY_BYTES)
        self._place(self._folder / "master", master)
        return master

    def _open_master(self) -> bytes:
        # A new master key beside old keys, or an empty list beside destroyed ones, would hide a loss.
        for part in ("master", "destroyed"):
            if not (self._folder / part).exists():
                message = f"the key folder has lost its `{part}`: restore it before the start"
                raise DamagedStore(message)
        return (self._folder / "master").read_bytes()

    @contextmanager
    def _locked(self, mode: int) -> Iterator[None]:
        """Hold the folder's lock (flock(2)), which also binds threads, for each opens the file anew."""
        handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, mode)
            yield
        finally:
            os.close(handle)


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        message = "the key folder is open to other users: `chmod 700` it"
        raise DamagedStore(message)


def _erase(path: Path) -> None:
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
