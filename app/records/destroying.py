"""The end of a record (policy.md section 5, destroy): its key, its rows and what the trail knew of it are gone.

A record ends by its holder or the operator at once, and ten years after it was closed or its holder died. The rows go
in one transaction; the key goes when that is kept. Whatever a crash leaves between the two, or a restored backup brings
back, is finished before anything is served and at every sweep: the key store's list of destructions and the status of
the record each tell the other what is still to be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.errors import BrokenRule
from app.policy.facts import NOW, Relation
from app.policy.guard import RECORD
from app.policy.writes import Act
from app.records import contacts, messages
from app.records.attempt import discard
from app.storage import outbox
from app.storage.audit import Act as Event
from app.storage.auth import tables as sign_in
from app.storage.care import care
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record, relation, version

if TYPE_CHECKING:
    from datetime import datetime

    from app.records import Records
    from app.records.office import Office
    from app.records.writing import Unit
    from app.storage.session import Link

DESTROYED = "destroyed"
TERM = "term"
RESTORED = "restored"
"""Reasons of the server's own destructions: the end of the term, and one that a restored backup did not know."""
BATCH = 100
THIS = record.c.id == RECORD

LOCKED = Statement(select(record.c.status, record.c.held).where(THIS).with_for_update())
MARK = Statement(
    update(record)
    .where(THIS)
    .values(
        status=DESTROYED,
        destroyed_at=NOW,
        closed_reason="",
        closed_comment="",
        policy_version=record.c.policy_version + 1,
    )
)
ROWS = [
    Statement(delete(table).where(table.c.record == RECORD), Unjudged.LOCKED)
    for table in (*(one for one in TABLES.values() if "record" in one.c and one.name != "binary"), version)
]
OBJECTS = Statement(
    delete(TABLES["Binary"]).where(TABLES["Binary"].c.record == RECORD).returning(TABLES["Binary"].c.content),
    Unjudged.LOCKED,
)
PLAIN = [
    Statement(delete(table).where(table.c.record == RECORD))
    for table in (relation, care, outbox.contact, outbox.notice, outbox.message, outbox.told)
]
FORGET = Statement(select(func.carnet.forget(RECORD)))
_of_record = or_(sign_in.account.c.patient == RECORD, sign_in.account.c.represented == RECORD)
_accounts = select(sign_in.account.c.id).where(_of_record)
SIGN_INS = [
    *(
        Statement(delete(table).where(table.c.account.in_(_accounts)))
        for table in (sign_in.account_relation, sign_in.one_time_code, sign_in.device)
    ),
    Statement(delete(sign_in.account_relation).where(sign_in.account_relation.c.patient == RECORD)),
    Statement(delete(sign_in.account).where(_of_record)),
    Statement(
        update(sign_in.session)
        .where(sign_in.session.c.patient == RECORD, sign_in.session.c.ended_at.is_(None))
        .values(ended_at=NOW, reason=DESTROYED)
    ),
]
REPRESENTATIVES = Statement(
    select(relation.c.subject).where(
        relation.c.record == RECORD, relation.c.kind == Relation.REPRESENTS.value, relation.c.starts <= NOW,
        relation.c.ends > NOW,
    )
)  # fmt: skip
UNFINISHED = Statement(select(record.c.id).where(record.c.status == DESTROYED))
RESURRECTED = Statement(
    select(record.c.id).where(
        record.c.id == func.any(bindparam("names", type_=ARRAY(Text))), record.c.status != DESTROYED
    )
)
OVER = Statement(
    select(record.c.id)
    .where(
        or_(record.c.status == "closed", record.c.died_at.is_not(None)),
        record.c.status != DESTROYED,
        record.c.held == "",
        func.least(record.c.closed_at, record.c.died_at) + func.make_interval(bindparam("years", type_=Integer)) <= NOW,
    )
    .limit(BATCH)
)
HOLD = Statement(update(record).where(THIS, record.c.status != DESTROYED).values(held=bindparam("why", type_=Text)))


async def destroy(records: Records, key: str, reason: str) -> None:
    """Destroy a record, by its holder or the operator: `reason` is a code such as `fraud` or `malfunction`."""

    async def work(unit: Unit, _: datetime) -> None:
        row = await LOCKED.row(unit.link, record=key)
        if row is not None and row["held"]:
            raise BrokenRule("the record is under legal hold", reason="legal-hold").about(key)
        await _farewell(unit.office, unit.link, key)
        unit.contents_unused += await erase(unit.link, key, spread=unit.office.database.spread)
        unit.bench.change(key)

    await records.act(Act.DESTROY, key, work, detail=reason)
    await _end(records.office, key)


async def erase(link: Link, key: str, *, spread: bool = False) -> list[str]:
    """Erase the rows of a locked record, and what the trail knew of it; returns the objects that nothing names now.

    Where tables are `spread` over a cluster, the trail forgets later (`_end`).
    """
    objects = [row["content"] for row in await OBJECTS.rows(link, record=key)]
    for statement in (*ROWS, *PLAIN, *SIGN_INS, MARK, *(() if spread else (FORGET,))):
        await statement.run(link, record=key)
    return objects


async def _end(office: Office, key: str) -> None:
    """Do away with the key of a record whose rows are gone.

    On a cluster the trail forgets before that and not with them: what the owner of the tables changes there has to be a
    transaction of its own. While there is a key, a server that starts does it again.
    """
    if office.database.spread:
        async with office.database.transaction() as link:
            await FORGET.run(link, record=key)
    await office.keys.destroy(key)


async def _farewell(office: Office, link: Link, key: str) -> None:
    """Tell who listens that the record is gone, at the address that goes with it."""
    current = {row["subject"] for row in await REPRESENTATIVES.rows(link, record=key)}
    for row in await contacts.OF.rows(link, records=[key]):
        found = await contacts.opened(office, row)
        if found is not None and (not row["party"] or f"related|{row['party']}" in current):
            await messages.post(office, link, "", DESTROYED, found.way, found.address, found.language)


async def _by_itself(office: Office, key: str, reason: str) -> None:
    """Destroy a record as the server's own act, unless it is held or gone meanwhile."""
    objects: list[str] = []
    async with office.database.transaction() as link:
        row = await LOCKED.row(link, record=key)
        if row is None or row["status"] == DESTROYED or (row["held"] and reason == TERM):
            return
        if reason == TERM:
            await _farewell(office, link, key)
        objects = await erase(link, key, spread=office.database.spread)
        act = Event("$destroy", key, resource_type="Patient", resource_id=key, detail=reason)
        await office.trail.insert(link, [act])
    await _end(office, key)
    await discard(office, objects)


async def finish(office: Office) -> None:
    """Finish what a crash or a restored backup left: rows of records whose key is gone, keys of records that are."""
    async with office.database.link() as link:
        gone = office.keys.destroyed()
        back = [row["id"] for row in await RESURRECTED.rows(link, names=sorted(gone))]
        left = [row["id"] for row in await UNFINISHED.rows(link) if row["id"] not in gone]
    for key in back:
        await _by_itself(office, key, RESTORED)
    for key in left:
        await _end(office, key)


async def end_terms(office: Office) -> int:
    """Destroy the records whose term is over; returns how many."""
    count = 0
    while True:
        async with office.database.link() as link:
            over = [row["id"] for row in await OVER.rows(link, years=office.settings.term_years)]
        for key in over:
            await _by_itself(office, key, TERM)
        count += len(over)
        if len(over) < BATCH:
            return count


async def hold(records: Records, key: str, why: str) -> None:
    """Keep a record from every destruction while a court asks for it; "" lets it go. The operator's act."""

    async def work(unit: Unit, _: datetime) -> None:
        await HOLD.run(unit.link, record=key, why=why)

    await records.act(Act.RETAIN, key, work, detail=why)
