"""`$break-glass`: an emergency window on one record, with a reason (L.1111-17 I; policy.md section 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from app.lifecycle import parameters
from app.policy.facts import Relation
from app.policy.writes import Act
from app.records.answer import Written
from app.records.draft import new_id
from app.records.relations import ADD, BUMP
from app.storage.rows import later
from app.storage.statement import Statement
from app.storage.tables import window

if TYPE_CHECKING:
    from app.records import Records
    from app.records.writing import Unit
    from app.resources.definition import Resource

OPEN_WINDOW = Statement(insert(window))


async def break_glass(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """Open a window; its reason attests that the holder cannot express his will and is at immediate risk."""
    reason = parameters.text(given, "reason", required=True)
    motive = parameters.text(given, "motive")

    async def work(unit: Unit) -> Written:
        await unit.bench.meant(key)
        row = await unit.bench.new(Act.BREAK_GLASS, key, exclusive=True)
        opened = later(row["now"])
        ends = opened + timedelta(hours=unit.office.settings.window_hours)
        identifier, subject = new_id(key), unit.access.subject
        await OPEN_WINDOW.run(
            unit.link, record=key, id=identifier, subject=subject, structure=unit.access.structure, reason=reason,
            motive=motive, opened_at=opened, ends_at=ends,
        )  # fmt: skip
        await ADD.run(
            unit.link, record=key, source=f"window/{identifier}", kind=Relation.WINDOW.value, subject=subject,
            within="", starts=opened, ends=ends,
        )  # fmt: skip
        await BUMP.run(unit.link, record=key)
        unit.bench.changed.add(key)
        unit.note("$break-glass", "Patient", key, "", key, detail=reason, emergency=True)
        return Written(None, 200, last_updated=ends)

    written = await records.within(work)
    return parameters.of(until=written.last_updated)
