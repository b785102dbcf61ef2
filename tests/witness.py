"""Compares answers with the OpenAPI document: status, headers, media type and body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from app.rest.openapi import document
from tests.schema import faults, pointed

if TYPE_CHECKING:
    import httpx

Tree = dict[str, Any]

DOCUMENT = document()
PATTERNS = [
    (
        re.compile(
            "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"({\w+})", path))
        ),
        path,
    )
    for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
]
TOLD = {"etag", "last-modified", "location", "www-authenticate", "allow", "accept", "accept-patch", "retry-after"}
"""Headers that the document has to name where they are sent."""
PREFERRED, OUTCOME = "return=OperationOutcome", {"$ref": "#/components/schemas/OperationOutcome"}
"""A preference, and the body that it asks for in the place of the one that the document names."""


def operation(method: str, path: str) -> Tree:
    """What the document says of a request; KeyError where it says nothing."""
    template = next((told for pattern, told in PATTERNS if pattern.fullmatch(path.rstrip("/"))), path)
    told: Tree = DOCUMENT["paths"][template][method.lower().replace("head", "get")]
    return told


class Witness:
    """Looks at every answer, and keeps which operations were answered how."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    async def __call__(self, answer: httpx.Response) -> None:
        """Compare each answer of a client that has this as its hook."""
        await answer.aread()
        self.look(answer)

    def look(self, answer: httpx.Response) -> None:
        """Compare one answer with the document."""
        request = answer.request
        told = operation(request.method, request.url.path)
        where = f"{request.method} {request.url} {answer.status_code} {answer.text[:500]}"
        assert str(answer.status_code) in told["responses"], where
        named = told["responses"][str(answer.status_code)]
        named = pointed(DOCUMENT, named["$ref"]) if "$ref" in named else named
        sent = {name.lower() for name in answer.headers} & TOLD
        assert sent <= {name.lower() for name in named.get("headers", {})}, (where, sent)
        self.seen.add((told["operationId"], answer.status_code))
        if answer.content:
            self.body(answer, named["content"], where)

    def body(self, answer: httpx.Response, content: Tree, where: str) -> None:
        """Compare a body with its schema; raw content is told as bytes, whatever it is."""
        kind = answer.headers["content-type"].partition(";")[0]
        if kind not in content:
            assert "application/octet-stream" in content, where
        elif kind.endswith("json"):
            tree = orjson.loads(answer.content)
            wanted = (
                PREFERRED in answer.request.headers.get("prefer", "") and tree["resourceType"] == "OperationOutcome"
            )
            assert list(faults(DOCUMENT, OUTCOME if wanted else content[kind]["schema"], tree)) == [], where
