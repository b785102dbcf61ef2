"""Passwords: argon2id (RFC 9106) off the event loop, and a list of those that everybody tries first.

The parameters are OWASP's (Password Storage Cheat Sheet): 12 MiB, three passes, one lane. A worker hashes one at a
time, on a thread that yields to the others, so that logins cost memory once and reads wait for none.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from app.errors import BrokenRule, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher

T = TypeVar("T")
LEAST, MOST = 10, 128
"""Characters of a password."""
DIFFERENT = 5
"""Characters of it that differ from each other, at least."""
WAITING = 64
"""Hashes that wait for their turn; past that the server says that it is busy."""
MEMORY, PASSES = 12 << 10, 3
NICE = 19
SPELT = str.maketrans("@4310$5!7+", "aaeiossitt")
"""How letters are disguised."""
TAIL = re.compile(r"[\W\d_]+$|^[\W\d_]+")


class Hasher:
    """Hashes and verifies, one after the other."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The hash of a password."""
        return await self._run(lambda: _argon().hash(password))

    async def verify(self, known: str, password: str) -> bool:
        """Whether a password is that of a hash; without one ("") it takes as long, and is False."""
        return await self._run(lambda: _holds(known or self._of_nobody(), password)) and bool(known)

    def _of_nobody(self) -> str:
        self._nobody = self._nobody or _argon().hash(secrets.token_urlsafe())
        return self._nobody

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Unavailable("too many sign-ins at once", headers={"Retry-After": "2"})
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "argon2", self._ready)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def _ready(self) -> None:
        """On the thread: let others first, and be as quick for nobody as for somebody."""
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        self._of_nobody()


@cache
def _argon() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415 - most workers sign nobody in for a while

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=1)


def _holds(known: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415

    try:
        return _argon().verify(known, password)
    except (Argon2Error, InvalidHashError):
        return False


def check(password: str, *, number: str) -> None:
    """Refuse a password that is short, one of the first that everybody tries, or made of the person; BrokenRule."""
    plain = password.casefold()
    if not LEAST <= len(password) <= MOST:
        raise BrokenRule(f"a password has {LEAST} to {MOST} characters", reason="password-length")
    if len(set(plain)) < DIFFERENT or common(plain) or (number and number[:13].casefold() in plain):
        raise BrokenRule("the password is one of those that are tried first", reason="password-common")


def common(plain: str) -> bool:
    """Whether a password, or what is left of it without disguise, is on the list; in lower case."""
    bare = TAIL.sub("", plain)
    forms = {plain, bare, plain.translate(SPELT), bare.translate(SPELT), TAIL.sub("", plain.translate(SPELT))}
    half = plain[: len(plain) // 2]
    doubled = half * 2 == plain and _listed(half)
    return doubled or any(map(_listed, forms))


def _listed(word: str) -> bool:
    return bool(word) and f"\n{word}\n".encode() in _list()


@cache
def _list() -> bytes:
    return (files(__package__) / "data" / "passwords.txt").read_bytes()
