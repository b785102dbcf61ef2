"""Deposits that keep the profiles of IHE MHD and of PDSm, made here, to be broken one rule at a time."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

if TYPE_CHECKING:
    from tests.serving import Tree

MHD = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
LISTS = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
URI = "urn:ietf:rfc:3986"
LOINC = "http://loinc.org"
CONTENT = b"<ClinicalDocument/>"
AUTHOR = "810000000001"


def uuid(name: str) -> str:
    """A `urn:uuid:` that depends on the name alone."""
    return uuid5(NAMESPACE_OID, name).urn


def coded(system: str, code: str) -> Tree:
    return {"coding": [{"system": system, "code": code}]}


def unique(value: str) -> Tree:
    return {"use": "usual", "system": URI, "value": value}


def entry_uuid(name: str) -> Tree:
    return {"use": "official", "system": URI, "value": uuid(name)}


def contained() -> list[Tree]:
    """Who wrote it, and the patient as he was known then."""
    number = {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": AUTHOR}
    structure = {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1750000001"}
    return [
        {
            "resourceType": "PractitionerRole",
            "id": "role",
            "practitioner": {"identifier": number},
            "organization": {"identifier": structure},
        },
        {"resourceType": "Patient", "id": "then", "name": [{"family": "Pat-Trois"}]},
    ]


def document(record: str, url: str, *profiles: str) -> Tree:
    """A DocumentReference that has all that the comprehensive profiles of MHD and PDSm ask."""
    attachment = {
        "contentType": "application/xml",
        "language": "fr-FR",
        "url": url,
        "size": len(CONTENT),
        "hash": base64.b64encode(hashlib.sha1(CONTENT, usedforsecurity=False).digest()).decode(),
        "title": "Compte rendu",
        "creation": "2026-06-12T10:00:00+02:00",
    }
    return {
        "resourceType": "DocumentReference",
        "meta": {"profile": list(profiles)},
        "contained": contained(),
        "masterIdentifier": unique("urn:oid:1.2.250.1.999.1.1.1"),
        "identifier": [entry_uuid("entry")],
        "status": "current",
        "type": coded(LOINC, "11488-4"),
        "category": [coded("https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument", "10")],
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "author": [{"reference": "#role"}],
        "custodian": {
            "type": "Organization",
            "identifier": {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1750000001"},
        },
        "securityLabel": [coded("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N")],
        "content": [
            {"attachment": attachment, "format": {"system": URI, "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient"}}
        ],
        "context": {
            "period": {"start": "2026-06-12T09:00:00+02:00"},
            "facilityType": coded(
                "https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite", "SA07"
            ),
            "practiceSetting": coded(
                "https://mos.esante.gouv.fr/NOS/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice", "AMBULATOIRE"
            ),
            "sourcePatientInfo": {"reference": "#then"},
        },
    }


def submission(record: str, document_url: str, *profiles: str) -> Tree:
    """A SubmissionSet that has all that the comprehensive profiles ask."""
    return {
        "resourceType": "List",
        "meta": {"profile": list(profiles)},
        "contained": contained()[:1],
        "extension": [
            {"url": f"{MHD}ihe-designationType", "valueCodeableConcept": coded(LOINC, "11488-4")},
            {"url": f"{MHD}ihe-sourceId", "valueIdentifier": {"value": "urn:oid:1.2.250.1.999.2"}},
        ],
        "identifier": [unique("urn:oid:1.2.250.1.999.1.2.1"), entry_uuid("set")],
        "status": "current",
        "mode": "working",
        "title": "Lot",
        "code": coded(LISTS, "submissionset"),
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "source": {"reference": "#role"},
        "entry": [{"item": {"reference": document_url}}],
    }


def folder(record: str, document_url: str, *profiles: str) -> Tree:
    """A Folder that has all that the comprehensive profiles ask."""
    tree = submission(record, document_url, *profiles)
    for name in ("contained", "source"):
        del tree[name]
    tree["identifier"] = [unique("urn:oid:1.2.250.1.999.1.3.1")]
    tree["extension"] = tree["extension"][:1]
    return tree | {"code": coded(LISTS, "folder")}


def provided(record: str, bundle: str, set_: str, reference: str) -> Tree:
    """An ITI-65 transaction of one document, its content and its SubmissionSet, under these profiles."""
    made = {
        "List": submission(record, uuid("document"), set_),
        "DocumentReference": document(record, uuid("content"), reference),
        "Binary": {
            "resourceType": "Binary",
            "contentType": "application/xml",
            "data": base64.b64encode(CONTENT).decode(),
        },
    }
    urls = {"List": uuid("list"), "DocumentReference": uuid("document"), "Binary": uuid("content")}
    entries = [
        {"fullUrl": urls[kind], "resource": tree, "request": {"method": "POST", "url": kind}}
        for kind, tree in made.items()
    ]
    return {"resourceType": "Bundle", "meta": {"profile": [bundle]}, "type": "transaction", "entry": entries}
