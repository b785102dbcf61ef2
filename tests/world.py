"""A small world over HTTP for the tests of reading: records, the people around them, journals, a clock that moves."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import asyncpg

from app.access import PROFESSION_SYSTEM
from app.auth import mint
from tests.serving import IDNPS, NORMAL, TEST_INS, VISIBILITY, actor, care_team, consent, patient, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from tests.serving import Caller, Carnet, Tree

DOCTOR, OTHER, PHARMACIST, NURSE = "810000000001", "810000000002", "810000000021", "810000000060"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
NEW_IDENTITY, NEW_OPENING, NEW_MOTHER, NEW_LINK, NEW_TEAM, NEW_FATHER, NEW_OTHER_LINK = (
    f"urn:uuid:00000000-0000-4000-8000-00000000000{number}" for number in range(7)
)
_numbers = count(1)


def nir() -> str:
    """An INS that no other test has, with its key."""
    body = f"2800175{next(_numbers):06d}"
    return f"{body}{97 - int(body) % 97:02d}"


def base(carnet: Carnet) -> str:
    """Canonical base of our code systems."""
    return carnet.settings.codesystem_base


async def opened(carnet: Carnet, *, treating: str = "", ins: str = "", **traits: Any) -> str:
    """A record opened by somebody who has no other relation to it; returns its key."""
    clerk = carnet.professional("810000000099", "60", structure="1750000099")
    entries = [(NEW_IDENTITY, patient(ins or nir(), **traits)), (NEW_OPENING, _opening(carnet))]
    if treating:
        entries.append((NEW_TEAM, care_team(NEW_IDENTITY, treating)))
    return await _key(clerk, transaction(*entries))


async def opened_for_minor(
    carnet: Carnet,
    *,
    treating: str = "",
    born: str = "2015-04-01",
    ins: str = "",
    mother: Sequence[Tree] = (),
    father: Sequence[Tree] | None = None,
    days: tuple[str, str] = ("", ""),
    telecom: Sequence[Tree] = (),
) -> tuple[str, str]:
    """A minor's record with his mother as representative: its key, and the id of her RelatedPerson.

    `mother` is where she is reached, `father` where he is who represents too, None for none; `days` are the birthdays
    of both, "" for none, `telecom` is where the child is reached.
    """
    clerk = carnet.professional("810000000099", "60", structure="1750000099")
    entries = [
        (NEW_IDENTITY, patient(ins or nir(), birthDate=born) | ({"telecom": list(telecom)} if telecom else {})),
        (NEW_OPENING, _opening(carnet)),
        *_parent(carnet, "MTH", (NEW_MOTHER, NEW_LINK), mother, days[0]),
    ]
    if father is not None:
        entries += _parent(carnet, "FTH", (NEW_FATHER, NEW_OTHER_LINK), father, days[1])
    if treating:
        entries.append((NEW_TEAM, care_team(NEW_IDENTITY, treating)))
    answer = await clerk.post("", transaction(*entries))
    assert answer.status_code == 200, answer.text
    places = [one["response"]["location"].split("/")[1] for one in answer.json()["entry"]]
    return places[0], places[2]


def _parent(
    carnet: Carnet, code: str, urls: tuple[str, str], telecom: Sequence[Tree], born: str
) -> list[tuple[str, Tree]]:
    """The RelatedPerson of a parent, and the Consent by which he represents."""
    related: Tree = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": NEW_IDENTITY},
        "relationship": [{"coding": [{"system": ROLE_CODE, "code": code}]}],
        "name": [{"family": "Pat-Mère", "given": ["Camille"]}],
    }
    related |= ({"telecom": list(telecom)} if telecom else {}) | ({"birthDate": born} if born else {})
    role = {"role": actor("0")["role"], "reference": {"reference": urls[0]}}
    link = consent(NEW_IDENTITY, "representation", {"type": "permit", "actor": [role]}, base=base(carnet))
    return [(urls[0], related), (urls[1], link)]


def _opening(carnet: Carnet) -> Tree:
    return consent(NEW_IDENTITY, "opening", base=base(carnet))


async def _key(clerk: Caller, bundle: Tree) -> str:
    answer = await clerk.post("", bundle)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"].split("/")[1])


async def will(by: Caller, record: str, category: str, provision: Tree, **more: Any) -> str:
    """Write a Consent of a category; returns its id."""
    return await by.make(consent(record, category, provision, base=base(by.carnet), **more))


def group(code: str, *, system: str = PROFESSION_SYSTEM, element: str = "code") -> Tree:
    """An actor that is a whole profession, or with `specialty` a whole specialty; the role is contained (`grouped`)."""
    return {
        "resourceType": "PractitionerRole",
        "id": "group",
        element: [{"coding": [{"system": system, "code": code}]}],
    }


async def grouped(by: Caller, record: str, category: str, role: Tree, kind: str = "permit") -> str:
    """Write a Consent about a whole profession or specialty."""
    provision = {"type": kind, "actor": [{"role": actor("0")["role"], "reference": {"reference": "#group"}}]}
    return await will(by, record, category, provision, contained=[role])


def team(record: str, *members: str, treating: str = "") -> Tree:
    """A care team of professionals by IDNPS."""
    tree = care_team(record, treating) if treating else {**care_team(record, "0"), "participant": []}
    people = [care_team(record, one)["participant"][0]["member"] for one in members]
    tree["participant"] += [{"member": member} for member in people]
    return tree


async def window(by: Caller, record: str) -> None:
    """Break the glass."""
    given = {
        "resourceType": "Parameters",
        "parameter": [{"name": "reason", "valueString": "inconscient, urgence vitale"}],
    }
    answer = await by.post(f"Patient/{record}/$break-glass", given)
    assert answer.status_code == 200, answer.text


async def close(by: Caller, record: str) -> None:
    """Close a record."""
    given = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "wish"}]}
    answer = await by.post(f"Patient/{record}/$close", given)
    assert answer.status_code == 200, answer.text


async def label(by: Caller, document: str, *codes: str) -> None:
    """Give a document these visibility labels."""
    labels = [{"coding": [{"system": VISIBILITY, "code": code}]} for code in codes]
    value = [*labels, {"coding": [{"system": NORMAL, "code": "N"}]}]
    answer = await by.patch(
        f"DocumentReference/{document}", [{"op": "replace", "path": "/securityLabel", "value": value}]
    )
    assert answer.status_code == 200, answer.text


async def withdraw(by: Caller, document: str) -> None:
    """Withdraw a document."""
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    answer = await by.patch(f"DocumentReference/{document}", change)
    assert answer.status_code == 200, answer.text


async def journal(reader: Caller, record: str, query: str = "") -> list[Tree]:
    """Events of a record, the newest first."""
    answer = await reader.get(f"AuditEvent?patient={record}&_sort=-date&_count=100{query and '&' + query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", []) if entry["search"]["mode"] == "match"]


def why(event: Tree) -> str:
    """Reason code that an event tells."""
    details = {d["type"]: d["valueString"] for entity in event.get("entity", []) for d in entity.get("detail", [])}
    return str(event.get("outcomeDesc", "") or details.get("rule", ""))


def asked(event: Tree) -> str:
    """The query that an event tells, decoded."""
    found = [entity["query"] for entity in event.get("entity", []) if "query" in entity]
    return base64.b64decode(found[0]).decode() if found else ""


def whats(event: Tree) -> set[str]:
    """References that an event tells."""
    return {entity["what"].get("reference", "") for entity in event.get("entity", []) if "what" in entity}


async def verdict(reader: Caller, judge: Caller, record: str, document: str) -> tuple[int, str]:
    """Status of a read, and its reason code in the journal that `judge` reads."""
    status = (await reader.get(f"DocumentReference/{document}")).status_code
    events = await journal(judge, record, f"entity=DocumentReference/{document}")
    return status, why(events[0])


def occupational(carnet: Carnet, idnps: str) -> Caller:
    """An occupational physician."""
    return carnet.caller(mint.occupational_physician(idnps, structure="1750000007"))


def moved(owner_url: str, interval: str) -> AbstractAsyncContextManager[None]:
    """A while in which the clock of the policy is ahead by an interval (`2 days`) or behind (`-1 hour`)."""
    return _clock(owner_url, f"pg_catalog.now() + interval '{interval}'")


def stopped(owner_url: str, instant: str) -> AbstractAsyncContextManager[None]:
    """A while in which the clock of the policy stands at an instant."""
    return _clock(owner_url, f"timestamptz '{instant}'")


@asynccontextmanager
async def _clock(owner_url: str, now: str) -> AsyncIterator[None]:
    link = await asyncpg.connect(owner_url)
    body = "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS"
    try:
        await link.execute(f"{body} $$SELECT {now}$$")
        yield
    finally:
        await link.execute(f"{body} 'SELECT pg_catalog.now()'")
        await link.close()


def identified(value: str) -> str:
    """A test INS as a token of a search."""
    return f"{TEST_INS}|{value}"


def listing(record: str, *documents: str) -> Tree:
    """A submission set."""
    return {
        "resourceType": "List",
        "status": "current",
        "mode": "working",
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "title": "Lot",
        "entry": [{"item": {"reference": f"DocumentReference/{one}"}} for one in documents],
    }


def provenance(*targets: str) -> Tree:
    """Where documents come from."""
    agent = {"who": {"identifier": {"system": IDNPS, "value": OTHER}}}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"DocumentReference/{one}"} for one in targets],
        "recorded": "2026-06-12T10:00:00+02:00",
        "agent": [agent],
    }
