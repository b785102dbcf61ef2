"""The trail over HTTP: each act and each refusal leaves one durable event, or there is no answer (api.md section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.acts import STRANGER, TREATING, a_record, pharmacist, relabel, restate, software, stranger
from tests.serving import Carnet, document, serving
from tests.test_audit import members

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


async def rows(url: str, record: str) -> list[asyncpg.Record]:
    link = await asyncpg.connect(url)
    try:
        return list(await link.fetch("SELECT * FROM audit_event WHERE record = $1 ORDER BY recorded, id", record))
    finally:
        await link.close()


async def test_each_act_and_each_refusal_leaves_one_event(carnet: Carnet, module_database_urls: Urls) -> None:
    url, record = module_database_urls.owner, await a_record(carnet)
    doctor, holder = stranger(carnet), carnet.holder(record)
    one = await doctor.make(document(record))
    place = f"DocumentReference/{one}"
    steps = [
        (await doctor.get(place), "read", "depositor"),
        (await holder.get(place), "read", "holder"),
        (await pharmacist(carnet).get(place), "read", "not-authorised"),
        (await pharmacist(carnet).patch(place, relabel("MASQUE_PS")), "patch", "not-authorised"),
        (await holder.patch(place, relabel("MASQUE_PS")), "patch", ""),
        (await pharmacist(carnet).get(place), "read", "masked"),
        (await doctor.patch(place, relabel("")), "patch", "not-yours-to-do"),
        (await holder.delete(place), "delete", ""),
        (await doctor.patch(place, restate("superseded")), "patch", "withdrawn"),
        (await software(carnet).get(place), "read", "excluded-party"),
        (await doctor.send("POST", f"Patient/{record}/$close"), "$close", ""),
        (await doctor.post("DocumentReference", document(record)), "create", "record-not-open"),
    ]
    found = [row for row in await rows(url, record) if row["resource_type"] in {"DocumentReference", "Patient"}]
    told = [(row["interaction"], row["reason"]) for row in found][-len(steps) :]
    assert told == [(interaction, reason) for _, interaction, reason in steps]
    for (answer, _, _), row in zip(steps, found[-len(steps) :], strict=True):
        assert (row["outcome"] == "0") is (answer.status_code < 400)
        assert row["caller_kind"]
        assert row["subject"]
        assert row["jti"]
    first = found[-len(steps)]
    assert (first["subject"], first["structure"]) == (f"person|{STRANGER}", "structure|1750000099")
    assert first["documents"] == [one]


async def test_the_holder_reads_who_did_what(carnet: Carnet) -> None:
    record = await a_record(carnet)
    one = await stranger(carnet).make(document(record))
    await carnet.doctor(TREATING).get(f"DocumentReference/{one}")
    journal = (await carnet.holder(record).get(f"AuditEvent?patient={record}&_count=100")).json()
    acts = [entry["resource"] for entry in journal["entry"] if entry["search"]["mode"] == "match"]
    reads = [act for act in acts if act["action"] == "R"]
    assert any(TREATING in str(act["agent"]) for act in reads)
    assert any(act["action"] == "C" and STRANGER in str(act["agent"]) for act in acts)


async def test_who_reads_the_journal_is_in_it(carnet: Carnet) -> None:
    """By a search, by the id of one act, and where the act is another's and so not there."""
    record = await a_record(carnet)
    holder, other = carnet.holder(record), stranger(carnet)
    found = (await holder.get(f"AuditEvent?patient={record}")).json()["entry"][0]["resource"]["id"]
    assert (await holder.get(f"AuditEvent/{found}")).status_code == 200
    assert (await other.get(f"AuditEvent/{found}")).status_code == 404
    journal = (await holder.get(f"AuditEvent?patient={record}&_count=100")).json()
    acts = [entry["resource"] for entry in journal["entry"] if entry["search"]["mode"] == "match"]
    told = {(act["subtype"][0]["code"], act["outcome"], str(act["agent"]).count(STRANGER)) for act in acts}
    assert {("search-type", "0", 0), ("read", "0", 0)} <= told
    refused = [act for act in acts if STRANGER in str(act["agent"]) and f"AuditEvent/{found}" in str(act["entity"])]
    assert [act["outcome"] for act in refused] == ["4"]


async def test_without_a_trail_nothing_is_answered_and_nothing_written(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    one = await doctor.make(document(record))
    link = await asyncpg.connect(module_database_urls.owner)
    await link.execute("ALTER VIEW fence.audit_event RENAME TO audit_event_away")
    try:
        read = await doctor.get(f"DocumentReference/{one}")
        unseen = await pharmacist(carnet).get(f"DocumentReference/{one}")
        search = await doctor.get(f"DocumentReference?patient={record}")
        made = await doctor.post("DocumentReference", document(record))
        masked = await doctor.patch(f"DocumentReference/{one}", relabel("MASQUE_PS"))
        raw = await doctor.send("POST", "Binary", content=b"x", headers={"Content-Type": "text/plain"})
        broken = await doctor.post(f"Patient/{record}/$break-glass", {"resourceType": "Parameters", "parameter": [
            {"name": "reason", "valueString": "urgence"}]})  # fmt: skip
    finally:
        await link.execute("ALTER VIEW fence.audit_event_away RENAME TO audit_event")
        await link.close()
    for answer in (read, unseen, search, made, masked, raw, broken):
        assert answer.status_code == 503, answer.text
        assert "retry-after" in answer.headers
    assert await doctor.found(f"DocumentReference?patient={record}") == [one]
    now = (await doctor.get(f"DocumentReference/{one}")).json()
    assert now["securityLabel"][0]["coding"][0]["code"] == "N"


async def test_an_act_on_its_way_has_the_columns_of_the_trail(module_database_urls: Urls) -> None:
    link = await asyncpg.connect(module_database_urls.owner)
    asked = (
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " WHERE a.attrelid = (SELECT typrelid FROM pg_type WHERE oid = 'carnet.act'::regtype) ORDER BY a.attnum"
    )
    found = [(row[0], row[1]) for row in await link.fetch(asked)]
    await link.close()
    assert found == members()
