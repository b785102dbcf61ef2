"""Parameters of operations, in and out (R4, Parameters)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.errors import BadValue
from app.resources.validation import dump, parse
from app.storage.rows import instant

if TYPE_CHECKING:
    from datetime import datetime

    from app.resources.definition import Resource

TEXT_LIMIT = 4000
"""Characters of a reason or a comment."""
TEXTS = ("valueString", "valueCode", "valueUri")
PLAIN = ("valueBoolean", *TEXTS)


def text(parameters: Resource | None, name: str, *, required: bool = False) -> str:
    """The one string or code of a name, "" where it is not given; BadValue for anything else."""
    found = [one for one in _given(parameters) if one.get("name") == name]
    path = (f"Parameters.parameter.where(name = '{name}')",)
    if len(found) > 1:
        raise BadValue(f"`{name}` is given more than once", expression=path)
    value = next((found[0][kind] for kind in ("valueString", "valueCode") if kind in found[0]), "") if found else ""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or "\0" in value:
        raise BadValue(f"`{name}` is a text of at most {TEXT_LIMIT} characters, and holds no NUL", expression=path)
    if required and not value.strip():
        raise BadValue(f"`{name}` is required", expression=path)
    return value.strip()


def _given(parameters: Resource | None) -> list[dict[str, Any]]:
    """Every parameter; BadValue where they are no list of objects."""
    given = (parameters or {}).get("parameter", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise BadValue("the parameters are a list of objects", expression=("Parameters.parameter",))
    return given


def named(parameters: Resource | None, known: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    """The parameters by name; BadValue for a name that is not known, which nobody would heed."""
    return _by_name((parameters or {}).get("parameter", []), known, "Parameters.parameter")


def parts(parameter: dict[str, Any], known: frozenset[str], name: str) -> dict[str, list[dict[str, Any]]]:
    """The parts of one parameter, by name."""
    return _by_name(parameter.get("part", []), known, f"Parameters.parameter.where(name = '{name}').part")


def _by_name(given: object, known: frozenset[str], path: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in given if isinstance(given, list) else [given]:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(name, str) or name not in known:
            raise BadValue(f"a parameter is one of: {', '.join(sorted(known))}", expression=(path,))
        _check(one, path)
        found.setdefault(name, []).append(one)
    return found


def _check(parameter: dict[str, Any], path: str) -> None:
    """Refuse a value whose JSON type is not that of its name."""
    complex_ = ("valueReference", "valueIdentifier", "valueCoding", "resource")
    wrong = [name for name in complex_ if not isinstance(parameter.get(name, {}), dict)]
    wrong += [name for name in PLAIN if isinstance(parameter.get(name), dict | list)]
    token = [parameter.get(name, {}) for name in complex_[:3]]
    if wrong or any(not isinstance(value, str | dict) for one in token for value in one.values()):
        raise BadValue("a value is not of its type", expression=(path,))
    if any(_holds_nul(value) for name, value in parameter.items() if name.startswith("value")):
        raise BadValue("a text holds no NUL", expression=(path,))


def _holds_nul(value: object) -> bool:
    """Whether a text of a value holds a NUL, which the database does not keep."""
    if isinstance(value, dict):
        return any(map(_holds_nul, value.values()))
    return isinstance(value, str) and "\0" in value


def single(given: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one parameter of a name; BadValue where it is not one."""
    if len(given) != 1:
        raise BadValue(f"`{name}` is given once", expression=(f"Parameters.parameter.where(name = '{name}')",))
    return given[0]


def text_of(parameter: dict[str, Any], name: str) -> str:
    """The text, code or uri of a parameter; BadValue for anything else, and for none."""
    value = next((parameter[kind] for kind in TEXTS if kind in parameter), None)
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_LIMIT:
        path = (f"Parameters.parameter.where(name = '{name}')",)
        raise BadValue(f"`{name}` is a text of at most {TEXT_LIMIT} characters", expression=path)
    return value.strip()


def copied(tree: Resource) -> Resource:
    """A tree of one's own, to be changed."""
    return parse(dump(tree))


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
