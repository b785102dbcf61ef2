"""Search type `string`: starts with, whatever the case and the accents (search.html section 3.1.1.4.9).

Column: text[] with each value twice, folded, and exact behind a record separator that no FHIR string may hold. A search
of the directory is bound to no record: there all entries of a row, joined by unit separators, are one text, to which an
index of trigrams leads (`carnet.joined`, migration 0013).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import any_, func

from app.resources.definition import Scope
from app.resources.extraction import EXACT, INSIDE, fold
from app.storage.search.match import TEXTS, like, overlap, pattern
from app.storage.search.piece import plain

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.storage.search.match import Bind, Match, Question

MODIFIERS = frozenset({"", "exact", "contains"})
JOINED, END = "joined", "\x1f"
"""A condition on all entries of a row as one text, and what stands before and behind each of them there."""


def match(question: Question) -> Match:
    """Read the alternatives into entries (`:exact`) or LIKE patterns."""
    texts = [plain(piece) for piece in question.pieces]
    if question.definition.scope is Scope.DIRECTORY:
        return question.match([_joined(question.modifier, text) for text in texts], form=JOINED)
    if question.modifier == "exact":
        return question.match([EXACT + text for text in texts])
    before = "%" if question.modifier == "contains" else ""
    return question.match([f"{before}{pattern(fold(text))}%" for text in texts])


def _joined(modifier: str, text: str) -> str:
    """LIKE pattern of all entries of a row; what folds to nothing is found by any entry, and not by having none."""
    if modifier == "exact":
        return f"%{END}{EXACT}{pattern(text)}{END}%"
    folded = pattern(fold(text))
    return f"%{'' if modifier == 'contains' else END}{folded}%" if folded else f"%{END}__%"


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
    if match.form == JOINED:
        return func.carnet.joined(table.c[match.parameter.column]).like(any_(bind(TEXTS)))
    return (overlap if match.modifier == "exact" else like)(table, match, bind)
