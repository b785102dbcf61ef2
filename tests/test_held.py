"""Rows that wait for each other in a transaction, and relations kept in step with it: what is there is as without."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from app.access import Access, Kind
from app.policy.standing import Caller
from app.records.answer import RequestFacts
from app.records.attempt import commit
from app.records.judging import lock
from app.records.relations import SOURCES
from app.resources.validation import dump
from app.storage import fence
from app.storage.held import Held
from app.storage.rows import blank, removed
from app.storage.session import Database
from app.storage.tables import TABLES
from tests.acts import PHARMACIST, a_record
from tests.serving import actor, care_team, consent, opposition, patient, permit, serving, transaction
from tests.world import DOCTOR, OTHER, base, nir, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.records.writing import Unit
    from app.storage.embedded import Urls
    from tests.serving import Carnet, Tree

HOLDER, *REST = (f"urn:uuid:00000000-0000-4000-8000-0000000000{number:02d}" for number in range(9))
EXCHANGES = 24
"""With the database, for an opening of six resources; it took 65 when each row went by itself."""
OURS: ContextVar[bool] = ContextVar("ours", default=False)
"""Whether what is asked comes of the test's own request, and not of what runs beside it."""


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet"), notices=False) as made:
        yield made


def opening(carnet: Carnet) -> Tree:
    """An opening with all that may come with it, a second member of the team and a block among it."""
    mine = base(carnet)
    team = care_team(HOLDER, DOCTOR)
    team["participant"].append({"member": actor(OTHER)["reference"]})
    trees = [
        patient(nir(), telecom=[{"system": "email", "value": "holder@mail.example"}]),
        consent(HOLDER, "opening", base=mine),
        consent(HOLDER, "emergency-opposition", opposition("BTG"), base=mine),
        consent(HOLDER, "emergency-opposition", opposition("ETREAT"), base=mine),
        consent(HOLDER, "authorisation", permit(actor(PHARMACIST)), base=mine),
        team,
    ]
    return transaction(*zip([HOLDER, *REST], trees, strict=False))


async def relations(link: asyncpg.Connection[Any], record: str) -> list[tuple[object, ...]]:
    rows = await link.fetch("SELECT * FROM relation WHERE record = $1 ORDER BY source, kind, subject, starts", record)
    return [tuple(row) for row in rows]


async def test_relations_kept_in_step_are_those_that_are_derived_anew(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    answer = await carnet.doctor().post("", opening(carnet))
    assert answer.status_code == 200, answer.text
    own = answer.json()["entry"][0]["response"]["location"].split("/")[1]
    minor, _ = await opened_for_minor(carnet, treating=DOCTOR, father=())
    link = await asyncpg.connect(module_database_urls.owner)
    try:
        for record, number in ((own, 6), (minor, 4)):
            kept = await relations(link, record)
            assert len(kept) == number
            tree = (await carnet.doctor(DOCTOR).get(f"Patient/{record}")).json()
            again = await carnet.doctor(DOCTOR).put(f"Patient/{record}", tree | {"maritalStatus": {"text": "x"}})
            assert again.status_code == 200, again.text
            assert await relations(link, record) == kept
    finally:
        await link.close()


async def test_rows_added_together_keep_all_their_columns(carnet: Carnet, module_database_urls: Urls) -> None:
    """Whichever of them comes first, and says less than those after it."""
    link = await asyncpg.connect(module_database_urls.owner)
    found = []
    for turned in (False, True):
        tree = opening(carnet)
        first, *wills = [one for one in tree["entry"] if one["resource"]["resourceType"] == "Consent"]
        rest = [one for one in tree["entry"] if one["resource"]["resourceType"] != "Consent"]
        tree["entry"] = [*rest, *reversed(wills), first] if turned else [*rest, first, *wills]
        answer = await carnet.doctor().post("", tree)
        assert answer.status_code == 200, answer.text
        key = answer.json()["entry"][0]["response"]["location"].split("/")[1]
        rows = await link.fetch(
            "SELECT replace((to_jsonb(c) - '{id,version_id,last_updated,body}'::text[])::text, $1, '') AS said"
            " FROM consent c WHERE record = $1", key
        )  # fmt: skip
        found.append(sorted(row["said"] for row in rows))
    await link.close()
    assert found[0] == found[1]
    assert len(found[0]) == 4
    assert any(PHARMACIST in one for one in found[0])


async def test_an_opening_is_few_exchanges_with_the_database(carnet: Carnet, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    admit = fence.admit

    def counted(text: str) -> None:
        if OURS.get():
            texts.append(text)
        admit(text)

    await carnet.doctor().post("", opening(carnet))  # who is met for the first time is entered in the directory
    monkeypatch.setattr(fence, "admit", counted)
    OURS.set(True)
    assert (await carnet.doctor().post("", opening(carnet))).status_code == 200
    assert 10 < len(texts) <= EXCHANGES


async def test_what_waits_is_there_for_whoever_looks_and_gone_with_its_savepoint(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record = await a_record(carnet)
    team = care_team(f"Patient/{record}", OTHER)
    row = blank(TABLES["CareTeam"]) | {"record": record, "version_id": "1", "method": "POST", "body": dump(team)}
    row["last_updated"] = datetime.now(UTC)
    database = await Database.connect(module_database_urls.serve, carnet.settings)

    async def seen(link: Any) -> set[str]:
        rows = await SOURCES.rows(link, record=record, majority_years=18)
        return {one["id"] for one in rows if one["kind"] == "CareTeam"}

    async with database.link() as link:
        undone = link.transaction()
        await undone.start()
        held = Held(link)
        before = await seen(held)
        held.hold("CareTeam", row | {"id": f"{record}.one"})
        held.hold("CareTeam", row | {"id": f"{record}.two"})
        await lock(exclusive=True).row(held, record=record)
        assert await seen(link) == before, "nobody looked"
        with pytest.raises(RuntimeError):
            held.transaction()
        assert await seen(held) == before | {f"{record}.one", f"{record}.two"}
        held.hold("CareTeam", row | {"id": f"{record}.each"})
        asked: dict[str, Any] = {"record": record, "majority_years": 18}
        assert f"{record}.each" in {one["id"] for one in await SOURCES.each(held, [asked])}
        held.hold("CareTeam", row | {"id": f"{record}.many"})
        await removed("CareTeam").many(held, [{"record": record, "id": f"{record}.many"}])
        assert f"{record}.many" not in await seen(held)
        async with held.transaction():
            held.hold("CareTeam", row | {"id": f"{record}.three"})
            held.drop()
        await held.settle()
        assert f"{record}.three" not in await seen(link)
        await undone.rollback()
    await database.close()


async def test_what_is_tried_aside_is_never_added(carnet: Carnet, module_database_urls: Urls) -> None:
    """Nor where nothing looked at it before it was given up, and the transaction around it is kept."""
    record, office = await a_record(carnet), carnet.app.state.server.door._office  # noqa: SLF001
    row = blank(TABLES["CareTeam"]) | {"record": record, "id": f"{record}.tried", "version_id": "1", "method": "POST"}
    row |= {"body": dump(care_team(f"Patient/{record}", OTHER)), "last_updated": datetime.now(UTC)}
    holder = Access(Kind.HOLDER, f"holder|{record}", record=record)

    async def work(unit: Unit) -> None:
        async with unit.aside() as tried:
            tried.link.hold("CareTeam", row)

    await commit(office, Caller(holder, office.settings, office.matrix, office.standings), RequestFacts(), work)
    link = await asyncpg.connect(module_database_urls.owner)
    assert not await link.fetchval("SELECT count(*) FROM care_team WHERE id = $1", row["id"])
    await link.close()
