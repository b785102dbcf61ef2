"""The REST surface end to end: every interaction with its headers, on the real application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.resources import DEFINITIONS
from app.resources.labels import VISIBILITY
from tests.serving import NIRS, TEST_INS, Carnet, document, open_record, patient, serving
from tests.world import listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

MASK = [{"op": "replace", "path": "/securityLabel/0/coding/0", "value": {"system": VISIBILITY, "code": "MASQUE_PS"}}]


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    with make_database() as urls:
        async with serving(urls, tmp_path_factory.mktemp("data")) as made:
            yield made


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor()


@pytest.fixture(scope="module")
async def record(doctor: Caller) -> str:
    return await open_record(doctor, treating="810000000001")


def reason(answer: httpx.Response) -> str:
    """Reason code of a refusal."""
    assert answer.json()["resourceType"] == "OperationOutcome"
    code: str = answer.json()["issue"][0].get("details", {}).get("coding", [{}])[0].get("code", "")
    return code


def master(number: int) -> Tree:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.4.{number}"}


async def test_create_says_where_it_is(carnet: Carnet, doctor: Caller, record: str) -> None:
    answer = await doctor.post("DocumentReference", document(record) | {"id": "mine"})
    body = answer.json()
    assert answer.status_code == 201
    base = f"{carnet.settings.fhir_base}/DocumentReference/{body['id']}/_history/{body['meta']['versionId']}"
    assert answer.headers["location"] == base
    assert answer.headers["etag"] == f'W/"{body["meta"]["versionId"]}"'
    assert answer.headers["last-modified"].endswith("GMT")
    assert body["id"].startswith(f"{record}.")
    read = await doctor.get(f"DocumentReference/{body['id']}")
    assert read.content == answer.content
    assert {n: read.headers[n] for n in ("etag", "last-modified")} == {
        n: answer.headers[n] for n in ("etag", "last-modified")
    }


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [("minimal", ""), ("representation", "DocumentReference"), ("OperationOutcome", "OperationOutcome")],
)
async def test_prefer(doctor: Caller, record: str, prefer: str, kind: str) -> None:
    answer = await doctor.post("DocumentReference", document(record), headers={"Prefer": f"return={prefer}"})
    assert answer.status_code == 201
    assert (answer.json()["resourceType"] if answer.content else "") == kind
    assert answer.headers["location"]
    assert ("content-location" in answer.headers) is (prefer == "representation")


async def test_conditional_read(doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record))
    read = await doctor.get(f"DocumentReference/{one}")
    for header in ({"If-None-Match": read.headers["etag"]}, {"If-Modified-Since": read.headers["last-modified"]}):
        answer = await doctor.get(f"DocumentReference/{one}", headers=header)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", read.headers["etag"])
    assert (await doctor.get(f"DocumentReference/{one}", headers={"If-None-Match": 'W/"other"'})).status_code == 200


async def test_versions_and_history(doctor: Caller, record: str) -> None:
    made = await doctor.post("DocumentReference", document(record))
    one, first = made.json()["id"], made.json()["meta"]["versionId"]
    patched = await doctor.patch(f"DocumentReference/{one}", MASK)
    assert patched.status_code == 200, patched.text
    second = patched.json()["meta"]["versionId"]
    assert patched.headers["etag"] == f'W/"{second}"'
    old = await doctor.get(f"DocumentReference/{one}/_history/{first}")
    assert old.content == made.content
    assert (await doctor.get(f"DocumentReference/{one}/_history/{second}")).content == patched.content
    assert (await doctor.get(f"DocumentReference/{one}/_history/nothere")).status_code == 404
    history = (await doctor.get(f"DocumentReference/{one}/_history")).json()
    assert history["type"] == "history"
    assert [e["resource"]["meta"]["versionId"] for e in history["entry"]] == [second, first]
    assert [e["request"]["method"] for e in history["entry"]] == ["PATCH", "POST"]
    assert len((await doctor.get(f"DocumentReference/{one}/_history?_count=1")).json()["entry"]) == 1


async def test_update_with_if_match(doctor: Caller, record: str) -> None:
    tree = (await doctor.post("DocumentReference", document(record))).json()
    path, tag = f"DocumentReference/{tree['id']}", f'W/"{tree["meta"]["versionId"]}"'
    changed = await doctor.put(path, tree | {"description": "one"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["description"]) == (200, "one"), changed.text
    assert changed.headers["location"].endswith(changed.json()["meta"]["versionId"])
    stale = await doctor.put(path, tree | {"description": "two"}, headers={"If-Match": tag})
    assert (stale.status_code, reason(stale)) == (412, "stale-version")
    assert (await doctor.get(path)).json()["description"] == "one"
    for made_up in ("nothere", f"{record}.nothere"):
        answer = await doctor.put(f"DocumentReference/{made_up}", tree | {"id": made_up})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PATCH, DELETE")
    assert (await doctor.put(path, tree | {"id": "other"})).status_code == 400
    assert (await doctor.put(path, {k: v for k, v in tree.items() if k != "id"})).status_code == 400
    settled = await doctor.put(path, tree | {"date": "2020-01-01T00:00:00Z"})
    assert (settled.status_code, settled.json()["issue"][0]["expression"]) == (422, ["DocumentReference.date"])


async def test_patch(doctor: Caller, record: str) -> None:
    made = await doctor.post("DocumentReference", document(record, masterIdentifier=master(1)))
    path, tag = f"DocumentReference/{made.json()['id']}", made.headers["etag"]
    assert (await doctor.patch(path, MASK, headers={"If-Match": tag})).status_code == 200
    assert (await doctor.patch(path, MASK, headers={"If-Match": tag})).status_code == 412
    where = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.4.1"
    normal = [
        {
            "op": "replace",
            "path": "/securityLabel/0",
            "value": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}]},
        }
    ]
    answer = await doctor.patch(where, normal)
    assert (answer.status_code, answer.json()["securityLabel"][0]["coding"][0]["code"]) == (200, "N"), answer.text
    assert (await doctor.patch(f"{where}0", MASK)).status_code == 404
    assert (await doctor.patch("DocumentReference?nonsense=1", MASK)).status_code == 400
    assert (await doctor.patch("DocumentReference", MASK)).status_code == 400
    other = await doctor.patch(path, [{"op": "replace", "path": "/date", "value": "2020-01-01T00:00:00Z"}])
    assert (other.status_code, reason(other), "GET" in other.headers["allow"]) == (405, "element-settled", True)
    assert (await doctor.patch(path, [{"op": "test", "path": "/status", "value": "superseded"}])).status_code == 422
    for wrong in ([{"op": "replace", "path": "/nothere/0", "value": 1}], [{"op": "remove", "path": "/securityLabel/7"}],
                  [{"op": "add", "path": "/status/x", "value": 1}], [{"op": "replace", "path": "", "value": 3}],
                  [{"op": "replace", "path": "", "value": {}}], [{"op": "remove", "path": ""}],
                  [{"op": "replace", "path": "/securityLabel", "value": None}],
                  [{"op": "move", "path": "/securityLabel/0/coding", "from": "/securityLabel"}],
                  [{"op": "replace", "path": "/resourceType", "value": "Patient"}],
                  [{"op": "add", "path": "/securityLabel/0", "value": {"coding": 3}}],
                  [{"op": "add", "path": "/extension", "value": "x"}],
                  [{"op": "replace", "path": "/extension[url:'urn:x']/valueBoolean", "value": 3}]):  # fmt: skip
        answer = await doctor.patch(path, wrong)
        assert answer.status_code in (400, 405, 422), (wrong, answer.text)
        assert answer.json()["resourceType"] == "OperationOutcome"
    for wrong_shape in (
        {"op": "add"},
        [3],
        [{"op": "nonsense", "path": "/status"}],
        [{"op": "replace", "path": 3, "value": 1}],
    ):
        assert (await doctor.patch(path, wrong_shape)).status_code == 400  # type: ignore[arg-type]
    assert (await doctor.get(path)).json()["securityLabel"][0]["coding"][0]["code"] == "N"


async def test_fhirpath_patch(doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record))
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "value", "valueCode": "superseded"}]}]}  # fmt: skip
    answer = await doctor.send("PATCH", f"DocumentReference/{one}", json=parameters)
    assert (answer.status_code, answer.json()["status"]) == (200, "superseded"), answer.text


async def test_delete(carnet: Carnet, doctor: Caller, record: str) -> None:
    own = carnet.holder(record)
    mine = document(record, type_="74465-6", masterIdentifier=master(2))
    one = await own.make(mine)
    refused = await doctor.delete(f"DocumentReference/{one}")
    assert refused.status_code == 403
    assert (await own.delete(f"DocumentReference/{one}", headers={"If-Match": 'W/"other"'})).status_code == 412
    answer = await own.delete(f"DocumentReference/{one}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await own.get(f"DocumentReference/{one}")).status_code == 410
    history = (await own.get(f"DocumentReference/{one}/_history")).json()
    assert history["entry"][0]["request"]["method"] == "DELETE"
    assert (await own.delete("DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.4.2")).status_code == 204
    assert (await own.delete("DocumentReference")).status_code == 400


async def test_conditional_create_and_update(doctor: Caller, record: str) -> None:
    tree, where = document(record, masterIdentifier=master(3)), "identifier=urn:ietf:rfc:3986|urn:oid:1.2.4.3"
    first = await doctor.post("DocumentReference", tree, headers={"If-None-Exist": where})
    again = await doctor.post("DocumentReference", tree | {"description": "x"}, headers={"If-None-Exist": where})
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.headers["etag"], again.headers["location"]) == (first.headers["etag"], first.headers["location"])
    stored = first.json()
    changed = await doctor.put(f"DocumentReference?{where}", {**stored, "description": "new"})
    assert (changed.status_code, changed.json()["id"]) == (200, stored["id"]), changed.text
    made = await doctor.put(f"DocumentReference?{where}4", document(record, masterIdentifier=master(34)))
    assert made.status_code == 201, made.text
    for number in (41, 42):
        await doctor.make(document(record, description="twin", masterIdentifier=master(number)))
    many = await doctor.post("DocumentReference", tree, headers={"If-None-Exist": f"patient={record}&description=twin"})
    assert (many.status_code, many.json()["issue"][0]["code"]) == (412, "multiple-matches")
    unknown = await doctor.post("DocumentReference", tree, headers={"If-None-Exist": "nonsense=1"})
    assert unknown.status_code == 400


async def test_search_by_get_and_by_form(carnet: Carnet, doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record, description="Findable"))
    query = f"patient={record}&description=Findable"
    got = await doctor.get(f"DocumentReference?{query}")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = await doctor.send("POST", "DocumentReference/_search", content=query, headers=form)
    assert got.status_code == posted.status_code == 200
    assert got.json() == posted.json()
    entry = got.json()["entry"][0]
    assert entry["fullUrl"] == f"{carnet.settings.fhir_base}/DocumentReference/{one}"
    assert entry["search"] == {"mode": "match"}
    assert got.json()["link"][0]["relation"] == "self"
    unknown = await doctor.get(f"DocumentReference?{query}&nonsense=1")
    assert unknown.status_code == 200
    assert "nonsense" not in unknown.json()["link"][0]["url"]
    assert unknown.json()["entry"][-1]["search"]["mode"] == "outcome"
    assert (
        await doctor.get(f"DocumentReference?{query}&nonsense=1", headers={"Prefer": "handling=strict"})
    ).status_code == 400
    assert (await doctor.get("Practitioner?nonsense=1")).status_code == 400
    lenient = await doctor.get("Practitioner?nonsense=1", headers={"Prefer": "handling=lenient"})
    assert lenient.status_code == 200


@pytest.mark.slow  # the trail's parameters take half of a minute to compile
async def test_every_declared_parameter_answers(doctor: Caller) -> None:
    values = {"date": "2026", "token": "x", "string": "x", "reference": "Patient/x", "uri": "urn:x", "composite": "a$b"}
    statement = (await doctor.get("metadata")).json()
    for resource in statement["rest"][0]["resource"]:
        for parameter in resource.get("searchParam", []):
            answer = await doctor.get(f"{resource['type']}?{parameter['name']}={values[parameter['type']]}")
            assert answer.status_code == 200, (resource["type"], parameter, answer.text)


async def test_the_capability_statement_says_what_is_served(doctor: Caller) -> None:
    """Every interaction that is declared is served, and none that is not."""
    statement = (await doctor.get("metadata")).json()
    resources = [one for one in statement["rest"][0]["resource"] if one["type"] in DEFINITIONS]
    declared = {one["type"]: {i["code"] for i in one["interaction"]} for one in resources}
    assert declared.keys() == DEFINITIONS.keys()
    body: Tree = {}
    requests = {
        "read": ("GET", "{}/a.b", None), "vread": ("GET", "{}/a.b/_history/c", None), "update": ("PUT", "{}/a.b", body),
        "patch": ("PATCH", "{}/a.b", MASK), "delete": ("DELETE", "{}/a.b", None), "create": ("POST", "{}", body),
        "history-type": ("GET", "{}/_history", None),
        "history-instance": ("GET", "{}/a.b/_history", None), "search-type": ("GET", "{}", None),
    }  # fmt: skip
    for kind, codes in declared.items():
        for code, (method, path, tree) in requests.items():
            more: dict[str, Any] = {"json": tree} if tree is not None else {}
            answer = await doctor.send(method, path.format(kind), **more)
            if code not in codes:
                assert answer.status_code == 405, (kind, code, answer.text)
            elif answer.status_code == 405:
                assert reason(answer) == "ids-are-the-servers", (kind, code, answer.text)
            assert answer.status_code < 500
    anonymous = await doctor.carnet.http.get("/fhir/metadata")
    assert anonymous.status_code == 200


async def test_a_condition_may_mean_one_version(doctor: Caller, record: str) -> None:
    """If-Match on conditional interactions: what changed since is left as it is (http.html section 3.1.0.4)."""
    lot = listing(record, await doctor.make(document(record)))
    one = await doctor.make({**lot, "identifier": [{"system": "urn:oid:1.2.3", "value": "once"}]})
    first = (await doctor.get(f"List/{one}")).json()
    where, stale = "List?identifier=urn:oid:1.2.3|once", {"headers": {"If-Match": 'W/"other"'}}
    current = {"headers": {"If-Match": f'W/"{first["meta"]["versionId"]}"'}}
    assert (await doctor.put(where, {**first, "title": "a"}, **stale)).status_code == 412
    assert (await doctor.put(where, {**first, "title": "a"}, **current)).status_code == 200
    assert (await doctor.put(where, {**first, "title": "b"}, **current)).status_code == 412
    none = {key: value for key, value in first.items() if key not in {"id", "meta"}}
    assert (await doctor.put("List?identifier=urn:oid:1.2.3|never", none, **current)).status_code == 412
    assert (await doctor.delete(where, **current)).status_code == 412
    assert (await doctor.get(f"List/{one}")).json()["title"] == "a"
    assert (await doctor.delete("List?identifier=urn:oid:1.2.3|never", **current)).status_code == 204


async def test_batch_answers_each_entry_for_itself(doctor: Caller, record: str) -> None:
    entries = [
        {"request": {"method": "GET", "url": f"Patient/{record}"}},
        {"request": {"method": "GET", "url": f"Patient?identifier={TEST_INS}|{NIRS[0]}"}},
        {"request": {"method": "POST", "url": "DocumentReference"}, "resource": document(record)},
        {"request": {"method": "POST", "url": "DocumentReference"}, "resource": {"resourceType": "DocumentReference"}},
        {"request": {"method": "GET", "url": f"DocumentReference/{record}.nothere"}},
        {"request": {"method": "GET", "url": f"Patient/{record}/$access"}},
        {
            "request": {"method": "PUT", "url": f"DocumentReference/{record}.x"},
            "resource": {**document(record), "id": f"{record}.x"},
        },
    ]
    answer = await doctor.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert answer.status_code == 200
    statuses = [e["response"]["status"].split()[0] for e in answer.json()["entry"]]
    assert statuses == ["200", "200", "201", "400", "404", "200", "405"]


async def test_every_answer_carries_its_request_id(doctor: Caller) -> None:
    for path in ("metadata", "Patient/nothere", "Nonsense"):
        answer = await doctor.get(path, headers={"X-Request-Id": "asked-1"})
        assert answer.headers["x-request-id"] == "asked-1"
        assert (await doctor.get(path)).headers["x-request-id"]


async def test_operations_refuse_as_everything_else(doctor: Caller, record: str) -> None:
    assert (await doctor.get(f"Patient/{record}/$nothing")).status_code == 404
    assert (await doctor.get(f"Patient/{record}/$close")).status_code == 405
    assert (await doctor.post(f"Patient/{record}/$break-glass", patient())).status_code == 400
    assert (await doctor.post("Patient/nothere/$close", {"resourceType": "Parameters"})).status_code == 404
