"""The status of a record: is it open, and what may the caller do in it (P4D TD0.2; api.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, case, exists, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.facts import NOW, Flag, Relation, bit, facts
from app.policy.writes import Act, refusal, situation
from app.records.judging import NOTHING
from app.records.reading import not_found
from app.storage.rows import FUTURE
from app.storage.statement import Statement
from app.storage.tables import record, relation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from app.policy.standing import Caller
    from app.storage.session import Link

KEYS = bindparam("reach", type_=ARRAY(Text))
PERMITS = (Relation.AUTHORISED.value, Relation.FULL_ACCESS.value, Relation.WINDOW.value)


@dataclass(frozen=True, slots=True)
class Status:
    """What `$access` says.

    `record` is the state of the record; `authorisation` is valide, interdit, expire or non-existe, in the codes of the
    DMP; `until` is when the last permission in force ends, None without an end. `regulation` and `break_glass` say
    which emergency ways would be allowed.
    """

    record: str
    authorisation: str
    treating: bool
    full_access: bool
    regulation: bool
    break_glass: bool
    until: datetime | None


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
        and_(or_(f.reduced, f.holder, f.represents), record.c.status != literal("destroyed")).label("shown"),
        authorisation.label("authorisation"),
        and_(f.treating, f.doctor).label("treating"),
        f.full_access.label("full_access"),
        and_(f.record_open, f.regulator, not_(f.regulation_opposed)).label("regulation"),
        (refusal(Act.BREAK_GLASS, situation(record.c.status, None)) == literal("")).label("break_glass"),
        until.correlate(record).scalar_subquery().label("until"),
    ).where(record.c.id == bindparam("record", type_=Text))


STATUS = Statement(_select())


async def status(link: Link, caller: Caller, rules: dict[str, bool], key: str) -> Status:
    """The status of a record toward the caller; NotFound unless he may know of it. `rules` are settings of the acts."""
    if caller.access.record not in {"", key}:
        raise not_found()
    standing = await caller.standing(link, key, again=True)
    row = await STATUS.row(link, **{**caller.many(), **caller.one(key, standing), **rules, **NOTHING})
    if row is None or not row["shown"]:
        raise not_found()
    until = row["until"]
    return Status(
        record=row["status"],
        authorisation=row["authorisation"],
        treating=row["treating"],
        full_access=row["full_access"],
        regulation=row["regulation"],
        break_glass=row["break_glass"],
        until=until if until is not None and until.year < FUTURE.year else None,
    )
