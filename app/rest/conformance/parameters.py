"""The search parameters that are ours: what neither R4 nor a guide asks. Made from the declarations of the types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.resources import DEFINITIONS
from app.resources.definition import Search
from app.storage.search import PREFIXES, modifiers

if TYPE_CHECKING:
    from app.resources.definition import Definition, Parameter
    from app.settings import Settings

Tree = dict[str, Any]

FILTER = re.compile(r"\[(\w+)=([^\]]+)\]")
EXISTS = re.compile(r"exists\((.+)\)")
CODED = {"of-type": "ofType"}
"""Modifiers whose code in a SearchParameter (SearchModifierCode) is not what is written in a search."""
WORD = re.compile(r"[A-Za-z0-9]+")


def parameters(settings: Settings) -> dict[str, Tree]:
    """Every SearchParameter of ours, by id."""
    own = [(d, p) for d in DEFINITIONS.values() for p in d.parameters if p.url and "://" not in p.url]
    return {tree["id"]: tree for tree in (_parameter(d, p, settings) for d, p in own)}


def _parameter(definition: Definition, parameter: Parameter, settings: Settings) -> Tree:
    tree: Tree = {
        "id": parameter.url.rpartition("/")[2],
        "url": f"{settings.codesystem_base}/{parameter.url}",
        "name": definition.type + "".join(word.capitalize() for word in WORD.findall(parameter.name)),
        "status": "active",
        "description": f"`{parameter.name}` of {definition.type}: {parameter.path}",
        "code": parameter.name,
        "base": [definition.type],
        "type": str(parameter.type),
        "expression": expression(definition.type, parameter.path),
        "xpathUsage": "normal",
    }
    if parameter.type is Search.REFERENCE and parameter.targets:
        tree["target"] = list(parameter.targets)
    comparators = PREFIXES if parameter.type is Search.DATE else ()
    known = [CODED.get(one, "type" if one[:1].isupper() else one) for one in modifiers(parameter)]
    asked = {
        "multipleOr": True,
        "multipleAnd": True,
        "comparator": list(comparators),
        "modifier": list(dict.fromkeys(known)),
    }
    return tree | {name: value for name, value in asked.items() if value}


def expression(type: str, path: str) -> str:
    """A path of a declaration as FHIRPath: alternatives, conditions on a member, and whether there is a value."""
    return " | ".join(_one(type, one.strip()) for one in path.split(" | "))


def _one(type: str, path: str) -> str:
    if there := EXISTS.fullmatch(path):
        return f"{_one(type, there[1])}.exists()"
    return f"{type}." + FILTER.sub(lambda found: f".where({found[1]}='{found[2]}')", path)
