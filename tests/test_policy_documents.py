"""Every rule of reading a document, in its order, over HTTP: the answer, and the reason code that the journal keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.access import SPECIALTY_SYSTEM
from app.auth import mint
from tests.serving import NIRS, Carnet, actor, deny, document, opposition, permit, serving
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    close,
    group,
    grouped,
    label,
    moved,
    occupational,
    opened,
    opened_for_minor,
    team,
    verdict,
    will,
    window,
    withdraw,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

LATER = {"start": "2026-01-01", "end": "2999-01-01"}
pytestmark = pytest.mark.usefixtures("carnet")


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("documents")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


async def deposited(carnet: Carnet, record: str, *, code: str = "", type_: str = "11488-4") -> str:
    """A document of somebody who plays no other part."""
    return await carnet.professional("810000000098", "10").make(document(record, label=code, type_=type_))


async def test_1_record_not_open(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(DOCTOR)
    assert await verdict(doctor, holder, record, one) == (200, "treating-physician")
    await close(holder, record)
    assert await verdict(doctor, holder, record, one) == (404, "record-not-open")
    assert (await holder.get(f"DocumentReference/{one}")).status_code == 404
    assert (await holder.post(f"Patient/{record}/$reopen", {"resourceType": "Parameters"})).status_code == 200
    assert await verdict(doctor, holder, record, one) == (200, "treating-physician")


@pytest.mark.parametrize(
    "claims",
    [mint.insurer("1750000003"), mint.desk("1750000003"), mint.software("robot", "1750000003")],
    ids=["insurer", "desk", "software"],
)
async def test_2_excluded_party(carnet: Carnet, claims: dict[str, object]) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, caller = carnet.holder(record), carnet.caller(claims)
    await will(holder, record, "authorisation", permit(actor(structure="1750000003")))
    assert await verdict(caller, holder, record, one) == (404, "excluded-party")
    assert await caller.found(f"DocumentReference?patient={record}") == []


async def test_2_excluded_party_even_from_its_own_deposit(carnet: Carnet) -> None:
    record = await opened(carnet)
    software = carnet.caller(mint.software("robot", "1750000004"))
    answer = await software.post("DocumentReference", document(record))
    assert (answer.status_code, answer.content) == (201, b"")
    one = answer.headers["location"].split("/")[-3]
    assert await verdict(software, carnet.holder(record), record, one) == (404, "excluded-party")


async def test_3_withdrawn_is_seen_by_the_professional_who_deposited_it_alone(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, doctor, holder = carnet.doctor(OTHER), carnet.doctor(DOCTOR), carnet.holder(record)
    one = await depositor.make(document(record))
    assert await verdict(doctor, holder, record, one) == (200, "treating-physician")
    await withdraw(depositor, one)
    assert await verdict(doctor, holder, record, one) == (404, "withdrawn")
    assert await verdict(depositor, holder, record, one) == (200, "depositor")
    assert await verdict(holder, doctor, record, one) == (404, "withdrawn")


async def test_3_withdrawn_by_the_holder_leaves_everybody_but_its_depositor(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, doctor, holder = carnet.doctor(OTHER), carnet.doctor(DOCTOR), carnet.holder(record)
    one = await depositor.make(document(record))
    assert (await holder.delete(f"DocumentReference/{one}")).status_code == 204
    assert await verdict(holder, doctor, record, one) == (404, "withdrawn")
    assert await verdict(doctor, holder, record, one) == (404, "withdrawn")
    assert await verdict(depositor, holder, record, one) == (200, "depositor")


async def test_4_announcement_pending_until_its_month_is_over(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await deposited(carnet, record, code="INVISIBLE_PATIENT")
    holder, doctor = carnet.holder(record), carnet.doctor(DOCTOR)
    assert await verdict(holder, doctor, record, one) == (404, "announcement-pending")
    assert await verdict(doctor, doctor, record, one) == (200, "treating-physician")
    async with moved(owner, "27 days"):
        assert (await holder.get(f"DocumentReference/{one}")).status_code == 404
    async with moved(owner, "32 days"):
        answer = await holder.get(f"DocumentReference/{one}")
        assert answer.status_code == 200
        assert "INVISIBLE_PATIENT" in answer.text
        assert await holder.found(f"DocumentReference?patient={record}") == [one]
    assert await holder.found(f"DocumentReference?patient={record}") == []


async def test_4_announcement_pending_for_representatives_too(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    one = await deposited(carnet, record, code="INVISIBLE_PATIENT")
    reader = carnet.representative(mother, record)
    assert await verdict(reader, carnet.doctor(DOCTOR), record, one) == (404, "announcement-pending")


async def test_5_holder(carnet: Carnet) -> None:
    record, other = await opened(carnet), await opened(carnet)
    one = await deposited(carnet, record, code="MASQUE_PS")
    holder = carnet.holder(record)
    assert await verdict(holder, holder, record, one) == (200, "holder")
    assert (await carnet.holder(other).get(f"DocumentReference/{one}")).status_code == 404


async def test_6_hidden_from_representatives(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    one = await deposited(carnet, record, code="INVISIBLE_REPRESENTANTS_LEGAUX")
    reader, doctor = carnet.representative(mother, record), carnet.doctor(DOCTOR)
    assert await verdict(reader, doctor, record, one) == (404, "hidden-from-representatives")
    holder = carnet.holder(record)
    assert await verdict(holder, doctor, record, one) == (200, "holder")


async def test_7_representative_while_the_link_holds(carnet: Carnet, owner: str) -> None:
    record, mother = await opened_for_minor(carnet)
    one = await deposited(carnet, record, code="MASQUE_PS")
    reader, holder = carnet.representative(mother, record), carnet.holder(record)
    assert await verdict(reader, holder, record, one) == (200, "representative")
    async with moved(owner, "12 years"):  # the holder is of age
        assert (await reader.get(f"DocumentReference/{one}")).status_code == 404
        assert await reader.found(f"DocumentReference?patient={record}") == []


async def test_8_not_a_professional(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    stranger = carnet.representative(f"{record}.nobody", record)
    assert await verdict(stranger, carnet.holder(record), record, one) == (404, "not-a-professional")


async def test_9_treating_physician_sees_what_is_masked(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await deposited(carnet, record, code="MASQUE_PS")
    holder = carnet.holder(record)
    assert await verdict(carnet.doctor(DOCTOR), holder, record, one) == (200, "treating-physician")
    assert await verdict(occupational(carnet, DOCTOR), holder, record, one) == (404, "masked")
    # the same person in another profession is no doctor
    assert await verdict(carnet.professional(DOCTOR, "60"), holder, record, one) == (404, "masked")
    assert await verdict(carnet.doctor(OTHER), holder, record, one) == (404, "masked")


async def test_10_blocked_is_stronger_than_full_access_and_deposit(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    one = await doctor.make(document(record))
    await will(holder, record, "full-access", permit(actor(OTHER)))
    await will(holder, record, "authorisation", permit(actor(OTHER)))
    assert await verdict(doctor, holder, record, one) == (200, "full-access")
    block = await will(holder, record, "block", deny(actor(OTHER)))
    assert await verdict(doctor, holder, record, one) == (404, "blocked")
    assert await doctor.found(f"DocumentReference?patient={record}") == []
    assert one not in await doctor.found("DocumentReference?_count=200")
    assert (await holder.delete(f"Consent/{block}")).status_code in {200, 204}
    assert await verdict(doctor, holder, record, one) == (200, "full-access")


async def test_11_full_access_sees_what_is_masked_until_it_ends(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record, code="MASQUE_PS")
    holder, nurse = carnet.holder(record), carnet.professional(NURSE, "60")
    assert await verdict(nurse, holder, record, one) == (404, "masked")
    await will(holder, record, "full-access", permit(actor(NURSE), start="2026-01-01", end="2027-06-01"))
    assert await verdict(nurse, holder, record, one) == (200, "full-access")
    assert await verdict(occupational(carnet, NURSE), holder, record, one) == (404, "masked")
    async with moved(owner, "300 days"):
        assert (await nurse.get(f"DocumentReference/{one}")).status_code == 404
        assert await nurse.found(f"DocumentReference?patient={record}") == []


async def test_12_depositor_sees_his_own_even_masked_and_outside_his_profession(carnet: Carnet) -> None:
    record = await opened(carnet)
    pharmacist, holder = carnet.professional(PHARMACIST, "21"), carnet.holder(record)
    one = await pharmacist.make(document(record, label="MASQUE_PS", type_="34842-5"))
    assert await verdict(pharmacist, holder, record, one) == (200, "depositor")
    assert await pharmacist.found(f"DocumentReference?patient={record}") == [one]
    assert one in await pharmacist.found("DocumentReference?_count=200")
    colleague = carnet.professional("810000000022", "21")
    assert await verdict(colleague, holder, record, one) == (404, "masked")


async def test_13_masked_before_an_authorisation_and_an_emergency(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    await will(holder, record, "authorisation", permit(actor(OTHER)))
    assert await verdict(doctor, holder, record, one) == (200, "authorised")
    await label(holder, one, "MASQUE_PS")
    assert await verdict(doctor, holder, record, one) == (404, "masked")
    await window(doctor, record)
    assert await verdict(doctor, holder, record, one) == (404, "masked")
    await label(holder, one)
    assert await verdict(doctor, holder, record, one) == (200, "authorised")


async def test_14_outside_profession(carnet: Carnet) -> None:
    record = await opened(carnet)
    inside, outside = await deposited(carnet, record), await deposited(carnet, record, type_="34842-5")
    holder, pharmacist = carnet.holder(record), carnet.professional(PHARMACIST, "21")
    await will(holder, record, "authorisation", permit(actor(PHARMACIST)))
    assert await verdict(pharmacist, holder, record, inside) == (200, "authorised")
    assert await verdict(pharmacist, holder, record, outside) == (404, "outside-profession")
    stranger = carnet.professional(PHARMACIST, "https://example.org/professions|21")
    assert await verdict(stranger, holder, record, inside) == (404, "outside-profession")
    unknown = carnet.professional(PHARMACIST, "77")
    assert await verdict(unknown, holder, record, inside) == (404, "outside-profession")


async def test_15_authorised_by_name_until_it_ends(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    await will(holder, record, "authorisation", permit(actor(OTHER), start="2027-03-01", end="2027-09-01"))
    assert await verdict(doctor, holder, record, one) == (404, "not-authorised")
    async with moved(owner, "150 days"):
        assert (await doctor.get(f"DocumentReference/{one}")).status_code == 200
        assert one in await doctor.found("DocumentReference")
    async with moved(owner, "400 days"):
        assert (await doctor.get(f"DocumentReference/{one}")).status_code == 404
        assert one not in await doctor.found("DocumentReference")
    assert await verdict(doctor, holder, record, one) == (404, "not-authorised")


async def test_15_authorised_by_structure(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder = carnet.holder(record)
    await will(holder, record, "authorisation", permit(actor(structure="1750000055")))
    assert await verdict(carnet.doctor(OTHER, structure="1750000055"), holder, record, one) == (200, "authorised")
    assert await verdict(carnet.doctor(OTHER, structure="1750000056"), holder, record, one) == (404, "not-authorised")
    inside = carnet.caller(mint.occupational_physician("810000000077", structure="1750000055"))
    assert await verdict(inside, holder, record, one) == (404, "not-authorised")
    await will(holder, record, "authorisation", permit(actor("810000000077")))
    assert (await verdict(inside, holder, record, one))[1] == "authorised"


async def test_15_authorised_by_profession_unless_a_block_covers_it(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, pharmacist = carnet.holder(record), carnet.professional(PHARMACIST, "21", structure="1750000057")
    await grouped(holder, record, "authorisation", group("21"))
    assert await verdict(pharmacist, holder, record, one) == (200, "authorised")
    foreign = carnet.professional(PHARMACIST, "https://example.org/professions|21")
    assert (await verdict(foreign, holder, record, one))[0] == 404
    await grouped(holder, record, "block", group("21"), "deny")
    assert await verdict(pharmacist, holder, record, one) == (404, "not-authorised")
    await will(holder, record, "authorisation", permit(actor(structure="1750000057")))
    assert await verdict(pharmacist, holder, record, one) == (404, "not-authorised")
    await will(holder, record, "authorisation", permit(actor(PHARMACIST)))
    assert await verdict(pharmacist, holder, record, one) == (200, "authorised")


async def test_15_authorised_by_specialty(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder = carnet.holder(record)
    await grouped(holder, record, "authorisation", group("SM04", system=SPECIALTY_SYSTEM, element="specialty"))
    cardiologist, generalist = carnet.doctor(OTHER, specialty="SM04"), carnet.doctor(OTHER)
    assert await verdict(cardiologist, holder, record, one) == (200, "authorised")
    assert await verdict(generalist, holder, record, one) == (404, "not-authorised")
    await grouped(holder, record, "block", group("SM04", system=SPECIALTY_SYSTEM, element="specialty"), "deny")
    assert await verdict(cardiologist, holder, record, one) == (404, "not-authorised")


async def test_15_authorised_through_a_care_team_of_which_he_is_a_member(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, nurse = carnet.holder(record), carnet.professional(NURSE, "60")
    tree = team(record, NURSE)
    made = await holder.make(tree)
    assert await verdict(nurse, holder, record, one) == (404, "not-authorised")
    await will(holder, record, "authorisation", permit(actor(reference=f"CareTeam/{made}")))
    assert await verdict(nurse, holder, record, one) == (200, "authorised")
    assert one in await nurse.found("DocumentReference")
    assert await verdict(carnet.professional(OTHER, "60"), holder, record, one) == (404, "not-authorised")
    tree["participant"][0]["period"] = {"start": "2026-01-01", "end": "2026-02-01"}
    assert (await holder.put(f"CareTeam/{made}", {**tree, "id": made})).status_code == 200
    assert await verdict(nurse, holder, record, one) == (404, "not-authorised")


async def test_16_break_glass_for_four_hours_and_marked(carnet: Carnet, owner: str) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    assert await verdict(doctor, holder, record, one) == (404, "not-authorised")
    await window(doctor, record)
    assert await verdict(doctor, holder, record, one) == (200, "break-glass")
    assert await doctor.found(f"DocumentReference?patient={record}") == [one]
    assert await verdict(occupational(carnet, OTHER), holder, record, one) == (404, "not-authorised")
    async with moved(owner, "5 hours"):
        assert (await doctor.get(f"DocumentReference/{one}")).status_code == 404


async def test_16_break_glass_although_the_profession_is_blocked(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    await grouped(holder, record, "block", group("10"), "deny")
    await window(doctor, record)
    assert await verdict(doctor, holder, record, one) == (200, "break-glass")


async def test_17_regulation_with_purpose_etreat_alone(carnet: Carnet) -> None:
    record = await opened(carnet)
    one, masked = await deposited(carnet, record), await deposited(carnet, record, code="MASQUE_PS")
    holder = carnet.holder(record)
    regulator = carnet.doctor(OTHER, regulator=True, purpose="ETREAT")
    assert await verdict(regulator, holder, record, one) == (200, "regulation")
    assert await verdict(regulator, holder, record, masked) == (404, "masked")
    assert (await verdict(carnet.doctor(OTHER, regulator=True), holder, record, one)) == (404, "not-authorised")
    assert (await verdict(carnet.doctor(OTHER, purpose="ETREAT"), holder, record, one)) == (404, "not-authorised")


async def test_18_emergency_opposed_each_on_its_own(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    regulator = carnet.doctor("810000000003", regulator=True, purpose="ETREAT")
    await window(doctor, record)
    opposed = await will(holder, record, "emergency-opposition", opposition("BTG"))
    assert await verdict(doctor, holder, record, one) == (404, "emergency-opposed")
    assert await verdict(regulator, holder, record, one) == (200, "regulation")
    assert (await holder.delete(f"Consent/{opposed}")).status_code in {200, 204}
    await will(holder, record, "emergency-opposition", opposition("ETREAT"))
    assert await verdict(doctor, holder, record, one) == (200, "break-glass")
    assert await verdict(regulator, holder, record, one) == (404, "emergency-opposed")


async def test_19_not_authorised(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await deposited(carnet, record)
    holder, doctor = carnet.holder(record), carnet.doctor(OTHER)
    assert await verdict(doctor, holder, record, one) == (404, "not-authorised")
    answer = await doctor.get(f"DocumentReference?patient={record}")
    assert answer.status_code == 200
    assert [entry["search"]["mode"] for entry in answer.json()["entry"]] == ["outcome"]
    assert "not-authorised" in answer.text


async def test_a_record_that_was_never_opened_holds_nothing(carnet: Carnet) -> None:
    doctor = carnet.doctor(OTHER)
    record = await doctor.make(
        {"resourceType": "Patient", "identifier": [], "name": [{"family": "Pat"}]}
        | {"identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": NIRS[3]}]}
    )
    answer = await doctor.post("DocumentReference", document(record))
    assert answer.status_code == 422
    assert "record-not-open" in answer.text
