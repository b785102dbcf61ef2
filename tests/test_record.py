"""The life of one record over HTTP: opened, deposited in, read, masked, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving import Carnet, document, open_record, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls


@pytest.fixture
async def carnet(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Carnet]:
    async with serving(database_urls, tmp_path) as made:
        yield made


async def test_the_treating_physician_sees_what_is_masked_and_a_pharmacist_does_not(carnet: Carnet) -> None:
    doctor, pharmacist = carnet.doctor(), carnet.professional("810000000021", "21", structure="1750000021")
    record = await open_record(doctor, treating="810000000001")
    plain = await doctor.make(document(record))
    masked = await doctor.make(document(record, label="MASQUE_PS"))
    assert set(await doctor.found(f"DocumentReference?patient={record}")) == {plain, masked}
    assert await pharmacist.found(f"DocumentReference?patient={record}") == []
    assert (await pharmacist.get(f"DocumentReference/{masked}")).status_code == 404
    holder = carnet.holder(record)
    assert set(await holder.found(f"DocumentReference?patient={record}")) == {plain, masked}
    journal = await holder.get(f"AuditEvent?patient={record}&_sort=-date")
    assert journal.status_code == 200, journal.text
