"""What IHE and the French guides ask by: ITI-66, ITI-67, ITI-68, ITI-90 (mCSD), PDSm; each parameter alone finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from app.resources.guides import AUTHOR_ORGANIZATION, IS_ARCHIVED
from tests.serving import IDNPS, IDNST, LOINC, TEST_INS, Carnet, document, serving
from tests.test_lots import listed, lot, oid, paper, places
from tests.world import DOCTOR, OTHER, nir, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree


@dataclass
class Shelf:
    """A record with one lot and its document, and another document that nothing here finds."""

    doctor: Caller
    record: str
    ins: str
    lot: str
    paper: str
    content: str


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


PEOPLE = [
    {"resourceType": "Practitioner", "id": "author", "identifier": [{"system": IDNPS, "value": DOCTOR}],
     "name": [{"family": "Lefèvre", "given": ["Zoé"]}]},
    {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#author"},
     "organization": {"reference": "#house"}},
    {"resourceType": "Organization", "id": "house", "identifier": [{"system": IDNST, "value": "1750000001"}]},
    {"resourceType": "Patient", "id": "source", "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]},
]  # fmt: skip


@pytest.fixture(scope="module")
async def shelf(carnet: Carnet) -> Shelf:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    doctor = carnet.doctor(DOCTOR)
    first = await doctor.make(document(record, description="autre"))
    tree = paper(
        record,
        contained=PEOPLE,
        author=[{"reference": "#role"}],
        authenticator={"reference": "#author"},
        identifier=[{"use": "official", **oid(), "value": "urn:uuid:0f0e0d0c-0000-4000-8000-000000000001"}],
        relatesTo=[{"code": "transforms", "target": {"reference": f"DocumentReference/{first}"}}],
        extension=[{"url": IS_ARCHIVED, "valueBoolean": True}],
    )
    tree["context"] |= {
        "event": [{"coding": [{"system": LOINC, "code": "34117-2"}]}],
        "period": {"start": "2026-03-02", "end": "2026-03-09"},
        "facilityType": {"coding": [{"system": "urn:x", "code": "SA01"}]},
        "practiceSetting": {"coding": [{"system": "urn:x", "code": "AMBULATOIRE"}]},
        "related": [{"reference": f"DocumentReference/{first}"}],
    }
    house = [{"url": AUTHOR_ORGANIZATION, "valueReference": {"reference": "#house"}}]
    sent = lot(
        record,
        contained=PEOPLE[:3],
        source={"reference": "#role", "extension": house},
        identifier=[{"use": "usual", "system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.7.6.1"}],
        marks=[{"url": IS_ARCHIVED, "valueBoolean": True}],
        title="Lot de sortie",
    )
    sent["entry"][1]["resource"] = tree
    where = places(await doctor.post("", sent))
    await doctor.make(listed(record, "folder", f"DocumentReference/{first}", date="2025-01-01", title="Classeur"))
    return Shelf(doctor, record, ins, where[0], where[1], where[2])


LISTS = (
    "code=submissionset",
    "code=https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes|submissionset",
    "date=2026-06-12",
    "date=ge2026-06-01&date=lt2026-07-01",
    "designationType=10&code=submissionset",
    "identifier=urn:ietf:rfc:3986|urn:oid:1.2.250.7.6.1",
    "status=current&title=lot",
    "sourceId=urn:oid:1.2.3.4",
    "isArchived=true",
    "source.family=lefevre",
    "source.given=Zoé",
    "source.family:exact=Lefèvre",
    "source.family:contains=fev",
    "source:PractitionerRole.practitioner.family=Lefevre",
    "source:PractitionerRole.practitioner:Practitioner.given=zo",
    "source:identifier=" + DOCTOR,
    f"authorOrg:identifier={IDNST}|1750000001",
)
PAPERS = (
    "category=10&isArchived=true",
    "creation=2026-06-12",
    "date=2026-06-12&event=34117-2",
    "event=http://loinc.org|34117-2",
    "facility=SA01",
    "format=urn:ihe:pcc:xds-ms:2007",
    "period=2026",
    "period-start=2026-03-02",
    "period-end=ge2026-03-09",
    "setting=AMBULATOIRE",
    "security-label=N&isArchived=true",
    "status=current&isArchived=true",
    "type=11488-4&isArchived=true",
    "relation=transforms",
    "author.family=Lefevre",
    "author.given=Zoe",
    "author.given:exact=Zoé",
    "authenticator:Practitioner.family=Lefevre",
    "author:PractitionerRole.practitioner.name=lef",
    "author:PractitionerRole.practitioner.family=lef",
    "authenticator.family=lefevre",
    f"author:identifier={DOCTOR}",
    "identifier=urn:uuid:0f0e0d0c-0000-4000-8000-000000000001",
)


@pytest.mark.parametrize("query", LISTS)
async def test_a_list_is_found_by_each_parameter(shelf: Shelf, query: str) -> None:
    """ITI-66 and PDSm, by the patient's reference and by his identifier, by GET and by POST."""
    await _found(shelf, "List", query, shelf.lot)


@pytest.mark.parametrize("query", PAPERS)
async def test_a_document_is_found_by_each_parameter(shelf: Shelf, query: str) -> None:
    """ITI-67 and PDSm."""
    await _found(shelf, "DocumentReference", query, shelf.paper)


async def _found(shelf: Shelf, kind: str, query: str, place: str) -> None:
    """By GET and the patient's reference, by POST and his identifier."""
    assert await shelf.doctor.found(f"{kind}?patient={shelf.record}&{query}") == [place.partition("/")[2]]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = quote(f"{query}&patient.identifier={TEST_INS}|{shelf.ins}", safe="&=:/")
    answer = await shelf.doctor.send("POST", f"{kind}/_search", content=asked.encode(), headers=form)
    bundle = answer.json()
    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    assert bundle["entry"][0]["fullUrl"].endswith(place)


@pytest.mark.parametrize(
    "query",
    [
        "author.family=Durand",
        "author.given=Zoe&author.family:exact=Lefevre",
        "author.family=zoe",
        "author.family=%25",
        "author:Patient.family=Lefevre",
        "custodian.name=Lefevre",
    ],
)
async def test_a_name_that_is_not_that_of_the_author_finds_nothing(shelf: Shelf, query: str) -> None:
    assert await shelf.doctor.found(f"DocumentReference?patient={shelf.record}&{query}") == []


async def test_a_role_that_means_itself_harms_nobody(shelf: Shelf) -> None:
    role = {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#role"}}
    itself = {"contained": [role], "source": {"reference": "#role"}}
    tree = listed(shelf.record, "folder", shelf.paper, date="2020-01-01", **itself)
    assert (await shelf.doctor.post("List", tree)).status_code == 201


async def test_a_contained_name_is_found_only_in_what_is_seen(carnet: Carnet, shelf: Shelf) -> None:
    stranger = carnet.doctor(OTHER, structure="1750000002")
    assert await stranger.found(f"DocumentReference?patient={shelf.record}&author.family=Lefevre") == []


async def test_related_and_relatesto(shelf: Shelf) -> None:
    tree = (await shelf.doctor.get(shelf.paper)).json()
    target = tree["relatesTo"][0]["target"]["reference"]
    for query in (f"related={target}", f"relatesto={target}", f"relationship={target}$transforms"):
        await _found(shelf, "DocumentReference", query, shelf.paper)


async def test_the_content_is_had_from_its_url(shelf: Shelf) -> None:
    """ITI-68: bytes, HEAD, and nothing again where the client has it."""
    url = (await shelf.doctor.get(shelf.paper)).json()["content"][0]["attachment"]["url"]
    assert url == shelf.content
    got = await shelf.doctor.get(url)
    assert (got.content, got.headers["content-type"]) == (b"<ClinicalDocument/>", "application/xml")
    head = await shelf.doctor.send("HEAD", url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "19")
    same = {"If-None-Match": got.headers["etag"]}
    assert (await shelf.doctor.get(url, headers=same)).status_code == 304
    resource = await shelf.doctor.get(url, headers={"Accept": "application/fhir+xml"})
    assert "<Binary " in resource.text
    assert (await shelf.doctor.get(f"Binary/{shelf.record}.absent")).status_code == 404


# The directory (mCSD ITI-90)


@pytest.fixture(scope="module")
async def directory(carnet: Carnet) -> Caller:
    from tests.examples import Sender  # noqa: PLC0415

    house = {"resourceType": "Organization", "id": "house", "active": True, "name": "Clinique des Étangs",
             "identifier": [{"system": IDNST, "value": "1750009001"}],
             "type": [{"coding": [{"system": "urn:x", "code": "prov"}]}]}  # fmt: skip
    person = {"resourceType": "Practitioner", "id": "person", "active": True,
              "identifier": [{"system": IDNPS, "value": "810000077001"}],
              "name": [{"family": "Müller-Dubois", "given": ["Anaïs"]}]}  # fmt: skip
    role = {"resourceType": "PractitionerRole", "id": "role", "active": True,
            "identifier": [{"system": "urn:x:role", "value": "77001"}],
            "practitioner": {"reference": "Practitioner/person"}, "organization": {"reference": "Organization/house"},
            "code": [{"coding": [{"system": "urn:x", "code": "10"}]}],
            "specialty": [{"coding": [{"system": "urn:x", "code": "SM54"}]}],
            "location": [{"reference": "Location/l1"}],
            "healthcareService": [{"reference": "HealthcareService/h1"}]}  # fmt: skip
    await Sender(carnet).enter(house, person, role)
    return carnet.doctor(DOCTOR)


DIRECTORY = (
    "Practitioner?active=true&identifier=810000077001",
    "Practitioner?name=müller",
    "Practitioner?given=anais",
    "Practitioner?family:contains=dubois",
    "Practitioner?family:exact=Müller-Dubois",
    "Practitioner?_lastUpdated=gt2020-01-01&family=muller",
    "PractitionerRole?active=true&identifier=77001",
    "PractitionerRole?location=Location/l1",
    "PractitionerRole?service=HealthcareService/h1",
    "PractitionerRole?role=10&specialty=SM54",
    "PractitionerRole?practitioner.family=muller",
    "PractitionerRole?organization.name=clinique",
    "Organization?active=true&identifier=1750009001",
    "Organization?name=clinique des etangs",
    "Organization?name:contains=étangs",
    "Organization?type=prov",
    "Organization?_lastUpdated=ge2020-01-01&_lastUpdated=le2100-01-01&name=clinique",
)


@pytest.mark.parametrize("query", DIRECTORY)
async def test_the_directory_is_asked(directory: Caller, query: str) -> None:
    assert len(await directory.found(query)) == 1, query


async def test_a_role_comes_with_its_person_and_a_person_with_his_roles(directory: Caller) -> None:
    def kinds(tree: Tree) -> list[tuple[str, str]]:
        return sorted((one["search"]["mode"], one["resource"]["resourceType"]) for one in tree["entry"])

    role = (await directory.get("PractitionerRole?role=10&_include=PractitionerRole:practitioner")).json()
    assert kinds(role) == [("include", "Practitioner"), ("match", "PractitionerRole")]
    both = "PractitionerRole?role=10&_include=PractitionerRole:practitioner&_include=PractitionerRole:organization"
    assert len((await directory.get(both)).json()["entry"]) == 3
    person = (await directory.get("Practitioner?family=muller&_revinclude=PractitionerRole:practitioner")).json()
    assert kinds(person) == [("include", "PractitionerRole"), ("match", "Practitioner")]
    house = (await directory.get("Organization?name=clinique&_revinclude=PractitionerRole:organization")).json()
    assert kinds(house) == [("include", "PractitionerRole"), ("match", "Organization")]
