"""search-type and search-system, by GET and by POST (http.html section 3.1.0.9, search.html); compartments too."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.records.several import Asked
from app.resources import COMPARTMENT, DEFINITIONS
from app.rest import bundle, outcome, summary
from app.rest.answer import Answer
from app.rest.paths import ANYTHING, HOLDS

if TYPE_CHECKING:
    from app.records.answer import Page
    from app.rest.request import Request


async def search(request: Request) -> Answer:
    """200 with a searchset; no match is no error."""
    route = request.here
    pruning = summary.pruning(request.pairs)
    prefer = request.prefer
    page = await request.records.search(route.type, request.pairs, strict=prefer.strict, within=route.within)
    return Answer(HTTPStatus.OK, searchset(request, place(request), page, pruning))


async def search_form(request: Request) -> Answer:
    """The same, asked by a form; its links are of the GET kind."""
    await request.form()
    request.check_format()
    return await search(request)


async def several(request: Request) -> Answer:
    """200 with a searchset of several types: those that `_type` names, else all."""
    pruning = summary.pruning(request.pairs)
    within = request.here.within
    among = list(COMPARTMENT) if within else [n for n, one in DEFINITIONS.items() if "search-type" in one.interactions]
    if any(name.startswith("_type:") for name, _ in request.pairs):
        raise BadValue("`_type` has no modifier")
    types = tuple(request.allowed(request.named("_type"), among, "s"))
    page = await request.records.search_several(Asked(types, request.pairs, request.prefer.strict, within))
    return Answer(HTTPStatus.OK, searchset(request, place(request), page, pruning))


async def several_form(request: Request) -> Answer:
    """The same, asked by a form."""
    await request.form()
    request.check_format()
    return await several(request)


def place(request: Request) -> str:
    """What is searched, as its links name it."""
    route = request.here
    return f"{HOLDS}/{route.within}/{route.type or ANYTHING}" if route.within else route.type


def searchset(request: Request, path: str, page: Page, pruning: summary.Pruning | None = None) -> bytes:
    """The Bundle of one page, in the language of the caller."""
    settings = request.server.settings
    remarks = outcome.render(page.outcome, request.tongue, settings.codesystem_base) if page.outcome else b""
    return bundle.searchset(page, settings.fhir_base, path, remarks, pruning)
