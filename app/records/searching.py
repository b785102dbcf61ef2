"""Searching: one guarded statement for the matches, and guarded statements for what is included.

A search that names its record is bound to the caller's standing there; one that does not looks his relations up row by
row, among the records within his reach. Either way a row that he may not see takes part in nothing: not in a condition,
a chain, the order, a total or a page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.errors import Issue, Unavailable
from app.policy.rules import DOCUMENT, PATIENT_REDUCED, permits
from app.policy.trail import SECRET
from app.records import events, judged, standby, whose
from app.records.answer import Page, Stored
from app.records.asking import Ask, counted, directory_counted, in_directory, in_many, in_one, is_key, paged, plain
from app.records.bounds import bounded
from app.records.including import MOST, Found, Including, reference_columns
from app.records.paging import check_age, hour
from app.records.reading import TRIES
from app.records.redaction import redact, reduce
from app.records.statements import cached
from app.records.touching import UNSAID, Touched, gathered
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage import search
from app.storage.search import Summary, Total

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.storage.search import Query
    from app.storage.statement import Link, Statement

COUNTED = frozenset({"DocumentReference", "List"})
"""Types whose total is always told (IHE ITI-66 and ITI-67: the answer has a total)."""
PROFESSIONALS = frozenset({Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN})
PERMITTING = permits(DOCUMENT)
RELATIONLESS = frozenset({"not-authorised", "blocked", "emergency-opposed", "record-not-open"})
"""Verdicts that a professional hears of beside what little he may see (api.md section 7)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement found: one row more than the page holds, his relation to the record, break-glass, when.

    Plain matches of one record are tuples (`app.records.asking.plain`), and `last` has the keys of the last one shown.
    """

    rows: list[Any]
    relation: str = ""
    break_glass: bool = False
    asked_at: datetime | None = None
    last: Record | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one statement found of a search, and the matches of its page as they leave."""

    ask: Ask
    found: Rows
    matches: list[Found]

    async def total(self, link: Link) -> int | None:
        """Matches over all pages, where it is told."""
        return await _total(self.ask, link, self.found.rows)

    def remarks(self) -> tuple[Issue, ...]:
        """What a professional hears of his relation to the record, beside the matches."""
        return tuple(_remarks(self.found)) if self.ask.caller.access.kind in PROFESSIONALS else ()


async def look(office: Office, link: Link, caller: Caller, query: Query, key: str, *, apart: bool = False) -> Look:
    """The matches of one page; `key` names the record that the search is about, "" where it is about none.

    `apart` lets a standby find them: not within a transaction, which sees what it has written itself.
    """
    secret, subject = office.secret, caller.access.subject
    since, *keys = search.unseal(query, secret=secret, subject=subject) if query.cursor else (None,)
    ask = Ask(office, caller, query, key)
    bound = {**search.values(query), **search.position(keys), "page_limit": 0 if _bare(query) else query.count + 1}
    given = await standby.rows(ask, link, bound) if apart and office.replica else None
    found = _plainly(ask, _one(given)) if given else await _rows(ask, link, bound)
    check_age(since, found.asked_at, office.settings.cursor_hours)
    shown = found.rows[: query.count]
    if ask.plain and key:
        return Look(ask, found, await _plain(ask, link, shown))
    return Look(ask, found, [await _match(ask, link, row) for row in shown])


async def find(
    office: Office, link: Link, caller: Caller, query: Query, *, apart: bool = False
) -> tuple[Page, list[Touched]]:
    """The page of a search that the caller may see, and what the trail says of each record touched; `apart` as `look`.

    Raises:
        TooCostly: the database gave a statement up that took longer than the setting allows.
    """
    async with bounded(office, many=bool(query.includes or query.revincludes)):
        return await _find(office, link, caller, query, apart=apart)


async def _find(office: Office, link: Link, caller: Caller, query: Query, *, apart: bool) -> tuple[Page, list[Touched]]:
    query = whose.below(caller.access, query)
    key = await whose.named(link, caller, query)
    if key is None:
        if query.cursor:
            search.unseal(query, secret=office.secret, subject=caller.access.subject)
        return nowhere(query), [Touched("")]
    looked = await look(office, link, caller, query, key, apart=apart)
    ask, found, matches = looked.ask, looked.found, looked.matches
    total = await looked.total(link)
    including = Including(link, caller, key)
    included = await including.run(query, matches) if query.includes or query.revincludes else []
    page = Page(
        [one.stored for one in matches],
        [one.stored for one in included],
        total,
        search.self_query(query),
        _cursor(ask, found),
        (*_ignored(query), *cut(including), *looked.remarks()),
    )
    return page, await _touched(link, looked, matches, included)


def nowhere(query: Query) -> Page:
    """The answer of a search in a record that is not there, or that the caller's token does not reach."""
    total = None if _untold(query) else 0
    return Page([], [], total, search.self_query(query), outcome=tuple(_ignored(query)))


def _bare(query: Query) -> bool:
    return query.summary is Summary.COUNT


def _untold(query: Query) -> bool:
    """Whether no total is wanted."""
    return query.total is Total.NONE and not _bare(query)


async def _touched(link: Link, looked: Look, matches: list[Found], included: list[Found]) -> list[Touched]:
    """What a search touched of the record that it is about, and of those whose rows it showed."""
    ask, relation = looked.ask, looked.found.relation
    ids = await whose.by_id(link, ask.caller, ask.query)
    stands = await judged.by_ids(link, [ask.type], ask.record, ids) if ids and not (matches or included) else UNSAID
    return gathered(matches, included, ask.record if relation else "", why(looked, relation), ids, stands)


def why(looked: Look, relation: str) -> str:
    """Why the rows of the record that a search is about are shown: by the caller's relation to it, which may be none.

    A Patient may be shown reduced, and of that nothing is hidden by itself.
    """
    if relation in PERMITTING or looked.ask.type != "Patient" or not looked.matches:
        return relation if relation in PERMITTING else ""
    return looked.matches[0].verdict


async def _rows(ask: Ask, link: Link, bound: dict[str, Any]) -> Rows:
    """Matches under a standing and a matrix that the statement itself found fresh."""
    if DEFINITIONS[ask.type].scope is Scope.DIRECTORY:
        statement = cached(ask.name("directory"), lambda: in_directory(ask))
        rows = await statement.rows(link, **ask.caller.many(), **bound)
        return Rows(rows, asked_at=rows[0]["asked_at"] if rows else None)
    statement = cached(ask.name("page" if ask.in_one_row else "rows"), lambda: _statement(ask))
    again = False
    for _ in range(TRIES):
        rows = await statement.rows(link, **await _bound(ask, link, again=again), **bound)
        if not rows:  # no such record
            return Rows([])
        first = rows[0]
        if first["newest_matrix"] == ask.caller.matrix.version and (not ask.record or first["fresh"]):
            if ask.record:
                return _paged(ask, first) if ask.in_one_row else _plainly(ask, _one(rows))
            return Rows([row for row in rows if row["id"] is not None], asked_at=first["asked_at"])
        if first["newest_matrix"] != ask.caller.matrix.version:
            await ask.caller.matrix.refresh(link)
        again = True
    message = "the record is changing too fast"
    raise Unavailable(message, headers={"Retry-After": "1"})


def _statement(ask: Ask) -> Statement:
    if not ask.record:
        return in_many(ask)
    return paged(ask) if ask.in_one_row else in_one(ask)


def _paged(ask: Ask, page: Record) -> Rows:
    """What `paged` found."""
    rows = list(zip(*(page[name] for name in plain(ask.type)), strict=True)) if page["id"] else []
    return Rows(rows, page["relation"], page["break_glass"], page["asked_at"], page)


def _one(rows: list[Record]) -> Rows:
    """What `in_one` found."""
    first, there = rows[0], [row for row in rows if row["id"] is not None]
    return Rows(there, first["relation"], first["break_glass"], first["asked_at"])


def _plainly(ask: Ask, found: Rows) -> Rows:
    """The same, where plain matches came row by row."""
    if not ask.plain:
        return found
    last = found.rows[ask.query.count - 1] if 0 < ask.query.count <= len(found.rows) else None
    return replace(found, rows=[tuple(row[name] for name in plain(ask.type)) for row in found.rows], last=last)


async def _bound(ask: Ask, link: Link, *, again: bool = False) -> dict[str, Any]:
    if not ask.record:
        return ask.caller.many()
    return ask.caller.one(ask.record, await ask.caller.standing(link, ask.record, again=again))


async def _total(ask: Ask, link: Link, rows: list[Record]) -> int | None:
    """Matches over all pages: known where one page holds them, counted where it was asked for."""
    query = ask.query
    if _untold(query):
        return None
    if not query.cursor and not _bare(query) and len(rows) <= query.count:
        return len(rows)
    asked = _bare(query) or query.total in {Total.ACCURATE, Total.ESTIMATE}
    if not asked and not (ask.type in COUNTED and ask.record):
        return None
    whole = replace(ask, query=replace(query, cursor=""))
    directory = DEFINITIONS[ask.type].scope is Scope.DIRECTORY
    statement = cached(whole.name("count"), lambda: directory_counted(whole) if directory else counted(whole))
    return int(await statement.value(link, **await _bound(ask, link), **search.values(query)))


def _cursor(ask: Ask, found: Rows) -> str | None:
    """The page token of the last row shown, where there are more."""
    query = ask.query
    if _bare(query) or len(found.rows) <= query.count:
        return None
    last = found.last or found.rows[query.count - 1]
    keys = [value for name, value in last.items() if is_key(name)]
    whole, subject = replace(query, cursor=""), ask.caller.access.subject
    return search.seal(whole, [hour(last["asked_at"]), *keys], secret=ask.office.secret, subject=subject)


async def _plain(ask: Ask, link: Link, rows: list[tuple[Any, ...]]) -> list[Found]:
    """Matches that leave as they are stored, as nearly all do."""
    kind, key, nowhere = ask.type, ask.record, dict[str, list[str]]()
    found = []
    for identifier, version, moment, stored, filtered, verdict, *secret in rows:
        body = await redact(link, ask.caller, key, kind, stored) if filtered else stored
        found.append(Found(Stored(kind, identifier, version, moment, body), nowhere, verdict, key, any(secret)))
    return found


async def _match(ask: Ask, link: Link, row: Record) -> Found:
    """One match as it leaves."""
    directory = DEFINITIONS[ask.type].scope is Scope.DIRECTORY
    points = {name: row[name] for name in reference_columns(ask.type) if name in row} if ask.query.includes else {}
    if directory:
        return Found(_stored(ask, row, row["body"]), points)
    key, verdict = row["record"], row["verdict"]
    if ask.type == "AuditEvent":
        event = await events.render(ask.office, link, ask.caller, row)
        return Found(event, points, verdict, key, row["secret"], judged.about(dict(row)))
    body: bytes = row["body"]
    if verdict == PATIENT_REDUCED.name:
        body, points = reduce(body), {}  # what he is not shown leads nowhere
    elif row["filtered"]:
        body = await redact(link, ask.caller, key, ask.type, body)
    return Found(_stored(ask, row, body), points, verdict, key, ask.type in SECRET and row["secret"])


def _stored(ask: Ask, row: Record, body: bytes) -> Stored:
    return Stored(ask.type, row["id"], row["version_id"], row["last_updated"], body)


def _ignored(query: Query) -> list[Issue]:
    return ignored(query.ignored)


def ignored(parameters: tuple[str, ...]) -> list[Issue]:
    """The parameters that had no effect (api.md section 2)."""
    if not parameters:
        return []
    names = ", ".join(f"`{name}`" for name in parameters)
    text = f"not supported and left out: {names}"
    return [Issue("not-supported", text, "unknown-parameter", severity="warning")]


def cut(including: Including) -> list[Issue]:
    """That not everything was brought along which might have been."""
    if not including.cut:
        return []
    text = f"the matches bring more along than the {MOST} resources that are shown"
    return [Issue("too-costly", text, "includes-cut", severity="warning")]


def _remarks(found: Rows) -> list[Issue]:
    """What a professional without a relation to the record learns: his status, and whether he may break the glass."""
    if found.relation not in RELATIONLESS:
        return []
    text = f"no relation to this record: {found.relation}"
    allowed = "break-glass-allowed" if found.break_glass else "break-glass-refused"
    return [
        Issue("informational", text, found.relation, severity="information"),
        Issue("informational", allowed.replace("-", " "), allowed, severity="information"),
    ]
