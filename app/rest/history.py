"""History of a resource, of a type, of the system (http.html section 3.1.0.11), newest first."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.errors import Unsupported
from app.resources import DEFINITIONS
from app.rest import bundle
from app.rest.answer import Answer
from app.rest.read import check_parameters

if TYPE_CHECKING:
    from app.rest.request import Request

ASKED = frozenset({"_count", "_since", "_at", "_cursor"})
PARAMETERS = frozenset({"_format", "_pretty", *ASKED})


async def history(request: Request) -> Answer:
    """The versions that the caller may see, deletions included."""
    check_parameters(request, PARAMETERS)
    if any(name == "_list" for name, _ in request.pairs):  # who names a list counts on it
        raise Unsupported("parameter `_list` is not supported")
    route = request.here
    among = [] if route.type else [name for name, one in DEFINITIONS.items() if "history-type" in one.interactions]
    types = () if route.type else tuple(request.allowed([], among, "s"))
    asked = [(name, value) for name, value in request.pairs if name in ASKED and value]
    versions = await request.records.history(route.type, route.id, asked, types)
    path = "/".join(part for part in (route.type, route.id, "_history") if part)
    base = request.server.settings.fhir_base
    return Answer(HTTPStatus.OK, bundle.history(versions, base, path, asked))
