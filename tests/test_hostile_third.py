"""What a third hostile read found: conditions, ceilings, races, and requests that cost more than they look like."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from joserfc.jwk import ECKey

from app.auth import mint
from app.auth.server.party import ALONE, ASSERTED
from app.resources import COMMON, DEFINITIONS, profiles
from app.resources.definition import Search
from app.resources.guides import MHD
from tests.acts import reason
from tests.patches import at, steps
from tests.serving import LOINC, Caller, Carnet, Tree, document, patient, serving
from tests.software import Backend, jwks, register
from tests.world import DOCTOR, asked, journal, listing, nir, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.storage.embedded import Urls

LETTER, RESULT = "11488-4", "11502-2"
OF_LETTERS = f"type={LOINC}|{LETTER}"
OF_RESULTS = f"type={LOINC}|{RESULT}"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("hostile"), private_keys=True) as made:
        yield made


def app(carnet: Carnet, scope: str) -> Caller:
    """The treating physician by an application of this scope."""
    claims = mint.professional(DOCTOR, specialty="SM54", structure="1750000001")
    return carnet.caller(claims | {"scope": scope})


def reading(url: str) -> Tree:
    """A transaction of one read."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": url}}]}


def given(**texts: str) -> Tree:
    """Parameters of an operation."""
    return {"resourceType": "Parameters", "parameter": [{"name": n, "valueString": v} for n, v in texts.items()]}


# What a token is for


async def test_a_condition_is_a_search(carnet: Carnet) -> None:
    """Who may only write learns by no condition what is there, nor has it as the answer."""
    record = await opened(carnet, treating=DOCTOR)
    await carnet.doctor(DOCTOR).make(document(record, description="secret"))
    entry = {"resource": document(record), "request": {"method": "POST", "url": "DocumentReference"}}
    for query in (f"patient={record}&description=secret", f"patient={record}&description=other"):
        path, patch = f"DocumentReference?{query}", [{"op": "test", "path": "/status", "value": "x"}]
        line = {"If-None-Exist": query, "Prefer": "return=representation"}
        within = {**entry, "request": {**entry["request"], "ifNoneExist": query}}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [within]}
        answers = [
            await app(carnet, "user/DocumentReference.c").post("DocumentReference", document(record), headers=line),
            await app(carnet, "user/DocumentReference.c").post("", bundle),
            await app(carnet, "user/DocumentReference.cu").put(path, document(record)),
            await app(carnet, "user/DocumentReference.u").patch(path, patch),
            await app(carnet, "user/DocumentReference.d").delete(path),
        ]
        assert [reason(answer) for answer in answers] == [(403, "insufficient-scope")] * len(answers)
        again = await app(carnet, "user/DocumentReference.cs").post("DocumentReference", document(record), headers=line)
        assert again.status_code == (200 if "secret" in query else 201)


async def test_a_transaction_and_a_validation_read_as_a_read_does(carnet: Carnet) -> None:
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    letter = await doctor.make(document(record, type_=LETTER))
    result = await doctor.make(document(record, type_=RESULT, content=b"<Result/>"))
    apart = app(carnet, f"user/DocumentReference.r?{OF_LETTERS} user/DocumentReference.s?{OF_RESULTS}")
    assert (await apart.post("", reading(f"DocumentReference/{letter}"))).status_code == 200
    assert (await apart.post("", reading(f"DocumentReference/{result}"))).status_code == 404
    found = (await apart.post("", reading(f"DocumentReference?patient={record}"))).text
    assert (letter in found, result in found) == (False, True)
    assert (await apart.get(f"DocumentReference/{letter}/$validate")).status_code == 200
    assert (await apart.get(f"DocumentReference/{result}/$validate")).status_code == 404


async def test_a_restricted_token_acts_on_no_other_record(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    for scope in ("user/Patient.cruds?gender=male", "user/Patient.rs user/Patient.u?gender=male"):
        for name in ("break-glass", "end-break-glass", "close", "reopen", "declare-treating-physician", "contact"):
            body = given() if name == "contact" else given(reason="wish")
            answer = await app(carnet, scope).post(f"Patient/{record}/${name}", body)
            assert answer.status_code == 404, (scope, name)
    assert (await app(carnet, "user/Patient.rs?gender=male").get(f"Patient/{record}/$access")).status_code == 404
    assert (await app(carnet, "user/Patient.rs?gender=female").get(f"Patient/{record}/$access")).status_code == 200
    ours = app(carnet, "user/Patient.u?gender=female")
    assert (await ours.post(f"Patient/{record}/$close", given(reason="wish"))).status_code == 200


async def test_a_restricted_token_does_not_ask_by_an_identity_whether_it_is_known(carnet: Carnet) -> None:
    number = nir()
    await opened(carnet, ins=number)
    restricted = app(carnet, "user/Patient.cruds?gender=male")
    answers = [await restricted.post("Patient", patient(one, gender="male")) for one in (number, nir())]
    assert [reason(answer) for answer in answers] == [(403, "insufficient-scope")] * 2


async def test_what_he_deposited_by_another_application_is_not_there_either(carnet: Carnet) -> None:
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    name = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.9.1"}
    own = await doctor.make(document(record, type_=RESULT, content=b"<Result/>", masterIdentifier=name))
    held = (await doctor.get(f"DocumentReference/{own}")).json()["content"][0]["attachment"]["url"]
    others = " ".join(f"user/{one}.cruds" for one in ("List", "Provenance", "Binary", "Patient"))
    restricted = app(carnet, f"user/DocumentReference.cruds?{OF_LETTERS} {others}")

    async def told(identifier: str, content: str, named: Tree) -> list[Any]:
        cites = document(record, content=b"<Letter/>")
        cites["content"][0]["attachment"] = {"contentType": "application/xml", "url": content}
        target = {"reference": f"DocumentReference/{identifier}"}
        after = [document(record, relatesTo=[{"code": one, "target": target}]) for one in ("appends", "replaces")]
        by_name = await restricted.post(
            "DocumentReference", document(record, relatesTo=[{"code": "appends", "target": {"identifier": named}}])
        )
        answers = [await restricted.post("List", listing(record, identifier))]
        answers += [await restricted.post("DocumentReference", tree) for tree in (*after, cites)]
        answers += [await restricted.post("DocumentReference/$validate", tree) for tree in after]
        answers += [await restricted.get(content)]
        return [by_name.json()["relatesTo"][0]["target"].keys(), *[(one.status_code, one.json()) for one in answers]]

    nowhere = f"{record}.aaaaaaaaaaaaaaaaaaaa"
    unknown = await told(nowhere, f"Binary/{nowhere}", {**name, "value": "urn:oid:1.2.250.9.2"})
    assert await told(own, held, name) == unknown


async def test_a_deletion_that_nothing_matches_is_in_the_trail(carnet: Carnet) -> None:
    """It tells that nothing matches: who asks by it for what may be there leaves a trace, as by a search."""
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    query = f"patient={record}&description=secret"
    entry = {"request": {"method": "DELETE", "url": f"DocumentReference?{query}"}}
    assert (await doctor.delete(f"DocumentReference?{query}")).status_code == 204
    assert (await doctor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})).is_success
    events = await journal(carnet.holder(record), record)
    assert [asked(event) for event in events if "secret" in asked(event)] == [f"DocumentReference?{query}"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEFINITIONS)
async def test_a_restriction_that_nothing_meets_shows_nothing(carnet: Carnet, kind: str) -> None:
    """Of every type, by each of its token parameters, through whatever shows many."""
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    one = await doctor.make(document(record))
    await doctor.make(listing(record, one))
    paths = (f"{kind}?_count=1", f"{kind}?_count=0", f"{kind}/_history", f"?_type={kind}", "_history", f"{kind}/$meta",
             f"Patient/{record}/{kind}", f"{kind}?_include=*&_revinclude=*", f"{kind}/{record}")  # fmt: skip
    tokens = [p.name for p in (*DEFINITIONS[kind].parameters, *COMMON) if p.type is Search.TOKEN]
    for name in tokens:
        restricted = app(carnet, f"user/{kind}.cruds?{name}=foo")
        for path in paths:
            answer = await restricted.get(path)
            assert answer.status_code in {200, 400, 403, 404, 405}, (name, path, answer.text)
            shown = [e["resource"]["resourceType"] for e in answer.json().get("entry", [])]
            assert (set(shown) - {"OperationOutcome"}, answer.json().get("total", 0)) == (set(), 0), (name, path)


# Two at once


async def _left(carnet: Carnet, record: str) -> list[int]:
    """How many rows a record has of what is erased with it."""
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    tables = ("document_reference", '"binary"', "patient", "contact", "notice", "relation", "version")
    try:
        return [await link.fetchval(f"SELECT count(*) FROM {one} WHERE record = $1", record) for one in tables]
    finally:
        await link.close()


async def test_what_waits_for_a_destruction_finds_nothing(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    holder, doctor, place = carnet.holder(record), carnet.doctor(DOCTOR), f"Patient/{record}"
    answers = await asyncio.gather(
        *[holder.post(f"{place}/$destroy", given(reason="wish")) for _ in range(3)],
        *[holder.post(f"{place}/$contact", given(email=f"a{n}@mail.example")) for n in range(5)],
        *[doctor.post("DocumentReference", document(record, content=b"<A%d/>" % n)) for n in range(4)],
        holder.post(f"{place}/$close", given(reason="wish")),
    )
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses[:3]) == [200, 404, 404]
    assert set(statuses[3:8]) <= {200, 404}
    assert set(statuses[8:12]) <= {201, 404, 422}
    assert set(statuses[12:]) <= {200, 404, 422}
    assert set(await _left(carnet, record)) == {0}
    assert [(await holder.post(f"{place}/{one}", given())).status_code for one in ("$contact", "$reopen")] == [404, 404]


# What costs more than it looks like


async def test_a_patch_that_reads_long_texts_over_and_over_is_refused(carnet: Carnet) -> None:
    record, doctor = await opened(carnet), carnet.doctor(DOCTOR)
    one = await doctor.make(document(record, description="a b " * 250_000))
    alike = " and ".join(["description ~ description"] * 30)
    patch = steps(*[at("delete", f"DocumentReference.where({alike}).where(false)")] * 40)
    begun = time.process_time()
    answer = await doctor.send("PATCH", f"DocumentReference/{one}", json=patch)
    assert reason(answer) == (403, "patch-too-costly")
    assert time.process_time() - begun < 10  # and not half a minute


async def test_the_header_of_a_cda_is_read_once(carnet: Carnet) -> None:
    start = b'<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
    content = start + (b"x" * 550 + b"<b/>") * 19_000 + b"</ClinicalDocument>"
    binary = {"resourceType": "Binary", "contentType": "text/xml", "data": base64.b64encode(content).decode()}
    parameter = {"name": "document", "resource": binary}
    begun = time.process_time()
    answer = await carnet.doctor().post(
        "DocumentReference/$generate-metadata", {"resourceType": "Parameters", "parameter": [parameter]}
    )
    assert answer.status_code == 422, answer.text
    assert time.process_time() - begun < 3  # each piece of a text was once copied with all before it


@contextmanager
def keys(body: bytes, held: threading.Event, again: threading.Event) -> Iterator[str]:
    """A server of keys that answers once at once, then sets `again` and waits for `held`."""
    asked: list[int] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(1)
            if len(asked) > 1:
                again.set()
                held.wait(30)
            self.send_response(200 if len(asked) == 1 else 500)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks"
        server.shutdown()


async def test_a_stranger_takes_no_software_its_keys(carnet: Carnet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `kid` that nobody has makes the server look for new keys: the old ones hold meanwhile, and after a failure."""
    monkeypatch.setattr("app.auth.server.jwks.AGAIN", 0.0)
    key, held, again = ECKey.generate_key("P-384"), threading.Event(), threading.Event()
    with keys(jwks(key, "key-1").encode(), held, again) as address:
        values = {"method": ASSERTED, "grants": [ALONE], "scope": "system/*.cruds", "kinds": ["software"]}
        name = await register(carnet, **values, redirect_uris=[], jwks_uri=address)
        made, stranger = Backend(carnet, name, key), Backend(carnet, name, kid="key-of-nobody")
        assert (await made.ask()).status_code == 200
        asking = asyncio.create_task(stranger.ask())
        assert await asyncio.to_thread(again.wait, 30)
        assert (await made.ask()).status_code == 200
        held.set()
        assert (await asking).status_code == 401
        assert (await made.ask()).status_code == 200


async def test_a_launch_that_nests_deep_is_no_fault_of_ours(carnet: Carnet) -> None:
    token = carnet.token(mint.professional(DOCTOR) | {"scope": "__launch"})
    body = b'{"client":"%s","fhirContext":%s}' % ((await register(carnet)).encode(), b"[" * 400 + b"]" * 400)
    answer = await carnet.http.post("/auth/launch", content=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 400, answer.text


async def test_a_body_of_more_objects_than_anybody_needs_is_refused_before_it_costs(
    carnet: Carnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each object costs the models a quarter of a millisecond, in which the worker answers nobody."""
    record, doctor = await opened(carnet), carnet.doctor(DOCTOR)
    many = document(record, identifier=[{"system": "urn:a", "value": str(n)} for n in range(10_000)])
    patients = [{"resource": {"resourceType": "Patient"}}] * 10_000
    bundle: Tree = {"resourceType": "Bundle", "type": "collection", "entry": patients}
    entry = {"resource": many, "request": {"method": "POST", "url": "DocumentReference"}}
    for path, tree in (
        ("DocumentReference", many),
        ("DocumentReference/$validate", many),
        ("Bundle/$validate", bundle),
        ("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}),
    ):
        assert (await doctor.post(path, tree)).status_code == 413, path
    monkeypatch.setattr("app.rest.xml.reading.MOST_ELEMENTS", 9)
    body = b'<List xmlns="http://hl7.org/fhir">' + b'<identifier><value value="x"/></identifier>' * 9 + b"</List>"
    answer = await doctor.send("POST", "List", content=body, headers={"Content-Type": "application/fhir+xml"})
    assert answer.status_code == 413


async def test_a_resource_that_fills_the_memory_of_who_lists_it_is_refused(carnet: Carnet) -> None:
    """A page holds up to two hundred of them, several times over."""
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    fits = await doctor.make(document(record, content=b"c" * (3 << 20)))  # the content is apart
    words = "<div xmlns='http://www.w3.org/1999/xhtml'>" + "a" * (2 << 20) + "</div>"
    large = {"status": "generated", "div": words}
    entry = {"resource": document(record, text=large), "request": {"method": "POST", "url": "DocumentReference"}}
    assert (await doctor.post("DocumentReference", document(record, text=large))).status_code == 413
    assert (
        await doctor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    ).status_code == 413
    said = (await doctor.get(f"DocumentReference/{fits}")).json()
    assert (await doctor.put(f"DocumentReference/{fits}", {**said, "text": large})).status_code == 413
    assert await doctor.found(f"DocumentReference?patient={record}") == [fits]


def test_a_profile_looks_through_what_is_contained_once() -> None:
    people = [{"resourceType": "Practitioner", "id": f"p{n}"} for n in range(3000)]
    tree = document("x", contained=people, author=[{"reference": f"#p{n}"} for n in range(3000)])
    begun = time.process_time()
    assert profiles.judge(tree, (COMPREHENSIVE,), "https://carnet.example")
    assert time.process_time() - begun < 1  # and not once for each author: twenty profiles may be named


COMPREHENSIVE = f"{MHD}/StructureDefinition/IHE.MHD.Comprehensive.DocumentReference"
COMPOSITION: Tree = {"resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2026"}
DOCUMENT: Tree = {
    "resourceType": "Bundle", "type": "document", "identifier": {"system": "urn:a", "value": "b"},
    "entry": [
        {"resource": {**COMPOSITION, "author": [{"reference": "urn:x"}], "title": "x"}},
        {"fullUrl": "urn:x"},
        {"resource": {"resourceType": "Practitioner"}},
    ],
}  # fmt: skip
READ: Tree = {"request": {"method": "GET", "url": "Practitioner"}}
ODD: list[tuple[str, Tree]] = [
    ("Patient/{record}/$everything", {"resourceType": "Parameters", "parameter": 1.5}),
    ("List/$validate", {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": ["a"]}]}),
    ("DocumentReference/$generate-metadata",
     {"resourceType": "Parameters", "parameter": [{"name": "document", "resource": DOCUMENT}]}),
    ("", {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": [{}], "url": "List"}}]}),
    ("", {"resourceType": "Bundle", "type": "transaction", "entry": [
        READ, {"fullUrl": "x", "resource": listing("{record}"), "request": {"method": "POST", "url": "List"}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "tree"), ODD)
async def test_what_is_nearly_a_request_is_no_fault_of_ours(carnet: Carnet, path: str, tree: Tree) -> None:
    record = await opened(carnet, treating=DOCTOR)
    said = json.loads(json.dumps(tree).replace("{record}", record))
    answer = await carnet.doctor(DOCTOR).post(path.format(record=record), said)
    assert answer.status_code in {200, 400, 422}, answer.text
    assert "500" not in answer.text


async def test_who_can_see_is_asked_within_a_transaction(carnet: Carnet) -> None:
    record, doctor = await opened(carnet, treating=DOCTOR), carnet.doctor(DOCTOR)
    one = await doctor.make(document(record))
    for url in (f"DocumentReference/{one}/$who-can-see", f"Patient/{record}/$who-can-see"):
        inside, alone = await doctor.post("", reading(url)), await doctor.get(url)
        assert inside.status_code == 200, inside.text
        assert inside.json()["entry"][0]["resource"] == alone.json()
