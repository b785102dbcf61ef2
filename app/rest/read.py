"""read and vread (http.html sections 3.1.0.1 and 3.1.0.2): the stored bytes, passed on unread."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.errors import Unsupported
from app.rest import summary
from app.rest.answer import Answer, of_stored
from app.rest.conditions import unchanged

if TYPE_CHECKING:
    from app.records.answer import Stored
    from app.rest.request import Request

PARAMETERS = frozenset({"_format", "_pretty", "_summary", "_elements"})


async def read(request: Request) -> Answer:
    """The current version: 200, or 304 when the client has it."""
    check_parameters(request)
    pruning = summary.pruning(request.pairs)
    route = request.here
    return shown(request, await request.records.read(route.type, route.id), pruning)


async def vread(request: Request) -> Answer:
    """One version, which never changes."""
    check_parameters(request)
    pruning = summary.pruning(request.pairs)
    route = request.here
    return shown(request, await request.records.vread(route.type, route.id, route.version_id), pruning)


def shown(request: Request, stored: Stored, pruning: summary.Pruning | None = None) -> Answer:
    """Answer that shows one version under the conditions of the request."""
    match, since = request.header(b"if-none-match"), request.header(b"if-modified-since")
    if (match or since) and unchanged(match, since, stored.version_id, stored.last_updated):
        answer = of_stored(stored, b"")
        answer.status = HTTPStatus.NOT_MODIFIED
        return answer
    definition = request.here.definition
    if pruning is None and definition is not None and definition.raw:
        return of_stored(stored, summary.part(stored.body))  # its data are given by a read alone
    return of_stored(stored, pruning.apply(stored.type, stored.body) if pruning else None)


def check_parameters(request: Request, known: frozenset[str] = PARAMETERS) -> None:
    """Refuse a parameter that has no meaning here, unless the client asked for lenient handling (api.md section 2)."""
    if not request.query or request.prefer.strict is False:
        return
    for name, _ in request.pairs:
        if name not in known:
            raise Unsupported(f"parameter `{name[:80]}` is not supported here")
