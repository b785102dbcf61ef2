"""What a record promises through its life that no other file holds: who opens it how, and what ends when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.access import Access, Kind
from app.auth import mint
from app.records import RequestFacts
from tests.acts import PHARMACIST, an_ins, reason, sees
from tests.serving import (
    IDNPS,
    TEST_INS,
    actor,
    care_team,
    consent,
    document,
    opposition,
    patient,
    permit,
    serving,
    transaction,
)
from tests.world import DOCTOR, OTHER, journal, moved, nir, opened, opened_for_minor, stopped, will, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller, Carnet, Tree

NIR, NIA, DEMO = (f"urn:oid:1.2.250.1.213.1.4.{one}" for one in (8, 9, 11))
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
ROLE_CLASS = "https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass"
DOCUMENTS = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"
PROTECTION = "https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique"
URLS = [f"urn:uuid:00000000-0000-4000-8000-0000000000{number:02d}" for number in range(9)]
HOLDER = URLS[0]


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    data = tmp_path_factory.mktemp("carnet")
    async with serving(module_database_urls, data, notices=False, minors_represented=True) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


async def said(caller: Caller, record: str) -> Tree:
    """What `$access` says."""
    answer = (await caller.get(f"Patient/{record}/$access")).json()["parameter"]
    return {one["name"]: next(v for n, v in one.items() if n != "name") for one in answer}


def everything(carnet: Carnet, ins: str, **traits: str) -> Tree:
    """All that an opening may bring, in one transaction."""
    base = carnet.settings.codesystem_base
    trees = [
        patient(ins, **traits),
        consent(HOLDER, "opening", base=base),
        consent(HOLDER, "emergency-opposition", opposition("BTG"), base=base),
        consent(HOLDER, "emergency-opposition", opposition("ETREAT"), base=base),
        consent(HOLDER, "authorisation", permit(actor(PHARMACIST)), base=base),
        care_team(HOLDER, DOCTOR),
    ]
    return transaction(*zip(URLS, trees, strict=False))


@pytest.mark.parametrize("kind", ["pharmacist", "desk", pytest.param("professional", marks=pytest.mark.slow), "holder"])
async def test_an_opening_brings_everything_or_nothing(carnet: Carnet, kind: str) -> None:
    ins = an_ins()
    record = await carnet.doctor().make(patient(ins)) if kind == "holder" else ""
    callers = {
        "pharmacist": carnet.professional(PHARMACIST, "21"),
        "desk": carnet.caller(mint.desk("1750000001")),
        "professional": carnet.professional(OTHER, "60", structure="1750000042"),
        "holder": carnet.holder(record),
    }
    whole = everything(carnet, ins)
    if record:
        whole = json.loads(json.dumps({**whole, "entry": whole["entry"][1:]}).replace(HOLDER, f"Patient/{record}"))
    broken = {**whole, "entry": [*whole["entry"], {**whole["entry"][-1], "fullUrl": URLS[8]}]}
    refused = await callers[kind].post("", broken)
    assert reason(refused) == (422, "second-treating-physician"), "two treating physicians: nothing of it"
    if not record:
        assert await carnet.doctor().found(f"Patient?identifier={TEST_INS}|{ins}") == []
    answer = await callers[kind].post("", whole)
    assert answer.status_code == 200, answer.text
    record = record or answer.json()["entry"][0]["response"]["location"].split("/")[1]
    now = await said(carnet.doctor(DOCTOR), record)
    assert (now["status"], now["treatingPhysician"], now["regulation"], now["breakGlass"]) == (
        "open",
        True,
        False,
        False,
    )
    assert (await said(carnet.professional(PHARMACIST, "21"), record))["authorisation"] == "valide"


@pytest.mark.parametrize("system", [NIR, *(pytest.param(one, marks=pytest.mark.slow) for one in (NIA, TEST_INS, DEMO))])
async def test_an_ins_of_every_system_opens_once_and_keeps_how_reliable_it_is(carnet: Carnet, system: str) -> None:
    number = nir()
    former = {"use": "old", "system": system, "value": nir()}
    coding = {"system": STATUS, "code": "VALI", "display": "Identité validée"}
    reliable = {"url": RELIABILITY, "extension": [{"url": "identityStatus", "valueCoding": coding}]}
    tree = patient(number, system=system) | {"extension": [reliable]}
    tree["identifier"].append(former)
    base = carnet.settings.codesystem_base
    whole = transaction((HOLDER, tree), (URLS[1], consent(HOLDER, "opening", base=base)))
    first, second = [await carnet.doctor().post("", whole) for _ in range(2)]
    keys = [one.json()["entry"][0]["response"]["location"].split("/")[1] for one in (first, second)]
    assert keys[0] == keys[1]
    assert second.json()["entry"][0]["response"]["status"].startswith("200")
    stored = (await carnet.holder(keys[0]).get(f"Patient/{keys[0]}")).json()
    assert stored["extension"] == [reliable]
    assert stored["identifier"][1] == former
    assert await carnet.doctor().found(f"Patient?identifier={system}|{number}") == [keys[0]]
    assert await carnet.doctor().found(f"Patient?identifier={system}|{former['value']}") == []


async def test_a_minor_s_record_opens_with_who_represents_him(carnet: Carnet) -> None:
    ins, base = an_ins(), carnet.settings.codesystem_base
    child = {**patient(ins), "birthDate": "2015-04-01"}
    alone = await carnet.doctor().post(
        "", transaction((HOLDER, child), (URLS[1], consent(HOLDER, "opening", base=base)))
    )
    assert reason(alone) == (422, "representative-missing")
    assert await carnet.doctor().found(f"Patient?identifier={TEST_INS}|{ins}") == []
    identity = await carnet.doctor().make(child)
    himself = await carnet.holder(identity).post("Consent", consent(identity, "opening", base=base))
    assert reason(himself) == (422, "representative-missing")
    assert (await said(carnet.doctor(), identity))["status"] == "not-opened"
    record, _ = await opened_for_minor(carnet)
    assert (await said(carnet.doctor(), record))["status"] == "open"


async def test_a_wrong_key_opens_nothing(carnet: Carnet) -> None:
    number = nir()
    wrong = f"{number[:13]}{int(number[13:]) % 97 + 1:02d}"
    for system, status in ((NIR, 422), (NIA, 422), (TEST_INS, 200)):
        base = carnet.settings.codesystem_base
        tree = patient(wrong, system=system)
        answer = await carnet.doctor().post(
            "", transaction((HOLDER, tree), (URLS[1], consent(HOLDER, "opening", base=base)))
        )
        assert answer.status_code == status, answer.text
        assert wrong not in answer.text or status == 200
        assert len(await carnet.doctor().found(f"Patient?identifier={system}|{wrong}")) == (status == 200)


async def test_who_is_close_to_him_and_what_he_wills_is_in_the_record(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    relations: list[Tree] = [{"coding": [{"system": ROLE_CLASS, "code": "ECON"}]}, {"text": "personne de confiance"}]
    people = [
        await holder.make(
            {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{record}"}, "relationship": [one]}
        )
        for one in relations
    ]
    wills = [
        await holder.make(document(record, type={"coding": [{"system": DOCUMENTS, "code": code}]}))
        for code in ("EXPPAT_1", "EXPPAT_3")
    ]
    treating = carnet.doctor(DOCTOR)
    assert set(await treating.found(f"RelatedPerson?patient={record}")) == set(people)
    assert [await sees(treating, one) for one in wills] == [True, True]
    assert await carnet.representative(people[0], record).found(f"DocumentReference?patient={record}") == [], (
        "who is called in an emergency represents nobody"
    )


async def test_a_status_ends_to_the_second(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    await will(carnet.holder(record), record, "authorisation", permit(actor(OTHER), end="2031-05-06T10:00:00Z"))
    colleague = carnet.doctor(OTHER)
    one = await carnet.doctor().make(document(record))
    for instant, status in (("10:00:00.999", "valide"), ("10:00:01", "expire")):
        async with stopped(owner, f"2031-05-06 {instant}Z"):
            now = await said(colleague, record)
            assert now["authorisation"] == status
            assert ("until" in now) is (status == "valide")
            assert await sees(colleague, one) is (status == "valide")


async def test_who_authorised_a_structure_authorised_those_who_act_in_it(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await carnet.doctor().make(document(record))
    await will(carnet.holder(record), record, "authorisation", permit(actor(structure="1750000042")))
    inside, left = (carnet.doctor(OTHER, structure=one) for one in ("1750000042", "1750000043"))
    assert await sees(inside, one)
    assert (await said(inside, record))["authorisation"] == "valide"
    assert not await sees(left, one), "he works elsewhere now, and his token says so"
    assert (await said(left, record))["authorisation"] == "non-existe"


async def test_an_announcement_ends_after_a_month_to_the_second(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    async with stopped(owner, "2026-11-30 08:00:00Z"):
        one = await carnet.doctor().make(document(record, label="INVISIBLE_PATIENT"))
    for instant, shown in (("2026-12-30 07:59:59.999Z", False), ("2026-12-30 08:00:00Z", True)):
        async with stopped(owner, instant):
            assert await sees(carnet.holder(record), one) is shown


async def test_a_link_that_ended_a_minute_ago_is_none(carnet: Carnet, owner: str) -> None:
    record, mother = await opened_for_minor(carnet)
    one = await carnet.doctor().make(document(record))
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    links = (await carnet.holder(record).get(f"Consent?patient={record}")).json()["entry"]
    link = next(one["resource"] for one in links if "representation" in str(one["resource"]["category"]))
    link["provision"]["period"] = {"end": end.isoformat()}
    door = carnet.app.state.server.door.open(Access(Kind.OPERATOR, "software|operator"), RequestFacts())
    await door.update("Consent", link["id"], link, if_match=None)
    represents = carnet.representative(mother, record)
    own = document(record, type={"coding": [{"system": DOCUMENTS, "code": "DOCPAT01"}]})
    async with stopped(owner, end.isoformat()):
        assert await sees(represents, one)
        assert (await represents.post("DocumentReference", own)).status_code == 201
    async with stopped(owner, (end + timedelta(minutes=1)).isoformat()):
        assert not await sees(represents, one)
        assert (await represents.get(f"Patient/{record}")).status_code == 404
        assert (await represents.post("DocumentReference", own)).status_code in {403, 404, 422}
        answer = await represents.post(f"Patient/{record}/$contact", {"resourceType": "Parameters"})
        assert answer.status_code in {403, 404}


async def test_an_emergency_is_reviewed_in_the_journal(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER, structure="1750000042").make(document(record))
    nurse = carnet.professional("810000000060", "60", structure="1750000044")
    await window(nurse, record)
    assert await sees(nurse, one)
    query = "purpose-of-use=http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG"
    for reader in (carnet.holder(record), carnet.doctor(DOCTOR)):
        events = await journal(reader, record, query)
        assert [event["subtype"][0]["code"] for event in events][-1] == "$break-glass" or len(events) == 2
        assert len(events) == 2
        assert IDNPS in str(events[0]["agent"])
    async with moved(owner, "5 hours"):
        assert not await sees(nurse, one)
