"""Contents that no document cited are swept after a day, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.main import furnish
from app.records.uncited import sweep
from tests.serving import Carnet, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls


@pytest.fixture
async def carnet(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Carnet]:
    async with serving(database_urls, tmp_path) as made:
        yield made


async def move_time(urls: Urls, by: str) -> None:
    """Move the database's own clock."""
    link = await asyncpg.connect(urls.owner)
    await link.execute(
        "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE AS "
        f"$$ SELECT pg_catalog.now() + interval '{by}' $$"
    )
    await link.close()


async def test_an_uncited_content_goes_after_a_day(carnet: Carnet, database_urls: Urls) -> None:
    doctor = carnet.doctor()
    answer = await doctor.send("POST", "Binary", content=b"held", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 201, answer.text
    folder = carnet.settings.data / "contents"
    async with furnish(carnet.settings) as office:
        await move_time(database_urls, "23 hours")
        assert await sweep(office) == 0
        await move_time(database_urls, "25 hours")
        assert await sweep(office) == 1
        assert await sweep(office) == 0
    assert not [path for path in folder.rglob("*") if path.is_file()]
