"""A DocumentReference made from the header of a CDA R2 document (IHE MHD ITI-106; PCC TF-2 section 4.1).

Whatever the header does not say, or says with a null flavour, is left out: nothing is guessed.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

from app.access import IDNPS
from app.resources import ins, terminology
from app.resources.cda import header, no_cda
from app.resources.labels import CONFIDENTIALITY, VISIBILITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.cda import Part
    from app.resources.definition import Resource

URI = "urn:ietf:rfc:3986"
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.\d+)?)?(?:([+-]\d\d)(\d\d))?")
NOS = "https://mos.esante.gouv.fr/NOS"
SYSTEMS = {
    "2.16.840.1.113883.6.1": terminology.LOINC,
    "2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "2.16.840.1.113883.5.4": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "2.16.840.1.113883.5.25": CONFIDENTIALITY,
    "1.2.250.1.213.1.1.4.12": terminology.COMPLEMENTARY,
    "1.2.250.1.213.1.1.4.13": VISIBILITY,
    "1.2.250.1.213.1.1.4.6": f"{NOS}/TRE_A00-ProducteurDocNonPS/FHIR/TRE-A00-ProducteurDocNonPS",
    "1.2.250.1.213.1.1.4.9": f"{NOS}/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice",
    "1.2.250.1.71.4.2.4": f"{NOS}/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
    "1.2.250.1.71.1.2.7": f"{NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante",
    "1.2.250.1.213.1.6.1.107": f"{NOS}/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge",
}
"""FHIR's name of a code system, by OID; any other is `urn:oid:…`."""
GENDERS = {"M": "male", "F": "female", "U": "unknown", "UN": "other"}
RELATIONS = {"RPLC": "replaces", "APND": "appends", "XFRM": "transforms"}
FORMAT = {
    "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
    "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
}
"""A format that claims nothing but the media type."""
DAY, MINUTE = 3, 5
"""Parts of a time that make a day, and that make an hour with its minutes."""


def from_cda(content: bytes, content_type: str) -> Resource:
    """The DocumentReference of a CDA, its content still in `attachment.data`; `Invalid` where it cannot be made.

    `relatesTo` names documents by identifier. Authors, custodian, authenticator and source patient are contained.
    """
    return _Making(header(content)).tree(content_type)


def code_of(part: Part | None) -> dict[str, Any]:
    """A Coding of a CDA code, {} where there is none."""
    attributes = part.attributes if part else {}
    if not attributes.get("code"):
        return {}
    oid = attributes.get("codeSystem", "")
    coding = {"system": SYSTEMS.get(oid, f"urn:oid:{oid}")} if OID.fullmatch(oid) else {}
    coding["code"] = attributes["code"].strip()
    return coding | ({"display": attributes["displayName"]} if attributes.get("displayName", "").strip() else {})


def concept(part: Part | None) -> dict[str, Any]:
    """A CodeableConcept of one code, {} where there is none."""
    coding = code_of(part)
    return {"coding": [coding]} if coding else {}


def identifier(part: Part | None) -> dict[str, Any]:
    """An Identifier of an instance identifier, {} where it has no root: an OID or a UUID alone is a URI."""
    root = part.attributes.get("root", "").strip() if part else ""
    extension = part.attributes.get("extension", "").strip() if part else ""
    kind = "uuid" if UUID.fullmatch(root) else "oid" if OID.fullmatch(root) else ""
    if not kind:
        return {}
    name = f"urn:{kind}:{root.lower()}"
    return {"system": name, "value": extension} if extension else {"system": URI, "value": name}


def moment(value: str) -> str:
    """A FHIR dateTime of an HL7 timestamp, as precise as it can be said; a time without its zone is only a day."""
    found = TIME.fullmatch(value)
    if not found:
        return ""
    parts = [part for part in found.groups()[:6] if part]
    day = "-".join(parts[:DAY])
    if len(parts) < MINUTE or not found[7]:
        return day
    seconds = parts[DAY + 2] if len(parts) > MINUTE else "00"
    return f"{day}T{parts[3]}:{parts[4]}:{seconds}{found[7]}:{found[8]}"


def _identifiers(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [one for one in map(identifier, parts) if one]


def _human(part: Part | None) -> list[dict[str, Any]]:
    """HumanNames of a CDA name: that of birth or the only one, then the one in use."""
    if part is None:
        return []
    called = {tag: [p.said() for p in part.all(tag) if p.attributes.get("qualifier") == "CL"] for tag in NAMED}
    plain = {tag: _plain(part, tag) for tag in NAMED}
    around = {tag: [p.said() for p in part.all(tag) if p.said()] for tag in ("prefix", "suffix")}
    names = [_name("official", plain, around), _name("usual", called, {})]
    return [name for name in names if len(name) > 1]


NAMED = ("family", "given")


def _plain(part: Part, tag: str) -> list[str]:
    """Names of one kind but those in use: of birth, where some are marked so (CI-SIS lists all first names beside)."""
    found = [p for p in part.all(tag) if p.attributes.get("qualifier") != "CL" and p.said()]
    return [p.said() for p in found if p.attributes.get("qualifier") == "BR"] or [p.said() for p in found]


def _name(use: str, names: dict[str, list[str]], around: dict[str, list[str]]) -> dict[str, Any]:
    given, family = names["given"], names["family"]
    name: dict[str, Any] = (
        {"use": use} | ({"family": family[0]} if family else {}) | ({"given": given} if given else {})
    )
    return name | {tag: texts for tag, texts in around.items() if texts}


def _given(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """The members that say something."""
    return {name: value for name, value in values.items() if value not in ("", [], {}, None)}


class _Making:
    """One DocumentReference on its way: `contained` are the resources that its references mean."""

    def __init__(self, root: Part) -> None:
        self.root = root
        self.contained: list[Resource] = []

    def tree(self, content_type: str) -> Resource:
        root = self.root
        title, created = root.said("title"), moment(root.get("effectiveTime", "value"))
        type_ = concept(root.first("code"))
        master = identifier(root.first("id"))
        for name, found in (("id", master), ("code", type_), ("effectiveTime", created)):
            if not found:
                raise no_cda(f"the header does not say its `{name}`")
        attachment = _given(
            contentType=content_type, language=root.get("languageCode", "code"), title=title, creation=created
        )
        subject = self._subject()
        source = self._source_patient()
        told = _given(
            masterIdentifier=master,
            status="current",
            type=type_,
            category=[_class(type_)] if _class(type_) else [],
            subject=subject,
            date=created if "T" in created else "",
            author=[one for one in map(self._author, root.all("author"), count(1)) if one],
            authenticator=self._professional(root.first("legalAuthenticator/assignedEntity"), "authenticator"),
            custodian=self._structure(root.first("custodian/assignedCustodian/representedCustodianOrganization")),
            relatesTo=[one for one in map(_relation, root.all("relatedDocument")) if one],
            description=title,
            securityLabel=[one for one in map(concept, root.all("confidentialityCode")) if one],
            content=[{"attachment": attachment, "format": FORMAT}],
            context=self._context(source),
        )
        contained = {"contained": self.contained} if self.contained else {}
        return {"resourceType": "DocumentReference", **contained, **told}

    def _subject(self) -> dict[str, Any]:
        """The holder, by his INS and by nothing else."""
        own = [one for one in _identifiers(self.root.all("recordTarget/patientRole/id")) if ins.is_ins(one)]
        if len({(one["system"], one["value"]) for one in own}) != 1:
            raise no_cda("the header does not say whose document it is: one INS in `recordTarget`")
        return {"type": "Patient", "identifier": own[0]}

    def _source_patient(self) -> dict[str, Any]:
        role = self.root.first("recordTarget/patientRole")
        if role is None:
            return {}
        return self._add(
            "Patient",
            "source-patient",
            identifier=_identifiers(role.all("id")),
            name=_human(role.first("patient/name")),
            gender=GENDERS.get(role.get("patient/administrativeGenderCode", "code"), ""),
            birthDate=moment(role.get("patient/birthTime", "value"))[:10],
        )

    def _add(self, kind: str, name: str, /, **values: Any) -> dict[str, Any]:  # noqa: ANN401
        """A reference to a contained resource, {} where it would say nothing."""
        told = _given(**values)
        if not told:
            return {}
        self.contained.append({"resourceType": kind, "id": name, **told})
        return {"reference": f"#{name}"}

    def _author(self, author: Part, number: int) -> dict[str, Any]:
        assigned = author.first("assignedAuthor")
        if assigned is None:
            return {}
        own = _identifiers(assigned.all("id"))
        if any(ins.is_ins(one) for one in own):
            return {"type": "Patient", "identifier": next(one for one in own if ins.is_ins(one))}
        device = assigned.first("assignedAuthoringDevice")
        if device is not None:
            model = device.said("manufacturerModelName")
            names = [{"name": model, "type": "model-name"}] if model else []
            return self._add("Device", f"author-{number}", identifier=own, deviceName=names)
        return self._professional(assigned, f"author-{number}")

    def _professional(self, assigned: Part | None, name: str) -> dict[str, Any]:
        """A professional in a structure, with what he is there; a Practitioner alone where nothing else is said."""
        if assigned is None:
            return {}
        own = [one for one in _identifiers(assigned.all("id")) if one["system"] == IDNPS] or _identifiers(
            assigned.all("id")
        )
        person = self._add(
            "Practitioner", f"{name}-person", identifier=own, name=_human(assigned.first("assignedPerson/name"))
        )
        structure = self._organization(assigned.first("representedOrganization"), f"{name}-structure")
        role = concept(assigned.first("code"))
        if not (structure or role):
            return person
        return self._add(
            "PractitionerRole", name, practitioner=person, organization=structure, code=[role] if role else []
        )

    def _structure(self, part: Part | None) -> dict[str, Any]:
        return self._organization(part, "custodian")

    def _organization(self, part: Part | None, name: str) -> dict[str, Any]:
        if part is None:
            return {}
        return self._add("Organization", name, identifier=_identifiers(part.all("id")), name=part.said("name"))

    def _context(self, source: dict[str, Any]) -> dict[str, Any]:
        """What was done, when, where (PCC: eventCodeList, serviceStartTime, healthcareFacilityTypeCode)."""
        root = self.root
        act = "documentationOf/serviceEvent"
        events = [concept(code) for code in root.all(f"{act}/code")]
        where = "performer/assignedEntity/representedOrganization/standardIndustryClassCode"
        orders = _identifiers(root.all("inFulfillmentOf/order/id"))
        return _given(
            event=[one for one in events if one],
            period=_period(root.first(f"{act}/effectiveTime"))
            or _period(root.first("componentOf/encompassingEncounter/effectiveTime")),
            facilityType=concept(root.first("componentOf/encompassingEncounter/location/healthCareFacility/code")),
            practiceSetting=concept(root.first(f"{act}/{where}")),
            sourcePatientInfo=source,
            related=[{"identifier": one} for one in orders],
        )


def _class(type_: dict[str, Any]) -> dict[str, Any]:
    """The class of a document type that the rules know, {} of another."""
    coding = terminology.class_of(type_["coding"][0])
    return {"coding": [coding]} if coding else {}


def _relation(part: Part) -> dict[str, Any]:
    code = RELATIONS.get(part.attributes.get("typeCode", ""))
    own = _identifiers(part.all("parentDocument/id"))
    return {"code": code, "target": {"type": "DocumentReference", "identifier": own[0]}} if code and own else {}


def _period(part: Part | None) -> dict[str, Any]:
    """A Period of an interval of time; a single time begins and ends it."""
    if part is None:
        return {}
    alone = moment(part.attributes.get("value", ""))
    return _given(start=moment(part.get("low", "value")) or alone, end=moment(part.get("high", "value")) or alone)
