"""create, update, patch, delete and raw content over HTTP."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import Refusal
from app.records.patching import Said
from app.rest.patch import of_entry, path
from tests.serving import keys_of
from tests.shelf import Site, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Message

    from app.auth.keys import SigningKeys

BASE = "https://carnet.test/fhir"
DOCUMENT = {"resourceType": "DocumentReference", "status": "current"}
JSON_PATCH = "application/json-patch+json"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return keys_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def site(tmp_path: Path, keys: SigningKeys) -> AsyncIterator[Site]:
    async with opened(tmp_path, keys, body_limit=2048, binary_limit=4096) as made:
        made.shelf.put("DocumentReference", "a.1", DOCUMENT)
        yield made


def operation(path: str, kind: str = "replace", **value: str) -> dict[str, Any]:
    parts = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}, {"name": "value", **value}]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


async def test_create(site: Site) -> None:
    answer = await site.client.post("DocumentReference", json=DOCUMENT)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/DocumentReference/new1/_history/v1"
    assert answer.headers["content-location"] == answer.headers["location"]
    assert answer.headers["etag"] == 'W/"v1"'
    assert answer.json()["id"] == "new1"


async def test_prefer_decides_the_body(site: Site) -> None:
    minimal = await site.client.post("DocumentReference", json=DOCUMENT, headers={"Prefer": "return=minimal"})
    assert (minimal.content, minimal.headers["content-length"]) == (b"", "0")
    assert minimal.headers["location"]
    prefer = {"Prefer": 'return="OperationOutcome"; handling=strict'}
    outcome = (await site.client.post("DocumentReference", json=DOCUMENT, headers=prefer)).json()
    assert outcome["issue"][0]["diagnostics"] == "taken as it is"


async def test_conditional_create(site: Site) -> None:
    headers = {"If-None-Exist": "DocumentReference?identifier=a|b"}
    await site.client.post("DocumentReference", json=DOCUMENT, headers=headers)
    assert site.shelf.asked[-1] == "identifier=a|b"
    assert (
        await site.client.post("DocumentReference", json=DOCUMENT, headers={"If-None-Exist": "?"})
    ).status_code == 400


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/fhir+json; fhirVersion=4.0; charset=UTF-8", 201),
        ("text/json", 201),
        ("application/fhir+json; fhirVersion=5.0", 415),
        ("application/fhir+json; charset=latin1", 415),
        ("text/turtle", 415),
        ("", 415),
    ],
)
async def test_media_type_of_a_body(site: Site, kind: str, status: int) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await site.client.post("DocumentReference", content=json.dumps(DOCUMENT), headers=headers)
    assert answer.status_code == status


async def test_compressed_body_is_415(site: Site) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert (await site.client.post("DocumentReference", json=DOCUMENT, headers=headers)).status_code == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"resourceType":"Patient"}', 400), (b'{"a":1,"a":2}', 400), (b"", 400)],
)
async def test_unreadable_bodies(site: Site, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/fhir+json"}
    answer = await site.client.post("DocumentReference", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_long_body_is_refused_before_it_is_read(site: Site) -> None:
    read, sent = [], []

    async def receive() -> Message:
        read.append(1)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    request = site.client.build_request(
        "POST", "DocumentReference", content=b"x" * 2049, headers={"Content-Type": "application/fhir+json"}
    )
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/fhir/DocumentReference",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("192.0.2.1", 5),
    }
    await site.fhir(scope, receive, send)
    assert sent[0]["status"] == 413
    assert not read
    assert site.journal.acts[-1].address == "192.0.2.1"


async def test_a_long_chunked_body_is_refused(site: Site) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 1000

    headers = {"Content-Type": "application/fhir+json"}
    answer = await site.client.post("DocumentReference", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["issue"][0]["code"] == "too-long"


async def test_nobody_is_answered_when_the_client_is_gone(site: Site) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"content-type", b"application/fhir+json"),
        (b"authorization", site.client.headers["authorization"].encode()),
    ]
    scope = {"method": "POST", "path": "/fhir/Patient", "query_string": b"", "headers": headers, "client": None}
    await site.fhir(scope, receive, send)
    assert not sent
    assert not site.journal.acts


async def test_update(site: Site) -> None:
    tree = DOCUMENT | {"id": "a.1"}
    stale = await site.client.put("DocumentReference/a.1", json=tree, headers={"If-Match": 'W/"v0"'})
    assert stale.status_code == 412
    answer = await site.client.put("DocumentReference/a.1", json=tree, headers={"If-Match": 'W/"v1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"v2"')
    assert (
        await site.client.put("DocumentReference/a.1", json=tree, headers={"If-Match": "v1, v2"})
    ).status_code == 400


async def test_the_id_of_an_update_is_the_urls(site: Site) -> None:
    for tree in (DOCUMENT, DOCUMENT | {"id": "a.2"}):
        assert (await site.client.put("DocumentReference/a.1", json=tree)).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("query", ["", "?", "?_format=json", "?identifier="])
async def test_a_condition_must_ask_something(site: Site, method: str, query: str) -> None:
    answer = await site.client.request(method, f"DocumentReference{query}", json=DOCUMENT)
    assert answer.status_code == 400


async def test_conditional_writes(site: Site) -> None:
    await site.client.put("DocumentReference?identifier=a|b", json=DOCUMENT)
    assert "identifier=a%7Cb" in site.shelf.asked or "identifier=a|b" in site.shelf.asked
    gone = await site.client.delete("DocumentReference?identifier=c")
    assert (gone.status_code, gone.content) == (204, b"")
    assert site.shelf.asked[-1] == ("DocumentReference", "identifier=c")
    patch = operation("DocumentReference.status", valueCode="superseded")
    answer = await site.client.patch("DocumentReference?identifier=d", json=patch)
    assert answer.status_code == 412
    assert site.shelf.asked[-1] == ("DocumentReference", "identifier=d", (Said("replace", "/status"),), None)


async def test_delete(site: Site) -> None:
    answer = await site.client.delete("DocumentReference/a.1", headers={"If-Match": 'W/"v1"'})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


async def test_json_patch(site: Site) -> None:
    operations = [{"op": "replace", "path": "/extension[url:'u']/valueBoolean", "value": True}]
    headers = {"Content-Type": JSON_PATCH, "If-Match": 'W/"v1"'}
    answer = await site.client.patch("DocumentReference/a.1", content=json.dumps(operations), headers=headers)
    assert answer.status_code == 200
    assert site.shelf.asked[-1] == ((Said("replace", "/extension[url:'u']/valueBoolean", "u"),), "v1")
    assert answer.json()["extension"] == [{"url": "u", "valueBoolean": True}]
    headers["Content-Type"] = "application/merge-patch+json"
    refused = await site.client.patch("DocumentReference/a.1", content=b"{}", headers=headers)
    assert (refused.status_code, refused.headers["accept-patch"]) == (415, refused.headers["accept"])
    assert {"application/json-patch+json", "application/xml-patch+xml", "application/fhir+json"} <= {
        *refused.headers["accept-patch"].split(", ")
    }


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "remove", "path": "/a"},
        [1],
        [{"op": "erase", "path": "/a"}],
        [{"op": "remove", "path": "a"}],
        [{"op": "remove"}],
        [{"op": "add", "path": "/a"}],
        [{"op": "move", "path": "/a", "from": "b"}],
    ],
)
async def test_json_patches_of_a_wrong_shape(site: Site, patch: object) -> None:
    headers = {"Content-Type": JSON_PATCH}
    answer = await site.client.patch("DocumentReference/a.1", content=json.dumps(patch), headers=headers)
    assert answer.status_code == 400


def test_fhirpath_patch_of_a_plain_path() -> None:
    tree = operation("DocumentReference.securityLabel[0].text", valueString="x")
    made = path.read(tree, "DocumentReference")
    assert made.said == (Said("replace", "/securityLabel/0/text", counted=True),)
    label = {"coding": [{"code": "N"}], "text": "y"}
    assert made(DOCUMENT | {"securityLabel": [label]})["securityLabel"] == [label | {"text": "x"}]


@pytest.mark.parametrize(
    "tree",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": [{"name": "other"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [{}]}]},
        operation("DocumentReference.status"),
        operation("DocumentReference.status", "add", valueCode="x"),
        operation("DocumentReference.status", "erase", valueCode="x"),
        operation("DocumentReference.status.resolve()", valueCode="x"),
    ],
)
def test_fhirpath_patches_that_are_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        path.read(tree, "DocumentReference")
    assert caught.value.status == 400


def test_json_patch_and_xml_patch_inside_a_binary() -> None:
    data = base64.b64encode(b'[{"op":"remove","path":"/status"}]').decode()
    tree = {"resourceType": "Binary", "contentType": JSON_PATCH, "data": data}
    assert of_entry(tree, "DocumentReference").said == (Said("remove", "/status"),)
    diff = base64.b64encode(b'<diff><remove sel="/DocumentReference/status"/></diff>').decode()
    other = {"resourceType": "Binary", "contentType": "application/xml-patch+xml", "data": diff}
    assert of_entry(other, "DocumentReference").said == (Said("remove", "/status"),)
    for broken in (tree | {"data": "*"}, tree | {"contentType": "text/plain"}):
        with pytest.raises(Refusal):
            of_entry(broken, "DocumentReference")


async def test_raw_content_goes_in_and_out(site: Site) -> None:
    headers = {"Content-Type": "application/pdf", "X-Security-Context": "Patient/a"}
    answer = await site.client.post("Binary", content=b"%PDF-1.7 bytes", headers=headers)
    assert answer.status_code == 201
    assert site.shelf.asked[-1] == "Patient/a"
    got = await site.client.get("Binary/raw0", headers={"Accept": "application/pdf"})
    assert got.content == b"%PDF-1.7 bytes"
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-length"] == "14"
    assert got.headers["etag"] == 'W/"v1"'
    assert "sandbox" in got.headers["content-security-policy"]
    assert (await site.client.get("Binary/raw0", headers={"Accept": "application/json"})).content == got.content
    assert (await site.client.get("Binary/raw0?_format=ttl")).status_code == 406
    head = await site.client.head("Binary/raw0")
    assert (head.content, head.headers["content-length"]) == (b"", "14")
    assert (await site.client.get("Binary/raw0", headers={"If-None-Match": 'W/"v1"'})).status_code == 304


@pytest.mark.parametrize(
    ("path", "accept"), [("Binary/raw0", "application/fhir+json"), ("Binary/raw0?_format=json", "*/*")]
)
async def test_content_as_a_resource(site: Site, path: str, accept: str) -> None:
    await site.client.post("Binary", content=b"x", headers={"Content-Type": "text/plain"})
    answer = await site.client.get(path, headers={"Accept": accept})
    assert answer.json()["resourceType"] == "Binary"


async def test_json_is_the_resource_or_content(site: Site) -> None:
    await site.client.post("Binary", json={"resourceType": "Binary", "contentType": "text/plain"})
    assert not site.shelf.raw
    await site.client.post("Binary", json={"hello": 1})
    assert site.shelf.raw["raw0"] == ("application/json", b'{"hello":1}')


@pytest.mark.parametrize(
    ("headers", "size", "status"),
    [
        ({}, 1, 415),
        ({"Content-Type": "nonsense"}, 1, 400),
        ({"Content-Type": "text/plain", "X-Security-Context": "../x"}, 1, 400),
        ({"Content-Type": "text/plain"}, 4097, 413),
        ({"Content-Type": "text/plain"}, 4096, 201),
    ],
)
async def test_raw_content_refused(site: Site, headers: dict[str, str], size: int, status: int) -> None:
    assert (await site.client.post("Binary", content=b"x" * size, headers=headers)).status_code == status


async def test_a_stream_that_breaks_off_is_logged_without_its_words(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"%PDF"
        raise ValueError("Jeanne Dupont")

    await site.client.post("Binary", content=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    monkeypatch.setattr(site.shelf, "pieces", lambda _: broken())
    with pytest.raises(AssertionError):  # the client of the tests asks for a whole answer
        await site.client.get("Binary/raw0")
    assert "ValueError" in caplog.text
    assert "Jeanne" not in caplog.text
