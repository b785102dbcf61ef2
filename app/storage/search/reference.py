"""Search type `reference` (search.html section 3.1.1.4.12).

Column: text[] with `Type/id` for what is ours, absolute URLs as sent, and `identifier|system|value` for a logical
reference. A URL under our own base means the same as its relative form, so both find the same rows; so does a
reference to one version, which is kept without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.resources import DEFINITIONS
from app.storage.search.match import like, overlap, pattern
from app.storage.search.piece import plain
from app.storage.search.token import parts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.resources.definition import Parameter
    from app.storage.search.match import Bind, Match, Question

IDENTIFIER = "identifier"
MODIFIERS = frozenset({"", IDENTIFIER})
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
RELATIVE = re.compile(r"(?P<type>[A-Z][A-Za-z]*)/[A-Za-z0-9.-]{1,64}")
VERSION = re.compile(r"/_history/[A-Za-z0-9.-]{1,64}$")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def targets(parameter: Parameter) -> tuple[str, ...]:
    """Types that the parameter may point to."""
    return parameter.targets or tuple(DEFINITIONS)


def keys(parameter: Parameter, kind: str, piece: str, base: str) -> list[str]:
    """Entries of the column that this alternative means; `kind` is the type named by a modifier, or "".

    Raises:
        BadValue: neither an id nor `Type/id` nor a URL, or of another type than the modifier names.
    """
    value = VERSION.sub("", plain(piece)).removeprefix(f"{base}/")
    if relative := RELATIVE.fullmatch(value):
        if kind and relative["type"] != kind:
            raise BadValue(f"a value of `{parameter.name}:{kind}` is of another type")
        return [value]
    if ID.fullmatch(value):
        return [f"{target}/{value}" for target in ([kind] if kind else targets(parameter))]
    if ABSOLUTE.fullmatch(value):
        return [value]
    raise BadValue(f"a value of `{parameter.name}` is neither an id nor a reference")


def _logical(name: str, piece: str) -> str:
    """LIKE pattern of a logical reference by the four spellings of a token."""
    system, code = parts(name, piece)
    return "|".join((IDENTIFIER, "%" if system is None else pattern(system), pattern(code) or "%"))


def match(question: Question) -> Match:
    """Read the alternatives; `:identifier` has the values of a token."""
    parameter, modifier = question.parameter, question.modifier
    if modifier == IDENTIFIER:
        return question.match([_logical(parameter.name, piece) for piece in question.pieces])
    return question.match([key for piece in question.pieces for key in keys(parameter, modifier, piece, question.base)])


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """One reference is one of the values."""
    return like(table, match, bind) if match.modifier == IDENTIFIER else overlap(table, match, bind)
