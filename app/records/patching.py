"""JSON Patch on a stored resource (RFC 6902), with the archive path that PDSm writes (`/extension[url:'…']`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonpatch
import jsonpointer

from app.errors import BadValue, BrokenRule, Forbidden, Invalid
from app.records.documents import OWN_EXTENSIONS, single_label
from app.resources.validation import dump, parse

if TYPE_CHECKING:
    from app.resources.definition import Resource

FILTERED = re.compile(r"/extension\[url\s*[:=]\s*'(?P<url>[^']+)'\](?P<rest>/.*)?")
Operations = list[dict[str, object]]


LABELS = frozenset({"/securityLabel", "/securityLabel/0", "/securityLabel/-"})
ALWAYS_THERE = LABELS | {"/status", "/extension"}
"""Places of a document where a change succeeds whatever the document says."""


class Patch:
    """A JSON Patch for resources of one type; called on a tree, it makes the patched one.

    BadValue for a patch that is none, BrokenRule for a `test` that fails.
    """

    __slots__ = ("_operations", "_type")

    def __init__(self, resource_type: str, operations: Operations) -> None:
        self._type = resource_type
        self._operations = operations

    def __call__(self, tree: Resource) -> Resource:
        """The patched tree."""
        after = parse(dump(tree))
        for operation in self._operations:
            plain = _plain(after, operation)
            if self._type == "DocumentReference":
                single_label(after, str(plain.get("path", "")))
            after = _apply(after, plain)
        return after

    def check_unseen(self, *, alone: bool) -> None:
        """Refuse to who does not see the resource what would tell him of it: a test, a copy, a place that may miss.

        `alone` asks for labels or for status and marks, not for both: one would test the other.
        """
        document = self._type == "DocumentReference"
        allowed = {"add", "replace"} if document else {"add", "replace", "remove"}
        paths = [str(one.get("path", "")) for one in self._operations]
        if (
            any(one.get("op") not in allowed for one in self._operations)
            or (document and not all(map(_is_always_there, paths)))
            or (document and alone and len({path in LABELS for path in paths}) > 1)
        ):
            raise Forbidden("a patch of what you do not read says what becomes of it", reason="patch-unseen")


def _is_always_there(path: str) -> bool:
    found = FILTERED.fullmatch(path)
    return path in ALWAYS_THERE if found is None else found["url"] in OWN_EXTENSIONS


def change(resource_type: str, operations: Operations) -> Patch:
    """What makes the patched tree of a tree."""
    return Patch(resource_type, operations)


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
