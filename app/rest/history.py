"""History of one resource (http.html section 3.1.0.11), newest first."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.rest import bundle
from app.rest.answer import Answer
from app.rest.read import check_parameters

if TYPE_CHECKING:
    from app.rest.request import Request

PARAMETERS = frozenset({"_format", "_pretty", "_count"})


async def history(request: Request) -> Answer:
    """The versions that the caller may see, deletions included."""
    check_parameters(request, PARAMETERS)
    route = request.here
    versions = await request.records.history(route.type, route.id, request.pairs)
    base = request.server.settings.fhir_base
    address = f"{base}/{route.type}/{route.id}/_history"
    link = f"{address}?{request.query}" if request.query else address
    return Answer(HTTPStatus.OK, bundle.history(versions, base, link))
