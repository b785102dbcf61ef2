"""Every way out (policy.md section 7): what a caller may not see answers exactly like what was never there."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.auth import mint
from tests.serving import LOINC, Carnet, actor, deny, document, permit, serving
from tests.world import DOCTOR, NURSE, OTHER, close, journal, label, listing, opened, provenance, will, withdraw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

VOLATILE = {"date", "x-request-id", "x-correlation-id"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("exits")
    async with serving(module_database_urls, folder) as made:
        yield made


class Scene:
    """One record with a document that a nurse sees, and one that is masked from her."""

    record: str
    plain: str
    masked: str

    def __init__(self, carnet: Carnet) -> None:
        self.carnet = carnet
        self.depositor = carnet.doctor(OTHER)
        self.nurse = carnet.professional(NURSE, "60")
        self.doctor = carnet.doctor(DOCTOR)

    @property
    def holder(self) -> Caller:
        return self.carnet.holder(self.record)

    @property
    def absent(self) -> str:
        """An id of the record that nothing has."""
        return f"{self.record}.{'a' * len(self.masked.partition('.')[2])}"


@pytest.fixture
async def scene(carnet: Carnet) -> Scene:
    made = Scene(carnet)
    made.record = await opened(carnet, treating=DOCTOR)
    await will(made.holder, made.record, "authorisation", permit(actor(NURSE)))
    made.plain = await made.depositor.make(document(made.record))
    made.masked = await made.depositor.make(document(made.record, label="MASQUE_PS", content=b"<masked/>"))
    return made


def said(answer: httpx.Response, *names: str) -> tuple[int, dict[str, str], str]:
    """All of an answer that may not differ, the names that the caller himself sent aside."""
    headers = {k: v for k, v in answer.headers.items() if k not in VOLATILE}
    text = answer.text
    for name in names:
        text = text.replace(name, "ID")
        headers = {k: v.replace(name, "ID") for k, v in headers.items()}
    return answer.status_code, headers, text


async def alike(caller: Caller, method: str, path: str, *names: str, **more: Any) -> int:
    """Ask the same of each name; the answers must not differ. Returns their status."""
    answers = []
    for name in names:
        own = json.loads(json.dumps(more).replace("{id}", name))
        answers.append(said(await caller.send(method, path.format(id=name), **own), *names))
    assert all(one == answers[0] for one in answers), answers
    return answers[0][0]


# 1, 2, 3: totals, pages, page tokens


async def test_totals_and_pages_count_visible_rows_alone(scene: Scene) -> None:
    for _ in range(4):
        await scene.depositor.make(document(scene.record))
        await scene.depositor.make(document(scene.record, label="MASQUE_PS"))
    about = f"DocumentReference?patient={scene.record}"
    for query in (
        "&_summary=count",
        "&_total=accurate",
        "&_count=2&_total=accurate",
        "&_total=estimate&_count=1",
        "&_count=0",
    ):
        assert (await scene.nurse.get(about + query)).json()["total"] == 5
        assert (await scene.doctor.get(about + query)).json()["total"] == 10
    assert "total" not in (await scene.nurse.get(f"{about}&_total=none")).json()
    pages, url = [], f"{about}&_count=2"
    while url:
        bundle = (await scene.nurse.get(url)).json()
        pages.append([e["resource"]["id"] for e in bundle["entry"] if e["search"]["mode"] == "match"])
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        url = following[0].partition("/fhir/")[2] if following else ""
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({one for page in pages for one in page}) == 5
    across = await scene.nurse.get("DocumentReference?_summary=count")
    assert across.json()["total"] == len(await scene.nurse.found("DocumentReference?_count=200"))


async def test_a_page_token_serves_its_own_caller_and_its_own_search_alone(scene: Scene) -> None:
    about = f"DocumentReference?patient={scene.record}&_count=1"
    bundle = (await scene.doctor.get(about)).json()
    url = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    token = dict(parse_qsl(urlsplit(url).query))["_cursor"]
    assert (await scene.doctor.get(f"{about}&_cursor={token}")).status_code == 200
    stolen = await scene.nurse.get(f"{about}&_cursor={token}")
    forged = await scene.nurse.get(f"{about}&_cursor={'A' * len(token)}")
    assert said(stolen, token) == said(forged, "A" * len(token))
    assert stolen.status_code == 400
    assert (await scene.doctor.get(f"{about}&status=current&_cursor={token}")).status_code == 400
    unknown = await scene.nurse.get(f"DocumentReference?patient={'a' * 20}&_cursor={token}")
    assert unknown.status_code == 400


# 4, 5: includes, chains


async def test_includes_bring_along_only_what_may_be_seen(carnet: Carnet, scene: Scene) -> None:
    made = await scene.depositor.make(listing(scene.record, scene.plain, scene.masked))

    async def brought(caller: Caller, query: str) -> set[str]:
        answer = await caller.get(query)
        assert answer.status_code == 200, answer.text
        return {e["resource"]["id"] for e in answer.json()["entry"] if e["search"]["mode"] == "include"}

    for include in ("List:item", "List:item:DocumentReference", "*"):
        assert scene.masked not in await brought(scene.nurse, f"List?patient={scene.record}&_include={include}")
        assert scene.plain in await brought(scene.nurse, f"List?patient={scene.record}&_include={include}")
        assert scene.masked in await brought(scene.doctor, f"List?patient={scene.record}&_include={include}")
        assert scene.masked not in await brought(scene.nurse, f"List?_id={made}&_include={include}")
    stranger = carnet.doctor("810000000041")
    mine = await stranger.make(document(scene.record))
    assert await brought(stranger, f"DocumentReference?_id={mine}&_include=DocumentReference:subject") == set()
    assert await brought(stranger, "DocumentReference?_include=DocumentReference:subject") == set()
    assert await brought(scene.nurse, f"DocumentReference?_id={scene.plain}&_include=DocumentReference:subject") == {
        scene.record
    }
    back = f"Patient?_id={scene.record}&_revinclude=DocumentReference:subject"
    assert await brought(scene.nurse, back) == {scene.plain, mine}
    assert await brought(stranger, back) == {mine}
    assert scene.masked in await brought(scene.doctor, back)
    rounds = f"Patient?_id={scene.record}&_revinclude=DocumentReference:subject&_revinclude:iterate=List:item"
    assert await brought(scene.nurse, rounds) == {scene.plain, mine, made}


async def test_chains_look_at_visible_rows_alone(scene: Scene) -> None:
    other = await scene.depositor.make(document(scene.record, label="MASQUE_PS", type_="34133-9"))
    made = await scene.depositor.make(listing(scene.record, scene.plain, other))
    chain = f"List?patient={scene.record}&item:DocumentReference.type="
    assert await scene.doctor.found(f"{chain}{LOINC}|34133-9") == [made]
    assert await scene.nurse.found(f"{chain}{LOINC}|34133-9") == []
    assert await scene.nurse.found(f"{chain}{LOINC}|11488-4") == [made]
    deep = f"List?patient={scene.record}&item:DocumentReference.patient.family=pat"
    assert await scene.nurse.found(deep) == [made]
    back = f"Patient?_id={scene.record}&_has:DocumentReference:patient:type="
    assert await scene.doctor.found(f"{back}34133-9") == [scene.record]
    assert await scene.nurse.found(f"{back}34133-9") == []
    assert await scene.nurse.found(f"{back}11488-4") == [scene.record]


async def test_a_chain_does_not_ask_for_references_that_are_left_out(scene: Scene) -> None:
    tree = document(
        scene.record, relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{scene.masked}"}}]
    )
    one = await scene.depositor.make(tree)
    made = await scene.depositor.make(listing(scene.record, one))
    for query, seen in ((f"relatesto=DocumentReference/{scene.masked}", True), ("relation=appends", True)):
        assert (
            await scene.doctor.found(f"List?patient={scene.record}&item:DocumentReference.{query}") == [made]
        ) is seen
        assert await scene.nurse.found(f"List?patient={scene.record}&item:DocumentReference.{query}") == []


# 6, 7, 9, 10: by id, versions, history, refusals, conditional interactions


@pytest.mark.parametrize(
    "path",
    [
        "DocumentReference/{id}",
        "DocumentReference/{id}/_history",
        "DocumentReference/{id}/_history/1",
        "DocumentReference/{id}?_summary=true",
        "Binary/{id}",
        "List/{id}",
        "Consent/{id}",
        "Task/{id}",
        "AuditEvent/{id}",
    ],
)
async def test_reads_of_unseen_and_absent_are_alike(scene: Scene, path: str) -> None:
    assert await alike(scene.nurse, "GET", path, scene.masked, scene.absent) == 404
    assert await alike(scene.nurse, "HEAD", path, scene.masked, scene.absent) in {404, 405}


async def test_writes_on_unseen_and_absent_are_alike(scene: Scene) -> None:
    tree = {**document(scene.record), "id": "{id}"}
    names = (scene.masked, scene.absent)
    path = "DocumentReference/{id}"
    patch = [{"op": "replace", "path": "/status", "value": "superseded"}]
    merge = {"Content-Type": "application/json-patch+json"}
    body = {"Content-Type": "application/fhir+json"}
    assert await alike(scene.nurse, "PUT", path, *names, json=tree) == 405
    assert await alike(scene.nurse, "PUT", path, *names, json=tree, headers={**body, "If-Match": 'W/"1"'}) == 405
    assert await alike(scene.nurse, "PATCH", path, *names, json=patch, headers=merge) == 404
    assert await alike(scene.nurse, "PATCH", path, *names, json=patch, headers={**merge, "If-Match": 'W/"1"'}) == 404
    assert await alike(scene.nurse, "DELETE", path, *names) == 404
    assert await alike(scene.nurse, "DELETE", path, *names, headers={"If-Match": 'W/"1"'}) == 404
    bad = [{"op": "remove", "path": "/nothing/there"}]
    assert await alike(scene.nurse, "PATCH", path, *names, json=bad, headers=merge) == 404


async def test_validators_say_nothing_of_the_unseen(scene: Scene) -> None:
    tag = (await scene.doctor.get(f"DocumentReference/{scene.masked}")).headers["etag"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"},
    ):
        assert (
            await alike(scene.nurse, "GET", "DocumentReference/{id}", scene.masked, scene.absent, headers=headers)
            == 404
        )
        seen = await scene.doctor.get(f"DocumentReference/{scene.masked}", headers=headers)
        assert seen.status_code == 304
    version = tag.split('"')[1]
    path = f"DocumentReference/{{id}}/_history/{version}"
    assert await alike(scene.nurse, "GET", path, scene.masked, scene.absent) == 404


async def test_history_shows_versions_of_which_neither_they_nor_today_s_deny(scene: Scene) -> None:
    one = scene.plain
    first = (await scene.nurse.get(f"DocumentReference/{one}")).json()["meta"]["versionId"]
    await label(scene.holder, one, "MASQUE_PS")
    second = (await scene.holder.get(f"DocumentReference/{one}")).json()["meta"]["versionId"]
    for path in ("", "/_history", f"/_history/{first}", f"/_history/{second}"):
        assert (await scene.nurse.get(f"DocumentReference/{one}{path}")).status_code == 404
    await label(scene.holder, one)
    third = (await scene.holder.get(f"DocumentReference/{one}")).json()["meta"]["versionId"]

    async def versions(caller: Caller) -> list[str]:
        entries = (await caller.get(f"DocumentReference/{one}/_history")).json()["entry"]
        return [e["resource"]["meta"]["versionId"] for e in entries]

    assert await versions(scene.nurse) == [third, first]
    assert await versions(scene.doctor) == [third, second, first]
    assert await alike(scene.nurse, "GET", f"DocumentReference/{one}/_history/{{id}}", second, "a" * len(second)) == 404
    assert (await scene.nurse.get(f"DocumentReference/{one}/_history/{first}")).status_code == 200


async def test_gone_is_said_only_to_who_saw_the_last_version(scene: Scene) -> None:
    holder = scene.holder
    one = await holder.make(
        {**document(scene.record, type_="EXPPAT_1"), "type": {"coding": [{"system": HOLDER_TYPES, "code": "EXPPAT_1"}]}}
    )
    assert (await scene.doctor.get(f"DocumentReference/{one}")).status_code == 200
    assert (await holder.delete(f"DocumentReference/{one}")).status_code == 204
    assert (await holder.get(f"DocumentReference/{one}")).status_code == 410
    assert await alike(carnet_stranger(scene), "GET", "DocumentReference/{id}", one, scene.absent) == 404
    made = await scene.depositor.make(listing(scene.record, scene.masked))
    assert (await scene.depositor.delete(f"List/{made}")).status_code == 204
    assert (await scene.depositor.get(f"List/{made}")).status_code == 410
    assert await alike(scene.nurse, "GET", "List/{id}", made, scene.absent) == 404


HOLDER_TYPES = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"


def carnet_stranger(scene: Scene) -> Caller:
    """A professional without a relation."""
    return scene.carnet.doctor("810000000042")


async def test_conditional_interactions_count_visible_rows_alone(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, first, second = carnet.holder(record), carnet.doctor("810000000043"), carnet.doctor("810000000044")
    identifier = [{"system": "https://example.org/doc", "value": record}]
    await first.make(document(record, identifier=identifier, label="MASQUE_PS"))
    condition = f"identifier=https://example.org/doc|{record}&patient={record}"
    merge = {"Content-Type": "application/json-patch+json"}
    patch = [{"op": "replace", "path": "/status", "value": "superseded"}]
    for caller in (second,):
        answer = await caller.send("PATCH", f"DocumentReference?{condition}", json=patch, headers=merge)
        assert answer.status_code == 404
        assert (await caller.delete(f"DocumentReference?{condition}")).status_code in {204, 404}
    made = await second.post(
        "DocumentReference", document(record, identifier=identifier), headers={"If-None-Exist": condition}
    )
    assert made.status_code == 201
    again = await second.post(
        "DocumentReference", document(record, identifier=identifier), headers={"If-None-Exist": condition}
    )
    assert again.status_code == 200
    both = await holder.send("PATCH", f"DocumentReference?{condition}", json=patch, headers=merge)
    assert both.status_code == 412
    own = await second.send("PATCH", f"DocumentReference?{condition}", json=patch, headers=merge)
    assert own.status_code == 200


async def test_a_conditional_update_over_the_unseen_creates(scene: Scene) -> None:
    system = "https://example.org/list"
    hidden = {**listing(scene.record, scene.masked), "identifier": [{"system": system, "value": scene.record}]}
    await scene.depositor.make(hidden)
    tree = {**listing(scene.record, scene.plain), "identifier": [{"system": system, "value": scene.record}]}
    answer = await scene.nurse.put(f"List?identifier={system}|{scene.record}&patient={scene.record}", tree)
    assert answer.status_code == 201


# 15: contents


async def test_contents_of_unseen_and_absent_are_alike(scene: Scene) -> None:
    url = (await scene.doctor.get(f"DocumentReference/{scene.masked}")).json()["content"][0]["attachment"]["url"]
    identifier = url.partition("/")[2]
    for headers in (
        {},
        {"Accept": "application/xml"},
        {"Accept": "*/*"},
        {"Accept": "application/fhir+json"},
        {"Range": "bytes=0-1", "Accept": "application/xml"},
    ):
        assert await alike(scene.nurse, "GET", "Binary/{id}", identifier, scene.absent, headers=headers) == 404
    assert (await scene.nurse.get(url.replace("Binary", "DocumentReference"))).status_code == 404


# 17, 18, 24, 25


async def test_spellings_of_a_reference_find_the_same(carnet: Carnet, scene: Scene) -> None:
    made = await scene.depositor.make(listing(scene.record, scene.plain, scene.masked))
    base = carnet.settings.fhir_base
    for spelled in (
        "{id}",
        "DocumentReference/{id}",
        f"{base}/DocumentReference/{{id}}",
        "DocumentReference/{id}/_history/1",
    ):
        about = f"List?patient={scene.record}&item="
        assert await scene.nurse.found(about + spelled.format(id=scene.plain)) == [made]
        assert await scene.nurse.found(about + spelled.format(id=scene.masked)) == []
        assert await scene.doctor.found(about + spelled.format(id=scene.masked)) == [made]
    for patient in (scene.record, f"Patient/{scene.record}", f"{base}/Patient/{scene.record}"):
        assert await scene.nurse.found(f"DocumentReference?patient={patient}") == [scene.plain]
        assert await scene.nurse.found(f"DocumentReference?subject={patient}") == [scene.plain]
        assert await scene.nurse.found(f"DocumentReference?subject:Patient={patient}") == [scene.plain]


@pytest.mark.parametrize("name", ["_filter", "_list", "_content", "_text", "_query", "_contained"])
async def test_rare_parameters_are_refused(scene: Scene, name: str) -> None:
    assert (await scene.nurse.get(f"DocumentReference?patient={scene.record}&{name}=x")).status_code == 400


async def test_no_parameter_finds_what_is_unseen(scene: Scene) -> None:
    about = f"DocumentReference?patient={scene.record}"
    for query in (
        f"_id={scene.masked}",
        "security-label=MASQUE_PS",
        "_lastUpdated=gt2020-01-01",
        "relatesto:missing=true",
        "type:not=1-1",
        "_sort=-date",
        "_elements=id",
        "_source:missing=true",
        "description:missing=true",
        "identifier:missing=true",
        "_summary=text",
        "_summary=data",
        "_summary=true",
    ):
        found = await scene.nurse.found(f"{about}&{query}")
        assert scene.masked not in found, query
    by_id = await scene.nurse.get(f"{about}&_id={scene.masked}")
    none = await scene.nurse.get(f"{about}&_id={scene.absent}")
    assert said(by_id, scene.masked, scene.absent) == said(none, scene.masked, scene.absent)


# 20, 21


async def test_another_depositor_s_master_identifier_never_collides(scene: Scene) -> None:
    master = {"masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4"}}
    await scene.depositor.make(document(scene.record, label="MASQUE_PS", **master))
    mine = await scene.nurse.post("DocumentReference", document(scene.record, content=b"<other/>", **master))
    assert mine.status_code == 201
    again = await scene.nurse.post("DocumentReference", document(scene.record, content=b"<other/>", **master))
    assert again.status_code == 200
    other = await scene.nurse.post("DocumentReference", document(scene.record, content=b"<third/>", **master))
    assert other.status_code == 409
    assert await scene.nurse.found(f"DocumentReference?patient={scene.record}&identifier=urn:oid:1.2.3.4") == [
        mine.headers["location"].split("/")[-3]
    ]


async def test_references_to_the_unseen_are_left_out_and_not_found_by(scene: Scene) -> None:
    relates = [
        {"code": "appends", "target": {"reference": f"DocumentReference/{scene.masked}"}},
        {"code": "transforms", "target": {"reference": f"DocumentReference/{scene.plain}"}},
    ]
    related = [{"reference": f"DocumentReference/{one}"} for one in (scene.masked, scene.plain)]
    one = await scene.depositor.make(document(scene.record, relatesTo=relates, context={"related": related}))
    whole, left = [(await caller.get(f"DocumentReference/{one}")).json() for caller in (scene.doctor, scene.nurse)]
    assert len(whole["relatesTo"]) == len(whole["context"]["related"]) == 2
    assert scene.masked not in json.dumps(left)
    assert [r["code"] for r in left["relatesTo"]] == ["transforms"]
    assert whole["meta"] == left["meta"]
    for query in (
        f"relatesto=DocumentReference/{scene.masked}",
        f"related=DocumentReference/{scene.masked}",
        "relation=appends",
        f"relationship=appends$DocumentReference/{scene.masked}",
        f"relationship=DocumentReference/{scene.masked}$appends",
        "relation:not=transforms",
        "relatesto:DocumentReference.status=current&relation=appends",
    ):
        found = await scene.nurse.found(f"DocumentReference?patient={scene.record}&{query}")
        assert one not in found, query
        assert one not in await scene.nurse.found(f"DocumentReference?{query}"), query
    for query in (
        f"relatesto=DocumentReference/{scene.plain}",
        f"related=DocumentReference/{scene.plain}",
        "relation=transforms",
        f"relationship=transforms$DocumentReference/{scene.plain}",
        "relation:not=appends",
    ):
        assert one in await scene.nurse.found(f"DocumentReference?patient={scene.record}&{query}"), query
    doctors = await scene.doctor.found(f"DocumentReference?patient={scene.record}&relation=appends")
    assert doctors == [one]
    page = await scene.nurse.get(f"DocumentReference?patient={scene.record}")
    assert scene.masked not in page.text
    ordered = await scene.nurse.get(f"DocumentReference?patient={scene.record}&_sort=relation")
    assert scene.masked not in ordered.text
    assert ordered.status_code == 200


async def test_a_reference_to_the_unseen_cannot_be_made(scene: Scene) -> None:
    for kind in (
        listing(scene.record, "{id}"),
        provenance("{id}"),
        document(scene.record, relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/{id}"}}]),
    ):
        names = (scene.masked, scene.absent)
        assert await alike(scene.nurse, "POST", kind["resourceType"], *names, json=kind) == 422


# 22, 26: the caller's own journal


async def test_own_journal_of_unseen_and_absent_is_alike(carnet: Carnet, scene: Scene) -> None:
    names = (scene.masked, scene.absent)
    caller = carnet.professional("810000000045", "60")
    await will(scene.holder, scene.record, "authorisation", permit(actor("810000000045")))
    patch = {
        "json": [{"op": "replace", "path": "/status", "value": "superseded"}],
        "headers": {"Content-Type": "application/json-patch+json"},
    }
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}),
        ("GET", "/_history", {}),
        ("GET", "/_history/1", {}),
        ("DELETE", "", {}),
        ("PATCH", "", patch),
        ("PUT", "", {"json": {**document(scene.record), "id": "{id}"}}),
    ]
    for method, more, body in asked:
        await alike(caller, method, f"DocumentReference/{{id}}{more}", *names, **body)
    for name in names:
        await caller.found(f"DocumentReference?patient={scene.record}&_id={name}")
    told: dict[str, list[str]] = {}
    for event in await journal(caller, scene.record):
        text = json.dumps({k: v for k, v in event.items() if k not in {"id", "meta", "recorded"}})
        for coded in re.findall(r'"query": "([^"]*)"', text):
            text = text.replace(coded, base64.b64decode(coded).decode())
        for name in names:
            if name in text:
                told.setdefault(name, []).append(_bare(text.replace(name, "ID")))
    for seen, never in zip(told[scene.masked], told[scene.absent], strict=True):
        assert seen == never
    assert len(told[scene.masked]) == 7


def _bare(text: str) -> str:
    """Without what differs from one request to the next."""
    return re.sub(r'urn:ietf:params:oauth:jti:[^"]*|"value": "[0-9a-f-]{16,36}"', "", text)


async def test_an_uncited_content_and_a_withdrawn_one_are_like_absent(scene: Scene) -> None:
    headers = {"Content-Type": "application/pdf", "X-Security-Context": f"Patient/{scene.record}"}
    answer = await scene.depositor.send("POST", "Binary", content=b"%PDF-", headers=headers)
    held = answer.headers["location"].split("/")[-3]
    assert await alike(scene.nurse, "GET", "Binary/{id}", held, scene.absent) == 404
    await withdraw(scene.depositor, scene.plain)
    assert await alike(scene.nurse, "GET", "DocumentReference/{id}", scene.plain, scene.absent) == 404
    assert await alike(scene.holder, "GET", "DocumentReference/{id}", scene.plain, scene.absent) == 404


# closed records, other records, excluded parties


async def test_everything_in_a_closed_record_is_like_absent(scene: Scene) -> None:
    await scene.depositor.make(listing(scene.record, scene.plain))
    lists = await scene.doctor.found(f"List?patient={scene.record}")
    consents = await scene.doctor.found(f"Consent?patient={scene.record}")
    teams = await scene.doctor.found(f"CareTeam?patient={scene.record}")
    await close(scene.holder, scene.record)
    for caller in (scene.holder, scene.doctor, scene.nurse, scene.depositor):
        for kind, one in (
            ("DocumentReference", scene.plain),
            ("List", lists[0]),
            ("Consent", consents[0]),
            ("CareTeam", teams[0]),
        ):
            assert await alike(caller, "GET", f"{kind}/{{id}}", one, scene.absent) == 404
            assert await alike(caller, "GET", f"{kind}/{{id}}/_history", one, scene.absent) == 404
            assert await caller.found(f"{kind}?patient={scene.record}") == []
            assert one not in await caller.found(f"{kind}?_count=200")


async def test_an_insurer_and_another_holder_learn_of_no_record(carnet: Carnet, scene: Scene) -> None:
    callers = [carnet.caller(mint.insurer("1750000003")), carnet.holder(await opened(carnet))]
    nowhere = "a" * len(scene.record)
    for caller in callers:
        for path in (
            "Patient/{id}",
            "Patient/{id}/_history",
            "Patient?_id={id}",
            "DocumentReference?patient={id}",
            "Patient?_id={id}&_total=none",
            "DocumentReference?patient={id}&_summary=count",
            "AuditEvent?patient={id}",
            "DocumentReference?patient={id}&nonsense=1",
            "DocumentReference/{id}.abcdef",
        ):
            assert await alike(caller, "GET", path, scene.record, nowhere) in {200, 404}


async def test_a_blocked_depositor_reads_like_nobody_but_withdraws_by_id(scene: Scene) -> None:
    await will(scene.holder, scene.record, "block", deny(actor(OTHER)))
    assert await alike(scene.depositor, "GET", "DocumentReference/{id}", scene.plain, scene.absent) == 404
    change: list[Tree] = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    answer = await scene.depositor.patch(f"DocumentReference/{scene.plain}", change)
    assert (answer.status_code, answer.content) == (200, b"")
