"""Contents: raw and as a resource, split off, measured, cited, streamed in flat memory (policy section 4)."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from app.rest.xml import read as from_xml
from tests.acts import TREATING, a_record, pharmacist, reason, software, stranger
from tests.serving import Caller, Carnet, Tree, document, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


TEXT = {"Content-Type": "text/plain"}


async def raw(caller: Caller, record: str = "", content: bytes = b"bytes") -> str:
    """Deposit bytes, in a record if it is named; `Binary/<id>`."""
    headers = TEXT | ({"X-Security-Context": f"Patient/{record}"} if record else {})
    answer = await caller.send("POST", "Binary", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return "/".join(answer.headers["location"].split("/")[-4:-2])


def citing(record: str, url: str, **more: object) -> Tree:
    tree = document(record)
    tree["content"] = [{"attachment": {"contentType": "text/plain", "url": url, **more}}]
    return tree


def sha1(content: bytes) -> str:
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


async def test_the_data_of_an_attachment_is_split_off_and_measured(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    made = await doctor.make(document(record, content=b"some text"))
    attachment = (await doctor.get(f"DocumentReference/{made}")).json()["content"][0]["attachment"]
    assert "data" not in attachment
    assert (attachment["size"], attachment["hash"]) == (9, sha1(b"some text"))
    assert (await doctor.get(attachment["url"], headers={"Accept": "application/xml"})).content == b"some text"
    whole = (await doctor.get(attachment["url"], headers={"Accept": "application/fhir+json"})).json()
    assert (whole["resourceType"], base64.b64decode(whole["data"])) == ("Binary", b"some text")


@pytest.mark.parametrize("content", [b"x", b"xy", b"xyz", b"\0\xff" * 100_000, bytes(range(256)) * 1000 + b"!"])
async def test_the_fhir_form_of_a_content_holds_it_however_it_came(carnet: Carnet, content: bytes) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    lines = {"Content-Type": "application/pdf", "X-Security-Context": f"Patient/{record}"}
    raw_one = await doctor.send("POST", "Binary", content=content, headers=lines)
    data = base64.b64encode(content).decode()
    tree: Tree = {"resourceType": "Binary", "contentType": "application/pdf", "data": data}
    tree["securityContext"] = {"reference": f"Patient/{record}"}
    whole_one = await doctor.post("Binary", tree)
    for made in (raw_one, whole_one):
        place = "/".join(made.headers["location"].split("/")[-4:-2])
        answer = await doctor.get(place, headers={"Accept": "application/fhir+json"})
        assert {name: answer.json()[name] for name in tree} == tree
        assert answer.headers["content-length"] == str(len(answer.content))
        head = await doctor.send("HEAD", place, headers={"Accept": "application/fhir+json"})
        assert (head.content, head.headers["content-length"]) == (b"", answer.headers["content-length"])
        by_xml = await doctor.get(place, headers={"Accept": "application/fhir+xml"})
        assert from_xml(by_xml.content) == answer.json()
        assert by_xml.headers["content-length"] == str(len(by_xml.content))
        tag = {"Accept": "application/fhir+json", "If-None-Match": answer.headers["etag"]}
        assert (await doctor.get(place, headers=tag)).status_code == 304
        for part in (f"{place}?_summary=true", f"{place}/_history/{answer.json()['meta']['versionId']}"):
            told = (await doctor.get(part, headers={"Accept": "application/fhir+json"})).json()
            assert "data" not in told
            assert told["meta"]["tag"][0]["code"] == "SUBSETTED"


async def test_a_content_without_a_record_is_filed_by_citing(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    url = await raw(doctor)
    assert (await pharmacist(carnet).get(url)).status_code == 404
    made = await doctor.make(citing(record, url))
    attachment = (await doctor.get(f"DocumentReference/{made}")).json()["content"][0]["attachment"]
    assert (attachment["url"], attachment["size"], attachment["hash"]) == (url, 5, sha1(b"bytes"))


async def test_a_content_follows_the_document_that_cited_it(carnet: Carnet) -> None:
    record, doctor, treating = await a_record(carnet), stranger(carnet), carnet.doctor(TREATING)
    url = await raw(doctor, record)
    assert (await treating.get(url)).status_code == 404
    made = await doctor.make(citing(record, url))
    plain = {"Accept": "text/plain"}
    assert (await treating.get(url, headers=plain)).content == b"bytes"
    assert (await carnet.holder(record).get(url, headers=plain)).content == b"bytes"
    assert (await pharmacist(carnet).get(url)).status_code == 404
    assert (await carnet.holder(record).delete(f"DocumentReference/{made}")).status_code == 204
    assert (await treating.get(url)).status_code == 404


async def test_another_ones_an_unseen_and_an_unknown_content_are_the_same(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    others = await raw(carnet.doctor(TREATING))
    elsewhere = await raw(doctor, await a_record(carnet))
    cited = (await doctor.get(f"DocumentReference/{await doctor.make(document(record))}")).json()
    theirs = cited["content"][0]["attachment"]["url"]
    answers = [
        await doctor.post("DocumentReference", citing(record, url)) for url in (others, elsewhere, "Binary/none")
    ]
    answers.append(await pharmacist(carnet).post("DocumentReference", citing(record, theirs)))
    assert {(a.status_code, a.content.replace(b"x", b"")) for a in answers} == {
        (422, answers[0].content.replace(b"x", b""))
    }
    assert reason(answers[0]) == (422, "unresolved-reference")


@pytest.mark.parametrize(("element", "value"), [("size", 4), ("hash", "AAAA")])
async def test_a_wrong_measure_is_refused(carnet: Carnet, element: str, value: object) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    url = await raw(doctor)
    assert (await doctor.post("DocumentReference", citing(record, url, **{element: value}))).status_code == 422
    await doctor.make(citing(record, url, size=5, hash=sha1(b"bytes")))


async def test_a_binary_as_a_resource(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    tree = {"resourceType": "Binary", "contentType": "text/plain", "data": base64.b64encode(b"bytes").decode(),
        "securityContext": {"reference": f"Patient/{record}"}}  # fmt: skip
    made = await doctor.make(tree)
    assert made.startswith(f"{record}.")
    await doctor.make(citing(record, f"Binary/{made}"))
    assert (await carnet.doctor(TREATING).get(f"Binary/{made}", headers={"Accept": "text/plain"})).content == b"bytes"


async def test_software_deposits_bytes_and_cites_them(carnet: Carnet) -> None:
    record, client = await a_record(carnet), software(carnet)
    url = await raw(client)
    answer = await client.post("DocumentReference", citing(record, url))
    assert answer.status_code == 201, answer.text
    assert (await client.get(url)).status_code == 404
    assert (await carnet.doctor(TREATING).get(url, headers={"Accept": "text/plain"})).content == b"bytes"


async def test_the_holders_bytes_belong_to_his_record(carnet: Carnet) -> None:
    record = await a_record(carnet)
    url = await raw(carnet.holder(record))
    assert url.startswith(f"Binary/{record}.")
    other = await a_record(carnet)
    context = {**TEXT, "X-Security-Context": f"Patient/{other}"}
    answer = await carnet.holder(record).send("POST", "Binary", content=b"x", headers=context)
    assert reason(answer) == (422, "unresolved-reference")


async def test_no_bytes_in_a_closed_record(carnet: Carnet) -> None:
    record = await a_record(carnet)
    await carnet.doctor().send("POST", f"Patient/{record}/$close")
    context = {**TEXT, "X-Security-Context": f"Patient/{record}"}
    answer = await stranger(carnet).send("POST", "Binary", content=b"x", headers=context)
    assert reason(answer) == (422, "record-not-open")


async def test_25_mebibytes_pass_in_flat_memory_and_no_more_do(carnet: Carnet) -> None:
    doctor, chunk = stranger(carnet), b"x" * (1 << 16)

    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield chunk

    tracemalloc.start()
    try:
        answer = await doctor.send("POST", "Binary", content=chunks(400), headers=TEXT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 201, answer.text
    assert peak < 8 << 20
    assert (await doctor.send("POST", "Binary", content=chunks(401), headers=TEXT)).status_code == 413
