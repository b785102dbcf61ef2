"""create and conditional create (http.html section 3.1.0.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.rest.answer import Answer, of_written
from app.rest.conditions import if_none_exist
from app.rest.read import check_parameters

if TYPE_CHECKING:
    from app.rest.request import Request


async def create(request: Request) -> Answer:
    """201 with Location; 200 where the resource is there already."""
    check_parameters(request)
    type = request.here.type
    condition = if_none_exist(request.header(b"if-none-exist"), type)
    tree = await request.tree()
    return of_written(request, await request.records.create(type, tree, if_none_exist=condition))
