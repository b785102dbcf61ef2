"""One record with a row of every type, for the tests of search: each parameter has a value and a query for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.resources.guides import AUTHOR_ORGANIZATION, DESIGNATION_TYPE, IS_ARCHIVED, SOURCE_ID
from tests.examples import Sender
from tests.serving import (
    CLASSES,
    IDNPS,
    IDNST,
    LOINC,
    VISIBILITY,
    Carnet,
    actor,
    document,
    opposition,
    permit,
)
from tests.world import DOCTOR, OTHER, identified, nir, opened, team, will

if TYPE_CHECKING:
    from tests.serving import Caller, Tree

META = {
    "profile": ["https://example.org/profile"],
    "source": "https://example.org/source",
    "security": [{"system": "https://example.org/security", "code": "s1"}],
    "tag": [{"system": "https://example.org/tags", "code": "t1"}],
}
COMMONLY = {
    "_profile": "https://example.org/profile",
    "_source": "https://example.org/source",
    "_security": "s1",
    "_tag": "https://example.org/tags|t1",
}
ADDRESS = {
    "use": "home",
    "line": ["10 rue de la Paix"],
    "city": "Échirolles",
    "postalCode": "38130",
    "state": "Isère",
    "country": "FRA",
}
TELECOM = [{"system": "email", "value": "pat@example.org"}, {"system": "phone", "value": "+33476000000"}]
CONTACT = {
    "address": "echirolles",
    "address-city": "ÉCHIROLLES",
    "address-country": "FRA",
    "address-postalcode": "38",
    "address-state": "isere",
    "address-use": "home",
    "email": "pat@example.org",
    "phone": "+33476000000",
    "telecom": "phone|+33476000000",
}
GENDER = {"gender": "female"}
ENCOUNTER = {"reference": "Encounter/e1"}
NO_VALUE = {
    "Consent": {"action", "data", "security-label", "purpose", "actor", "period"},
    "AuditEvent": {"altid", "entity-name", "site"},
    "Patient": {"death-date", "deceased", "link"},
    "Task": {"part-of"},
}
"""Parameters that no row of these tests can hold: refused content, or a value that another row below has."""


def concept(system: str, code: str) -> Tree:
    return {"coding": [{"system": system, "code": code}]}


@dataclass
class Shelf:
    """One record with a row of every type, whose every parameter has a value; `queries` finds each by each."""

    holder: Caller
    record: str
    ids: dict[str, str]
    queries: dict[str, dict[str, str]]


async def directory(carnet: Carnet, ids: dict[str, str]) -> dict[str, dict[str, str]]:
    """A professional, a structure and a role that the operator entered."""
    practitioner = {
        "resourceType": "Practitioner",
        "meta": META,
        "active": True,
        "gender": "female",
        "address": [ADDRESS],
        "telecom": TELECOM,
        "name": [{"family": "Pro-Un", "given": ["Alix"]}],
        "communication": [concept("urn:ietf:bcp:47", "fr")],
        "identifier": [{"system": IDNPS, "value": "810000000501"}],
    }
    parent = {
        "resourceType": "Organization",
        "name": "Groupe",
        "identifier": [{"system": IDNST, "value": "1750000599"}],
    }
    organization = {
        "resourceType": "Organization",
        "meta": META,
        "active": True,
        "name": "Cabinet des Lilas",
        "address": [ADDRESS],
        "telecom": TELECOM,
        "identifier": [{"system": IDNST, "value": "1750000501"}],
        "type": [concept("https://example.org/t", "cab")],
        "endpoint": [{"reference": "Endpoint/x1"}],
        "partOf": {"reference": f"Organization?identifier={IDNST}|1750000599"},
    }
    role = {
        "resourceType": "PractitionerRole",
        "meta": META,
        "active": True,
        "telecom": TELECOM,
        "identifier": [{"system": "https://example.org/role", "value": "r1"}],
        "period": {"start": "2020-01-01"},
        "practitioner": {"reference": f"Practitioner?identifier={IDNPS}|810000000501"},
        "organization": {"reference": f"Organization?identifier={IDNST}|1750000501"},
        "code": [concept(PROFESSION_SYSTEM, "10")],
        "specialty": [concept(SPECIALTY_SYSTEM, "SM54")],
        "location": [{"reference": "Location/l1"}],
        "healthcareService": [{"reference": "HealthcareService/h1"}],
        "endpoint": [{"reference": "Endpoint/x1"}],
    }
    sender = Sender(carnet)
    for tree in (practitioner, parent, organization, role):
        await sender.enter({**tree, "id": "one"})
    caller = carnet.doctor(DOCTOR)
    for kind, query in (
        ("Practitioner", f"identifier={IDNPS}|810000000501"),
        ("Organization", f"identifier={IDNST}|1750000501"),
        ("PractitionerRole", "identifier=https://example.org/role|r1"),
    ):
        (ids[kind],) = await caller.found(f"{kind}?{query}")
    (ids["parent"],) = await caller.found(f"Organization?identifier={IDNST}|1750000599")
    return {
        "Practitioner": {
            **COMMONLY,
            **CONTACT,
            **GENDER,
            "active": "true",
            "communication": "fr",
            "family": "pro",
            "given": "alix",
            "name": "alix",
            "phonetic": "pro",
            "identifier": f"{IDNPS}|810000000501",
        },
        "Organization": {
            **COMMONLY,
            **{k: v for k, v in CONTACT.items() if k.startswith("address")},
            "active": "true",
            "endpoint": "Endpoint/x1",
            "identifier": "1750000501",
            "name": "cabinet",
            "phonetic": "cabinet",
            "partof": ids["parent"],
            "type": "https://example.org/t|cab",
        },
        "PractitionerRole": {
            **COMMONLY,
            "active": "true",
            "date": "ge2021",
            "endpoint": "Endpoint/x1",
            "identifier": "r1",
            "location": "Location/l1",
            "organization": ids["Organization"],
            "practitioner": ids["Practitioner"],
            "role": f"{PROFESSION_SYSTEM}|10",
            "service": "HealthcareService/h1",
            "specialty": "SM54",
            **{k: v for k, v in CONTACT.items() if not k.startswith("address")},
        },
    }


async def filled(carnet: Carnet) -> Shelf:
    """A shelf with everything on it."""
    ids: dict[str, str] = {}
    queries = await directory(carnet, ids)
    ins = nir()
    record = await opened(
        carnet,
        ins=ins,
        treating=DOCTOR,
        meta=META,
        address=[ADDRESS],
        telecom=TELECOM,
        communication=[{"language": concept("urn:ietf:bcp:47", "fr")}],
        generalPractitioner=[{"reference": f"Practitioner/{ids['Practitioner']}"}],
        managingOrganization={"reference": f"Organization/{ids['Organization']}"},
    )
    made = Shelf(carnet.holder(record), record, {**ids, "Patient": record}, queries)
    queries["Patient"] = {
        **COMMONLY,
        **CONTACT,
        **GENDER,
        "active": "true",
        "birthdate": "1979-03-05",
        "family": "pat",
        "given": "dominique",
        "name": "pat-t",
        "phonetic": "pat",
        "identifier": identified(ins),
        "language": "fr",
        "general-practitioner": f"Practitioner/{ids['Practitioner']}",
        "organization": ids["Organization"],
    }
    await people(made)
    await documents(carnet, made)
    await consents(made)
    await trail(carnet, made)
    return made


async def people(shelf: Shelf) -> None:
    holder, record = shelf.holder, shelf.record
    shelf.ids["RelatedPerson"] = await holder.make(
        {
            "resourceType": "RelatedPerson",
            "meta": META,
            "active": True,
            "patient": {"reference": f"Patient/{record}"},
            "relationship": [concept("https://example.org/rel", "friend")],
            "identifier": [{"system": "https://example.org/rp", "value": "p1"}],
            "name": [{"family": "Proche", "given": ["Sacha"]}],
            "telecom": TELECOM,
            "address": [ADDRESS],
            "gender": "female",
            "birthDate": "1980-02-03",
        }
    )
    shelf.queries["RelatedPerson"] = {
        **COMMONLY,
        **CONTACT,
        **GENDER,
        "active": "true",
        "birthdate": "1980-02",
        "identifier": "https://example.org/rp|p1",
        "name": "sacha",
        "phonetic": "proche",
        "patient": record,
        "relationship": "https://example.org/rel|friend",
    }
    tree = team(record, "810000000501")
    tree |= {
        "meta": META,
        "category": [concept("https://example.org/c", "c1")],
        "encounter": ENCOUNTER,
        "identifier": [{"system": "https://example.org/ct", "value": "ct1"}],
        "period": {"start": "2026-01-01"},
    }
    tree["participant"][0]["member"] = {"reference": f"Practitioner/{shelf.ids['Practitioner']}"}
    shelf.ids["CareTeam"] = await holder.make(tree)
    shelf.queries["CareTeam"] = {
        **COMMONLY,
        "category": "c1",
        "date": "ge2026-01-01",
        "encounter": "Encounter/e1",
        "identifier": "ct1",
        "participant": shelf.ids["Practitioner"],
        "patient": record,
        "status": "active",
        "subject": record,
    }


async def documents(carnet: Carnet, shelf: Shelf) -> None:
    record, ids = shelf.record, shelf.ids
    depositor = carnet.doctor(OTHER, structure="1750000501")
    me = {"reference": f"Practitioner/{(await depositor.found(f'Practitioner?identifier={IDNPS}|{OTHER}'))[0]}"}
    mine = {"reference": f"Organization/{ids['Organization']}"}
    first = await depositor.make(document(record))
    target = {"reference": f"DocumentReference/{first}"}
    tree = document(
        record,
        meta=META,
        author=[me],
        authenticator=me,
        custodian=mine,
        description="Compte rendu d'été",
        masterIdentifier={"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.9"},
        extension=[{"url": IS_ARCHIVED, "valueBoolean": True}],
        relatesTo=[{"code": "appends", "target": target}],
        context={
            "encounter": [ENCOUNTER],
            "event": [concept("https://example.org/e", "ev")],
            "related": [target],
            "facilityType": concept("https://example.org/f", "SA01"),
            "practiceSetting": concept("https://example.org/p", "AMBULATOIRE"),
            "period": {"start": "2026-05-01", "end": "2026-05-03"},
        },
        label="MASQUE_PS",
        type_="34133-9",
    )
    tree["content"][0]["attachment"] |= {"creation": "2026-05-02", "language": "fr-FR"}
    tree["content"][0]["format"] = {"system": "https://example.org/fmt", "code": "urn:ihe:x"}
    one = ids["DocumentReference"] = await depositor.make(tree)
    url = (await depositor.get(f"DocumentReference/{one}")).json()["content"][0]["attachment"]["url"]
    shelf.queries["DocumentReference"] = {
        **COMMONLY,
        "authenticator": me["reference"],
        "author": me["reference"],
        "category": f"{CLASSES}|10",
        "contenttype": "application/xml",
        "creation": "2026-05-02",
        "custodian": ids["Organization"],
        "date": "2026-06-12",
        "description": "compte rendu d'ete",
        "encounter": "Encounter/e1",
        "event": "ev",
        "facility": "SA01",
        "format": "https://example.org/fmt|urn:ihe:x",
        "identifier": "urn:ietf:rfc:3986|urn:oid:1.2.9",
        "isArchived": "true",
        "language": "fr-FR",
        "location": url,
        "patient": record,
        "period": "2026-05",
        "period-start": "2026-05-01",
        "period-end": "2026-05-03",
        "related": target["reference"],
        "relatesto": first,
        "relation": "appends",
        "relationship": f"{target['reference']}$appends",
        "security-label": f"{VISIBILITY}|MASQUE_PS",
        "setting": "AMBULATOIRE",
        "status": "current",
        "subject": f"Patient/{record}",
        "type": f"{LOINC}|34133-9",
    }
    ids["List"] = await depositor.make(
        {
            "resourceType": "List",
            "meta": META,
            "status": "current",
            "mode": "working",
            "subject": {"reference": f"Patient/{record}"},
            "date": "2026-06-12T10:00:00+02:00",
            "title": "Lot d'essai",
            "code": concept("https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "submissionset"),
            "source": me,
            "identifier": [{"system": "https://example.org/l", "value": "l1"}],
            "encounter": ENCOUNTER,
            "note": [{"text": "À noter"}],
            "extension": [
                {"url": AUTHOR_ORGANIZATION, "valueReference": mine},
                {"url": IS_ARCHIVED, "valueBoolean": False},
                {"url": DESIGNATION_TYPE, "valueCodeableConcept": concept("https://example.org/d", "d1")},
                {"url": SOURCE_ID, "valueIdentifier": {"system": "https://example.org/s", "value": "src"}},
            ],
            "entry": [{"item": {"reference": f"DocumentReference/{one}"}}],
        }
    )
    shelf.queries["List"] = {
        **COMMONLY,
        "authorOrg": ids["Organization"],
        "code": "submissionset",
        "date": "2026-06-12",
        "designationType": "https://example.org/d|d1",
        "encounter": "Encounter/e1",
        "identifier": "l1",
        "isArchived": "false",
        "item": one,
        "notes": "a noter",
        "patient": record,
        "source": me["reference"],
        "sourceId": "https://example.org/s|src",
        "status": "current",
        "subject": f"Patient/{record}",
        "title": "lot",
    }
    ids["Provenance"] = await depositor.make(
        {
            "resourceType": "Provenance",
            "meta": META,
            "recorded": "2026-06-12T10:00:00+02:00",
            "occurredDateTime": "2026-06-11",
            "target": [{"reference": f"DocumentReference/{one}"}, {"reference": f"Patient/{record}"}],
            "location": {"reference": "Location/l1"},
            "entity": [{"role": "source", "what": target}],
            "agent": [
                {
                    "who": me,
                    "type": concept("https://example.org/a", "author"),
                    "role": [concept("https://example.org/r", "r9")],
                }
            ],
            "signature": [
                {
                    "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}],
                    "when": "2026-06-12T10:00:00+02:00",
                    "who": me,
                }
            ],
        }
    )
    shelf.queries["Provenance"] = {
        **COMMONLY,
        "agent": me["reference"],
        "agent-role": "r9",
        "agent-type": "author",
        "entity": first,
        "location": "Location/l1",
        "patient": record,
        "recorded": "2026-06-12",
        "target": one,
        "signature-type": "1.2.840.10065.1.12.1.1",
        "when": "2026-06-11",
    }
    ids["Task"] = await shelf.holder.make(
        {
            "resourceType": "Task",
            "meta": META,
            "status": "requested",
            "intent": "proposal",
            "priority": "routine",
            "for": {"reference": f"Patient/{record}"},
            "focus": {"reference": f"DocumentReference/{one}"},
            "basedOn": [target],
            "requester": {"reference": f"Patient/{record}"},
            "owner": me,
            "authoredOn": "2026-06-13",
            "lastModified": "2026-06-14",
            "executionPeriod": {"start": "2026-06-15"},
            "code": concept("https://example.org/k", "k1"),
            "businessStatus": concept("https://example.org/b", "b1"),
            "encounter": ENCOUNTER,
            "groupIdentifier": {"value": "g1"},
            "identifier": [{"value": "task1"}],
            "performerType": [concept("https://example.org/pt", "pt1")],
        }
    )
    shelf.queries["Task"] = {
        **COMMONLY,
        "authored-on": "2026-06-13",
        "based-on": first,
        "business-status": "b1",
        "code": "k1",
        "encounter": "Encounter/e1",
        "focus": one,
        "group-identifier": "g1",
        "identifier": "task1",
        "intent": "proposal",
        "modified": "2026-06-14",
        "owner": me["reference"],
        "patient": record,
        "performer": "pt1",
        "period": "ge2026-06-15",
        "priority": "routine",
        "requester": f"Patient/{record}",
        "status": "requested",
        "subject": f"Patient/{record}",
    }
    ids["Binary"] = url.partition("/")[2]
    shelf.queries["Binary"] = {}


async def consents(shelf: Shelf) -> None:
    holder, record = shelf.holder, shelf.record
    more = {
        "meta": META,
        "identifier": [{"system": "https://example.org/cs", "value": "cs1"}],
        "organization": [{"reference": f"Organization/{shelf.ids['Organization']}"}],
        "sourceReference": {"reference": f"DocumentReference/{shelf.ids['DocumentReference']}"},
    }
    provision = permit(
        actor(reference=f"Practitioner/{shelf.ids['Practitioner']}"), start="2026-01-01", end="2027-01-01"
    )
    shelf.ids["Consent"] = await will(holder, record, "authorisation", provision, **more)
    shelf.queries["Consent"] = {
        **COMMONLY,
        "category": "authorisation",
        "consentor": f"Patient/{record}",
        "date": "2026-01-05",
        "identifier": "cs1",
        "organization": shelf.ids["Organization"],
        "patient": record,
        "scope": "patient-privacy",
        "source-reference": shelf.ids["DocumentReference"],
        "status": "active",
    }
    assert shelf.ids["Consent"] in await holder.found(f"Consent?actor={shelf.ids['Practitioner']}")
    assert shelf.ids["Consent"] in await holder.found("Consent?period=ge2026-01-01")
    opposed = await will(holder, record, "emergency-opposition", opposition("BTG"))
    assert await holder.found("Consent?purpose=BTG") == [opposed]


async def trail(carnet: Carnet, shelf: Shelf) -> None:
    reader = carnet.doctor(DOCTOR, structure="1750000501", name="Dr Alix Pro", purpose="TREAT")
    one = shelf.ids["DocumentReference"]
    assert (await reader.get(f"DocumentReference/{one}")).status_code == 200
    about = f"AuditEvent?patient={shelf.record}&entity=DocumentReference/{one}&subtype=read"
    answer = (await shelf.holder.get(about)).json()
    event = answer["entry"][0]["resource"]
    shelf.ids["AuditEvent"] = event["id"]
    me = (await reader.found(f"Practitioner?identifier={IDNPS}|{DOCTOR}"))[0]
    token = next(p for agent in event["agent"] for p in agent.get("policy", []))
    shelf.queries["AuditEvent"] = {
        "_profile": event["meta"]["profile"][0],
        "action": "R",
        "address": "127.0.0.1",
        "agent": f"Practitioner/{me}",
        "agent-name": "dr alix",
        "agent-role": f"{PROFESSION_SYSTEM}|10",
        "date": event["recorded"][:10],
        "entity": f"DocumentReference/{one}",
        "entity-role": "3",
        "entity-type": "2",
        "outcome": "0",
        "patient": shelf.record,
        "policy": token,
        "purpose-of-use": "TREAT",
        "subtype": "read",
        "type": "rest",
    }
    assert shelf.ids["AuditEvent"] in await shelf.holder.found(
        f"AuditEvent?source:identifier=urn:ietf:rfc:3986|{carnet.settings.fhir_base}&_count=100"
    )
