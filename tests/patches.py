"""Patches in the three forms that the server takes, as a client writes them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.serving import Caller, Tree

JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"
FHIR = 'xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"'
NUMBERS = frozenset({"index", "source", "destination"})


def steps(*operations: Tree) -> Tree:
    """Parameters of a FHIRPath patch: of each operation `type`, `path` and its further parts; `value` is a part."""
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": _parts(o)} for o in operations]}


def _parts(operation: Tree) -> list[Tree]:
    made: list[Tree] = []
    for name, value in operation.items():
        kind = "valueCode" if name == "type" else "valueInteger" if name in NUMBERS else "valueString"
        made.append({"name": name, **(value if name == "value" else {kind: value})})
    return made


def at(type: str, path: str, **more: Any) -> Tree:
    """One operation of a FHIRPath patch."""
    return {"type": type, "path": path, **more}


def diff(*operations: str) -> bytes:
    """An XML patch; unprefixed names are FHIR's, `h:` is XHTML."""
    return f"<diff {FHIR}>{''.join(operations)}</diff>".encode()


def replace(selector: str, value: str) -> str:
    """A replacement in an XML patch."""
    return f'<replace sel="{selector}">{value}</replace>'


def packed(data: bytes, kind: str) -> Tree:
    """A patch as an entry of a Bundle carries it."""
    return {"resourceType": "Binary", "contentType": kind, "data": base64.b64encode(data).decode()}


async def xml_patch(by: Caller, place: str, *operations: str, **headers: str) -> httpx.Response:
    """An XML patch by somebody."""
    lines = {"Content-Type": XML_PATCH, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await by.send("PATCH", place, content=diff(*operations), headers=lines)


async def path_patch(by: Caller, place: str, *operations: Tree, **headers: str) -> httpx.Response:
    """A FHIRPath patch by somebody."""
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return await by.send("PATCH", place, json=steps(*operations), headers=lines)
