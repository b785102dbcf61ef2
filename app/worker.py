"""`carnet worker`: tells people and asks the feed, beside servers whose setting `notices` is false."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from app.feeds import keep_asking
from app.main import furnish
from app.notices import keep_telling
from app.records import messages

if TYPE_CHECKING:
    from asyncpg import Record

    from app.records.office import Office
    from app.settings import Settings


PATIENCE = 10
"""How much this process gives way to those who answer requests (nice(2))."""


async def tell(settings: Settings) -> None:
    """Work until a signal ends it; what is on its way then is taken back, and done by the next worker."""
    os.nice(PATIENCE)
    async with furnish(settings) as office:
        task = asyncio.create_task(_work(office))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        with suppress(asyncio.CancelledError):
            await task


async def _work(office: Office) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_telling(office))
        tasks.create_task(keep_asking(office))


async def waiting(settings: Settings) -> list[Record]:
    """How many messages wait, by way."""
    async with furnish(settings) as office, office.database.link() as link:
        return await messages.waiting(link)
