"""Search type `composite`: two parts of one element together, `a$b` (search.html section 3.1.1.4.15).

Column: text[] with every pair of an entry of one part and an entry of the other, joined by `$`, in both orders.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.resources.definition import Search
from app.storage.search import reference, token
from app.storage.search.match import overlap
from app.storage.search.piece import split

if TYPE_CHECKING:
    from app.storage.search.match import Match, Question

MODIFIERS = frozenset({""})


def _keys(question: Question, part: str, piece: str) -> list[str]:
    """A part has the type of the parameter that reads the same element, else it is a token."""
    path = f"{question.parameter.path}.{part}"
    own = next((p for p in question.definition.parameters if p.path == path and p.type is Search.REFERENCE), None)
    if own:
        return reference.keys(own, "", piece, question.base)
    return token.keys(question.parameter.name, piece)


def _pairs(question: Question, piece: str) -> list[str]:
    """R4 names the two parts of `relationship` in one order and their expressions in the other: both are answered."""
    names, pieces = question.parameter.parts, split(piece, "$")
    if len(pieces) != len(names) or not all(pieces):
        raise BadValue(f"a value of `{question.parameter.name}` needs {len(names)} parts joined by `$`")
    found: list[str] = []
    for order in (names, names[::-1]):
        with suppress(BadValue):  # what is no reference may be the token of the other order
            keys = [_keys(question, part, value) for part, value in zip(order, pieces, strict=True)]
            found += ["$".join(pair) for pair in product(*keys)]
    if not found:
        raise BadValue(f"a value of `{question.parameter.name}` has a part that its element does not allow")
    return found


def match(question: Question) -> Match:
    """Read the alternatives."""
    return question.match([pair for piece in question.pieces for pair in _pairs(question, piece)])


condition = overlap
