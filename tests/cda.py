"""CDA R2 documents for tests: a header as the CI-SIS asks it of French software (structuration minimale)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.serving import Tree

INS_ROOT = "1.2.250.1.213.1.4.10"
ROOT = "1.2.250.7.4"
TEXT = "<text mediaType='text/plain' representation='B64'>Ym9uam91cg==</text>"
BODY = f"<component><nonXMLBody>{TEXT}</nonXMLBody></component>"


def cda(
    ins: str, *, author: str = "810000000001", structure: str = "1750000001", number: int = 1, **more: str
) -> bytes:
    """A discharge letter. `more` replaces one of its parts: id, code, label, target, authors, related, head."""
    parts = {
        "head": "<?xml version='1.0' encoding='UTF-8'?>",
        "id": f"<id root='{ROOT}.{number}'/>",
        "code": "<code code='11490-0' codeSystem='2.16.840.1.113883.6.1' displayName='Lettre de liaison'/>",
        "label": "<confidentialityCode code='N' codeSystem='2.16.840.1.113883.5.25' displayName='Normal'/>",
        "target": f"<id extension='{ins}' root='{INS_ROOT}'/><id extension='IPP-7' root='1.2.3.4.567'/>",
        "authors": _author(author, structure),
        "custodian": f"<id root='1.2.250.1.71.4.2.2' extension='{structure}'/><name>Hôpital des Lilas</name>",
        "related": "",
        "visit": VISIT,
        "body": BODY,
    } | more
    return LETTER.format(**parts).encode()


LETTER = """{head}
<!-- CI-SIS, en-tête minimal -->
<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>
 <realmCode code='FR'/><typeId root='2.16.840.1.113883.1.3' extension='POCD_HD000040'/>
 <templateId root='2.16.840.1.113883.2.8.2.1'/><templateId root='1.2.250.1.213.1.1.1.1'/>
 {id}{code}<title>Lettre de liaison
   à la sortie</title><effectiveTime value='20260612103000+0200'/>{label}<languageCode code='fr-FR'/>
 <recordTarget><patientRole>{target}
  <patient><name><family qualifier='BR'>PAT-TROIS</family><given>DOMINIQUE MARIE-LOUISE</given>
   <given qualifier='BR'>DOMINIQUE</given><family qualifier='CL'>DURAND</family></name>
   <administrativeGenderCode code='F' codeSystem='2.16.840.1.113883.5.1'/><birthTime value='19790328'/></patient>
 </patientRole></recordTarget>
 {authors}
 <custodian><assignedCustodian><representedCustodianOrganization>{custodian}</representedCustodianOrganization>
 </assignedCustodian></custodian>
 <legalAuthenticator><time value='20260612103000+0200'/><signatureCode code='S'/><assignedEntity>
  <id root='1.2.250.1.71.4.2.1' extension='810000000009'/><assignedPerson><name><given>Léa</given>
  <family>Auguin</family><suffix>PR</suffix></name></assignedPerson></assignedEntity></legalAuthenticator>
 <inFulfillmentOf><order><id root='1.2.250.1.213.1.1.9' extension='2026123'/></order></inFulfillmentOf>
 <documentationOf><serviceEvent><code code='IMP' codeSystem='2.16.840.1.113883.5.4' displayName='Hospitalisation'/>
  <effectiveTime><low value='20260601'/><high value='202606121030+0200'/></effectiveTime>
  <performer typeCode='PRF'><assignedEntity><id root='1.2.250.1.71.4.2.1' extension='810000000009'/>
   <representedOrganization><standardIndustryClassCode code='ETABLISSEMENT' codeSystem='1.2.250.1.213.1.1.4.9'/>
   </representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
 {related}{visit}
 {body}
</ClinicalDocument>
"""
VISIT = """<componentOf><encompassingEncounter><effectiveTime nullFlavor='UNK'/><location><healthCareFacility>
 <code code='SA01' codeSystem='1.2.250.1.71.4.2.4'/></healthCareFacility></location></encompassingEncounter>
</componentOf>"""


def _author(author: str, structure: str) -> str:
    return f"""<author><time value='20260612103000+0200'/><assignedAuthor>
  <id root='1.2.250.1.71.4.2.1' extension='{author}'/>
  <code code='G15_10/SM27' codeSystem='1.2.250.1.213.1.1.4.5' displayName='Médecin - Médecine interne (SM)'/>
  <assignedPerson><name><given>Charles</given><family>David</family><prefix>M</prefix></name></assignedPerson>
  <representedOrganization><id root='1.2.250.1.71.4.2.2' extension='{structure}'/><name>Hôpital des Lilas</name>
  </representedOrganization></assignedAuthor></author>"""


def replacing(number: int, code: str = "RPLC") -> str:
    """That a document replaces another one."""
    parent = f"<parentDocument><id root='{ROOT}.{number}'/></parentDocument>"
    return f"<relatedDocument typeCode='{code}'>{parent}</relatedDocument>"


def given(content: bytes, content_type: str = "text/xml") -> Tree:
    """Parameters of `$generate-metadata` that hold a Binary."""
    data = base64.b64encode(content).decode()
    return asked({"resourceType": "Binary", "contentType": content_type, "data": data})


def asked(document: Tree) -> Tree:
    """Parameters of `$generate-metadata`."""
    return {"resourceType": "Parameters", "parameter": [{"name": "document", "resource": document}]}


def composed(ins: str, *, author: str = "810000000001", structure: str = "1750000001", number: int = 1) -> Tree:
    """A FHIR document of one section."""
    urns = [f"urn:uuid:00000000-0000-4000-8000-0000000001{place:02d}" for place in range(5)]
    person = {"identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": author}], "name": [{"family": "David"}]}
    house = {"identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.2", "value": structure}], "name": "Hôpital des Lilas"}
    role = {"practitioner": {"reference": urns[2]}, "organization": {"reference": urns[3]}}
    composition = {
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]},
        "subject": {"reference": urns[1]},
        "date": "2026-06-12T10:30:00+02:00",
        "author": [{"reference": urns[4]}],
        "title": "Synthèse médicale",
        "confidentiality": "N",
        "attester": [{"mode": "legal", "party": {"reference": urns[2]}}],
        "custodian": {"reference": urns[3]},
        "event": [{"code": [{"coding": [{"system": "http://loinc.org", "code": "34117-2"}]}],
                   "period": {"start": "2026-06-01"}}],
        "section": [{"title": "Problèmes", "text": {"status": "generated", "div": DIV}}],
    }  # fmt: skip
    held: list[tuple[str, Tree]] = [
        ("Composition", composition),
        ("Patient", {"identifier": [{"system": f"urn:oid:{INS_ROOT}", "value": ins}], "gender": "female"}),
        ("Practitioner", person),
        ("Organization", house),
        ("PractitionerRole", role),
    ]
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{ROOT}.9.{number}"},
        "timestamp": "2026-06-12T10:31:00+02:00",
        "entry": [
            {"fullUrl": url, "resource": {"resourceType": kind, **tree}}
            for url, (kind, tree) in zip(urns, held, strict=True)
        ],
    }


DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Aucun problème connu</div>'
