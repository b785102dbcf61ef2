"""The insurer's feed (L.1111-15, R.1111-42): two years of care at opening, then what comes, once, and all of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.auth import mint
from app.feeds.asking import ask_next, keep
from app.feeds.source import reach
from tests.feed import TOKEN, Insurer, insurer, reimbursement
from tests.post import office
from tests.serving import TEST_INS, serving
from tests.world import close, moved, nir, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records.office import Office
    from app.storage.embedded import Urls
    from tests.serving import Carnet

STRUCTURE = "2180035024"
LATER = "25 hours"


def day(months: float) -> str:
    """A day so many months ago."""
    return (datetime.now(UTC) - timedelta(days=30.5 * months)).date().isoformat()


@dataclass
class World:
    """A server, the feed that it asks, and a hand that asks."""

    carnet: Carnet
    feed: Insurer
    office: Office
    owner: str

    async def ask(self) -> None:
        """Ask about everybody whose time has come."""
        async with reach(self.office.settings) as feed:
            while await ask_next(self.office, feed):
                pass

    async def kept(self, record: str) -> int:
        """How many reimbursements the holder finds."""
        return len(await self.carnet.holder(record).found(f"DocumentReference?patient={record}&type=REMB&_count=50"))

    async def row(self, record: str) -> asyncpg.Record:
        link = await asyncpg.connect(self.owner)
        row = await link.fetchrow("SELECT * FROM care WHERE record = $1", record)
        await link.close()
        assert row is not None
        return row


@asynccontextmanager
async def asking(urls: Urls, data: Path, feed: Insurer) -> AsyncIterator[World]:
    more = {"feed_url": feed.url, "feed_token": TOKEN, "feed_structure": STRUCTURE, "notices": False}
    async with serving(urls, data, **more) as carnet, office(carnet.settings) as made:
        yield World(carnet, feed, made, urls.owner)


@pytest.fixture(scope="module")
async def world(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    with insurer() as feed:
        async with asking(module_database_urls, tmp_path_factory.mktemp("carnet"), feed) as made:
            yield made


@pytest.fixture
def number(world: World) -> str:
    """An INS of which the feed knows care of five days, one of them three years ago."""
    found = nir()
    days = [36, 23, 12, 2, 1]
    world.feed.care[f"{TEST_INS}|{found}"] = [
        reimbursement(int(found) * 10 + place, day(months), written=f"2026-01-0{place + 1}T00:00:00Z")
        for place, months in enumerate(days)
    ]
    return found


async def test_an_opening_brings_two_years_of_care_and_then_what_comes(world: World, number: str) -> None:
    record = await opened(world.carnet, ins=number)
    await world.ask()
    assert await world.kept(record) == 4
    first = world.feed.asked[-1]
    assert first["patient.identifier"] == f"{TEST_INS}|{number}"
    assert first["period-start"] == f"ge{_two_years_ago()}"
    assert "_lastUpdated" not in first
    await world.ask()
    assert world.feed.asked[-1] is first, "it is asked again when its time comes, and not before"
    world.feed.care[f"{TEST_INS}|{number}"].append(
        reimbursement(int(number) * 10 + 9, day(0), written="2026-02-01T00:00:00Z")
    )
    async with moved(world.owner, LATER):
        await world.ask()
    assert world.feed.asked[-1]["_lastUpdated"] == "ge2026-01-05T00:00:00Z"
    assert await world.kept(record) == 5
    assert not any(number in line for line in world.feed.lines), "no INS stands in an address"


def _two_years_ago() -> str:
    today = datetime.now(UTC).date()
    return (today.replace(year=today.year - 2) if (today.month, today.day) != (2, 29) else today).isoformat()


async def test_the_insurer_reads_nothing_and_the_holder_sees_who_deposited(world: World, number: str) -> None:
    record = await opened(world.carnet, ins=number)
    await world.ask()
    events = (await world.carnet.holder(record).get(f"AuditEvent?patient={record}&action=C&_count=50")).json()
    agents = [entry["resource"]["agent"] for entry in events["entry"]]
    assert sum(STRUCTURE in str(one) for one in agents) == 4
    assert await world.carnet.caller(mint.insurer(STRUCTURE)).found(f"DocumentReference?patient={record}") == []


async def test_a_feed_that_is_down_for_a_day_loses_nothing_and_brings_nothing_twice(world: World, number: str) -> None:
    world.feed.status = 503
    record = await opened(world.carnet, ins=number)
    for interval in ("0 days", "10 minutes", "2 hours", "1 day"):
        async with moved(world.owner, interval):
            await world.ask()
    row = await world.row(record)
    assert (row["tries"], row["fault"], row["since"]) == (4, "503", "")
    world.feed.status = 200
    async with moved(world.owner, "2 days"):
        await world.ask()
    assert await world.kept(record) == 4
    async with moved(world.owner, "-2 days"):  # a clock that goes back asks nothing, and loses nothing
        await world.ask()
    link = await asyncpg.connect(world.owner)
    await link.execute("UPDATE care SET since = '', due = now() - interval '3 days' WHERE record = $1", record)
    await link.close()
    await asyncio.gather(world.ask(), world.ask())  # as after a crash, by two at once
    assert await world.kept(record) == 4
    assert (await world.row(record))["refused"] == 0


async def test_what_is_not_of_that_kind_or_person_is_refused_and_the_rest_is_kept(world: World, number: str) -> None:
    care = world.feed.care[f"{TEST_INS}|{number}"]
    other = {"identifier": {"system": TEST_INS, "value": nir()}}
    care += [
        reimbursement(
            int(number) * 10 + 5, day(1), type={"coding": [{"system": "http://loinc.org", "code": "11488-4"}]}
        ),
        reimbursement(int(number) * 10 + 6, day(1), subject=other),
        reimbursement(int(number) * 10 + 7, day(1), status="nope"),
        {name: value for name, value in reimbursement(8, day(1)).items() if name != "masterIdentifier"},
        reimbursement(int(number) * 10 + 9, day(1), meta={"lastUpdated": "2026-01-01"}, resourceType="Patient"),
    ]
    record = await opened(world.carnet, ins=number)
    await world.ask()
    assert await world.kept(record) == 4
    assert (await world.row(record))["refused"] == 5


async def test_a_closed_record_is_not_asked_about_and_misses_nothing(world: World, number: str) -> None:
    record = await opened(world.carnet, ins=number)
    await close(world.carnet.holder(record), record)
    before = len(world.feed.asked)
    await world.ask()
    assert len(world.feed.asked) == before, "nobody learns of a closed record"
    assert (
        await world.carnet.holder(record).post(f"Patient/{record}/$reopen", {"resourceType": "Parameters"})
    ).is_success
    await world.ask()
    assert await world.kept(record) == 4


async def test_what_the_holder_took_away_does_not_come_back(world: World, number: str) -> None:
    record = await opened(world.carnet, ins=number)
    await world.ask()
    holder = world.carnet.holder(record)
    one = (await holder.found(f"DocumentReference?patient={record}&type=REMB"))[0]
    assert (await holder.delete(f"DocumentReference/{one}")).status_code == 204
    link = await asyncpg.connect(world.owner)
    await link.execute("UPDATE care SET since = '', due = now() WHERE record = $1", record)
    await link.close()
    await world.ask()
    assert await world.kept(record) == 3


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:9/elsewhere",
        pytest.param("https://feed.example/next", marks=pytest.mark.slow),
        pytest.param("{url}?page=W3t9LDBd", marks=pytest.mark.slow),
    ],
)
async def test_a_link_that_leads_astray_is_not_followed(world: World, number: str, where: str) -> None:
    world.feed.following = where.format(url=world.feed.url)
    try:
        record = await opened(world.carnet, ins=number)
        await world.ask()
        assert (await world.row(record))["tries"] == 1
    finally:
        world.feed.following = ""


@pytest.mark.slow
async def test_records_of_before_the_feed_are_asked_about_as_well(database_urls: Urls, tmp_path: Path) -> None:
    found = nir()
    async with serving(database_urls, tmp_path, notices=False) as carnet:
        record = await opened(carnet, ins=found)
    with insurer() as feed:
        feed.care[f"{TEST_INS}|{found}"] = [reimbursement(int(found), day(1))]
        async with asking(database_urls, tmp_path, feed) as world:
            task = asyncio.create_task(keep(world.office))
            async with asyncio.timeout(60):
                while not await world.kept(record):  # noqa: ASYNC110 - the database has no event
                    await asyncio.sleep(0.05)
            task.cancel()
