"""Telling people of what happened: tables and the rows that an act leaves in its own transaction.

An act of the trail may be one that somebody is told of. Then a row of `notice` is kept with it, or neither is. Whom it
is told, and whether he may know of it, is settled later (`app.records.telling`), which makes of it one `message` for
each of them. No exit serves these tables, and none holds anything of a document but its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.statement import constant
from app.storage.tables import EMPTY, INSTANT, NONE, metadata, relation

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement, FromClause, Insert

MOMENT = text("carnet.now()")


def _key(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=EMPTY)


contact = Table(
    "contact",
    metadata,
    Column("record", Text, nullable=False),
    _key("party"),
    Column("sealed", LargeBinary, nullable=False),
    Column("way", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("choices", ARRAY(Text), nullable=False, server_default=NONE),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    PrimaryKeyConstraint("record", "party"),
)
"""Where somebody is told of what happens in a record: the holder (`party` is "") or a representative (his RelatedPerson
id). `sealed` is the address, under the record's own key; `way` is `mail` or `sms`; `choices` are the notices that he
wants of those that he may choose."""

notice = Table(
    "notice",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("record", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _key("event"),
    Column("recorded", DateTime(timezone=True)),
    _key("subject"),
    _key("document"),
    _key("also"),
    _key("only"),
    Column("due", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=MOMENT),
)
"""What is to be told: the outbox. `event` and `recorded` name the act in the trail, `subject` who did it; `document` is
what a notice is about whose time comes later (`due`); `also` is a professional who is told besides, `only` the one
listener who may not know of it yet."""
Index("ix_notice_due", notice.c.due)
Index("ix_notice_record", notice.c.record)

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False),
    _key("party"),
    Column("kind", Text, nullable=False),
    Column("count", Integer, nullable=False, server_default=text("1")),
    Column("sealed", LargeBinary),
    _key("way"),
    _key("language"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    Column("failed_at", DateTime(timezone=True)),
    _key("fault"),
)
"""One message to one person (`party` as in `contact`, or the key of a professional). Its id is the same each time that
it is sent. One that outlives its record carries its own address in `sealed`."""
Index("ix_message_due", message.c.way, message.c.due, postgresql_where=text("failed_at IS NULL"))
Index("ix_message_record", message.c.record)

told = Table(
    "told",
    metadata,
    Column("record", Text, nullable=False),
    _key("party"),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    PrimaryKeyConstraint("record", "party", "kind", "subject"),
)
"""What somebody has heard of once and needs not hear again: the first access of each professional."""

ACCESS = "access"
"""A professional saw documents: told as his first access, or each time to who wants that."""
FIRST = "first-access"
"""A professional may have seen documents for the first time: one notice for all that he saw until it is told."""
ALWAYS = ("break-glass", "regulation", "treating")
"""Kinds that the treating physician is told of as well, so that they are kept where nobody else has a contact."""
HEARD, UNMET, EACH = 1, 2, 4
"""Bits of who listens in a record: somebody; one who has not heard of this caller; one who wants every access."""


def ears(key: ColumnElement[str], subject: ColumnElement[str]) -> ColumnElement[int]:
    """Who listens in a record to what the caller does: bits of the above, 0 for nobody."""
    known = exists().where(
        told.c.record == key,
        told.c.party == contact.c.party,
        told.c.kind == constant(ACCESS),
        told.c.subject == subject,
    )
    bits = [
        constant(HEARD),
        case((known, constant(0)), else_=constant(UNMET)),
        case((constant(ACCESS) == func.any(contact.c.choices), constant(EACH)), else_=constant(0)),
    ]
    total = bits[0].op("|")(bits[1]).op("|")(bits[2])
    now = func.carnet.now()
    represents = exists().where(
        relation.c.record == key,
        relation.c.kind == constant("represents"),
        relation.c.subject == func.concat("related|", contact.c.party),
        relation.c.starts <= now,
        relation.c.ends > now,
    )
    listens = [contact.c.record == key, or_(contact.c.party == constant(""), represents)]
    return func.coalesce(select(func.bit_or(total, type_=Integer)).where(*listens).scalar_subquery(), constant(0))


def noticing(acts: FromClause, recorded: ColumnElement[Any]) -> Insert:
    """Keeps a notice of each act of a batch that is told, unless nobody is there to hear of it.

    The accesses of a professional to a record leave one until it is told, unless somebody wants to hear of each. The
    parameter `record` has the records of the acts: on a cluster what is known of these is read first.
    """
    always = bindparam("always", list(ALWAYS), type_=ARRAY(Text))
    mine = contact.c.record == acts.c.record
    each = exists().where(mine, constant(ACCESS) == func.any(contact.c.choices))
    same = [acts.c.record, acts.c.subject, acts.c.notice]
    alone = func.row_number().over(partition_by=same, order_by=acts.c.n) == constant(1)
    wanted = or_(
        acts.c.notice == func.any(always),
        and_(acts.c.notice != constant(ACCESS), exists().where(mine)),
        each,
        and_(_unmet(acts), not_(_waits(acts))),
    )
    theirs = acts.c.record == func.any(bindparam("record", type_=ARRAY(Text)))
    batch = select(*acts.c, recorded.label("recorded"), each.label("each"), alone.label("alone")).where(theirs, wanted)
    told_of = batch.where(acts.c.notice != constant("")).subquery("told_of")
    once = or_(told_of.c.notice != constant(ACCESS), told_of.c.each, told_of.c.alone)
    return _noticed(told_of, once)


def _unmet(acts: FromClause) -> ColumnElement[bool]:
    """Whether somebody listens in the record of an act who has not heard of whoever did it."""
    heard = exists().where(
        told.c.record == contact.c.record,
        told.c.party == contact.c.party,
        told.c.kind == constant(ACCESS),
        told.c.subject == acts.c.subject,
    )
    return exists().where(contact.c.record == acts.c.record, not_(heard.correlate_except(told)))


def _waits(acts: FromClause) -> ColumnElement[bool]:
    """Whether a notice of an earlier access waits. One that is just being told does not, and nobody waits for it."""
    waiting = select(notice.c.id).where(
        notice.c.record == acts.c.record,
        notice.c.subject == acts.c.subject,
        notice.c.kind == constant(FIRST),
        notice.c.only == constant(""),
    )
    return waiting.correlate(acts).with_for_update(read=True, key_share=True, skip_locked=True).exists()


def _noticed(acts: FromClause, once: ColumnElement[bool]) -> Insert:
    columns = {
        "record": acts.c.record,
        "kind": case(
            (and_(acts.c.notice == constant(ACCESS), not_(acts.c.each)), constant(FIRST)), else_=acts.c.notice
        ),
        "event": acts.c.id,
        "recorded": acts.c.recorded,
        "subject": acts.c.subject,
        "due": func.carnet.now(),
        "made_at": func.carnet.now(),
    }
    rows = select(*columns.values()).where(once)
    return insert(notice).from_select(list(columns), rows)


def deposited(source: CTE) -> Insert:
    """Keeps a notice of the deposit that a statement made, if it made one; the act's columns begin with `act_`."""
    act = {name: bindparam(f"act_{name}", type_=Text) for name in ("record", "id", "subject")}
    now = func.carnet.now(type_=INSTANT)
    values = [act["record"], constant("new-document"), act["id"], now, act["subject"], now, now]
    columns = ["record", "kind", "event", "recorded", "subject", "due", "made_at"]
    return insert(notice).from_select(columns, select(*values).select_from(source))
