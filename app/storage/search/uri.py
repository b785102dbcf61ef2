"""Search type `uri`: exact and case-sensitive (search.html section 3.1.1.4.14). Column: text[] of the URIs as sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.storage.search.match import overlap
from app.storage.search.piece import plain
from app.storage.search.reference import RELATIVE

if TYPE_CHECKING:
    from app.storage.search.match import Match, Question

MODIFIERS = frozenset({""})


def _spellings(value: str, base: str) -> list[str]:
    """What is ours is found by its relative and by its absolute spelling."""
    relative = value.removeprefix(f"{base}/")
    return [relative, f"{base}/{relative}"] if RELATIVE.fullmatch(relative) else [value]


def match(question: Question) -> Match:
    """Read the alternatives."""
    values = (plain(piece) for piece in question.pieces)
    return question.match([uri for value in values for uri in _spellings(value, question.base)])


condition = overlap
