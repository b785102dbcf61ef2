"""The operations on a Patient, `$name`: what each takes from its Parameters, and what it answers (api.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.lifecycle import parameters
from app.policy.writes import Act
from app.records import destroying, life, physician, windows

if TYPE_CHECKING:
    from app.records import Records
    from app.resources.definition import Resource


async def access(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """`$access`: status of the record, the caller's authorisation in it, and which emergency ways would be allowed."""
    status = await records.status(key)
    return parameters.of(
        status=status.record,
        authorisation=status.authorisation,
        treatingPhysician=status.treating,
        fullAccess=status.full_access,
        regulation=status.regulation,
        breakGlass=status.break_glass,
        until=status.until,
    )


async def break_glass(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """`$break-glass`: an emergency window on one record (L.1111-17 I).

    Its reason attests that the holder cannot express his will and is at immediate risk.
    """
    reason = parameters.text(given, "reason", required=True)
    motive = parameters.text(given, "motive")
    until = await records.act(
        Act.BREAK_GLASS,
        key,
        lambda unit, moment: windows.open_window(unit, key, moment, reason, motive),
        detail=reason,
        emergency=True,
    )
    return parameters.of(until=until)


async def end_break_glass(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """`$end-break-glass`: the caller's own window ends before its time; 422 where he has none."""
    until = await records.act(Act.END_WINDOW, key, lambda unit, _: windows.end_window(unit, key), emergency=True)
    return parameters.of(until=until)


async def close(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """`$close`, with a `reason` code and a `comment`: kept ten years, and reopened as it was."""
    reason, comment = parameters.text(given, "reason"), parameters.text(given, "comment")
    await records.act(Act.CLOSE, key, lambda unit, _: life.close(unit, key, reason, comment), detail=reason)
    return parameters.of(status="closed")


async def reopen(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """`$reopen`: everything in the record is as it was (P4D TD1.2)."""
    await records.act(Act.REOPEN, key, lambda unit, _: life.reopen(unit, key))
    return parameters.of(status="open")


async def destroy(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """`$destroy`, with a `reason` code: at once and for good. The trail keeps that it happened."""
    await destroying.destroy(records, key, parameters.text(given, "reason", required=True))
    return parameters.of(status=destroying.DESTROYED)


async def declare_treating_physician(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """`$declare-treating-physician`: a doctor who attests the holder's consent declares himself."""
    await records.act(Act.DECLARE_TREATING, key, lambda unit, moment: physician.declare(unit, key, moment))
    return parameters.of(treatingPhysician=True)
