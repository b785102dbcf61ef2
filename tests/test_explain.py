"""`$explain`: why somebody sees a document or does not, told to those who may know, and true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fhir.resources.R4B.operationdefinition import OperationDefinition

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.auth import mint
from app.lifecycle.explaining import EXPLAINED, LISTED, TRIED
from app.policy.explain import CLOSING_DOWN, OPENING_UP
from app.policy.rules import DOCUMENT
from app.rest.reasons import CHANGES, SAID
from tests import told
from tests.acts import grant, reason, relabel, restate, sees
from tests.serving import Caller, Carnet, Tree, actor, deny, document, opposition, permit, serving
from tests.told import explained, person, structure
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    ROLE_CODE,
    group,
    grouped,
    journal,
    label,
    moved,
    opened,
    opened_for_minor,
    team,
    will,
    window,
    withdraw,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

SOURCES = {rule.name: rule.source for rule in DOCUMENT}
UNASKED = {"record-not-open", "excluded-party"}
"""In a record that is not open nobody is told who sees; the excluded are no actors."""
FIRST = "18842-5"
"""A type that the matrix gives to doctors, pharmacists and nurses."""


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def operation(event: Tree) -> str:
    """The operation that an event tells of, or ""."""
    return next((one["code"] for one in event["subtype"] if one["system"].endswith("/CodeSystem/operation")), "")


async def uncle(by: Caller, record: str) -> str:
    """Somebody close to the holder who does not represent him."""
    relation = {"coding": [{"system": ROLE_CODE, "code": "UNCLE"}]}
    return await by.make(
        {
            "resourceType": "RelatedPerson",
            "patient": {"reference": f"Patient/{record}"},
            "relationship": [relation],
            "name": [{"family": "Pat-Oncle"}],
        }
    )


async def every_rule(carnet: Carnet) -> list[tuple[str, Caller, str, str, dict[str, str]]]:
    """Rule, who asks, of which document, about which actor, and what narrows him down."""
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    treating, holder = carnet.doctor(DOCTOR), carnet.holder(record)
    plain = await treating.make(document(record))
    masked = await treating.make(document(record, label="MASQUE_PS"))
    hidden = await treating.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    pending = await treating.make(document(record, label="INVISIBLE_PATIENT"))
    gone = await treating.make(document(record))
    await withdraw(treating, gone)
    own = await carnet.doctor("810000000777").make(document(record))
    await will(holder, record, "block", deny(actor("810000000701")))
    await will(holder, record, "full-access", permit(actor("810000000702")))
    await grant(holder, record, actor(OTHER))
    await window(carnet.doctor("810000000703"), record)
    other = await opened(carnet, treating=DOCTOR)
    await will(carnet.holder(other), other, "emergency-opposition", opposition("BTG", "ETREAT"))
    opposed = await treating.make(document(other))
    related = f"RelatedPerson/{await uncle(holder, record)}"
    doctor = {"profession": "10"}
    return [
        ("withdrawn", treating, gone, "holder", {}),
        ("announcement-pending", treating, pending, "holder", {}),
        ("announcement-pending", treating, pending, f"RelatedPerson/{mother}", {}),
        ("holder", holder, plain, f"Patient/{record}", {}),
        ("hidden-from-representatives", holder, hidden, f"RelatedPerson/{mother}", {}),
        ("representative", holder, plain, f"RelatedPerson/{mother}", {}),
        ("not-a-professional", holder, plain, related, {}),
        ("treating-physician", holder, masked, person(DOCTOR), {}),
        ("blocked", holder, plain, person("810000000701"), doctor),
        ("full-access", holder, masked, person("810000000702"), doctor),
        ("depositor", holder, own, person("810000000777"), doctor),
        ("masked", holder, masked, person(OTHER), doctor),
        ("outside-profession", holder, plain, person(OTHER), {"profession": "99"}),
        ("authorised", holder, plain, person(OTHER), doctor),
        ("break-glass", holder, plain, person("810000000703"), doctor),
        ("break-glass", holder, plain, "emergency", doctor),
        ("regulation", holder, plain, "regulator", {}),
        ("emergency-opposed", carnet.holder(other), opposed, "regulator", {}),
        ("emergency-opposed", carnet.holder(other), opposed, "emergency", doctor),
        ("not-authorised", holder, plain, "professional", doctor),
    ]


async def test_every_rule_is_explained_in_both_languages(carnet: Carnet) -> None:
    reached = set()
    for rule, asker, one, named, narrowed in await every_rule(carnet):
        french = await explained(asker, one, named, "fr", **narrowed)
        english = await explained(asker, one, named, "en", **narrowed)
        assert (french.rule, french.verdict) == (rule, english.verdict), (named, french)
        assert french.source == SOURCES[rule]
        assert (french.sentence, english.sentence) == SAID["rule"][rule]
        reached.add(rule)
    assert reached == SOURCES.keys() - UNASKED


def test_every_rule_and_every_change_has_two_short_sentences() -> None:
    assert SOURCES.keys() <= SAID["rule"].keys()
    assert CHANGES.keys() == {one.name for one in (*OPENING_UP, *CLOSING_DOWN)} | {"wait", "unblock-group"}
    for french, english in [*CHANGES.values(), *(SAID["rule"][name] for name in SOURCES)]:
        assert french != english
        assert all(one.endswith(".") and len(one) < 90 for one in (french, english))


async def test_what_a_caller_sees_himself(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    await grant(carnet.holder(record), record, actor(OTHER))
    callers = {
        "holder": carnet.holder(record),
        "representative": carnet.representative(mother, record),
        "treating-physician": carnet.doctor(DOCTOR),
        "authorised": carnet.doctor(OTHER),
        "regulation": carnet.doctor("810000000302", regulator=True, purpose="ETREAT"),
    }
    for rule, caller in callers.items():
        said = await explained(caller, plain)
        assert (said.verdict, said.rule, said.source) == ("permit", rule, SOURCES[rule])
        assert (said.until, said.changes, said.via) == ("", (), ())
    events = await journal(carnet.holder(record), record, f"entity=DocumentReference/{plain}")
    asked = [one for one in events if operation(one) == "explain"]
    assert len(asked) == len(callers)
    emergencies = [one for one in asked if "ETREAT" in str(one.get("purposeOfEvent", ""))]
    assert len(emergencies) == 1


async def test_post_and_the_ways_to_name_an_actor(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    await carnet.doctor(OTHER).get("Patient/nobody")
    await grant(holder, record, actor(OTHER))
    listed = (await holder.get(f"Practitioner?identifier={person(OTHER)}")).json()["entry"][0]["resource"]["id"]
    system, idnps = person(OTHER).split("|")
    values: list[Tree] = [
        {"valueReference": {"reference": f"Practitioner/{listed}"}},
        {"valueReference": {"identifier": {"system": system, "value": idnps}}},
        {"valueIdentifier": {"system": system, "value": idnps}},
        {"valueString": person(OTHER)},
        {"valueUri": f"{carnet.settings.fhir_base}/Practitioner/{listed}"},
        {"valueString": f"https://rpps.esante.gouv.fr|{idnps[1:]}"},
    ]
    coding = {"name": "profession", "valueCoding": {"system": PROFESSION_SYSTEM, "code": "10"}}
    for one in values:
        given = told.trial({"name": "actor", **one}, coding)
        answer = await holder.post(f"DocumentReference/{plain}/$explain", given)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-language"] == "fr"
        found = told.told(answer.json()["parameter"])
        assert (found.who, found.verdict, found.rule) == (OTHER, "permit", "authorised")
    specialty = f"{SPECIALTY_SYSTEM}|SM54"
    for named, kind in ((f"{PROFESSION_SYSTEM}|21", "profession|21"), (specialty, "specialty|SM54")):
        assert (await explained(holder, plain, named)).who == kind
    assert (await explained(holder, plain, structure("1750000001"))).who == "1750000001"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"actor": person("899999999999")}, (422, "unknown-actor")),
        ({"actor": structure("1999999999")}, (422, "unknown-actor")),
        ({"actor": "Practitioner/nobody"}, (422, "unknown-actor")),
        ({"actor": "PractitionerRole/nobody"}, (422, "unknown-actor")),
        ({"actor": "Organization/nobody"}, (422, "unknown-actor")),
        ({"actor": "RelatedPerson/nobody"}, (422, "unknown-actor")),
        ({"actor": "Patient/nobody"}, (422, "unknown-actor")),
        ({"actor": f"{PROFESSION_SYSTEM}|nothing"}, (422, "unknown-actor")),
        ({"actor": "urn:nothing|1"}, (422, "unknown-actor")),
        ({"actor": "anybody"}, (400, "value")),
        ({"actor": "Device/1"}, (400, "value")),
        ({"actor": ""}, (400, "value")),
        ({"profession": "10"}, (400, "value")),
        ({"who": "holder"}, (400, "value")),
        ({"actor": "professional", "structure": "urn:nothing|1"}, (400, "value")),
    ],
)
async def test_who_does_not_exist_is_refused(carnet: Carnet, query: dict[str, str], expected: tuple[int, str]) -> None:
    record = await opened(carnet, treating=DOCTOR)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    answer = await carnet.holder(record).get(f"DocumentReference/{plain}/$explain", params=query)
    assert reason(answer) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"parameter": "x"},
        {"parameter": [1]},
        {"parameter": [{"name": 1}]},
        {"parameter": [{"name": "actor", "valueReference": "x"}]},
        {"parameter": [{"name": "actor", "valueReference": {"identifier": "x"}}]},
        {"parameter": [{"name": "actor", "valueReference": {"reference": 1}}]},
        {"parameter": [{"name": "actor", "valueCoding": {"code": []}}]},
        {"parameter": [{"name": "actor", "valueString": ["x"]}]},
        {"parameter": [{"name": "actor", "valueString": "holder"}, {"name": "actor", "valueString": "holder"}]},
    ],
)
async def test_parameters_of_a_wrong_shape(carnet: Carnet, given: dict[str, Any]) -> None:
    record = await opened(carnet, treating=DOCTOR)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    for name in ("explain", "who-can-see", "what-if"):
        body = {"resourceType": "Parameters", **given}
        answer = await carnet.holder(record).post(f"DocumentReference/{plain}/${name}", body)
        assert answer.status_code == 400, (name, answer.text)


async def test_a_change_that_is_told_does_what_is_told(carnet: Carnet) -> None:
    """Each is really written, in the order in which it is told, and the professional really reads."""
    record = await opened(carnet, treating=DOCTOR)
    holder, treating, doctor = carnet.holder(record), carnet.doctor(DOCTOR), carnet.doctor(OTHER)
    one = await treating.make(document(record, label="MASQUE_PS"))
    block = await will(holder, record, "block", deny(actor(OTHER)))

    async def said() -> told.Told:
        found = await explained(holder, one, person(OTHER), profession="10")
        assert found.sees("10") == await sees(doctor, one)
        return found

    blocked = await said()
    assert (blocked.rule, blocked.changes) == ("blocked", (("unblock", "give-full-access"),))
    assert (await holder.delete(f"Consent/{block}")).status_code == 204
    masked = await said()
    assert (masked.rule, set(masked.changes)) == ("masked", {("give-full-access",)})
    assert (await holder.patch(f"DocumentReference/{one}", relabel(""))).status_code == 200
    closed = await said()
    assert (closed.rule, set(closed.changes)) == (
        "not-authorised",
        {("authorise",), ("give-full-access",), ("break-glass",)},
    )
    given = await grant(holder, record, actor(OTHER))
    free = await said()
    assert (free.rule, set(free.changes)) == ("authorised", {("block",), ("mask",), ("end-authorisation",)})
    answer = await holder.get(f"DocumentReference/{one}/$explain", params={"actor": person(OTHER), "profession": "10"})
    assert f"Consent/{given}" in answer.text
    assert (await holder.delete(f"Consent/{given}")).status_code == 204
    assert (await said()).rule == "not-authorised"


async def test_a_group_under_a_block_is_told_to_lift_it_first(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    plain = await carnet.doctor(DOCTOR).make(document(record, type_=FIRST))
    block = await grouped(holder, record, "block", group("21"), "deny")
    said = await explained(holder, plain, f"{PROFESSION_SYSTEM}|21")
    assert (said.verdict, said.rule, said.changes) == ("deny", "not-authorised", (("unblock-group", "authorise"),))
    await grouped(holder, record, "authorisation", group("21"))
    pharmacist = carnet.professional(PHARMACIST, "21")
    assert not await sees(pharmacist, plain)
    assert (await explained(holder, plain, f"{PROFESSION_SYSTEM}|21")).verdict == "deny"
    await holder.delete(f"Consent/{block}")
    assert await sees(pharmacist, plain)
    assert (await explained(holder, plain, f"{PROFESSION_SYSTEM}|21")).verdict == "permit"


async def test_until_when(carnet: Carnet, module_database_urls: Urls) -> None:
    """At each instant that is told the answer really changes, for whoever reads."""
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder, treating = carnet.holder(record), carnet.doctor(DOCTOR)
    plain = await treating.make(document(record))
    pending = await treating.make(document(record, label="INVISIBLE_PATIENT"))
    await grant(holder, record, actor(OTHER), start="2026-01-01", end="2027-03-01")
    await grant(holder, record, actor(NURSE), start="2027-02-01", end="2027-03-01")
    await window(carnet.doctor("810000000703"), record)
    said = await explained(holder, plain, person(OTHER), profession="10")
    assert (said.until[:10], said.verdict, said.then) == ("2027-03-02", "permit", "deny")
    said = await explained(holder, plain, person(NURSE), profession="10")
    assert (said.until[:10], said.verdict, said.then) == ("2027-02-01", "deny", "permit")
    assert ("wait",) in said.changes
    said = await explained(holder, plain, person("810000000703"), profession="10")
    assert (said.rule, said.then) == ("break-glass", "deny")
    said = await explained(holder, plain, f"RelatedPerson/{mother}")
    assert (said.until[:4], said.then) == ("2033", "deny")
    said = await explained(treating, pending, "holder")
    assert (said.rule, said.then, set(said.changes)) == ("announcement-pending", "permit", {("wait",), ("announce",)})
    assert (await explained(holder, plain, "regulator")).until == ""
    async with moved(module_database_urls.owner, "1 month 1 day"):
        assert await sees(holder, pending)
        assert (await explained(treating, pending, "holder")).rule == "holder"
        assert (await explained(holder, plain, person("810000000703"), profession="10")).rule == "not-authorised"
    async with moved(module_database_urls.owner, "10 years"):
        assert not await sees(carnet.representative(mother, record), plain)


async def test_what_the_directory_knows_not_depends(carnet: Carnet) -> None:
    """Without a known profession, each one is tried; the answer names those that see, and they really do."""
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    plain = await carnet.doctor(DOCTOR).make(document(record, type_="80788-3"))
    await grant(holder, record, actor(OTHER))
    said = await explained(holder, plain, person(OTHER))
    assert said.verdict == "depends"
    for profession in ("10", "21", "40", "60", "70", "96"):
        caller = carnet.professional(OTHER, profession, structure="")
        assert said.sees(profession) == await sees(caller, plain), profession
        narrowed = await explained(holder, plain, person(OTHER), profession=profession)
        assert narrowed.sees(profession) == said.sees(profession)
    assert {profession for profession, _, _ in said.ways} > {"10"}


async def test_team_and_structure(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    members = await holder.make(team(record, OTHER))
    assert (await explained(holder, plain, person(OTHER), profession="10")).verdict == "deny"
    await grant(holder, record, actor(reference=f"CareTeam/{members}"))
    said = await explained(holder, plain, person(OTHER), profession="10")
    assert (said.verdict, said.rule) == ("permit", "authorised")
    await grant(holder, record, actor(structure="1750000055"))
    inside = await explained(holder, plain, "professional", profession="10", structure="1750000055")
    outside = await explained(holder, plain, "professional", profession="10", structure="1750000056")
    assert (inside.verdict, outside.verdict) == ("permit", "deny")


async def test_who_may_not_ask(carnet: Carnet) -> None:
    """Of what he sees a professional learns his own rule; what he does not see is not there, for any question."""
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder, treating = carnet.holder(record), carnet.doctor(DOCTOR)
    plain = await treating.make(document(record))
    masked = await treating.make(document(record, label="MASQUE_PS"))
    hidden = await treating.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    pending = await treating.make(document(record, label="INVISIBLE_PATIENT"))
    await grant(holder, record, actor(OTHER))
    doctor = carnet.doctor(OTHER)
    questions = ("$explain?actor=holder", "$who-can-see", "$what-if?label=MASQUE_PS")
    for question in questions:
        assert reason(await doctor.get(f"DocumentReference/{plain}/{question}")) == (403, "not-yours-to-do")
    for caller, unseen in ((doctor, masked), (holder, pending), (carnet.representative(mother, record), hidden)):
        for question in ("$explain", *questions):
            there = await caller.get(f"DocumentReference/{unseen}/{question}")
            absent = await caller.get(f"DocumentReference/{record}.nothing/{question}")
            assert (there.status_code, there.content) == (404, absent.content)
            kept = [h for h in there.headers.items() if h[0] != "x-request-id"]
            assert kept == [h for h in absent.headers.items() if h[0] != "x-request-id"]
    stranger = carnet.doctor("810000000555")
    assert (await stranger.get(f"DocumentReference/{plain}/$explain")).status_code == 404


async def test_in_a_record_that_is_not_open_nobody_is_told(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    plain = await carnet.doctor(DOCTOR).make(document(record))
    assert (await holder.send("POST", f"Patient/{record}/$close")).status_code == 200
    assert (await holder.get(f"DocumentReference/{plain}/$explain")).status_code == 404
    for question in ("$who-can-see", "$what-if?end=Consent/x"):
        assert reason(await holder.get(f"Patient/{record}/{question}")) == (422, "record-not-open")


async def test_a_withdrawn_document_and_its_depositor(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER).make(document(record))
    assert (
        await carnet.doctor(OTHER).patch(f"DocumentReference/{one}", restate("entered-in-error"))
    ).status_code == 200
    assert (await carnet.holder(record).get(f"DocumentReference/{one}/$explain")).status_code == 404
    assert (await explained(carnet.doctor(OTHER), one)).rule == "depositor"


async def test_a_question_about_what_awaits_its_announcement_is_not_in_the_holders_journal(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    treating = carnet.doctor(DOCTOR)
    pending = await treating.make(document(record, label="INVISIBLE_PATIENT"))
    await explained(treating, pending, "holder")
    assert (await treating.get(f"DocumentReference/{pending}/$who-can-see")).status_code == 200
    given = told.trial(*told.labelled())
    assert (await treating.post(f"DocumentReference/{pending}/$what-if", given)).status_code == 200
    of_record = told.trial(told.relabelled(pending))
    assert (await treating.post(f"Patient/{record}/$what-if", of_record)).status_code == 200
    his, hers = await journal(treating, record), await journal(carnet.holder(record), record)
    questions = ["what-if", "what-if", "who-can-see", "explain"]
    assert [operation(one) for one in his if operation(one)] == questions
    assert not any(operation(one) for one in hers)
    assert pending not in str(hers)


async def test_asking_opens_nothing(carnet: Carnet) -> None:
    """A document that the holder asked about is not one that he has opened: it can still be kept from him."""
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    await explained(carnet.holder(record), one)
    await label(carnet.doctor(DOCTOR), one, "INVISIBLE_PATIENT")
    assert not await sees(carnet.holder(record), one)


async def test_the_scope_is_that_of_reading(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    for scope, status in (("patient/DocumentReference.r", 200), ("patient/DocumentReference.s", 403)):
        caller = carnet.caller({**mint.holder(record), "scope": scope})
        assert (await caller.get(f"DocumentReference/{one}/$explain")).status_code == status


async def test_every_operation_is_defined_for_everybody(carnet: Carnet) -> None:
    """The CapabilityStatement names an OperationDefinition for each, which is there without a token, and is FHIR's."""
    statement = (await carnet.http.get("/fhir/metadata")).json()
    listed = {
        f"{one['type']}-{operation['name']}": operation["definition"]
        for one in statement["rest"][0]["resource"]
        for operation in one.get("operation", [])
        if not operation["definition"].startswith("http://hl7.org/fhir/")
    }
    assert {"DocumentReference-explain", "Patient-who-can-see", "Patient-what-if", "Patient-access"} <= listed.keys()
    for id, canonical in listed.items():
        answer = await carnet.http.get(f"/fhir/OperationDefinition/{id}")
        assert answer.status_code == 200
        tree = answer.json()
        assert (tree["id"], tree["url"]) == (id, canonical)
        OperationDefinition.model_validate(tree)
        outer = {one["name"] for one in tree["parameter"] if one["use"] == "in"}
        assert outer == TAKEN.get(tree["code"], outer)
    absent = await carnet.http.get("/fhir/OperationDefinition/nothing")
    assert reason(absent) == (404, "not-found")


TAKEN = {"explain": set(EXPLAINED), "who-can-see": set(LISTED), "what-if": set(TRIED)}
