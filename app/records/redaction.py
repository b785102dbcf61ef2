"""What is taken out of a stored body before it leaves (policy.md section 4).

References that the caller may not see, and all but the identifier of a Patient that is shown reduced. Only rows flagged
as holding such references come here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.guard import Binding, guarded
from app.resources import DEFINITIONS, ins
from app.resources.validation import dump, parse
from app.storage.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.policy.standing import Caller
    from app.records.draft import Draft
    from app.resources.definition import Resource
    from app.storage.statement import Link

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
LISTS = {"List": ("entry", "entry.item", "p_item"), "Provenance": ("target", "target", "p_target")}
"""Types that are there for what they list: the element, the path of its references, and their column."""
IDS = bindparam("ids", type_=ARRAY(Text))
CLOSING = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-fermeture"


@cache
def visible_ids(resource_type: str) -> Statement:
    """Which of `:ids` of a type the caller may see in one record."""
    rows = guarded(resource_type, Binding.ONE)
    return Statement(select(rows.c.id).where(rows.c.id == func.any(IDS)))


def reduce(body: bytes) -> bytes:
    """A Patient by its INS alone: id, meta, INS identifier, active, the closing extension; tagged SUBSETTED."""
    tree = parse(body)
    kept: Resource = {"resourceType": "Patient", "id": tree["id"], "meta": {**tree["meta"], "tag": [SUBSETTED]}}
    closing = [one for one in tree.get("extension", []) if one.get("url") == CLOSING]
    if closing:
        kept["extension"] = closing
    identifiers = [one for one in tree.get("identifier", []) if ins.is_ins(one)]
    if identifiers:
        kept["identifier"] = [{"system": one["system"], "value": one["value"]} for one in identifiers]
    if "active" in tree:
        kept["active"] = tree["active"]
    return dump(kept)


def listed(tree: Resource, paths: tuple[str, ...]) -> Iterator[tuple[Any, Any, str]]:
    """Each reference at the filtered paths: what holds its element, the index or name there, the reference."""
    for path in paths:
        head, _, tail = path.partition(".")
        value = tree.get(head)
        if isinstance(value, list):
            for index, element in enumerate(value):
                yield value, index, _reference(element.get(tail) if tail else element)
        elif isinstance(value, dict) and tail:
            yield from listed(value, (tail,))
        elif isinstance(value, dict):
            yield tree, head, _reference(value)


def _reference(element: dict[str, Any] | None) -> str:
    return str((element or {}).get("reference", ""))


def versionless(reference: str) -> str:
    """`Type/id` of a reference that may name a version: one version is seen as its document is."""
    return reference.partition("/_history/")[0]


def is_bare(resource_type: str, body: bytes) -> bool:
    """Whether a List or Provenance holds none of the references that it is there for."""
    return resource_type in LISTS and LISTS[resource_type][0] not in parse(body)


async def redact(link: Link, caller: Caller, key: str, resource_type: str, body: bytes) -> bytes:
    """The body less every filtered reference into the record that the caller may not see."""
    tree = parse(body)
    found = list(listed(tree, DEFINITIONS[resource_type].filtered))
    wanted: dict[str, set[str]] = {}
    for _, _, reference in found:
        target, _, identifier = versionless(reference).partition("/")
        if target in DEFINITIONS and identifier.startswith(f"{key}."):
            wanted.setdefault(target, set()).add(identifier)
    standing = await caller.standing(link, key)
    hidden: set[str] = set()
    for target, ids in wanted.items():
        rows = await visible_ids(target).rows(link, **caller.one(key, standing), ids=sorted(ids))
        hidden |= {f"{target}/{one}" for one in ids - {row["id"] for row in rows}}
    return dump(_without(tree, hidden, found)) if hidden else body


def less(resource_type: str, body: bytes, hidden: set[str]) -> bytes:
    """The body less every filtered reference to one of these (`Type/id`); the same object where there is none."""
    paths = DEFINITIONS[resource_type].filtered
    tree = parse(body) if paths else {}
    found = list(listed(tree, paths))
    there = any(versionless(reference) in hidden for _, _, reference in found)
    return dump(_without(tree, hidden, found)) if there else body


def _without(tree: Resource, hidden: set[str], found: list[tuple[Any, Any, str]]) -> Resource:
    gone: dict[int, list[tuple[Any, Any]]] = {}
    for holder, place, reference in found:
        if versionless(reference) in hidden:
            gone.setdefault(id(holder), []).append((holder, place))
    for places in gone.values():
        for holder, place in sorted(places, key=lambda one: str(one[1]).zfill(9), reverse=True):
            del holder[place]
    return _pruned(tree)


def _pruned(tree: Resource) -> Resource:
    """Without the arrays and objects that the removal left empty."""
    for name, value in list(tree.items()):
        if isinstance(value, dict):
            _pruned(value)
        if value in ([], {}):
            del tree[name]
    return tree


def refer(draft: Draft) -> None:
    """Flag a row that holds references which some callers may not see, and name its documents to the trail."""
    references = [versionless(one) for _, _, one in listed(draft.tree, draft.definition.filtered)]
    if draft.type in LISTS:
        _, path, column = LISTS[draft.type]
        nameless = any(one[:1] in ("", "#") for _, _, one in listed(draft.tree, (path,)))
        draft.unaddressed = column if nameless else ""
    inside = [one for one in references if one.partition("/")[0] in DEFINITIONS and "/" in one]
    draft.facts["filtered"] = any(one.partition("/")[2].startswith(f"{draft.record}.") for one in inside)
    draft.documents += tuple(one.partition("/")[2] for one in inside if one.startswith("DocumentReference/"))
