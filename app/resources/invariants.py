"""Invariants of the data types: the constraints of R4 that a well-formed body of our types can still break."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.resources.moment import bounds, interval

Node = dict[str, Any]
Rule = tuple[Callable[[Node], bool], str]

WORD = r"[\w!#$&^.+-]{1,64}"
MEDIA_TYPE = re.compile(rf'{WORD}/{WORD}( ?; ?{WORD}=("[^"\r\n]{{0,64}}"|[^\s;"]{{0,64}}))*', re.ASCII)
SHA1_BASE64 = re.compile(r"[A-Za-z0-9+/]{27}=")


def _period_is_ordered(node: Node) -> bool:
    """The first bounds are compared: `2024-02` to `2024-02-10` is in order."""
    if "start" not in node or "end" not in node:
        return True
    end = bounds(node)[1]
    return end is None or interval(node["start"])[0] < end


def _has_value_or_extensions(node: Node) -> bool:
    return any(name.lstrip("_").startswith("value") for name in node) != ("extension" in node)


def _media_type(node: Node) -> bool:
    return "contentType" not in node or MEDIA_TYPE.fullmatch(node["contentType"]) is not None


def _is_sha1(node: Node) -> bool:
    return "hash" not in node or SHA1_BASE64.fullmatch(node["hash"]) is not None


def _has_unit_system(node: Node) -> bool:
    return "code" not in node or "system" in node


QUANTITY: tuple[Rule, ...] = ((_has_unit_system, "a code of a unit needs its system (qty-3)"),)

INVARIANTS: dict[str, tuple[Rule, ...]] = {
    "Attachment": (
        (lambda node: "data" not in node or "contentType" in node, "data needs a contentType (att-1)"),
        (_media_type, "contentType is not a media type (RFC 6838)"),
        (_is_sha1, "hash must be a SHA-1 in base64"),
    ),
    "Binary": ((_media_type, "contentType is not a media type (RFC 6838)"),),
    "ContactPoint": ((lambda node: "value" not in node or "system" in node, "a value needs its system (cpt-2)"),),
    "Extension": ((_has_value_or_extensions, "must have either a value or extensions, not both (ext-1)"),),
    "Period": ((_period_is_ordered, "the end is before the start (per-1)"),),
    "Age": QUANTITY,
    "Count": QUANTITY,
    "Distance": QUANTITY,
    "Duration": QUANTITY,
    "Quantity": QUANTITY,
}
"""For each type, what must hold of its objects, and what is said when it does not."""
