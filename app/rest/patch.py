"""patch and conditional patch (http.html section 3.1.0.6): JSON Patch, and the FHIRPath Patch that IHE MHD sends.

Both become a list of JSON Patch operations (RFC 6902); what they may change is the record's rule and not decided here.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, Malformed, Unsupported, WrongMediaType
from app.resources.validation import parse_json
from app.rest.answer import Answer, of_written
from app.rest.conditions import if_match
from app.rest.formats import media_type
from app.rest.paths import JSON_TYPES
from app.rest.read import check_parameters
from app.rest.update import criteria

if TYPE_CHECKING:
    from app.resources.definition import Resource
    from app.rest.request import Request

Operations = list[dict[str, object]]
JSON_PATCH = "application/json-patch+json"
NEEDS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": ""}
STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\[([0-9]{1,4})\])?")


async def patch(request: Request) -> Answer:
    """200 with the new version."""
    check_parameters(request)
    expected = if_match(request.header(b"if-match"))
    operations = await _operations(request)
    route = request.here
    return of_written(request, await request.records.patch(route.type, route.id, operations, if_match=expected))


async def patch_where(request: Request) -> Answer:
    """200 for the one match; 404 for none, 412 for several."""
    query = criteria(request)
    expected = if_match(request.header(b"if-match"))
    operations = await _operations(request)
    type = request.here.type
    return of_written(request, await request.records.patch_where(type, query, operations, if_match=expected))


async def _operations(request: Request) -> Operations:
    type = request.here.type
    if request.given is not None:
        return of_entry(request.given, type)
    body = await request.body()
    kind = media_type(request.header(b"content-type"))
    if kind == JSON_PATCH or (kind in JSON_TYPES and body.lstrip()[:1] == b"["):
        return json_patch(body)
    return fhirpath_patch(request.parsed(body), type)


def of_entry(tree: Resource, type: str) -> Operations:
    """Patch of a Bundle's entry: Parameters, or a Binary that holds a JSON Patch (http.html section 3.1.0.11.1)."""
    if tree.get("resourceType") != "Binary":
        return fhirpath_patch(tree, type)
    if tree.get("contentType") != JSON_PATCH:
        raise WrongMediaType(f"a Binary that patches must be `{JSON_PATCH}`", expression=("Binary.contentType",))
    try:
        return json_patch(b64decode(str(tree.get("data", "")), validate=True))
    except binascii.Error:
        raise BadValue("the data of the Binary is not base64", expression=("Binary.data",)) from None


def json_patch(body: bytes) -> Operations:
    """Operations of a JSON Patch document; Malformed when it is none."""
    found = parse_json(body)
    if not isinstance(found, list) or not found:
        raise Malformed("a json patch is an array of operations")
    for number, operation in enumerate(found):
        _check(number, operation)
    return found


def _check(number: int, operation: object) -> None:
    """Shape of one operation (RFC 6902 section 4). Its path may hold PDSm's filter `[url:'…']`."""
    if not isinstance(operation, dict):
        raise Malformed(f"operation {number} of the patch is not an object")
    needed = NEEDS.get(str(operation.get("op")))
    if needed is None:
        raise Malformed(f"operation {number} of the patch needs an `op` of RFC 6902")
    names = ["path", "from"] if needed == "from" else ["path"]
    for name in names:
        pointer = operation.get(name)
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            raise Malformed(f"operation {number} of the patch needs a `{name}` that starts with `/`")
    if needed and needed not in operation:
        raise Malformed(f"operation {number} of the patch needs `{needed}`")


def fhirpath_patch(tree: Resource, type: str) -> Operations:
    """Operations of a FHIRPath Patch (fhirpatch.html): `replace` of a plain path such as `DocumentReference.status`."""
    if tree.get("resourceType") != "Parameters":
        raise BadValue("a patch is a json patch or of resource type `Parameters`", expression=("resourceType",))
    parameters = tree.get("parameter")
    if not isinstance(parameters, list) or not parameters:
        raise BadValue("the patch holds no operation", expression=("Parameters.parameter",))
    return [_translate(p, type, f"Parameters.parameter[{n}]") for n, p in enumerate(parameters)]


def _translate(parameter: object, type: str, place: str) -> dict[str, object]:
    if not isinstance(parameter, dict) or parameter.get("name") != "operation":
        raise BadValue("every parameter of a patch is named `operation`", expression=(place,))
    parts = _parts(parameter, place)
    if parts.get("type") != "replace":
        raise Unsupported("a FHIRPath patch may only `replace`; use a json patch", expression=(place,))
    if "value" not in parts:
        raise BadValue("the operation needs a `value`", expression=(place,))
    return {"op": "replace", "path": _pointer(parts.get("path"), type, place), "value": parts["value"]}


def _parts(parameter: dict[str, Any], place: str) -> dict[str, Any]:
    """Values of the parts of an operation by name, whatever their type."""
    parts = parameter.get("part")
    if not isinstance(parts, list):
        raise BadValue("the operation has no parts", expression=(place,))
    found: dict[str, Any] = {}
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise BadValue("a part of the operation has no name", expression=(place,))
        found |= ((part["name"], value) for name, value in part.items() if name.startswith("value"))
    return found


def _pointer(path: object, type: str, place: str) -> str:
    root, *steps = path.split(".") if isinstance(path, str) else [""]
    matches = [STEP.fullmatch(step) for step in steps]
    if root != type or not matches or not all(matches):
        raise Unsupported(f"the path must be plain, as `{type}.status`", expression=(place,))
    return "".join(f"/{m[1]}" + (f"/{m[2]}" if m[2] else "") for m in matches if m)
