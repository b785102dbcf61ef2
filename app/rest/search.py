"""search-type, by GET and by POST (http.html section 3.1.0.9, search.html)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.rest import bundle, outcome, summary
from app.rest.answer import Answer

if TYPE_CHECKING:
    from app.records.answer import Page
    from app.rest.request import Request


async def search(request: Request) -> Answer:
    """200 with a searchset; no match is no error."""
    type = request.here.type
    pruning = summary.pruning(request.pairs)
    page = await request.records.search(type, request.pairs, strict=request.prefer.strict)
    return Answer(HTTPStatus.OK, searchset(request, type, page, pruning))


async def search_form(request: Request) -> Answer:
    """The same, asked by a form; its links are of the GET kind."""
    await request.form()
    request.check_format()
    return await search(request)


def searchset(request: Request, type: str, page: Page, pruning: summary.Pruning | None = None) -> bytes:
    """The Bundle of one page, in the language of the caller."""
    settings = request.server.settings
    remarks = outcome.render(page.outcome, request.tongue, settings.codesystem_base) if page.outcome else b""
    return bundle.searchset(page, settings.fhir_base, type, remarks, pruning)
