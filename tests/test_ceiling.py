"""Restricted SMART scopes are a ceiling on every exit: what is beyond it is not there, whoever the caller is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from app.access import Access, Kind
from app.auth import mint
from app.auth.scopes import limited, within
from tests.serving import CLASSES, LOINC, Caller, Carnet, document, open_record, serving, transaction
from tests.world import DOCTOR, nir

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

LETTER, RESULT = "11488-4", "11502-2"
OF_LETTERS = f"user/DocumentReference.cruds?type={LOINC}|{LETTER}"
REST = "user/Patient.rs user/List.cruds user/Binary.rs user/Consent.rs user/AuditEvent.rs"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    data: Path = tmp_path_factory.mktemp("data")
    async with serving(module_database_urls, data) as made:
        yield made


class World:
    """A record with a letter and a result in it, its treating physician, and his restricted application."""

    def __init__(self, carnet: Carnet, record: str, letter: str, result: str) -> None:
        self.carnet, self.record, self.letter, self.result = carnet, record, letter, result

    def app(self, scope: str = f"{OF_LETTERS} {REST}") -> Caller:
        claims = mint.professional(DOCTOR, specialty="SM54", structure="1750000001")
        return self.carnet.caller(claims | {"scope": scope})


@pytest.fixture(scope="module")
async def world(carnet: Carnet) -> World:
    doctor = carnet.doctor(DOCTOR)
    record = await open_record(doctor, nir(), treating=DOCTOR)
    letter = await doctor.make(document(record, type_=LETTER))
    result = await doctor.make(document(record, type_=RESULT, content=b"<Result/>"))
    return World(carnet, record, letter, result)


async def test_a_read_beyond_the_ceiling_finds_nothing(world: World) -> None:
    app = world.app()
    assert (await app.get(f"DocumentReference/{world.letter}")).status_code == 200
    absent = await app.get(f"DocumentReference/{world.record}.doesnotexist222222aa")
    beyond = await app.get(f"DocumentReference/{world.result}")
    assert (beyond.status_code, beyond.json()) == (absent.status_code, absent.json())
    assert beyond.status_code == 404
    for path in (f"{world.result}/_history", f"{world.result}/_history/1"):
        assert (await app.get(f"DocumentReference/{path}")).status_code == 404


async def test_a_search_shows_and_counts_what_is_below_it(world: World) -> None:
    app = world.app()
    for query in (
        f"patient={world.record}",
        f"patient={world.record}&_total=accurate",
        f"patient={world.record}&_sort=type&_count=1",
        f"_id={world.letter},{world.result}",
        "_total=accurate",
    ):
        found = (await app.get(f"DocumentReference?{query}")).json()
        ids = [e["resource"]["id"] for e in found.get("entry", []) if e["search"]["mode"] == "match"]
        assert ids == [world.letter], query
        assert found.get("total", 1) == 1
    count = (await app.get(f"DocumentReference?patient={world.record}&_summary=count")).json()
    assert count["total"] == 1
    assert (await app.get(f"DocumentReference?patient={world.record}&type={RESULT}")).json()["total"] == 0


async def test_what_shows_many_shows_what_is_below_it(world: World) -> None:
    app, place = world.app(), f"Patient/{world.record}"
    for path in (
        "DocumentReference/_history",
        "_history",
        f"{place}/DocumentReference",
        f"{place}/*?_type=DocumentReference",
        f"{place}/*?_type=DocumentReference,List&_include=List:item",
        f"?_type=DocumentReference&patient={world.record}",
        f"{place}/$everything?_type=DocumentReference,Patient",
    ):
        answer = await app.get(path)
        assert answer.status_code == 200, answer.text
        assert f"DocumentReference/{world.letter}" in answer.text, path
        assert world.result not in answer.text, path
    counted = await app.get(f"{place}/*?_type=DocumentReference&_summary=count")
    assert counted.json()["total"] == 1
    assert (await app.get(f"DocumentReference/{world.result}/$meta")).status_code == 404


async def _listed(world: World) -> str:
    items = [{"item": {"reference": f"DocumentReference/{one}"}} for one in (world.letter, world.result)]
    tree = {
        "resourceType": "List", "status": "current", "mode": "working", "entry": items,
        "subject": {"reference": f"Patient/{world.record}"},
    }  # fmt: skip
    return await world.carnet.doctor(DOCTOR).make(tree)


async def test_lists_includes_and_chains_tell_nothing_of_it(world: World) -> None:
    app, listed = world.app(), await _listed(world)
    shown = (await app.get(f"List/{listed}")).text
    assert world.letter in shown
    assert world.result not in shown
    found = (await app.get(f"List?_id={listed}&_include=List:item")).text
    assert world.letter in found
    assert world.result not in found
    assert await app.found(f"List?item=DocumentReference/{world.letter}") == [listed]
    assert await app.found(f"List?item=DocumentReference/{world.result}") == []
    assert await app.found(f"List?item:DocumentReference.type={RESULT}&patient={world.record}") == []
    for code, led in ((LETTER, [world.record]), (RESULT, [])):
        assert await app.found(f"Patient?_has:DocumentReference:patient:type={code}&_id={world.record}") == led


async def test_the_content_of_a_document_beyond_it_is_not_there(world: World) -> None:
    app, doctor = world.app(), world.carnet.doctor(DOCTOR)
    for one, status in ((world.letter, 200), (world.result, 404)):
        tree = (await doctor.get(f"DocumentReference/{one}")).json()
        url = tree["content"][0]["attachment"]["url"].rpartition("/fhir/")[2]
        assert (await app.get(url)).status_code == status


async def test_nothing_beyond_it_is_written(world: World) -> None:
    app, doctor = world.app(), world.carnet.doctor(DOCTOR)
    made = await app.post("DocumentReference", document(world.record, type_=RESULT, content=b"<New/>"))
    assert (made.status_code, made.json()["issue"][0]["details"]["coding"][0]["code"]) == (403, "insufficient-scope")
    mine = await app.make(document(world.record, type_=LETTER, content=b"<Mine/>"))
    mask = [{"op": "replace", "path": "/securityLabel/0", "value": _label("MASQUE_PS")}]
    assert (await app.patch(f"DocumentReference/{world.result}", mask)).status_code == 404
    assert (await app.delete(f"DocumentReference/{world.result}")).status_code == 404
    put = document(world.record, type_=RESULT) | {"id": world.result}
    assert (await app.put(f"DocumentReference/{world.result}", put)).status_code == 405
    assert (await app.patch(f"DocumentReference/{mine}", mask)).status_code == 200
    assert (await doctor.get(f"DocumentReference/{world.result}")).status_code == 200


def _label(code: str) -> dict[str, Any]:
    base = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR"
    return {"coding": [{"system": f"{base}/TRE-A07-StatutVisibiliteDocument", "code": code}]}


async def test_each_entry_of_a_bundle_stays_below_it(world: World) -> None:
    app = world.app()
    asked = [f"DocumentReference/{world.letter}", f"DocumentReference/{world.result}", "CareTeam"]
    for kind, answered in (("batch", ["200 OK", "404 Not Found", "403 Forbidden"]), ("transaction", [])):
        entries = [{"request": {"method": "GET", "url": url}} for url in asked]
        answer = await app.post("", {"resourceType": "Bundle", "type": kind, "entry": entries})
        if kind == "transaction":
            assert answer.status_code == 403
            continue
        assert [entry["response"]["status"] for entry in answer.json()["entry"]] == answered
    beyond = transaction(("urn:uuid:00000000-0000-4000-8000-000000000009", document(world.record, type_=RESULT)))
    assert (await app.post("", beyond)).status_code == 403


async def test_letters_are_kept_apart(world: World) -> None:
    code = f"{LOINC}|"
    app = world.app(f"user/DocumentReference.r?type={code}{LETTER} user/DocumentReference.s?type={code}{RESULT}")
    assert (await app.get(f"DocumentReference/{world.letter}")).status_code == 200
    assert (await app.get(f"DocumentReference/{world.result}")).status_code == 404
    assert await app.found(f"DocumentReference?patient={world.record}") == [world.result]


@pytest.mark.parametrize(
    ("restriction", "shows"),
    [
        (f"type={LOINC}|{LETTER},{LOINC}|{RESULT}", 2),
        (f"type={LETTER}", 1),
        (f"type={LETTER}&category={CLASSES}|10", 1),
        (f"type={LETTER}&category={CLASSES}|99", 0),
        (f"type={LETTER}&type={RESULT}", 0),
        (f"category={CLASSES}|", 2),
        ("type=another", 0),
        ("_security=http://x|y", 0),
    ],
)
async def test_restrictions_mean_what_a_search_means(world: World, restriction: str, shows: int) -> None:
    app = world.app(f"user/DocumentReference.rs?{restriction}")
    found = await app.found(f"DocumentReference?_id={world.letter},{world.result}")
    assert len(found) == shows


async def test_a_scope_never_widens_what_the_person_sees(world: World) -> None:
    claims = mint.professional("810000000055", structure="1750000055") | {"scope": OF_LETTERS}
    stranger = world.carnet.caller(claims)
    assert (await stranger.get(f"DocumentReference/{world.letter}")).status_code == 404
    assert await stranger.found(f"DocumentReference?patient={world.record}") == []


async def test_what_an_app_may_not_see_is_neither_brought_along_nor_asked_through(world: World) -> None:
    app = world.app("user/DocumentReference.rs")
    found = (await app.get(f"DocumentReference?_id={world.letter}&_include=DocumentReference:patient")).json()
    assert [entry["resource"]["resourceType"] for entry in found["entry"]] == ["DocumentReference"]
    assert (await app.get("DocumentReference?patient.name=Pat-Trois")).status_code == 403
    assert (await app.get("DocumentReference?patient.birthdate=1979-03-05")).status_code == 403
    ins = (await world.carnet.doctor(DOCTOR).get(f"Patient/{world.record}")).json()["identifier"][0]
    found_by_ins = await app.found(f"DocumentReference?patient.identifier={ins['system']}|{ins['value']}")
    assert {world.letter, world.result} <= set(found_by_ins)
    assert (await app.get("DocumentReference?author.identifier=810000000001")).status_code == 200  # the directory
    patients = world.app("user/Patient.rs")
    assert (await patients.get(f"Patient?_has:DocumentReference:patient:type={LETTER}")).status_code == 403


QUESTIONS = (
    "DocumentReference?patient={record}&_total=accurate", "DocumentReference?patient={record}&_summary=count",
    "DocumentReference?patient={record}&_sort=-date&_count=2", "DocumentReference?_total=accurate&_count=1",
    "DocumentReference?patient={record}&type:not=x", "DocumentReference?patient={record}&_lastUpdated=gt2020-01-01",
    "DocumentReference?patient={record}&_include=DocumentReference:relatesto&_revinclude=List:item",
    "DocumentReference?type=11502-2&_summary=count", "DocumentReference?patient={record}&category:missing=false",
    "Patient?_has:DocumentReference:patient:type=11502-2&_id={record}", "Patient/{record}/$access",
    "Patient?_id={record}&_revinclude=DocumentReference:patient", "List?patient={record}&_include=List:item",
    "List?patient={record}&item:DocumentReference.type=11502-2", "DocumentReference/{letter}/_history",
    "DocumentReference/{letter}", "Patient/{record}", "DocumentReference?related={letter}",
)  # fmt: skip


async def test_what_comes_beyond_it_changes_no_answer(world: World) -> None:
    app, doctor = world.app(), world.carnet.doctor(DOCTOR)

    async def answers() -> list[tuple[int, Any]]:
        found = []
        for question in QUESTIONS:
            answer = await app.get(question.format(record=world.record, letter=world.letter))
            tree = answer.json()
            for volatile in ("id", "meta", "timestamp"):
                tree.pop(volatile, None) if tree["resourceType"] == "Bundle" else None
            found.append((answer.status_code, tree))
        return found

    before = await answers()
    assert sum(status == 200 for status, _ in before) > 14
    beyond = await doctor.make(document(world.record, type_=RESULT, content=b"<Late/>"))
    replaced = document(world.record, type_=RESULT, content=b"<Later/>")
    replaced["relatesTo"] = [{"code": "appends", "target": {"reference": f"DocumentReference/{world.letter}"}}]
    await doctor.make(replaced)
    assert (await doctor.delete(f"DocumentReference/{beyond}")).status_code in {204, 403}
    assert await answers() == before


async def test_the_trail_says_why(world: World) -> None:
    await world.app().get(f"DocumentReference/{world.result}")
    link = await asyncpg.connect(world.carnet.settings.database_owner_url)
    try:
        query = "SELECT reason, outcome FROM audit_event WHERE resource_id = $1 ORDER BY recorded DESC LIMIT 1"
        row = await link.fetchrow(query, world.result)
        assert row is not None
        assert tuple(row) == ("insufficient-scope", "8")
    finally:
        await link.close()


@pytest.mark.parametrize(
    "scope",
    [
        "user/*.rs?type=x", "user/DocumentReference.rs?", "user/DocumentReference.rs?type", "user/Unknown.rs?type=x",
        "user/DocumentReference.rs?type:not=x", "user/DocumentReference.rs?patient.name=x",
        "user/DocumentReference.rs?date=2020", "user/DocumentReference.rs?unknown=x",
        "user/DocumentReference.rs?type=x&unknown=y", "user/DocumentReference.rs?_filter=type eq x",
        "user/DocumentReference.rs?type=", "user/DocumentReference.rs?type=|", "user/Practitioner.rs?identifier=x",
        "user/Organization.r?_tag=x",
    ],
)  # fmt: skip
def test_a_restriction_that_cannot_be_enforced_grants_nothing(scope: str) -> None:
    assert limited(scope, Kind.PROFESSIONAL, "") == ()


def test_a_whole_scope_beside_a_restricted_one_is_whole() -> None:
    limits = limited("user/DocumentReference.rs?type=x", Kind.PROFESSIONAL, "")
    access = Access(Kind.PROFESSIONAL, "person|1", scopes=frozenset({"*.r"}), limits=limits)
    assert access.ceiling("DocumentReference", "r") is None
    assert access.ceiling("DocumentReference", "s") == (limits[0].tests,)
    assert access.ceiling("DocumentReference", "c") == ()
    assert access.ceiling("List", "s") == ()


def test_a_client_is_given_no_more_than_it_was_registered_for() -> None:
    ceiling = "user/DocumentReference.rs?type=x user/List.r"
    assert within("user/DocumentReference.r?type=x", ceiling)
    assert within("user/DocumentReference.r?type=x&category=y", ceiling)
    for wider in ("user/DocumentReference.r", "user/DocumentReference.r?type=y", "user/*.r", "user/List.rs", "openid"):
        assert not within(wider, ceiling)
