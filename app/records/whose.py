"""Whose record a search is about: the one that it names by reference, INS or id, or that the token is limited to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.errors import Forbidden
from app.policy.ceiling import BEYOND, SEEING
from app.records.references import BY_INS
from app.resources import DEFINITIONS, ins
from app.resources.definition import Scope
from app.storage.search import Chain, Has, Match

if TYPE_CHECKING:
    from app.access import Access
    from app.policy.standing import Caller
    from app.storage.search import Query
    from app.storage.statement import Link

HOLDER = frozenset({"patient", "subject"})
"""Parameters that name the holder."""


def values(test: Match) -> list[str]:
    """Every alternative of a condition, as its column holds it."""
    return [str(one) for some in test.values for one in (some if isinstance(some, list) else [some])]


def is_identity(test: Any) -> bool:  # noqa: ANN401 - a Match or a Chain
    """Whether a condition is on `_id` or on an exact INS: all that ever matches a reduced Patient."""
    if not isinstance(test, Match) or test.modifier:
        return False
    return test.parameter.name == "_id" or (test.parameter.name == "identifier" and all(map(_is_ins, values(test))))


def is_indexed(test: Any) -> bool:  # noqa: ANN401 - a Match, a Chain or a Has
    """Whether an index leads to the rows that meet a condition: they are few, whatever else is in reach."""
    if not isinstance(test, Match):
        return False
    name, modifier = test.parameter.name, test.modifier
    if name == "identifier" and modifier in {"", "of-type"}:
        return not any(value.endswith("|") for value in values(test))  # all that one system has are many
    return name == "_id" and not modifier


def below(access: Access, query: Query) -> Query:
    """The same search, led by chains and `_has` through no type that the token's scope does not show; Forbidden.

    By what it is led through, it would tell of what stands there. Of several types that a chain may lead to, those are
    left out; where none is left it is refused. The directory is anybody's, and the id or the exact INS of a Patient no
    more than a name of the record that is asked for.
    """
    if f"*.{SEEING[0]}" in access.scopes or all(isinstance(term.test, Match) for term in query.terms):
        return query
    return replace(query, terms=tuple(replace(term, test=_below(access, term.test)) for term in query.terms))


def _below(access: Access, test: Any) -> Any:  # noqa: ANN401 - a Match, a Chain or a Has
    if isinstance(test, Has):
        if not _shows(access, test.kind):
            raise Forbidden(f"the token's scope does not allow `{test.kind}.s`", reason=BEYOND)
        return replace(test, test=_below(access, test.test))
    if not isinstance(test, Chain):
        return test
    left = [(kind, inner) for kind, inner in test.branches if _named(kind, inner) or _shows(access, kind)]
    if not left:
        raise Forbidden("the token's scope does not allow what the chain leads through", reason=BEYOND)
    return replace(test, branches=tuple((kind, _below(access, inner)) for kind, inner in left))


def _named(kind: str, inner: Any) -> bool:  # noqa: ANN401 - a Match, a Chain or a Has
    return kind == "Patient" and is_identity(inner)


def _shows(access: Access, kind: str) -> bool:
    directory = DEFINITIONS[kind].scope is Scope.DIRECTORY
    return directory or any(access.allows(kind, letter) for letter in SEEING)


def _is_ins(token: str) -> bool:
    system, _, value = token.partition("|")
    return ins.is_ins({"system": system, "value": value})


async def named(link: Link, caller: Caller, query: Query) -> str | None:
    """The one record that a search is about; "" for none in particular.

    None where it names one that is not there, or that the caller's token does not reach.
    """
    limit = caller.access.record
    if DEFINITIONS[query.type].scope is Scope.DIRECTORY:
        return ""
    for term in query.terms:
        key = await _key(link, query.type, term.test)
        if key is not None:
            return None if key == "" or limit not in {"", key} else key
    return limit


async def by_id(link: Link, caller: Caller, query: Query) -> tuple[str, ...]:
    """The id of a row that alone led a search to its record; none where it names its holder, or the token does.

    Who asks so asked about that row and not about the record: the trail tells of it alone.
    """
    if caller.access.record or query.type == "Patient":
        return ()
    ids: tuple[str, ...] = ()
    for term in query.terms:
        if isinstance(term.test, Match) and term.test.parameter.name == "_id":
            ids = ids or tuple(values(term.test))
        elif await _key(link, query.type, term.test) is not None:
            return ()
    return ids


async def _key(link: Link, resource_type: str, test: Any) -> str | None:  # noqa: ANN401, PLR0911 - one way each
    """The record that one condition names; None where it names none, "" where it names an unknown one."""
    if isinstance(test, Chain):
        (kind, inner), *others = test.branches
        only = test.parameter.name in HOLDER and kind == "Patient" and not others and isinstance(inner, Match)
        return await _key(link, "Patient", inner) if only else None
    if isinstance(test, Has):
        return None
    alternatives = values(test)
    if len(alternatives) != 1:
        return None
    (value,), name = alternatives, test.parameter.name
    if test.modifier == "identifier" and name in HOLDER:
        return await _by_ins(link, value.removeprefix("identifier|"))
    if test.modifier and not (name in HOLDER and test.modifier == "Patient"):
        return None
    if name in HOLDER and value.startswith("Patient/"):
        return value.removeprefix("Patient/")
    if name == "_id":
        return value if resource_type == "Patient" else value.partition(".")[0] if "." in value else None
    return (
        await _by_ins(link, value) if resource_type == "Patient" and is_identity(replace(test, modifier="")) else None
    )


async def _by_ins(link: Link, token: str) -> str | None:
    return str(await BY_INS.value(link, ins=token) or "") if _is_ins(token) else None
