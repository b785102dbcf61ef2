"""Sealing the trail, every second for as long as a worker serves, and keeping the newest block elsewhere."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from app.storage.anchors import AnchorError, File, anchor
from app.storage.sealing import FAULTS, MOST

if TYPE_CHECKING:
    from app.records.office import Office
    from app.storage.anchors import Anchor

PAUSE = 1.0
"""Seconds between two blocks: how long an act may be in no block."""
MINUTE = 60.0

_log = logging.getLogger(__name__)


async def keep_sealing(office: Office) -> None:
    """Seal until cancelled; what fails is tried again a second later."""
    places = anchors(office)
    while True:
        await asyncio.sleep(PAUSE)
        try:
            while await office.sealer.seal() > MOST // 2:  # what comes meanwhile is the next block's
                pass
            if due(office):
                await keep(office, places)
        except FAULTS as error:
            _log.warning("the trail could not be sealed: %s", type(error).__name__)


def own(office: Office) -> File:
    """The list of anchors in the server's own folder."""
    return File(office.sealer.home / "anchors")


def anchors(office: Office) -> list[Anchor]:
    """Every place where blocks are kept; the server's own comes last, since by it is known when it was done."""
    home = office.sealer.home / "stamps"
    return [*(anchor(url, home) for url in office.settings.anchors), own(office)]


def due(office: Office) -> bool:
    """Whether it is time to keep the newest block elsewhere: for all workers of this folder."""
    path = own(office).path
    return not path.exists() or time.time() - path.stat().st_mtime > office.settings.anchor_minutes * MINUTE


async def keep(office: Office, places: list[Anchor]) -> int:
    """Keep the newest block in every place, unless it is there already; returns in how many it was put."""
    block, mine = await office.sealer.newest(), own(office)
    last = mine.last()
    if block is None:
        return 0
    if last and last.number == block.number:
        mine.path.touch()
        return 0
    kept = 0
    for place in places:
        try:
            await place.keep(block)
        except (AnchorError, OSError) as error:
            _log.warning("the newest block is not kept at %s: %s", type(place).__name__, error)
        else:
            kept += 1
    return kept
