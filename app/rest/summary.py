"""`_summary` and `_elements`: the only case in which a stored body is parsed to be shown (search.html section 3.1.1.5).

What is mandatory and what belongs to a summary comes from R4's StructureDefinitions (`data/summary.json`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jiter

from app.errors import BadValue
from app.resources.validation import dump

if TYPE_CHECKING:
    from app.resources.definition import Resource

Tree = dict[str, Any]
ALWAYS = frozenset({"resourceType", "id", "meta"})
MODES = frozenset({"true", "text", "data", "count", "false"})
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}


def part(body: bytes) -> bytes:
    """A resource that is not all that there is, tagged SUBSETTED."""
    return dump(tag(jiter.from_json(body, float_mode="lossless-float")))


@cache
def known_types() -> Tree:
    """Mandatory and summary elements of each type."""
    data = (files("app.rest") / "data" / "summary.json").read_bytes()
    types: Tree = jiter.from_json(data)["types"]
    return types


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is kept of a resource: by `mode` (true, text or data), or the root `elements`."""

    mode: str
    elements: frozenset[str] = frozenset()

    def apply(self, type: str, body: bytes) -> bytes:
        """The pruned resource, tagged SUBSETTED."""
        tree = jiter.from_json(body, float_mode="lossless-float")
        return dump(tag(self.prune(type, tree)))

    def prune(self, type: str, tree: Resource) -> Tree:
        """The part of a resource that is kept."""
        if self.mode == "data":
            return {name: value for name, value in tree.items() if name != "text"}
        rules = known_types().get(type, {"mandatory": [], "summary": {}})
        if self.mode == "true":
            return _keep(tree, dict.fromkeys(rules["mandatory"]) | rules["summary"])
        names = {"text"} if self.mode == "text" else self.elements
        return _keep(tree, dict.fromkeys([*names, *rules["mandatory"]]))


def _keep(tree: Tree, rules: Tree) -> Tree:
    kept = {}
    for name, value in tree.items():
        plain = name.removeprefix("_")
        if plain in rules:
            kept[name] = _keep_inside(value, rules[plain])
        elif name in ALWAYS:
            kept[name] = value
    return kept


def _keep_inside(value: Any, rules: Tree | None) -> Any:  # noqa: ANN401 - JSON
    if rules is None:
        return value
    if isinstance(value, list):
        return [_keep_inside(item, rules) for item in value]
    return _keep(value, rules) if isinstance(value, dict) else value


def tag(tree: Tree) -> Tree:
    """The same resource with the tag that says that it is not whole."""
    meta = dict(tree.get("meta", {}))
    tags = [t for t in meta.get("tag", []) if t.get("code") != SUBSETTED["code"]]
    meta["tag"] = [*tags, SUBSETTED]
    return tree | {"meta": meta}


def pruning(pairs: list[tuple[str, str]]) -> Pruning | None:
    """What `_summary` and `_elements` ask for; None for the whole resource. BadValue for an unknown summary."""
    if not pairs:
        return None
    mode = next((v for n, v in pairs if n == "_summary" and v), "")
    if mode and mode not in MODES:
        raise BadValue("`_summary` must be true, text, data, count or false")
    if mode in ("true", "text", "data"):
        return Pruning(mode)
    elements = frozenset(e.strip() for n, v in pairs if n == "_elements" for e in v.split(",") if e.strip())
    return Pruning("", elements) if elements else None
