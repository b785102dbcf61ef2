"""The journal of a record: rows of the trail as the AuditEvents that the caller may see."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Text, and_, bindparam, func, select

from app.policy.guard import JUDGES, RECORD, Binding, source
from app.policy.reach import in_reach
from app.policy.standing import fresh, newest_matrix
from app.policy.trail import concealed
from app.records import judged
from app.records.answer import Stored
from app.records.naming import record_of
from app.records.reading import Seen, confirmed, not_found
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import audit_event, record

if TYPE_CHECKING:
    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.storage.balp import Renderer
    from app.storage.statement import Link

ID = bindparam("id", type_=Text)
RECORDED = bindparam("recorded", type_=DateTime(timezone=True))


@cache
def _hidden() -> Statement:
    """Documents of one event that its reader may not know of."""
    event = audit_event.alias()
    ids = func.array(concealed(event, RECORD).scalar_subquery())
    its = and_(event.c.record == RECORD, event.c.recorded == RECORDED, event.c.id == ID)  # in its month, and no other
    return Statement(select(ids).where(its), Unjudged.SHOWN)


@cache
def _by_id(renderer: Renderer) -> Statement:
    row = source("AuditEvent", renderer, Binding.ONE, ID)
    verdict = JUDGES["AuditEvent"](row, record.c.status, Binding.ONE)
    columns = [c for c in row.c if not c.name.startswith("p_")]
    head: list[Any] = [
        fresh().label("fresh"),
        newest_matrix().label("matrix_version"),
        verdict.visible.label("visible"),
    ]
    joined = record.outerjoin(row, and_(row.c.record == record.c.id, row.c.id == ID))
    return Statement(select(*head, *columns).select_from(joined).where(record.c.id == RECORD))


@cache
def _of_nobody(renderer: Renderer) -> Statement:
    """An event that touched no record: its own actor may read it."""
    row = source("AuditEvent", renderer)
    verdict = JUDGES["AuditEvent"](row, record.c.status, Binding.MANY)
    columns = [c for c in row.c if not c.name.startswith("p_")]
    joined = row.outerjoin(record, record.c.id == row.c.record)
    where = [row.c.id == ID, row.c.record == "", in_reach(row, "AuditEvent"), verdict.visible]
    return Statement(select(*columns).select_from(joined).where(*where))


async def render(office: Office, link: Link, caller: Caller, row: Record) -> Stored:
    """One row as an AuditEvent, less what its reader may not know of."""
    hidden: frozenset[str] = frozenset()
    if row["record"] and (row["documents"] or row["query"]):
        standing = await caller.standing(link, row["record"])
        its = {name: row[name] for name in ("record", "recorded", "id")}
        ids = await _hidden().value(link, flags=int(standing.flags), **its)
        hidden = frozenset(ids or ())
    body = office.renderer.render(dict(row), hidden, own=row["own"])
    return Stored("AuditEvent", row["id"], row["version_id"], row["last_updated"], body)


async def visible(office: Office, link: Link, caller: Caller, identifier: str) -> Record:
    """The row of one event that the caller may see; NotFound otherwise."""
    key = record_of("AuditEvent", identifier)
    if caller.access.record not in {"", key}:
        raise not_found()
    if key:
        row = await confirmed(link, caller, key, _by_id(office.renderer), id=identifier)
        if row is None or row["id"] is None or not row["visible"]:
            raise not_found("", key if row else "")
    else:
        row = await _of_nobody(office.renderer).row(link, **caller.many(), id=identifier)
        if row is None:
            raise not_found()
    return row


async def read(office: Office, link: Link, caller: Caller, identifier: str) -> Seen:
    """One event that the caller may see; NotFound otherwise."""
    row = await visible(office, link, caller, identifier)
    return await shown(link, row, await render(office, link, caller, row))


async def shown(link: Link, row: Record, stored: Stored) -> Seen:
    """What the trail says of who was shown one event: it is judged as the event is."""
    names, secret = await judged.by_act(link, dict(row), row["record"])
    return Seen(stored, record=row["record"], beside=tuple(sorted(names or ())), secret=secret)
