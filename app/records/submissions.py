"""Submission sets that the server makes: of a document that came without one (IHE MHD ITI-105, ITI-106)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.access import IDNPS, IDNST
from app.resources.guides import (
    AUTHOR_ORGANIZATION,
    DESIGNATION_TYPE,
    IDENTIFIER_TYPES,
    LIST_TYPES,
    MHD,
    PDSM,
    SOURCE_ID,
)
from app.resources.reference import contained, target_type
from app.storage.entropy import random_bytes
from app.storage.rows import instant

if TYPE_CHECKING:
    from app.access import Access
    from app.records.answer import Written
    from app.records.writing import Unit
    from app.resources.definition import Resource

SIMPLIFIED = frozenset(
    {
        f"{MHD}/StructureDefinition/IHE.MHD.SimplifiedPublish.DocumentReference",
        f"{PDSM}/StructureDefinition/pdsm-simplified-publish",
    }
)
"""Profiles of a document that is published alone."""
SOURCES = frozenset({"Practitioner", "PractitionerRole", "Patient", "Device"})
"""Who may be the source of a List (R4, List.source)."""
URI = "urn:ietf:rfc:3986"


def is_simplified(tree: Resource) -> bool:
    """Whether a resource says that it is a document published alone (ITI-105)."""
    return not SIMPLIFIED.isdisjoint(tree.get("meta", {}).get("profile", ()))


async def publish(unit: Unit, tree: Resource) -> Written:
    """Deposit a document, and a submission set of it where it was not there already."""
    await unit.begin()
    written = await unit.create(tree)
    if written.status == 201 and written.last_updated:  # noqa: PLR2004 - created
        await unit.create(
            _submission_set(tree, instant(written.last_updated), unit.access, unit.office.settings.fhir_base)
        )
    return written


def _submission_set(document: Resource, date: str, access: Access, base: str) -> Resource:
    """What a submission set says of the one document in it (PCC TF-2 section 4.1)."""
    designation = (document.get("category") or [document.get("type")])[0]
    marks = [{"url": SOURCE_ID, "valueIdentifier": _contributor(access, base)}]
    if designation:
        marks.append({"url": DESIGNATION_TYPE, "valueCodeableConcept": designation})
    source = _source(document)
    inner = _inside(document, source)
    return {
        "resourceType": "List",
        **({"contained": inner} if inner else {}),
        "extension": marks,
        "identifier": _names(),
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": LIST_TYPES, "code": "submissionset"}]},
        "subject": {"reference": document["subject"]["reference"]},
        "date": date,
        **({"source": source} if source else {}),
        "entry": [{"item": {"reference": f"DocumentReference/{document['id']}"}}],
    }


def _names() -> list[dict[str, Any]]:
    """Its entryUUID and its uniqueId, told apart by `use` (MHD 4.2.3) and by `type` (later)."""
    made = UUID(bytes=random_bytes(16), version=4)
    pairs = (("official", "entryUUID", made.urn), ("usual", "uniqueId", f"urn:oid:2.25.{made.int}"))
    return [
        {"use": use, "type": {"coding": [{"system": IDENTIFIER_TYPES, "code": code}]}, "system": URI, "value": value}
        for use, code, value in pairs
    ]


def _contributor(access: Access, base: str) -> dict[str, Any]:
    """Who contributed it: the acting structure, the professional without one, else whoever wrote here himself."""
    for key, system in ((access.structure, IDNST), (access.subject if access.is_professional else "", IDNPS)):
        kind, _, value = key.partition("|")
        if kind in {"structure", "person"} and value:
            own, _, rest = value.rpartition("|")
            return {"system": own or system, "value": rest}
    return {"system": URI, "value": base}


def _source(document: Resource) -> dict[str, Any]:
    """Its author: the document's first who may stand there; a structure stands in an extension."""
    for author in document.get("author", []):
        inner = contained(document, author)
        kind = inner["resourceType"] if inner else target_type(author)
        if kind in SOURCES:
            return dict(author)
        if kind == "Organization":
            return {"extension": [{"url": AUTHOR_ORGANIZATION, "valueReference": author}]}
    return {}


def _inside(document: Resource, source: dict[str, Any]) -> list[Resource]:
    """The contained resources that the source means, and those that they mean."""
    found: dict[str, Resource] = {}
    waiting = [source, *[one["valueReference"] for one in source.get("extension", [])]]
    while waiting:
        inner = contained(document, waiting.pop())
        if inner is not None and inner["id"] not in found:
            found[inner["id"]] = inner
            waiting += [value for value in inner.values() if isinstance(value, dict)]
    return list(found.values())
