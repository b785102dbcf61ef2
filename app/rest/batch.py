"""batch and transaction (http.html section 3.1.0.11): every entry is a request like any other."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, Malformed, Refusal, TooLarge, Unsupported
from app.records.answer import Entry, Written
from app.records.transaction import placed
from app.resources import profiles
from app.resources.structure import MOST_IN_BUNDLE, survey
from app.resources.validation import as_warning, refuse
from app.rest import bundle, history, operations, read, search
from app.rest.answer import Answer, of_written
from app.rest.conditions import if_match, if_none_exist
from app.rest.patch import of_entry
from app.rest.paths import UPDATE
from app.rest.update import criteria
from app.settings import Profiles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.errors import Issue
    from app.resources.definition import Resource
    from app.rest.request import Request
    from app.rest.server import Records

VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
HEADERS = {"ifMatch": b"if-match", "ifNoneMatch": b"if-none-match", "ifModifiedSince": b"if-modified-since"}
SAID = (*HEADERS, "ifNoneExist")
ENTRY = re.compile(r"Bundle\.entry\[(\d+)]")
WRITES = frozenset({"create", "update", "update-where", "patch", "patch-where", "delete", "delete-where"})
QUESTIONS: dict[str, Callable[[Request], Awaitable[Answer]]] = {
    "read": read.read,
    "vread": read.vread,
    "history": history.history,
    "search": search.search,
    "search-several": search.several,
    "operation": operations.operation,
}
"""What an entry of a transaction may ask by GET, after the writes; a write is one of the above."""


async def post(request: Request) -> Answer:
    """200 with a response Bundle; a transaction that fails is one OperationOutcome."""
    if request.in_bundle:  # an address of "/" in an entry; it would wait for a place while its own Bundle has one
        raise Unsupported("a Bundle inside a Bundle is not supported")
    body = await request.body()
    async with request.server.bundles:
        return await _done(request, request.parsed(body))


async def _done(request: Request, tree: Resource) -> Answer:
    if tree.get("resourceType") != "Bundle" or tree.get("type") not in ("batch", "transaction"):
        raise BadValue("the body must be a Bundle of type `batch` or `transaction`", expression=("Bundle.type",))
    entries = tree.get("entry", [])
    if not isinstance(entries, list):
        raise Malformed("the entries must be an array", expression=("Bundle.entry",))
    limit = request.server.settings.bundle_limit
    if len(entries) > limit:
        raise TooLarge(f"a Bundle may have at most {limit} entries", expression=("Bundle.entry",))
    if request.access is not None:
        request.server.pace.charge(request.access, len(entries) - 1)
    requests = [_request(request, number, entry) for number, entry in enumerate(entries)]
    if tree["type"] == "batch":
        return await _batch(requests)
    return await _transaction(request, requests, tree)


def _request(parent: Request, number: int, entry: object) -> Request:
    """One entry as a request; what is wrong with its shape is kept as its `fault`."""
    try:
        return _read(parent, entry)
    except Refusal as fault:
        broken = parent.entry("GET", "", {}, None)
        broken.fault = placed(fault, number)
        return broken


def _read(parent: Request, entry: object) -> Request:
    asked = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(asked, dict):
        raise Malformed("the entry needs a request")
    method, url = asked.get("method"), asked.get("url")
    if not isinstance(method, str) or method not in VERBS or not isinstance(url, str) or not url or "\0" in url:
        raise BadValue("the request needs a `method` and a `url`")
    given = entry.get("resource")
    _check_resource(str(method), given)
    if not all(isinstance(value, str) for value in (entry.get("fullUrl", ""), *(asked.get(n, "") for n in SAID))):
        raise Malformed("`fullUrl` and the conditions of the request are strings")
    headers = {h: str(asked[n]).encode("latin-1", "replace") for n, h in HEADERS.items() if n in asked}
    made = parent.entry(str(method), _relative(parent, url), headers, given)
    if "ifNoneExist" in asked:
        made.headers[b"if-none-exist"] = str(asked["ifNoneExist"]).encode()
    return made


def _check_resource(method: str, given: object) -> None:
    if given is not None and not isinstance(given, dict):
        raise Malformed("the resource of the entry must be an object")
    if given is None and method in ("PUT", "PATCH"):
        raise BadValue("the entry needs a resource")
    if isinstance(given, dict) and given.get("resourceType") == "Bundle":
        reason = "FHIRDocumentNotSupported" if given.get("type") == "document" else ""
        raise Unsupported("a Bundle inside a Bundle is not supported", reason=reason)


def _relative(parent: Request, url: str) -> str:
    """Address below the FHIR base, whichever way it is spelt."""
    return url.removeprefix(parent.server.settings.fhir_base).removeprefix("/")


async def _batch(requests: list[Request]) -> Answer:
    """Each entry on its own, in order: one that fails answers for itself."""
    answers = []
    for request in requests:
        if request.serve is None:
            raise RuntimeError
        answer = await request.serve(request)
        if request.method == "HEAD":
            answer.body = b""
        answers.append(answer)
    return Answer(HTTPStatus.OK, bundle.responses(b"batch-response", answers))


async def _transaction(request: Request, requests: list[Request], tree: Resource) -> Answer:
    """All entries or none."""
    entries = tree.get("entry", [])
    made = [_checked(r, n, entries[n]) for n, r in enumerate(requests)]
    _check_identities(requests, made)
    warnings = _against_profiles(request, tree)
    results = await request.records.transaction(made)
    told = [_warned(result, warnings.get(number, ())) for number, result in enumerate(results)]
    answers = [_answer(r, result) for r, result in zip(requests, told, strict=True)]
    return Answer(HTTPStatus.OK, bundle.responses(b"transaction-response", answers))


def _against_profiles(request: Request, tree: Resource) -> dict[int, tuple[Issue, ...]]:
    """What stands against the profiles that a Bundle names (ITI-65), by entry: refused, or told to who asks.

    What is not FHIR in it is told first, where it is refused. What is about no one entry is told of the first.
    """
    settings = request.server.settings
    refused = settings.profiles is Profiles.REFUSE
    if not profiles.named(tree) or not (refused or request.facts.told):
        return {}
    wrong = survey(tree, MOST_IN_BUNDLE).issues
    found = [] if wrong else profiles.judge(tree, profiles.named(tree), settings.codesystem_base)
    if refused:
        refuse([*wrong, *found])
    told: dict[int, tuple[Issue, ...]] = {}
    for one in found:
        place = ENTRY.match(one.expression[0]) if one.expression else None
        number = int(place[1]) if place else 0
        told[number] = (*told.get(number, ()), as_warning(one))
    return told


def _warned(result: object, warnings: tuple[Issue, ...]) -> object:
    """The same, with what stands against it."""
    return replace(result, warnings=(*result.warnings, *warnings)) if isinstance(result, Written) else result


def _checked(request: Request, number: int, entry: dict[str, Any]) -> Entry:
    if request.fault:
        raise request.fault
    try:
        return _entry(request, str(entry.get("fullUrl", "")))
    except Refusal as fault:
        raise placed(fault, number) from None


def _entry(request: Request, full_url: str) -> Entry:
    """What the record is asked to do; refused here is what can be told without it."""
    route = request.find()
    is_question = request.method in ("GET", "HEAD")
    if route.published or route.interaction.name not in (QUESTIONS if is_question else WRITES):
        raise Unsupported("this interaction is not supported in a transaction")
    request.check_scope()
    request.check_id()
    if is_question:
        return Entry("GET", f"{request.path}?{request.query}", full_url=full_url, ask=partial(_ask, request))
    if route.interaction.name.endswith("-where"):
        criteria(request)
    is_patch = route.interaction.code == "patch"
    return Entry(
        method=request.method,
        url=f"{request.path}?{request.query}" if request.query else request.path,
        tree=None if is_patch else _tree(request),
        full_url=full_url,
        if_match=if_match(request.header(b"if-match")),
        if_none_exist=if_none_exist(request.header(b"if-none-exist"), route.type),
        patch=of_entry(request.given or {}, route.type) if is_patch else None,
        shown=request.prefer.returns == "representation",
    )


async def _ask(request: Request, records: Records) -> Answer:
    """The answer to a question inside a transaction: what these records show."""
    return await QUESTIONS[request.here.interaction.name](replace(request, inside=records))


def _tree(request: Request) -> Resource | None:
    """The resource that is written, with the id of the url; None where none is."""
    route = request.here
    if not route.interaction.media:
        return None
    tree = request.checked(request.given or {})
    if route.interaction is UPDATE and tree.get("id") != route.id:
        raise BadValue("the id of the resource must be that of the url", expression=("id",))
    return tree


def _check_identities(requests: list[Request], entries: list[Entry]) -> None:
    """No resource may be changed twice, and no fullUrl name two entries (http.html section 3.1.0.11.2)."""
    changed: set[str] = set()
    named: set[str] = set()
    for number, (request, entry) in enumerate(zip(requests, entries, strict=True)):
        route = request.here
        place = (f"Bundle.entry[{number}]",)
        if route.id and entry.method != "GET":
            if (identity := f"{route.type}/{route.id}") in changed:
                raise BadValue("an entry before this one changes the same resource", expression=place)
            changed.add(identity)
        if entry.full_url and entry.method != "GET":
            if entry.full_url in named:
                raise BadValue("an entry before this one has the same `fullUrl`", expression=place)
            named.add(entry.full_url)


def _answer(request: Request, result: object) -> Answer:
    answer = of_written(request, result) if isinstance(result, Written) else result
    if not isinstance(answer, Answer):
        raise TypeError
    if request.method == "HEAD":
        answer.body = b""
    return answer
