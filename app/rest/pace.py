"""How many requests one caller may make: a rate and a burst, counted by each worker for itself."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from app.errors import Throttled

if TYPE_CHECKING:
    from app.access import Access

MOST = 10_000
"""Callers that are remembered; past it those who were quiet are forgotten, or all, where that leaves too many."""


class Pace:
    """A bucket of tokens for each software and person (or the software alone, where it speaks for nobody).

    A bucket holds `burst` tokens and gets `rate` each second. It is kept as one number, the moment at which it will be
    full again: so nothing runs, and who is quiet costs nothing.
    """

    def __init__(self, rate: int, burst: int) -> None:
        self._each = 1 / rate if rate else 0.0
        self._burst = burst * self._each
        self._full: dict[tuple[str, str, str], float] = {}
        self._told: set[tuple[str, str, str]] = set()

    def __len__(self) -> int:
        return len(self._full)

    def take(self, access: Access, now: float | None = None) -> None:
        """Take one token of a caller; Throttled where he has none, its `first` true once for each time he runs dry."""
        if not self._each:
            return
        moment = time.monotonic() if now is None else now
        who = (access.client, access.kind.value, access.subject)
        full = max(self._full.get(who, 0.0), moment) + self._each
        if full - moment > self._burst:
            raise self._late(who, full - moment - self._burst)
        self._told.discard(who)
        self._full[who] = full
        if len(self._full) > MOST:
            kept = {one: end for one, end in self._full.items() if end > moment}
            self._full = kept if len(kept) < MOST / 2 else {}
            self._told &= self._full.keys()

    def charge(self, access: Access, more: int) -> None:
        """Take so many tokens more, of a request that turned out to be several: what is not there is owed."""
        who = (access.client, access.kind.value, access.subject)
        if self._each and more > 0 and who in self._full:
            self._full[who] += more * self._each

    def _late(self, who: tuple[str, str, str], seconds: float) -> Throttled:
        first = who not in self._told
        self._told.add(who)
        headers = {"Retry-After": str(max(1, math.ceil(seconds)))}
        return Throttled("too many requests: slow down", reason="too-many-requests", headers=headers).once(first=first)
