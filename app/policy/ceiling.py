"""The ceiling of restricted SMART scopes (`patient/DocumentReference.rs?category=…`): on which rows an application may.

It is one more condition beside every verdict, and never a way around one. The guard puts it into each statement that
judges rows; PostgreSQL gets that text only for a caller whose token is restricted, so that nobody else pays for it
(`app.storage.fence`, `app.storage.statement`). A row that is beyond it is not there, like one that he may not see.

An older version, which has no search columns, is beyond every restriction of its type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from app.storage.fence import CEILINGS
from app.storage.statement import constant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Record
    from sqlalchemy import ColumnElement, FromClause

    from app.access import Access

BEYOND = "insufficient-scope"
"""The true reason, for the trail alone."""
SEEING, CHANGING = "rs", "cud"


def within(resource_type: str, row: FromClause) -> ColumnElement[bool]:
    """Whether a row is one that the token of the caller may reach."""
    parameters = (*DEFINITIONS[resource_type].parameters, *COMMON)
    names = sorted({p.column for p in parameters if p.type is Search.TOKEN and p.column in row.c})
    held = [part for name in names for part in (constant(name), func.to_jsonb(row.c[name]))]
    condition: ColumnElement[bool] = func.carnet.within(
        CEILINGS, constant(resource_type), func.jsonb_build_object(*held)
    )
    return condition


def ceilings(access: Access, resource_type: str = "", letters: str = "") -> str:
    """The restrictions of a token as `carnet.within` takes them.

    A request is for some `letters` on one type; of the others it sees what the token may see of them, or where it may
    see nothing of one, what it may change.
    """
    found = {}
    for name in {one.type for one in access.limits}:
        asked = letters if name == resource_type else SEEING
        alternatives = access.ceiling(name, asked)
        if alternatives == () and name != resource_type:
            alternatives = access.ceiling(name, CHANGING)
        if alternatives is not None:
            found[name] = alternatives
    return orjson.dumps(found).decode()


def reaches(access: Access, resource_type: str, letters: str, row: Mapping[str, Any] | Record) -> bool:
    """The same of one row that is at hand: one that is to be changed, or what it is to become."""
    if not access.limits:
        return True
    alternatives = access.ceiling(resource_type, letters)
    if alternatives is None:
        return True
    return any(all(set(keys) & set(row.get(column) or ()) for column, keys in tests) for tests in alternatives)
