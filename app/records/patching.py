"""JSON Patch on a stored resource (RFC 6902), with the archive path that PDSm writes (`/extension[url:'…']`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonpatch
import jsonpointer

from app.errors import BadValue, BrokenRule, Invalid
from app.records.documents import single_label
from app.resources.validation import dump, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.resources.definition import Resource

FILTERED = re.compile(r"/extension\[url\s*[:=]\s*'(?P<url>[^']+)'\](?P<rest>/.*)?")
Operations = list[dict[str, object]]


def change(resource_type: str, operations: Operations) -> Callable[[Resource], Resource]:
    """What makes the patched tree of a tree; BadValue for a patch that is none, BrokenRule for a `test` that fails."""

    def apply(tree: Resource) -> Resource:
        after = parse(dump(tree))
        for operation in operations:
            plain = _plain(after, operation)
            if resource_type == "DocumentReference":
                single_label(after, str(plain.get("path", "")))
            after = _apply(after, plain)
        return after

    return apply


def _apply(tree: Resource, operation: dict[str, Any]) -> Resource:
    try:
        after = jsonpatch.apply_patch(tree, [operation], in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise BrokenRule("the test of the patch fails", reason="patch-test-failed") from None
    except (jsonpatch.JsonPatchConflict, jsonpointer.JsonPointerException):
        raise Invalid("the patch names an element that is not there", reason="patch-path") from None
    except (jsonpatch.JsonPatchException, TypeError, KeyError, ValueError):
        raise BadValue("the patch is not one of RFC 6902", reason="patch-malformed") from None
    if not isinstance(after, dict):
        raise BadValue("a patch leaves a resource", reason="patch-malformed")
    return after


def _plain(tree: Resource, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation with a path of RFC 6901 in the place of one that picks an extension by its url."""
    found = FILTERED.fullmatch(str(operation.get("path", "")))
    if found is None:
        return operation
    extensions = tree.get("extension", [])
    place = next((i for i, one in enumerate(extensions) if one.get("url") == found["url"]), None)
    rest = found["rest"] or ""
    if place is not None:
        bare = not rest and operation.get("op") in {"add", "replace"} and not isinstance(operation.get("value"), dict)
        return {**operation, "path": f"/extension/{place}{'/valueBoolean' if bare else rest}"}
    if operation.get("op") not in {"add", "replace"}:
        raise Invalid("the patch names an extension that is not there", reason="patch-path")
    value = operation.get("value")
    made = (
        value
        if isinstance(value, dict) and not rest
        else {"url": found["url"], rest.lstrip("/") or "valueBoolean": value}
    )
    if not extensions:
        return {"op": "add", "path": "/extension", "value": [made]}
    return {"op": "add", "path": "/extension/-", "value": made}
