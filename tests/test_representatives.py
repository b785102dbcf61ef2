"""Representatives: parents until majority, guardians, for as long as their link holds (policy.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.access import Access, Kind
from app.records.answer import RequestFacts
from tests.acts import TREATING, an_ins, reason, sees, stranger
from tests.serving import Caller, Carnet, Tree, actor, consent, document, patient, permit, serving, transaction
from tests.world import moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
PROTECTION = "https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique"
HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001"
MINOR, ADULT = "2015-03-05", "1979-03-05"


def related(code: str, *, record: str = HOLDER, system: str = ROLE, **more: object) -> Tree:
    reference = record if ":" in record else f"Patient/{record}"
    return {"resourceType": "RelatedPerson", "patient": {"reference": reference},
        "relationship": [{"coding": [{"system": system, "code": code}]}], **more}  # fmt: skip


async def opened(carnet: Carnet, birth: str, *people: Tree, period: Tree | None = None) -> tuple[str, list[str]]:
    """A record opened with representatives; its key and their ids."""
    base, by = carnet.settings.codesystem_base, carnet.doctor(TREATING)
    entries = [(HOLDER, patient(an_ins(), birthDate=birth)), (HOLDER[:-1] + "2", consent(HOLDER, "opening", base=base))]
    for number, person in enumerate(people):
        url = f"{HOLDER[:-2]}4{number}"
        provision = permit(actor(reference=url)) | ({"period": period} if period else {})
        entries += [(url, person), (f"{HOLDER[:-2]}5{number}", consent(HOLDER, "representation", provision, base=base))]
    answer = await by.post("", transaction(*entries))
    assert answer.status_code == 200, answer.text
    places = [entry["response"]["location"].split("/") for entry in answer.json()["entry"]]
    return places[0][1], [place[1] for place in places if place[0] == "RelatedPerson"]


async def reads(carnet: Carnet, record: str, person: str) -> bool:
    one = await stranger(carnet).make(document(record))
    return await sees(carnet.representative(person, record), one)


async def test_a_parent_represents_until_majority(carnet: Carnet, module_database_urls: Urls) -> None:
    record, (mother, father) = await opened(carnet, MINOR, related("MTH"), related("FTH"))
    assert await reads(carnet, record, mother)
    assert await reads(carnet, record, father)
    one = await stranger(carnet).make(document(record))
    async with moved(module_database_urls.owner, "10 years"):
        assert not await sees(carnet.representative(mother, record), one)
    hidden = await stranger(carnet).make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    assert not await sees(carnet.representative(mother, record), hidden)
    assert await sees(carnet.holder(record), hidden)


async def test_a_parent_of_an_adult_and_a_curator_represent_nobody(carnet: Carnet) -> None:
    record, (mother,) = await opened(carnet, ADULT, related("MTH"))
    assert not await reads(carnet, record, mother)
    answer = await carnet.representative(mother, record).get(f"Patient/{record}")
    assert answer.status_code == 404
    assert (await carnet.representative(mother, record).get(f"Patient/{record}/$access")).status_code == 404


async def test_a_guardian_represents_an_adult_within_the_period(carnet: Carnet, module_database_urls: Urls) -> None:
    guardian = related("TUTEUR", system=PROTECTION, period={"end": "2099-01-01"})
    record, (person,) = await opened(carnet, ADULT, guardian)
    assert await reads(carnet, record, person)
    one = await stranger(carnet).make(document(record))
    async with moved(module_database_urls.owner, "80 years"):
        assert not await sees(carnet.representative(person, record), one)
    ended, (late,) = await opened(carnet, ADULT, related("TUTEUR", system=PROTECTION), period={"end": "2020-01-01"})
    assert not await reads(carnet, ended, late)


async def test_who_names_a_representative_after_the_opening(carnet: Carnet) -> None:
    record, (mother,) = await opened(carnet, MINOR, related("MTH"))
    base = carnet.settings.codesystem_base
    father = related("FTH", record=record)
    for caller in (
        carnet.holder(record),
        carnet.representative(mother, record),
        carnet.doctor(TREATING),
        stranger(carnet),
    ):
        assert reason(await caller.post("RelatedPerson", father)) == (403, "not-yours-to-do")
    aunt = await carnet.holder(record).make(related("AUNT", record=record))
    tree = consent(record, "representation", permit(actor(reference=f"RelatedPerson/{aunt}")), base=base)
    assert reason(await carnet.holder(record).post("Consent", tree)) == (403, "not-yours-to-do")
    assert reason(await carnet.holder(record).delete(f"RelatedPerson/{mother}")) == (403, "not-yours-to-do")
    now = (await carnet.holder(record).get(f"RelatedPerson/{mother}")).json()
    assert reason(await carnet.holder(record).put(f"RelatedPerson/{mother}", {**now, "active": False}))[0] == 403
    (given,) = await carnet.holder(record).found(f"Consent?patient={record}&category=representation")
    assert reason(await carnet.holder(record).delete(f"Consent/{given}")) == (403, "not-yours-to-do")
    assert await reads(carnet, record, mother)
    assert (await carnet.holder(record).delete(f"RelatedPerson/{aunt}")).status_code == 204


async def test_the_operator_names_and_ends_a_representative(carnet: Carnet) -> None:
    record, (mother,) = await opened(carnet, MINOR, related("MTH"))
    operator = Access(kind=Kind.OPERATOR, subject="software|operator")
    door = carnet.app.state.server.door

    written = await door.open(operator, RequestFacts()).create("RelatedPerson", related("FTH", record=record))
    father = written.location.split("/")[1]
    base = carnet.settings.codesystem_base
    tree = consent(record, "representation", permit(actor(reference=f"RelatedPerson/{father}")), base=base)
    given = (await door.open(operator, RequestFacts()).create("Consent", tree)).location.split("/")[1]
    assert await reads(carnet, record, father)
    await door.open(operator, RequestFacts()).update(
        "Consent", given, {**tree, "id": given, "status": "inactive"}, if_match=None
    )
    assert not await reads(carnet, record, father)
    assert await reads(carnet, record, mother)


async def test_a_representative_acts_for_the_holder(carnet: Carnet) -> None:
    record, (mother,) = await opened(carnet, MINOR, related("MTH"))
    represents: Caller = carnet.representative(mother, record)
    one = await stranger(carnet).make(document(record))
    base = carnet.settings.codesystem_base
    await represents.make(consent(record, "authorisation", permit(actor("810000000055")), base=base))
    assert await sees(carnet.doctor("810000000055"), one)
    mask = [{"op": "replace", "path": "/securityLabel/0", "value": {"coding": [{"system":
        "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",
        "code": "MASQUE_PS"}]}}]  # fmt: skip
    assert (await represents.patch(f"DocumentReference/{one}", mask)).status_code == 200
    assert (await represents.delete(f"DocumentReference/{one}")).status_code == 204
