"""The end of a record: destroyed by its holder or the operator, at the end of its term, and never where it is held."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.access import Access, Kind
from app.auth import mint
from app.errors import BrokenRule, Forbidden
from app.main import furnish
from app.operator import OPERATOR
from app.records import Door, RequestFacts, destroying
from app.records.destroying import end_terms
from app.storage.chain import Kind as Block
from app.storage.embedded import OWNER, SERVE, Urls
from app.storage.verifying import Known, verify
from tests.acts import grant, reason
from tests.post import empty, mailbox, office
from tests.serving import actor, consent, document, patient, serving
from tests.world import DOCTOR, OTHER, close, moved, nir, opened, opened_for_minor, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records import Records
    from tests.conftest import Cluster
    from tests.serving import Caller, Carnet, Tree

SECRET = b"<ClinicalDocument>cancer du sein</ClinicalDocument>"
FRAUD = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "fraud"}]}
KEPT = frozenset({"record", "audit_event"})
"""Tables that still name a destroyed record."""


@pytest.fixture
async def carnet(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Carnet]:
    async with serving(database_urls, tmp_path, notices=False) as made:
        yield made


async def a_life(carnet: Carnet, **traits: Any) -> tuple[str, str]:
    """A record with something of every kind in it; its key, and the id of a document."""
    record = await opened(carnet, treating=DOCTOR, telecom=[{"system": "email", "value": "one@mail.example"}], **traits)
    holder = carnet.holder(record)
    await grant(holder, record, actor(OTHER))
    there = await carnet.doctor().make(document(record, content=SECRET, description="Cancer"))
    await carnet.doctor().make(document(record, label="INVISIBLE_PATIENT"))
    await carnet.doctor(OTHER).get(f"DocumentReference?patient={record}&description:contains=Cancer")
    await carnet.doctor(OTHER).get(f"DocumentReference/{there}")
    await window(carnet.doctor("810000000003"), record)
    await holder.patch(f"Patient/{record}", [{"op": "add", "path": "/active", "value": True}])
    return record, there


async def destroyed(by: Caller, record: str) -> None:
    answer = await by.post(f"Patient/{record}/$destroy", FRAUD)
    assert answer.status_code == 200, answer.text


async def named(owner: str, record: str) -> dict[str, int]:
    """Rows that name a record, by table; of the trail, those that say more than that something was done."""
    link = await asyncpg.connect(owner)
    tables = await link.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'record'"
        " AND table_name NOT LIKE 'audit_event_%'"
    )
    names = [row["table_name"] for row in tables]
    found = {name: await link.fetchval(f'SELECT count(*) FROM "{name}" WHERE record = $1', record) for name in names}
    found["telling"] = await link.fetchval(
        "SELECT count(*) FROM audit_event WHERE record = $1 AND interaction <> '$destroy'"
        " AND (name, query, detail, reason, resource_id, address, specialty) <> ('', '', '', '', '', '', '')", record
    )  # fmt: skip
    await link.close()
    return {name: count for name, count in found.items() if count and name not in KEPT}


def operator(carnet: Carnet) -> Records:
    door: Door = carnet.app.state.server.door
    return door.open(OPERATOR, RequestFacts())


async def test_a_destroyed_record_is_nowhere(carnet: Carnet, tmp_path: Path) -> None:
    """Its trail says that something was done, and nothing of what."""
    record, there = await a_life(carnet)
    owner = carnet.settings.database_owner_url
    assert len(await named(owner, record)) > 8
    await destroyed(carnet.holder(record), record)
    assert await named(owner, record) == {}
    for caller in (carnet.holder(record), carnet.doctor(), carnet.doctor(OTHER)):
        for place in (f"Patient/{record}", f"DocumentReference/{there}", f"Patient/{record}/$access"):
            assert (await caller.get(place)).status_code == 404
        assert await caller.found(f"DocumentReference?patient={record}") == []
        assert (await caller.post("DocumentReference", document(record))).status_code in {404, 422}
    link = await asyncpg.connect(owner)
    acts = {
        row["interaction"] for row in await link.fetch("SELECT interaction FROM audit_event WHERE record = $1", record)
    }
    await link.close()
    assert {"create", "read", "search-type", "$break-glass", "$destroy"} <= acts
    assert record in (tmp_path / "keys" / "destroyed").read_text()
    assert list((tmp_path / "contents").rglob("*.*")) == []
    assert (await carnet.holder(record).post(f"Patient/{record}/$destroy", FRAUD)).status_code == 404


async def test_who_destroys_a_record_and_who_does_not(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    others = [mint.desk("1750000001"), mint.software("ehr", "1750000001"), mint.professional(DOCTOR)]
    for caller in (*map(carnet.caller, others), carnet.representative(mother, record)):
        assert reason(await caller.post(f"Patient/{record}/$destroy", FRAUD)) == (403, "not-yours-to-do")
    assert (await carnet.holder(record).send("POST", f"Patient/{record}/$destroy")).status_code == 400
    await destroying.destroy(operator(carnet), record, "malfunction")
    assert (await carnet.holder(record).get(f"Patient/{record}")).status_code == 404


async def test_the_same_person_may_have_another_record(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, ins=ins)
    await destroyed(carnet.holder(record), record)
    assert await opened(carnet, ins=ins) != record


async def test_nobody_but_the_operator_holds_a_record(carnet: Carnet, database_urls: Urls) -> None:
    record, _ = await a_life(carnet)
    door: Door = carnet.app.state.server.door
    with pytest.raises(Forbidden):
        await destroying.hold(door.open(Access(Kind.PROFESSIONAL, "person|1"), RequestFacts()), record, "x")
    await destroying.hold(operator(carnet), record, "court")
    assert reason(await carnet.holder(record).post(f"Patient/{record}/$destroy", FRAUD)) == (422, "legal-hold")
    with pytest.raises(BrokenRule):
        await destroying.destroy(operator(carnet), record, "fraud")
    await close(carnet.holder(record), record)
    async with office(carnet.settings) as made, moved(database_urls.owner, "11 years"):
        assert await end_terms(made) == 0
        await destroying.hold(operator(carnet), record, "")
        assert await end_terms(made) == 1


async def test_a_closed_record_is_kept_ten_years_to_the_day(carnet: Carnet, database_urls: Urls) -> None:
    record, there = await a_life(carnet)
    other, _ = await a_life(carnet)
    await close(carnet.holder(record), record)
    await close(carnet.holder(other), other)
    await carnet.holder(other).send("POST", f"Patient/{other}/$reopen")
    async with mailbox() as box:
        made_for = carnet.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{box.port}"})
        async with office(made_for) as made:
            async with moved(database_urls.owner, "10 years -31 days"):
                await empty(made)
            box.mails.clear()
            async with moved(database_urls.owner, "10 years -29 days"):
                await empty(made)
                assert box.subjects("one@mail.example") == ["Votre dossier de santé va être détruit"]
            async with moved(database_urls.owner, "10 years -1 minute"):
                assert await end_terms(made) == 0
            box.mails.clear()
            async with moved(database_urls.owner, "10 years 1 minute"):
                assert await end_terms(made) == 1
                await empty(made)
            assert box.subjects("one@mail.example") == ["Votre dossier de santé est détruit"]
    assert await named(database_urls.owner, record) == {}
    assert (await carnet.doctor().get(f"DocumentReference/{there}")).status_code == 404
    assert (await carnet.holder(other).get(f"Patient/{other}")).status_code == 200


async def test_death_stops_openings_and_begins_the_term(carnet: Carnet, database_urls: Urls) -> None:
    record, _ = await a_life(carnet)
    died = [{"op": "add", "path": "/deceasedDateTime", "value": "2026-01-02"}]
    assert (await carnet.doctor().patch(f"Patient/{record}", died)).status_code == 200
    assert (await carnet.doctor(OTHER).get(f"DocumentReference?patient={record}")).json()["total"] == 2
    await close(carnet.holder(record), record)
    assert reason(await carnet.holder(record).send("POST", f"Patient/{record}/$reopen")) == (422, "deceased")
    async with office(carnet.settings) as made:
        for at, over in (("2036-01-02T23:59:00Z", 0), ("2036-01-03T00:01:00Z", 1)):
            link = await asyncpg.connect(database_urls.owner)
            ahead = await link.fetchval(
                "SELECT $1::timestamptz - now()", __import__("datetime").datetime.fromisoformat(at)
            )
            await link.close()
            async with moved(database_urls.owner, f"{ahead.total_seconds()} seconds"):
                assert await end_terms(made) == over
    dead = await carnet.doctor().make(patient(nir(), deceasedBoolean=True))
    refused = await carnet.doctor().post("Consent", opening(carnet, dead))
    assert reason(refused) == (422, "deceased")


def opening(carnet: Carnet, record: str) -> Tree:
    return consent(record, "opening", base=carnet.settings.codesystem_base)


@asynccontextmanager
async def restored(cluster: Cluster, dump: Path, folder: Path) -> AsyncIterator[Carnet]:
    """A server on what a dump holds, with a data folder as it was put together."""
    name = "restored_" + os.urandom(4).hex()
    cluster.restore(dump, name)
    made = Urls(cluster.url(OWNER, name), cluster.url(SERVE, name))
    try:
        async with serving(made, folder, notices=False) as carnet:
            yield carnet
    finally:
        cluster.drop(name)


async def test_a_restored_backup_does_not_bring_it_back(cluster: Cluster, database_urls: Urls, tmp_path: Path) -> None:
    """Database and contents are of before, the key folder is today's: keys are kept apart, and their list goes on."""
    data, backup = tmp_path / "data", tmp_path / "backup"
    dump = tmp_path / "dump"
    async with serving(database_urls, data, notices=False) as carnet:
        record, there = await a_life(carnet)
        other, seen = await a_life(carnet)
    cluster.dump(urlsplit(database_urls.owner).path.removeprefix("/"), dump)
    shutil.copytree(data / "contents", backup)
    async with serving(database_urls, data, notices=False) as carnet:
        await destroyed(carnet.holder(record), record)
    shutil.rmtree(data / "contents")
    shutil.copytree(backup, data / "contents")
    async with restored(cluster, dump, data) as carnet:
        assert await named(carnet.settings.database_owner_url, record) == {}
        for caller in (carnet.holder(record), carnet.doctor()):
            assert (await caller.get(f"DocumentReference/{there}")).status_code == 404
            assert (await caller.get(f"Patient/{record}")).status_code == 404
        tree = (await carnet.doctor().get(f"DocumentReference/{seen}")).json()
        url = tree["content"][0]["attachment"]["url"]
        content = await carnet.doctor().get(
            url.removeprefix(f"{carnet.settings.fhir_base}/"), headers={"Accept": "*/*"}
        )
        assert content.content == SECRET
        assert (await carnet.holder(other).get(f"Patient/{other}")).status_code == 200
        await holds(carnet)


async def holds(carnet: Carnet) -> None:
    """The chain says that what came after the dump is lost; once that is explained, nothing is amiss."""
    async with furnish(carnet.settings) as made:
        head = await made.sealer.newest()
        assert head is not None
        known = Known((made.sealer.ring.signers[0].public,), [head], made.keys.destroyed())
        found = await verify(carnet.settings.database_owner_url, known, 1)
        assert [one.what for one in found.findings] == ["cut"]
        await made.sealer.enter(Block.RESTORED, reason="a test")
        assert (await verify(carnet.settings.database_owner_url, known, 1)).findings == []


async def test_what_a_crash_left_between_rows_and_key_is_finished(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path, notices=False) as carnet:
        record, _ = await a_life(carnet)
        async with furnish(carnet.settings) as made, made.database.transaction() as link:
            await destroying.erase(link, record, spread=made.database.spread)
        assert record not in (tmp_path / "keys" / "destroyed").read_text()
    async with serving(database_urls, tmp_path, notices=False):
        assert record in (tmp_path / "keys" / "destroyed").read_text()


@pytest.mark.slow
async def test_a_record_of_ten_thousand_documents_is_gone_in_five_seconds(carnet: Carnet) -> None:
    record = await opened(carnet)
    doctor, begun = carnet.doctor(), perf_counter()
    for _ in range(20):
        entries = [
            {"request": {"method": "POST", "url": "DocumentReference"}, "resource": document(record)}
            for _ in range(500)
        ]
        answer = await doctor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text
    started = perf_counter()
    await destroyed(carnet.holder(record), record)
    took, made = perf_counter() - started, started - begun
    print(f"{took:.2f} s, made in {made:.2f} s")  # noqa: T201
    assert took < max(5, made / 2), "on a busy machine: half of what making them took"
    assert (await doctor.get(f"DocumentReference?patient={record}")).json().get("total", 0) == 0
