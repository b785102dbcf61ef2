"""The history of one resource, of a type, or of the system (http.html section 3.1.0.11): newest first.

A version is there for the caller as it is for who asks for it by its id: the current row must be visible and the
version itself, and where there is no current row any more, its deletion. What is hidden leaves no gap: pages are
filled, and `_at` looks at the versions that he sees and at no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Integer, Text, and_, bindparam, or_, select, true, union_all

from app.errors import BadValue, TooCostly, Unavailable
from app.policy.guard import JUDGES, RECORD, Binding, across, around, former, reached
from app.policy.standing import fresh, newest_matrix
from app.records import paging, reading
from app.records.answer import Stored, Versions
from app.records.bounds import bounded
from app.records.including import Found
from app.records.naming import record_of
from app.records.redaction import is_bare, redact
from app.records.stream import Item, Place, Stream, merged, packed, unpacked
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.resources.moment import interval
from app.storage.fence import Unjudged
from app.storage.rows import FUTURE, PAST
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, record, version

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg import Record
    from sqlalchemy import ColumnElement, FromClause, Select

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.reading import Seen
    from app.storage.session import Link

INSTANT = DateTime(timezone=True)
SINCE, BEFORE = bindparam("since", type_=INSTANT), bindparam("before", type_=INSTANT)
AFTER, LIMIT = bindparam("after", type_=Text), bindparam("page_limit", type_=Integer)
COLUMNS = ("id", "version_id", "last_updated", "method", "body", "filtered", "depositor", "secret")
WIDTH = 2
"""Keys of a place: the instant, and the name of the version."""
MOST_LOOKED_AT = 20_000
"""Versions that one question with `_at` looks at: it has to begin at the newest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A history of `types`, or of the one resource `id` of the one type; `at` and `since` are None where not asked."""

    types: tuple[str, ...]
    id: str = ""
    since: datetime | None = None
    at: tuple[datetime, datetime] | None = None
    count: int = 20
    cursor: str = ""
    said: tuple[str, ...] = ()


def asked(office: Office, types: tuple[str, ...], id: str, pairs: list[tuple[str, str]]) -> Asked:
    """The question of a query string; each parameter at most once."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise BadValue(f"`{name[:64]}` is given more than once")
        given[name] = value
    since, at = given.get("_since", ""), given.get("_at", "")
    return Asked(
        types,
        id,
        _span("_since", since)[0] if since else None,
        _span("_at", at) if at else None,
        _count(given.get("_count", ""), office),
        given.get("_cursor", ""),
        (since, at, given.get("_count", "")),
    )


def _span(name: str, value: str) -> tuple[datetime, datetime]:
    try:
        return interval(value.replace(" ", "+"))
    except ValueError:
        raise BadValue(f"`{name}` is a date, or an instant with its zone") from None


def _count(value: str, office: Office) -> int:
    if value and not (value.isascii() and value.isdigit()):
        raise BadValue("`_count` is a number that is not negative")
    limit = office.settings.page_limit
    return min(int(value[:9]), limit) if value else limit


@cache
def of_type(resource_type: str, binding: Binding) -> Statement:
    """Versions of a type that the caller may see, the newest first, beside what says whether they were judged rightly.

    Bound to the one record that his token reaches, or across records.
    """
    if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
        rows = union_all(_current(TABLES[resource_type]), _former_of_directory(resource_type)).subquery("one")
        return Statement(_page(rows, binding), Unjudged.DIRECTORY)
    seen = _seen(resource_type, binding).cte("seen")
    today = select(seen).where(seen.c.last_updated <= BEFORE)
    return Statement(_page(union_all(today, _former(resource_type, seen, binding)).subquery("one"), binding))


def _page(rows: FromClause, binding: Binding) -> Select[Any]:
    """The first rows after a place; one row without an id where there are none."""
    name = (rows.c.id + constant("/") + rows.c.version_id).collate("C").label("name")
    beyond = or_(rows.c.last_updated < BEFORE, and_(rows.c.last_updated == BEFORE, name > AFTER))
    page = select(rows, name).where(beyond).order_by(rows.c.last_updated.desc(), name).limit(LIMIT).lateral("page")
    held = select(fresh()).where(record.c.id == RECORD).scalar_subquery() if binding is Binding.ONE else true()
    head = select(newest_matrix().label("newest_matrix"), held.label("fresh")).subquery("head")
    return select(head, page).select_from(head.outerjoin(page, true()))


def _columns(row: FromClause, why: ColumnElement[str], record: ColumnElement[str]) -> list[Any]:
    return [*(row.c[name] for name in COLUMNS), record.label("record"), why.label("verdict")]


def _within(row: FromClause, resource_type: str, binding: Binding) -> ColumnElement[bool]:
    return row.c.record == RECORD if binding is Binding.ONE else reached(row, resource_type, binding)


def _seen(resource_type: str, binding: Binding) -> Select[Any]:
    """Current rows: also those after the page, for their older versions."""
    row = TABLES[resource_type].alias()
    verdict = JUDGES[resource_type](row, binding.status, binding)
    shown = select(*_columns(row, verdict.reason, row.c.record)).select_from(around(row, binding))
    return shown.where(_within(row, resource_type, binding), row.c.last_updated >= SINCE, verdict.visible)


def _former(resource_type: str, seen: FromClause, binding: Binding) -> Select[Any]:
    """Older versions and deletions."""
    row = version.alias()
    verdict = former(resource_type, row, seen, binding)
    shown = select(*_columns(row, verdict.reason, row.c.record)).select_from(around(row, binding))
    its = [row.c.type == constant(resource_type), row.c.last_updated >= SINCE, row.c.last_updated <= BEFORE]
    return shown.where(_within(row, resource_type, binding), *its, verdict.visible)


def _current(row: FromClause) -> Select[Any]:
    blank = constant("")
    return select(*_columns(row, blank, blank)).where(row.c.last_updated >= SINCE, row.c.last_updated <= BEFORE)


def _former_of_directory(resource_type: str) -> Select[Any]:
    row = version.alias()
    return _current(row).where(row.c.record == constant(""), row.c.type == constant(resource_type))


async def _rows(link: Link, caller: Caller, resource_type: str, **bound: object) -> list[Record]:
    """Rows under a standing and a matrix that the statement itself found in force."""
    key, again = caller.access.record, False
    statement = of_type(resource_type, Binding.ONE if key else across(resource_type))
    for _ in range(reading.TRIES):
        who = caller.one(key, await caller.standing(link, key, again=again)) if key else caller.many()
        rows = await statement.rows(link, **who, **bound)
        if rows[0]["fresh"] is None:  # no such record
            return []
        if rows[0]["newest_matrix"] != caller.matrix.version:
            await caller.matrix.refresh(link)
        elif rows[0]["fresh"]:
            return [row for row in rows if row["id"] is not None]
        again = True
    message = "the record is changing too fast"
    raise Unavailable(message, headers={"Retry-After": "1"})


async def _fetch(
    link: Link, caller: Caller, question: Asked, resource_type: str, after: Place | None, count: int
) -> list[Item[Found]]:
    before, name = after or (FUTURE, "")
    since = question.since or PAST
    rows = await _rows(link, caller, resource_type, since=since, before=before, after=name, page_limit=count)
    return [Item((row["last_updated"], row["name"]), await _shown(link, caller, resource_type, row)) for row in rows]


async def _shown(link: Link, caller: Caller, resource_type: str, row: Record) -> Found | None:
    """One version as it leaves; None for a list of which nothing is left (`app.records.reading`)."""
    body: bytes = row["body"] or b""
    if row["filtered"] and body:
        body = await redact(link, caller, row["record"], resource_type, body)
        if row["depositor"] != caller.access.depositor and is_bare(resource_type, body):
            return None
    stored = Stored(resource_type, row["id"], row["version_id"], row["last_updated"], body, row["method"])
    return Found(stored, {}, row["verdict"], row["record"], row["secret"])


def _place(found: Found) -> Place:
    stored = found.stored
    return stored.last_updated, f"{stored.id}/{stored.version_id}"


async def of_types(office: Office, link: Link, caller: Caller, question: Asked) -> tuple[Versions, list[Found]]:
    """A page of the history of one type, or of several, and what it shows of which record."""
    async with bounded(office):
        return await _of_types(office, link, caller, question)


async def _of_types(office: Office, link: Link, caller: Caller, question: Asked) -> tuple[Versions, list[Found]]:
    said = [caller.access.subject, "history", *question.types, "", *question.said]
    places = unpacked(await paging.opened(office, link, said, question.cursor), WIDTH)
    streams = [
        Stream(
            kind,
            partial(_fetch, link, caller.reaching(kind, "s"), question, kind),
            None if question.at else places.get(kind),
            max(question.count, 1),
        )
        for kind in question.types
    ]
    if question.at:
        found, more = await _in_force(streams, question, places)
        places |= {one.stored.type: _place(one) for one in found}
        end = [key for kind, place in places.items() for key in (kind, *place)]
    else:
        found, more = await merged(streams, question.count, descending=True)
        end = packed(streams)
    cursor = await paging.closed(office, link, said, end) if more and found else None
    total = None if more or question.cursor else len(found)
    return Versions([one.stored for one in found], total, cursor), found


async def _in_force(
    streams: list[Stream[Found]], question: Asked, places: dict[str, Place]
) -> tuple[list[Found], bool]:
    """The versions that were in force at some moment of `_at`: each until the next one that the caller sees began."""
    found: list[Found] = []
    began: dict[str, datetime] = {}
    for _ in range(MOST_LOOKED_AT):
        shown, _more = await merged(streams, 1, descending=True)
        if not shown:
            return found, False
        one = shown[0]
        until = began.get(one.name)
        began[one.name] = one.stored.last_updated
        if not _was_in_force(one.stored, until, question) or _is_shown(one, places):
            continue
        if len(found) == question.count:
            return found, True
        found.append(one)
    raise TooCostly("`_at` would look at too many versions: ask for one type, or for one resource")


def _was_in_force(stored: Stored, until: datetime | None, question: Asked) -> bool:
    start, end = question.at or (stored.last_updated, stored.last_updated)
    return stored.method != "DELETE" and stored.last_updated < end and (until is None or until > start)


def _is_shown(one: Found, places: dict[str, Place]) -> bool:
    """Whether an earlier page has shown it: those of its type come newest first."""
    last, own = places.get(one.stored.type), _place(one)
    return last is not None and (own[0] > last[0] or (own[0] == last[0] and own[1] <= last[1]))  # type: ignore[operator]


async def of_one(office: Office, link: Link, caller: Caller, question: Asked) -> tuple[Versions, Seen]:
    """A page of the history of one resource, and what the trail says of it."""
    kind, id = question.types[0], question.id
    all_, current = await reading.history(link, caller, kind, id, opens=True)
    if not all_:
        raise reading.not_found()
    seen = current or reading.Seen(all_[0], record=record_of(kind, id))
    said = [caller.access.subject, "history", kind, id, "", *question.said]
    last = next(iter(await paging.opened(office, link, said, question.cursor)), None)
    rest = [
        one
        for newer, one in zip([None, *all_], all_, strict=False)
        if (question.since is None or one.last_updated >= question.since)
        and (question.at is None or _was_in_force(one, newer.last_updated if newer else None, question))
    ]
    left = [one for one in rest if last is None or one.last_updated < last]  # type: ignore[operator]
    shown = left[: question.count]
    more = len(left) > len(shown) and bool(shown)
    cursor = await paging.closed(office, link, said, [shown[-1].last_updated]) if more else None
    return Versions(shown, len(rest), cursor), seen
