"""Search type `uri`: exact and case-sensitive (search.html section 3.1.1.4.14). Column: text[] of the URIs as sent.

`:below` finds a URL and those that go on after a `/`, `#`, `?` or `|` behind it, `:above` those that it goes on from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.storage.search.match import like, overlap, pattern
from app.storage.search.piece import plain
from app.storage.search.reference import RELATIVE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.storage.search.match import Bind, Match, Question

HIERARCHIC = frozenset({"above", "below"})
MODIFIERS = frozenset({""}) | HIERARCHIC
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]+\S*")
MARKS = "/#?|"
MOST_STEPS = 50


def _spellings(value: str, base: str) -> list[str]:
    """What is ours is found by its relative and by its absolute spelling."""
    relative = value.removeprefix(f"{base}/")
    return [relative, f"{base}/{relative}"] if RELATIVE.fullmatch(relative) else [value]


def _hierarchic(question: Question, value: str) -> list[str]:
    """Patterns of what is below or above a URL."""
    if not URL.fullmatch(value):
        raise BadValue(f"a value of `{question.parameter.name}:{question.modifier}` is no URL, and only URLs go on")
    if question.modifier == "above":
        authority = value.index("/", value.index("://") + 3) if value.count("/") > 2 else len(value)  # noqa: PLR2004
        ends = [at for at in range(authority, len(value)) if value[at] in MARKS][:MOST_STEPS]
        return [pattern(one) for at in ends for one in (value[:at], value[: at + 1])] + [pattern(value)]
    start = value.rstrip(MARKS)
    spelt = sorted({start, start.removeprefix(f"{question.base}/")})
    return [pattern(value), *(f"{pattern(one)}{mark}%" for one in spelt for mark in MARKS)]


def match(question: Question) -> Match:
    """Read the alternatives into entries, or patterns of what is above or below them."""
    values = [plain(piece) for piece in question.pieces]
    if question.modifier in HIERARCHIC:
        return question.match([one for value in values for one in _hierarchic(question, value)])
    return question.match([uri for value in values for uri in _spellings(value, question.base)])


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """One URI is one of the values, or goes on from it or to it."""
    return (like if match.modifier in HIERARCHIC else overlap)(table, match, bind)
