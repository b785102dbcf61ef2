"""Comparing the standby with the primary, every second for as long as a worker serves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.storage.replica import LOOK

if TYPE_CHECKING:
    from app.records.office import Office


async def keep_comparing(office: Office) -> None:
    """Look how far the standby has come, until cancelled."""
    while office.replica is not None:
        await office.replica.compare(office.database)
        await asyncio.sleep(LOOK)
