"""Which slice of an element an item is in, by the discriminators of its profile (profiling.html section 5.1.0.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from app.resources.profiles.declared import known, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.resources.profiles.declared import Node

EXTENSION = re.compile(r"extension\('([^']+)'\)")


class Context(NamedTuple):
    """Where a profile is read: the canonical base of our own, and the version of the guide that it is of."""

    base: str
    version: str


class Item(NamedTuple):
    """One item of an element: its FHIRPath, its value (None where only `_name` stands), and its type where told."""

    path: str
    value: Any
    type: str = ""


def covers(pattern: object, value: object) -> bool:
    """Whether a value has all that a pattern has (elementdefinition.html, pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(name in value and covers(p, value[name]) for name, p in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(covers(p, v) for v in value) for p in pattern)
    return pattern == value


def is_of(codes: frozenset[str], value: object) -> bool:
    """Whether a code, a Coding or one coding of a CodeableConcept is of a value set."""
    if isinstance(value, str):
        return any(code.endswith(f"|{value}") for code in codes)
    if not isinstance(value, dict):
        return False
    codings = value.get("coding", [value])
    return isinstance(codings, list) and any(
        f"{one.get('system', '')}|{one.get('code', '')}" in codes for one in codings if isinstance(one, dict)
    )


def members(value: object, name: str) -> Iterator[tuple[str, Any, str]]:
    """The members of an object that an element name means: name, value, and the type that a choice took."""
    if not isinstance(value, dict):
        return
    stem = name.removesuffix("[x]")
    if stem == name:
        names = [(name, "")]
    else:
        size = len(stem)
        given = [key.removeprefix("_") for key in value if key.removeprefix("_").startswith(stem)]
        names = [(key, key[size:]) for key in dict.fromkeys(given) if key[size : size + 1].isupper()]
    for key, kind in names:
        if key in value or f"_{key}" in value:
            yield key, value.get(key), kind


def found(value: object, path: str) -> list[Any]:
    """The values at the path of a discriminator."""
    if path == "$this":
        return [value]
    if match := EXTENSION.match(path):
        under = [one for one in _listed(value, "extension") if isinstance(one, dict) and one.get("url") == match[1]]
        rest = path[match.end() :].removeprefix(".")
    else:
        head, _, rest = path.partition(".")
        under = _listed(value, head) or _listed(value, f"{head}[x]")
    return [leaf for one in under for leaf in found(one, rest)] if rest else under


def _listed(value: object, name: str) -> list[Any]:
    return [one for _, held, _ in members(value, name) for one in (held if isinstance(held, list) else [held])]


def expected(node: Node, path: str, context: Context) -> Iterator[Node]:
    """The nodes that say what a slice has at the path of a discriminator: its own, or its profiles' own."""
    if path == "$this":
        yield node
    elif match := EXTENSION.match(path):
        rest = path[match.end() :].removeprefix(".")
        for one in (node.children["extension"].slices if "extension" in node.children else {}).values():
            if match[1] in (url.partition("|")[0] for url in one.rule.get("as", ())):
                yield from expected(one, rest, context) if rest else (one,)
    else:
        head, _, rest = path.partition(".")
        child = node.children.get(head) or node.children.get(f"{head}[x]")
        if child:
            yield from expected(child, rest, context) if rest else (child,)
    if path != "$this":
        for url in node.rule.get("as", ()):
            for profile in known(url, context.base, context.version):
                yield from expected(profile.root, path, context)


def test(node: Node, discriminator: str, context: Context) -> Callable[[Item], bool] | None:
    """Whether an item is in a slice, as far as one discriminator says; None where the slice does not say."""
    kind, _, path = discriminator.partition(" ")
    if kind == "exists":
        there = any(one.rule.get("min") for one in expected(node, path, context))
        absent = any(one.rule.get("max") == 0 for one in expected(node, path, context))
        return (lambda item: bool(found(item.value, path)) is there) if there or absent else None
    if kind == "type":
        types = node.rule.get("types")
        return (lambda item: item.type.lower() in {one.lower() for one in types}) if types else None
    if path == "url" and "as" in node.rule:
        urls = {url.partition("|")[0] for url in node.rule["as"]}
        return lambda item: isinstance(item.value, dict) and item.value.get("url") in urls
    for one in expected(node, path, context):
        fits = _fits(one.rule)
        if fits is not None:
            return lambda item: any(fits(value) for value in found(item.value, path))
    return None


def _fits(rule: dict[str, Any]) -> Callable[[Any], bool] | None:
    """What a value must be to be that of a slice."""
    if "fixed" in rule:
        return lambda value: bool(value == rule["fixed"])
    if "pattern" in rule:
        return lambda value: covers(rule["pattern"], value)
    if "codes" in rule:
        return lambda value: value in rule["codes"]
    codes = values(rule["from"]) if "from" in rule else None
    return (lambda value: is_of(codes, value)) if codes is not None else None
