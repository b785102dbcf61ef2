"""XML over HTTP: negotiation, and every kind of request and answer the same in either format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.errors import NotAcceptable
from app.resources.validation import dump
from app.rest import formats
from app.rest.formats import Format, negotiate
from app.rest.xml import read, write
from tests.serving import Carnet, Tree, consent, document, open_record, patient, serving, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller

FHIR_XML = "application/fhir+xml"
XML = {"Accept": FHIR_XML}
BOTH = {"Accept": FHIR_XML, "Content-Type": FHIR_XML}
ANSWERED = "application/fhir+xml; charset=utf-8"


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    data = tmp_path_factory.mktemp("data")
    with make_database() as urls:
        async with serving(
            urls, data, ins_required=False, opening="automatic", ins_key="warn", profiles="warn", body_limit=1 << 20
        ) as made:
            yield made


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor()


@pytest.fixture(scope="module")
async def record(doctor: Caller) -> str:
    return await open_record(doctor, treating="810000000001")


@pytest.fixture(scope="module")
async def place(doctor: Caller, record: str) -> str:
    """A document, as `DocumentReference/id`."""
    return f"DocumentReference/{await doctor.make(document(record, description='a < b & é'))}"


async def sent(caller: Caller, method: str, path: str, tree: Tree, **headers: str) -> httpx.Response:
    """A request whose body and answer are XML."""
    return await caller.send(method, path, content=write(dump(tree)), headers=BOTH | headers)


def told(answer: httpx.Response) -> Tree:
    """The tree of an answer, which must be XML."""
    assert answer.headers["content-type"] == ANSWERED, answer.text
    return read(answer.content)


# Which format goes out


@pytest.mark.parametrize(
    ("accept", "asked", "format_"),
    [
        ("", "", Format.JSON),
        ("*/*", "", Format.JSON),
        ("application/*", "", Format.JSON),
        ("application/fhir+json", "", Format.JSON),
        ("application/fhir+xml", "", Format.XML),
        ("application/xml", "", Format.XML),
        ("text/xml", "", Format.XML),
        ("Application/FHIR+XML", "", Format.XML),
        ("application/fhir+xml; charset=utf-8", "", Format.XML),
        ("application/fhir+xml;fhirVersion=4.0", "", Format.XML),
        ('application/fhir+xml; fhirVersion="4.0"', "", Format.XML),
        ("application/fhir+xml;fhirVersion=4.0.1", "", Format.XML),
        ("application/fhir+xml;fhirVersion=3.0", "", None),
        ("application/fhir+xml;fhirVersion=3.0, application/fhir+json;q=0.1", "", Format.JSON),
        ("application/fhir+xml, application/fhir+json", "", Format.XML),
        ("application/fhir+json, application/fhir+xml", "", Format.JSON),
        ("application/fhir+json;q=0.5, application/fhir+xml;q=0.6", "", Format.XML),
        ("application/fhir+json;q=0.6, application/fhir+xml;q=0.5", "", Format.JSON),
        ("*/*, application/fhir+xml", "", Format.XML),
        ("application/fhir+xml;q=0.5, */*", "", Format.JSON),
        ("application/fhir+xml;q=0, */*", "", Format.JSON),
        ("application/fhir+json;q=0, */*", "", Format.XML),
        ("application/fhir+json;q=0.2, application/*;q=0.3", "", Format.XML),
        ("application/*;q=0, */*", "", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", Format.XML),
        ("application/fhir+xml;q=0", "", None),
        ("application/fhir+xml;q=nan", "", None),
        ("application/fhir+xml;q=9, application/fhir+json;q=0.1", "", Format.JSON),
        ("application/fhir+xml;q=nothing", "", None),
        ("text/html", "", None),
        ("application/fhir+xml", "json", Format.JSON),
        ("application/fhir+xml", "application/json", Format.JSON),
        ("application/fhir+xml", "application/fhir+json", Format.JSON),
        ("application/fhir+xml", "application/fhir json", Format.JSON),
        ("application/fhir+xml", "text/json", Format.JSON),
        ("application/fhir+json", "xml", Format.XML),
        ("application/fhir+json", "text/xml", Format.XML),
        ("application/fhir+json", "application/xml", Format.XML),
        ("text/html", "application/fhir+xml", Format.XML),
        ("", "application/fhir xml;fhirVersion=4.0", Format.XML),
        ("", "application/fhir+xml;fhirVersion=5.0", None),
        ("application/fhir+xml", "ttl", None),
    ],
)
def test_the_format_that_is_liked(accept: str, asked: str, format_: Format | None) -> None:
    if format_ is not None:
        assert negotiate(accept, asked) is format_
        return
    with pytest.raises(NotAcceptable):
        negotiate(accept, asked)


def test_the_names_of_the_two_formats_are_apart() -> None:
    assert not formats.JSON_NAMES & formats.XML_NAMES


# Reads


@pytest.mark.parametrize("suffix", ["", "?_summary=text", "?_elements=status"])
async def test_a_read(doctor: Caller, place: str, suffix: str) -> None:
    json, xml = await doctor.get(place + suffix), await doctor.get(place + suffix, headers=XML)
    assert xml.status_code == 200
    assert told(xml) == json.json()
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert xml.headers[name] == json.headers[name]
    assert xml.headers["vary"] == "Accept"
    assert xml.headers["content-length"] == str(len(xml.content))


async def test_head_and_condition(doctor: Caller, place: str) -> None:
    got, head = await doctor.get(place, headers=XML), await doctor.send("HEAD", place, headers=XML)
    assert (head.status_code, head.content) == (200, b"")
    kept = {name: value for name, value in got.headers.items() if name != "x-request-id"}
    assert {name: value for name, value in head.headers.items() if name != "x-request-id"} == kept
    again = await doctor.get(place, headers=XML | {"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content, again.headers["vary"]) == (304, b"", "Accept")


async def test_pretty(doctor: Caller, place: str) -> None:
    answer = await doctor.get(f"{place}?_pretty=true&_format=xml")
    assert answer.text.splitlines()[1] == '<DocumentReference xmlns="http://hl7.org/fhir">'
    assert answer.text.splitlines()[2].startswith('  <id value="')
    assert told(answer) == (await doctor.get(place)).json()


async def test_lists_of_resources(doctor: Caller, record: str, place: str) -> None:
    for path in (
        f"DocumentReference?patient={record}&_include=DocumentReference:subject",
        f"DocumentReference?patient={record}&_total=accurate&unknown=1",
        f"Patient?_id={record}&_revinclude=Consent:patient",
        f"{place}/_history",
    ):
        json, xml = await doctor.get(path), await doctor.get(path, headers=XML)
        assert json.json()["entry"]
        assert told(xml) == json.json()
    form = {"patient": record, "_format": "xml"}
    assert told(await doctor.send("POST", "DocumentReference/_search", data=form))["type"] == "searchset"


@pytest.mark.parametrize("path", ["metadata", "OperationDefinition/Patient-access"])
async def test_public_pages(doctor: Caller, path: str) -> None:
    json, xml = await doctor.get(path), await doctor.get(path, headers=XML)
    assert told(xml) == json.json()
    assert xml.headers["etag"] == json.headers["etag"]
    pretty = await doctor.get(f"{path}?_pretty=true", headers=XML)
    assert told(pretty) == json.json()
    assert len(pretty.content) > len(xml.content)


async def test_what_the_server_says_of_its_formats(doctor: Caller) -> None:
    statement = (await doctor.get("metadata")).json()
    assert statement["format"] == ["json", "application/fhir+json", "xml", FHIR_XML]
    assert FHIR_XML in statement["patchFormat"]
    smart = await doctor.get(".well-known/smart-configuration", headers=XML)
    assert smart.headers["content-type"] == "application/json"


# Errors


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Patient/nobody", 404),
        ("GET", "Observation/1", 404),
        ("GET", "Patient/a_b", 400),
        ("DELETE", "metadata", 405),
        ("GET", "Patient?nothing=1", 400),
        ("POST", "DocumentReference", 415),
    ],
)
async def test_errors_are_told_in_the_format_asked(doctor: Caller, method: str, path: str, status: int) -> None:
    json = await doctor.send(method, path)
    accepted = await doctor.send(method, path, headers=XML)
    asked = await doctor.send(method, f"{path}{'&' if '?' in path else '?'}_format=text/xml")
    assert (json.status_code, accepted.status_code, asked.status_code) == (status,) * 3
    assert told(accepted) == told(asked) == json.json()


async def test_errors_of_the_request_itself(carnet: Carnet, doctor: Caller, place: str) -> None:
    nobody = await carnet.http.get(f"/fhir/{place}", headers=XML)
    assert (nobody.status_code, told(nobody)["resourceType"]) == (401, "OperationOutcome")
    neither = await doctor.get(place, headers={"Accept": "text/html"})
    assert (neither.status_code, neither.headers["content-type"]) == (406, "application/fhir+json; charset=utf-8")
    unreadable = await doctor.get(f"{place}?_format=%ff", headers=XML)
    assert (unreadable.status_code, told(unreadable)["issue"][0]["code"]) == (400, "value")


async def test_what_is_asked_is_repeated_safely(doctor: Caller) -> None:
    answer = await doctor.get("Patient?%3C%26%22=1", headers=XML)
    assert answer.status_code == 400
    assert b"`&lt;&amp;" in answer.content
    assert '`<&"`' in told(answer)["issue"][0]["diagnostics"]


# Writes


def varied(record: str) -> Tree:
    """A document with everything that XML writes in another way."""
    return document(
        record,
        description="ligne\nsuivante\t& <fin>",
        text={
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a  b">é &amp;</p></div>',
        },
        contained=[{"resourceType": "Device", "id": "d", "deviceName": [{"name": "n", "type": "other"}]}],
        author=[{"reference": "#d"}],
        extension=[{"id": "x", "url": "urn:example", "valueBoolean": False}],
        _description={"id": "y"},
    )


async def test_what_is_created_in_xml_is_what_json_would_have_created(doctor: Caller, record: str) -> None:
    tree = varied(record)
    by_xml = await sent(doctor, "POST", "DocumentReference", tree)
    by_json = await doctor.post("DocumentReference", tree)
    assert (by_xml.status_code, by_json.status_code) == (201, 201), by_xml.text
    place = "/".join(by_xml.headers["location"].split("/")[-4:-2])
    kept, other = (await doctor.get(place)).json(), by_json.json()
    assert told(by_xml) == kept
    for made in (kept, other):
        del made["id"], made["meta"]
        made["content"][0]["attachment"].pop("url")
    assert kept == other


async def test_an_update_and_a_patch(doctor: Caller, record: str) -> None:
    id = await doctor.make(document(record, description="before"))
    tree = (await doctor.get(f"DocumentReference/{id}")).json() | {"description": "after"}
    updated = await sent(doctor, "PUT", f"DocumentReference/{id}", tree, **{"If-Match": 'W/"old"'})
    assert (updated.status_code, told(updated)["issue"][0]["code"]) == (412, "conflict")
    updated = await sent(doctor, "PUT", f"DocumentReference/{id}", tree)
    assert (updated.status_code, told(updated)["description"]) == (200, "after")
    parts = {"type": ("valueCode", "replace"), "path": ("valueString", "DocumentReference.status")}
    parts["value"] = ("valueCode", "superseded")
    part = [{"name": name, member: value} for name, (member, value) in parts.items()]
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}
    patched = await sent(doctor, "PATCH", f"DocumentReference/{id}", patch)
    assert (patched.status_code, told(patched)["status"]) == (200, "superseded")
    operations = [{"op": "replace", "path": "/status", "value": "current"}]
    patched = await doctor.patch(f"DocumentReference/{id}", operations, headers=XML)
    assert (patched.status_code, told(patched)["status"]) == (200, "current")


async def test_xml_patch_and_a_json_patch_that_says_xml(doctor: Caller, place: str) -> None:
    kind = {"Content-Type": "application/xml-patch+xml"}
    refused = await doctor.send("PATCH", place, content=b"<diff>", headers=XML | kind)
    assert (refused.status_code, told(refused)["issue"][0]["code"]) == (400, "structure")
    refused = await doctor.send("PATCH", place, content=b"<diff/>", headers=XML | {"Content-Type": "text/plain"})
    assert (refused.status_code, told(refused)["issue"][0]["code"]) == (415, "not-supported")
    assert FHIR_XML in refused.headers["accept-patch"]
    refused = await doctor.send(
        "PATCH", place, content=b'[{"op":"replace","path":"/status","value":"current"}]', headers=BOTH
    )
    assert refused.status_code == 400


async def test_a_transaction_and_a_batch(carnet: Carnet, doctor: Caller) -> None:
    holder = "urn:uuid:00000000-0000-4000-8000-000000000001"
    opening = consent(holder, "opening", base=carnet.settings.codesystem_base)
    bundle = transaction((holder, patient("180127512345642")), (holder[:-1] + "2", opening))
    answer = await sent(doctor, "POST", "", bundle)
    assert answer.status_code == 200, answer.text
    entries = told(answer)["entry"]
    assert [entry["response"]["status"] for entry in entries] == ["201 Created", "201 Created"]
    asked = [entries[0]["response"]["location"].split("/_history")[0], "Patient/nobody", "metadata?_format=xml"]
    questions = [{"request": {"method": "GET", "url": url}} for url in asked]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": questions}
    answer = await sent(doctor, "POST", "", batch)
    first, second, third = told(answer)["entry"]
    assert first["resource"]["resourceType"] == "Patient"
    assert second["response"]["outcome"]["issue"][0]["code"] == "not-found"
    assert third["resource"]["resourceType"] == "CapabilityStatement"
    assert told(answer) == (await doctor.post("", batch)).json()


async def test_a_transaction_that_fails_says_where(doctor: Caller, record: str) -> None:
    bundle = transaction(("urn:uuid:00000000-0000-4000-8000-000000000001", document(record, status="nope")))
    json, xml = await doctor.post("", bundle), await sent(doctor, "POST", "", bundle)
    assert xml.status_code == json.status_code == 422
    assert told(xml) == json.json()
    assert json.json()["issue"][0]["expression"]


async def test_an_operation(doctor: Caller, carnet: Carnet, record: str) -> None:
    asked = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "inconscient & seul"}]}
    stranger = carnet.doctor("810000000077", structure="1750000077")
    answer = await sent(stranger, "POST", f"Patient/{record}/$break-glass", asked)
    assert answer.status_code == 200, answer.text
    assert told(answer)["parameter"][0]["name"] == "until"
    for path in (f"Patient/{record}/$access",):
        json, xml = await doctor.get(path), await doctor.get(path, headers=XML)
        assert told(xml) == json.json()
    wrong = await sent(doctor, "POST", f"Patient/{record}/$close", {"resourceType": "Patient", "active": True})
    assert (wrong.status_code, told(wrong)["resourceType"]) == (400, "OperationOutcome")


BROKEN: list[Tree] = [
    {"status": "nope"},
    {"status": ""},
    {"type": {}},
    {"date": "2026-13-01"},
    {"status": None, "_status": {"id": "s"}},
    {"content": None},
    {"subject": None},
    {"author": [{"reference": "#nobody"}]},
    {"contained": [{"resourceType": "Device"}]},
    {"contained": [{"resourceType": "Patient", "id": "a", "contained": [{"resourceType": "Device", "id": "b"}]}]},
    {"extension": [{"url": "urn:x"}]},
    {"extension": [{"valueString": "x"}]},
    {"extension": [{"url": "urn:x", "valueString": "a", "valueCode": "b"}]},
    {"extension": [{"url": "urn:x", "valueString": ""}]},
    {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'}},
    {"identifier": [{"use": "wrong", "period": {"start": "2026-02-01", "end": "2026-01-01"}}]},
    {"description": " "},
    {"description": "x" * 500_000 + "\u0085"},
]


@pytest.mark.parametrize("change", BROKEN, ids=range(len(BROKEN)))
async def test_what_is_wrong_is_refused_alike(doctor: Caller, record: str, change: Tree) -> None:
    tree = {name: value for name, value in {**document(record), **change}.items() if value is not None}
    json, xml = await doctor.post("DocumentReference", tree), await sent(doctor, "POST", "DocumentReference", tree)
    assert xml.status_code == json.status_code
    if xml.status_code != 201:
        assert told(xml) == json.json()
        assert json.json()["issue"]


HOSTILE = [
    ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir">&x;</Patient>', 400),
    ('<?xml version="1.0" encoding="latin-1"?><Patient xmlns="http://hl7.org/fhir"/>', 415),
    ("<extension url='u'>" * 40_000, 400),
    ('<Patient xmlns="http://hl7.org/fhir">' + "<contained><Patient>" * 20_000, 400),
    ('<Patient xmlns="http://hl7.org/fhir"><shoe value="Dupont"/></Patient>', 400),
    ('{"resourceType":"Patient"}', 400),
    ("", 400),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_bodies(doctor: Caller, body: str, status: int) -> None:
    answer = await doctor.send("POST", "Patient", content=body.encode(), headers=BOTH)
    assert answer.status_code == status
    assert told(answer)["issue"][0]["severity"] == "error"
    assert "root:" not in answer.text
    assert "Dupont" not in answer.text


async def test_bodies_that_are_too_large(doctor: Caller) -> None:
    answer = await doctor.send("POST", "Patient", content=b" " * ((1 << 20) + 1), headers=BOTH)
    assert (answer.status_code, told(answer)["issue"][0]["code"]) == (413, "too-long")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/fhir+xml", 201),
        ("application/fhir+xml; charset=UTF-8; fhirVersion=4.0", 201),
        ("application/xml", 201),
        ("text/xml;charset=utf-8", 201),
        ("application/fhir+xml; charset=iso-8859-1", 415),
        ("application/fhir+xml; fhirVersion=3.0", 415),
        ("application/xhtml+xml", 415),
        ("application/fhir+json", 400),
    ],
)
async def test_media_types_of_a_body(doctor: Caller, record: str, kind: str, status: int) -> None:
    body = write(dump(document(record, content=kind.encode())))
    answer = await doctor.send("POST", "DocumentReference", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")


# Binary


async def test_a_binary_is_raw_unless_fhir_is_asked_for(doctor: Caller, record: str) -> None:
    raw = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>'
    context = {"X-Security-Context": f"Patient/{record}"}
    answer = await doctor.send("POST", "Binary", content=raw, headers={"Content-Type": "text/xml", **context})
    assert answer.status_code == 201, answer.text
    place = "/".join(answer.headers["location"].split("/")[-4:-2])
    for accept in ("application/xml", "text/xml", "*/*", "application/pdf"):
        got = await doctor.get(place, headers={"Accept": accept})
        assert (got.content, got.headers["content-type"]) == (raw, "text/xml")
    for headers, suffix in ((XML, ""), ({}, "?_format=xml")):
        shown = told(await doctor.get(place + suffix, headers=headers))
        assert shown == (await doctor.get(f"{place}?_format=json")).json()
        assert (shown["resourceType"], shown["contentType"]) == ("Binary", "text/xml")
    absent = await doctor.get("Binary/nothing", headers={"Accept": "application/xml"})
    assert (absent.status_code, absent.headers["content-type"]) == (404, "application/fhir+json; charset=utf-8")
    assert (await doctor.get("Binary/nothing", headers=XML)).headers["content-type"] == ANSWERED


async def test_a_binary_that_is_sent_as_a_resource(doctor: Caller, record: str) -> None:
    tree: dict[str, Any] = {"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERi0xLjQ="}
    tree["securityContext"] = {"reference": f"Patient/{record}"}
    answer = await sent(doctor, "POST", "Binary", tree)
    assert answer.status_code == 201, answer.text
    place = "/".join(answer.headers["location"].split("/")[-4:-2])
    got = await doctor.get(place, headers={"Accept": "application/pdf"})
    assert (got.content, got.headers["content-type"]) == (b"%PDF-1.4", "application/pdf")
