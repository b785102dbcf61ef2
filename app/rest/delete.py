"""delete and conditional delete (http.html section 3.1.0.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.rest.answer import Answer, of_written
from app.rest.conditions import if_match
from app.rest.read import check_parameters
from app.rest.update import criteria

if TYPE_CHECKING:
    from app.rest.request import Request


async def delete(request: Request) -> Answer:
    """204, with the version that the deletion made."""
    check_parameters(request)
    route = request.here
    expected = if_match(request.header(b"if-match"))
    return of_written(request, await request.records.delete(route.type, route.id, if_match=expected))


async def delete_where(request: Request) -> Answer:
    """204 for the one match or none; 412 for several."""
    query, expected = criteria(request), if_match(request.header(b"if-match"))
    return of_written(request, await request.records.delete_where(request.here.type, query, if_match=expected))
