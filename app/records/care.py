"""The history of care: of which records the insurer's feed is asked, from when on, and what came of it.

A row is made in the transaction that opens a record. Whoever asks takes it for a while (`LEASE`): two who ask at once,
because a clock jumped or one of them died, bring the same deposits, which are kept once by their master identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Integer, Text, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.policy.facts import NOW
from app.policy.guard import RECORD
from app.storage.care import care
from app.storage.fence import Unjudged
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, record

if TYPE_CHECKING:
    from app.records.office import Office
    from app.records.writing import Unit

LEASE = 15
"""Minutes for which a record is nobody else's to ask about."""
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds until a feed that did not answer is asked again: from the first, twice as long each time."""

_begun = insert(care).values(record=RECORD, due=NOW)
BEGIN = Statement(_begun.on_conflict_do_update(index_elements=["record"], set_={"due": _begun.excluded.due}))
CATCH_UP = Statement(
    insert(care)
    .from_select(
        ["record", "begun"],
        select(record.c.id, func.coalesce(record.c.opened_at, NOW)).where(record.c.status == constant("open")),
    )
    .on_conflict_do_nothing()
)
_next = (
    select(care.c.record).where(care.c.due <= NOW).order_by(care.c.due).limit(1).with_for_update(skip_locked=True)
).scalar_subquery()
_from = care.c.begun - func.make_interval(0, bindparam("months", type_=Integer))
CLAIM = Statement(
    update(care)
    .where(care.c.record == _next)
    .values(due=NOW + func.make_interval(0, 0, 0, 0, 0, constant(LEASE)))
    .returning(
        care.c.record,
        care.c.since,
        care.c.tries,
        func.to_char(_from, "YYYY-MM-DD").label("begins"),
    )
)
_patient = TABLES["Patient"]
WHOSE = Statement(
    select(_patient.c.ins)
    .select_from(_patient.join(record, record.c.id == RECORD))
    .where(_patient.c.record == RECORD, record.c.status == constant("open")),
    Unjudged.SWEPT,
)
"""The INS of an open record."""
_pause = func.least(FIRST_PAUSE * func.power(2, func.least(care.c.tries, 12)), LONGEST_PAUSE)
LATER = Statement(
    update(care)
    .where(care.c.record == RECORD)
    .values(
        tries=care.c.tries + 1,
        due=NOW + func.make_interval(0, 0, 0, 0, 0, 0, _pause),
        fault=bindparam("fault", type_=Text),
    )
)
DONE = Statement(
    update(care)
    .where(care.c.record == RECORD)
    .values(
        since=case((bindparam("since", type_=Text) != "", bindparam("since", type_=Text)), else_=care.c.since),
        refused=care.c.refused + bindparam("refused", type_=Integer),
        due=NOW + func.make_interval(0, 0, 0, 0, bindparam("hours", type_=Integer)),
        tries=0,
        fault="",
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the feed is asked of one record: care from the day `begins` on, and given since `since` by its own clock.

    `ins` is the INS as `system|value`.
    """

    record: str
    ins: str
    begins: str
    since: str


async def begin(unit: Unit, key: str) -> None:
    """A record is open: the feed is asked for it, if there is one."""
    if unit.office.settings.feed_url:
        await BEGIN.run(unit.link, record=key)


async def catch_up(office: Office) -> None:
    """Ask for the records as well that were opened while no feed was known."""
    async with office.database.link() as link:
        await CATCH_UP.run(link)


async def claim(office: Office) -> tuple[str, Question | None]:
    """The next record whose time has come, "" where there is none; no question where it is not to be asked about."""
    async with office.database.link() as link:
        row = await CLAIM.row(link, months=office.settings.feed_months)
        if row is None:
            return "", None
        ins = await WHOSE.value(link, record=row["record"])
    return row["record"], Question(row["record"], ins, row["begins"], row["since"]) if ins else None


async def answered(office: Office, key: str, since: str = "", refused: int = 0) -> None:
    """The feed gave all that it has; it is asked again in `feed_hours`."""
    async with office.database.link() as link:
        await DONE.run(link, record=key, since=since, refused=refused, hours=office.settings.feed_hours)


async def failed(office: Office, key: str, fault: str) -> None:
    """The feed did not answer, or we could not take what it gave: the same is asked again soon."""
    async with office.database.link() as link:
        await LATER.run(link, record=key, fault=fault)
