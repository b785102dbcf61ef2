"""Parameters of operations, in and out (R4, Parameters)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.errors import BadValue
from app.storage.rows import instant

if TYPE_CHECKING:
    from datetime import datetime

    from app.resources.definition import Resource

TEXT_LIMIT = 4000
"""Characters of a reason or a comment."""


def text(parameters: Resource | None, name: str, *, required: bool = False) -> str:
    """The one string or code of a name, "" where it is not given; BadValue for anything else."""
    found = [one for one in (parameters or {}).get("parameter", []) if one.get("name") == name]
    path = (f"Parameters.parameter.where(name = '{name}')",)
    if len(found) > 1:
        raise BadValue(f"`{name}` is given more than once", expression=path)
    value = next((found[0][kind] for kind in ("valueString", "valueCode") if kind in found[0]), "") if found else ""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise BadValue(f"`{name}` is a text of at most {TEXT_LIMIT} characters", expression=path)
    if required and not value.strip():
        raise BadValue(f"`{name}` is required", expression=path)
    return value.strip()


def of(**values: str | bool | datetime | dict[str, Any] | None) -> Resource:
    """Parameters that say these values; None is left out."""
    given = [(name, value) for name, value in values.items() if value is not None]
    return {"resourceType": "Parameters", "parameter": [_one(name, value) for name, value in given]}


def _one(name: str, value: str | bool | datetime | dict[str, Any]) -> dict[str, Any]:  # noqa: FBT001 - a value
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    if isinstance(value, str):
        return {"name": name, "valueCode": value}
    if isinstance(value, dict):
        return {"name": name, **value}
    return {"name": name, "valueInstant": instant(value)}
