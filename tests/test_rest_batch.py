"""batch and transaction over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BrokenRule
from tests.serving import keys_of
from tests.shelf import Site, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from app.auth.keys import SigningKeys

BASE = "https://carnet.test/fhir"
DOCUMENT = {"resourceType": "DocumentReference", "status": "current"}
SUPERSEDE = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "DocumentReference.status"},
                {"name": "value", "valueCode": "superseded"},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return keys_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def site(tmp_path: Path, keys: SigningKeys) -> AsyncIterator[Site]:
    async with opened(tmp_path, keys, bundle_limit=5) as made:
        made.shelf.put("DocumentReference", "a.1", DOCUMENT)
        yield made


def entry(method: str, url: str, resource: object = None, full_url: str = "", **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url:
        made["fullUrl"] = full_url
    return made


async def post(site: Site, type: str, *entries: object, **headers: str) -> httpx.Response:
    tree = {"resourceType": "Bundle", "type": type, "entry": list(entries)}
    return await site.client.post("", json=tree, headers={"Content-Type": "application/fhir+json", **headers})


async def test_batch_entries_answer_for_themselves(site: Site) -> None:
    answer = await post(
        site,
        "batch",
        entry("GET", "DocumentReference/a.1"),
        entry("GET", "DocumentReference/a.9"),
        entry("POST", "DocumentReference", DOCUMENT),
        entry("GET", f"{BASE}/DocumentReference?status=current"),
        {"nonsense": 1},
    )
    bundle = answer.json()
    assert (answer.status_code, bundle["type"]) == (200, "batch-response")
    statuses = [e["response"]["status"] for e in bundle["entry"]]
    assert statuses == ["200 OK", "404 Not Found", "201 Created", "200 OK", "400 Bad Request"]
    first, missing, made, page, broken = bundle["entry"]
    assert first["resource"]["id"] == "a.1"
    assert first["response"]["etag"] == 'W/"v1"'
    assert missing["response"]["outcome"]["issue"][0]["code"] == "not-found"
    assert made["response"]["location"] == "DocumentReference/new1/_history/v1"
    assert made["response"]["outcome"]["issue"][0]["severity"] == "warning"
    assert page["resource"]["type"] == "searchset"
    assert broken["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[4]"]


async def test_batch_entries_are_judged_and_kept_one_by_one(site: Site) -> None:
    headers = site.token("user/DocumentReference.r")
    answer = await post(
        site, "batch", entry("GET", "DocumentReference/a.1"), entry("DELETE", "DocumentReference/a.1"), **headers
    )
    assert [e["response"]["status"] for e in answer.json()["entry"]] == ["200 OK", "403 Forbidden"]
    assert [(a.interaction, a.resource_id) for a in site.journal.acts] == [("delete", "a.1")]


async def test_conditions_of_batch_entries(site: Site) -> None:
    answer = await post(
        site,
        "batch",
        entry("GET", "DocumentReference/a.1", ifNoneMatch='W/"v1"'),
        entry("PUT", "DocumentReference/a.1", DOCUMENT | {"id": "a.1"}, ifMatch='W/"v0"'),
        entry("PATCH", "DocumentReference/a.1", SUPERSEDE),
        entry("HEAD", "DocumentReference/a.1"),
        entry("GET", "Binary/x"),
    )
    entries = answer.json()["entry"]
    statuses = [e["response"]["status"][:3] for e in entries]
    assert statuses == ["304", "412", "200", "200", "404"]
    assert "resource" not in entries[3]


async def test_transaction_becomes_entries(site: Site) -> None:
    answer = await post(
        site,
        "transaction",
        entry("POST", "DocumentReference", DOCUMENT, "urn:uuid:1", ifNoneExist="identifier=x"),
        entry("PATCH", f"{BASE}/DocumentReference/a.1", SUPERSEDE, ifMatch='W/"v1"'),
        entry("GET", "DocumentReference/a.1"),
    )
    created, patched, read = site.shelf.asked[0]
    assert (created.full_url, created.tree, created.if_none_exist) == ("urn:uuid:1", DOCUMENT, "identifier=x")
    assert (patched.url, patched.if_match, patched.tree) == ("DocumentReference/a.1", "v1", None)
    assert patched.patch({"resourceType": "DocumentReference", "status": "current"})["status"] == "superseded"
    assert read.method == "GET"
    bundle = answer.json()
    assert bundle["type"] == "transaction-response"
    first, second, third = bundle["entry"]
    assert first["response"]["status"] == "201 Created"
    assert first["response"]["lastModified"] == "2026-03-01T12:00:00.500Z"
    assert "resource" not in second
    assert third["resource"]["id"] == "a.1"


async def test_transaction_with_representation(site: Site) -> None:
    patched = entry("PATCH", "DocumentReference/a.1", SUPERSEDE)
    answer = await post(site, "transaction", patched, Prefer="return=representation")
    assert answer.json()["entry"][0]["resource"]["id"] == "a.1"


async def test_empty_transaction(site: Site) -> None:
    assert (await post(site, "transaction")).json() == {"resourceType": "Bundle", "type": "transaction-response"}


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([{}], 400),
        ([entry("GO", "Patient")], 400),
        ([entry("POST", "Observation", {"resourceType": "Observation"})], 404),
        ([entry("POST", "Patient", DOCUMENT)], 400),
        ([entry("POST", "Patient")], 400),
        ([entry("DELETE", "DocumentReference")], 400),
        ([entry("POST", "Patient/x/$close")], 400),
        ([entry("POST", "", {"resourceType": "Bundle"})], 400),
        ([entry("PUT", "AuditEvent/a.1", {"resourceType": "AuditEvent", "id": "a.1"})], 405),
        ([entry("PUT", "DocumentReference/a.1", DOCUMENT)], 400),
        ([entry("DELETE", "DocumentReference/a.1"), entry("PATCH", "DocumentReference/a.1", SUPERSEDE)], 400),
        ([entry("POST", "List", {"resourceType": "List"}, "urn:uuid:1")] * 2, 400),
        ([entry("GET", "DocumentReference/a.1")] * 6, 413),
    ],
)
async def test_transactions_refused_before_the_record(site: Site, entries: list[Any], status: int) -> None:
    answer = await post(site, "transaction", *entries)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0]["expression"][0].startswith("Bundle.entry")
    assert not site.shelf.asked
    assert len(site.journal.acts) == 1


async def test_scopes_hold_for_each_entry(site: Site) -> None:
    headers = site.token("user/DocumentReference.c")
    deposit = entry("POST", "DocumentReference", DOCUMENT)
    answer = await post(site, "transaction", deposit, entry("POST", "List", {"resourceType": "List"}), **headers)
    assert answer.status_code == 403
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]


async def test_a_refused_transaction_is_one_outcome(site: Site) -> None:
    site.shelf.fault = BrokenRule("the record is not open", reason="record-not-open")
    answer = await post(site, "transaction", entry("POST", "DocumentReference", DOCUMENT))
    assert answer.status_code == 422
    assert site.journal.acts[-1].interaction == "transaction"


@pytest.mark.parametrize("tree", [{"resourceType": "Bundle", "type": "document"}, {"resourceType": "Patient"}])
async def test_only_batch_and_transaction(site: Site, tree: dict[str, Any]) -> None:
    assert (await site.client.post("", json=tree)).status_code == 400
