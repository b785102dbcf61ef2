"""Break-glass and regulation (L.1111-17 I; policy.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.acts import STRANGER, TREATING, a_record, desk, pharmacist, reason, sees, stranger
from tests.serving import Caller, Carnet, Tree, actor, consent, deny, document, opposition, serving
from tests.world import moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


REASON: Tree = {
    "resourceType": "Parameters",
    "parameter": [{"name": "reason", "valueString": "inconscient, risque vital"}],
}


async def glass(caller: Caller, record: str, given: Tree = REASON) -> tuple[int, str]:
    answer = await caller.post(f"Patient/{record}/$break-glass", given)
    return (200, "") if answer.status_code == 200 else reason(answer)


async def oppose(carnet: Carnet, record: str, *purposes: str) -> None:
    tree = consent(record, "emergency-opposition", opposition(*purposes), base=carnet.settings.codesystem_base)
    await carnet.holder(record).make(tree)


async def test_a_window_opens_for_four_hours_and_ends_by_time(carnet: Carnet, module_database_urls: Urls) -> None:
    record = await a_record(carnet)
    plain = await carnet.doctor(TREATING).make(document(record, type_="34133-9"))
    masked = await carnet.doctor(TREATING).make(document(record, type_="34133-9", label="MASQUE_PS"))
    doctor = stranger(carnet)
    assert not await sees(doctor, plain)
    answer = await doctor.post(f"Patient/{record}/$break-glass", REASON)
    assert answer.status_code == 200, answer.text
    assert answer.json()["parameter"][0]["name"] == "until"
    assert await sees(doctor, plain)
    assert not await sees(doctor, masked)
    assert not await sees(pharmacist(carnet), plain)
    async with moved(module_database_urls.owner, "3 hours 59 minutes"):
        assert await sees(doctor, plain)
    async with moved(module_database_urls.owner, "4 hours 1 minute"):
        assert not await sees(doctor, plain)
    journal = (await carnet.holder(record).get(f"AuditEvent?patient={record}&_count=50")).text
    assert "inconscient" in journal
    assert "break-glass" in journal


@pytest.mark.parametrize(
    "given",
    [
        "reason",
        {"name": "reason", "valueString": "x"},
        ["reason"],
        [None],
        [{"name": "reason", "valueString": "a\0b"}],
        [{"name": "reason", "valueString": ["a"]}],
        [*REASON["parameter"], *REASON["parameter"]],
    ],
)
async def test_parameters_that_are_none_open_nothing(carnet: Carnet, given: object) -> None:
    record = await a_record(carnet)
    document_ = await carnet.doctor(TREATING).make(document(record, type_="34133-9"))
    answer = await glass(stranger(carnet), record, {"resourceType": "Parameters", "parameter": given})
    assert answer[0] == 400
    assert not await sees(stranger(carnet), document_)


async def test_what_refuses_it(carnet: Carnet) -> None:
    record = await a_record(carnet)
    nothing: Tree = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": " "}]}
    assert (await glass(stranger(carnet), record, nothing))[0] == 400
    assert (await glass(stranger(carnet), record, {"resourceType": "Parameters"}))[0] == 400
    assert await glass(stranger(carnet, acr="password"), record) == (403, "strong-authentication")
    occupational = carnet.caller(mint.occupational_physician("810000000201", structure="1750000042"))
    software = carnet.caller(mint.software("ehr", "1750000001"))
    for caller in (carnet.holder(record), occupational, software, desk(carnet)):
        assert await glass(caller, record) == (403, "not-yours-to-do")
    assert (await glass(stranger(carnet), "nobody"))[0] == 404
    base = carnet.settings.codesystem_base
    await carnet.holder(record).make(consent(record, "block", deny(actor("810000000301")), base=base))
    assert await glass(carnet.doctor("810000000301"), record) == (403, "blocked")
    await oppose(carnet, record, "BTG")
    assert await glass(stranger(carnet), record) == (403, "emergency-opposed")
    await carnet.doctor().send("POST", f"Patient/{record}/$close")
    assert await glass(stranger(carnet), record) == (403, "record-not-open")


async def test_an_opposition_ends_a_window_and_not_regulation(carnet: Carnet) -> None:
    record = await a_record(carnet)
    one = await carnet.doctor(TREATING).make(document(record, type_="34133-9"))
    doctor, samu = stranger(carnet), carnet.doctor("810000000302", regulator=True, purpose="ETREAT")
    assert await glass(doctor, record) == (200, "")
    assert await sees(doctor, one)
    assert await sees(samu, one)
    await oppose(carnet, record, "BTG")
    assert not await sees(doctor, one)
    assert await sees(samu, one)
    await oppose(carnet, record, "ETREAT")
    assert not await sees(samu, one)
    given = await carnet.holder(record).found(f"Consent?patient={record}&category=emergency-opposition")
    for consent_id in given:
        assert (await doctor.delete(f"Consent/{consent_id}")).status_code == 404
        assert (await carnet.holder(record).delete(f"Consent/{consent_id}")).status_code == 204
    assert await sees(doctor, one)
    assert await sees(samu, one)


async def test_a_regulator_needs_the_purpose(carnet: Carnet) -> None:
    record = await a_record(carnet)
    one = await carnet.doctor(TREATING).make(document(record, type_="34133-9"))
    assert not await sees(carnet.doctor("810000000302", regulator=True), one)
    assert not await sees(carnet.doctor("810000000302", purpose="ETREAT"), one)


async def test_what_access_says(carnet: Carnet) -> None:
    record = await a_record(carnet)

    async def said(caller: Caller) -> Tree:
        answer = (await caller.get(f"Patient/{record}/$access")).json()["parameter"]
        return {one["name"]: next(v for n, v in one.items() if n != "name") for one in answer}

    assert (await said(stranger(carnet)))["breakGlass"] is True
    assert (await said(pharmacist(carnet)))["authorisation"] == "non-existe"
    assert (await said(carnet.doctor(TREATING)))["treatingPhysician"] is True
    await glass(stranger(carnet), record)
    assert "until" in await said(stranger(carnet))
    base = carnet.settings.codesystem_base
    await carnet.holder(record).make(consent(record, "block", deny(actor(STRANGER)), base=base))
    blocked = await said(stranger(carnet))
    assert (blocked["authorisation"], blocked["breakGlass"]) == ("interdit", False)
