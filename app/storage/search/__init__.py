"""Search: from the pairs of a query string to one SQL condition, its order and its pages.

The way of a search: `parse` reads it, `shape` says which statement serves it, `compile_query`, `order`, `columns` and
`after` make that statement when it is not there yet, `values` and `position` give what it binds; `seal` makes the page
token of the last row shown, `unseal` reads it back.
"""

from __future__ import annotations

from app.storage.search.condition import bound, compile_query, shape, values
from app.storage.search.cursor import seal, sealed, unseal, unsealed
from app.storage.search.date import PREFIXES
from app.storage.search.match import ID, LAST_UPDATED, Chain, Has, Match
from app.storage.search.order import after, columns, order, position
from app.storage.search.query import Query, next_query, parse, self_query
from app.storage.search.result import UNBROUGHT, Include, Sort, Summary, Total
from app.storage.search.term import Term, chained, modifiers

__all__ = [
    "ID",
    "LAST_UPDATED",
    "PREFIXES",
    "UNBROUGHT",
    "Chain",
    "Has",
    "Include",
    "Match",
    "Query",
    "Sort",
    "Summary",
    "Term",
    "Total",
    "after",
    "bound",
    "chained",
    "columns",
    "compile_query",
    "modifiers",
    "next_query",
    "order",
    "parse",
    "position",
    "seal",
    "sealed",
    "self_query",
    "shape",
    "unseal",
    "unsealed",
    "values",
]
