"""The order of the matches, and where in it a page begins: keyset paging over the sort keys, then (record, id).

Rows without a value come last in either direction. A row with several values is sorted by the one that comes first
(search.html section 3.1.1.6.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Text, and_, bindparam, false, func, or_, select, true

from app.resources.definition import Search
from app.resources.extraction import EXACT, INSIDE, LOGICAL, TEXT
from app.storage.search import date
from app.storage.search.match import ID, LAST_UPDATED, entries
from app.storage.search.result import NEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, ColumnElement, FromClause, Label
    from sqlalchemy.sql.elements import UnaryExpression

    from app.storage.search.query import Query
    from app.storage.search.result import Sort


BESIDES = {
    Search.STRING: (f"{EXACT}%",),
    Search.TOKEN: ("%|%", f"{TEXT}%"),
    Search.REFERENCE: (f"{LOGICAL}|%", f"{INSIDE}%"),
}
"""Entries that are no value to sort by."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the order, over the columns of a table."""

    expression: ColumnElement[Any]
    descending: bool = False
    nullable: bool = False

    def order(self) -> UnaryExpression[Any]:
        """Its part of ORDER BY."""
        directed = self.expression.desc() if self.descending else self.expression.asc()
        return directed.nulls_last() if self.nullable else directed

    def beyond(self, value: BindParameter[Any]) -> ColumnElement[bool]:
        """Whether a row comes after one with this value; after a row without a value there is nothing."""
        later = self.expression < value if self.descending else self.expression > value
        return or_(later, and_(self.expression.is_(None), value.is_not(None))) if self.nullable else later

    def same(self, value: BindParameter[Any]) -> ColumnElement[bool]:
        """Whether a row has this value, or neither has one."""
        return self.expression.is_not_distinct_from(value) if self.nullable else self.expression == value


def _extreme(sort: Sort, table: FromClause) -> ColumnElement[Any]:
    """First value in the order asked, by code point: folded strings, bare codes, references and URIs as they are."""
    entry = entries(table, sort.parameter)
    plain = and_(true(), *(entry.not_like(one) for one in BESIDES.get(sort.parameter.type, ())))
    first = func.max if sort.descending else func.min
    return select(first(entry.collate("C"))).where(plain).scalar_subquery()


def _key(sort: Sort, table: FromClause) -> Key:
    if sort.parameter is LAST_UPDATED:
        return Key(table.c.last_updated, sort.descending)
    if sort.parameter is ID:
        return Key(table.c.id, sort.descending)
    if sort.parameter.type is Search.DATE:
        low, high = date.bounds(table, sort.parameter)
        first = (high, low) if sort.descending else (low, high)
        return Key(func.coalesce(*first, type_=DateTime(timezone=True)), sort.descending, nullable=True)
    return Key(_extreme(sort, table), sort.descending, nullable=True)


def _keys(query: Query, table: FromClause) -> list[Key]:
    ties = [Key(table.c[name]) for name in ("record", "id") if name in table.c]
    return [_key(sort, table) for sort in query.sort or (NEWEST,)] + ties


def columns(query: Query, table: FromClause) -> list[Label[Any]]:
    """The sort keys to select beside each row (`k0`, `k1`, …): those of the last row shown make the next cursor."""
    return [key.expression.label(f"k{number}") for number, key in enumerate(_keys(query, table))]


def order(query: Query, table: FromClause) -> list[UnaryExpression[Any]]:
    """ORDER BY of the search; no two rows are equal in it."""
    return [key.order() for key in _keys(query, table)]


def after(query: Query, table: FromClause) -> ColumnElement[bool]:
    """Whether a row comes after the cursor's, whose keys are bound as `c0`, `c1`, …."""
    keys = _keys(query, table)
    found: ColumnElement[bool] = false()
    for number in reversed(range(len(keys))):
        kind = DateTime(timezone=True) if isinstance(keys[number].expression.type, DateTime) else Text()
        value: BindParameter[Any] = bindparam(f"c{number}", type_=kind)
        found = or_(keys[number].beyond(value), and_(keys[number].same(value), found))
    return found


def position(keys: Sequence[object]) -> dict[str, object]:
    """The keys of a cursor by the names that `after` binds."""
    return {f"c{number}": key for number, key in enumerate(keys)}
