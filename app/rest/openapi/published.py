"""What the document says of the resources that the server publishes of itself: read and searched without a token."""

from __future__ import annotations

from app.rest.conformance.search import parameters
from app.rest.openapi.components import answer, asked, fhir, refusals
from app.rest.openapi.schemas import Schema, ref
from app.rest.paths import PUBLIC_TYPES

PLAIN = ("_format", "_pretty")
SHAPING = ("_summary", "_elements")
FORM = "application/x-www-form-urlencoded"
WHAT = {
    "CodeSystem": "our codes: reasons, changes, kinds of consent, kinds of caller, operations",
    "OperationDefinition": "what each operation takes and answers; the CapabilityStatement names each",
    "SearchParameter": "the search parameters that neither R4 nor a guide has",
    "StructureDefinition": "our profiles and extensions",
    "ValueSet": "the codes that our profiles bind to",
}
PAGE = ("_count", "_cursor", "_total")


def paths() -> Schema:
    """Every path of a published type, below the FHIR base."""
    found: Schema = {}
    for type in PUBLIC_TYPES:
        found[f"/{type}"] = {"get": _search(type)}
        found[f"/{type}/_search"] = {"post": _form(type)}
        found[f"/{type}/{{id}}"] = {"parameters": asked("id"), "get": _read(type)}
    return found


def _read(type: str) -> Schema:
    return {
        "operationId": f"read{type}",
        "tags": ["System"],
        "summary": f"Read a {type} of ours",
        "description": f"One of {WHAT[type]} ({type.lower()}.html). No token is needed.",
        "parameters": asked(*PLAIN, *SHAPING, "If-None-Match"),
        "responses": {
            "200": answer(f"The {type}.", fhir(ref("Resource")), "ETag"),
            "304": answer("The client has it.", None, "ETag"),
            **refusals((400, 404, 406, 500)),
        },
    }


def _search(type: str) -> Schema:
    own = [name if name in KNOWN else f"Published.{name}" for name in parameters(type)]
    return {
        "operationId": f"search{type}",
        "tags": ["System"],
        "summary": f"Search {type} of ours",
        "description": f"All of {WHAT[type]}, or those that match (search.html). No token is needed.",
        "parameters": asked(*own, *PAGE, *SHAPING, *PLAIN, "Prefer"),
        "responses": _found((400, 406, 500)),
    }


def _form(type: str) -> Schema:
    return {
        "operationId": f"search{type}ByForm",
        "tags": ["System"],
        "summary": f"Search {type} of ours by a form",
        "description": "The same search, with its parameters in the body (http.html section 3.1.0.9).",
        "parameters": asked(*PLAIN, "Prefer"),
        "requestBody": {"required": True, "content": {FORM: {"schema": ref("SearchForm")}}},
        "responses": _found((400, 406, 413, 415, 500)),
    }


KNOWN = frozenset({"_id"})
"""Parameters that every search of the document has."""


def _found(refused: tuple[int, ...]) -> Schema:
    return {"200": answer("A Bundle of what matches.", fhir(ref("Bundle"))), **refusals(refused)}
