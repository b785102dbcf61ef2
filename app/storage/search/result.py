"""Parameters that shape the answer and not the matches (search.html sections 3.1.1.3 and 3.1.1.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.errors import BadValue, TooCostly, Unsupported
from app.resources import DEFINITIONS
from app.resources.definition import Search
from app.storage.search.match import LAST_UPDATED
from app.storage.search.term import find

if TYPE_CHECKING:
    from app.resources.definition import Definition, Parameter

ANY = "*"
UNBROUGHT = "AuditEvent"
"""No search brings events of the trail along: they are asked for by themselves."""
ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
MOST_DIGITS = 9
MOST_SHOWN = 128
MOST_KEYS = 8
SORTED = frozenset(Search) - {Search.COMPOSITE}


class Summary(StrEnum):
    """`_summary` (search.html section 3.1.1.6.7)."""

    FALSE = "false"
    TRUE = "true"
    TEXT = "text"
    DATA = "data"
    COUNT = "count"


class Total(StrEnum):
    """`_total` (search.html section 3.1.1.6.4)."""

    UNSAID = ""
    NONE = "none"
    ESTIMATE = "estimate"
    ACCURATE = "accurate"


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude`; `source` and `parameter` may be `*`, `target` is "" for any type."""

    source: str
    parameter: str
    target: str = ""
    iterate: bool = False

    def __str__(self) -> str:
        if self.source == ANY:
            return ANY
        return ":".join(part for part in (self.source, self.parameter, self.target) if part)


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of `_sort`."""

    parameter: Parameter
    descending: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.descending}{self.parameter.name}"


NEWEST = Sort(LAST_UPDATED, descending=True)


def count(value: str, most: int) -> int:
    """Rows of a page, `most` at most."""
    if not (value.isascii() and value.isdigit()):
        raise BadValue(f"`_count` is a number that is not negative, not `{value[:MOST_DIGITS]}`")
    return min(int(value[:MOST_DIGITS]), most)


def summary(value: str) -> Summary:
    """Which part of each resource is asked for."""
    try:
        return Summary(value)
    except ValueError:
        raise BadValue(f"`_summary` is one of {', '.join(Summary)}") from None


def total(value: str) -> Total:
    """How exactly the matches are to be counted."""
    if value not in tuple(Total)[1:]:
        raise BadValue(f"`_total` is one of {', '.join(tuple(Total)[1:])}")
    return Total(value)


def elements(value: str) -> tuple[str, ...]:
    """Names of the root elements asked for."""
    names = tuple(name for name in value.split(",") if name)
    if not all(ELEMENT.fullmatch(name) for name in names):
        raise BadValue("`_elements` holds names of elements of the resource, joined by commas")
    return names


def sort(definition: Definition, value: str) -> tuple[Sort, ...]:
    """Keys in order of weight; everything but a composite can be sorted by."""
    keys = tuple(_sort(definition, key) for key in value.split(",") if key)
    if len(keys) > MOST_KEYS:
        raise TooCostly(f"`_sort` has more than {MOST_KEYS} keys")
    return keys


def _sort(definition: Definition, key: str) -> Sort:
    parameter = find(definition, key.removeprefix("-"))
    if parameter is None or parameter.type not in SORTED:
        raise Unsupported(f"sorting by `{key}` is not supported")
    return Sort(parameter, key.startswith("-"))


def include(definition: Definition, value: str, *, iterate: bool) -> Include:
    """`Source:parameter[:Target]`, where the source is the type searched unless it iterates."""
    asked = _include(ANY if iterate else definition.type, value, iterate=iterate)
    if asked.source != definition.type and not iterate:
        raise Unsupported(f"`_include` of `{value}` starts at another type than `{definition.type}`")
    if asked.target == UNBROUGHT:
        raise Unsupported("`_include` brings no events of the trail along")
    return asked


def revinclude(definition: Definition, value: str, *, iterate: bool) -> Include:
    """`Source:parameter[:Target]`, where the parameter points at the type searched unless it iterates."""
    asked = _include(ANY, value, iterate=iterate)
    if asked.source == UNBROUGHT:
        raise Unsupported("`_revinclude` brings no events of the trail along")
    if not iterate and ANY not in {asked.source, asked.parameter}:
        parameter = DEFINITIONS[asked.source].parameter(asked.parameter)
        if parameter and parameter.targets and definition.type not in parameter.targets:
            raise Unsupported(f"`_revinclude` of `{value}` never points at `{definition.type}`")
    if asked.target and asked.target != definition.type and not iterate:
        raise Unsupported(f"`_revinclude` of `{value}` points at another type than `{definition.type}`")
    return asked


def _include(source: str, value: str, *, iterate: bool) -> Include:
    if value == ANY:
        return Include(source, ANY, iterate=iterate)
    kind, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if kind not in DEFINITIONS or not code or (target and target not in DEFINITIONS):
        raise Unsupported(f"`{value[:MOST_SHOWN]}` is no include of types served here: `Type:parameter[:Target]`")
    if code != ANY:
        _check_reference(kind, code, target)
    return Include(kind, code, target, iterate)


def _check_reference(kind: str, code: str, target: str) -> None:
    parameter = DEFINITIONS[kind].parameter(code)
    if parameter is None or parameter.type is not Search.REFERENCE:
        raise Unsupported(f"`{kind}` has no reference parameter `{code}` to include by")
    if target and parameter.targets and target not in parameter.targets:
        raise Unsupported(f"`{code}` of `{kind}` never points at `{target}`")
