"""`$access`: is there a record, and what may the caller do in it (TD0.2; api.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, case, exists, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.lifecycle import parameters
from app.policy.facts import NOW, Flag, Relation, bit, facts
from app.policy.writes import Act, refusal, situation
from app.records.judging import NOTHING
from app.records.reading import not_found
from app.storage.audit import Act as Event
from app.storage.rows import FUTURE
from app.storage.statement import Statement
from app.storage.tables import record, relation

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.records import Records
    from app.resources.definition import Resource

KEYS = bindparam("reach", type_=ARRAY(Text))
PERMITS = (Relation.AUTHORISED.value, Relation.FULL_ACCESS.value, Relation.WINDOW.value)


def _mine(*kinds: str) -> ColumnElement[bool]:
    return and_(
        relation.c.record == record.c.id,
        relation.c.kind == func.any(literal(list(kinds), ARRAY(Text))),
        relation.c.subject == func.any(KEYS),
    )


def _select() -> Any:  # noqa: ANN401 - a select of many columns
    f = facts(record.c.status, None)
    expired = exists().where(_mine(Relation.AUTHORISED.value), relation.c.ends <= NOW)
    until = select(func.max(relation.c.ends)).where(_mine(*PERMITS), relation.c.starts <= NOW, relation.c.ends > NOW)
    authorisation = case(
        (and_(f.blocked, not_(f.treating)), "interdit"),
        (or_(f.treating, f.full_access, f.authorised), "valide"),
        (bit(Flag.GROUP_BLOCKED), "interdit"),
        (expired, "expire"),
        else_="non-existe",
    )
    return select(
        record.c.status,
        or_(f.reduced, f.holder, f.represents).label("shown"),
        authorisation.label("authorisation"),
        and_(f.treating, f.doctor).label("treating"),
        f.full_access.label("full_access"),
        and_(f.record_open, f.regulator, not_(f.regulation_opposed)).label("regulation"),
        (refusal(Act.BREAK_GLASS, situation(record.c.status, None)) == literal("")).label("break_glass"),
        until.correlate(record).scalar_subquery().label("until"),
    ).where(record.c.id == bindparam("record", type_=Text))


STATUS = Statement(_select())


async def access(records: Records, _: str, key: str, __: Resource | None) -> Resource:
    """Status of the record, the caller's authorisation in it, and which emergency ways would be allowed."""
    caller = records.caller
    if caller.access.record not in {"", key}:
        raise not_found()
    async with records.link() as link:
        standing = await caller.standing(link, key, again=True)
        bound = {**caller.many(), **caller.one(key, standing), **records.office.rules, **NOTHING}
        row = await STATUS.row(link, **bound)
    if row is None or not row["shown"]:
        raise not_found()
    await records.tell(Event("$access", record=key, resource_type="Patient", resource_id=key))
    until = row["until"]
    return parameters.of(
        status=row["status"],
        authorisation=row["authorisation"],
        treatingPhysician=row["treating"],
        fullAccess=row["full_access"],
        regulation=row["regulation"],
        breakGlass=row["break_glass"],
        until=until if until is not None and until.year < FUTURE.year else None,
    )
