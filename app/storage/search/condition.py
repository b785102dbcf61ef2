"""What a search compiles to: one condition over the columns of its type, and the values bound in it.

The text of a condition depends on the `shape` of the query alone, so a statement is compiled once for all queries of a
shape, and `values` gives what each of them binds.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Text, and_, any_, bindparam, exists, false, func, literal_column, not_, or_, select, true

from app.resources.definition import Search
from app.storage.search import date
from app.storage.search.match import ID, LAST_UPDATED, TEXTS, Chain, Has, entries
from app.storage.search.result import Summary
from app.storage.search.term import KINDS, MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from sqlalchemy import BindParameter, ColumnElement, FromClause
    from sqlalchemy.types import TypeEngine

    from app.storage.search.match import Bind, Match, Test
    from app.storage.search.query import Query
    from app.storage.search.term import Term

    Guard = Callable[[str, Test], FromClause | Select[Any]]
    """Rows of a type that the caller may see, for one test of a chain: the columns of the type's table."""


def compile_query(
    query: Query, table: FromClause, guard: Guard, *, met: Term | None = None
) -> tuple[ColumnElement[bool], dict[str, object]]:
    """Condition over `table` under which a row matches, and its values by name (`v0`, `v1`, …).

    Every row that a chain looks at comes from `guard`, which is told the type and what will be asked of it. The term
    `met` is one that the rows are known to meet.
    """
    numbers = count()

    def bind(kind: TypeEngine[Any]) -> BindParameter[Any]:
        return bindparam(f"v{next(numbers)}", type_=kind)

    few = "record" in table.c
    conditions = [(term, _condition(term.test, table, guard, bind, few=few)) for term in query.terms]
    return and_(true(), *(condition for term, condition in conditions if term is not met)), values(query)


def values(query: Query) -> dict[str, object]:
    """What the condition of this query binds, by name."""
    bound = (value for term in query.terms for value in _values(term.test))
    return {f"v{number}": value for number, value in enumerate(bound)}


def bound(query: Query, term: Term) -> BindParameter[Any]:
    """What the condition of one term binds, where that is one array of keys (`_id`, a token)."""
    before = query.terms[: query.terms.index(term)]
    return bindparam(f"v{sum(1 for one in before for _ in _values(one.test))}", type_=TEXTS)


def shape(query: Query) -> Hashable:
    """All of the query that shows in the text of its statement: equal shapes, equal text."""
    tests = tuple(_shape(term.test) for term in query.terms)
    extra = (query.includes, query.revincludes, query.summary is Summary.COUNT, query.total)
    return query.type, tests, query.sort, bool(query.cursor), *extra


def _shape(test: Test) -> Hashable:
    if isinstance(test, Chain):
        inside = _shape(test.inside) if test.inside else ()
        return test.parameter.name, tuple((kind, _shape(inner)) for kind, inner in test.branches), inside
    if isinstance(test, Has):
        return test.target, test.kind, test.parameter.name, _shape(test.test)
    return test.parameter.name, test.modifier, test.form


def _values(test: Test) -> Iterator[object]:
    if isinstance(test, Chain):
        for inner in (*(inner for _, inner in test.branches), *([test.inside] if test.inside else [])):
            yield from _values(inner)
    elif isinstance(test, Has):
        yield from _values(test.test)
    else:
        yield from test.values


def _condition(test: Test, table: FromClause, guard: Guard, bind: Bind, *, few: bool = True) -> ColumnElement[bool]:
    """The condition of one test; `few` are the rows of records, and entries of the directory that these name."""
    if isinstance(test, Chain):
        ways = [_target(test, kind, inner, table, guard, bind, few=few) for kind, inner in test.branches]
        return or_(*ways, *([_condition(test.inside, table, guard, bind)] if test.inside else []))
    if isinstance(test, Has):
        return _pointed_at(test, table, guard, bind)
    if test.modifier == MISSING:
        return _missing(test, table)
    return KINDS[test.parameter.type].condition(table, test, bind)


def _target(
    chain: Chain, kind: str, inner: Test, table: FromClause, guard: Guard, bind: Bind, *, few: bool
) -> ColumnElement[bool]:
    """A reference points at a visible row that meets the inner test.

    Rows of records are found once, before the outer ones, and never looked up for each of them: the sub-select stands
    alone, even where it reads the same table. An entry of the directory is looked up by its id for each row of a record
    that names it: the directory is all of France, and a record names few.
    """
    rows = guard(kind, inner)
    source = rows.subquery() if isinstance(rows, Select) else rows
    column = table.c[chain.parameter.column]
    if few and "record" not in source.c:
        named = exists().where(source.c.id == any_(_ids(column, kind)), _condition(inner, source, guard, bind))
        return named.correlate_except(source)
    name = literal_column(f"'{kind}/'", Text) + source.c.id
    found = select(name).where(_condition(inner, source, guard, bind, few="record" in source.c)).correlate(None)
    return column.bool_op("&&")(func.array(found.scalar_subquery()))


def _ids(references: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """Ids of one type that a column of references holds."""
    start = f"{kind}/"
    entry = func.unnest(references, type_=Text).column_valued("entry")
    led = func.starts_with(entry, literal_column(f"'{start}'", Text))
    ids = select(func.substr(entry, literal_column(str(len(start) + 1)))).where(led)
    return func.array(ids.scalar_subquery())


def _pointed_at(has: Has, table: FromClause, guard: Guard, bind: Bind) -> ColumnElement[bool]:
    """A visible row that meets the inner test points at the row. What it points at is gathered once, by id."""
    rows = guard(has.kind, has.test)
    source = rows.subquery() if isinstance(rows, Select) else rows
    start = f"{has.target}/"
    entry = entries(source, has.parameter)
    there = and_(func.starts_with(entry, literal_column(f"'{start}'", Text)), _condition(has.test, source, guard, bind))
    found = select(func.substr(entry, literal_column(str(len(start) + 1)))).select_from(source).where(there)
    return table.c.id == any_(func.array(found.correlate(None).scalar_subquery()))


def _missing(test: Match, table: FromClause) -> ColumnElement[bool]:
    absent = _absent(test, table)
    return absent if test.form is True else not_(absent)


def _absent(test: Match, table: FromClause) -> ColumnElement[bool]:
    if test.parameter in (ID, LAST_UPDATED):
        return false()
    if test.parameter.type is Search.DATE:
        low, high = date.bounds(table, test.parameter)
        return and_(low.is_(None), high.is_(None))
    return func.cardinality(table.c[test.parameter.column]) == 0
