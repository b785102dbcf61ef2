"""The treating physician: named, declared, changed (policy.md section 5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.acts import TREATING, a_record, an_ins, pharmacist, reason, sees, stranger
from tests.serving import Caller, Carnet, Tree, actor, care_team, consent, deny, document, open_record, permit, serving
from tests.world import opened_for_minor, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


OTHER = "810000000401"


async def declare(caller: Caller, record: str) -> tuple[int, str]:
    answer = await caller.send("POST", f"Patient/{record}/$declare-treating-physician")
    return (200, "") if answer.status_code == 200 else reason(answer)


async def the_team(holder: Caller, record: str) -> Tree:
    (found,) = await holder.found(f"CareTeam?patient={record}&status=active")
    return dict((await holder.get(f"CareTeam/{found}")).json())


async def test_a_doctor_declares_himself_and_the_former_keeps_nothing(carnet: Carnet) -> None:
    record = await a_record(carnet)
    masked = await carnet.doctor(TREATING).make(document(record, label="MASQUE_PS"))
    mine = await stranger(carnet).make(document(record, label="MASQUE_PS"))
    other = carnet.doctor(OTHER)
    assert await declare(pharmacist(carnet), record) == (403, "not-yours-to-do")
    assert await declare(other, record) == (200, "")
    assert await sees(other, masked)
    assert not await sees(carnet.doctor(TREATING), mine)
    team = await the_team(carnet.holder(record), record)
    assert len(team["participant"]) == 1
    journal = (await carnet.holder(record).get(f"AuditEvent?patient={record}&_count=50")).text
    assert "$declare-treating-physician" in journal or "declare-treating-physician" in journal
    provenance = await carnet.holder(record).found(f"Provenance?target=CareTeam/{team['id']}")
    assert len(provenance) == 1
    assert await declare(other, record) == (200, "")


async def test_nobody_blocked_and_nobody_in_a_closed_record(carnet: Carnet) -> None:
    record, base = await a_record(carnet), carnet.settings.codesystem_base
    await carnet.holder(record).make(consent(record, "block", deny(actor(OTHER)), base=base))
    assert await declare(carnet.doctor(OTHER), record) == (403, "blocked")
    named = care_team(record, OTHER)
    team = await the_team(carnet.holder(record), record)
    refused = await carnet.holder(record).put(f"CareTeam/{team['id']}", named | {"id": team["id"]})
    assert reason(refused) == (422, "treating-physician-blocked")
    await carnet.doctor().send("POST", f"Patient/{record}/$close")
    assert await declare(stranger(carnet), record) == (422, "record-not-open")


async def test_a_block_of_a_secret_connection_stands_against_nothing_that_a_representative_does(carnet: Carnet) -> None:
    record, related = await opened_for_minor(carnet)
    mother, minor = carnet.representative(related, record), carnet.caller(mint.holder(record, secret=True))
    await will(minor, record, "block", deny(actor(OTHER)))
    assert await declare(carnet.doctor(OTHER), record) == (403, "blocked"), "he may know of it"
    team = await mother.make(care_team(record, OTHER))
    await will(mother, record, "authorisation", permit(actor("810000000098")))
    block = consent(record, "block", deny(actor(OTHER)), base=carnet.settings.codesystem_base)
    assert reason(await minor.post("Consent", block)) == (422, "treating-physician-blocked")
    found = await carnet.doctor(OTHER).found(f"Consent?patient={record}&category=block")
    assert len(found) == 1
    assert (await mother.delete(f"CareTeam/{team}")).status_code == 204
    assert await carnet.doctor(OTHER).found(f"Consent?patient={record}&category=opening") == []


async def test_one_at_a_time(carnet: Carnet) -> None:
    record = await a_record(carnet)
    second = await carnet.holder(record).post("CareTeam", care_team(record, OTHER))
    assert reason(second) == (422, "second-treating-physician")


@pytest.mark.parametrize("member", [
    {"identifier": {"system": "urn:oid:9.9.9", "value": "1"}},
    {"type": "Practitioner", "display": "Dr Nobody"},
    {"type": "Practitioner", "identifier": {"value": "1"}},
    {"reference": "Practitioner/nobody"},
])  # fmt: skip
async def test_somebody_whom_no_token_can_name_is_refused(carnet: Carnet, member: Tree) -> None:
    record = await open_record(carnet.doctor(), an_ins())
    team = care_team(record, OTHER)
    team["participant"][0]["member"] = member
    assert (await carnet.holder(record).post("CareTeam", team)).status_code == 422


async def test_named_by_the_holder_and_by_nobody_else(carnet: Carnet) -> None:
    record = await open_record(carnet.doctor(), an_ins())
    for caller in (stranger(carnet), carnet.doctor(OTHER)):
        assert reason(await caller.post("CareTeam", care_team(record, OTHER))) == (403, "not-yours-to-do")
    masked = await stranger(carnet).make(document(record, label="MASQUE_PS"))
    await carnet.holder(record).make(care_team(record, OTHER))
    assert await sees(carnet.doctor(OTHER), masked)


async def test_he_changes_the_team_but_not_who_treats(carnet: Carnet) -> None:
    record = await a_record(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    team = await the_team(holder, record)
    place = f"CareTeam/{team['id']}"
    nurse = {
        "member": {
            "type": "Practitioner",
            "identifier": {"system": "https://rpps.esante.gouv.fr", "value": "10000000501"},
        }
    }
    assert (await treating.put(place, {**team, "participant": [*team["participant"], nurse]})).status_code == 200
    replaced = care_team(record, OTHER) | {"id": team["id"]}
    assert reason(await treating.put(place, replaced)) == (403, "not-yours-to-do")
    assert reason(await treating.put(place, {**team, "status": "inactive"})) == (403, "not-yours-to-do")
    assert reason(await treating.delete(place)) == (403, "not-yours-to-do")
    assert (await holder.put(place, replaced)).status_code == 200
    masked = await stranger(carnet).make(document(record, label="MASQUE_PS"))
    assert await sees(carnet.doctor(OTHER), masked)
    assert not await sees(treating, masked)
    assert (await holder.delete(place)).status_code == 204
    assert not await sees(carnet.doctor(OTHER), masked)


async def test_a_pharmacist_who_is_named_reads_no_more_by_it(carnet: Carnet) -> None:
    record = await open_record(carnet.doctor(), an_ins())
    masked = await stranger(carnet).make(document(record, label="MASQUE_PS"))
    await carnet.holder(record).make(care_team(record, "810000000003"))
    assert not await sees(pharmacist(carnet), masked)


async def test_two_at_once_leave_one(carnet: Carnet) -> None:
    for _ in range(4):
        record = await open_record(carnet.doctor(), an_ins())
        masked = await stranger(carnet).make(document(record, label="MASQUE_PS"))
        doctors = [carnet.doctor(f"81000000050{n}") for n in range(4)]
        answers = await asyncio.gather(*[declare(one, record) for one in doctors])
        assert {status for status, _ in answers} <= {200, 409}
        assert sum([await sees(one, masked) for one in doctors]) == 1
        named = await asyncio.gather(*[
            carnet.holder(record).post("CareTeam", care_team(record, f"81000000060{n}")) for n in range(3)
        ])  # fmt: skip
        assert {answer.status_code for answer in named} <= {409, 422}
