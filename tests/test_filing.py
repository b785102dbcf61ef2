"""A deposit kept by one statement is the deposit that a transaction keeps: the same rows, the same trail."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.acts import a_record, stranger
from tests.serving import Carnet, Tree, document, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

Build = Callable[..., Tree]
MASTER = "urn:oid:1.2.3.4.6"
ELSEWHERE = "https://documents.example/1"
CHANCE = frozenset({"id", "version_id", "last_updated", "deposited_at", "recorded", "query", "request_id", "content",
    "resource_version", "digest", "salt", "xact"})  # fmt: skip
"""Columns that differ between two deposits of the same; the digest is of a body that names the record."""
KEY = re.compile(r"\b[a-z2-9]{20}(\.[a-z2-9]{20})?\b")
VERSION = re.compile(r'(?<="versionId":")[a-z2-9]{12}')
MOMENT = re.compile(r'(?<="lastUpdated":")[^"]+')


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


@pytest.fixture
async def rows(module_database_urls: Urls) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    link = await asyncpg.connect(module_database_urls.owner)
    yield link
    await link.close()


def brief(record: str, **more: Any) -> Tree:
    """A document whose content is elsewhere."""
    return document(record, **more) | {"content": [{"attachment": {"contentType": "text/plain", "url": ELSEWHERE}}]}


async def kept(link: asyncpg.Connection[asyncpg.Record], record: str) -> dict[str, list[str]]:
    """Everything that a record's deposit left, less what chance and the clock decide."""
    found = {}
    for table in ("document_reference", "binary", "audit_event", "version"):
        listed = await link.fetch(f'SELECT * FROM "{table}" WHERE record = $1', record)
        told = [dict(row) for row in listed if table != "audit_event" or row["resource_type"] == "DocumentReference"]
        found[table] = [_plain(row) for row in told]
    return found


def _plain(row: dict[str, Any]) -> str:
    """A row as text, once its body was seen to say what the row says, with a dash for every value of chance."""
    if row.get("body"):
        tree, moment = json.loads(row["body"]), row["last_updated"]
        assert (tree["id"], tree["meta"]["versionId"]) == (row["id"], row["version_id"])
        assert tree["meta"]["lastUpdated"] == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = "\n".join(f"{name}: {value}" for name, value in row.items() if name not in CHANCE)
    return MOMENT.sub("-", KEY.sub("-", VERSION.sub("-", text)))


@pytest.mark.parametrize("label", ["", "MASQUE_PS"])
@pytest.mark.parametrize("build", [brief, document])
async def test_it_leaves_what_a_transaction_leaves(
    carnet: Carnet, rows: asyncpg.Connection[asyncpg.Record], build: Build, label: str
) -> None:
    """A conditional create takes a transaction: it asks first."""
    doctor, left = stranger(carnet), []
    await doctor.get("metadata")
    master = {"system": "urn:ietf:rfc:3986", "value": MASTER}
    for headers in ({}, {"If-None-Exist": "identifier=urn:none|none"}):
        record = await a_record(carnet)
        context = {"period": {"start": "2026-02-01"}}
        tree = build(record, label=label, description="a letter", context=context, masterIdentifier=master)
        answer = await doctor.post("DocumentReference", tree, headers=headers)
        assert answer.status_code == 201, answer.text
        shown = (await doctor.get("/".join(answer.headers["location"].split("/")[-4:-2]))).json()
        assert shown == answer.json()
        left.append(await kept(rows, record))
    assert left[0] == left[1]
    assert [len(found) for found in left[0].values()] == [1, int(build is document), 2, 0]


async def test_a_refused_deposit_leaves_nothing(carnet: Carnet, rows: asyncpg.Connection[asyncpg.Record]) -> None:
    doctor, record = stranger(carnet), await a_record(carnet)
    holder = carnet.holder(record)
    found = await holder.get(f"Consent?patient={record}&category=opening")
    opening = found.json()["entry"][0]["resource"]
    assert (await holder.put(f"Consent/{opening['id']}", {**opening, "status": "inactive"})).status_code == 200
    before = {path for path in carnet.settings.data.rglob("*") if path.is_file() and "contents" in path.parts}
    for build in (brief, document):
        answer = await doctor.post("DocumentReference", build(record))
        assert answer.status_code == 422, answer.text
    assert await rows.fetchval("SELECT count(*) FROM document_reference WHERE record = $1", record) == 0
    assert await rows.fetchval('SELECT count(*) FROM "binary" WHERE record = $1', record) == 0
    assert {p for p in carnet.settings.data.rglob("*") if p.is_file() and "contents" in p.parts} == before
    refusals = await rows.fetch("SELECT reason FROM audit_event WHERE record = $1 AND outcome <> '0'", record)
    assert [row["reason"] for row in refusals] == ["record-not-open"] * 2


async def test_a_first_name_in_content_is_not_kept_with_a_refused_deposit(
    carnet: Carnet, rows: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Whom a document names is remembered in the same transaction as the document."""
    doctor, record = stranger(carnet), await a_record(carnet)
    author = {
        "resourceType": "Practitioner",
        "id": "author",
        "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "899700999888"}],
    }
    tree = brief(record, contained=[author], authenticator={"reference": "#author"})
    await carnet.holder(record).post(f"Patient/{record}/$close", {"resourceType": "Parameters"})
    assert (await doctor.post("DocumentReference", tree)).status_code == 422
    known = "SELECT count(*) FROM identity WHERE key = 'person|899700999888'"
    assert await rows.fetchval(known) == 0


@pytest.mark.parametrize("entries", [1, 3])
async def test_contents_are_on_disk_before_what_names_them(
    carnet: Carnet, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    """Every file of the contents, and its folder, was synced when its deposit is answered."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    doctor, record = stranger(carnet), await a_record(carnet)
    await doctor.make(document(record))
    monkeypatch.setattr(os, "fsync", fsync)
    before = _objects(carnet.settings.data)
    tree = document(record)
    tree["content"] *= entries
    assert (await doctor.post("DocumentReference", tree)).status_code == 201
    new = _objects(carnet.settings.data) - before
    assert len(new) == entries
    assert {str(path) for path in new} <= set(synced)
    assert {str(path.parent) for path in new} <= set(synced)


def _objects(data: Path) -> set[Path]:
    return {path.resolve() for path in (data / "contents").rglob("*") if path.is_file()}
