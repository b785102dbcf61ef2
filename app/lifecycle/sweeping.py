"""Sweeping, now and then, for as long as a worker serves. Every worker runs it: what one swept, the next finds gone."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from app.records import destroying
from app.records.uncited import sweep
from app.storage.auth import flows
from app.storage.keys import Unreadable
from app.storage.sealing import FAULTS

if TYPE_CHECKING:
    from app.records.office import Office

PAUSE = 3600.0
"""Seconds between two sweeps."""

_log = logging.getLogger(__name__)


async def keep_sweeping(office: Office) -> None:
    """Sweep now and then until cancelled; a sweep that fails is tried again at the next hour."""
    while True:
        try:
            await sweep(office)
            async with office.database.link() as link:
                await flows.sweep(link)
            await destroying.finish(office)
            await destroying.end_terms(office)
            for month in await office.sealer.drop(office.settings.trail_years):
                _log.info("the trail of %s is past its term and gone", month.strftime("%Y-%m"))
        except (Unreadable, *FAULTS) as error:
            _log.warning("the sweep failed: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
        with suppress(*FAULTS):  # the start did it already
            await office.sealer.ahead()
