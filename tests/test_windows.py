"""Emergency windows after they were opened: ended early, listed and reviewed by the operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.operator import OPERATOR
from app.records import RequestFacts
from app.records.windows import review
from tests.acts import reason
from tests.serving import document, serving
from tests.world import DOCTOR, OTHER, PHARMACIST, journal, moved, opened, opened_for_minor, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Carnet


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


async def test_who_opened_a_window_ends_it_and_reads_no_more(carnet: Carnet) -> None:
    record = await opened(carnet)
    there = await carnet.doctor(OTHER).make(document(record))
    doctor = carnet.doctor(DOCTOR)
    assert reason(await doctor.send("POST", f"Patient/{record}/$end-break-glass")) == (422, "no-window")
    await window(doctor, record)
    assert (await doctor.get(f"DocumentReference/{there}")).status_code == 200
    assert (await doctor.send("POST", f"Patient/{record}/$end-break-glass")).status_code == 200
    assert (await doctor.get(f"DocumentReference/{there}")).status_code == 404
    assert reason(await doctor.send("POST", f"Patient/{record}/$end-break-glass")) == (422, "no-window")
    acts = [event["subtype"][0]["code"] for event in await journal(carnet.holder(record), record)]
    assert "110127" in acts
    await window(doctor, record)
    assert (await doctor.get(f"DocumentReference/{there}")).status_code == 200


async def test_nobody_ends_the_window_of_another(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet)
    there = await carnet.doctor(OTHER).make(document(record))
    await window(carnet.doctor(DOCTOR), record)
    for caller in (carnet.holder(record), carnet.representative(mother, record)):
        refused = await caller.send("POST", f"Patient/{record}/$end-break-glass")
        assert reason(refused) == (403, "not-yours-to-do")
    other = carnet.professional(PHARMACIST, "21")
    assert reason(await other.send("POST", f"Patient/{record}/$end-break-glass")) == (422, "no-window")
    assert (await carnet.doctor(DOCTOR).get(f"DocumentReference/{there}")).status_code == 200


async def test_the_operator_reviews_windows_and_it_is_in_the_trail(carnet: Carnet, module_database_urls: Urls) -> None:
    record = await opened(carnet)
    there = await carnet.doctor(OTHER).make(document(record))
    before = datetime.now(UTC) - timedelta(minutes=1)
    for idnps in ("810000000071", "810000000072"):
        await window(carnet.doctor(idnps), record)
        await carnet.doctor(idnps).get(f"DocumentReference/{there}")
    await carnet.doctor("810000000071").get(f"DocumentReference?patient={record}")
    await carnet.doctor("810000000071").send("POST", f"Patient/{record}/$end-break-glass")
    operator = carnet.app.state.server.door.open(OPERATOR, RequestFacts())
    found = [one for one in await review(operator, before) if one.record == record]
    assert [(one.subject.rpartition("|")[2], one.open, one.acts, one.documents) for one in found] == [
        ("810000000071", False, 2, 2),
        ("810000000072", True, 1, 1),
    ]
    assert {one.reason for one in found} == {"inconscient, urgence vitale"}
    async with moved(module_database_urls.owner, "5 hours"):
        assert not any(one.open for one in await review(operator, before))
    told = await journal(carnet.holder(record), record)
    assert any(event.get("agent", [{}])[0] and "review" in str(event) for event in told)
    assert [one for one in await review(operator, datetime.now(UTC)) if one.record == record] == []
