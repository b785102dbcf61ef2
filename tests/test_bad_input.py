"""Bad input: a clear OperationOutcome of the right status, never a 500, and nothing written."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.auth import mint
from tests.serving import Caller, Carnet, document, open_record, patient, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager

    from app.storage.embedded import Urls
    from tests.conftest import Cluster

FHIR_JSON = {"Content-Type": "application/fhir+json"}
LIMIT = 200_000


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    with make_database() as urls:
        async with serving(urls, tmp_path_factory.mktemp("data"), body_limit=LIMIT, notices=False) as made:
            yield made


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor()


@pytest.fixture(scope="module")
async def record(doctor: Caller) -> str:
    return await open_record(doctor, treating="810000000001")


async def rows(carnet: Carnet) -> dict[str, int]:
    """Rows of every table but the trail."""
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    try:
        found = await link.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('carnet', 'public')")
        names = [f'"{r[0]}"."{r[1]}"' for r in found if not r[1].startswith(("audit", "alembic"))]
        return {name: await link.fetchval(f"SELECT count(*) FROM {name}") for name in names}
    finally:
        await link.close()


def raw(record: str, **more: Any) -> bytes:
    return json.dumps(document(record) | more).encode()


def bodies(record: str) -> Iterator[tuple[str, bytes, int]]:
    """What is wrong, the body, the status."""
    good = raw(record)
    yield "nothing", b"", 400
    yield "no JSON", b"{", 400
    yield "a list", b"[]", 400
    yield "a string", b'"x"', 400
    yield "trailing", good + b"x", 400
    yield "byte order mark", b"\xef\xbb\xbf" + good, 400
    yield "not utf-8", good.replace(b"Compte rendu", b"Compte\xff\xfe"), 400
    yield "another type", json.dumps(patient()).encode(), 400
    yield "no type", b"{}", 400
    yield "unknown type", b'{"resourceType":"Nonsense"}', 400
    yield "type is a number", b'{"resourceType":3}', 400
    yield "twice the same key", good[:-1] + b',"status":"current"}', 400
    yield "twice the same key inside", good.replace(b'"title"', b'"contentType":"a/b","title"'), 400
    yield "escaped NUL", good.replace(b"Compte rendu", b"Compte\\u0000rendu"), 400
    yield "raw NUL", good.replace(b"Compte rendu", b"Compte\x00rendu"), 400
    yield "lone high surrogate", good.replace(b"Compte rendu", b"Compte \\ud83d"), 400
    yield "lone low surrogate", good.replace(b"Compte rendu", b"Compte \\ude00"), 400
    yield "surrogate in a key", good.replace(b'"title"', b'"ti\\ud83d"'), 400
    yield "NUL in a key", good.replace(b'"title"', b'"ti\\u0000"'), 400
    yield "not a number", good.replace(b'"title"', b'"size":NaN,"title"'), 400
    yield "infinity", good.replace(b'"title"', b'"size":Infinity,"title"'), 400
    yield "more than 64 bits", good.replace(b'"title"', b'"size":99999999999999999999999999,"title"'), 400
    yield "more than 31 bits", good.replace(b'"title"', b'"size":4294967296,"title"'), 400
    yield "thousands of digits", good.replace(b'"title"', b'"size":' + b"9" * 5000 + b',"title"'), 400
    yield "huge exponent", good.replace(b'"title"', b'"size":1e999999999,"title"'), 400
    yield "a fraction", good.replace(b'"title"', b'"size":1.5,"title"'), 400
    yield from resources(record)


def resources(record: str) -> Iterator[tuple[str, bytes, int]]:
    """The same of JSON that is no resource, or none that is taken."""
    good = raw(record)
    yield "unknown element", raw(record, nonsense=1), 400
    yield "empty object", raw(record, context={}), 400
    yield "empty list", raw(record, author=[]), 400
    yield "null", raw(record, description=None), 400
    yield "empty string", raw(record, description=""), 400
    yield "string for a list", raw(record, author="x"), 400
    yield "object for a string", raw(record, status={}), 400
    yield "number for a date", raw(record, date=2026), 400
    yield "impossible date", raw(record, date="2026-02-30T00:00:00Z"), 400
    yield "unknown code", raw(record, status="nope"), 422
    yield "base64 that is none", good.replace(b'"data": "', b'"data": "***'), 400
    yield (
        "script in the narrative",
        raw(record, text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>'}),
        400,
    )
    yield "deep", raw(record).replace(b'"Compte rendu"', b"[" * 10_000 + b"]" * 10_000), 400
    yield "deep extensions", raw(record, extension=deep(200)), 400
    yield (
        "contained in contained",
        raw(
            record,
            contained=[{"resourceType": "Patient", "id": "a", "contained": [{"resourceType": "Patient", "id": "b"}]}],
        ),
        422,
    )
    yield "nobody's record", raw("nothere"), 422
    yield "many unknown elements", raw(record, **{f"x{n}": 1 for n in range(3000)}), 400
    yield "an id that is too long", raw(record, id="x" * 65), 400
    yield "reference of wrong kind", raw(record, subject={"reference": 5}), 400
    yield "reference with a NUL", raw(record, subject={"reference": "Patient/a\0b"}), 400
    yield "condition with a wild search", raw(record, subject={"reference": "Patient?name=x"}), 422
    yield "condition that asks nothing", raw(record, subject={"reference": "Patient?"}), 422
    yield "label unknown", raw(record, securityLabel=[{"coding": [{"system": VISIBILITY, "code": "SECRET"}]}]), 422


VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"


def deep(levels: int) -> list[Any]:
    made: list[Any] = [{"url": "urn:x", "valueBoolean": True}]
    for _ in range(levels):
        made = [{"url": "urn:x", "extension": made}]
    return made


async def test_bad_bodies(carnet: Carnet, doctor: Caller, record: str) -> None:
    before = await rows(carnet)
    wrong = {}
    for name, body, status in bodies(record):
        answer = await doctor.send("POST", "DocumentReference", content=body, headers=FHIR_JSON)
        outcome = answer.json()["resourceType"] if answer.content else ""
        if (answer.status_code, outcome) != (status, "OperationOutcome"):
            wrong[name] = (answer.status_code, answer.text[:300])
        assert len(answer.content) < 50_000, name
    assert wrong == {}
    assert await rows(carnet) == before


async def test_the_same_bodies_inside_a_transaction(carnet: Carnet, doctor: Caller, record: str) -> None:
    before = await rows(carnet)
    wrong = {}
    for name, body, status in bodies(record):
        if name == "trailing":
            continue
        entry = b'{"resource":' + (body or b"null") + b',"request":{"method":"POST","url":"DocumentReference"}}'
        whole = b'{"resourceType":"Bundle","type":"transaction","entry":[' + entry + b"]}"
        answer = await doctor.send("POST", "", content=whole, headers=FHIR_JSON)
        if answer.status_code != status:
            wrong[name] = (answer.status_code, answer.text[:300])
    assert wrong == {}
    assert await rows(carnet) == before


def bundles() -> Iterator[tuple[str, object, int]]:
    entry = {"request": {"method": "GET", "url": "Patient/x"}}
    yield "another type", {"resourceType": "Bundle", "type": "collection"}, 400
    yield "no type", {"resourceType": "Bundle"}, 400
    yield "no bundle", {"resourceType": "Patient"}, 400
    yield "entries of another shape", {"resourceType": "Bundle", "type": "transaction", "entry": {}}, 400
    yield "an entry that is none", {"resourceType": "Bundle", "type": "transaction", "entry": [3]}, 400
    yield "no request", {"resourceType": "Bundle", "type": "transaction", "entry": [{}]}, 400
    yield "ten thousand entries", {"resourceType": "Bundle", "type": "transaction", "entry": [{}] * 10_000}, 413
    yield (
        "unknown method",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "X", "url": "Patient"}}]},
        400,
    )
    yield (
        "url is a number",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": 3}}]},
        400,
    )
    yield (
        "url of nothing",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": ""}}]},
        400,
    )
    yield (
        "unknown resource type",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "Nonsense/1"}}],
        },
        404,
    )
    yield (
        "an operation",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "POST", "url": "Patient/x/$close"}}],
        },
        400,
    )
    yield (
        "nested",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"resource": {"resourceType": "Bundle"}, "request": {"method": "POST", "url": "Bundle"}}],
        },
        400,
    )
    yield (
        "a header that is no string",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [entry | {"request": {"method": "GET", "url": "Patient/x", "ifMatch": [1]}}],
        },
        400,
    )
    yield (
        "fullUrl that is no string",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": {"a": 1}, **entry}]},
        400,
    )
    yield (
        "POST without a resource",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "POST", "url": "DocumentReference"}}],
        },
        400,
    )
    yield (
        "PATCH that is none",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"resource": {"resourceType": "Patient"}, "request": {"method": "PATCH", "url": "DocumentReference/x"}}
            ],
        },
        400,
    )
    yield (
        "a wild query",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "DocumentReference?_count=x"}}],
        },
        400,
    )
    yield (
        "a query with a NUL",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "DocumentReference?description=%00"}}],
        },
        400,
    )
    yield (
        "a surrogate in the url",
        '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/\\ud83d"}}]}',
        400,
    )
    yield (
        "an unreadable condition",
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "resource": document("x"),
                    "request": {"method": "POST", "url": "DocumentReference", "ifNoneExist": "identifier=%ff%00"},
                }
            ],
        },
        400,
    )


async def test_bad_bundles(carnet: Carnet, doctor: Caller) -> None:
    before = await rows(carnet)
    wrong = {}
    for name, tree, status in bundles():
        body = tree.encode() if isinstance(tree, str) else json.dumps(tree).encode()
        answer = await doctor.send("POST", "", content=body, headers=FHIR_JSON)
        if answer.status_code != status or answer.json()["resourceType"] != "OperationOutcome":
            wrong[name] = (answer.status_code, answer.text[:300])
    assert wrong == {}
    assert await rows(carnet) == before


async def test_ten_thousand_entries_of_a_batch(doctor: Caller) -> None:
    entries = [{"request": {"method": "GET", "url": "x"}}] * 4000
    answer = await doctor.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (413, "too-long")


async def test_a_body_over_the_limit(carnet: Carnet, doctor: Caller) -> None:
    before = await rows(carnet)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 1000 + 2):
            yield b" " * 1000

    declared = await doctor.send("POST", "DocumentReference", content=b" " * (LIMIT + 1), headers=FHIR_JSON)
    chunked = await doctor.send("POST", "DocumentReference", content=chunks(), headers=FHIR_JSON)
    for answer in (declared, chunked):
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (413, "too-long")
    assert await rows(carnet) == before


async def test_media_types(doctor: Caller, record: str) -> None:
    for kind, status in (("application/fhir+xml", 400), ("text/turtle", 415), ("text/plain", 415), ("", 415),
        ("application/json", 201), ("application/fhir+json; charset=latin1", 415),
        ("application/fhir+json; fhirVersion=5.0", 415)):  # fmt: skip
        answer = await doctor.send("POST", "DocumentReference", content=raw(record), headers={"Content-Type": kind})
        assert answer.status_code == status, kind
    zipped = await doctor.send(
        "POST", "DocumentReference", content=raw(record), headers={**FHIR_JSON, "Content-Encoding": "gzip"}
    )
    assert zipped.status_code == 415
    assert (await doctor.get(f"Patient/{record}", headers={"Accept": "text/turtle"})).status_code == 406


async def test_queries_out_of_all_measure(doctor: Caller, record: str) -> None:
    values = ",".join(f"v{n}" for n in range(2000))
    for query, statuses in (
        (f"patient={record}&type={values}", (403,)), (f"patient={record}&description={values}", (403,)),
        (f"patient={record}&_id={values}", (403,)),
        (f"patient={record}&date={','.join(['2026'] * 2000)}", (403,)),
        ("&".join(f"type=a{n}" for n in range(200)), (403,)),
        ("&".join(f"type=a{n}" for n in range(2000)), (400,)), ("type=%ff", (400,)), ("type=a%00b", (400,)),
        ("_count=99999999999999999999", (200, 400)), ("_count=-1", (400,)), ("_count=x", (400,)),
        ("date=99999999999", (400,)), ("date=0000", (400,)), ("date=gt2026-13-01", (400,)), ("_lastUpdated=zz", (400,)),
        ("_cursor=nonsense", (400,)), ("_sort=nonsense", (200, 400)), ("_include=nonsense", (200, 400)),
        ("_has:x:y:z=1", (400,)), ("patient." * 50 + "name=x", (403,)), ("_has:List:item:" * 50 + "x=1", (403,)),
        ("_summary=nonsense", (400,)),
        ("_id=" + "x" * 5000, (200, 400)), ("description=%F0%9F%98%80", (200,)), ("type=|", (200, 400)),
        ("type=a|b|c", (200, 400)),
        ("related=%ED%A0%80", (400,)), ("subject=Patient/" + "9" * 400, (200, 400)), ("size=1", (200, 400)),
    ):  # fmt: skip
        answer = await doctor.get(f"DocumentReference?{query}")
        assert answer.status_code in statuses, (query[:80], answer.status_code, answer.text[:300])


async def test_ids_out_of_all_measure(doctor: Caller, record: str) -> None:
    for id, status in (("x" * 65, 400), ("a%00b", 400), ("%ff", 400), ("a_b", 400), ("a.b.c", 404), ("é", 400),
        ("a%2Fb", 404), (f"{record}.", 404), (f".{record}", 404)):  # fmt: skip
        answer = await doctor.get(f"DocumentReference/{id}")
        assert answer.status_code in (400, 404), (id, status, answer.status_code)


def tokens(carnet: Carnet) -> Iterator[tuple[str, str]]:
    claims = mint.professional("810000000001", profession="10")
    good = carnet.token(claims)
    head, body, signature = good.split(".")
    complete = mint.complete(carnet.settings, claims, 3600)

    def encoded(tree: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(tree).encode()).rstrip(b"=").decode()

    now = int(time.time())
    yield "no token", ""
    yield "another scheme", f"Basic {good}"
    yield "other issuer", f"Bearer {carnet.keys.sign(complete | {'iss': 'https://elsewhere.example'})}"
    yield "other audience", f"Bearer {carnet.keys.sign(complete | {'aud': 'https://elsewhere.example'})}"
    yield "expired", f"Bearer {carnet.keys.sign(complete | {'exp': now - 600, 'iat': now - 900})}"
    yield "none", f"Bearer {encoded({'alg': 'none', 'typ': 'JWT'})}.{body}."
    yield "none with a signature", f"Bearer {encoded({'alg': 'none', 'typ': 'JWT'})}.{body}.{signature}"
    yield "symmetric", f"Bearer {encoded({'alg': 'HS256', 'typ': 'JWT'})}.{body}.{signature}"
    yield "changed claims", f"Bearer {head}.{encoded(complete | {'kind': 'holder'})}.{signature}"
    yield "unknown kind", f"Bearer {carnet.keys.sign(complete | {'kind': 'operator'})}"
    yield "no kind", f"Bearer {carnet.keys.sign({k: v for k, v in complete.items() if k != 'kind'})}"
    yield "nonsense", "Bearer nonsense"


async def test_tokens_that_do_not_hold(carnet: Carnet, record: str) -> None:
    for name, header in tokens(carnet):
        answer = await Caller(carnet, {"Authorization": header} if header else {}).get(f"Patient/{record}")
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"].startswith("Bearer"), name
        assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_document_under_the_id_of_another_record(doctor: Caller, record: str) -> None:
    other = await open_record(doctor, "180127512345642", treating="810000000001")
    one = await doctor.make(document(record))
    moved = document(other) | {"id": one}
    answer = await doctor.put(f"DocumentReference/{one}", moved)
    assert answer.status_code == 422, answer.text
    crossed = one.replace(record, other)
    assert (await doctor.get(f"DocumentReference/{crossed}")).status_code == 404
    pointing = document(other, relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{one}"}}])
    assert (await doctor.post("DocumentReference", pointing)).status_code == 422


async def test_a_database_that_goes_away_and_comes_back(
    carnet: Carnet, cluster: Cluster, doctor: Caller, record: str
) -> None:
    name = urlsplit(carnet.settings.database_url).path.lstrip("/")
    before = await rows(carnet)
    cluster.run(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false',
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # fmt: skip
    try:
        for answer in (
            await doctor.get(f"Patient/{record}"),
            await doctor.post("DocumentReference", document(record)),
            await doctor.get("DocumentReference?status=current"),
            await doctor.get("Nonsense"),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.json()["issue"][0]["code"] == "transient"
            assert answer.headers["retry-after"]
        assert (await carnet.http.get("/health/ready")).status_code == 503
    finally:
        cluster.run(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
    assert await rows(carnet) == before
    for _ in range(20):
        answer = await doctor.get(f"Patient/{record}")
        if answer.status_code == 200:
            break
    assert answer.status_code == 200, answer.text
    assert (await doctor.post("DocumentReference", document(record))).status_code == 201
