"""`$close` and `$reopen`: a closed record is read and written by nobody, and comes back as it was (policy.md, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, select

from app.errors import BrokenRule
from app.lifecycle import parameters
from app.policy.writes import Act
from app.records.answer import Written
from app.records.people import OPEN, activate
from app.records.wills import close as close_record
from app.resources.consent import Category
from app.resources.validation import parse
from app.storage.statement import Statement
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.records import Records
    from app.records.writing import Unit
    from app.resources.definition import Resource

CONSENT = TABLES["Consent"]
OPENING = Statement(
    select(*CONSENT.c)
    .where(CONSENT.c.record == bindparam("record", type_=Text), CONSENT.c.category == Category.OPENING.value)
    .order_by(CONSENT.c.last_updated.desc())
    .limit(1)
    .with_for_update()
)


async def _settle(unit: Unit, key: str, *, active: bool) -> None:
    """Make the opening Consent say what the record is."""
    row = await OPENING.row(unit.link, record=key)
    if row is None:
        return
    tree = parse(row["body"])
    tree["status"] = "active" if active else "inactive"
    await unit.rewrite("Consent", row, tree, {"active": active})


async def _act(
    records: Records, key: str, act: Act, work: Callable[[Unit], Awaitable[None]], detail: str = ""
) -> Resource:
    async def do(unit: Unit) -> Written:
        await unit.bench.meant(key)
        await unit.bench.new(act, key, exclusive=True)
        await work(unit)
        unit.note(f"${act.value}", "Patient", key, "", key, detail=detail)
        return Written(None, 200)

    await records.within(do)
    return parameters.of(status="closed" if act is Act.CLOSE else "open")


async def close(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """Close a record, with a `reason` code and a `comment`; kept ten years, and reopened as it was."""
    reason, comment = parameters.text(given, "reason"), parameters.text(given, "comment")

    async def work(unit: Unit) -> None:
        await _settle(unit, key, active=False)
        await close_record(unit, key, reason, comment)

    return await _act(records, key, Act.CLOSE, work, reason)


async def reopen(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """Reopen a closed record: everything in it is as it was (TD1.2)."""

    async def work(unit: Unit) -> None:
        if (await unit.bench.standing(key)).status != "closed":
            raise BrokenRule("only a closed record is reopened", reason="record-not-closed").about(key)
        await _settle(unit, key, active=True)
        await OPEN.run(unit.link, record=key)
        unit.bench.changed.add(key)
        await activate(unit, key, active=True)

    return await _act(records, key, Act.REOPEN, work)
