"""JSON Schema 2020-12 as far as our OpenAPI document uses it; a keyword that it does not know is an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
NOTES = {"description", "format", "contentEncoding", "additionalProperties", "properties", "items"}
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda wanted, value: TYPES[wanted](value),
    "const": lambda wanted, value: bool(value == wanted),
    "enum": lambda wanted, value: value in wanted,
    "required": lambda wanted, value: not isinstance(value, dict) or set(wanted) <= value.keys(),
    "minItems": lambda wanted, value: len(value) >= wanted,
    "minimum": lambda wanted, value: value >= wanted,
    "pattern": lambda wanted, value: re.search(wanted, value) is not None,
}


def pointed(document: dict[str, Any], reference: str) -> Any:
    """What a `$ref` of a document names; KeyError where that is nothing."""
    root, *parts = reference.split("/")
    assert root == "#"
    found: Any = document
    for part in parts:
        found = found[part]
    return found


def faults(document: dict[str, Any], schema: dict[str, Any], value: object, place: str = "$") -> Iterator[str]:
    """Everything in a value that its schema does not allow."""
    if "$ref" in schema:
        assert schema.keys() == {"$ref"}
        yield from faults(document, pointed(document, schema["$ref"]), value, place)
        return
    unknown = schema.keys() - TESTS.keys() - NOTES
    assert not unknown, unknown
    for key, holds in TESTS.items():  # the type first: the others read a value of it
        if key in schema and not holds(schema[key], value):
            yield f"{place}: {key} {schema[key]}"
            return
    if isinstance(value, dict):
        shown = schema.get("properties", {})
        for name in value.keys() & shown.keys():
            yield from faults(document, shown[name], value[name], f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from faults(document, schema["items"], item, f"{place}[{index}]")
