"""Contents that no row names, left by a crash between a content and its row; and rows whose content is gone.

Nobody reaches an orphan: what names a content, and the key that opens it, stand in its row alone. It only takes room.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from app.policy.guard import RECORD
from app.storage.contents import name_of
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record
from app.storage.ways import uncited

if TYPE_CHECKING:
    from app.records.office import Office

YOUNG = timedelta(days=2)
"""What is younger may be named by a transaction that is under way."""
BINARY = TABLES["Binary"]
RECORDS = Statement(select(record.c.id))
CITED = Statement(select(BINARY.c.content).where(BINARY.c.record == RECORD), Unjudged.SWEPT)
UNCITED = Statement(select(uncited.c.content), Unjudged.SWEPT)


class Found(NamedTuple):
    """Objects of the store, those of them that no row names, and contents of rows that are not in the store."""

    objects: int
    orphans: list[str]
    missing: int


async def look(office: Office) -> Found:
    """Compare the store with the rows, record by record; what was put within two days is left out.

    The store is listed before the rows are read: a content whose row comes meanwhile is no orphan. It takes some 100
    bytes of memory for each content, and a statement for each record.
    """
    last = f"{datetime.now(UTC) - YOUNG:%Y%m%d}"
    kept = {name async for name in office.contents.names() if name < last}
    named: set[str] = set()
    async with office.database.link() as link:
        for row in await RECORDS.rows(link):
            contents = await CITED.rows(link, record=row["id"])
            named |= {name_of(one["content"]) for one in contents if one["content"]}
        named |= {name_of(one["content"]) for one in await UNCITED.rows(link)}
    old = {name for name in named if name < last}
    return Found(len(kept), sorted(kept - named), len(old - kept))


async def drop(office: Office, orphans: list[str]) -> None:
    """Delete objects that no row names."""
    for name in orphans:
        await office.contents.drop(name)
