"""What a worker does beside its requests goes on, whatever happens to a part of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from app import main
from app.access import Access, Kind
from app.errors import Unavailable
from app.policy.standing import Caller, Standings
from app.settings import Settings
from tests.serving import patient, serving

if TYPE_CHECKING:
    from pathlib import Path

    from app.records.office import Office
    from app.storage.embedded import Urls


async def test_what_ends_is_begun_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(main, "BREATH", 0.0)
    begun = 0
    twice = asyncio.Event()

    async def fragile(_: Office) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise ValueError("of no kind that is expected")
        twice.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(main._again(fragile, cast("Office", None)))  # noqa: SLF001
    async with asyncio.timeout(60):
        await twice.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "fragile ended" in caplog.text


async def test_a_record_that_is_gone_takes_no_place_of_another(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        there = await carnet.doctor().make(patient())
        settings = Settings(data=tmp_path, database_url=database_urls.serve)
        async with main.furnish(settings) as office, office.database.link() as link:
            one = Caller(Access(Kind.HOLDER, f"holder|{there}", record=there), settings, office.matrix, Standings())
            assert len(await Caller.read_each(link, [(one, there), (one, there)])) == 2
            with pytest.raises(Unavailable):
                await Caller.read_each(link, [(one, "a" * 20), (one, there)])
