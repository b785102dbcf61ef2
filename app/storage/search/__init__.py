"""Search: from the pairs of a query string to one SQL condition, its order and its pages.

The way of a search: `parse` reads it, `shape` says which statement serves it, `compile_query`, `order`, `columns` and
`after` make that statement when it is not there yet, `values` and `position` give what it binds; `seal` makes the page
token of the last row shown, `unseal` reads it back.
"""

from __future__ import annotations

from app.storage.search.condition import compile_query, shape, values
from app.storage.search.cursor import seal, sealed, unseal, unsealed
from app.storage.search.match import Chain, Has, Match
from app.storage.search.order import after, columns, order, position
from app.storage.search.query import Query, next_query, parse, self_query
from app.storage.search.result import Include, Sort, Summary, Total
from app.storage.search.term import Term

__all__ = [
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
    "columns",
    "compile_query",
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
