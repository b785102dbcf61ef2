"""Random bytes of the operating system, by the page: a call for each id costs 15 µs, and a transaction makes forty.

What was handed out is never handed out again, in a forked process neither.
"""

from __future__ import annotations

import os

PAGE = 4096


class _Page:
    """What is left of the last page."""

    __slots__ = ("data", "place")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.data = b""
        self.place = 0

    def take(self, size: int) -> bytes:
        if self.place + size > len(self.data):
            self.data = os.urandom(max(PAGE, size))
            self.place = 0
        start = self.place
        self.place += size
        return self.data[start : self.place]


_page = _Page()
os.register_at_fork(after_in_child=_page.clear)


def random_bytes(size: int) -> bytes:
    """So many bytes that nobody can guess; for names and not for keys, which come from the system one by one."""
    return _page.take(size)
