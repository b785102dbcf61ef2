"""The primitive types of FHIR R4: which JSON value each accepts (datatypes.html section 2.24.0.1)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TypeGuard

from jiter import LosslessFloat

from app.resources.moment import interval
from app.resources.narrative import is_safe

Check = Callable[[object], bool]

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither XML nor PostgreSQL can hold: NUL, controls, lone surrogates, non-characters."""
LONGEST = 1 << 20
"""Characters of the longest string (datatypes.html, string)."""
SMALLEST, LARGEST = -(1 << 31), (1 << 31) - 1
WHITE = re.compile(r"\s+")
PRECISION_OF_DATE = 10


def _writable(value: str) -> bool:
    return value.isprintable() or UNWRITABLE.search(value) is None  # the first is quick, and says yes to most


def _text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and not value.isspace() and _writable(value)


def _string(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or value.isspace():
        return False
    return value.isprintable() or UNWRITABLE.search(value) is None  # the first is quick, and says yes to most


def _pattern(pattern: str) -> Check:
    matches = re.compile(pattern, re.ASCII).fullmatch

    def check(value: object) -> bool:
        return isinstance(value, str) and matches(value) is not None and _writable(value)

    return check


def _uri(value: object) -> bool:
    return _text(value) and " " not in value and (value.isprintable() or WHITE.search(value) is None)


def _exists(value: str) -> bool:
    try:
        interval(value)
    except ValueError:
        return False
    return True


def _date(value: object) -> bool:
    return isinstance(value, str) and len(value) <= PRECISION_OF_DATE and _exists(value)


def _date_time(value: object) -> bool:
    return isinstance(value, str) and _exists(value)


def _instant(value: object) -> bool:
    return isinstance(value, str) and len(value) > PRECISION_OF_DATE and _exists(value)


def _base64(value: object) -> bool:
    if not isinstance(value, str) or not value:
        return False
    try:
        base64.b64decode(WHITE.sub("", value), validate=True)
    except ValueError:
        return False
    return True


def _integer(smallest: int) -> Check:
    def check(value: object) -> bool:
        return type(value) is int and smallest <= value <= LARGEST

    return check


def _decimal(value: object) -> bool:
    return type(value) is int or isinstance(value, (LosslessFloat, float))


def _boolean(value: object) -> bool:
    return value is True or value is False


def _xhtml(value: object) -> bool:
    return _text(value) and is_safe(value)


CHECKS: dict[str, Check] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _uri,
    "code": _pattern(r"[^\s]+(\s[^\s]+)*"),
    "date": _date,
    "dateTime": _date_time,
    "decimal": _decimal,
    "id": _pattern(r"[A-Za-z0-9\-\.]{1,64}"),
    "instant": _instant,
    "integer": _integer(SMALLEST),
    "markdown": _string,
    "oid": _pattern(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"),
    "positiveInt": _integer(1),
    "string": _string,
    "time": _pattern(r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"),
    "unsignedInt": _integer(0),
    "uri": _uri,
    "url": _uri,
    "uuid": _pattern(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "xhtml": _xhtml,
}
"""For each primitive type, whether a JSON value is one."""

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "decimal": (int, float, LosslessFloat),
    "integer": (int,),
    "positiveInt": (int,),
    "unsignedInt": (int,),
}
"""JSON types of the primitives that are not strings: another one is a fault of structure, not of value."""
