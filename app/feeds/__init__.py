"""The insurer's feed: asked for 24 months of care when a record opens, then for what comes (L.1111-15, R.1111-42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.records.office import Office


async def keep_asking(office: Office) -> None:
    """Ask until cancelled, if the settings name a feed."""
    if office.settings.feed_url:
        from app.feeds.asking import keep  # noqa: PLC0415 - a server without a feed needs none of it

        await keep(office)
