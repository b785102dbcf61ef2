"""Page tokens of answers that are merged from several statements: of one caller, one question, and an hour.

The token of a search of one type is made beside its rows (`app.records.searching`); it ends after the same time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.storage import search
from app.storage.rows import CLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.records.office import Office
    from app.storage.statement import Link


def hour(moment: datetime) -> datetime:
    """When a token says that it was made: the same question has the same link for a while."""
    return moment.replace(minute=0, second=0, microsecond=0)


def check_age(since: object, now: datetime | None, hours: int) -> None:
    """Refuse the token of a page that was shown too long ago, by the database's clock."""
    if isinstance(since, datetime) and now and now - since > timedelta(hours=hours):
        raise BadValue("`_cursor` is too old: search again", reason="cursor-expired")


async def opened(office: Office, link: Link, said: Sequence[str], cursor: str) -> tuple[object, ...]:
    """Keys of the place that a token was made for; () without one.

    BadValue for what was made for another question or somebody else, or is too old.
    """
    if not cursor:
        return ()
    since, *keys = search.unsealed(said, cursor, office.secret)
    check_age(since, await CLOCK.value(link), office.settings.cursor_hours)
    return tuple(keys)


async def closed(office: Office, link: Link, said: Sequence[str], keys: Sequence[object]) -> str:
    """The token of a place, given by its keys; `said` is all that was asked, and by whom."""
    return search.sealed(said, [hour(await CLOCK.value(link)), *keys], office.secret)
