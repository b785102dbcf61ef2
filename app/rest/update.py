"""update and conditional update (http.html section 3.1.0.3). Ids are the server's: an unknown one is 405."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import BadValue
from app.rest.answer import Answer, of_written
from app.rest.conditions import if_match
from app.rest.read import check_parameters

if TYPE_CHECKING:
    from app.rest.request import Request


async def update(request: Request) -> Answer:
    """200 with the new version; 412 when If-Match names another than the current one."""
    check_parameters(request)
    expected = if_match(request.header(b"if-match"))
    tree = await request.tree()
    route = request.here
    if tree.get("id") != route.id:
        raise BadValue("the id of the body must be that of the url", expression=(f"{route.type}.id",))
    return of_written(request, await request.records.update(route.type, route.id, tree, if_match=expected))


async def update_where(request: Request) -> Answer:
    """200 for the one match, 201 when there is none; 412 for several."""
    query, expected = criteria(request), if_match(request.header(b"if-match"))
    tree = await request.tree()
    return of_written(request, await request.records.update_where(request.here.type, query, tree, if_match=expected))


def criteria(request: Request) -> str:
    """Query of a conditional interaction; BadValue when it asks nothing, as it would then mean every resource."""
    if not any(value and name not in ("_format", "_pretty") for name, value in request.pairs):
        raise BadValue("a conditional request needs search parameters")
    return request.query
