"""Compartments, searches of several types, `$everything` and `$meta` over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from tests.serving import Carnet, actor, document, permit, serving
from tests.world import DOCTOR, NURSE, OTHER, asked, close, journal, label, listing, opened, whats, will, withdraw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

REST = "http://hl7.org/fhir/restful-interaction"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("several")
    async with serving(module_database_urls, folder) as made:
        yield made


class Scene:
    """A record with three documents, one of them masked, and a list."""

    def __init__(self, carnet: Carnet, record: str, documents: list[str], lot: str) -> None:
        self.carnet = carnet
        self.record = record
        self.documents = documents
        self.lot = lot
        self.holder = carnet.holder(record)
        self.doctor = carnet.doctor(DOCTOR)
        self.nurse = carnet.professional(NURSE, "60")
        self.depositor = carnet.doctor(OTHER)


@pytest.fixture
async def scene(carnet: Carnet) -> Scene:
    record = await opened(carnet, treating=DOCTOR)
    await will(carnet.holder(record), record, "authorisation", permit(actor(NURSE)))
    depositor = carnet.doctor(OTHER)
    made = [
        await depositor.make(document(record, date=f"2026-0{n}-12T10:00:00Z", description=f"n{n}")) for n in (3, 4, 5)
    ]
    await label(depositor, made[2], "MASQUE_PS")
    return Scene(carnet, record, made, await depositor.make(listing(record, *made)))


async def walked(caller: Caller, path: str, mode: str = "match") -> list[str]:
    """`Type/id` of each entry of a mode, page after page."""
    found: list[str] = []
    address = path
    while address:
        answer = await caller.get(address)
        assert answer.status_code == 200, answer.text
        tree = answer.json()
        entries = tree.get("entry", [])
        shown = [e["resource"] for e in entries if e["search"]["mode"] == mode]
        found += [f"{one['resourceType']}/{one['id']}" for one in shown]
        links = {link["relation"]: link["url"] for link in tree["link"]}
        assert links["self"].split("/fhir")[1].strip("/").partition("?")[0] == path.partition("?")[0]
        address = links.get("next", "").partition("/fhir")[2].removeprefix("/")
        assert not address or entries
    return found


def named(*documents: str) -> list[str]:
    return [f"DocumentReference/{one}" for one in documents]


def scoped(carnet: Carnet, scope: str) -> Caller:
    """The treating physician with a narrower token."""
    claims = mint.professional(DOCTOR, profession="10", specialty="SM54", structure="1750000001")
    return carnet.caller({**claims, "scope": scope})


# Compartments


async def test_a_compartment_is_the_search_that_names_its_patient(scene: Scene) -> None:
    for kind in ("DocumentReference", "List", "Consent", "CareTeam", "RelatedPerson", "Provenance", "AuditEvent"):
        within = await walked(scene.nurse, f"Patient/{scene.record}/{kind}?_sort=_id")
        alike = await walked(scene.nurse, f"{kind}?patient={scene.record}&_sort=_id")
        assert set(within) < set(alike) if kind == "AuditEvent" else within == alike, kind
    seen = await walked(scene.nurse, f"Patient/{scene.record}/DocumentReference?_count=1&_sort=date")
    assert seen == named(*scene.documents[:2])
    tree = (await scene.nurse.get(f"Patient/{scene.record}/DocumentReference?description=n3")).json()
    assert tree["total"] == 1
    assert tree["link"][0]["url"].endswith(f"Patient/{scene.record}/DocumentReference?description=n3&_count=20")
    form = f"Patient/{scene.record}/DocumentReference/_search?_sort=date"
    posted = await scene.nurse.send("POST", form, content=b"_count=1", headers=FORM)
    assert posted.json() == (await scene.nurse.get(form.replace("/_search", "") + "&_count=1")).json()


async def test_everything_of_a_compartment(scene: Scene) -> None:
    place = f"Patient/{scene.record}"
    for caller, documents in ((scene.nurse, scene.documents[:2]), (scene.holder, scene.documents)):
        found = await walked(caller, f"{place}/*?_count=2")
        assert {one for one in found if one.startswith("Doc")} == set(named(*documents))
        assert len(found) == len(set(found))
        assert f"List/{scene.lot}" in found
    for path in (f"{place}/*/_search", f"{place}/_search"):
        posted = await scene.nurse.send("POST", path, content=b"_type=List,Consent&_summary=count", headers=FORM)
        assert posted.json()["total"] == 2
    assert (await scene.nurse.get(f"{place}/*?_type=Task")).status_code == 400
    assert (await scene.nurse.get(f"{place}/Task")).status_code == 404
    assert (await scene.nurse.get(f"{place}/Nothing")).status_code == 404
    assert (await scene.nurse.get(f"{'a' * 20}/*")).status_code == 404
    unknown, unrelated = "a" * 20, await opened(scene.carnet)
    assert (await scene.nurse.get(f"Patient/{unknown}/*")).json().get("entry", []) == []
    told = (await scene.nurse.get(f"Patient/{unrelated}/*")).json()["entry"]
    assert [e["search"]["mode"] for e in told] == ["outcome"]
    assert len(told[0]["resource"]["issue"]) == 2


# Several types


async def test_a_search_of_several_types_is_each_of_them_merged(scene: Scene) -> None:
    query = f"?_type=DocumentReference,List&patient={scene.record}"
    each = [await walked(scene.nurse, f"{one}?patient={scene.record}") for one in ("List", "DocumentReference")]
    for size in ("", "&_count=1", "&_count=2"):
        assert await walked(scene.nurse, query + size) == each[0] + each[1]  # the list came last
        assert await walked(scene.nurse, f"{query}{size}&_sort=_lastUpdated") == (each[0] + each[1])[::-1]
        names = await walked(scene.nurse, f"{query}{size}&_sort=-_id")
        assert [n.partition("/")[2] for n in names] == sorted((n.partition("/")[2] for n in names), reverse=True)
    for count in ("_summary=count", "_count=0", "_total=accurate&_count=1"):
        assert (await scene.nurse.get(f"{query}&{count}")).json()["total"] == 3
    posted = await scene.nurse.send("POST", f"_search{query}", content=b"_count=2", headers=FORM)
    assert posted.json() == (await scene.nurse.get(f"{query}&_count=2")).json()
    brought = await walked(scene.nurse, f"{query}&_include=List:item&_count=1", "include")
    assert set(brought) == set(named(*scene.documents[:2]))


async def test_the_whole_system_is_what_the_caller_reaches(scene: Scene) -> None:
    found = await walked(scene.holder, "?_count=5")
    assert f"Patient/{scene.record}" in found
    assert set(named(*scene.documents)) <= set(found)
    assert {one.partition("/")[0] for one in found} >= {"AuditEvent", "Practitioner", "Organization", "Consent"}
    found = await walked(scene.nurse, f"?_id={','.join(scene.documents)},{scene.lot}")
    assert set(found) == {*named(*scene.documents[:2]), f"List/{scene.lot}"}
    await close(scene.holder, scene.record)
    assert await walked(scene.nurse, f"?_id={','.join(scene.documents)}") == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("_type=Nothing", "value"),
        ("_type:not=List", "value"),
        ("_type=List,Consent&description=a", "not-supported"),
        ("_type=List,DocumentReference&_sort=date", "not-supported"),
        ("_type=List,DocumentReference&_include=Consent:actor", "not-supported"),
        ("_type=List&_cursor=abcd", "value"),
        ("_type=List&nonsense=1", "not-supported"),
        ("_type=List&_lastUpdated=never", "value"),
    ],
)
async def test_a_search_that_cannot_be_made_of_several_types(scene: Scene, query: str, reason: str) -> None:
    answer = await scene.nurse.get(f"?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["code"] == reason


async def test_a_page_token_is_bound_to_caller_place_and_question(scene: Scene) -> None:
    starts = (f"Patient/{scene.record}/*?_count=1", f"Patient/{scene.record}/$everything?_count=1", "?_count=1")
    for path in starts:
        tree = (await scene.doctor.get(path)).json()
        token = next(link["url"] for link in tree["link"] if link["relation"] == "next").partition("?")[2]
        place = path.partition("?")[0]
        assert (await scene.doctor.get(f"{place}?{token}")).status_code == 200
        assert (await scene.nurse.get(f"{place}?{token}")).status_code == 400
        assert (await scene.doctor.get(f"{place}?{token}&_type=List")).status_code == 400
        other = place.replace(scene.record, "a" * 20)
        assert other == place or (await scene.doctor.get(f"{other}?{token}")).status_code in (400, 404)


async def test_scopes_bound_what_is_searched(scene: Scene) -> None:
    narrow = scoped(scene.carnet, "user/List.rs user/Patient.r")
    for path in (f"Patient/{scene.record}/*", "", f"Patient/{scene.record}/$everything"):
        kinds = {one.partition("/")[0] for one in await walked(narrow, f"{path}?")}
        assert kinds - {"Patient"} == {"List"}, path
        for caller in (narrow, scoped(scene.carnet, "user/Patient.c")):
            answer = await caller.get(f"{path}?_type=DocumentReference")
            assert answer.status_code == 403, path
            assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "insufficient-scope"


async def test_the_trail_says_what_was_asked_and_shown(scene: Scene) -> None:
    place = f"Patient/{scene.record}"
    acts = {
        f"{place}/DocumentReference?status=current": (f"{REST}|search-type", "DocumentReference?status=current"),
        f"{place}/*?_type=DocumentReference": (f"{REST}|search-system", "?_type=DocumentReference"),
        f"?_type=DocumentReference&patient={scene.record}": (
            f"{REST}|search-system",
            f"?_type=DocumentReference&patient={scene.record}",
        ),
        f"{place}/$everything": ("everything", ""),
    }
    for path, (code, query) in acts.items():
        await scene.nurse.get(path)
        event = (await journal(scene.doctor, scene.record, f"subtype={code}"))[0]
        assert whats(event) >= set(named(*scene.documents[:2])), path
        assert f"DocumentReference/{scene.documents[2]}" not in whats(event)
        assert asked(event) == query
    await scene.nurse.get(f"DocumentReference/{scene.documents[0]}/$meta")
    event = (await journal(scene.doctor, scene.record, "subtype=meta"))[0]
    assert f"DocumentReference/{scene.documents[0]}" in whats(event)


# $everything


async def test_everything_is_the_record_page_by_page(scene: Scene) -> None:
    place = f"Patient/{scene.record}/$everything"
    for caller, documents in ((scene.holder, scene.documents), (scene.nurse, scene.documents[:2])):
        found = await walked(caller, f"{place}?_count=2")
        assert found[0] == f"Patient/{scene.record}"
        assert [one for one in found if one.startswith("Doc")] == named(*documents[::-1])
        assert len(found) == len(set(found))
        brought = {one.partition("/")[0] for one in await walked(caller, place, "include")}
        assert brought == ({"Practitioner", "Organization"} if caller is scene.holder else set())
        assert ("AuditEvent" in {one.partition("/")[0] for one in found}) is (caller is scene.holder)


async def test_everything_by_type_by_care_and_by_change(scene: Scene) -> None:
    place = f"Patient/{scene.record}/$everything"
    assert await walked(scene.holder, f"{place}?_type=List,Patient") == [
        f"Patient/{scene.record}",
        f"List/{scene.lot}",
    ]
    cases = {"start=2026-04": [2, 1], "end=2026-04-11": [0], "start=2026-04-12&end=2026-04-12": [1], "end=2020": []}
    for days, numbers in cases.items():
        found = await walked(scene.holder, f"{place}?_type=DocumentReference&_count=1&{days}")
        assert found == named(*[scene.documents[n] for n in numbers]), days
    last = (await scene.holder.get(f"List/{scene.lot}")).json()["meta"]["lastUpdated"]
    found = await walked(scene.holder, f"{place}?_since={last}&_type=Patient,List,DocumentReference")
    assert found == [f"List/{scene.lot}"]
    given = [{"name": "_type", "valueCode": "List"}, {"name": "_count", "valueInteger": 1}]
    posted = await scene.holder.post(place, {"resourceType": "Parameters", "parameter": given})
    assert [e["resource"]["id"] for e in posted.json()["entry"]] == [scene.lot]


async def test_a_copy_holds_what_the_holder_may_read_as_well(scene: Scene) -> None:
    awaiting = await scene.depositor.make(document(scene.record, label="INVISIBLE_PATIENT"))
    gone = await scene.depositor.make(document(scene.record))
    lot = await scene.depositor.make(listing(scene.record, scene.documents[0], awaiting))
    only = await scene.depositor.make(listing(scene.record, awaiting))
    await withdraw(scene.depositor, gone)
    assert (await scene.depositor.get(f"DocumentReference/{gone}")).status_code == 200
    for caller in (scene.depositor, scene.doctor, scene.nurse, scene.holder):
        answer = await caller.get(f"Patient/{scene.record}/$everything?_type=Patient,DocumentReference,List")
        assert awaiting not in answer.text
        assert gone not in answer.text
        assert only not in answer.text
        assert scene.documents[0] in answer.text
        lots = [e["resource"] for e in answer.json()["entry"] if e["resource"].get("id") == lot]
        assert [len(one["entry"]) for one in lots] == [1]
        told = "copy-as-the-holder-reads" in answer.text
        assert told is (caller is not scene.holder)
    assert (await scene.doctor.get(f"DocumentReference/{awaiting}")).status_code == 200


async def test_everything_of_what_is_unknown_unseen_or_closed(scene: Scene) -> None:
    assert (await scene.nurse.get(f"Patient/{'a' * 20}/$everything")).status_code == 404
    assert (await scene.holder.get(f"Patient/{await opened(scene.carnet)}/$everything")).status_code == 404
    stranger = scene.carnet.professional("810000000077", "60")
    tree = (await stranger.get(f"Patient/{scene.record}/$everything")).json()
    assert [e["search"]["mode"] for e in tree["entry"]] == ["match", "outcome"]
    assert tree["entry"][0]["resource"].keys() == {"resourceType", "id", "meta", "identifier", "active"}
    await close(scene.holder, scene.record)
    found = await walked(scene.nurse, f"Patient/{scene.record}/$everything")
    assert found == [f"Patient/{scene.record}"]


@pytest.mark.parametrize(
    "query",
    ["_count=0", "_count=a", "start=2026-13", "_since=now", "_type=Task", "nonsense=1", "start=2020&start=2021"],
)
async def test_everything_refuses_what_it_does_not_know(scene: Scene, query: str) -> None:
    answer = await scene.holder.get(f"Patient/{scene.record}/$everything?{query}")
    assert answer.status_code == 400, answer.text
    assert (await scene.holder.get("Patient/$everything")).status_code == 404
    body: Tree = {"resourceType": "Parameters", "parameter": [{"name": "start", "valueBoolean": True}]}
    assert (await scene.holder.post(f"Patient/{scene.record}/$everything", body)).status_code == 400


# $meta


async def test_meta_of_a_resource_of_a_type_and_of_the_system(scene: Scene) -> None:
    tag = {"system": "https://carnet.example/tag", "code": "seen"}
    meta: dict[str, Any] = {"tag": [tag], "profile": ["https://carnet.example/profile"]}
    one = await scene.depositor.make(document(scene.record, meta=meta))
    hidden = {"meta": {"tag": [{"system": tag["system"], "code": "masked"}]}}
    await scene.depositor.make(document(scene.record, label="MASQUE_PS", **hidden))
    told = (await scene.nurse.get(f"DocumentReference/{one}/$meta")).json()["parameter"]
    assert [p["name"] for p in told] == ["return"]
    assert told[0]["valueMeta"] == (await scene.nurse.get(f"DocumentReference/{one}")).json()["meta"]
    for path in ("DocumentReference/$meta", "$meta"):
        answer = (await scene.nurse.get(path)).json()["parameter"][0]["valueMeta"]
        assert answer["tag"] == [tag]
        assert answer["profile"][0] == meta["profile"][0]
        assert len((await scene.holder.get(path)).json()["parameter"][0]["valueMeta"]["tag"]) == 2
    assert (await scene.nurse.get(f"DocumentReference/{scene.documents[2]}/$meta")).status_code == 404
    assert (await scene.nurse.get("Task/$meta")).json() == {"resourceType": "Parameters"}
    for path in (f"DocumentReference/{one}", "DocumentReference", ""):
        for name in ("$meta-add", "$meta-delete"):
            answer = await scene.nurse.post(f"{path}/{name}", {"resourceType": "Parameters"})
            assert answer.status_code == 405, path
            assert answer.headers["allow"] == ""


async def test_meta_does_not_open_a_document(scene: Scene) -> None:
    await scene.holder.get(f"DocumentReference/{scene.documents[0]}/$meta")
    await label(scene.depositor, scene.documents[0], "INVISIBLE_PATIENT")
    assert (await scene.holder.get(f"DocumentReference/{scene.documents[0]}")).status_code == 404
