"""The OpenAPI 3.1 document, made from the declarations and the routes; the same for every caller, and made once.

`openapi/carnet.json` is a copy of it: `scripts/openapi` writes it, and a test holds the two equal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Response

from app.resources import DEFINITIONS
from app.rest.openapi import manual, operations, published, signing
from app.rest.openapi.components import components
from app.rest.openapi.schemas import schemas

VERSION = "0.1.0"
"""Version of the interface."""
BASE = "/fhir"
ABOUT = """\
The shared health record over FHIR R4 (4.0.1), in JSON.

Bodies are shown thin: each schema names the elements that are most used, and every other element of FHIR R4 is taken
and given back as it was sent. `/fhir/metadata` says the same of the server in FHIR's own words. Wherever GET is
served below `/fhir`, HEAD is as well.

A resource that the caller may not see does not exist for him: 404, as for one that was never there. Refusals are
OperationOutcomes, in the language of `Accept-Language`, French unless told otherwise. `X-Request-Id` is given back.
"""
SYSTEM = {"name": "System", "description": "The whole system: many requests at once, and what the server can do."}
HEALTH = {"name": "Operation", "description": "For who runs the server: outside the FHIR base, without a token."}

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def served() -> Response:
    """The document; any web page may read it."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return Response(_json(), media_type="application/json", headers=headers)


@router.get("/docs")
async def shown() -> Response:
    """The document, to be read by people."""
    return Response(_html(), media_type="text/html; charset=utf-8", headers=manual.HEADERS)


@cache
def _json() -> bytes:
    return orjson.dumps(document())


@cache
def _html() -> str:
    return manual.page(document())


def document() -> dict[str, Any]:
    """The whole document; paths are relative to the public URL of the server."""
    tags = [{"name": name, "description": f"https://hl7.org/fhir/R4/{name.lower()}.html"} for name in DEFINITIONS]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carnet",
            "version": VERSION,
            "summary": "A shared health record whose holder decides who sees what",
            "description": ABOUT,
        },
        "servers": [{"url": "/"}],
        "tags": [*tags, SYSTEM, signing.TAG, HEALTH],
        "paths": _paths(),
        "components": _components(),
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {BASE: {"get": operations.SEVERAL, "post": operations.BATCH}}
    paths |= operations.system_paths(BASE)
    paths |= {f"{BASE}{path}": told if "get" in told else {"get": told} for path, told in operations.PUBLIC.items()}
    paths[f"{BASE}/Bundle/$validate"] = {"post": operations.VALIDATE_BUNDLE}
    paths |= {f"{BASE}{path}": told for path, told in published.paths().items()}
    for definition in DEFINITIONS.values():
        paths |= operations.paths_of(definition, BASE)
    return paths | signing.paths() | _health()


def _components() -> dict[str, Any]:
    found = components(schemas() | signing.schemas())
    return found | {
        "parameters": found["parameters"] | signing.parameters(),
        "responses": found["responses"] | signing.responses(),
    }


def _health() -> dict[str, Any]:
    status = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    said = {"content": {"application/json": {"schema": status}}}
    ready = {"200": {"description": "It can serve.", **said}, "503": {"description": "The database is away.", **said}}
    metrics = {"200": {"description": "Meters.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    return {
        "/health/live": _public("isLive", "Is the process alive", {"200": {"description": "It is.", **said}}),
        "/health/ready": _public("isReady", "Can the server serve", ready),
        "/metrics": _public("readMetrics", "Counts and durations, for Prometheus", metrics),
    }


def _public(name: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    told = {"operationId": name, "tags": [HEALTH["name"]], "summary": summary, "responses": responses}
    return {"get": told}
