"""Contents that no document cited within a day, and the keys of the days before (policy.md section 4, Binary)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Interval, bindparam, delete, func, literal, select

from app.policy.facts import NOW
from app.storage.audit import Act
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.ways import uncited

if TYPE_CHECKING:
    from app.records.office import Office

LOCK = 0x737765657073
"""Key of the advisory lock: `sweeps` in ASCII."""
KEPT = timedelta(hours=24)
ALONE = Statement(select(func.pg_try_advisory_xact_lock(bindparam("key"))))
TODAY = Statement(select(func.date(func.timezone(literal("UTC"), NOW))))
UNCITED = Statement(
    delete(uncited)
    .where(uncited.c.last_updated < NOW - literal(KEPT, Interval))
    .returning(uncited.c.record, uncited.c.id, uncited.c.content),
    Unjudged.SWEPT,
)


async def sweep(office: Office) -> int:
    """Delete what nobody cited; returns how many contents went.

    No caller asks for it: it judges nothing, and is in the trail as the server's own act. Of several workers that sweep
    at once, the advisory lock lets one through.
    """
    async with office.database.transaction() as link:
        if not await ALONE.value(link, key=LOCK):
            return 0
        rows = await UNCITED.rows(link)
        acts = [Act("delete", row["record"], resource_type="Binary", resource_id=row["id"]) for row in rows]
        await office.trail.insert(link, acts)
        today = await TODAY.value(link)
    for row in rows:
        await office.contents.delete(row["content"])
    await office.contents.retire(today)
    return len(rows)
