"""What a FHIR body must be before any rule reads it, in one walk over its tree.

The elements, their primitive types and their required codes are those of the R4 JSON schema (`data/structure.json`).
`fhir.resources` checks cardinality and choice; it takes unknown codes, empty objects and lists, numbers for dates and
strings for numbers, so those are refused here. The walk also finds the references, attachments and `urn:uuid:` links,
each with the very object that holds it, for those who resolve and rewrite them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson

from app.errors import Issue, TooLarge
from app.resources.invariants import INVARIANTS
from app.resources.primitive import CHECKS, JSON_TYPES, UNWRITABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.resources.definition import Resource

    Check = Callable[[object], bool]

Node = dict[str, Any]

DEEPEST = 64
"""Levels of a tree; real resources have less than twenty."""
MOST_OBJECTS = 10_000
"""Objects of one resource; real ones have less than a thousand. Each costs the models up to a quarter of a millisecond,
in which a worker does nothing else."""
MOST_IN_BUNDLE = 50_000
"""The same of a Bundle that no model judges as a whole."""
LONGEST_ECHO = 64
MOST_ISSUES = 50
MOST_CODES = 20
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
INDEX = re.compile(r"\[\d+\]")
LINKING = frozenset({"uri", "url"})
LINK = "urn:uuid:"
INNER = "ResourceList"
"""Name of the schema for any resource: `contained`, `Bundle.entry.resource`, `Parameters.parameter.resource`."""


class Element(NamedTuple):
    """One element: its type, whether it is a list, and for a primitive its check and its required codes.

    `passes` says whether one value is right and nothing more is to be seen in it, as of nearly all.
    """

    kind: str
    many: bool
    check: Check | None
    codes: frozenset[str] | None
    passes: Check


def _passing(kind: str, check: Check | None, codes: frozenset[str] | None) -> Check:
    """What most values of an element pass by: its check alone, where nothing else is asked of them."""
    if check is None:
        return lambda _: False
    if codes:
        return lambda item: check(item) and item in codes
    if kind in LINKING:
        return lambda item: check(item) and not str(item).startswith(LINK)
    return check


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the tree and the FHIRPath that leads to it (`DocumentReference.author[0]`)."""

    expression: str
    node: Node

    @property
    def path(self) -> str:
        """The path without type and indexes, as declarations write it (`author`, `contained.subject`)."""
        return INDEX.sub("", self.expression).partition(".")[2]


@dataclass(frozen=True, slots=True)
class Survey:
    """What one walk saw.

    `references` are all Reference objects (they may hold a `reference`, an `identifier`, or only a display),
    `attachments` all Attachments, `links` the pairs of an object and the name of its member whose value is a
    `urn:uuid:` that a transaction rewrites. `warnings` stand in nobody's way.
    """

    issues: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)
    references: list[Found] = field(default_factory=list)
    attachments: list[Found] = field(default_factory=list)
    links: list[tuple[Node, str]] = field(default_factory=list)


@cache
def _schema() -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(files("app.resources").joinpath("data/structure.json").read_bytes())
    return data


@cache
def resource_types() -> frozenset[str]:
    """Names of all resource types of R4."""
    return frozenset(_schema()["resources"])


def _element(text: str) -> Element:
    kind = text.lstrip("*")
    codes = frozenset(_schema()["codes"][int(kind[1:])]) if kind.startswith("=") else None
    if codes:
        kind = "code"
    many, check = text.startswith("*"), CHECKS.get(kind)
    return Element(kind, many, check, codes, _passing(kind, None if many else check, codes))


@cache
def elements(kind: str) -> dict[str, Element]:
    """The elements of a type, by name."""
    return {name: _element(text) for name, text in _schema()["types"][kind].items()}


def survey(tree: Resource, most: int = MOST_OBJECTS) -> Survey:
    """Walk over a whole resource. Issues say `structure` or `value` (its format), `code-invalid` or `invariant`.

    TooLarge for one of more than `most` objects.
    """
    walk = _Walk(most)
    walk.resource(tree, str(tree.get("resourceType")), contained=False, depth=1)
    if not walk.survey.issues:
        walk.check_local(tree)
    return walk.survey


class _Walk:
    """One walk. Recursion is as deep as the tree, which `DEEPEST` bounds."""

    def __init__(self, most: int) -> None:
        self.survey = Survey()
        self.local: list[Found] = []
        self.left = most

    def report(self, code: str, path: str, message: str) -> None:
        """Add an issue; after `MOST_ISSUES` nobody reads on."""
        if len(self.survey.issues) < MOST_ISSUES:
            self.survey.issues.append(Issue(code, message, expression=(path,)))

    def warn(self, code: str, path: str, message: str) -> None:
        """Add a warning; after `MOST_ISSUES` nobody reads on."""
        if len(self.survey.warnings) < MOST_ISSUES:
            self.survey.warnings.append(Issue(code, message, expression=(path,), severity="warning"))

    def is_list(self, value: object, path: str) -> bool:
        """Whether a value is a list that holds something; else it is reported."""
        if isinstance(value, list) and value:
            return True
        self.report("structure", path, "must not be empty" if value == [] else "must be a list")
        return False

    def resource(self, value: object, path: str, *, contained: bool, depth: int) -> None:
        """A resource of any type."""
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(kind, str) or kind not in resource_types():
            self.report("structure", path, "must be an object whose resourceType is a type of FHIR R4")
            return
        if contained:
            self.check_contained(value, path)
        self.node(kind, value, path, depth)

    def check_contained(self, value: Node, path: str) -> None:
        """Invariants dom-2, dom-4 and dom-5; and an id, by which it can be meant."""
        meta = value.get("meta")
        if "contained" in value:
            self.report("invariant", path, "a contained resource must not contain another (dom-2)")
        if isinstance(meta, dict) and not meta.keys().isdisjoint({"versionId", "lastUpdated", "security"}):
            self.report("invariant", path, "a contained resource has no version and no security label (dom-4, dom-5)")
        if "id" not in value:
            self.report("structure", path, "a contained resource must have an id")

    def node(self, kind: str, value: object, path: str, depth: int) -> None:
        """An object of a type of the schema."""
        if not isinstance(value, dict) or not value:
            self.report("structure", path, "must not be empty" if value == {} else "must be an object")
            return
        if depth > DEEPEST:
            self.report("structure", path, f"nested deeper than {DEEPEST} levels")
            return
        self.left -= 1
        if self.left < 0:
            raise TooLarge("there are more objects in it than a resource may have")
        known = elements(kind)
        for name, item in value.items():
            element = known.get(name)
            if element is None:
                self.other(kind, value, name, path, depth)
            elif element.check is not None:
                if not element.passes(item):
                    self.primitive(kind, value, name, path)
            elif element.many:
                self.nodes(element, item, f"{path}.{name}", depth)
            else:
                self.child(element, item, f"{path}.{name}", depth)
        if kind in INVARIANTS:
            self.rules(kind, value, path)

    def nodes(self, element: Element, items: object, path: str, depth: int) -> None:
        """A list of objects."""
        if self.is_list(items, path):
            for index, item in enumerate(cast("list[object]", items)):
                self.child(element, item, f"{path}[{index}]", depth)

    def child(self, element: Element, item: object, path: str, depth: int) -> None:
        """An object under another, kept when others look for its kind."""
        if element.kind == INNER:
            self.resource(item, path, contained=".contained[" in path, depth=depth + 1)
            return
        self.node(element.kind, item, path, depth + 1)
        if element.kind == "Reference" and isinstance(item, dict):
            self.survey.references.append(Found(path, item))
            if str(item.get("reference")).startswith("#"):
                self.local.append(Found(path, item))
        elif element.kind == "Attachment" and isinstance(item, dict):
            self.survey.attachments.append(Found(path, item))

    def other(self, kind: str, value: Node, name: str, path: str, depth: int) -> None:
        """A member that is no element: `_name` with id and extensions of a primitive, `resourceType`, or a stranger."""
        element = elements(kind).get(name[1:]) if name.startswith("_") else None
        if name == "resourceType" and kind in resource_types():
            return
        # the XHTML of a narrative has no sibling: its id stands within it, and XML has no place for an extension of it
        if element is None or element.check is None or element.kind == "xhtml":
            shown = f" `{name}`" if NAME.fullmatch(name) else ""
            self.report("structure", path, f"unknown element{shown}")
        elif element.many:
            self.siblings(value[name], value.get(name[1:]), f"{path}.{name}", depth)
        else:
            self.node("Element", value[name], f"{path}.{name}", depth + 1)

    def siblings(self, items: object, values: object, path: str, depth: int) -> None:
        """`_name` of a list: an object or null for each value."""
        if not self.is_list(items, path):
            return
        held = cast("list[object]", items)
        if isinstance(values, list) and len(values) != len(held):
            self.report("structure", path, "must be as long as the list that it belongs to")
        if not any(held):
            self.report("structure", path, "must hold an object")
        for index, item in enumerate(held):
            if item is not None:
                self.node("Element", item, f"{path}[{index}]", depth + 1)

    def primitive(self, kind: str, value: Node, name: str, path: str) -> None:
        """A primitive or a list of them."""
        element = elements(kind)[name]
        item = value[name]
        if element.many:
            self.primitives(element, item, value.get(f"_{name}"), f"{path}.{name}")
            return
        if item == "" and kind == "Extension" and element.kind in {"string", "markdown"}:
            # FHIR forbids it, but the published French examples of the care circle hold empty translations
            # (`valueString: ""`), and so does software made after them. An extension that says nothing harms nobody: it
            # is taken as it was sent, and said.
            self.warn("value", f"{path}.{name}", "is empty")
            return
        self.value(element, item, path, name)
        if element.kind in LINKING and isinstance(item, str) and item.startswith(LINK):
            self.survey.links.append((value, name))

    def primitives(self, element: Element, items: object, siblings: object, path: str) -> None:
        """A list of primitives: null stands where `_name` has an object."""
        if not self.is_list(items, path):
            return
        held = siblings if isinstance(siblings, list) else []
        for index, item in enumerate(cast("list[object]", items)):
            if item is not None or index >= len(held) or held[index] is None:
                self.value(element, item, path, index)

    def value(self, element: Element, item: object, path: str, at: str | int) -> None:
        """One primitive value, at a member of an object or a place in a list."""
        if element.check is None or element.check(item):
            if element.codes is None or item in element.codes:
                return
            self.unknown_code(element, str(item), f"{path}[{at}]" if isinstance(at, int) else f"{path}.{at}")
        else:
            self.wrong(element, item, f"{path}[{at}]" if isinstance(at, int) else f"{path}.{at}")

    def wrong(self, element: Element, item: object, path: str) -> None:
        """A value that is not of its primitive type: another JSON type, or a bad format."""
        expected = JSON_TYPES.get(element.kind, (str,))
        if not isinstance(item, expected) or (isinstance(item, bool) and bool not in expected):
            self.report("structure", path, f"must be the JSON value of a {element.kind}")
        elif isinstance(item, str) and UNWRITABLE.search(item):
            self.report("value", path, "holds a character that FHIR does not allow")
        else:
            self.report("value", path, f"is not a {element.kind}")

    def unknown_code(self, element: Element, code: str, path: str) -> None:
        """A code outside its required binding."""
        shown = f"`{code}`" if len(code) <= LONGEST_ECHO else "the code"
        known = ", ".join(sorted(element.codes or ())[:MOST_CODES])
        self.report("code-invalid", path, f"{shown} is not one of: {known}")

    def rules(self, kind: str, value: Node, path: str) -> None:
        """The invariants of a type. Where they meet a value of the wrong type, that was reported where it stands."""
        for holds, message in INVARIANTS[kind]:
            with suppress(TypeError, ValueError, AttributeError):
                if not holds(value):
                    self.report("invariant", path, message)

    def check_local(self, tree: Resource) -> None:
        """Invariant ref-1: `#id` must name a contained resource, `#` is the container; ids are not told twice."""
        contained = tree.get("contained")
        ids = _ids(contained) if isinstance(contained, list) else []
        if len(set(ids)) < len(ids):
            path = f"{tree['resourceType']}.contained"
            self.report("invariant", path, "two contained resources have the same id")
        for found in self.local:
            # resources inside a Bundle or Parameters contain for themselves
            if found.node["reference"][1:] not in {"", *ids} and ".resource" not in found.expression:
                self.report("invariant", found.expression, "names a contained resource that is not there (ref-1)")


def _ids(contained: Iterable[object]) -> list[str]:
    return [str(item["id"]) for item in contained if isinstance(item, dict) and "id" in item]
