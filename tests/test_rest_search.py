"""search, history and operations over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving import keys_of
from tests.shelf import Site, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.auth.keys import SigningKeys

BASE = "https://carnet.test/fhir"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return keys_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def site(tmp_path: Path, keys: SigningKeys) -> AsyncIterator[Site]:
    async with opened(tmp_path, keys) as made:
        made.shelf.put("DocumentReference", "a.1", {"resourceType": "DocumentReference", "status": "current"})
        made.shelf.put("Practitioner", "p", {"resourceType": "Practitioner"})
        yield made


async def test_searchset_splices_stored_bytes(site: Site) -> None:
    answer = await site.client.get("DocumentReference?status=current")
    bundle = answer.json()
    assert site.shelf.versions["DocumentReference", "a.1"][0].body in answer.content
    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    assert [(e["fullUrl"], e["search"]["mode"]) for e in bundle["entry"]] == [
        (f"{BASE}/DocumentReference/a.1", "match"),
        (f"{BASE}/Practitioner/p", "include"),
    ]
    assert {link["relation"]: link["url"] for link in bundle["link"]} == {
        "self": f"{BASE}/DocumentReference?status=current&_cursor=old",
        "next": f"{BASE}/DocumentReference?status=current&_cursor=a%20b%2Fc",
    }


async def test_a_remark_is_an_entry_of_its_own(site: Site) -> None:
    entry = (await site.client.get("DocumentReference?odd=1")).json()["entry"][-1]
    assert entry["search"]["mode"] == "outcome"
    assert entry["resource"]["issue"][0]["severity"] == "warning"
    assert entry["fullUrl"].startswith("urn:uuid:")


async def test_empty_searchset_has_no_entry(site: Site) -> None:
    site.shelf.versions.clear()
    assert "entry" not in (await site.client.get("Patient")).json()


async def test_form_and_url_parameters_join(site: Site) -> None:
    answer = await site.client.post("DocumentReference/_search?a=1", data={"b": "é", "c": ""})
    assert answer.status_code == 200
    assert site.shelf.asked[-1] == ("DocumentReference", [("a", "1"), ("b", "é"), ("c", "")], None)
    assert site.shelf.facts
    assert site.shelf.facts.query == "a=1&b=%C3%A9&c="
    assert answer.json()["link"][0]["url"].startswith(f"{BASE}/DocumentReference?")


async def test_form_must_be_a_form(site: Site) -> None:
    assert (await site.client.post("DocumentReference/_search", data={"_format": "ttl"})).status_code == 406
    assert (await site.client.post("DocumentReference/_search", json={})).status_code == 415
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await site.client.post("DocumentReference/_search", content=b"a=\0", headers=form)).status_code == 400
    assert (await site.client.post("DocumentReference/_search", content=b"a=%00", headers=form)).status_code == 400


@pytest.mark.parametrize(("prefer", "strict"), [("handling=strict", True), ("handling=lenient", False), ("", None)])
async def test_handling_is_handed_on(site: Site, prefer: str, *, strict: bool | None) -> None:
    await site.client.get("Patient?x=1", headers={"Prefer": prefer})
    assert site.shelf.asked[-1][2] is strict


async def test_elements_prune_matches_alone(site: Site) -> None:
    site.shelf.put("Practitioner", "p", {"resourceType": "Practitioner", "active": True})
    match, include = (await site.client.get("DocumentReference?_elements=date")).json()["entry"]
    assert match["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert include["resource"]["active"] is True


async def test_history(site: Site) -> None:
    await site.client.delete("DocumentReference/a.1")
    bundle = (await site.client.get("DocumentReference/a.1/_history?_count=5")).json()
    deleted, first = bundle["entry"]
    assert bundle["type"] == "history"
    assert bundle["link"][0]["url"] == f"{BASE}/DocumentReference/a.1/_history?_count=5"
    assert "resource" not in deleted
    assert deleted["request"] == {"method": "DELETE", "url": "DocumentReference/a.1"}
    assert deleted["response"]["status"] == "204 No Content"
    assert first["resource"]["status"] == "current"
    assert first["response"]["etag"] == 'W/"v1"'
    assert first["response"]["lastModified"] == "2026-03-01T12:00:00.500Z"
    assert (await site.client.get("DocumentReference/a.1")).status_code == 410
    assert (await site.client.get("DocumentReference/a.1/_history?odd=1")).status_code == 400


async def test_vread(site: Site) -> None:
    assert (await site.client.get("DocumentReference/a.1/_history/v1")).headers["etag"] == 'W/"v1"'
    assert (await site.client.get("DocumentReference/a.1/_history/v7")).status_code == 404


async def test_an_operation_that_changes_nothing_may_be_asked_by_get(site: Site) -> None:
    assert (await site.client.get("Patient/x/$access")).json()["resourceType"] == "Parameters"
    assert site.shelf.asked[-1] == ("access", "Patient", "x", None)
    assert (await site.client.post("Patient/x/$access")).status_code == 200
    assert (await site.client.get("Patient/x/$break-glass")).status_code == 405


async def test_an_operation_takes_parameters(site: Site) -> None:
    tree = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "coma"}]}
    assert (await site.client.post("Patient/x/$break-glass", json=tree)).status_code == 200
    assert site.shelf.asked[-1] == ("break-glass", "Patient", "x", tree)
    assert (await site.client.post("Patient/x/$close", json={"resourceType": "Patient"})).status_code == 400
    readers = site.token("user/*.rs")
    assert (await site.client.post("Patient/x/$close", json=tree, headers=readers)).status_code == 403
    assert site.journal.acts[-1].interaction == "$close"
