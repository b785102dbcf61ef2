"""What a search may cost, and for how long and for whom its next page is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.serving import document, serving
from tests.world import DOCTOR, OTHER, label, moved, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Carnet


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("bounds")) as made:
        yield made


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, issue code and reason code of a refusal."""
    (issue,) = answer.json()["issue"]
    return answer.status_code, issue["code"], issue["details"].get("coding", [{"code": ""}])[0]["code"]


PAGED = (
    "DocumentReference?patient={record}&_count=1",
    "Practitioner?_count=1",
    "?_type=DocumentReference,Patient&_count=1",
    "Patient/{record}/*?_type=DocumentReference,List&_count=1",
    "Patient/{record}/$everything?_type=DocumentReference&_count=1",
    "DocumentReference/_history?_count=1",
    "DocumentReference/{document}/_history?_count=1",
    "_history?_count=1",
)


@pytest.mark.parametrize("asked", PAGED)
async def test_a_page_token_ends_and_is_nobody_elses(carnet: Carnet, module_database_urls: Urls, asked: str) -> None:
    record = await opened(carnet)
    doctor = carnet.doctor(DOCTOR)
    for number in range(3):
        made = await doctor.make(document(record, content=b"<x%d/>" % number))
        await carnet.doctor(f"81000000005{number}").get(f"Patient/{record}")
    await label(doctor, made, "MASQUE_PS")
    links = (await doctor.get(asked.format(record=record, document=made))).json()["link"]
    place = next(one["url"] for one in links if one["relation"] == "next").split("/fhir")[1].lstrip("/")
    for interval in ("22 hours", "-1 hour"):
        async with moved(module_database_urls.owner, interval):
            assert len((await doctor.get(place)).json()["entry"]) >= 1
    async with moved(module_database_urls.owner, "25 hours"):
        assert refused(await doctor.get(place)) == (400, "value", "cursor-expired")
    other = await carnet.doctor(OTHER).get(place)
    altered = await doctor.get(place[:-8] + ("A" if place[-8] != "A" else "B") + place[-7:])
    assert refused(altered) == (400, "value", "")
    assert refused(other)[0] == (404 if document_or_copy(asked) else 400)
    if not document_or_copy(asked):
        assert other.json()["issue"][0]["diagnostics"] == altered.json()["issue"][0]["diagnostics"]


def document_or_copy(asked: str) -> bool:
    """Whether the question is about something that another does not see."""
    return "/{document}/" in asked


async def test_a_search_is_answered_in_time_or_refused(
    carnet: Carnet, module_database_urls: Urls, tmp_path: Path
) -> None:
    record = await opened(carnet)
    async with serving(module_database_urls, tmp_path, statement_timeout=600) as hasty:
        await _hurried(carnet, hasty, record, module_database_urls)


async def _hurried(carnet: Carnet, hasty: Carnet, record: str, urls: Urls) -> None:
    doctor = hasty.doctor(DOCTOR)
    queries = (
        f"DocumentReference?patient={record}",
        "DocumentReference?description=x",
        "?_type=DocumentReference,Patient",
        f"Patient/{record}/$everything",
        "DocumentReference/_history",
        "_history?_at=2026",
        "DocumentReference/$meta",
        f"List?patient={record}",
    )
    for query in queries:  # a busy machine takes as long to meet him, and to plan: nothing is asked first below
        for _ in range(20):
            if (await doctor.get(query)).status_code == 200:
                break
    owner = await asyncpg.connect(urls.owner)
    async with owner.transaction():
        await owner.execute("LOCK TABLE document_reference IN ACCESS EXCLUSIVE MODE")
        answers = await asyncio.gather(*(doctor.get(query) for query in queries))
        asked = [{"request": {"method": "GET", "url": "DocumentReference?description=y"}}] * 9
        lot = await doctor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": asked})
    for answer in (*answers[:-1], lot):
        assert refused(answer) == (403, "too-costly", "search-timeout"), answer.text
    assert await carnet.doctor(DOCTOR).found(queries[0]) == []
    journal = (await carnet.holder(record).get(f"AuditEvent?patient={record}&outcome=8&_count=50")).json()
    assert journal["resourceType"] == "Bundle"
    await owner.close()


async def test_many_statements_have_one_time_and_leave_their_connection_whole(
    carnet: Carnet, module_database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server gives them up itself, before the database does; the one connection that there is serves the next."""
    record = await opened(carnet)
    monkeypatch.setattr("app.records.bounds.MORE", 0.05 / 1000)
    url = f"DocumentReference?patient={record}&_revinclude=*"
    lot = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": url}}]}
    owner = await asyncpg.connect(module_database_urls.owner)
    async with serving(module_database_urls, tmp_path, statement_timeout=6000, pool_size=1) as hasty:
        doctor = hasty.doctor(DOCTOR)
        async with owner.transaction():
            await owner.execute("LOCK TABLE document_reference IN ACCESS EXCLUSIVE MODE")
            answers = [await doctor.get("?_type=DocumentReference,Patient"), await doctor.post("", lot)]
        assert [refused(one) for one in answers] == [(403, "too-costly", "search-timeout")] * 2
        monkeypatch.undo()
        assert (await doctor.post("", lot)).status_code == 200
    await owner.close()


async def test_more_than_is_brought_along_is_said(carnet: Carnet, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await opened(carnet)
    doctor = carnet.doctor(DOCTOR)
    one = await doctor.make(document(record))
    for number in range(3):
        links = [{"code": "appends", "target": {"reference": f"DocumentReference/{one}"}}]
        await doctor.make(document(record, content=b"<y%d/>" % number, relatesTo=links))
    query, holder = f"DocumentReference?_id={one}&_revinclude=DocumentReference:relatesto", carnet.holder(record)
    whole = (await holder.get(query)).json()["entry"]
    assert [entry["search"]["mode"] for entry in whole] == ["match", *["include"] * 3]
    monkeypatch.setattr("app.records.including.MOST", 2)
    entries = (await holder.get(query)).json()["entry"]
    assert [entry["search"]["mode"] for entry in entries] == ["match", "include", "include", "outcome"]
    issue = entries[-1]["resource"]["issue"][0]
    assert (issue["severity"], issue["code"]) == ("warning", "too-costly")
