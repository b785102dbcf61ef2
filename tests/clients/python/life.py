"""A life of a record (tests/clients/README.md), by the client that openapi-python-client generates."""

from __future__ import annotations

import base64
import json
import os
import sys
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from carnet_client import AuthenticatedClient
from carnet_client.api.audit_event import search_audit_event
from carnet_client.api.consent import create_consent
from carnet_client.api.document_reference import (
    create_document_reference,
    patch_document_reference,
    read_document_reference,
    search_document_reference,
)
from carnet_client.api.system import post_bundle
from carnet_client.models import (
    Bundle,
    BundleEntry,
    CareTeam,
    Consent,
    DocumentReference,
    JsonPatchItem,
    OperationOutcome,
    Resource,
)
from carnet_client.types import UNSET, Response, Unset

T = TypeVar("T")
K = TypeVar("K")

URL, CODES = os.environ["CARNET_URL"], os.environ["CARNET_CODES"]
SYSTEM, INS = os.environ["CARNET_INS"].split("|")
HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
NOS = "https://mos.esante.gouv.fr/NOS"
VISIBILITY = f"{NOS}/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
FUNCTION = f"{NOS}/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"


def speaking(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True)


def said(answer: Response[T], kind: type[K], status: int = HTTPStatus.OK) -> K:
    """The body of an answer, which has this type and status."""
    assert answer.status_code == status, answer.content
    assert isinstance(answer.parsed, kind)
    return answer.parsed


def given(value: T | Unset) -> T:
    """What an answer has to hold."""
    assert not isinstance(value, Unset)
    return value


def consent(holder: str, kind: str, provision: dict[str, object] | None = None) -> Consent:
    scope = {"system": f"{TERMINOLOGY}/consentscope", "code": "patient-privacy"}
    tree: dict[str, object] = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [scope]},
        "category": [{"coding": [{"system": f"{CODES}/CodeSystem/record-consent", "code": kind}]}],
        "patient": {"reference": holder},
        "performer": [{"reference": holder}],
        "dateTime": "2026-01-05",
        "policy": [{"uri": "https://carnet.example/policy"}],
    }
    return Consent.from_dict(tree | ({"provision": provision} if provision else {}))


def opening() -> Bundle:
    """The transaction that opens a record, with its treating physician."""
    person = {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": INS}],
        "name": [{"use": "official", "family": "Pat-Trois", "given": ["Dominique"]}],
        "gender": "female",
        "birthDate": "1979-03-05",
    }
    member = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000000001"}}
    role = {"coding": [{"system": FUNCTION, "code": "PCP"}]}
    team = {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": HOLDER},
        "participant": [{"role": [role], "member": member}],
    }
    will = consent(HOLDER, "opening").to_dict()
    sent = [(HOLDER, person), (HOLDER[:-1] + "2", will), (HOLDER[:-1] + "3", CareTeam.from_dict(team).to_dict())]
    entries = [
        {"fullUrl": url, "resource": tree, "request": {"method": "POST", "url": tree["resourceType"]}}
        for url, tree in sent
    ]
    return Bundle.from_dict({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def document(record: str, number: int) -> DocumentReference:
    label = {"system": f"{TERMINOLOGY}/v3-Confidentiality", "code": "N"}
    data = base64.b64encode(f"<ClinicalDocument>{number}</ClinicalDocument>".encode()).decode()
    tree = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "subject": {"reference": f"Patient/{record}"},
        "description": f"document {number}",
        "securityLabel": [{"coding": [label]}],
        "content": [{"attachment": {"contentType": "application/xml", "data": data}}],
    }
    return DocumentReference.from_dict(tree)


def deposited(client: AuthenticatedClient, made: DocumentReference) -> DocumentReference:
    return said(
        create_document_reference.sync_detailed(client=client, body=made), DocumentReference, HTTPStatus.CREATED
    )


def matches(page: Bundle) -> list[Resource]:
    """The resources of a page; what the server says of the search is not one of them."""
    entries: list[BundleEntry] = [] if isinstance(page.entry, Unset) else page.entry
    return [given(entry.resource) for entry in entries if given(entry.search).mode == "match"]


def found(client: AuthenticatedClient, record: str) -> list[DocumentReference]:
    """Every document of the record, a page for each."""
    resources: list[Resource] = []
    cursor: str | Unset = UNSET
    while True:
        answer = search_document_reference.sync_detailed(
            client=client, patient=[record], field_count=1, field_cursor=cursor
        )
        page = said(answer, Bundle)
        resources += matches(page)
        following = [link.url for link in given(page.link) if link.relation == "next"]
        if not following:
            return [DocumentReference.from_dict(one.to_dict()) for one in resources]
        cursor = parse_qs(urlsplit(following[0]).query)["_cursor"][0]


def main() -> None:
    doctor, pharmacist = speaking(os.environ["DOCTOR"]), speaking(os.environ["PHARMACIST"])
    opened = said(post_bundle.sync_detailed(client=doctor, body=opening()), Bundle)
    record = given(given(given(opened.entry)[0].response).location).split("/")[1]
    print(record, flush=True)  # noqa: T201 - who started this hands over the holder's token now
    holder = speaking(sys.stdin.readline().strip())

    deposits = [
        said(
            create_document_reference.sync_detailed(client=doctor, body=document(record, number)),
            DocumentReference,
            201,
        )
        for number in range(3)
    ]
    assert {one.id for one in found(doctor, record)} == {one.id for one in deposits}

    named = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000000021"}}
    role = {"coding": [{"system": f"{TERMINOLOGY}/v3-ParticipationType", "code": "IRCP"}]}
    will = consent(
        f"Patient/{record}", "authorisation", {"type": "permit", "actor": [{"role": role, "reference": named}]}
    )
    said(create_consent.sync_detailed(client=holder, body=will), Consent, 201)
    masked = given(deposits[1].id)
    value = {"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}
    patch = [JsonPatchItem.from_dict({"op": "replace", "path": "/securityLabel/0", "value": value})]
    version = f'W/"{given(given(deposits[1].meta).version_id)}"'
    said(patch_document_reference.sync_detailed(masked, client=holder, body=patch, if_match=version), DocumentReference)

    seen = {given(one.id) for one in found(pharmacist, record)}
    absent = read_document_reference.sync_detailed(masked, client=pharmacist)
    outcome = said(absent, OperationOutcome, HTTPStatus.NOT_FOUND)
    acts = said(search_audit_event.sync_detailed(client=holder, patient=[record], field_count=100), Bundle)
    told = {
        "record": record,
        "documents": [given(one.id) for one in deposits],
        "masked": masked,
        "seen": sorted(seen),
        "refused": outcome.issue[0].code,
        "journal": len(matches(acts)),
    }
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
