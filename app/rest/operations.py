"""Operations on one instance, `[type]/[id]/$name` (operations.html section 3.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.resources.validation import dump
from app.rest.answer import Answer

if TYPE_CHECKING:
    from app.rest.request import Request


async def operation(request: Request) -> Answer:
    """200 with what the operation returns."""
    parameters = await request.parameters()
    route = request.here
    name = route.operation.removeprefix("$")
    result = await request.records.operation(name, route.type, route.id, parameters)
    return Answer(HTTPStatus.OK, dump(result))
