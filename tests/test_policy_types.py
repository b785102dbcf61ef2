"""Who reads the other resource types (policy.md section 4), over HTTP, for each kind of caller."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import IDNPS, TEST_INS, Carnet, actor, deny, document, patient, permit, serving
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    asked,
    close,
    identified,
    journal,
    moved,
    nir,
    occupational,
    opened,
    opened_for_minor,
    team,
    whats,
    why,
    will,
    window,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

SUBSETTED = "SUBSETTED"
FHIR = {"Accept": "application/fhir+json"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("types")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


def is_reduced(tree: Tree) -> bool:
    """Whether a Patient shows nothing but what a reduced one may."""
    known = {"resourceType", "id", "meta", "identifier", "active", "extension"}
    return set(tree) <= known and tree["meta"]["tag"][0]["code"] == SUBSETTED


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


# Patient


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


# RelatedPerson, CareTeam


async def test_related_person_and_care_team_for_those_with_a_relation(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    teams = await holder.found("CareTeam")
    assert len(teams) == 1
    await will(holder, record, "authorisation", permit(actor(NURSE)))
    permitted = [holder, carnet.representative(mother, record), carnet.doctor(DOCTOR), carnet.professional(NURSE, "60")]
    refused = [
        carnet.doctor(OTHER),
        carnet.caller(mint.desk("1750000008")),
        occupational(carnet, OTHER),
        carnet.caller(mint.software("robot", "1750000008")),
        carnet.caller(mint.insurer("1750000003")),
    ]
    for path in (f"RelatedPerson/{mother}", f"CareTeam/{teams[0]}"):
        kind, _, identifier = path.partition("/")
        for caller in permitted:
            assert await status(caller, path) == 200
            assert identifier in await caller.found(f"{kind}?patient={record}")
        for caller in refused:
            assert await status(caller, path) == 404
            assert await caller.found(f"{kind}?patient={record}") == []
            assert identifier not in await caller.found(f"{kind}?_count=200")


# Consent


async def test_consents_of_each_for_each(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    naming = await will(holder, record, "authorisation", permit(actor(NURSE)))
    others = await will(holder, record, "authorisation", permit(actor("810000000061")))
    everything = set(await holder.found("Consent"))
    assert {naming, others} <= everything
    assert set(await carnet.representative(mother, record).found("Consent")) == everything
    assert set(await carnet.doctor(DOCTOR).found(f"Consent?patient={record}")) == everything
    nurse = carnet.professional(NURSE, "60")
    assert await nurse.found(f"Consent?patient={record}") == [naming]
    across = await nurse.found("Consent?_count=200")
    assert naming in across
    assert others not in across
    assert (await status(nurse, f"Consent/{naming}"), await status(nurse, f"Consent/{others}")) == (200, 404)
    assert await carnet.doctor(OTHER).found(f"Consent?patient={record}") == []
    for claims in (mint.desk("1750000008"), mint.software("robot", "1750000008"), mint.insurer("1750000003")):
        assert await carnet.caller(claims).found(f"Consent?patient={record}") == []


async def test_a_consent_that_names_an_occupational_physician_or_blocks_somebody_is_his_to_read(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    named = await will(holder, record, "authorisation", permit(actor("810000000005")))
    block = await will(holder, record, "block", deny(actor(OTHER)))
    assert await occupational(carnet, "810000000005").found(f"Consent?patient={record}") == [named]
    assert await carnet.doctor(OTHER).found(f"Consent?patient={record}") == [block]


async def test_consents_of_a_secret_connection_are_kept_from_representatives(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    secret = carnet.caller(mint.holder(record, secret=True))
    one = await will(secret, record, "authorisation", permit(actor(OTHER)))
    reader = carnet.representative(mother, record)
    assert await status(reader, f"Consent/{one}") == 404
    assert one not in await reader.found("Consent")
    assert await status(reader, f"Consent/{one}/_history") == 404
    assert await status(carnet.holder(record), f"Consent/{one}") == 200
    assert await status(carnet.doctor(DOCTOR), f"Consent/{one}") == 200
    assert (await carnet.holder(record).delete(f"Consent/{one}")).status_code in {200, 204}
    assert await status(reader, f"Consent/{one}") == 404
    assert not [e for e in await journal(reader, record) if f"Consent/{one}" in str(e) and e["outcome"] == "0"]


# AuditEvent


async def test_journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER).make(document(record, label="MASQUE_PS"))
    nurse = carnet.professional("810000000062", "60")
    assert await status(nurse, f"DocumentReference/{one}") == 404
    holder = carnet.holder(record)
    event = (await journal(holder, record, f"entity=DocumentReference/{one}"))[0]
    assert (event["outcome"], why(event)) == ("8", "masked")
    treating = (await journal(carnet.doctor(DOCTOR), record, f"entity=DocumentReference/{one}"))[-2:]
    assert [why(e) for e in treating] == ["masked", ""]
    mine = await journal(nurse, record)
    assert [(e["outcome"], why(e)) for e in mine] == [("4", "not-found")]
    assert await nurse.found("AuditEvent?outcome=8") == []
    assert await status(nurse, f"AuditEvent/{mine[0]['id']}") == 200
    assert await status(carnet.doctor("810000000063"), f"AuditEvent/{mine[0]['id']}") == 404
    assert (await nurse.get(f"AuditEvent/{mine[0]['id']}")).json()["outcome"] == "4"
    assert (await holder.get(f"AuditEvent/{mine[0]['id']}")).json()["outcome"] == "8"
    assert await status(nurse, f"AuditEvent/{event['id']}") == 200  # the same one


async def test_own_acts_are_found_across_records(carnet: Carnet) -> None:
    first, second = await opened(carnet), await opened(carnet)
    doctor = carnet.doctor("810000000064")
    for record in (first, second):
        await doctor.make(document(record))
    events = (await doctor.get("AuditEvent?subtype=create&_count=50")).json()["entry"]
    seen = {w for e in events for w in whats(e["resource"])}
    assert {f"Patient/{first}", f"Patient/{second}"} <= seen
    for claims in (mint.desk("1750000008"), mint.software("robot", "1750000008")):
        assert await carnet.caller(claims).found(f"AuditEvent?patient={first}") == []


async def test_an_event_that_touched_no_record_is_its_actors_own(carnet: Carnet) -> None:
    doctor = carnet.doctor("810000000065")
    assert await status(doctor, "DocumentReference/nowhere.nothing") == 404
    events = await doctor.found("AuditEvent")
    assert events
    bare = [one for one in events if "." not in one]
    assert bare
    assert await status(doctor, f"AuditEvent/{bare[0]}") == 200
    assert await status(carnet.doctor("810000000066"), f"AuditEvent/{bare[0]}") == 404
    assert bare[0] not in await carnet.doctor("810000000066").found("AuditEvent?_count=200")


async def test_an_event_about_what_awaits_announcement_is_kept_from_the_holder_until_then(
    carnet: Carnet, owner: str
) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    plain = await depositor.make(document(record))
    one = await depositor.make(document(record, label="INVISIBLE_PATIENT", content=b"<bad-news/>"))
    binary = (await depositor.get(f"DocumentReference/{one}")).json()["content"][0]["attachment"]["url"]
    assert await status(depositor, binary) == 200
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}") == 404
    assert await status(carnet.doctor("810000000071"), binary) == 404
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}/_history") == 404
    answer = await depositor.patch(f"DocumentReference/{one}", [{"op": "add", "path": "/docStatus", "value": "final"}])
    assert answer.status_code == 405
    assert set(await depositor.found(f"DocumentReference?patient={record}")) == {plain, one}
    assert await depositor.found(f"DocumentReference?patient={record}&_id={one}") == [one]
    assert await depositor.found(f"DocumentReference?patient={record}&location={binary}") == [one]
    kept = await journal(holder, record)
    assert [e for e in kept if one in str(e) or binary in str(e)] == []
    assert [asked(e) for e in kept if one in asked(e) or binary.rpartition("/")[2] in asked(e)] == []
    shown = [e for e in kept if f"DocumentReference/{plain}" in whats(e) and "DocumentReference?" in asked(e)]
    assert len(shown) == 1
    assert await journal(holder, record, f"entity=DocumentReference/{one}") == []
    treating = await journal(carnet.doctor(DOCTOR), record, f"entity=DocumentReference/{one}")
    assert len(treating) >= 4
    hidden = {e["id"] for e in treating if f"DocumentReference/{one}" in str(e["entity"])} - {e["id"] for e in kept}
    for event in hidden:
        assert await status(holder, f"AuditEvent/{event}") == 404
    async with moved(owner, "32 days"):
        later = await journal(holder, record, f"entity=DocumentReference/{one}")
        assert {e["id"] for e in later} >= {e["id"] for e in treating}


async def test_the_holder_s_own_refused_read_shows_alike_for_pending_and_absent(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record, label="INVISIBLE_PATIENT"))
    holder = carnet.holder(record)
    absent = f"{record}.abcdefghijkmnpqrstuv"
    for identifier in (one, absent):
        assert await status(holder, f"DocumentReference/{identifier}") == 404
    events = await journal(holder, record, "subtype=read")
    mine = [e for e in events if any(x in str(e) for x in (one, absent))]
    assert len(mine) == 2
    texts = [str({k: v for k, v in e.items() if k not in {"id", "meta", "recorded"}}) for e in mine]
    assert _bare(texts[0], one, absent) == _bare(texts[1], one, absent)


def _bare(text: str, *names: str) -> str:
    for name in names:
        text = text.replace(name, "ID")
    return re.sub(r"(jti:|value': ')[^']*", "", text)


async def test_representatives_hear_nothing_of_hidden_documents_and_secret_connections(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    reader, doctor = carnet.representative(mother, record), carnet.doctor(DOCTOR)
    one = await doctor.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    confidant = carnet.caller(mint.professional(OTHER, structure="1750000001", secret=True))
    two = await confidant.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    secret = carnet.caller(mint.holder(record, secret=True))
    assert await status(secret, f"DocumentReference/{two}") == 200
    assert await status(doctor, f"DocumentReference/{one}") == 200
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}") == 404
    assert set(await doctor.found(f"DocumentReference?patient={record}")) == {one, two}
    consent = await will(secret, record, "authorisation", permit(actor("810000000072")))
    assert await status(doctor, f"Consent/{consent}") == 200
    events = await journal(reader, record)
    told = [e for e in events if any(name in str(e) or name in asked(e) for name in (one, two, consent))]
    assert told == []
    assert [e for e in events if "810000000072" in str(e)] == []
    assert await reader.found(f"AuditEvent?patient={record}&entity=DocumentReference/{one}") == []
    whole = await journal(carnet.holder(record), record)
    for name in (one, two, consent):
        assert [e for e in whole if name in str(e)]


async def test_the_journal_of_a_closed_record_stays_with_holder_and_representative(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder, reader = carnet.holder(record), carnet.representative(mother, record)
    await close(holder, record)
    assert await journal(holder, record)
    assert await journal(reader, record)
    assert await journal(carnet.doctor(DOCTOR), record) == []


async def test_nobody_writes_an_event(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    event = (await journal(holder, record))[0]
    assert (await holder.post("AuditEvent", event)).status_code in {403, 405}
    assert (await holder.put(f"AuditEvent/{event['id']}", event)).status_code in {403, 405}
    assert (await holder.delete(f"AuditEvent/{event['id']}")).status_code in {403, 405}


# directory


async def test_the_directory_is_open_to_every_authenticated_caller(carnet: Carnet) -> None:
    record = await opened(carnet)
    await carnet.doctor(OTHER).make(document(record))
    callers = [
        carnet.doctor("810000000078"),
        carnet.holder(record),
        carnet.caller(mint.software("robot", "1750000001")),
        carnet.caller(mint.insurer("1750000003")),
        carnet.caller(mint.desk("1750000008")),
    ]
    for caller in callers:
        found = await caller.found(f"Practitioner?identifier={IDNPS}|{OTHER}")
        assert len(found) == 1
        assert await status(caller, f"Practitioner/{found[0]}") == 200
        assert await status(caller, f"Practitioner/{found[0]}/_history") == 200
    assert await status(carnet.holder(record), "Practitioner/nobody") == 404
    assert (await carnet.http.get("/fhir/Practitioner")).status_code == 401


async def test_who_is_only_named_in_content_is_not_in_the_directory(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    await will(holder, record, "authorisation", permit(actor("810000000979")))
    for caller in (holder, carnet.doctor(OTHER)):
        assert await caller.found(f"Practitioner?identifier={IDNPS}|810000000979") == []
    made = await holder.make(team(record, "810000000979"))
    reference = (await holder.get(f"CareTeam/{made}")).json()["participant"][0]["member"]
    if "reference" in reference:
        assert await status(holder, reference["reference"]) == 404


async def test_an_identity_whose_record_is_not_open_is_reduced(carnet: Carnet) -> None:
    ins = nir()
    doctor = carnet.doctor(OTHER)
    made = await doctor.post("Patient", patient(ins))
    assert made.status_code == 201
    record = made.headers["location"].split("/")[-3]
    tree = (await doctor.get(f"Patient/{record}")).json()
    assert is_reduced(tree)
    assert tree["active"] is False
