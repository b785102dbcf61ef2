"""Search type `token`: codes, codings, identifiers, contact points, booleans (search.html section 3.1.1.4.10).

Column: text[] with, for each coding, `system|code`, the bare `code`, `system|`, and `|code` where there is no system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import all_, any_, not_

from app.access import FINESS, IDNPS, IDNST, RPPS, SIREN_DIGITS, SIRENE
from app.errors import BadValue
from app.storage.search.match import ID, TEXTS, overlap
from app.storage.search.piece import plain, split

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.storage.search.match import Bind, Match, Question

MODIFIERS = frozenset({"", "not"})
NATIONAL = {(IDNPS, "8"): RPPS, (IDNST, "1"): FINESS, (IDNST, "2"): SIRENE, (IDNST, "3"): SIRENE}
"""System of the number that a national identifier wraps, by its first digit (facts/dmp.md section 3.4)."""


def parts(name: str, piece: str) -> tuple[str | None, str]:
    """System and code of one alternative; the system is None where none is said, "" where there must be none.

    Raises:
        BadValue: neither a system nor a code.
    """
    system, *code = (plain(part) for part in split(piece, "|", most=1))
    if not code:
        return None, system
    if not system and not code[0]:
        raise BadValue(f"a value of `{name}` holds neither a system nor a code")
    return system, code[0]


def _twin(system: str, code: str) -> str:
    """The other spelling of a national identifier (IDNPS `8…` is an RPPS number), or ""."""
    if wrapped := NATIONAL.get((system, code[:1])):
        return f"{wrapped}|{code[1:]}"
    if system == RPPS:
        return f"{IDNPS}|8{code}"
    if system == FINESS:
        return f"{IDNST}|1{code}"
    if system == SIRENE:
        return f"{IDNST}|{'2' if len(code) == SIREN_DIGITS else '3'}{code}"
    return ""


def keys(name: str, piece: str) -> list[str]:
    """Entries of the column that this alternative means."""
    system, code = parts(name, piece)
    if system is None:
        return [code]
    twin = _twin(system, code) if code else ""
    return [f"{system}|{code}", *([twin] if twin else [])]


def match(question: Question) -> Match:
    """Read the alternatives; `_id` is compared as it is, case included."""
    if question.parameter is ID:
        return question.match([plain(piece) for piece in question.pieces])
    return question.match([key for piece in question.pieces for key in keys(question.parameter.name, piece)])


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """`:not` holds also where the parameter has no value (search.html section 3.1.1.4.10)."""
    if match.parameter is ID:
        values = bind(TEXTS)
        return table.c.id != all_(values) if match.modifier else table.c.id == any_(values)
    found = overlap(table, match, bind)
    return not_(found) if match.modifier else found
