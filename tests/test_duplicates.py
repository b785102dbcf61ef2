"""The same deposit again: `masterIdentifier` is unique within record and depositor (policy.md section 5)."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import pytest

from tests.acts import HOSPITAL, TREATING, a_record, an_ins, reason, relabel, software, stranger
from tests.serving import Carnet, Tree, document, open_record, serving, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


MASTER = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.5"}


def named(record: str, **more: object) -> Tree:
    return document(record, masterIdentifier=MASTER, **more)


async def test_the_same_again_is_the_first(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    first = await doctor.post("DocumentReference", named(record))
    again = await doctor.post("DocumentReference", named(record))
    assert (first.status_code, again.status_code) == (201, 200)
    for header in ("location", "etag"):
        assert first.headers[header] == again.headers[header]
    assert len(await doctor.found(f"DocumentReference?patient={record}")) == 1


@pytest.mark.parametrize("label", ["MASQUE_PS", "INVISIBLE_PATIENT"])
async def test_the_same_again_whatever_became_of_the_first(carnet: Carnet, label: str) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    old = await doctor.make(document(record, label=label if label == "INVISIBLE_PATIENT" else ""))
    sent = named(
        record, label=label, relatesTo=[{"code": "replaces", "target": {"reference": f"DocumentReference/{old}"}}]
    )
    first = await doctor.make(sent)
    assert (await doctor.patch(f"DocumentReference/{first}", relabel(""))).status_code == 200
    again = await doctor.post("DocumentReference", sent)
    assert again.status_code == 200, again.text
    assert again.headers["location"].split("/")[-3] == first


async def test_the_same_again_though_it_took_over_a_mask(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    old = await doctor.make(document(record))
    await carnet.holder(record).patch(f"DocumentReference/{old}", relabel("MASQUE_PS"))
    sent = named(record, relatesTo=[{"code": "replaces", "target": {"reference": f"DocumentReference/{old}"}}])
    assert (await doctor.post("DocumentReference", sent)).status_code == 201
    assert (await doctor.post("DocumentReference", sent)).status_code == 200


async def test_other_content_is_a_duplicate(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    first = await doctor.make(named(record))
    for other in (named(record, content=b"other"), named(record, description="other")):
        assert reason(await doctor.post("DocumentReference", other))[0] == 409
    url = (await doctor.get(f"DocumentReference/{first}")).json()["content"][0]["attachment"]["url"]
    assert (await doctor.get(url, headers={"Accept": "application/xml"})).content == b"<ClinicalDocument/>"


async def test_other_depositors_and_other_records_never_collide(carnet: Carnet) -> None:
    record, other = await a_record(carnet), await open_record(carnet.doctor(), an_ins())
    for caller in (stranger(carnet), carnet.doctor(TREATING), software(carnet, HOSPITAL)):
        answer = await caller.post("DocumentReference", named(record, content=caller.headers["Authorization"].encode()))
        assert answer.status_code == 201, answer.text
    assert (await stranger(carnet).post("DocumentReference", named(other, content=b"x"))).status_code == 201


async def test_the_same_twice_at_once_is_one(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    answers = await asyncio.gather(*[doctor.post("DocumentReference", named(record)) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await doctor.found(f"DocumentReference?patient={record}")) == 1


async def test_two_contents_at_once_are_one_and_a_duplicate(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    sent = [named(record, content=content) for content in (b"one", b"two")]
    answers = await asyncio.gather(*[doctor.post("DocumentReference", tree) for tree in sent])
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_the_same_transaction_again_is_201_with_the_first_location(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)

    def lot() -> Tree:
        tree = named(record)
        data = base64.b64encode(b"content").decode()
        url = "urn:uuid:00000000-0000-4000-8000-00000000000b"
        tree["content"] = [{"attachment": {"contentType": "text/plain", "url": url}}]
        binary = {"resourceType": "Binary", "contentType": "text/plain", "data": data}
        return transaction(("urn:uuid:00000000-0000-4000-8000-00000000000a", tree), (url, binary))

    first, again = [(await doctor.post("", lot())).json() for _ in range(2)]
    places = [[entry["response"]["location"].split("/_history")[0] for entry in one["entry"]] for one in (first, again)]
    assert places[0] == places[1]
    assert again["entry"][0]["response"]["status"].startswith("201")


async def test_a_raw_content_sent_again_and_cited_is_the_same(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    places = []
    for _ in range(2):
        raw = await doctor.send("POST", "Binary", content=b"bytes", headers={"Content-Type": "text/plain"})
        tree = named(record)
        tree["content"] = [
            {"attachment": {"contentType": "text/plain", "url": "/".join(raw.headers["location"].split("/")[-4:-2])}}
        ]
        answer = await doctor.post("DocumentReference", tree)
        places.append((answer.status_code, answer.headers["location"]))
    assert [status for status, _ in places] == [201, 200]
    assert places[0][1] == places[1][1]
