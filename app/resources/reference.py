"""Reading a Reference without the database: what type it points to, and whom it names."""

from __future__ import annotations

import re
from typing import Any

from app.access import FINESS, IDNPS, IDNST, RPPS, SIRENE

TARGET = re.compile(
    r"(?:https?://\S+/)?(?P<type>[A-Z][A-Za-z]+)(?:/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/\S+)?|\?\S+)"
)
DIRECTORY_TYPES = {IDNPS: "Practitioner", RPPS: "Practitioner"} | dict.fromkeys((IDNST, FINESS, SIRENE), "Organization")
"""What a logical reference points to when only its identifier's system tells."""


def target_type(reference: dict[str, Any]) -> str:
    """Type that a Reference points to (`Practitioner`), or "" where only resolving it would tell (`urn:uuid:…`)."""
    found = TARGET.fullmatch(reference.get("reference") or "")
    if found:
        return found["type"]
    system = (reference.get("identifier") or {}).get("system")
    return reference.get("type") or DIRECTORY_TYPES.get(system or "", "")


def contained(tree: dict[str, Any], reference: dict[str, Any]) -> dict[str, Any] | None:
    """The contained resource that a `#id` reference means, or None."""
    local = reference.get("reference") or ""
    if not local.startswith("#"):
        return None
    return next((item for item in tree.get("contained") or [] if item.get("id") == local[1:]), None)
