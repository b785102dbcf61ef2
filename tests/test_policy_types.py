"""Who reads the other resource types (policy.md section 4), over HTTP, for each kind of caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import IDNPS, Carnet, actor, deny, document, permit, serving
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    journal,
    occupational,
    opened,
    opened_for_minor,
    team,
    will,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("types")
    async with serving(module_database_urls, folder) as made:
        yield made


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


# RelatedPerson, CareTeam


async def test_related_person_and_care_team_for_those_with_a_relation(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    teams = await holder.found("CareTeam")
    assert len(teams) == 1
    await will(holder, record, "authorisation", permit(actor(NURSE)))
    permitted = [holder, carnet.representative(mother, record), carnet.doctor(DOCTOR), carnet.professional(NURSE, "60")]
    refused = [
        carnet.doctor(OTHER),
        carnet.caller(mint.desk("1750000008")),
        occupational(carnet, OTHER),
        carnet.caller(mint.software("robot", "1750000008")),
        carnet.caller(mint.insurer("1750000003")),
    ]
    for path in (f"RelatedPerson/{mother}", f"CareTeam/{teams[0]}"):
        kind, _, identifier = path.partition("/")
        for caller in permitted:
            assert await status(caller, path) == 200
            assert identifier in await caller.found(f"{kind}?patient={record}")
        for caller in refused:
            assert await status(caller, path) == 404
            assert await caller.found(f"{kind}?patient={record}") == []
            assert identifier not in await caller.found(f"{kind}?_count=200")


# Consent


async def test_consents_of_each_for_each(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    naming = await will(holder, record, "authorisation", permit(actor(NURSE)))
    others = await will(holder, record, "authorisation", permit(actor("810000000061")))
    everything = set(await holder.found("Consent"))
    assert {naming, others} <= everything
    assert set(await carnet.representative(mother, record).found("Consent")) == everything
    assert set(await carnet.doctor(DOCTOR).found(f"Consent?patient={record}")) == everything
    nurse = carnet.professional(NURSE, "60")
    assert await nurse.found(f"Consent?patient={record}") == [naming]
    across = await nurse.found("Consent?_count=200")
    assert naming in across
    assert others not in across
    assert (await status(nurse, f"Consent/{naming}"), await status(nurse, f"Consent/{others}")) == (200, 404)
    assert await carnet.doctor(OTHER).found(f"Consent?patient={record}") == []
    for claims in (mint.desk("1750000008"), mint.software("robot", "1750000008"), mint.insurer("1750000003")):
        assert await carnet.caller(claims).found(f"Consent?patient={record}") == []


async def test_a_consent_that_names_an_occupational_physician_or_blocks_somebody_is_his_to_read(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    named = await will(holder, record, "authorisation", permit(actor("810000000005")))
    block = await will(holder, record, "block", deny(actor(OTHER)))
    assert await occupational(carnet, "810000000005").found(f"Consent?patient={record}") == [named]
    assert await carnet.doctor(OTHER).found(f"Consent?patient={record}") == [block]


async def test_consents_of_a_secret_connection_are_kept_from_representatives(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    secret = carnet.caller(mint.holder(record, secret=True))
    one = await will(secret, record, "authorisation", permit(actor(OTHER)))
    reader = carnet.representative(mother, record)
    assert await status(reader, f"Consent/{one}") == 404
    assert one not in await reader.found("Consent")
    assert await status(reader, f"Consent/{one}/_history") == 404
    assert await status(carnet.holder(record), f"Consent/{one}") == 200
    assert await status(carnet.doctor(DOCTOR), f"Consent/{one}") == 200
    assert (await carnet.holder(record).delete(f"Consent/{one}")).status_code in {200, 204}
    assert await status(reader, f"Consent/{one}") == 404
    assert not [e for e in await journal(reader, record) if f"Consent/{one}" in str(e) and e["outcome"] == "0"]


# directory


async def test_the_directory_is_open_to_every_authenticated_caller(carnet: Carnet) -> None:
    record = await opened(carnet)
    await carnet.doctor(OTHER).make(document(record))
    callers = [
        carnet.doctor("810000000078"),
        carnet.holder(record),
        carnet.caller(mint.software("robot", "1750000001")),
        carnet.caller(mint.insurer("1750000003")),
        carnet.caller(mint.desk("1750000008")),
    ]
    for caller in callers:
        found = await caller.found(f"Practitioner?identifier={IDNPS}|{OTHER}")
        assert len(found) == 1
        assert await status(caller, f"Practitioner/{found[0]}") == 200
        assert await status(caller, f"Practitioner/{found[0]}/_history") == 200
    assert await status(carnet.holder(record), "Practitioner/nobody") == 404
    assert (await carnet.http.get("/fhir/Practitioner")).status_code == 401


async def test_who_is_only_named_in_content_is_not_in_the_directory(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    await will(holder, record, "authorisation", permit(actor("810000000979")))
    for caller in (holder, carnet.doctor(OTHER)):
        assert await caller.found(f"Practitioner?identifier={IDNPS}|810000000979") == []
    made = await holder.make(team(record, "810000000979"))
    reference = (await holder.get(f"CareTeam/{made}")).json()["participant"][0]["member"]
    if "reference" in reference:
        assert await status(holder, reference["reference"]) == 404
