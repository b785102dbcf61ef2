"""Telling the holder: the work beside the requests that makes messages of what happened and sends them.

It reaches what happened through the outbox alone (`app.storage.outbox`): no request waits for it, and it shows nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from app.errors import Refusal
from app.notices import channels
from app.records.messages import Fate, deliver
from app.records.telling import spread
from app.storage.keys import Unreadable

if TYPE_CHECKING:
    from app.notices.channels import Channel
    from app.records.office import Office

IDLE = 1.0
"""Seconds until an empty outbox is looked at again."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds that a sender waits when the other side does not answer: from the first, twice as long each time."""
BATCH = 100

_log = logging.getLogger(__name__)


class Pace:
    """So much a second at most, for all who share it: a long backlog is told while others go on reading."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._free = 0.0

    async def keep(self, number: int) -> None:
        """Rest after so much was done, until it is within the pace: what it took to do it counts as rest."""
        now, share = time.monotonic(), number / self._rate
        self._free = max(self._free, now - share) + share
        await asyncio.sleep(self._free - now)


async def keep_telling(office: Office) -> None:
    """Tell until cancelled; what fails is tried again, for nothing leaves the outbox before it is done."""
    rate = office.settings.notice_rate
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_spreading(office, Pace(rate)))
        pace = Pace(rate)
        for channel in channels.configured(office.settings):
            for _ in range(office.settings.notice_senders):
                sender = await stack.enter_async_context(channel.sender())
                tasks.create_task(_keep_sending(office, channel, sender, pace))


async def _keep_spreading(office: Office, pace: Pace) -> None:
    while True:
        try:
            done = await spread(office, BATCH)
        except (Refusal, Unreadable, OSError) as error:
            _log.warning("notices wait: %s", type(error).__name__)
            done = 0
        await pace.keep(done)
        if done < BATCH:
            await asyncio.sleep(IDLE)


async def _keep_sending(office: Office, channel: Channel, sender: channels.Sender, pace: Pace) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            fates = await deliver(office, channel.way, sender.send)
        except channels.Down as error:
            _log.warning("%s does not take messages: %s", channel.way, error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            continue
        except (Refusal, OSError) as error:
            _log.warning("messages wait: %s", type(error).__name__)
            fates = []
        pause = FIRST_PAUSE
        await pace.keep(len(fates))
        if failed := fates.count(Fate.FAILED):
            _log.warning("%d messages will never arrive by %s", failed, channel.way)
        if not fates:
            await asyncio.sleep(IDLE)
