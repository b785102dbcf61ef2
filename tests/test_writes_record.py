"""Opening, closing and reopening a record (policy.md section 5; api.md section 3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from app.records.people import BIRTH_PLACE
from tests.acts import TREATING, a_record, an_ins, desk, pharmacist, reason, sees, stranger
from tests.serving import (
    Carnet,
    Tree,
    care_team,
    consent,
    document,
    open_record,
    opposition,
    patient,
    serving,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def url(number: int) -> str:
    return HOLDER[:-1] + str(number)


def opening(carnet: Carnet, ins: str, *more: Tree, **traits: str) -> Tree:
    """TD1.1: a Patient, his opening Consent, and what else comes with it."""
    base = carnet.settings.codesystem_base
    entries = [(HOLDER, patient(ins, **traits)), (url(2), consent(HOLDER, "opening", base=base))]
    return transaction(*entries, *[(url(n), tree) for n, tree in enumerate(more, 3)])


async def test_who_opens(carnet: Carnet) -> None:
    occupational = carnet.caller(mint.occupational_physician("810000000044", structure="1750000001"))
    for caller in (desk(carnet), pharmacist(carnet), stranger(carnet), occupational):
        key = await open_record(caller, an_ins())
        holder = (await carnet.holder(key).get(f"Patient/{key}")).json()
        assert holder["active"] is True
        assert "tag" not in holder["meta"]
    for claims in (mint.insurer("1750000077"), mint.software("ehr", "1750000001")):
        answer = await carnet.caller(claims).post("", opening(carnet, an_ins()))
        assert reason(answer) == (403, "not-yours-to-do")


async def test_the_person_himself_opens_the_record_of_his_identity(carnet: Carnet) -> None:
    key = await carnet.doctor().make(patient(an_ins()))
    base = carnet.settings.codesystem_base
    assert (await carnet.doctor().get(f"Patient/{key}")).json()["active"] is False
    await carnet.holder(key).make(consent(key, "opening", base=base))
    assert (await carnet.holder(key).get(f"Patient/{key}")).json()["active"] is True


async def test_the_answer_of_an_opening_names_the_versions_in_force(carnet: Carnet) -> None:
    answer = await carnet.doctor().post("", opening(carnet, an_ins()))
    entry = answer.json()["entry"][0]
    key = entry["response"]["location"].split("/")[1]
    now = (await carnet.holder(key).get(f"Patient/{key}")).json()
    assert entry["response"]["location"].endswith(now["meta"]["versionId"])
    assert now["active"] is True


async def test_what_belongs_to_an_opening_comes_with_it(carnet: Carnet) -> None:
    base = carnet.settings.codesystem_base
    more = [consent(HOLDER, "emergency-opposition", opposition("BTG"), base=base), care_team(HOLDER, TREATING)]
    answer = await desk(carnet).post("", opening(carnet, an_ins(), *more))
    assert answer.status_code == 200, answer.text
    key = answer.json()["entry"][0]["response"]["location"].split("/")[1]
    access = (await carnet.doctor(TREATING).get(f"Patient/{key}/$access")).json()["parameter"]
    said = {one["name"]: next(v for n, v in one.items() if n != "name") for one in access}
    assert said["treatingPhysician"] is True
    assert said["breakGlass"] is False
    late = consent(key, "emergency-opposition", opposition("ETREAT"), base=base)
    assert reason(await desk(carnet).post("Consent", late)) == (403, "not-yours-to-do")
    assert reason(await carnet.doctor().post("Consent", late)) == (403, "not-yours-to-do")


async def test_a_known_ins_is_answered_with_the_reduced_patient_and_nothing_else_is_applied(carnet: Carnet) -> None:
    ins = an_ins()
    key = await open_record(carnet.doctor(), ins)
    for caller in (stranger(carnet), desk(carnet)):
        request = opening(carnet, ins, care_team(HOLDER, "810000000002"), gender="male")
        answer = await caller.post("", request)
        assert answer.status_code == 200, answer.text
        first = answer.json()["entry"][0]
        assert first["response"]["status"].startswith("200")
        assert first["response"]["location"].split("/")[1] == key
    assert await carnet.holder(key).found(f"CareTeam?patient={key}") == []
    assert len(await carnet.holder(key).found(f"Consent?patient={key}")) == 1
    alone = await stranger(carnet).post("Patient", patient(ins), headers={"Prefer": "return=representation"})
    assert alone.status_code == 200
    assert set(alone.json()) == {"resourceType", "id", "meta", "identifier", "active"}


async def test_an_identity_that_was_never_opened_is_opened_by_the_same_request(carnet: Carnet) -> None:
    ins = an_ins()
    key = await carnet.doctor().make(patient(ins))
    assert reason(await carnet.doctor().post("DocumentReference", document(key))) == (422, "record-not-open")
    assert await open_record(stranger(carnet), ins) == key
    await carnet.doctor().make(document(key))


async def test_the_same_ins_twice_at_once_is_one_record(carnet: Carnet) -> None:
    ins = an_ins()
    answers = await asyncio.gather(*[carnet.doctor().post("", opening(carnet, ins)) for _ in range(6)])
    assert {answer.status_code for answer in answers} == {200}
    keys = {answer.json()["entry"][0]["response"]["location"].split("/")[1] for answer in answers}
    assert len(keys) == 1
    assert len(await carnet.doctor().found(f"Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|{ins}")) == 1


async def test_the_real_ins_has_a_right_key(carnet: Carnet) -> None:
    wrong = patient("279035121518900", system="urn:oid:1.2.250.1.213.1.4.8")
    assert reason(await carnet.doctor().post("Patient", wrong)) == (422, "ins-key")


async def test_without_an_ins_there_is_an_identity_and_no_record(carnet: Carnet) -> None:
    bare = {name: value for name, value in patient().items() if name != "identifier"}
    key = await carnet.doctor().make(bare)
    base = carnet.settings.codesystem_base
    refused = await carnet.holder(key).post("Consent", consent(key, "opening", base=base))
    assert reason(refused) == (422, "ins-missing")


async def test_a_record_opens_once(carnet: Carnet) -> None:
    key, base = await a_record(carnet), carnet.settings.codesystem_base
    again = await carnet.holder(key).post("Consent", consent(key, "opening", base=base))
    assert reason(again) == (422, "record-open")


async def test_automatic_opening_and_the_objection(module_database_urls: Urls, tmp_path: Path) -> None:
    async with serving(module_database_urls, tmp_path, opening="automatic", ins_required=False) as carnet:
        doctor, base = carnet.doctor(), carnet.settings.codesystem_base
        key = await doctor.make({name: value for name, value in patient().items() if name != "identifier"})
        await doctor.make(document(key))
        assert await open_record(doctor, an_ins(), treating=TREATING)
        objection = consent(HOLDER, "opening", base=base, status="rejected")
        answer = await doctor.post("", transaction((HOLDER, patient(an_ins())), (url(2), objection)))
        assert answer.status_code == 200, answer.text
        key = answer.json()["entry"][0]["response"]["location"].split("/")[1]
        assert reason(await doctor.post("DocumentReference", document(key))) == (422, "record-not-open")
        assert (await doctor.get(f"Patient/{key}")).json()["active"] is False


async def test_traits_of_a_qualified_ins_are_changed_by_professionals_and_desk_agents(carnet: Carnet) -> None:
    key = await a_record(carnet)
    holder, treating = carnet.holder(key), carnet.doctor(TREATING)
    tree = (await holder.get(f"Patient/{key}")).json()
    renamed = {**tree, "name": [{"family": "Autre"}]}
    assert reason(await holder.put(f"Patient/{key}", renamed)) == (403, "identity-traits")
    told = {**tree, "telecom": [{"system": "phone", "value": "0102030405"}]}
    assert (await holder.put(f"Patient/{key}", told)).status_code == 200
    assert reason(await stranger(carnet).put(f"Patient/{key}", renamed)) == (403, "not-yours-to-do")
    probe = [{"op": "test", "path": "/name/0/family", "value": "Pat-Trois"}]
    probes = [await stranger(carnet).patch(f"Patient/{key}", probe), await stranger(carnet).patch(f"Patient/{key}", [
        {**probe[0], "value": "Other"}])]  # fmt: skip
    assert probes[0].status_code == probes[1].status_code
    answer = await desk(carnet).put(f"Patient/{key}", renamed, headers={"Prefer": "return=representation"})
    assert (answer.status_code, answer.content) == (200, b"")
    now = (await treating.get(f"Patient/{key}")).json()
    assert now["name"] == [{"family": "Autre"}]
    assert now["telecom"] == told["telecom"]
    assert (await treating.put(f"Patient/{key}", {**now, "gender": "other"})).status_code == 200


async def test_the_place_of_birth_is_a_trait(carnet: Carnet) -> None:
    key = await a_record(carnet)
    holder = carnet.holder(key)
    mine = {"url": "https://example.org/fhir/StructureDefinition/mine", "valueString": "kept"}
    tree = (await holder.get(f"Patient/{key}")).json()
    assert (await holder.put(f"Patient/{key}", {**tree, "extension": [mine]})).status_code == 200
    place = {"url": BIRTH_PLACE, "valueAddress": {"city": "Lyon", "country": "FRA"}}
    born = {**tree, "extension": [mine, place]}
    assert reason(await holder.put(f"Patient/{key}", born)) == (403, "identity-traits")
    assert (await desk(carnet).put(f"Patient/{key}", {**tree, "extension": [place]})).status_code == 200
    now = (await holder.get(f"Patient/{key}")).json()
    assert now["extension"] == [mine, place]
    assert reason(await holder.put(f"Patient/{key}", {**now, "extension": [mine]})) == (403, "identity-traits")


async def test_who_sees_the_ins_alone_changes_the_ins_alone(carnet: Carnet) -> None:
    key = await a_record(carnet)
    holder, clerk = carnet.holder(key), desk(carnet)
    tree = (await holder.get(f"Patient/{key}")).json()
    (number,) = tree["identifier"]
    local = {"system": "urn:oid:1.2.250.1.999.2", "value": "IPP-1"}
    assert (await holder.put(f"Patient/{key}", {**tree, "identifier": [local, number]})).status_code == 200
    new, former = {**number, "value": an_ins()}, {**number, "use": "old"}
    sent = {**tree, "identifier": [new, former, {**local, "value": "IPP-2"}]}
    assert (await clerk.put(f"Patient/{key}", sent)).status_code == 200
    assert (await holder.get(f"Patient/{key}")).json()["identifier"] == [local, new, former]
    assert (await clerk.put(f"Patient/{key}", {**tree, "identifier": [new]})).status_code == 200
    assert (await holder.get(f"Patient/{key}")).json()["identifier"] == [local, new, former]


async def test_the_closing_mark_is_the_servers(carnet: Carnet) -> None:
    forged: dict[str, Any] = {"extension": [{"url": "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-fermeture",
        "extension": [{"url": "dateFermeture", "valueDate": "2020-01-01"}]}]}  # fmt: skip
    key = await open_record(carnet.doctor(), an_ins(), **forged)
    assert "extension" not in (await carnet.holder(key).get(f"Patient/{key}")).json()


@pytest.mark.parametrize("who", ["holder", "professional", "consent"])
async def test_closed_nobody_reads_or_writes_and_reopened_it_is_as_it_was(carnet: Carnet, who: str) -> None:
    key = await a_record(carnet)
    holder, treating, doctor = carnet.holder(key), carnet.doctor(TREATING), stranger(carnet)
    made = await doctor.make(document(key))
    seen = (await treating.get(f"DocumentReference/{made}")).content
    by = doctor if who == "professional" else holder
    given = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "FERM1"}]}
    if who == "consent":
        (found,) = await holder.found(f"Consent?patient={key}")
        tree = (await holder.get(f"Consent/{found}")).json()
        assert (await holder.put(f"Consent/{found}", {**tree, "status": "inactive"})).status_code == 200
    else:
        assert (await by.post(f"Patient/{key}/$close", given)).status_code == 200
    for one in (holder, treating, doctor):
        assert not await sees(one, made)
        assert reason(await one.post("DocumentReference", document(key)))[0] in {403, 422}
        shown = (await one.get(f"Patient/{key}")).json()
        assert shown["active"] is False
        assert "name" not in shown
        assert shown["extension"][0]["extension"][0]["url"] == "dateFermeture"
    assert reason(await by.post(f"Patient/{key}/$close", given)) == (422, "record-not-open")
    base = carnet.settings.codesystem_base
    assert reason(await holder.post("Consent", consent(key, "opening", base=base))) == (422, "record-closed")
    for caller in (carnet.caller(mint.insurer("1750000077")), desk(carnet)):
        assert (await caller.send("POST", f"Patient/{key}/$reopen")).status_code in {403, 404}
    assert (await by.send("POST", f"Patient/{key}/$reopen")).status_code == 200
    assert (await treating.get(f"DocumentReference/{made}")).content == seen
    assert (await holder.get(f"Patient/{key}")).json()["active"] is True
    opening_now = [(await holder.get(f"Consent/{c}")).json() for c in await holder.found(f"Consent?patient={key}")]
    assert [one["status"] for one in opening_now] == ["active"]
    history = (await holder.get(f"Consent/{opening_now[0]['id']}/_history")).json()
    assert [e["resource"]["status"] for e in history["entry"]] == ["active", "inactive", "active"]
    assert reason(await by.send("POST", f"Patient/{key}/$reopen")) == (422, "record-not-closed")


async def test_an_unknown_record_and_another_ones_are_not_found(carnet: Carnet) -> None:
    key, other = await a_record(carnet), await a_record(carnet)
    for name in ("$close", "$reopen", "$access", "$declare-treating-physician"):
        assert (await carnet.doctor().send("POST", f"Patient/nobody/{name}")).status_code == 404
        assert (await carnet.holder(other).send("POST", f"Patient/{key}/{name}")).status_code == 404
        insurer = carnet.caller(mint.insurer("1750000077"))
        assert (await insurer.send("POST", f"Patient/{key}/{name}")).status_code == 404


async def test_an_opening_is_not_deleted(carnet: Carnet) -> None:
    key = await a_record(carnet)
    (found,) = await carnet.holder(key).found(f"Consent?patient={key}")
    assert (await carnet.holder(key).delete(f"Consent/{found}")).status_code == 405
