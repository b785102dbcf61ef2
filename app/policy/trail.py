"""What an event of the trail would betray: documents awaiting announcement, hidden ones, secret connections.

An event names what it is about in three places: its resource, the documents that it concerned or showed, and its query.
Whoever must not know of a thing does not see the events about it; of a search he sees what is not about it. His own
refused acts he sees in any case: there he was told the same as of what was never there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, exists, func, not_, or_, select, union_all

from app.policy.facts import NOW, SUBJECT, Condition, Flag, bit
from app.storage.audit import SUCCESS
from app.storage.balp import LOGICAL
from app.storage.statement import constant
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import CompoundSelect, FromClause

LISTED = {"List": "p_item", "Provenance": "p_target"}
"""Types that list documents, and the column of what they list."""
SECRET = ("Consent", "Binary", "List", "Provenance")
"""Types whose rows keep for themselves that they come of a secret connection; a document is then a hidden one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an event is kept from the holder or his representatives for."""

    pending: Condition
    hidden: Condition
    secret: Condition


def kept_from(event: FromClause) -> Kept:
    """The facts of an event that rules read."""
    told = and_(event.c.subject == SUBJECT, event.c.outcome != constant(SUCCESS))
    secret = or_(*[_is(event, TABLES[kind].alias(), lambda row: row.c.secret) for kind in SECRET])
    return Kept(
        pending=and_(not_(told), _about(event, _pending)),
        hidden=and_(not_(told), _about(event, _hidden)),
        secret=or_(event.c.secret, and_(not_(told), secret)),
    )


def _pending(document: FromClause) -> Condition:
    return document.c.announce_at > NOW


def _hidden(document: FromClause) -> Condition:
    condition: Condition = document.c.hidden
    return condition


def _is(event: FromClause, row: FromClause, such: Callable[[FromClause], Condition]) -> Condition:
    return exists().where(row.c.record == event.c.record, row.c.id == event.c.resource_id, such(row))


def _about(event: FromClause, such: Callable[[FromClause], Condition]) -> Condition:
    """Whether an event is about such a document: it concerned it, its content, or a list of it."""
    document = TABLES["DocumentReference"].alias()
    same = and_(document.c.record == event.c.record, such(document))
    search = event.c.interaction == constant("search-type")
    concerned = and_(not_(search), exists().where(same, document.c.id == func.any(event.c.documents)))
    binary = TABLES["Binary"].alias()
    ways = [
        concerned,
        _is(event, TABLES["DocumentReference"].alias(), such),
        _is(event, binary, lambda row: exists().where(same, document.c.id == row.c.document)),
    ]
    for kind, column in LISTED.items():
        ways.append(_is(event, TABLES[kind].alias(), lambda row, column=column: _lists(row, column, such)))  # type: ignore[misc]
    return or_(*ways)


def _lists(row: FromClause, column: str, such: Callable[[FromClause], Condition]) -> Condition:
    document = TABLES["DocumentReference"].alias()
    name = constant("DocumentReference/") + document.c.id
    return and_(
        row.c.filtered,
        exists().where(document.c.record == row.c.record, name == func.any(row.c[column]), such(document)),
    )


def concealed(event: FromClause) -> CompoundSelect[Any]:
    """Names of documents that an event names and its reader may not know of: ids, those of contents, identifiers."""
    document, binary = TABLES["DocumentReference"].alias(), TABLES["Binary"].alias()
    inside = func.strpos(event.c.query, event.c.record + constant(".")) > constant(0)
    unknown = and_(
        document.c.record == event.c.record,
        or_(
            and_(bit(Flag.HOLDER | Flag.REPRESENTS), _pending(document)), and_(bit(Flag.REPRESENTS), _hidden(document))
        ),
    )
    shown = select(document.c.id).where(unknown, document.c.id == func.any(event.c.documents))
    asked = select(document.c.id).where(unknown, inside, func.strpos(event.c.query, document.c.id) > constant(0))
    held = and_(binary.c.record == document.c.record, binary.c.document == document.c.id)
    content = select(binary.c.id).where(unknown, held, inside, func.strpos(event.c.query, binary.c.id) > constant(0))
    token = func.unnest(document.c.p_identifier, type_=Text)
    by_identifier = func.strpos(event.c.query, constant("identifier")) > constant(0)
    named = select(constant(LOGICAL) + token).where(unknown, by_identifier)
    return union_all(*[one.correlate(event) for one in (shown, asked, content, named)])
