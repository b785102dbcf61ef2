"""The statements of a search: guarded rows in one record or across many, their count, and the directory's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, and_, bindparam, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy import entries
from app.policy.facts import NOW, facts
from app.policy.guard import JUDGES, RECORD, Binding, across, around, guarded, reached, reduced, source
from app.policy.reach import Lead, led
from app.policy.rules import DOCUMENT, reason
from app.policy.standing import fresh, newest_matrix
from app.policy.trail import SECRET
from app.policy.writes import Act, refusal, situation
from app.records.including import reference_columns
from app.records.whose import is_identity, is_indexed
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage import search
from app.storage.fence import named
from app.storage.statement import Statement, asker, constant
from app.storage.tables import matrix_version, record
from app.storage.ways import patient_way

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import ColumnElement, FromClause, ScalarSelect

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.storage.search import Query, Term

LIMIT = bindparam("page_limit", type_=Integer)
IDS = bindparam("ids", type_=ARRAY(Text))
ASKED_AT = NOW.label("asked_at")
UNLIKE = frozenset({"AuditEvent", *(name for name, one in DEFINITIONS.items() if one.scope is Scope.DIRECTORY)})
"""Types whose matches are not simply stored rows of a record."""
ELSEWHERE = UNLIKE | {"Binary"}
"""Types that a caller finds in no record as well: their ids do not say it."""


ROOM = 1 << 29
"""Bytes of a page that comes in one row; a value of PostgreSQL has a gigabyte at most."""


def plain(resource_type: str) -> tuple[str, ...]:
    """What the answer needs of a plain match, in this order."""
    names = ("id", "version_id", "last_updated", "body", "filtered", "verdict")
    return (*names, "secret") if resource_type in SECRET else names


@dataclass(frozen=True, slots=True)
class Ask:
    """One search on its way: the query, the record that it is about ("" for none), and how it is bound."""

    office: Office
    caller: Caller
    query: Query
    record: str

    @property
    def type(self) -> str:
        """Resource type searched."""
        return self.query.type

    @property
    def binding(self) -> Binding:
        """One record, or many: whose relations are had row by row where an index leads to a few."""
        if self.record:
            return Binding.ONE
        few = self.by_identity or any(is_indexed(term.test) for term in self.query.terms)
        return Binding.MANY if few else across(self.type)

    @property
    def lead(self) -> Term | None:
        """The first condition of a search across records that leads to a few rows, wherever they lie."""
        if self.record or self.by_identity or self.type in ELSEWHERE:
            return None
        return next((term for term in self.query.terms if is_indexed(term.test)), None)

    @property
    def by_identity(self) -> bool:
        """Whether the search asks by nothing but id and exact INS, all that a reduced Patient ever matches."""
        terms = self.query.terms
        plain = self.type == "Patient" and bool(terms) and not self.query.sort
        return plain and all(is_identity(term.test) for term in terms)

    @property
    def plain(self) -> bool:
        """Whether each match is a stored row of a record, and nothing but it is asked of it."""
        return self.type not in UNLIKE and not (self.query.includes or self.by_identity)

    @property
    def in_one_row(self) -> bool:
        """Whether a page of plain matches in one record may come in one row: however large they are, there is room."""
        return bool(self.record) and self.plain and (self.query.count + 1) * self.office.settings.resource_limit <= ROOM

    def name(self, what: str) -> Hashable:
        """Name of the statement that serves every search of this shape."""
        led = [is_indexed(term.test) for term in self.query.terms]
        return what, self.binding, self.by_identity, *led, self.office.renderer, search.shape(self.query)

    def rows(self) -> tuple[FromClause, ColumnElement[bool]]:
        """The rows searched, and the condition under which one matches, after the cursor if there is one."""
        row = self._source()
        condition, _ = search.compile_query(self.query, row, self._chained, met=self.lead)
        return row, and_(condition, search.after(self.query, row) if self.query.cursor else true())

    def _source(self) -> FromClause:
        if entries.wanted(self.query):
            return entries.shown(self.type, self.binding)
        return source(self.type, self.office.renderer, self.binding)

    def _chained(self, resource_type: str, test: Any) -> FromClause:  # noqa: ANN401 - a Match or a Chain
        """Rows that a chain looks at: those the caller sees whole, and a reduced Patient for its id or exact INS."""
        if resource_type == "Patient" and is_identity(test):
            row = source("Patient")
            seen = select(row).select_from(row.join(record, record.c.id == row.c.record))
            seen = seen.where(reduced(row, record.c.status, Binding.ONE if self.record else Binding.MANY))
            return (seen.where(row.c.record == RECORD) if self.record else seen).subquery()
        few = Binding.MANY if is_indexed(test) else across(resource_type)
        binding = Binding.ONE if self.record else few
        told = entries.asks(resource_type, test)
        return guarded(resource_type, binding, entries.shown(resource_type, binding) if told else None)

    def columns(self, row: FromClause) -> list[Any]:
        """What the answer needs of each row, the references to follow included."""
        points = set(reference_columns(self.type)) if self.query.includes or self.query.revincludes else set()
        if self.type == "AuditEvent":
            return [c for c in row.c if c.name != "record" and (c.name in points or not c.name.startswith("p_"))]
        stored = [name for name in plain(self.type) if name in row.c]
        return [row.c[name] for name in [*stored, *sorted(points)]]


def _guarded(ask: Ask, row: FromClause, condition: ColumnElement[bool]) -> tuple[Any, ColumnElement[bool]]:
    """Why a row is shown, and whether it is there at all."""
    verdict = JUDGES[ask.type](row, ask.binding.status, ask.binding)
    shown = reduced(row, ask.binding.status, ask.binding) if ask.by_identity else verdict.visible
    return verdict.reason, and_(condition, shown)


def in_one(ask: Ask) -> Statement:
    """Matches in one record, beside what confirms the standing; one row without an id where nothing matches."""
    return _matching(ask, fresh())


def candidates(ask: Ask) -> Statement:
    """The same by a standby, under the standing that it is given: the primary's, which may not have arrived there."""
    return _matching(ask, true())


def paged(ask: Ask) -> Statement:
    """The same of a plain search in one row: each column is an array, and null where nothing matches.

    A row of twenty arrays costs a worker half of what twenty rows do. `k0` and so on are those of the last match that
    the page shows, where there is one more.
    """
    inner = _page(ask, fresh())
    page = select(
        *(func.array_agg(inner.c[name]).label(name) for name in plain(ask.type)),
        *(_array(key)[LIMIT - constant(1)].label(key.name) for key in inner.c if is_key(key.name)),
    ).lateral("pages")
    return _headed(fresh(), page)


def _array(column: ColumnElement[Any]) -> ColumnElement[Any]:
    array: ColumnElement[Any] = func.array_agg(column, type_=ARRAY(column.type))
    return array


def is_key(name: str) -> bool:
    """Whether a column is a key of the order (`search.columns`)."""
    return name[:1] == "k" and name[1:].isdigit()


def _matching(ask: Ask, ok: ColumnElement[bool]) -> Statement:
    return _headed(ok, _page(ask, ok))


def _page(ask: Ask, ok: ColumnElement[bool]) -> FromClause:
    row, condition = ask.rows()
    why, there = _guarded(ask, row, condition)
    return (
        select(*ask.columns(row), row.c.record, why.label("verdict"), *search.columns(ask.query, row))
        .where(row.c.record == record.c.id, row.c.record == RECORD, ok, there)
        .order_by(*search.order(ask.query, row))
        .limit(LIMIT)
        .correlate(record)
        .lateral("page")
    )


def confirming(resource_type: str) -> Statement:
    """Which of the rows with these `ids` are seen in one record, and why, beside what confirms the standing."""
    row = source(resource_type)
    verdict = JUDGES[resource_type](row, Binding.ONE.status, Binding.ONE)
    ok = fresh()
    inner = (
        select(row.c.id, row.c.version_id, row.c.filtered, verdict.reason.label("verdict"))
        .where(row.c.record == record.c.id, row.c.record == RECORD, ok, verdict.visible, row.c.id == func.any(IDS))
        .correlate(record)
        .lateral("page")
    )
    return _headed(ok, inner)


def _headed(ok: ColumnElement[bool], inner: FromClause) -> Statement:
    """Rows of one record, each beside what is said of the caller there; one of nothing where there are none."""
    head: list[Any] = [
        ok.label("fresh"),
        newest_matrix().label("newest_matrix"),
        ASKED_AT,
        asker(),
        _once(lambda status: reason(DOCUMENT, facts(status, None))).label("relation"),
        _once(lambda status: refusal(Act.BREAK_GLASS, situation(status, None)) == constant("")).label("break_glass"),
    ]
    return Statement(select(*head, inner).select_from(record.outerjoin(inner, true())).where(record.c.id == RECORD))


def _once(of: Callable[[ColumnElement[str]], ColumnElement[Any]]) -> ScalarSelect[Any]:
    """Something of the record searched, found once for the statement and not again beside each match."""
    own = record.alias()
    return select(of(own.c.status)).where(own.c.id == RECORD).scalar_subquery()


def in_many(ask: Ask) -> Statement:
    """Matches across records, beside the version of the matrix."""
    row, condition = ask.rows()
    why, there = _guarded(ask, row, condition)
    newest = select(func.max(matrix_version.c.version).label("newest_matrix")).subquery("newest")
    inner = (
        select(*ask.columns(row), row.c.record, why.label("verdict"), *search.columns(ask.query, row))
        .select_from(around(row, ask.binding))
        .where(_reached(ask, row), there)
        .order_by(*search.order(ask.query, row))
        .limit(LIMIT)
        .lateral("page")
    )
    return Statement(select(newest.c.newest_matrix, ASKED_AT, inner).select_from(newest.outerjoin(inner, true())))


def _reached(ask: Ask, row: FromClause) -> ColumnElement[bool]:
    """Where a search across records looks: an identity is found by whoever may look one up."""
    lead = ask.lead
    if lead is not None:
        by_id = isinstance(lead.test, search.Match) and lead.test.parameter is search.ID
        return led(row, ask.type, Lead(search.bound(ask.query, lead), by_id=by_id))
    if not ask.by_identity:
        return reached(row, ask.type, ask.binding)
    way = patient_way.alias()
    asked, _ = search.compile_query(ask.query, way, ask._chained)  # noqa: SLF001
    found = select(func.array_agg(way.c.record).label("records")).where(asked).cte("reach_identified")
    keys = cast(select(found.c.records).scalar_subquery(), ARRAY(Text))
    # by their keys again, since for PostgreSQL an identifier stands for a hundredth of all people
    return and_(named(identity=func.array_to_string(keys, " ")), row.c.record == func.any(keys))


def counted(ask: Ask) -> Statement:
    """How many rows match, over all pages."""
    row, condition = ask.rows()
    _, there = _guarded(ask, row, condition)
    where = row.c.record == RECORD if ask.record else _reached(ask, row)
    return Statement(select(func.count()).select_from(around(row, ask.binding)).where(where, there))


def in_directory(ask: Ask) -> Statement:
    """Matches in the directory, open to every authenticated caller."""
    row, condition = ask.rows()
    found = select(ASKED_AT, *ask.columns(row), *search.columns(ask.query, row)).where(condition)
    return Statement(found.order_by(*search.order(ask.query, row)).limit(LIMIT))


def directory_counted(ask: Ask) -> Statement:
    """How many rows of the directory match."""
    row, condition = ask.rows()
    return Statement(select(func.count()).select_from(row).where(condition))
