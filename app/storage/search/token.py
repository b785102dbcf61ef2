"""Search type `token`: codes, codings, identifiers, contact points, booleans (search.html section 3.1.1.4.10).

Column: text[] with, for each coding, `system|code`, the bare `code`, `system|`, and `|code` where there is no system;
how it reads, folded, and for an identifier the coding of its type beside its value, each behind a mark of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import all_, any_

from app.access import FINESS, IDNPS, IDNST, RPPS, SIREN_DIGITS, SIRENE
from app.errors import BadValue, Unsupported
from app.resources import vocabulary
from app.resources.extraction import TEXT, TYPED, fold
from app.storage.search.match import ID, TEXTS, like, overlap, pattern, unlike
from app.storage.search.piece import plain, split

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.storage.search.match import Bind, Match, Question

NEGATED = frozenset({"not", "not-in"})
MODIFIERS = frozenset({"", "text", "in", "of-type", "above", "below"}) | NEGATED
OF_TYPE = 3
"""Parts of `system|code|value`."""
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


def typed(name: str, piece: str) -> str:
    """Entry of an identifier by the coding of its type (`:of-type`).

    Raises:
        BadValue: not `system|code|value`.
    """
    said = [plain(part) for part in split(piece, "|")]
    if len(said) != OF_TYPE or not all(said[1:]):
        raise BadValue(f"a value of `{name}:of-type` is `system|code|value`")
    return TYPED + "|".join(said)


def _listed(question: Question, piece: str) -> list[str]:
    """Every code of a value set (`:in`)."""
    codes = vocabulary.value_set(plain(piece))
    if codes is None:
        raise Unsupported(f"the value set that `{question.parameter.name}:{question.modifier}` names is not known here")
    return [f"{system}|{code}" for system, code in codes]


def _related(question: Question, piece: str) -> list[str]:
    """What is below or above a code; patterns where its code says itself what it is below (`image/png`, `fr-FR`)."""
    parameter, modifier = question.parameter, question.modifier
    system, code = parts(parameter.name, piece)
    marks = vocabulary.WRITTEN.get(parameter.system)
    if marks and system in {None, parameter.system}:
        code = code.rstrip("".join(marks))
        ends = [at for at, letter in enumerate(code) if letter in marks]
        upper, lower = [pattern(code[:at]) for at in ends], [f"{pattern(code)}{mark}%" for mark in marks]
        return [pattern(code), *(upper if modifier == "above" else lower)]
    if parameter.system:  # the codes of R4 itself are below nothing
        return keys(parameter.name, piece)
    found = (vocabulary.above if modifier == "above" else vocabulary.below)(system, code)
    if found is None:
        raise Unsupported(f"what `{parameter.name}:{modifier}` asks for is not known of that code system here")
    return [f"{of}|{one}" for of, one in found]


def _typed(question: Question, piece: str) -> list[str]:
    return [typed(question.parameter.name, piece)]


def _reading(_: Question, piece: str) -> list[str]:
    return [f"{TEXT}{pattern(fold(plain(piece)))}%"]


def _keys(question: Question, piece: str) -> list[str]:
    return keys(question.parameter.name, piece)


READERS = {"text": _reading, "of-type": _typed, "in": _listed, "not-in": _listed, "above": _related, "below": _related}
LIKE = "like"


def match(question: Question) -> Match:
    """Read the alternatives; `_id` is compared as it is, case included."""
    modifier = question.modifier
    if question.parameter is ID:
        if modifier not in {"", "not"}:
            raise question.unsupported()
        return question.match([plain(piece) for piece in question.pieces])
    read = READERS.get(modifier, _keys)
    written = modifier in {"above", "below"} and question.parameter.system in vocabulary.WRITTEN
    form = LIKE if written or modifier == "text" else ""
    return question.match([key for piece in question.pieces for key in read(question, piece)], form=form)


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """`:not` and `:not-in` hold also where the parameter has no value (search.html section 3.1.1.4.10)."""
    if match.parameter is ID:
        values = bind(TEXTS)
        return table.c.id != all_(values) if match.modifier else table.c.id == any_(values)
    if match.modifier in NEGATED:
        return unlike(table, match, bind)
    return (like if match.form == LIKE else overlap)(table, match, bind)
