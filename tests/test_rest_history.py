"""History on three levels over HTTP: `_since`, `_at`, `_count`, pages, deletions, and what stays hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import Carnet, actor, document, permit, serving
from tests.world import DOCTOR, NURSE, OTHER, asked, close, journal, label, listing, moved, opened, whats, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller

TWICE = ("superseded", "current")
REST = "http://hl7.org/fhir/restful-interaction"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("history")
    async with serving(module_database_urls, folder) as made:
        yield made


async def versions(caller: Caller, path: str) -> list[str]:
    """`Type/id` of each entry, page after page; each page is as long as it may be."""
    found: list[str] = []
    address = path
    while address:
        answer = await caller.get(address)
        assert answer.status_code == 200, answer.text
        tree = answer.json()
        assert tree["type"] == "history"
        entries = tree.get("entry", [])
        for entry in entries:
            assert entry["fullUrl"].endswith(entry["response"]["etag"] and entry["fullUrl"].split("/fhir/")[1])
            assert ("resource" in entry) is (entry["request"]["method"] != "DELETE")
            found.append(entry["fullUrl"].split("/fhir/")[1])
        links = {link["relation"]: link["url"] for link in tree["link"]}
        assert links["self"].split("/fhir/")[1].partition("?")[0] == path.partition("?")[0]
        address = links.get("next", "").partition("/fhir/")[2]
        assert not address or entries
    return found


def scoped(carnet: Carnet, scope: str) -> Caller:
    """The treating physician with a narrower token."""
    claims = mint.professional(DOCTOR, profession="10", specialty="SM54", structure="1750000001")
    return carnet.caller({**claims, "scope": scope})


async def changed(by: Caller, id: str, *statuses: str) -> None:
    for status in statuses:
        change = [{"op": "replace", "path": "/status", "value": status}]
        answer = await by.patch(f"DocumentReference/{id}", change)
        assert answer.status_code == 200, answer.text


async def test_pages_of_each_level_hold_every_version_once(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    first, second = [await depositor.make(document(record)) for _ in range(2)]
    await changed(depositor, first, *TWICE, "superseded")
    names = [f"DocumentReference/{one}" for one in (first, second)]
    assert await versions(holder, f"DocumentReference/{first}/_history?_count=2") == [names[0]] * 4
    assert await versions(holder, "DocumentReference/_history?_count=2") == [names[0]] * 3 + [names[1], names[0]]
    system = await versions(holder, "_history?_count=3")
    assert sorted(system) == sorted(await versions(holder, "_history"))
    assert [one for one in system if one in names] == [names[0]] * 3 + [names[1], names[0]]
    assert {one.partition("/")[0] for one in system} >= {"Patient", "CareTeam", "Consent", "Practitioner"}
    assert "AuditEvent" not in {one.partition("/")[0] for one in system}


async def test_since_and_at(carnet: Carnet, module_database_urls: Urls) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    one = await depositor.make(document(record))
    async with moved(module_database_urls.owner, "40 days"):
        await changed(depositor, one, "superseded")
        middle = (await holder.get(f"DocumentReference/{one}")).json()["meta"]
    async with moved(module_database_urls.owner, "80 days"):
        await changed(depositor, one, "current", "superseded")
        for path in (f"DocumentReference/{one}/_history", "DocumentReference/_history", "_history"):
            here = [v for v in await versions(holder, f"{path}?_since={middle['lastUpdated']}") if one in v]
            assert len(here) == 3, path
            day = middle["lastUpdated"][:10]
            for at, count in ((day, 2), (middle["lastUpdated"], 1), ("2020", 0), ("2999", 1)):
                for size in ("", "&_count=1"):
                    found = await versions(holder, f"{path}?_at={at}{size}")
                    assert len([v for v in found if one in v]) == count, (path, at, size)
            answer = (await holder.get(f"{path}?_at={middle['lastUpdated']}")).json()
            shown = [e["resource"]["meta"]["versionId"] for e in answer["entry"] if one in e["fullUrl"]]
            assert shown == [middle["versionId"]]


async def test_a_deletion_is_a_version_for_who_saw_what_went(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, nurse = carnet.doctor(OTHER), carnet.professional(NURSE, "60")
    await will(carnet.holder(record), record, "authorisation", permit(actor(NURSE)))
    one = await depositor.make(document(record))
    lot = await depositor.make(listing(record, one))
    assert (await depositor.delete(f"List/{lot}")).status_code == 204
    entries = (await depositor.get("List/_history")).json()["entry"]
    assert [e["request"]["method"] for e in entries if lot in e["fullUrl"]] == ["DELETE", "POST"]
    assert entries[0]["response"]["status"] == "204 No Content"
    assert (await nurse.get(f"List/{lot}/_history")).status_code == 404
    assert lot not in (await nurse.get("List/_history")).text


async def test_a_hidden_version_is_in_no_history(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, nurse = carnet.doctor(OTHER), carnet.professional(NURSE, "60")
    await will(carnet.holder(record), record, "authorisation", permit(actor(NURSE)))
    one, masked = [await depositor.make(document(record)) for _ in range(2)]
    await label(depositor, one, "MASQUE_PS")
    await label(depositor, one)
    await label(depositor, masked, "MASQUE_PS")
    for path in ("DocumentReference/_history", "DocumentReference/_history?_count=1", "_history?_count=1"):
        found = [v for v in await versions(nurse, path) if record in v and v.startswith("Doc")]
        assert found == [f"DocumentReference/{one}"] * 2
    found = await versions(nurse, f"DocumentReference/{one}/_history?_at=2999")
    assert found == [f"DocumentReference/{one}"]
    assert len(await versions(depositor, "DocumentReference/_history")) >= 5
    await close(carnet.holder(record), record)
    assert [v for v in await versions(nurse, "_history") if record in v] == []


async def test_a_page_token_is_for_one_caller_and_one_question(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor = carnet.doctor(OTHER)
    one = await depositor.make(document(record))
    await changed(depositor, one, *TWICE)
    for path in (f"DocumentReference/{one}/_history", "DocumentReference/_history", "_history"):
        tree = (await depositor.get(f"{path}?_count=1")).json()
        token = next(link["url"] for link in tree["link"] if link["relation"] == "next").partition("?")[2]
        assert (await depositor.get(f"{path}?{token}")).status_code == 200
        for caller, query in (
            (carnet.doctor(DOCTOR), token),
            (depositor, f"{token}&_since=2020"),
            (depositor, token.replace("_count=1", "_count=2")),
            (depositor, f"{token[:-2]}AA"),
            (depositor, "_cursor=%F0%9F%98%80"),
            (depositor, "_cursor="),
        ):
            answer = await caller.get(f"{path}?{query}")
            assert answer.status_code == (200 if query == "_cursor=" else 400), (path, query)


@pytest.mark.parametrize(
    "query",
    ["_since=yesterday", "_at=2026-02-30", "_count=-1", "_count=a", "_since=2020&_since=2021", "_list=a", "nonsense=1"],
)
async def test_what_cannot_be_asked_is_refused(carnet: Carnet, query: str) -> None:
    caller = carnet.doctor(OTHER)
    for path in ("DocumentReference/_history", "_history", f"DocumentReference/{'a' * 20}.b/_history"):
        answer = await caller.get(f"{path}?{query}")
        assert answer.status_code == 400, (path, answer.text)


async def test_the_trail_names_what_a_history_showed(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER).make(document(record))
    doctor = carnet.doctor(DOCTOR)
    for path, code in (("DocumentReference/_history?_since=2020", "history-type"), ("_history", "history-system")):
        await doctor.get(path)
        events = await journal(doctor, record, f"subtype={REST}|{code}")
        assert len(events) == 1
        assert f"DocumentReference/{one}" in whats(events[0])
        assert asked(events[0]) == (path if "?" in path else f"{path}?")


async def test_scopes_bound_a_history(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    await carnet.doctor(OTHER).make(document(record))
    narrow = scoped(carnet, "user/CareTeam.s")
    assert {one.partition("/")[0] for one in await versions(narrow, "_history")} == {"CareTeam"}
    assert (await narrow.get("DocumentReference/_history")).status_code == 403
    assert (await scoped(carnet, "user/CareTeam.r").get("_history")).status_code == 403
