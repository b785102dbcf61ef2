"""patch and conditional patch (http.html section 3.1.0.6): JSON Patch, XML Patch and FHIRPath Patch.

Each form is read here into a `Patch`; what it may change is the record's rule and not decided here.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from app.errors import BadValue, WrongMediaType
from app.rest.answer import Answer, of_written
from app.rest.conditions import if_match
from app.rest.formats import media_type
from app.rest.patch import path, pointer
from app.rest.paths import JSON_PATCH, JSON_TYPES, XML_PATCH
from app.rest.read import check_parameters
from app.rest.update import criteria

if TYPE_CHECKING:
    from app.records.patching import Patch
    from app.resources.definition import Resource
    from app.rest.request import Request


async def patch(request: Request) -> Answer:
    """200 with the new version."""
    check_parameters(request)
    expected = if_match(request.header(b"if-match"))
    made = await _patch(request)
    route = request.here
    return of_written(request, await request.records.patch(route.type, route.id, made, if_match=expected))


async def patch_where(request: Request) -> Answer:
    """200 for the one match; 404 for none, 412 for several."""
    query = criteria(request)
    expected = if_match(request.header(b"if-match"))
    made = await _patch(request)
    return of_written(request, await request.records.patch_where(request.here.type, query, made, if_match=expected))


async def _patch(request: Request) -> Patch:
    type = request.here.type
    if request.given is not None:
        return of_entry(request.given, type)
    body = await request.body()
    kind = media_type(request.header(b"content-type"))
    if kind == JSON_PATCH or (kind in JSON_TYPES and body.lstrip()[:1] == b"["):
        return pointer.read(body)
    return _of_xml(body) if kind == XML_PATCH else path.read(request.parsed(body), type)


def _of_xml(body: bytes) -> Patch:
    from app.rest.patch import diff  # noqa: PLC0415 - lxml's, which few workers need

    return diff.read(body)


def of_entry(tree: Resource, type: str) -> Patch:
    """Patch of a Bundle's entry: Parameters, or a Binary that holds a JSON or XML Patch (http.html 3.1.0.11.1)."""
    if tree.get("resourceType") != "Binary":
        return path.read(tree, type)
    kind = str(tree.get("contentType", "")).partition(";")[0].strip().lower()
    if kind not in (JSON_PATCH, XML_PATCH):
        raise WrongMediaType(
            f"a Binary that patches is `{JSON_PATCH}` or `{XML_PATCH}`", expression=("Binary.contentType",)
        )
    try:
        data = b64decode(str(tree.get("data", "")), validate=True)
    except (binascii.Error, ValueError):
        raise BadValue("the data of the Binary is not base64", expression=("Binary.data",)) from None
    return _of_xml(data) if kind == XML_PATCH else pointer.read(data)
