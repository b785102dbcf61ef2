"""Two FHIR clients of Python as their users call them, against a server on a real socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.documentreference import DocumentReference
from fhirclient.models.fhirsearch import FHIRSearch
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException
from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from tests.running import listening
from tests.serving import NIRS, TEST_INS, Caller, Carnet, consent, document, patient, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001"
OPENING = "urn:uuid:00000000-0000-4000-8000-000000000002"
NURSE = ("810000000031", "60")


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with listening(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


def opening(carnet: Carnet, ins: str) -> dict[str, Any]:
    """The transaction that opens a record."""
    will = consent(HOLDER, "opening", base=carnet.settings.codesystem_base)
    return transaction((HOLDER, patient(ins)), (OPENING, will))


def spoken(by: Caller) -> AsyncFHIRClient:
    """fhirpy, speaking as a caller."""
    return AsyncFHIRClient(by.carnet.settings.fhir_base, authorization=by.headers["Authorization"])


async def test_fhirpy(carnet: Carnet) -> None:
    doctor, nurse = spoken(carnet.doctor()), spoken(carnet.professional(*NURSE))
    answered = await doctor.execute("", data=opening(carnet, NIRS[0]))
    assert [entry["response"]["status"] for entry in answered["entry"]] == ["201 Created"] * 2
    found = await doctor.resources("Patient").search(identifier=f"{TEST_INS}|{NIRS[0]}").first()
    assert found is not None

    for number in range(3):
        made = doctor.resource("DocumentReference", **document(found.id, description=f"document {number}"))
        await made.save()
        assert (made.id.split(".")[0], made.meta.versionId) == (found.id, made["meta"]["versionId"])
    deposits = doctor.resources("DocumentReference").search(patient=found.reference)
    pages = deposits.limit(1).sort("-_lastUpdated")
    assert [one["description"] async for one in pages] == ["document 2", "document 1", "document 0"]
    assert await deposits.count() == 3

    again = await doctor.reference("DocumentReference", made.id).to_resource()
    again["description"] = "document 2, corrected"
    await again.update()
    await made.refresh()
    assert made["description"] == "document 2, corrected"
    with pytest.raises(ResourceNotFound):
        await nurse.get("DocumentReference", made.id)
    with pytest.raises(OperationOutcome, match="not-supported"):
        await doctor.resources("Patient").search(colour="blue").fetch()
    holder = spoken(carnet.holder(found.id))
    subtypes = [act["subtype"][0]["code"] async for act in holder.resources("AuditEvent").search(patient=found.id)]
    assert {"create", "update", "read", "search-type"} <= set(subtypes)
    await holder.delete("DocumentReference", made.id)
    assert await holder.resources("DocumentReference").search(patient=found.id).count() == 2


def smart(by: Caller) -> FHIRClient:
    """fhirclient, speaking as a caller."""
    client = FHIRClient(settings={"app_id": "tests", "api_base": by.carnet.settings.fhir_base})
    client.server.session.headers["Authorization"] = by.headers["Authorization"]
    return client


def lived(carnet: Carnet, doctor: FHIRClient, nurse: FHIRClient) -> str:
    """What the users of fhirclient do; gives the id of the record."""
    assert doctor.server.capabilityStatement.fhirVersion == "4.0.1"
    answered = Bundle(doctor.server.post_json("", opening(carnet, NIRS[1])).json())
    assert [entry.response.status for entry in answered.entry] == ["201 Created"] * 2
    matches = FHIRSearch(Patient, {"identifier": f"{TEST_INS}|{NIRS[1]}"}).perform_resources_iter(doctor.server)
    (found,) = (match for match in matches if isinstance(match, Patient))
    for number in range(3):
        tree = DocumentReference(document(found.id, description=f"document {number}")).create(doctor.server)
        assert tree is not None
    asked = FHIRSearch(DocumentReference, {"patient": found.id, "_count": "1", "_sort": "_lastUpdated"})
    pages = list(asked.perform_iter(doctor.server))
    one, two, three = (page.entry[0].resource for page in pages if page.entry)
    assert [made.description for made in (one, two, three)] == ["document 0", "document 1", "document 2"]

    read = DocumentReference.read(one.id, doctor.server)
    read.description = "document 0, corrected"
    assert read.update(doctor.server)["meta"]["versionId"] != one.meta.versionId
    assert DocumentReference.read(one.id, doctor.server).description == "document 0, corrected"
    with pytest.raises(FHIRNotFoundException):
        DocumentReference.read(one.id, nurse.server)
    nobodys = FHIRSearch(DocumentReference, {"patient": found.id}).perform_resources_iter(nurse.server)
    assert [told.resource_type for told in nobodys] == ["OperationOutcome"]
    return str(found.id)


async def test_fhirclient(carnet: Carnet) -> None:
    doctor, nurse = smart(carnet.doctor()), smart(carnet.professional(*NURSE))
    record = await asyncio.to_thread(lived, carnet, doctor, nurse)
    doctor.server.session.close()
    nurse.server.session.close()
    assert len(await carnet.doctor().found(f"DocumentReference?patient={record}")) == 3
