"""AuditEvents: every act as a valid R4 resource that keeps the BALP profile which it claims."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from app.access import DOCTOR, IDNPS, SPECIALTY_SYSTEM
from app.storage.audit import ACTIONS
from app.storage.balp import BALP, DCM, LOGICAL, URI, cleaned
from tests.trail import ACTS, DOCUMENT, PENDING, PHARMACIST, RECORD, RENDERER

if TYPE_CHECKING:
    Tree = dict[str, Any]


@pytest.mark.parametrize(
    ("act", "outcome", "reason", "told"),
    [
        ("unseen", "8", "masked", "not-found"),
        ("absent", "4", "not-found", "not-found"),
        ("forbidden", "8", "scope", "scope"),
        ("refused create", "4", "rule", "rule"),
        ("broken", "12", "transient", "transient"),
    ],
)
def test_refusal(act: str, outcome: str, reason: str, told: str) -> None:
    assert ACTS[act][2:5] == (outcome, reason, told)


def row_of(name: str, **fields: object) -> Tree:
    """The row that an act becomes, as a plain mapping."""
    act = ACTS[name]
    recorded = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    given = {"id": f"{RECORD}.z", "action": ACTIONS.get(act.interaction, "E"), "recorded": recorded}
    return act._asdict() | given | fields


def event_of(name: str, hidden: frozenset[str] = frozenset(), *, own: bool = False, **fields: object) -> Tree:
    event: Tree = json.loads(RENDERER.render(row_of(name, **fields), hidden, own=own))
    return event


def codes(*concepts: Tree) -> list[str]:
    return [f"{coding['system']}#{coding['code']}" for concept in concepts for coding in concept["coding"]]


def agent(event: Tree, *types: str) -> Tree | None:
    """The one agent of one of these types."""
    found = [one for one in event["agent"] if set(codes(one["type"])) & set(types)]
    assert len(found) <= 1
    return found[0] if found else None


def entities(event: Tree, system: str, code: str) -> list[Tree]:
    return [one for one in event.get("entity", []) if (one["type"]["system"], one["type"]["code"]) == (system, code)]


@pytest.mark.parametrize("name", ACTS)
def test_is_a_valid_audit_event(name: str) -> None:
    body = RENDERER.render(row_of(name))
    event = AuditEvent.model_validate_json(body)
    assert event.id == f"{RECORD}.z"
    assert json.loads(body)["recorded"] == json.loads(body)["meta"]["lastUpdated"] == "2026-03-04T05:06:07.000089Z"
    assert sum(one["requestor"] for one in json.loads(body)["agent"]) == 1


PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
CUSTODIAN = "http://terminology.hl7.org/CodeSystem/provenance-participant-type#custodian"
SOURCES = {f"{PARTICIPATION}#{code}" for code in ("AUT", "INF", "CST")}
RECIPIENTS = {f"{PARTICIPATION}#IRCP"}
SHAPES = {
    "Create": ({"create"}, "C", "110153", f"{DCM}#110152", SOURCES),
    "Read": ({"read", "vread"}, "R", "110152", f"{DCM}#110153", RECIPIENTS),
    "Update": ({"update", "patch"}, "U", "110153", f"{DCM}#110152", SOURCES),
    "Delete": ({"delete"}, "D", "110150", CUSTODIAN, SOURCES),
    "Query": ({"search", "search-type", "search-system"}, "E", "110153", f"{DCM}#110152", RECIPIENTS),
}
"""What each BALP profile fixes: subtypes, action, types of the client, the server and the user."""
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
CLAIMED = {
    name: event["meta"]["profile"][0].removeprefix(f"{BALP}/StructureDefinition/IHE.BasicAudit.")
    for name in ACTS
    if "profile" in (event := event_of(name))["meta"]
}


def test_the_profiles_claimed() -> None:
    assert CLAIMED == {
        "read": "PatientRead",
        "vread": "PatientRead",
        "read Binary": "PatientRead",
        "read Patient": "PatientRead",
        "read Practitioner": "Read",
        "create": "PatientCreate",
        "update": "PatientUpdate",
        "patch": "PatientUpdate",
        "conditional patch": "PatientUpdate",
        "delete": "PatientDelete",
        "search": "PatientQuery",
        "search nothing": "Query",
        "emergency": "PatientQuery",
        "regulation": "PatientRead",
    }


@pytest.mark.parametrize("name", CLAIMED)
def test_keeps_the_profile_that_it_claims(name: str) -> None:
    event = event_of(name)
    interactions, action, client, server, users = SHAPES[CLAIMED[name].removeprefix("Patient")]
    assert (event["type"]["code"], event["outcome"], event["action"]) == ("rest", "0", action)
    assert [one["code"] in interactions for one in event["subtype"]] == [True]
    for found, system in ((agent(event, f"{DCM}#{client}"), RENDERER.clients), (agent(event, server), URI)):
        assert found is not None
        assert found["who"].get("identifier", {"system": RENDERER.clients})["system"] == system
        assert found["network"]
        assert "media" not in found
    user = agent(event, *users)
    assert (user is None) == (name == "create")  # software alone has no user
    if user is not None:
        assert user["requestor"] is True
        assert user["who"]
        assert "network" not in user


@pytest.mark.parametrize("name", CLAIMED)
def test_entities_keep_the_profile(name: str) -> None:
    event = event_of(name)
    patients, (system_object,) = entities(event, ENTITY, "1"), entities(event, ENTITY, "2")
    if CLAIMED[name].startswith("Patient"):
        assert [(one["what"]["reference"], one["role"]["code"]) for one in patients] == [(f"Patient/{RECORD}", "1")]
    else:
        assert not patients
    assert system_object["role"]["system"] == ROLE
    if CLAIMED[name].endswith("Query"):
        assert system_object["role"]["code"] == "24"
        assert not system_object.keys() & {"what", "lifecycle", "detail", "name"}
        assert base64.b64decode(system_object["query"]).decode().partition("?")[0] == ACTS[name].resource_type
    else:
        assert system_object["role"]["code"] in {"3", "4", "20"}
        assert system_object["what"]["reference"]
    assert len(entities(event, f"{BALP}/CodeSystem/BasicAuditEntityType", "XrequestId")) == 1
    assert all("name" not in one for one in event["entity"])  # sev-1


def test_versions_are_named_where_one_was_made() -> None:
    assert entities(event_of("update"), ENTITY, "2")[0]["what"] == {
        "reference": f"DocumentReference/{DOCUMENT}/_history/v2"
    }
    assert entities(event_of("delete"), ENTITY, "2")[0]["what"] == {"reference": f"DocumentReference/{DOCUMENT}"}


def test_the_professional_is_named() -> None:
    user = agent(event_of("read", subject_reference="Practitioner/dir1"), *RECIPIENTS)
    assert user is not None
    assert user["who"] == {
        "reference": "Practitioner/dir1",
        "identifier": {"system": IDNPS, "value": "899700218896"},
    }
    assert codes(*user["role"]) == [
        f"{RENDERER.kinds}#professional",
        DOCTOR.removeprefix("profession|").replace("|", "#"),
        f"{SPECIALTY_SYSTEM}#SM54",
    ]
    assert user["name"] == PHARMACIST.name
    assert user["policy"] == ["urn:ietf:params:oauth:jti:token-1"]
    assert codes(*user["purposeOfUse"]) == ["http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT"]


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("vread", {"reference": f"Patient/{RECORD}"}),
        ("read Binary", {"reference": f"RelatedPerson/{RECORD}.r"}),
        ("read Practitioner", {"identifier": {"system": "https://elsewhere.example", "value": "x"}}),
        ("read Patient", {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1750000001"}}),
    ],
)
def test_other_callers_are_named(name: str, who: Tree) -> None:
    user = agent(event_of(name), *RECIPIENTS)
    assert user is not None
    assert user["who"] == who


@pytest.mark.parametrize(("name", "purpose"), [("emergency", "BTG"), ("regulation", "ETREAT"), ("read", "TREAT")])
def test_purpose(name: str, purpose: str) -> None:
    event = event_of(name)
    assert codes(*event["purposeOfEvent"]) == [f"http://terminology.hl7.org/CodeSystem/v3-ActReason#{purpose}"]


def test_break_glass_says_why() -> None:
    event = event_of("break-glass")
    assert (event["type"]["code"], event["subtype"][0]["code"]) == ("110113", "110127")
    assert codes(*event["purposeOfEvent"]) == ["http://terminology.hl7.org/CodeSystem/v3-ActReason#BTG"]
    assert entities(event, ENTITY, "1")[0]["detail"] == [{"type": "reason", "valueString": "inconscient"}]


def test_a_search_names_what_it_showed_but_what_is_hidden() -> None:
    kind = ("http://hl7.org/fhir/resource-types", "DocumentReference")
    shown = [one["what"]["reference"] for one in entities(event_of("search"), *kind)]
    assert shown == [f"DocumentReference/{DOCUMENT}", f"DocumentReference/{PENDING}"]
    event = event_of("search", frozenset({PENDING}))
    assert [one["what"]["reference"] for one in entities(event, *kind)] == [f"DocumentReference/{DOCUMENT}"]
    without = row_of("search", documents=[DOCUMENT])
    assert RENDERER.render(without) == RENDERER.render(row_of("search"), frozenset({PENDING}))


def test_a_query_names_nothing_hidden() -> None:
    hidden = frozenset({PENDING, "urn:oid:1.2"})
    assert cleaned(f"type=a&_id={DOCUMENT},{PENDING}&b=%", hidden) == "type=a&b=%"
    assert cleaned("identifier=urn%3Aoid%3A1.2&type=a", hidden) == "type=a"
    assert cleaned("type=a%7Cb", hidden) == "type=a%7Cb"


@pytest.mark.parametrize(
    "asked", ["identifier=a%7C47", "item.identifier=47", "related:identifier=9,a|47", "identifier=a%7c47"]
)
def test_a_query_for_an_identifier_of_what_is_hidden_names_it(asked: str) -> None:
    hidden = frozenset({f"{LOGICAL}a|47", f"{LOGICAL}47", f"{LOGICAL}a|"})
    assert cleaned(f"status=current&{asked}", hidden) == "status=current"


@pytest.mark.parametrize("asked", ["identifier=a%7C471", "identifier=a|", "identifier=|", "code=47", "identifier=b|47"])
def test_a_query_for_another_identifier_stays(asked: str) -> None:
    assert cleaned(asked, frozenset({f"{LOGICAL}a|47", f"{LOGICAL}47", f"{LOGICAL}a|"})) == asked


def test_own_refusals_tell_absent_and_unseen_alike() -> None:
    assert event_of("unseen", own=True) == event_of("absent", own=True)
    assert event_of("unseen", own=True)["outcomeDesc"] == "not-found"
    assert (event_of("unseen")["outcome"], event_of("unseen")["outcomeDesc"]) == ("8", "masked")
    assert event_of("forbidden", own=True) == event_of("forbidden")
