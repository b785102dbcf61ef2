"""`$meta`: the profiles, labels and tags of what the caller may see (resource-operation-meta.html)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, true, union

from app.errors import Unavailable
from app.policy.guard import across, source, visible
from app.policy.standing import newest_matrix
from app.records.bounds import bounded
from app.records.reading import TRIES
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.resources.definition import Resource
    from app.storage.balp import Renderer
    from app.storage.session import Link

COLUMNS = {"profile": "p__profile", "security": "p__security", "tag": "p__tag"}
"""Members of Meta, and the search columns that hold them."""
MOST = 1000
"""Values that are told of a type."""


@cache
def _of_type(resource_type: str, renderer: Renderer | None) -> Statement:
    """Distinct values of the rows that the caller may see, the matrix's version beside."""
    row, rows = visible(resource_type, across(resource_type), source(resource_type, renderer))
    told = rows.with_only_columns(*[row.c[column] for column in COLUMNS.values()]).cte("told")
    parts = [select(literal(m).label("member"), func.unnest(told.c[c]).label("value")) for m, c in COLUMNS.items()]
    found = union(*parts).subquery("found")
    page = select(found).order_by(found.c.member, found.c.value.collate("C")).limit(MOST).lateral("page")
    newest = select(newest_matrix().label("newest_matrix")).subquery("newest")
    return Statement(select(newest.c.newest_matrix, page).select_from(newest.outerjoin(page, true())))


async def of_types(office: Office, link: Link, caller: Caller, types: Iterable[str]) -> Resource:
    """The Meta of all that the caller may see of these types."""
    async with bounded(office):
        found = [await of_type(office, link, caller, one) for one in types]
    return meta(set().union(*found))


async def of_type(office: Office, link: Link, caller: Caller, resource_type: str) -> set[tuple[str, str]]:
    """Members of Meta with their values, as search columns hold them."""
    statement = _of_type(resource_type, office.renderer if resource_type == "AuditEvent" else None)
    directory = DEFINITIONS[resource_type].scope is Scope.DIRECTORY
    for _ in range(TRIES):
        rows = await statement.rows(link, **caller.reaching(resource_type, "r").many())
        if directory or rows[0]["newest_matrix"] == caller.matrix.version:
            return {(row["member"], row["value"]) for row in rows if row["value"]}
        await caller.matrix.refresh(link)
    message = "the matrix is changing too fast"
    raise Unavailable(message, headers={"Retry-After": "1"})


def meta(found: set[tuple[str, str]]) -> Resource:
    """The Meta that says them all."""
    tree: dict[str, Any] = {}
    for member, value in sorted(found):
        if member == "profile":
            tree.setdefault(member, []).append(value)
        elif coding := _coding(value):
            tree.setdefault(member, []).append(coding)
    return tree


def _coding(token: str) -> dict[str, str]:
    """A Coding of one of its spellings: `system|code`, or `|code` for one without a system."""
    system, bar, code = token.partition("|")
    if not bar or not code:
        return {}
    return {"system": system, "code": code} if system else {"code": code}
