"""Every answer of the real server is one that the OpenAPI document names: status, headers, media type and body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth import mint
from app.rest.paths import PUBLIC_TYPES
from tests.serving import Caller, Carnet, serving
from tests.serving import document as deposit
from tests.witness import DOCUMENT, Witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from app.storage.embedded import Urls

Tree = dict[str, Any]

EXAMPLES = DOCUMENT["components"]["examples"]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(m, path, item[m]) for path, item in DOCUMENT["paths"].items() for m in METHODS if m in item]


@pytest.fixture(scope="module")
async def witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
async def carnet(
    module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory, witness: Witness
) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("data"), ins_key="warn", profiles="warn") as made:
        made.http.event_hooks["response"].append(witness)
        yield made


@pytest.fixture(scope="module")
async def record(carnet: Carnet) -> str:
    """The record that the document's own example opens."""
    answer = await carnet.doctor().post("", EXAMPLES["Opening"]["value"])
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"].split("/")[1])


def address(path: str, id: str = "nothing", vid: str = "nothing") -> str:
    """A path with what it names, below the base."""
    return path.removeprefix("/fhir").removeprefix("/").format(id=id, vid=vid)


def secured() -> list[tuple[str, str, Tree]]:
    return [one for one in OPERATIONS if one[2].get("security") and one[1].startswith("/fhir")]


def example(told: Tree) -> tuple[str, bytes]:
    """The first body that the document shows for an operation, and its media type; a form shows none."""
    for kind, shown in told.get("requestBody", {}).get("content", {}).items():
        for name in shown.get("examples", {}):
            value = EXAMPLES[name]["value"]
            return kind, orjson.dumps({**value, "id": "nothing"} if told["operationId"].startswith("update") else value)
    return next(iter(told.get("requestBody", {}).get("content", {})), ""), b""


async def sent(caller: Caller, method: str, path: str, told: Tree) -> httpx.Response:
    """A request with the document's own example as its body."""
    kind, content = example(told)
    headers = {"Content-Type": kind} if kind else {}
    return await caller.send(method.upper(), path, content=content, headers=headers)


async def test_without_a_token(carnet: Carnet) -> None:
    nobody = Caller(carnet, {})
    for method, path, told in secured():
        answer = await sent(nobody, method, address(path), told)
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers


async def test_the_authorisation_server_answers_as_it_is_told(carnet: Carnet) -> None:
    """What software may call is asked with nothing, with too much, and with a token that does not open it."""
    lines: tuple[Tree, ...] = (
        {},
        {"headers": {"Content-Type": "text/plain"}, "content": b"x"},
        {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "content": b"token=x&client_id=nobody"},
        {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "content": b"a" * 70_000},
        {"headers": carnet.doctor().headers},
        {"headers": carnet.caller({**mint.professional("810000000009"), "scope": "openid sessions"}).headers},
    )
    found = set()
    for method, path, _ in (one for one in OPERATIONS if one[1].startswith(("/auth", "/.well-known"))):
        for more in lines:
            sent = {name: value for name, value in more.items() if method != "get" or name == "headers"}
            answer = await carnet.http.request(method.upper(), path.format(session="x"), **sent)
            found.add((path, answer.status_code))
    assert {("/auth/jwks", 200), ("/auth/userinfo", 200), ("/auth/token", 413), ("/auth/token", 415)} <= found


async def test_without_a_scope(carnet: Carnet) -> None:
    other = carnet.caller({**mint.professional("810000000009", profession="10"), "scope": "user/Observation.rs"})
    for method, path, told in secured():
        if path.endswith("/Bundle/$validate"):
            continue  # it judges what is sent, and looks at nothing else
        answer = await sent(other, method, address(path), told)
        assert answer.status_code == 403, answer.text  # a transaction needs the scopes of its entries


async def test_each_scope_that_is_told_is_enough(carnet: Carnet) -> None:
    for method, path, told in secured():
        needed = {one.split(".")[1] for one in told["security"][0]["bearer"]}
        if needed:
            scope = f"user/{told['tags'][0]}.{''.join(letter for letter in 'cruds' if letter in needed)}"
            one = carnet.caller({**mint.professional("810000000009", profession="10"), "scope": scope})
            answer = await sent(one, method, address(path), told)
            assert "insufficient-scope" not in answer.text, (method, path)


async def test_what_is_not_there(carnet: Carnet) -> None:
    doctor = carnet.doctor()
    for method, path, told in secured():
        answer = await sent(doctor, method, address(path), told)
        assert answer.status_code < 500, (method, path, answer.text)
        if "{id}" in path and not told["operationId"].startswith("search"):
            assert answer.status_code in (400, 404, 405, 422), (method, path, answer.text)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Accept": "text/turtle"}, b""),
        ({"Content-Type": "text/plain"}, b"text"),
        ({"Content-Type": "application/fhir+json"}, b"{"),
        ({"Content-Type": "application/fhir+json"}, b'{"resourceType":"Nothing"}'),
        ({"Content-Type": "application/fhir+json", "If-Match": "nothing"}, b"{}"),
        ({"Content-Type": "application/json-patch+json"}, b'[{"op":"remove","path":"/status"}]'),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"nothing=1&_id=1"),
        ({"Content-Type": "application/fhir+json", "Content-Length": "999999999"}, b"{}"),
    ],
)
async def test_what_is_wrong(carnet: Carnet, headers: dict[str, str], content: bytes) -> None:
    doctor = carnet.doctor()
    for method, path, _ in secured():
        for query in ("", "?nothing=1", "?_id=%00"):
            body = {"content": content} if method != "get" else {}
            answer = await doctor.send(method.upper(), address(path) + query, headers=headers, **body)
            assert answer.status_code < 500, (method, path, answer.text)


async def test_a_record_that_is_lived(carnet: Carnet, record: str) -> None:
    doctor, holder = carnet.doctor(), carnet.holder(record)
    made = await doctor.post("DocumentReference", deposit(record))
    assert made.status_code == 201
    place = f"DocumentReference/{made.json()['id']}"
    version = made.headers["etag"]
    assert (await holder.get(place)).status_code == 200
    assert (await holder.send("HEAD", place)).status_code == 200
    assert (await holder.get(place, headers={"If-None-Match": version})).status_code == 304
    assert (await holder.get(f"{place}/_history")).status_code == 200
    assert (await holder.get(f"{place}/_history/{made.json()['meta']['versionId']}")).status_code == 200
    masked = await holder.patch(place, EXAMPLES["Patch"]["value"], headers={"If-Match": version})
    assert masked.status_code == 200, masked.text
    assert (await holder.patch(place, EXAMPLES["Patch"]["value"], headers={"If-Match": version})).status_code == 412
    assert (await holder.delete(place)).status_code in (200, 204)
    for type in ("DocumentReference", "Consent", "CareTeam", "AuditEvent", "List", "Provenance", "Task"):
        assert (await holder.get(f"{type}?patient={record}")).status_code == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = await holder.send("POST", "Patient/_search", content=b"_id=" + record.encode(), headers=form)
    assert len(asked.json()["entry"]) == 1


async def test_the_operations_with_their_examples(carnet: Carnet, record: str) -> None:
    doctor, nurse = carnet.doctor(), carnet.professional("810000000031", "60")
    assert (await nurse.get(f"Patient/{record}/$access")).status_code == 200
    for name in ("AccessRequest", "CloseRequest", "ReopenRequest", "DeclareTreatingPhysicianRequest"):
        words = re.sub("(?<=.)([A-Z])", r"-\1", name.removesuffix("Request")).lower()
        answer = await doctor.post(f"Patient/{record}/${words}", EXAMPLES[name]["value"])
        assert answer.status_code == 200, answer.text
        told = EXAMPLES[name.replace("Request", "Answer")]["value"]["parameter"]
        names = {one["name"]: one.keys() for one in answer.json()["parameter"]}
        assert names.items() <= {one["name"]: one.keys() for one in told}.items()
    refused = await nurse.post(f"Patient/{record}/$break-glass", EXAMPLES["BreakGlassRequest"]["value"])
    assert refused.status_code == 403, refused.text


async def test_raw_content(carnet: Carnet, record: str) -> None:
    doctor = carnet.doctor()
    headers = {"Content-Type": "application/pdf", "X-Security-Context": f"Patient/{record}"}
    made = await doctor.send("POST", "Binary", content=b"%PDF-1.4", headers=headers)
    assert made.status_code == 201, made.text
    id = made.headers["location"].split("/")[-3]
    raw = await doctor.get(f"Binary/{id}")
    assert raw.content == b"%PDF-1.4"
    whole = await doctor.get(f"Binary/{id}", headers={"Accept": "application/fhir+json"})
    assert whole.json()["contentType"] == "application/pdf"


async def test_public_pages(carnet: Carnet) -> None:
    for path in (
        "/fhir/metadata",
        "/fhir/.well-known/smart-configuration",
        *(f"/fhir/{type}" for type in PUBLIC_TYPES),
        "/fhir/CodeSystem/reason",
        "/fhir/OperationDefinition/DocumentReference-explain",
        "/fhir/SearchParameter/AuditEvent-purpose-of-use",
        "/fhir/StructureDefinition/document",
        "/fhir/ValueSet/reason",
        "/health/live",
        "/health/ready",
        "/metrics",
    ):
        answer = await carnet.http.get(path)
        assert answer.status_code == 200
        if "etag" in answer.headers:
            again = await carnet.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert again.status_code == 304
    for type in PUBLIC_TYPES:
        answer = await carnet.http.post(f"/fhir/{type}/_search", data={"status": "active"})
        assert answer.status_code == 200, answer.text


async def test_every_operation_was_answered(witness: Witness) -> None:
    names = {told["operationId"] for _, _, told in OPERATIONS}
    assert {name for name, _ in witness.seen} == names
    statuses = {status for _, status in witness.seen}
    assert statuses >= {200, 201, 304, 400, 401, 403, 404, 405, 406, 412, 413, 415, 422}
