"""Emergency windows: what `$break-glass` opens on one record (L.1111-17 I; policy.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from app.errors import BrokenRule
from app.policy.facts import NOW, SUBJECT, Relation
from app.policy.guard import RECORD
from app.records.draft import new_id
from app.records.relations import ADD, BUMP
from app.storage.audit import BESIDE, SUCCESS, Act
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import INSTANT, audit_event, relation, window

if TYPE_CHECKING:
    from datetime import datetime

    from app.records import Records
    from app.records.writing import Unit

THEIRS = relation.c.kind == Relation.WINDOW.value
END = Statement(
    update(relation)
    .where(relation.c.record == RECORD, THEIRS, relation.c.subject == SUBJECT, relation.c.ends > NOW)
    .values(ends=NOW)
    .returning(relation.c.ends)
)
OPENED = Statement(
    select(relation.c.record, relation.c.subject, relation.c.starts, relation.c.ends)
    .where(THEIRS, relation.c.starts >= bindparam("since", type_=INSTANT))
    .order_by(relation.c.starts, relation.c.record)
)
_event = audit_event.alias()
DONE = Statement(
    select(_event.c.interaction, _event.c.structure, _event.c.detail, _event.c.documents)
    .where(
        _event.c.record == RECORD,
        _event.c.subject == SUBJECT,
        _event.c.outcome == SUCCESS,
        _event.c.recorded >= bindparam("starts", type_=INSTANT) - func.make_interval(0, 0, 0, 0, 0, 1),
        _event.c.recorded < bindparam("ends", type_=INSTANT),
        _event.c.emergency,
    )
    .order_by(_event.c.recorded),
    Unjudged.SWEPT,
)
NOW_IS = Statement(select(NOW))
BREAKS = "$break-glass"
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
    unit.bench.change(key)
    return ends


async def end_window(unit: Unit, key: str) -> datetime:
    """End the caller's own windows on a record before their time; BrokenRule where he has none."""
    rows = await END.rows(unit.link, record=key, subject=unit.access.subject)
    if not rows:
        raise BrokenRule("there is no window to end", reason="no-window").about(key)
    await BUMP.run(unit.link, record=key)
    unit.bench.change(key)
    ended: datetime = rows[0]["ends"]
    return ended


@dataclass(frozen=True, slots=True)
class Opened:
    """One window for who reviews it: whose, on which record, why, from when until when, and what was done by it."""

    record: str
    subject: str
    structure: str
    reason: str
    starts: datetime
    ends: datetime
    open: bool
    acts: int
    documents: int


async def review(records: Records, since: datetime) -> list[Opened]:
    """Every window opened since then, the oldest first. It is the operator's, and in the trail of each record."""
    office, found = records.office, []
    async with office.database.link() as link:
        now = await NOW_IS.value(link)
        for row in await OPENED.rows(link, since=since):
            given = {name: row[name] for name in ("record", "subject", "starts", "ends")}
            done = await DONE.rows(link, **given)
            first = next((one for one in done if one["interaction"] == BREAKS), None)
            acts = [one for one in done if one["interaction"] not in {BREAKS, "$end-break-glass"}]
            said = (
                {"structure": first["structure"], "reason": first["detail"]}
                if first
                else {"structure": "", "reason": ""}
            )
            shown = sum(name[:1] != BESIDE for one in acts for name in one["documents"])
            found.append(Opened(**given, **said, open=row["ends"] > now, acts=len(acts), documents=shown))
    told = {one.record: Act("$review", one.record, resource_type="Patient", resource_id=one.record) for one in found}
    await office.trail.durable(*[act.by(records.access, records.facts) for act in told.values()])
    return found
