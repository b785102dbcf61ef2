"""Addresses, negotiation, conditions, errors and headers of the FHIR surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.errors import Forbidden
from app.resources import DEFINITIONS
from app.rest.conditions import Prefer, prefer
from app.rest.paths import PUBLIC_TYPES
from tests.serving import keys_of
from tests.shelf import Site, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.auth.keys import SigningKeys

DOCUMENT = {"resourceType": "DocumentReference", "status": "current", "description": "x"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return keys_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def site(tmp_path: Path, keys: SigningKeys) -> AsyncIterator[Site]:
    async with opened(tmp_path, keys, body_limit=2048) as made:
        made.shelf.put("DocumentReference", "a.1", DOCUMENT)
        yield made


async def test_read_passes_the_stored_bytes(site: Site) -> None:
    answer = await site.client.get("DocumentReference/a.1")
    assert answer.status_code == 200
    assert answer.content == site.shelf.versions["DocumentReference", "a.1"][0].body
    assert answer.headers["etag"] == 'W/"v1"'
    assert answer.headers["last-modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_head_is_get_without_body(site: Site) -> None:
    got, head = await site.client.get("DocumentReference/a.1"), await site.client.head("DocumentReference/a.1")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", ["DocumentReference/", "DocumentReference/a.1/", "metadata/"])
async def test_a_slash_at_the_end_changes_nothing(site: Site, path: str) -> None:
    assert (await site.client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/fhir+json", 200),
        ("application/fhir+json; fhirVersion=4.0", 200),
        ("application/json", 200),
        ("text/json;q=0.2, application/fhir+xml", 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("application/fhir+xml", 200),
        ("text/turtle", 406),
        ("application/fhir+json; fhirVersion=3.0", 406),
        ("application/fhir+json;q=0", 406),
        ("text/html", 406),
    ],
)
async def test_accept(site: Site, accept: str, status: int) -> None:
    answer = await site.client.get("DocumentReference/a.1", headers={"Accept": accept})
    assert answer.status_code == status
    if status == 406:
        assert answer.json()["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    ("asked", "status"),
    [("json", 200), ("application/fhir%2Bjson", 200), ("application/fhir+json", 200), ("xml", 200), ("ttl", 406)],
)
async def test_format_parameter_goes_before_accept(site: Site, asked: str, status: int) -> None:
    answer = await site.client.get(f"DocumentReference/a.1?_format={asked}", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == status


async def test_pretty_keeps_decimals(site: Site) -> None:
    site.shelf.put("DocumentReference", "a.2", {"resourceType": "DocumentReference", "n": 1})
    stored = site.shelf.versions["DocumentReference", "a.2"]
    stored[0] = type(stored[0])("DocumentReference", "a.2", "v1", stored[0].last_updated, b'{"n":1.00}')
    assert (await site.client.get("DocumentReference/a.2?_pretty=true")).text == '{\n  "n": 1.00\n}'


async def test_unknown_type_comes_before_the_token(site: Site) -> None:
    answer = await site.client.get("Observation/1", headers={"Authorization": ""})
    assert answer.status_code == 404
    assert answer.json()["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize("path", ["DocumentReference/a.1/Patient", "DocumentReference/$nothing", "Patient/x/$nothing"])
async def test_unknown_paths(site: Site, path: str) -> None:
    assert (await site.client.get(path)).status_code == 404


async def test_method_not_allowed_names_the_allowed(site: Site) -> None:
    answer = await site.client.post("DocumentReference/a.1", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, PUT, PATCH, DELETE, HEAD"
    assert (await site.client.put("AuditEvent/a.1", json={})).status_code == 405
    assert (await site.client.request("OPTIONS", "metadata")).headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "GET, POST, HEAD, OPTIONS"),
        ("DocumentReference", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("AuditEvent/a.b", "GET, HEAD, OPTIONS"),
        ("Patient/a/*/_search", "POST, OPTIONS"),
        ("Patient/a/$close", "POST, OPTIONS"),
        ("_history", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_say_what_a_path_knows_and_nothing_of_what_is_there(site: Site, path: str, allowed: str) -> None:
    answer = await site.client.request("OPTIONS", path, headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allowed, b"")
    assert (await site.client.request("OPTIONS", f"{path}/no/such/path")).status_code == 404
    assert site.shelf.asked == []


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("return=minimal", Prefer("minimal")),
        ('Return = "OperationOutcome"', Prefer("OperationOutcome")),
        ("return=minimal, return=representation", Prefer("minimal")),
        ("handling=lenient; return=representation", Prefer("representation", strict=False)),
        ("return=nothing, handling=Strict", Prefer("", strict=True)),
        ("respond-async, wait=10", Prefer(later=True)),
        ("x-return=minimal, odd", Prefer()),
        ("", Prefer()),
        ("=,;,= ;return", Prefer()),
    ],
)
def test_what_a_client_prefers(header: str, found: Prefer) -> None:
    assert prefer(header) == found


async def test_an_answer_at_another_time_is_refused_clearly(site: Site) -> None:
    answer = await site.client.get("DocumentReference/a.1", headers={"Prefer": "respond-async"})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == "not-supported"
    lenient = await site.client.get("DocumentReference/a.1", headers={"Prefer": "respond-async, handling=lenient"})
    assert lenient.status_code == 200


async def test_pretty_is_a_parameter_of_its_own(site: Site) -> None:
    assert b"\n" in (await site.client.get("DocumentReference/a.1?_pretty=true")).content
    lenient = {"Prefer": "handling=lenient"}
    assert b"\n" not in (await site.client.get("DocumentReference/a.1?not_pretty=true", headers=lenient)).content
    assert b"\n" not in (await site.client.get("DocumentReference/a.1?_pretty=false")).content


async def test_no_token(site: Site) -> None:
    answer = await site.client.get("DocumentReference/a.1", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["issue"][0]["code"] == "login"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "DocumentReference/a.1"), ("DELETE", "DocumentReference/a.1"), ("PUT", "DocumentReference?status=x")],
)
async def test_scope(site: Site, method: str, path: str) -> None:
    headers = site.token("user/DocumentReference.us user/Patient.cruds")
    answer = await site.client.request(method, path, headers=headers, json=DOCUMENT)
    assert answer.status_code == 403
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "insufficient-scope"
    assert site.journal.acts[-1].subject == "person|899700218896"


async def test_an_impossible_id_is_400(site: Site) -> None:
    assert (await site.client.get("DocumentReference/a_b")).status_code == 400
    assert (await site.client.get(f"DocumentReference/{'a' * 65}")).status_code == 400
    assert (await site.client.get("DocumentReference/a%00b")).status_code == 400
    assert site.journal.acts[-1].resource_id == ""


async def test_every_refusal_is_in_the_trail(site: Site) -> None:
    answer = await site.client.get("DocumentReference/a.9?_format=json", headers={"X-Request-Id": "r-1"})
    act = site.journal.acts[-1]
    assert answer.status_code == 404
    assert (act.interaction, act.resource_type, act.resource_id) == ("read", "DocumentReference", "a.9")
    assert (act.request_id, act.query, act.outcome) == ("r-1", "_format=json", "4")


async def test_a_refusal_that_cannot_be_kept_is_503(site: Site) -> None:
    site.journal.broken = True
    answer = await site.client.get("DocumentReference/a.9")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["issue"][0]["code"] == "transient"


@pytest.mark.parametrize("fault", [OSError("x"), asyncpg.ConnectionDoesNotExistError("x"), TimeoutError()])
async def test_an_outage_is_503(site: Site, fault: Exception) -> None:
    site.shelf.fault = fault
    answer = await site.client.get("DocumentReference/a.1")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_a_fault_of_ours_says_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.shelf.fault = KeyError("Jeanne Dupont")
    answer = await site.client.get("DocumentReference/a.1", headers={"X-Request-Id": "r-2"})
    assert answer.status_code == 500
    assert answer.json()["issue"][0]["diagnostics"] == "internal error"
    assert "r-2" in caplog.text
    assert "Jeanne" not in caplog.text + answer.text
    assert site.journal.acts[-1].outcome == "12"


async def test_sentences_follow_the_language(site: Site) -> None:
    site.shelf.fault = Forbidden("no", reason="not-authorised")
    texts = []
    for language in ("", "en-GB,fr;q=0.5", "de", "de,fr;q=0.3,en;q=0.2"):
        answer = await site.client.get("DocumentReference/a.1", headers={"Accept-Language": language})
        texts.append(answer.json()["issue"][0]["details"])
    assert texts[0]["coding"][0]["system"] == "https://carnet.example/fhir/CodeSystem/reason"
    assert [t["text"].split()[0] for t in texts] == ["Le", "The", "Le", "Le"]


async def test_request_id(site: Site) -> None:
    sent = await site.client.get("metadata", headers={"X-Request-Id": "abc-1.2"})
    assert sent.headers["x-request-id"] == "abc-1.2"
    assert "x-correlation-id" not in sent.headers
    other = await site.client.get("metadata", headers={"X-Request-Id": "a/b"})
    assert other.headers["x-request-id"] != "a/b"
    assert other.headers["x-correlation-id"] == "a/b"
    assert "x-correlation-id" not in (await site.client.get("metadata")).headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": 'W/"v1"'}, 304),
        ({"If-None-Match": '"v0", W/"v1"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": 'W/"v0"'}, 200),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 11:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": 'W/"v0"', "If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, 200),
    ],
)
async def test_conditional_read(site: Site, headers: dict[str, str], status: int) -> None:
    answer = await site.client.get("DocumentReference/a.1", headers=headers)
    assert answer.status_code == status
    assert answer.headers["etag"] == 'W/"v1"'
    assert (answer.content == b"") == (status == 304)


async def test_parameters_of_a_read(site: Site) -> None:
    assert (await site.client.get("DocumentReference/a.1?odd=1")).status_code == 400
    lenient = {"Prefer": "handling=lenient"}
    assert (await site.client.get("DocumentReference/a.1?odd=1", headers=lenient)).status_code == 200
    assert (await site.client.get("DocumentReference/a.1?_summary=some")).status_code == 400
    assert (await site.client.get("DocumentReference/a.1?_format=json&%FF=1&_pretty=true")).status_code == 400


async def test_summary_and_elements(site: Site) -> None:
    content = [{"attachment": {"url": "u"}, "extension": []}]
    tree = DOCUMENT | {"custodian": {"reference": "Organization/o"}, "content": content}
    site.shelf.put("DocumentReference", "a.3", tree | {"text": {"status": "generated"}})
    summary = (await site.client.get("DocumentReference/a.3?_summary=true")).json()
    assert summary["content"] == [{"attachment": {"url": "u"}}]
    assert not {"custodian", "text"} & summary.keys()
    assert summary["meta"]["tag"][0]["code"] == "SUBSETTED"
    few = (await site.client.get("DocumentReference/a.3?_elements=custodian")).json()
    assert few.keys() == {"resourceType", "id", "meta", "custodian", "status", "content"}
    text = (await site.client.get("DocumentReference/a.3?_summary=text")).json()
    assert text.keys() == {"resourceType", "id", "meta", "text", "status", "content"}
    assert "text" not in (await site.client.get("DocumentReference/a.3?_summary=data")).json()


async def test_metadata_is_public_and_made_once(site: Site) -> None:
    answer = await site.client.get("metadata", headers={"Authorization": ""})
    statement = answer.json()
    served = {r["type"]: r for r in statement["rest"][0]["resource"]}
    assert answer.status_code == 200
    assert statement["fhirVersion"] == "4.0.1"
    assert served.keys() == {*DEFINITIONS, "Bundle", *PUBLIC_TYPES}
    assert {p["name"] for p in served["DocumentReference"]["searchParam"]} >= {"_id", "patient", "identifier"}
    assert [o["name"] for o in served["Patient"]["operation"]][:2] == ["access", "break-glass"]
    again = await site.client.get("metadata", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await site.client.get("metadata", headers={"Accept": "text/turtle"})).status_code == 406


async def test_smart_configuration(site: Site) -> None:
    answer = await site.client.get(".well-known/smart-configuration", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["issuer"] == "https://carnet.test"


async def test_metrics_name_no_id(site: Site) -> None:
    await site.client.get("DocumentReference/a.1")
    text = site.server.metrics.text().decode()
    assert 'carnet_requests_total{interaction="read",status="2xx"} 1.0' in text
    assert "a.1" not in text
