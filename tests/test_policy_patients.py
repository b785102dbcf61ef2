"""Who reads a Patient whole, who reduced, and who not at all (policy.md section 4), over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import TEST_INS, Carnet, actor, deny, document, patient, permit, serving
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    close,
    identified,
    nir,
    occupational,
    opened,
    opened_for_minor,
    will,
    window,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

SUBSETTED = "SUBSETTED"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("patients")
    async with serving(module_database_urls, folder) as made:
        yield made


def is_reduced(tree: Tree) -> bool:
    """Whether a Patient shows nothing but what a reduced one may."""
    known = {"resourceType", "id", "meta", "identifier", "active", "extension"}
    return set(tree) <= known and tree["meta"]["tag"][0]["code"] == SUBSETTED


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


async def test_patient_is_whole_for_the_holder_and_with_a_permit_relation(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    await will(holder, record, "authorisation", permit(actor(NURSE)))
    await will(holder, record, "full-access", permit(actor(PHARMACIST)))
    broken = carnet.doctor(OTHER)
    await window(broken, record)
    regulator = carnet.doctor("810000000003", regulator=True, purpose="ETREAT")
    readers = [
        holder,
        carnet.doctor(DOCTOR),
        carnet.professional(NURSE, "60"),
        broken,
        regulator,
        carnet.professional(PHARMACIST, "21"),
    ]
    for reader in readers:
        tree = (await reader.get(f"Patient/{record}")).json()
        assert tree["name"][0]["family"] == "Pat-Trois"
        assert SUBSETTED not in str(tree)
        assert await reader.found(f"Patient?_id={record}&family=pat") == [record]


async def test_patient_is_reduced_by_ins_and_by_id_for_others(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, ins=ins)
    await will(carnet.holder(record), record, "block", deny(actor("810000000004")))
    callers = [
        carnet.doctor(OTHER),
        carnet.doctor("810000000004"),
        occupational(carnet, "810000000005"),
        carnet.caller(mint.desk("1750000008")),
        carnet.caller(mint.software("robot", "1750000008")),
    ]
    for caller in callers:
        tree = (await caller.get(f"Patient/{record}")).json()
        assert is_reduced(tree), tree
        assert tree["identifier"] == [{"system": TEST_INS, "value": ins}]
        answer = (await caller.get(f"Patient?identifier={identified(ins)}")).json()
        found = [e["resource"] for e in answer["entry"] if e["search"]["mode"] == "match"]
        assert [one["id"] for one in found] == [record]
        assert is_reduced(found[0])
        assert await caller.found(f"Patient?_id={record}") == [record]
        assert await caller.found(f"Patient?_id={record}&identifier={identified(ins)}") == [record]


@pytest.mark.parametrize(
    "query",
    [
        "family=pat",
        "name=dominique",
        "birthdate=1979",
        "gender=female",
        "active=true",
        "identifier={value}",
        "identifier=https://example.org|{value}",
        "identifier:not=x|y",
        "_lastUpdated=gt2020",
        "name:missing=true",
        "_tag=SUBSETTED",
        "family:missing=false",
        "identifier=urn:oid:1.2.250.1.213.1.4.10|",
    ],
)
async def test_of_a_reduced_patient_only_id_and_exact_ins_match(carnet: Carnet, query: str) -> None:
    ins = nir()
    record = await opened(carnet, ins=ins)
    doctor = carnet.doctor(OTHER)
    for more in ("", f"&_id={record}", f"&identifier={identified(ins)}"):
        answer = await doctor.get(f"Patient?{query.format(value=ins)}{more}")
        if answer.status_code == 400:  # a modifier that identifier does not know
            continue
        matches = [e["resource"]["id"] for e in answer.json().get("entry", []) if e["search"]["mode"] == "match"]
        assert record not in matches, (query, more)


async def test_nobody_lists_patients_by_sorting_or_paging(carnet: Carnet) -> None:
    record = await opened(carnet)
    doctor = carnet.doctor("810000000044")
    assert record not in await doctor.found("Patient?_count=200")
    assert record not in await doctor.found("Patient?_sort=birthdate&_count=200")
    assert record not in await doctor.found(f"Patient?_id={record}&_sort=family")
    answer = await doctor.get("Patient?_summary=count&_total=accurate&birthdate=1979-03-05")
    assert answer.json()["total"] == 0


async def test_insurers_other_holders_and_strangers_see_no_patient(carnet: Carnet) -> None:
    ins = nir()
    record, other = await opened(carnet, ins=ins), await opened(carnet)
    callers = [carnet.caller(mint.insurer("1750000003")), carnet.holder(other)]
    for caller in callers:
        assert await status(caller, f"Patient/{record}") == 404
        assert await caller.found(f"Patient?identifier={identified(ins)}") == []
        assert await caller.found(f"Patient?_id={record}") == []


async def test_patient_of_a_closed_record_is_reduced_for_all_and_says_that_it_is_closed(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, ins=ins, treating=DOCTOR)
    holder = carnet.holder(record)
    await close(holder, record)
    for caller in (holder, carnet.doctor(DOCTOR), carnet.doctor(OTHER)):
        tree = (await caller.get(f"Patient/{record}")).json()
        assert is_reduced(tree)
        assert tree["active"] is False
        assert tree["extension"][0]["url"].endswith("dmp-fermeture")
        assert await caller.found(f"Patient?identifier={identified(ins)}") == [record]
        assert await caller.found(f"Patient?_id={record}&family=pat") == []


async def test_a_representative_sees_the_patient_whole(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet)
    reader = carnet.representative(mother, record)
    assert (await reader.get(f"Patient/{record}")).json()["birthDate"] == "2015-04-01"
    assert await reader.found("Patient") == [record]
    assert await status(carnet.representative(f"{record}.nobody", record), f"Patient/{record}") == 404


async def test_history_of_a_reduced_patient_is_the_reduced_current_one(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    tree = {**(await holder.get(f"Patient/{record}")).json(), "telecom": [{"system": "phone", "value": "+33476000000"}]}
    assert (await holder.put(f"Patient/{record}", tree)).status_code == 200
    whole = (await holder.get(f"Patient/{record}/_history")).json()
    assert len(whole["entry"]) >= 2
    old = whole["entry"][-1]["resource"]["meta"]["versionId"]
    reduced = (await doctor.get(f"Patient/{record}/_history")).json()
    assert [is_reduced(entry["resource"]) for entry in reduced["entry"]] == [True]
    assert await status(doctor, f"Patient/{record}/_history/{old}") == 404
    assert await status(holder, f"Patient/{record}/_history/{old}") == 200


async def test_chains_find_a_reduced_patient_by_its_ins_alone(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, ins=ins)
    depositor = carnet.doctor(OTHER)
    mine = await depositor.make(document(record))
    assert await depositor.found(f"DocumentReference?patient.identifier={identified(ins)}") == [mine]
    assert await depositor.found(f"DocumentReference?subject:Patient.identifier={identified(ins)}") == [mine]
    assert await depositor.found(f"DocumentReference?patient._id={record}") == [mine]
    assert await depositor.found(f"DocumentReference?patient={record}&patient.family=pat") == []
    assert await depositor.found(f"DocumentReference?patient={record}&patient.birthdate=1979-03-05") == []
    assert await depositor.found(f"DocumentReference?patient={record}&patient.identifier={ins}") == []
    holder = carnet.holder(record)
    assert await holder.found("DocumentReference?patient.family=pat") == [mine]


async def test_an_identity_whose_record_is_not_open_is_reduced(carnet: Carnet) -> None:
    ins = nir()
    doctor = carnet.doctor(OTHER)
    made = await doctor.post("Patient", patient(ins))
    assert made.status_code == 201
    record = made.headers["location"].split("/")[-3]
    tree = (await doctor.get(f"Patient/{record}")).json()
    assert is_reduced(tree)
    assert tree["active"] is False
