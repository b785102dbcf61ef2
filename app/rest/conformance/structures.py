"""Our profiles and extensions as StructureDefinitions: the same rules that judge a body, told as a differential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.resources.profiles import ours
from app.resources.structure import elements

if TYPE_CHECKING:
    from app.resources.profiles.ours import Own, Rule
    from app.settings import Settings

Tree = dict[str, Any]

CORE = "http://hl7.org/fhir/StructureDefinition/"
CONTEXTS = {"announcement-end": "DocumentReference"}
"""The element that each extension stands on."""


def structures(settings: Settings) -> dict[str, Tree]:
    """Every StructureDefinition, by id."""
    return {name: _structure(name, one, settings) for name, one in ours.own(settings.codesystem_base).items()}


def _structure(id: str, own: Own, settings: Settings) -> Tree:
    base = settings.codesystem_base
    extension = own.type == "Extension"
    tree: Tree = {
        "id": id,
        "url": f"{base}{ours.PLACE}{id}",
        "name": "".join(part.capitalize() for part in id.split("-")),
        "title": own.title,
        "status": "active",
        "description": own.description,
        "fhirVersion": "4.0.1",
        "kind": "complex-type" if extension else "resource",
        "abstract": False,
    }
    if extension:
        tree["context"] = [{"type": "element", "expression": CONTEXTS[id]}]
    told = [{"id": own.type, "path": own.type, "short": own.title, "definition": own.description}]
    told += [_element(own.type, name, rule, base) for name, rule in own.rules.items()]
    return tree | {
        "type": own.type,
        "baseDefinition": f"{CORE}{own.type}",
        "derivation": "constraint",
        "differential": {"element": told},
    }


def _element(type: str, name: str, rule: Rule, base: str) -> Tree:
    """One element of a differential."""
    path = ".".join([type, *(part.partition(":")[0] for part in name.split("."))])
    kind = _kind(path)
    tree: Tree = {"id": f"{type}.{name}", "path": path}
    if part := name.rpartition(".")[2].partition(":")[2]:
        tree["sliceName"] = part
    if "by" in rule:
        said = [one.partition(" ") for one in rule["by"]]
        tree["slicing"] = {"discriminator": [{"type": t, "path": p} for t, _, p in said], "rules": "open"}
    tree |= {"min": rule["min"]} if "min" in rule else {}
    tree |= {"max": str(rule["max"])} if "max" in rule else {}
    if "types" in rule:
        tree["type"] = [{"code": one} for one in rule["types"]]
    elif "to" in rule:
        tree["type"] = [{"code": kind, "targetProfile": [f"{CORE}{one}" for one in rule["to"]]}]
    for how in ("fixed", "pattern"):
        if how in rule:
            tree[f"{how}{kind[:1].upper()}{kind[1:]}"] = rule[how]
    if "set" in rule:
        strength = "required" if "among" in rule else "extensible"
        tree["binding"] = {"strength": strength, "valueSet": f"{base}{rule['set']}"}
    return tree


def _kind(path: str) -> str:
    """Type of the element at a path, as R4 names it; "" of a choice."""
    type, *names = path.split(".")
    for name in names:
        element = elements(type).get(name)
        if element is None:
            return ""
        type = element.kind
    return type
