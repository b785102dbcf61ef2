"""What an event of the trail would betray: documents awaiting announcement, hidden ones, secret connections.

An event names what it is about in three places: its resource, the documents that it concerned or showed, and its query.
Whoever must not know of a thing does not see the events about it alone; of a search, or of an act that is about others
too, he sees what is not about it. His own refused acts he sees in any case: there he was told the same as of what was
never there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, case, cast, column, func, not_, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.policy.facts import NOW, SUBJECT, Condition, Flag, among, announcement_end, bit
from app.storage.audit import AWAITING, AWAITING_HIDDEN, BESIDE, BY_THE_WAY, HIDDEN, SUCCESS
from app.storage.balp import LOGICAL
from app.storage.fence import marked
from app.storage.statement import constant
from app.storage.tables import TABLES, audit_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, CompoundSelect, FromClause

LISTED = {"List": "p_item", "Provenance": "p_target"}
"""Types that list documents, and the column of what they list."""
ALONE = ("Task", "Consent")
"""Types that are seen whatever the documents are that they refer to."""
SHOWING = ("search-type", "search-system", "history-type", "history-system", "$everything")
"""Acts that show whatever there is: they are about no document of those that they showed, unless the record was not
asked about."""
SECRET = ("Consent", "Binary", "List", "Provenance")
"""Types whose rows keep for themselves that they come of a secret connection; a document is then a hidden one."""
BETRAYING = ("visibility-cumulation", "announcement-replaces")
"""Reasons against a deposit that say that it was to await its announcement: the next one of it may await."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an event is kept from the holder or his representatives for; what awaits is hidden as well."""

    pending: Condition
    hidden: Condition
    secret: Condition


def kept_from(event: FromClause, key: ColumnElement[str]) -> Kept:
    """The facts of an event that rules read; `key` is that of its record."""
    told = and_(event.c.subject == SUBJECT, event.c.outcome != constant(SUCCESS))
    secret = or_(*[_is(event, key, TABLES[kind].alias(), lambda row: row.c.secret) for kind in SECRET])
    recent = announcement_end(event.c.recorded) > NOW
    wanted = and_(or_(*[event.c.reason == constant(one) for one in BETRAYING]), recent)
    awaited = case((recent, _marks(AWAITING, AWAITING_HIDDEN)), else_=_marks())
    refused = case((recent, _marks(AWAITING, AWAITING_HIDDEN, HIDDEN)), else_=_marks(AWAITING_HIDDEN, HIDDEN))
    return Kept(
        pending=and_(not_(told), or_(wanted, _about(event, key, _pending, awaited))),
        hidden=and_(
            not_(told),
            _about(event, key, lambda document: or_(_hidden(document), _pending(document)), refused),
        ),
        secret=or_(event.c.secret, and_(not_(told), secret)),
    )


def _pending(document: FromClause) -> Condition:
    return document.c.announce_at > NOW


def _hidden(document: FromClause) -> Condition:
    condition: Condition = document.c.hidden
    return condition


def _is(
    event: FromClause, key: ColumnElement[str], row: FromClause, such: Callable[[FromClause], Condition]
) -> Condition:
    return among(row, row.c.record == key, _its(row, event), such(row))


def _its(row: FromClause, event: FromClause) -> Condition:
    """Whether an event is about a row.

    In an array, so that PostgreSQL looks for the one by its key and does not gather all rows of the record: what an
    event is about is asked some ten times, of few events.
    """
    condition: Condition = row.c.id == func.any(array([event.c.resource_id]))
    return condition


def _marks(*marks: str) -> ColumnElement[Any]:
    """Names of documents that came to nothing, as `_named` has them."""
    return cast(array([constant(one.removeprefix(BESIDE)) for one in marks]), ARRAY(Text))


def _about(
    event: FromClause, key: ColumnElement[str], such: Callable[[FromClause], Condition], refused: ColumnElement[Any]
) -> Condition:
    """Whether an event is about nothing but such documents: it concerned them, their content, or a list of them.

    `refused` are the marks of those that came to nothing and were to be such.

    An event that is about others too is shown, and names such documents as little as its resource does: an act that is
    missing beside a resource that is there would betray them. A Task and a Consent are seen for themselves.
    """
    document = TABLES["DocumentReference"].alias()
    same = and_(document.c.record == key, such(document))
    showing = or_(*[event.c.interaction == constant(one) for one in SHOWING])
    apart = or_(not_(showing), event.c.detail == constant(BY_THE_WAY))
    for kind in ALONE:
        apart = and_(apart, event.c.resource_type != constant(kind))
    for kind in LISTED:
        apart = and_(apart, not_(_shows_more(event, key, kind)))
    binary = TABLES["Binary"].alias()
    ways = [
        and_(apart, _only(_named(event), key, such, refused=refused)),
        _is(event, key, TABLES["DocumentReference"].alias(), such),
        _is(event, key, binary, lambda row: among(document, same, document.c.id == row.c.document)),
    ]
    for kind, name in LISTED.items():
        ways.append(_is(event, key, TABLES[kind].alias(), lambda row, name=name: _lists(row, key, name, such)))  # type: ignore[misc]
    return or_(*ways, _listed(event, key, such))


def leads_out(references: ColumnElement[Any], record: ColumnElement[str]) -> Condition:
    """Whether one of the references (`Type/id`, URLs) leads out of a record: it is never left out of an answer."""
    one = func.unnest(references).table_valued(column("name", Text), name="one").render_derived()
    return among(one, not_(func.starts_with(func.split_part(one.c.name, constant("/"), 2), record + constant("."))))


def _shows_more(event: FromClause, key: ColumnElement[str], kind: str) -> Condition:
    """Whether an event is about a list that is seen for what it lists beside the documents of its record."""
    row = TABLES[kind].alias()
    mine = and_(event.c.resource_type == constant(kind), row.c.record == key)
    return among(row, mine, _its(row, event), leads_out(row.c[LISTED[kind]], key))


def _listed(event: FromClause, key: ColumnElement[str], such: Callable[[FromClause], Condition]) -> Condition:
    """Whether an event is about a List that is gone: its deletion says what it listed."""
    act = audit_event.alias()
    deleted = and_(
        act.c.record == key,
        act.c.resource_type == constant("List"),
        act.c.resource_id == event.c.resource_id,
        act.c.interaction == constant("delete"),
        act.c.outcome == constant(SUCCESS),
    )
    # OFFSET 0: what is asked of the act is asked once, and not in each month that is kept
    end = select(act.c.documents).where(deleted).offset(constant(0)).correlate(event).subquery()
    was = among(end, _only(end.c.documents, key, such))
    return and_(event.c.resource_type == constant("List"), was)


def _lists(row: FromClause, key: ColumnElement[str], name: str, such: Callable[[FromClause], Condition]) -> Condition:
    return and_(row.c.filtered, _only(row.c[name], key, such, "DocumentReference/"))


def _named(event: FromClause) -> ColumnElement[Any]:
    """Ids of the documents that an event is judged by: those that it concerned or showed, and those beside them."""
    name = func.unnest(event.c.documents, type_=Text).column_valued("name")
    return func.array(select(func.ltrim(name, constant(BESIDE))).scalar_subquery(), type_=ARRAY(Text))


def _only(
    names: ColumnElement[Any],
    record: ColumnElement[str],
    such: Callable[[FromClause], Condition],
    prefix: str = "",
    refused: ColumnElement[Any] | None = None,
) -> Condition:
    """Whether names, each after a prefix, are of such documents of a record and of nothing else; some there must be."""
    document = TABLES["DocumentReference"].alias()
    name = constant(prefix) + document.c.id if prefix else document.c.id
    here = marked(document.c.record == record, document)
    found = select(name).where(here, name == func.any(names), such(document))
    inside = found.correlate_except(document).scalar_subquery()
    these: ColumnElement[Any] = func.array(inside)
    if refused is not None:
        these = func.array_cat(these, refused)
    return and_(func.cardinality(names) > constant(0), names.op("<@")(these))


def concealed(event: FromClause, key: ColumnElement[str]) -> CompoundSelect[Any]:
    """Names that an event of the record `key` tells and its reader may not know of.

    Documents by id and identifier, their contents, and Consents that were made in a secret connection.
    """
    document, binary = TABLES["DocumentReference"].alias(), TABLES["Binary"].alias()
    inside = func.strpos(event.c.query, key + constant(".")) > constant(0)
    unknown = and_(
        marked(document.c.record == key, document),
        or_(
            and_(bit(Flag.HOLDER | Flag.REPRESENTS), _pending(document)), and_(bit(Flag.REPRESENTS), _hidden(document))
        ),
    )
    shown = select(document.c.id).where(unknown, document.c.id == func.any(event.c.documents))
    asked = select(document.c.id).where(unknown, inside, func.strpos(event.c.query, document.c.id) > constant(0))
    held = and_(marked(binary.c.record == key, binary), binary.c.document == document.c.id)
    content = select(binary.c.id).where(unknown, held, inside, func.strpos(event.c.query, binary.c.id) > constant(0))
    token = func.unnest(document.c.p_identifier, type_=Text)
    by_identifier = func.strpos(event.c.query, constant("identifier")) > constant(0)
    named = select(constant(LOGICAL) + token).where(unknown, by_identifier)
    will = TABLES["Consent"].alias()
    secret = and_(marked(will.c.record == key, will), will.c.secret, bit(Flag.REPRESENTS))
    wills = select(will.c.id).where(secret, inside, func.strpos(event.c.query, will.c.id) > constant(0))
    return union_all(*[one.correlate(event) for one in (shown, asked, content, named, wills)])
