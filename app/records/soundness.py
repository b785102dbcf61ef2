"""Is a worker able to do what it is there for? Each of its parts is asked, as a request would use it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from app.errors import Refusal
from app.storage.session import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.records.office import Office

PATIENCE = 2.0
"""Seconds that a part has to say that it is there."""
BELIEVED = 0.5
"""Seconds for which what was found is told again: whoever asks without pause costs nothing."""


class Soundness:
    """What stands against serving, found anew now and then."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._found: tuple[str, ...] = ()
        self._until = float("-inf")
        self._asking = asyncio.Lock()

    async def missing(self) -> tuple[str, ...]:
        """Names of the parts that do not answer or cannot be written to: database, trail, keys, contents."""
        async with self._asking:
            if time.monotonic() > self._until:
                self._found = await self._look()
                self._until = time.monotonic() + BELIEVED
        return self._found

    async def _look(self) -> tuple[str, ...]:
        office = self._office
        asked = {"database": self._database, "keys": office.keys.refuse_loss, "contents": office.contents.refuse_loss}
        answers = await asyncio.gather(*(_answers(part) for part in asked.values()))
        missing = [name for name, answer in zip(asked, answers, strict=True) if not answer]
        if not office.trail.sound():
            missing.append("trail")
        return tuple(missing)

    async def _database(self) -> None:
        """It answers, and takes what the trail writes: it is no standby, and its rights are there."""
        async with self._office.database.link() as link:
            await self._office.trail.probe(link)


async def _answers(part: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await part()
    except (Refusal, *LOST):
        return False
    return True
