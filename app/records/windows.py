"""Emergency windows: what `$break-glass` opens on one record (L.1111-17 I; policy.md section 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from app.policy.facts import Relation
from app.records.draft import new_id
from app.records.relations import ADD, BUMP
from app.storage.statement import Statement
from app.storage.tables import window

if TYPE_CHECKING:
    from datetime import datetime

    from app.records.writing import Unit

ADD_WINDOW = Statement(insert(window))


async def open_window(unit: Unit, key: str, moment: datetime, reason: str, motive: str) -> datetime:
    """Open the caller's window on a record that is locked and judged; returns when it ends (setting `window_hours`).

    It is a relation with an end, so that time alone closes it.
    """
    ends = moment + timedelta(hours=unit.office.settings.window_hours)
    identifier, subject = new_id(key), unit.access.subject
    await ADD_WINDOW.run(
        unit.link, record=key, id=identifier, subject=subject, structure=unit.access.structure, reason=reason,
        motive=motive, opened_at=moment, ends_at=ends,
    )  # fmt: skip
    await ADD.run(
        unit.link, record=key, source=f"window/{identifier}", kind=Relation.WINDOW.value, subject=subject,
        within="", starts=moment, ends=ends,
    )  # fmt: skip
    await BUMP.run(unit.link, record=key)
    unit.bench.changed.add(key)
    return ends
