"""Search type `string`: starts with, whatever the case and the accents (search.html section 3.1.1.4.9).

Column: text[] with each value twice, folded, and exact behind a record separator that no FHIR string may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.resources.extraction import EXACT, INSIDE, fold
from app.storage.search.match import like, overlap, pattern
from app.storage.search.piece import plain

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.storage.search.match import Bind, Match, Question

MODIFIERS = frozenset({"", "exact", "contains"})


def match(question: Question) -> Match:
    """Read the alternatives into entries (`:exact`) or LIKE patterns."""
    texts = [plain(piece) for piece in question.pieces]
    if question.modifier == "exact":
        return question.match([EXACT + text for text in texts])
    before = "%" if question.modifier == "contains" else ""
    return question.match([f"{before}{pattern(fold(text))}%" for text in texts])


def inside(question: Question, paths: list[str]) -> Match:
    """The same of contained resources: entries of a reference's column, behind each of these paths."""
    texts = [(f"{INSIDE}{path}|", plain(piece)) for path in paths for piece in question.pieces]
    if question.modifier == "exact":
        return question.match([f"{head}{EXACT}{text}" for head, text in texts])
    before = "%" if question.modifier == "contains" else ""
    return question.match([f"{head}{before}{pattern(fold(text))}%" for head, text in texts])


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """One entry starts with, contains or is one of the values.

    `:contains` need not leave the exact entries out: one that contains a folded text stands beside a folded one that
    contains it too.
    """
    return (overlap if match.modifier == "exact" else like)(table, match, bind)
