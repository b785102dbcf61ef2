"""Reading and searching what the server publishes (search.html): few resources, in memory, looked at one by one."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize
from urllib.parse import urlencode

import jiter

from app.errors import BadValue, Issue, Unsupported
from app.records.answer import Page
from app.rest import bundle, outcome, summary
from app.rest.answer import Answer
from app.rest.conditions import unchanged
from app.rest.read import check_parameters
from app.storage.search.piece import clean, plain, split

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.records.answer import Stored
    from app.rest.conformance import Catalogue
    from app.rest.request import Request

Tree = dict[str, Any]
Pair = tuple[str, str]

COMMON = {"_id": "id", "url": "url", "name": "name", "title": "title", "version": "version", "status": "status"}
MORE = {
    "CodeSystem": {"system": "url"},
    "OperationDefinition": {"code": "code", "type": "resource"},
    "SearchParameter": {"code": "code", "base": "base", "type": "type"},
    "StructureDefinition": {"type": "type", "base": "baseDefinition", "derivation": "derivation", "kind": "kind"},
    "ValueSet": {},
}
"""Search parameters beside the common ones, with the element that each reads."""
KINDS = {"name": "string", "title": "string", "url": "uri", "system": "uri"}
SHAPING = frozenset({"_count", "_cursor", "_summary", "_elements", "_total"})
ABOUT = frozenset({"_format", "_pretty"})
PUBLIC = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}


def parameters(type: str) -> dict[str, str]:
    """Name and FHIR type of each search parameter of a published type."""
    kinds = KINDS | ({"base": "uri"} if type == "StructureDefinition" else {})
    return {name: kinds.get(name, "token") for name in COMMON | MORE[type]}


async def answer(request: Request, catalogue: Catalogue) -> Answer:
    """200 with one resource, or with a searchset; 304 when the client has it. Any web page may read it."""
    request.check_format()
    route = request.here
    if route.id:
        check_parameters(request)
        made = _read(request, catalogue.one(route.published, route.id))
    else:
        if route.interaction.media:
            request.check_body()
            await request.form()
            request.check_format()
        made = _search(request, list(catalogue.held[route.published].values()))
    made.headers |= PUBLIC
    made.cacheable = True
    return made


def _read(request: Request, stored: Stored) -> Answer:
    """One resource. It has no time of change, only a tag that changes with its content: a build may publish it anew."""
    pruning = summary.pruning(request.pairs)
    match = request.header(b"if-none-match")
    if match and unchanged(match, "", stored.version_id, stored.last_updated):
        return Answer(HTTPStatus.NOT_MODIFIED, version_id=stored.version_id)
    body = pruning.apply(stored.type, stored.body) if pruning else stored.body
    return Answer(HTTPStatus.OK, body, version_id=stored.version_id)


def _search(request: Request, held: list[Stored]) -> Answer:
    type = request.here.published
    used, unknown = _told(request, type)
    limit = request.server.settings.page_limit
    matches = [one for one in held if all(_fits(type, one, *pair) for pair in used if pair[0] not in SHAPING)]
    asked = dict(used)
    count = min(_number("_count", asked.get("_count") or str(request.server.settings.page_size)), limit)
    first = _number("_cursor", asked.get("_cursor") or "0")
    last = first + count if count and asked.get("_summary") != "count" else first
    query = urlencode([pair for pair in used if pair[0] != "_cursor"])
    page = Page(
        matches=matches[first:last],
        included=[],
        total=None if asked.get("_total") == "none" else len(matches),
        self_query=urlencode(used) if used else query,
        next_cursor=str(last) if first < last < len(matches) else None,
        outcome=tuple(unknown),
    )
    settings = request.server.settings
    remarks = outcome.render(unknown, request.tongue, settings.codesystem_base) if unknown else b""
    body = bundle.searchset(page, settings.fhir_base, type, remarks, summary.pruning(request.pairs))
    return Answer(HTTPStatus.OK, body)


def _told(request: Request, type: str) -> tuple[list[Pair], list[Issue]]:
    """The parameters that count, and what is said of the others where the client is lenient (api.md section 2)."""
    used: list[Pair] = []
    unknown: list[Issue] = []
    for name, value in request.pairs:
        clean(name, value)
        if name in SHAPING or (value and _known(type, name)):
            used.append((name, value))
        elif name not in ABOUT and value:
            if request.prefer.strict is not False:
                raise Unsupported(f"parameter `{name[:80]}` is not supported here")
            message = f"parameter `{name[:80]}` was left out"
            unknown.append(Issue("not-supported", message, "unknown-parameter", severity="warning"))
    return used, unknown


def _known(type: str, name: str) -> bool:
    plain_name, _, modifier = name.partition(":")
    kind = parameters(type).get(plain_name)
    if kind is None or not modifier:
        return kind is not None
    if modifier in MODIFIERS[kind]:
        return True
    raise Unsupported(f"modifier `:{modifier[:40]}` is not supported here")


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > LONGEST_NUMBER:
        raise BadValue(f"`{name}` is a number that is not negative")
    return int(value)


LONGEST_NUMBER = 6


def _fits(type: str, stored: Stored, name: str, value: str) -> bool:
    """Whether a resource matches one parameter: any of its alternatives."""
    plain_name, _, modifier = name.partition(":")
    kind = parameters(type)[plain_name]
    held = _held(stored.body).get((COMMON | MORE[type])[plain_name], [])
    test = MODIFIERS[kind][modifier]
    wanted = [plain(piece) for piece in split(value, ",")]
    found = any(test(one, want) for one in (held if isinstance(held, list) else [held]) for want in wanted)
    return not found if modifier == "not" else found


@cache
def _held(body: bytes) -> Tree:
    """The elements of a published resource; there are some dozens in all."""
    tree: Tree = jiter.from_json(body)
    return {name: tree[name] for name in tree if isinstance(tree[name], str | list)}


def _folded(text: str) -> str:
    """Text without case and accents (search.html section 3.1.1.4.8)."""
    return "".join(one for one in normalize("NFD", text.casefold()) if not combining(one))


def _token(held: str, wanted: str) -> bool:
    """Whether a code is the one wanted; the system of a plain code is implied, so that only the code counts."""
    return held == wanted.rpartition("|")[2]


def _below(held: str, wanted: str) -> bool:
    return held == wanted or held.startswith(f"{wanted.rstrip('/')}/")


MODIFIERS: dict[str, dict[str, Callable[[str, str], bool]]] = {
    "token": {"": _token, "not": _token},
    "uri": {"": str.__eq__, "below": _below, "above": lambda held, wanted: _below(wanted, held)},
    "string": {
        "": lambda held, wanted: _folded(held).startswith(_folded(wanted)),
        "exact": str.__eq__,
        "contains": lambda held, wanted: _folded(wanted) in _folded(held),
    },
}
"""For each type of parameter and each modifier, whether a value matches."""
