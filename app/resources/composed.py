"""A DocumentReference made from a FHIR document: a Bundle whose first entry is its Composition (documents.html).

Whom the Composition names and the Bundle holds is contained, by what identifies and names him.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from app.resources import ins
from app.resources.cda import no_cda
from app.resources.generated import FORMAT
from app.resources.labels import CONFIDENTIALITY
from app.resources.structure import MOST_IN_BUNDLE, survey
from app.resources.validation import dump, refuse

if TYPE_CHECKING:
    from app.resources.definition import Resource

FHIR_JSON = "application/fhir+json"
COPIED = ("identifier", "name", "gender", "birthDate", "deviceName", "code", "specialty")
"""What is said of who is contained."""
POINTED = ("practitioner", "organization")
"""References of a PractitionerRole that lead on."""


def from_document(bundle: Resource) -> Resource:
    """The DocumentReference of a FHIR document, with the document as its content.

    `Malformed` for what is not FHIR, `Invalid` for a Bundle that is no document or says too little.
    """
    refuse(survey(bundle, MOST_IN_BUNDLE).issues)
    entries = bundle.get("entry", [])
    first = entries[0].get("resource", {}) if entries else {}
    if bundle.get("type") != "document" or first.get("resourceType") != "Composition":
        raise no_cda("the Bundle is no document: it begins with a Composition")
    master = bundle.get("identifier", {})
    if not (master.get("system") and master.get("value")):
        raise no_cda("the document has no identifier of system and value", "Bundle.identifier")
    if not first.get("type"):
        raise no_cda("the document does not say its type", "Composition.type")
    return _Making(bundle, first).tree(master)


class _Making:
    """One DocumentReference on its way."""

    def __init__(self, bundle: Resource, composition: Resource) -> None:
        self.bundle = bundle
        self.composition = composition
        self.contained: dict[str, Resource] = {}
        self._held: dict[str, Resource] = {}
        for entry in bundle.get("entry", []):
            resource = entry.get("resource", {})
            own = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else ""
            self._held |= {name: resource for name in (entry.get("fullUrl"), own) if name and resource}

    def tree(self, master: dict[str, Any]) -> Resource:
        said = self.composition
        subject = self._subject()
        told = {
            "masterIdentifier": master,
            "status": "current",
            "type": said["type"],
            "category": said.get("category"),
            "subject": subject,
            "date": self.bundle.get("timestamp"),
            "author": [self._pointed(one) for one in said.get("author", [])],
            "authenticator": self._authenticator(),
            "custodian": self._pointed(said.get("custodian", {})),
            "relatesTo": [one for one in map(_relation, said.get("relatesTo", [])) if one],
            "description": said.get("title"),
            "securityLabel": self._labels(),
            "content": [{"attachment": self._attachment(), "format": FORMAT}],
            "context": self._context(),
        }
        contained = {"contained": list(self.contained.values())} if self.contained else {}
        return {"resourceType": "DocumentReference", **contained, **{k: v for k, v in told.items() if v}}

    def _subject(self) -> dict[str, Any]:
        """The holder: by the INS of the Patient that the document holds, else as the Composition names him."""
        reference: dict[str, Any] = self.composition.get("subject", {})
        patient = self._held.get(reference.get("reference", ""), {})
        own = [one for one in patient.get("identifier", []) if ins.is_ins(one)]
        if patient and len({(one["system"], one["value"]) for one in own}) != 1:
            raise no_cda("the document does not say whose it is: one INS of its Patient", "Composition.subject")
        return {"type": "Patient", "identifier": own[0]} if patient else reference

    def _pointed(self, reference: dict[str, Any]) -> dict[str, Any]:
        """The same reference, to a contained copy where the document holds its target."""
        target = self._held.get(reference.get("reference", ""))
        if target is None:
            return reference
        if any(ins.is_ins(one) for one in target.get("identifier", []) if target["resourceType"] == "Patient"):
            return {"type": "Patient", "identifier": next(one for one in target["identifier"] if ins.is_ins(one))}
        name = reference["reference"]
        if name not in self.contained:
            kind = target["resourceType"]
            copy = {"resourceType": kind, "id": f"{kind.lower()}-{len(self.contained) + 1}"}
            self.contained[name] = copy
            copy |= {tag: target[tag] for tag in COPIED if tag in target}
            copy |= {tag: self._pointed(target[tag]) for tag in POINTED if tag in target}
        return {"reference": f"#{self.contained[name]['id']}"}

    def _authenticator(self) -> dict[str, Any]:
        attesters = self.composition.get("attester", [])
        party: dict[str, Any] = next((one.get("party", {}) for one in attesters if one.get("mode") == "legal"), {})
        found = self._pointed(party)
        return {} if found.get("type") == "Patient" else found

    def _labels(self) -> list[dict[str, Any]]:
        code = self.composition.get("confidentiality")
        return [{"coding": [{"system": CONFIDENTIALITY, "code": code}]}] if code else []

    def _attachment(self) -> dict[str, Any]:
        told = {
            "contentType": FHIR_JSON,
            "language": self.composition.get("language") or self.bundle.get("language"),
            "data": base64.b64encode(dump(self.bundle)).decode(),
            "title": self.composition.get("title"),
            "creation": self.composition.get("date"),
        }
        return {name: value for name, value in told.items() if value}

    def _context(self) -> dict[str, Any]:
        events = self.composition.get("event", [])
        codes = [code for event in events for code in event.get("code", [])]
        period = next((event["period"] for event in events if "period" in event), None)
        return {name: value for name, value in (("event", codes), ("period", period)) if value}


def _relation(said: dict[str, Any]) -> dict[str, Any]:
    """What the document replaces, appends to, transforms or signs."""
    target = said.get("targetReference") or {"identifier": said.get("targetIdentifier")}
    return {"code": said["code"], "target": {"type": "DocumentReference", **target}} if said.get("code") else {}
