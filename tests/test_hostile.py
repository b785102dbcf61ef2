"""A hostile reading over HTTP: ways to learn of, or to change, what a caller may not (policy.md sections 5 and 7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from app.resources.guides import IS_ARCHIVED, IS_DELETED
from tests.serving import (
    IDNPS,
    NORMAL,
    VISIBILITY,
    Carnet,
    actor,
    care_team,
    consent,
    deny,
    document,
    opposition,
    patient,
    permit,
    serving,
)
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    asked,
    base,
    close,
    group,
    identified,
    journal,
    label,
    listing,
    moved,
    nir,
    opened,
    opened_for_minor,
    provenance,
    will,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

AWAITING = "INVISIBLE_PATIENT"
MASTER = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.999.1.4711"}
LOCAL = {"system": "urn:oid:1.2.250.1.999.2", "value": "IPP-77"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


def desk(carnet: Carnet, structure: str = "1750000055") -> Caller:
    return carnet.caller(mint.desk(structure))


def limited(carnet: Carnet, idnps: str, record: str) -> Caller:
    """A professional whose token reaches one record (SMART launch context)."""
    return carnet.caller(mint.professional(idnps, structure="1750000001") | {"patient": record})


async def patched(by: Caller, place: str, *operations: Tree, **more: Any) -> int:
    return (await by.patch(place, list(operations), **more)).status_code


async def versioned(by: Caller, tree: Tree) -> str:
    """Deposit a document; its id, and its version, as a reference says them."""
    return (await by.post("DocumentReference", tree)).headers["location"].partition("DocumentReference/")[2]


async def test_a_reduced_patient_brings_nothing_along(carnet: Carnet) -> None:
    number = nir()
    record = await opened(carnet, ins=number)
    physician = (await carnet.doctor(DOCTOR).get(f"Practitioner?identifier={IDNPS}|{DOCTOR}")).json()["entry"][0]
    name = f"Practitioner/{physician['resource']['id']}"
    change = [{"op": "add", "path": "/generalPractitioner", "value": [{"reference": name}]}]
    assert (await carnet.holder(record).patch(f"Patient/{record}", change)).status_code == 200
    for caller in (desk(carnet), carnet.professional(NURSE, "60")):
        answer = await caller.get(f"Patient?identifier={identified(number)}&_include=Patient:general-practitioner")
        assert answer.status_code == 200
        assert name.partition("/")[2] not in answer.text


async def test_a_token_of_one_record_reaches_no_other_by_the_directory(carnet: Carnet) -> None:
    here, there = await opened(carnet), await opened(carnet)
    doctor = carnet.doctor(DOCTOR)
    await doctor.get(f"Patient/{here}")
    found = (await doctor.get(f"Practitioner?identifier={IDNPS}|{DOCTOR}")).json()["entry"][0]["resource"]["id"]
    one = await doctor.make(document(there, author=[{"reference": f"Practitioner/{found}"}]))
    mine = limited(carnet, DOCTOR, here)
    assert (await mine.get(f"DocumentReference/{one}")).status_code == 404
    answer = await mine.get(f"Practitioner?_id={found}&_revinclude=DocumentReference:author")
    assert one not in answer.text
    asked = f"Practitioner?_has:DocumentReference:author:_id={one}"
    assert await mine.found(asked) == []
    assert await doctor.found(asked) == [found]


async def test_a_token_of_one_record_learns_of_no_other_identity(carnet: Carnet) -> None:
    number = nir()
    here, there = await opened(carnet), await opened(carnet, ins=number)
    mine = limited(carnet, DOCTOR, here)
    assert await mine.found(f"Patient?identifier={identified(number)}") == []
    answer = await mine.post("Patient", patient(number))
    assert there not in answer.text + str(answer.headers)


async def test_a_blocked_depositor_is_not_shown_his_deposit_when_he_repeats_it(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor(OTHER)
    tree = document(record, masterIdentifier=MASTER)
    one = await depositor.make(tree)
    await label(carnet.holder(record), one, "MASQUE_PS")
    await will(carnet.holder(record), record, "block", deny(actor(OTHER)))
    assert (await depositor.get(f"DocumentReference/{one}")).status_code == 404
    answer = await depositor.post("DocumentReference", tree)
    assert answer.status_code == 200
    assert "MASQUE_PS" not in answer.text


async def test_an_insurer_does_not_learn_that_a_record_is_closed(carnet: Carnet) -> None:
    number = nir()
    record = await opened(carnet, ins=number)
    await close(carnet.holder(record), record)
    insurer = carnet.caller(mint.insurer("1750000077") | {"scope": "system/*.cruds"})
    query = f"DocumentReference?patient.identifier={identified(number)}&_elements=id"
    closed, absent = await insurer.get(query), await insurer.get(query.replace(number, nir()))
    assert len(closed.json().get("entry", [])) == len(absent.json().get("entry", []))


async def test_software_reads_nothing_by_the_test_of_a_patch(carnet: Carnet) -> None:
    record = await opened(carnet)
    software = carnet.caller(mint.software("lgc", "1750000001"))
    one = await software.make(document(record))
    await label(carnet.holder(record), one, "MASQUE_PS")
    place = f"DocumentReference/{one}"
    archive = {"op": "replace", "path": "/status", "value": "current"}
    answers = [
        await patched(
            software, place, {"op": "test", "path": "/securityLabel/0/coding/0/code", "value": guess}, archive
        )
        for guess in ("MASQUE_PS", "N")
    ]
    assert answers[0] == answers[1]


async def test_a_blocked_attester_finds_no_version_of_what_he_wrote(carnet: Carnet) -> None:
    record = await opened(carnet)
    attester = carnet.doctor(OTHER)
    tree = consent(record, "authorisation", permit(actor(NURSE)), base=base(carnet))
    one = await attester.make(tree)
    await will(carnet.holder(record), record, "block", deny(actor(OTHER)))
    absent = f"{record}.{'a' * 20}"
    stale = {"headers": {"If-Match": 'W/"x"'}}
    told = [await attester.put(f"Consent/{name}", {**tree, "id": name}, **stale) for name in (one, absent)]
    assert told[0].status_code == told[1].status_code == 405


async def test_a_query_that_names_what_awaits_is_kept_however_it_is_spelt(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor(OTHER)
    one = await depositor.make(document(record, label=AWAITING))
    unique = one.partition(".")[2]
    for spelt in (one, one.replace(".", "%2E"), one.replace(unique, f"%{ord(unique[0]):02X}{unique[1:]}")):
        assert await depositor.found(f"DocumentReference?patient={record}&_id={spelt}") == [one]
        assert await depositor.found(f"DocumentReference?patient={record}&_id={spelt}&status=superseded") == []
    queries = [asked(event) for event in await journal(carnet.holder(record), record)]
    assert not any(unique[1:] in query for query in queries), queries


async def test_a_query_for_the_identifier_of_what_awaits_is_kept(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor(OTHER)
    typed = {"type": {"coding": [{"system": "https://x.example/kind", "code": "acc"}]}, "value": "acc-4711"}
    one = await depositor.make(document(record, label=AWAITING, masterIdentifier=MASTER, identifier=[typed]))
    place = f"DocumentReference?patient={record}&identifier"
    for asking in (f"={MASTER['system']}|{MASTER['value']}", ":of-type=https://x.example/kind|acc|acc-4711"):
        assert await depositor.found(f"{place}{asking}") == [one]
    queries = [asked(event) for event in await journal(carnet.holder(record), record)]
    assert not any("4711" in query for query in queries), queries


@pytest.mark.parametrize("kind", ["List", "Provenance"])
async def test_a_versioned_reference_to_what_awaits_reaches_nobody(carnet: Carnet, kind: str) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    seen = await depositor.make(document(record))
    version = await versioned(depositor, document(record, label=AWAITING))
    awaiting = version.partition("/")[0]
    tree = listing(record, seen, version) if kind == "List" else provenance(seen, version)
    answer = await depositor.post(kind, tree)
    assert answer.status_code in {201, 422}, answer.text
    if answer.status_code == 422:
        return
    place = answer.headers["location"].split("/")[-3]
    assert awaiting not in (await holder.get(f"{kind}/{place}")).text
    assert awaiting not in json.dumps(await journal(holder, record))
    if kind == "List":
        assert (await depositor.delete(f"List/{place}")).status_code == 204
        events = [event for event in await journal(holder, record) if awaiting in json.dumps(event)]
        assert events == []


async def test_the_holder_opens_a_document_by_its_version_too(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    for way in ("_history", "_history/{version}"):
        made = await depositor.post("DocumentReference", document(record))
        one, _, version = made.headers["location"].partition("DocumentReference/")[2].split("/")
        assert (await holder.get(f"DocumentReference/{one}/{way.format(version=version)}")).status_code == 200
        value = [{"coding": [{"system": VISIBILITY, "code": AWAITING}]}]
        change = {"op": "replace", "path": "/securityLabel", "value": value}
        assert await patched(depositor, f"DocumentReference/{one}", change) == 422, way


async def test_an_announcement_never_ends_later_than_a_month_after_the_deposit(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    late = await depositor.make(document(record))
    async with moved(owner, "20 days"):
        await label(depositor, late, AWAITING)
        assert (await holder.get(f"DocumentReference/{late}")).status_code == 404
    async with moved(owner, "33 days"):
        assert (await holder.get(f"DocumentReference/{late}")).status_code == 200


async def test_an_announcement_does_not_begin_again(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    again = await depositor.make(document(record, label=AWAITING))
    value = [{"coding": [{"system": VISIBILITY, "code": AWAITING}]}]
    normal = [{"coding": [{"system": NORMAL, "code": "N"}]}]
    place = f"DocumentReference/{again}"
    async with moved(owner, "40 days"):
        await patched(depositor, place, {"op": "replace", "path": "/securityLabel", "value": normal})
        await patched(depositor, place, {"op": "replace", "path": "/securityLabel", "value": value})
        assert (await holder.get(place)).status_code == 200


async def test_replacing_what_awaits_does_not_begin_its_month_again(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    first = await depositor.make(document(record, label=AWAITING))
    replaces = [{"code": "replaces", "target": {"reference": f"DocumentReference/{first}"}}]
    async with moved(owner, "28 days"):
        second = await depositor.make(document(record, label=AWAITING, relatesTo=replaces))
    async with moved(owner, "40 days"):
        assert (await holder.get(f"DocumentReference/{second}")).status_code == 200


async def test_a_desk_agent_takes_away_nothing_that_he_is_not_shown(carnet: Carnet) -> None:
    number = nir()
    record = await opened(carnet, ins=number)
    holder, clerk = carnet.holder(record), desk(carnet)
    add = {"op": "add", "path": "/identifier/-", "value": LOCAL}
    assert await patched(holder, f"Patient/{record}", add) == 200
    before = (await holder.get(f"Patient/{record}")).json()["identifier"]
    rename = {"op": "add", "path": "/name", "value": [{"use": "official", "family": "Pat-Quatre"}]}
    assert await patched(clerk, f"Patient/{record}", rename) == 200
    after = (await holder.get(f"Patient/{record}")).json()
    assert after["name"][0]["family"] == "Pat-Quatre"
    assert after["identifier"] == before


async def test_a_professional_attests_for_people_and_not_for_a_whole_profession(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    tree = consent(
        record,
        "authorisation",
        {"type": "permit", "actor": [{"role": actor("0")["role"], "reference": {"reference": "#group"}}]},
        base=base(carnet),
        contained=[group("21")],
    )
    answer = await carnet.professional(NURSE, "60").post("Consent", tree)
    assert answer.status_code in {403, 422}
    assert (await carnet.professional(PHARMACIST, "21").get(f"DocumentReference/{one}")).status_code == 404


@pytest.mark.parametrize("kind", ["List", "Provenance"])
async def test_nothing_lists_two_records(carnet: Carnet, kind: str) -> None:
    here, there = await opened(carnet), await opened(carnet)
    depositor = carnet.doctor(OTHER)
    one, other = await depositor.make(document(here)), await depositor.make(document(there))
    tree = listing(here, one, other) if kind == "List" else provenance(one, other)
    tree.pop("subject", None)
    answer = await depositor.post(kind, tree)
    assert answer.status_code in {400, 422}, answer.text


async def test_a_blocked_professional_neither_closes_nor_reopens(carnet: Carnet) -> None:
    record = await opened(carnet)
    await will(carnet.holder(record), record, "block", deny(actor(OTHER)))
    given = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "wish"}]}
    assert (await carnet.doctor(OTHER).post(f"Patient/{record}/$close", given)).status_code == 403
    await close(carnet.holder(record), record)
    assert (await carnet.doctor(OTHER).post(f"Patient/{record}/$reopen", given)).status_code == 403
    assert (await carnet.doctor(DOCTOR).post(f"Patient/{record}/$reopen", given)).status_code == 200


async def test_a_blocked_professional_gets_nothing_written_for_himself(carnet: Carnet) -> None:
    record = await opened(carnet)
    await will(carnet.holder(record), record, "block", deny(actor(OTHER)))
    blocked = carnet.doctor(OTHER)
    for category, provision in (
        ("authorisation", permit(actor(OTHER))),
        ("authorisation", permit(actor(structure="1750000001"))),
        ("full-access", permit(actor(OTHER))),
        ("emergency-opposition", opposition("BTG")),
    ):
        answer = await blocked.post("Consent", consent(record, category, provision, base=base(carnet)))
        assert answer.status_code == 403, (category, answer.text)
    assert (await blocked.post("CareTeam", care_team(record, OTHER))).status_code == 403
    assert (
        await blocked.post(f"Patient/{record}/$declare-treating-physician", {"resourceType": "Parameters"})
    ).status_code == 403
    one = await carnet.doctor(DOCTOR).make(document(record))
    assert (await blocked.get(f"DocumentReference/{one}")).status_code == 404


async def test_a_reference_that_is_refused_is_filed_under_the_record(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER).make(document(record, label="MASQUE_PS"))
    nurse = carnet.professional(NURSE, "60")
    tree = document(record, relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{one}"}}])
    assert (await nurse.post("DocumentReference", tree)).status_code == 422
    events = await journal(carnet.doctor(DOCTOR), record, "outcome=4,8,12")
    assert events, "a refused deposit is in the journal of its record"


async def test_another_worker_forgets_at_once_what_the_holder_took_back(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    here = await will(carnet.holder(record), record, "authorisation", permit(actor(NURSE)))
    async with serving(module_database_urls, carnet.settings.data) as second:
        nurse, far = carnet.professional(NURSE, "60"), second.professional(NURSE, "60")
        paths = [f"DocumentReference/{one}", f"DocumentReference?patient={record}", f"DocumentReference/{one}/_history"]
        for caller in (nurse, far):
            assert [one in (await caller.get(path)).text for path in paths] == [True] * 3
        assert (await carnet.holder(record).delete(f"Consent/{here}")).status_code == 204
        for caller in (far, nurse):
            told = [await caller.get(path) for path in paths]
            assert [a.status_code for a in told] == [404, 200, 404]
            assert not any("11488-4" in a.text for a in told)
        await will(second.holder(record), record, "authorisation", permit(actor(NURSE)))
        assert [one in (await nurse.get(path)).text for path in paths] == [True] * 3
        await label(second.holder(record), one, "MASQUE_PS")
        assert (await nurse.get(paths[0])).status_code == 404


async def test_a_representative_is_none_any_more_from_the_next_request(carnet: Carnet, owner: str) -> None:
    record, mother = await opened_for_minor(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    reader = carnet.representative(mother, record)
    assert (await reader.get(f"DocumentReference/{one}")).status_code == 200
    async with moved(owner, "10 years"):
        for path in (f"DocumentReference/{one}", f"Patient/{record}", f"DocumentReference/{one}/_history"):
            assert (await reader.get(path)).status_code == 404, path
        assert await reader.found("DocumentReference?_summary=data") == []
        assert await reader.found("AuditEvent") == []
        told = await reader.patch(f"Patient/{record}", [{"op": "replace", "path": "/gender", "value": "male"}])
        assert told.status_code == 404


async def test_who_represents_nobody_any_more_does_not_keep_the_lists_that_he_wrote(carnet: Carnet, owner: str) -> None:
    record, mother = await opened_for_minor(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    reader = carnet.representative(mother, record)
    lot = await reader.make(listing(record, one))
    held = await reader.send(
        "POST",
        "Binary",
        content=b"x",
        headers={"Content-Type": "text/plain", "X-Security-Context": f"Patient/{record}"},
    )
    assert held.status_code == 201, held.text
    binary = held.headers["location"].split("/")[-3]
    async with moved(owner, "10 years"):
        told = {
            "read list": (await reader.get(f"List/{lot}")).status_code,
            "change list": (
                await reader.put(f"List/{lot}", {**listing(record, one), "id": lot, "title": "X"})
            ).status_code,
            "read binary": (await reader.get(f"Binary/{binary}")).status_code,
            "delete list": (await reader.delete(f"List/{lot}")).status_code,
        }
    assert told == {"read list": 404, "change list": 405, "read binary": 404, "delete list": 404}


async def test_software_desk_and_insurer_are_answered_without_a_body(carnet: Carnet) -> None:
    number = nir()
    record = await opened(carnet, ins=number)
    whole = {"headers": {"Prefer": "return=representation"}}
    for caller in (carnet.caller(mint.software("lgc", "1750000001")), desk(carnet)):
        master = {**MASTER, "value": f"urn:oid:1.2.{id(caller)}"}
        made = await caller.post("DocumentReference", document(record, masterIdentifier=master), **whole)
        again = await caller.post("DocumentReference", document(record, masterIdentifier=master), **whole)
        assert (made.status_code, again.status_code) == (201, 200), (made.text, again.text)
        assert "Compte rendu" not in made.text + again.text
        place = made.headers["location"].split("/fhir/")[-1].split("/_history")[0]
        for path in (place, f"{place}/_history", f"DocumentReference?patient={record}"):
            assert "Compte rendu" not in (await caller.get(path)).text
        entries = [{"request": {"method": "GET", "url": place}}]
        for kind in ("transaction", "batch"):
            told = await caller.post("", {"resourceType": "Bundle", "type": kind, "entry": entries}, **whole)
            assert "Compte rendu" not in told.text


async def test_a_rectification_tells_its_asker_nothing_of_what_awaits(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    seen = await depositor.make(document(record))
    version = await versioned(depositor, document(record, label=AWAITING))
    awaiting = version.partition("/")[0]
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{record}"},
        "requester": {"reference": f"Patient/{record}"},
        "owner": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": OTHER}},
        "focus": {"reference": f"DocumentReference/{seen}"},
    }
    one = await holder.make(task)
    for name in (awaiting, version):
        changed = {**task, "id": one, "status": "accepted", "focus": {"reference": f"DocumentReference/{name}"}}
        assert (await depositor.put(f"Task/{one}", changed)).status_code in {200, 422}
        assert awaiting not in (await holder.get(f"Task/{one}")).text
        assert awaiting not in (await holder.get(f"Task/{one}/_history")).text
        events = [event for event in await journal(holder, record) if awaiting in json.dumps(event)]
        assert events == [], name
        assert await holder.found(f"Task?focus=DocumentReference/{awaiting}") == []


async def test_what_the_holder_deleted_comes_back_by_no_change_of_its_depositor(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    tree = document(record, label=AWAITING, masterIdentifier=MASTER)
    one = await depositor.make(tree)
    place = f"DocumentReference/{one}"
    normal = [{"coding": [{"system": NORMAL, "code": "N"}]}]
    async with moved(owner, "40 days"):
        assert (await holder.delete(place)).status_code == 204
        await patched(depositor, place, {"op": "replace", "path": "/securityLabel", "value": normal})
        await patched(depositor, place, {"op": "replace", "path": "/status", "value": "entered-in-error"})
        await patched(depositor, place, {"op": "replace", "path": "/status", "value": "current"})
        await depositor.post("DocumentReference", tree)
        for reader in (holder, carnet.doctor(DOCTOR)):
            assert (await reader.get(place)).status_code == 404
            assert one not in await reader.found(f"DocumentReference?patient={record}")


async def test_a_secret_connection_leaves_nothing_for_the_representative(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet)
    child = carnet.caller(mint.holder(record, secret=True))
    reader = carnet.representative(mother, record)
    doctor = carnet.doctor(OTHER, secret=True)
    hidden = await doctor.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    lot = await doctor.make(listing(record, hidden))
    origin = await doctor.make(provenance(hidden))
    wish = await will(child, record, "authorisation", permit(actor(NURSE)))
    nurse = carnet.professional(NURSE, "60")
    assert hidden in await nurse.found(f"DocumentReference?patient={record}")
    assert (await nurse.get(f"DocumentReference/{hidden}")).status_code == 200
    await nurse.get(f"DocumentReference?patient={record}&_id={hidden}&status=superseded")
    names = (hidden, lot, origin, wish)
    kinds = ("DocumentReference", "List", "Provenance", "Consent")
    events = await journal(reader, record)
    told = json.dumps(events) + "".join(
        [(await reader.get(f"{kind}?_count=100&_total=accurate&patient={record}&_include=*")).text for kind in kinds]
    )
    assert [name for name in names if name in told] == []
    assert not any(hidden.partition(".")[2] in asked(event) for event in events)
    for kind, name in zip(kinds, names, strict=True):
        for tail in ("", "/_history"):
            assert (await reader.get(f"{kind}/{name}{tail}")).status_code == 404, kind


NARRATIVE: Tree = {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">forged</div>'}


@pytest.mark.parametrize("who", ["holder", "treating"])
async def test_masking_carries_no_other_change_along(carnet: Carnet, who: str) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, reader = carnet.doctor(OTHER), carnet.doctor(DOCTOR)
    by = carnet.holder(record) if who == "holder" else reader
    restricted = {"coding": [{"system": NORMAL, "code": "R"}]}
    masked = {"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}
    told = {}
    changes: dict[str, Tree] = {
        "text": {"securityLabel": [masked, restricted], "text": NARRATIVE},
        "tag": {"securityLabel": [masked, restricted], "meta": {"tag": [{"system": "urn:x", "code": "forged"}]}},
        "label": {"securityLabel": [masked, {"coding": [{"system": "urn:x", "code": "forged"}]}]},
    }
    for name, change in changes.items():
        one = await depositor.make({**document(record), "securityLabel": [restricted]})
        tree = (await by.get(f"DocumentReference/{one}")).json()
        if name == "text":
            answer = await by.put(f"DocumentReference/{one}", {**tree, **change})
        else:
            operations = [{"op": "add", "path": f"/{key}", "value": value} for key, value in change.items()]
            answer = await by.patch(f"DocumentReference/{one}", operations)
        told[name] = (answer.status_code, "forged" in (await reader.get(f"DocumentReference/{one}")).text)
    assert [name for name, (_, forged) in told.items() if forged] == [], told


async def test_the_holder_marks_nothing_as_deleted_by_its_depositor(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    one = await depositor.make(document(record))
    marks = [{"url": IS_ARCHIVED, "valueBoolean": True}, {"url": IS_DELETED, "valueBoolean": True}]
    await patched(holder, f"DocumentReference/{one}", {"op": "add", "path": "/extension", "value": marks})
    assert IS_DELETED not in (await holder.get(f"DocumentReference/{one}")).text


async def test_a_blocked_professional_reads_through_nothing_else(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, blocked = carnet.holder(record), carnet.doctor(OTHER)
    await will(holder, record, "authorisation", permit(actor(OTHER)))
    seen = await blocked.make(document(record))
    lot = await blocked.make(listing(record, seen))
    origin = await blocked.make(provenance(seen))
    await will(holder, record, "block", deny(actor(OTHER)))
    for place in (f"DocumentReference/{seen}", f"List/{lot}", f"Provenance/{origin}"):
        for tail in ("", "/_history"):
            assert (await blocked.get(place + tail)).status_code == 404, place
    for path in (
        f"Practitioner?_revinclude=DocumentReference:author&identifier={IDNPS}|{OTHER}",
        f"Consent?patient={record}&_revinclude=Provenance:target",
        f"DocumentReference?patient={record}&_total=accurate",
        "DocumentReference?_sort=-date",
    ):
        text = (await blocked.get(path)).text
        assert not any(name in text for name in (seen, lot, origin)), path
    assert (await blocked.delete(f"List/{lot}")).status_code == 404
    assert (await blocked.post("DocumentReference", document(record, label="MASQUE_PS"))).status_code == 201


async def test_an_authorisation_that_the_holder_took_back_is_not_given_again_in_his_words(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, nurse = carnet.holder(record), carnet.professional(NURSE, "60")
    one = await will(holder, record, "authorisation", permit(actor(NURSE)))
    assert (await holder.delete(f"Consent/{one}")).status_code == 204
    tree = (await nurse.get(f"Consent/{one}")).json()
    changed = {**tree, "status": "active", "provision": permit(actor(NURSE), actor(PHARMACIST))}
    assert (await nurse.put(f"Consent/{one}", changed)).status_code == 403


async def test_a_refused_duplicate_does_not_tell_the_holder_of_what_awaits(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor(OTHER)
    await depositor.make(document(record, label=AWAITING, masterIdentifier=MASTER))
    again = document(record, content=b"<other/>", masterIdentifier=MASTER)
    assert (await depositor.post("DocumentReference", again)).status_code == 409
    assert "XDSDuplicate" not in json.dumps(await journal(carnet.holder(record), record))


async def test_a_versioned_reference_to_what_is_seen_stays(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor(OTHER)
    version = await versioned(depositor, document(record))
    lot = await depositor.make(listing(record, version))
    assert len((await carnet.holder(record).get(f"List/{lot}")).json().get("entry", [])) == 1


async def test_every_refused_change_is_filed_under_its_record(carnet: Carnet) -> None:
    record = await opened(carnet)
    nurse, holder = carnet.professional(NURSE, "60"), carnet.holder(record)
    one = f"DocumentReference/{await nurse.make(document(record))}"
    change: Tree = {"op": "replace", "path": "/status", "value": "superseded"}
    assert await patched(nurse, one, change, headers={"If-Match": 'W/"x"'}) == 412
    assert await patched(nurse, one, {"op": "add", "path": "/description", "value": "x"}) == 405
    foreign = [{"type": "Practitioner", "identifier": {"system": IDNPS, "value": OTHER}}]
    assert (await nurse.post("DocumentReference", document(record, author=foreign))).status_code == 422
    assert len(await journal(holder, record, "outcome=4,8,12")) == 3
