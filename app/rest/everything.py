"""`Patient/[id]/$everything`: a copy of the record, page by page (patient-operation-everything.html)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.errors import BadValue, Unsupported
from app.records.whole import NAMED, TYPES, Asked
from app.rest.answer import Answer
from app.rest.search import searchset

if TYPE_CHECKING:
    from app.resources.definition import Resource
    from app.rest.request import Request

ASKED = frozenset({"start", "end", "_since", "_type", "_count", "_cursor"})
SILENT = frozenset({"_format", "_pretty"})
KINDS = ("valueDate", "valueInstant", "valueInteger", "valueCode", "valueString", "valueDateTime")
READABLE = ":/,"


async def everything(request: Request) -> Answer:
    """200 with a searchset; `next` leads on."""
    pairs = _pairs(request, await request.parameters() if request.method == "POST" else None)
    given: dict[str, str] = {}
    for name, value in pairs:
        if name != "_type" and name in given:
            raise BadValue(f"`{name}` is given more than once")
        given[name] = value
    named = [one for name, value in pairs if name == "_type" for one in value.split(",") if one]
    types = request.allowed(named, [*TYPES, *NAMED], "r")
    asked = Asked(
        request.here.id,
        tuple(types),
        given.get("_since", ""),
        given.get("start", ""),
        given.get("end", ""),
        _count(request, given.get("_count", "")),
        given.get("_cursor", ""),
    )
    page = await request.records.everything(asked)
    query = "&".join(f"{quote(name)}={quote(value, safe=READABLE)}" for name, value in pairs)
    path = f"Patient/{asked.key}/$everything"
    return Answer(HTTPStatus.OK, searchset(request, path, replace(page, self_query=query)))


def _pairs(request: Request, given: Resource | None) -> list[tuple[str, str]]:
    """What is asked, by the query or by Parameters; Unsupported for a name that nobody would heed."""
    parameters = [] if given is None else given.get("parameter", [])
    if not isinstance(parameters, list):
        raise BadValue("the parameters are a list of objects", expression=("Parameters.parameter",))
    told = [_pair(one) for one in parameters]
    pairs = [(name, value) for name, value in (*request.pairs, *told) if value and name not in SILENT]
    unknown = [name for name, _ in pairs if name not in ASKED]
    if unknown and request.prefer.strict is not False:
        raise Unsupported(f"parameter `{unknown[0][:80]}` is not supported here")
    return [(name, value) for name, value in pairs if name in ASKED]


def _pair(parameter: object) -> tuple[str, str]:
    if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
        raise BadValue("a parameter has a name and a value", expression=("Parameters.parameter",))
    value = next((parameter[kind] for kind in KINDS if kind in parameter), None)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise BadValue("a parameter has a name and a plain value", expression=("Parameters.parameter",))
    return parameter["name"], str(value)


def _count(request: Request, value: str) -> int:
    settings = request.server.settings
    if not value:
        return min(settings.page_size, settings.page_limit)
    if not (value.isascii() and value.isdigit() and int(value[:9])):
        raise BadValue("`_count` is a number greater than 0")
    return min(int(value[:9]), settings.page_limit)
