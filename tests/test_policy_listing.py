"""Who reads contents, lists and tasks (policy.md section 4): types that are seen for the documents that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from tests.serving import IDNPS, Carnet, actor, deny, document, permit, serving
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    close,
    journal,
    label,
    listing,
    moved,
    opened,
    provenance,
    why,
    will,
    withdraw,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

FHIR = {"Accept": "application/fhir+json"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("types")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


# Binary


async def test_binary_is_read_as_the_document_that_cites_it(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    one = await depositor.make(document(record, label="MASQUE_PS", content=b"<masked/>"))
    path = (await depositor.get(f"DocumentReference/{one}")).json()["content"][0]["attachment"]["url"]
    raw = {"headers": {"Accept": "application/xml"}}
    for caller in (depositor, holder, carnet.doctor(DOCTOR)):
        answer = await caller.get(path, **raw)
        assert (answer.status_code, answer.content) == (200, b"<masked/>")
        assert await status(caller, path) == 200
    for caller in (
        carnet.doctor("810000000073"),
        carnet.caller(mint.software("robot", "1750000001")),
        carnet.caller(mint.insurer("1750000003")),
        carnet.holder(await opened(carnet)),
    ):
        answer = await caller.get(path, **raw)
        assert answer.status_code == 404
        assert await status(caller, path) == 404
        assert await status(caller, f"{path}/_history") == 404
    await withdraw(depositor, one)
    assert (await holder.get(path, **raw)).status_code == 404
    assert (await depositor.get(path, **raw)).status_code == 200


async def test_a_binary_that_is_not_cited_yet_is_its_depositor_s(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor = carnet.doctor(OTHER)
    for headers in ({}, {"X-Security-Context": f"Patient/{record}"}):
        answer = await depositor.send(
            "POST", "Binary", content=b"%PDF-", headers={"Content-Type": "application/pdf"} | headers
        )
        assert answer.status_code == 201, answer.text
        path = "/".join(answer.headers["location"].split("/")[-4:-2])
        mine = await depositor.get(path, headers={"Accept": "application/pdf"})
        assert (mine.status_code, mine.content) == (200, b"%PDF-")
        assert (await depositor.get(path, headers=FHIR)).json()["contentType"] == "application/pdf"
        for caller in (carnet.doctor("810000000073"), carnet.holder(record), carnet.doctor(DOCTOR)):
            assert await status(caller, path) == 404
            assert (await caller.get(path, headers={"Accept": "application/pdf"})).status_code == 404
        await will(carnet.holder(record), record, "authorisation", permit(actor("810000000073")))
        one = await depositor.make(_citing(record, path))
        assert await status(carnet.doctor("810000000073"), f"DocumentReference/{one}") == 200
        cited = (await depositor.get(f"DocumentReference/{one}")).json()["content"][0]["attachment"]["url"]
        assert (
            await carnet.doctor("810000000073").get(cited, headers={"Accept": "application/pdf"})
        ).content == b"%PDF-"
        stolen = await carnet.doctor("810000000074").post("DocumentReference", _citing(record, cited))
        absent = await carnet.doctor("810000000074").post("DocumentReference", _citing(record, f"Binary/{record}.none"))
        assert (stolen.status_code, stolen.text) == (absent.status_code, absent.text)
        assert stolen.status_code == 422


async def test_an_uncited_binary_in_a_record_that_is_closed_or_that_blocks_him_is_nobody_s(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    headers = {"Content-Type": "application/pdf", "X-Security-Context": f"Patient/{record}"}
    answer = await depositor.send("POST", "Binary", content=b"%PDF-", headers=headers)
    path = "/".join(answer.headers["location"].split("/")[-4:-2])
    assert await status(depositor, path) == 200
    block = await will(holder, record, "block", deny(actor(OTHER)))
    assert await status(depositor, path) == 404
    assert (await holder.delete(f"Consent/{block}")).status_code in {200, 204}
    assert await status(depositor, path) == 200
    await close(holder, record)
    assert await status(depositor, path) == 404


def _citing(record: str, path: str) -> Tree:
    tree = document(record)
    tree["content"] = [{"attachment": {"contentType": "application/pdf", "url": path}}]
    return tree


# List, Provenance


@pytest.mark.parametrize("kind", ["List", "Provenance"])
async def test_entries_that_may_not_be_seen_are_left_out_and_an_empty_one_is_absent(
    carnet: Carnet, kind: str, owner: str
) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder, nurse = carnet.doctor(OTHER), carnet.holder(record), carnet.professional(NURSE, "60")
    await will(holder, record, "authorisation", permit(actor(NURSE)))
    plain, masked = await depositor.make(document(record)), await depositor.make(document(record, label="MASQUE_PS"))
    pending = await depositor.make(document(record, label="INVISIBLE_PATIENT"))

    def made(*ids: str) -> Tree:
        return listing(record, *ids) if kind == "List" else provenance(*ids)

    def targets(tree: Tree) -> list[str]:
        found: list[Any] = [e["item"] for e in tree["entry"]] if kind == "List" else tree["target"]
        return [one["reference"].partition("/")[2] for one in found]

    all_of_them, one_hidden = await depositor.make(made(plain, masked, pending)), await depositor.make(made(pending))
    readers = (carnet.doctor(DOCTOR), holder, nurse)
    whole, of_holder, of_nurse = [(await caller.get(f"{kind}/{all_of_them}")).json() for caller in readers]
    assert targets(whole) == [plain, masked, pending]
    assert targets(of_holder) == [plain, masked]
    assert targets(of_nurse) == [plain, pending]
    assert await status(holder, f"{kind}/{one_hidden}") == 404
    assert await status(carnet.doctor("810000000075"), f"{kind}/{all_of_them}") == 404
    query = f"{kind}?patient={record}" if kind == "List" else f"{kind}?target=DocumentReference/{plain}"
    assert await holder.found(query) == [all_of_them]
    parameter = "item" if kind == "List" else "target"
    about = f"&patient={record}" if kind == "List" else ""
    assert await holder.found(f"{kind}?{parameter}=DocumentReference/{pending}{about}") == []
    assert await nurse.found(f"{kind}?{parameter}=DocumentReference/{masked}{about}") == []
    assert set(await nurse.found(f"{kind}?{parameter}=DocumentReference/{pending}{about}")) == {all_of_them, one_hidden}
    history = (await holder.get(f"{kind}/{all_of_them}/_history")).json()
    assert [targets(entry["resource"]) for entry in history["entry"]] == [[plain, masked]]
    assert await status(holder, f"{kind}/{one_hidden}/_history") == 404
    events = [e for e in await journal(holder, record) if one_hidden in str(e) or pending in str(e)]
    assert [e for e in events if (e["outcome"], why(e)) != ("4", "not-found")] == []  # those are his own
    async with moved(owner, "32 days"):
        assert await status(holder, f"{kind}/{one_hidden}") == 200


async def test_a_list_of_nothing_is_its_depositor_s(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    masked = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    software = carnet.caller(mint.software("robot", "1750000001"))
    one = await depositor.make(listing(record, masked))
    assert await status(depositor, f"List/{one}") == 200
    assert await status(holder, f"List/{one}") == 404
    assert await status(software, f"List/{one}") == 404
    await will(holder, record, "block", deny(actor(OTHER)))
    assert await status(depositor, f"List/{one}") == 404


async def test_older_versions_of_a_list_show_no_more_than_the_current_one(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    first, second = await depositor.make(document(record)), await depositor.make(document(record))
    one = await depositor.make(listing(record, first, second))
    old = (await depositor.get(f"List/{one}")).json()
    old_version = old["meta"]["versionId"]
    changed = {**listing(record, first), "id": one}
    assert (await depositor.put(f"List/{one}", changed)).status_code == 200
    assert (await holder.get(f"List/{one}/_history/{old_version}")).text.count("DocumentReference/") == 2
    await label(depositor, second, "INVISIBLE_PATIENT")
    answer = await holder.get(f"List/{one}/_history/{old_version}")
    assert answer.text.count("DocumentReference/") == 1
    assert second not in answer.text
    await label(depositor, first, "INVISIBLE_PATIENT")
    assert await status(holder, f"List/{one}/_history/{old_version}") == 404
    assert await status(holder, f"List/{one}/_history") == 404


async def test_an_older_version_of_which_nothing_is_left_is_absent(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    plain = await depositor.make(document(record))
    pending = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    one = await depositor.make(listing(record, pending))
    old = (await depositor.get(f"List/{one}")).json()["meta"]["versionId"]
    assert (await depositor.put(f"List/{one}", {**listing(record, plain), "id": one})).status_code == 200
    assert len((await depositor.get(f"List/{one}/_history")).json()["entry"]) == 2
    assert len((await holder.get(f"List/{one}/_history")).json()["entry"]) == 1
    assert await status(holder, f"List/{one}/_history/{old}") == 404


# Task


async def test_task_is_read_by_requester_and_owner_alone(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    one = await depositor.make(document(record))
    tree = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "proposal",
        "for": {"reference": f"Patient/{record}"},
        "focus": {"reference": f"DocumentReference/{one}"},
        "requester": {"reference": f"Patient/{record}"},
        "owner": {"identifier": {"system": IDNPS, "value": OTHER}},
    }
    task = await holder.make(tree)
    for caller in (holder, depositor):
        assert await status(caller, f"Task/{task}") == 200
        assert await caller.found(f"Task?patient={record}") == [task]
        assert task in await caller.found("Task")
    for caller in (carnet.doctor(DOCTOR), carnet.doctor("810000000076")):
        assert await status(caller, f"Task/{task}") == 404
        assert await caller.found(f"Task?patient={record}") == []
    await label(holder, one, "MASQUE_PS")
    assert "focus" in (await depositor.get(f"Task/{task}")).json()
    await will(holder, record, "block", deny(actor(OTHER)))
    blocked = await depositor.get(f"Task/{task}")
    assert blocked.status_code == 404 or one not in blocked.text


async def test_an_entry_without_an_address_is_left_when_the_others_are_not_seen(carnet: Carnet) -> None:
    """It is no reference that the caller may not see, so the list is there; no search finds it by that."""
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    hidden = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    named = {"item": {"display": "lettre reçue par la poste"}}
    tree = listing(record, hidden)
    one = await depositor.make({**tree, "entry": [named, *tree["entry"]]})
    bare = await depositor.make(listing(record, hidden))
    told = await holder.get(f"List/{one}")
    assert (told.status_code, told.json()["entry"]) == (200, [named])
    assert await status(holder, f"List/{bare}") == 404
    assert await holder.found(f"List?patient={record}") == [one]
    for unseen in (f"item=DocumentReference/{hidden}", f"item={hidden}", "item:identifier=|x"):
        assert await holder.found(f"List?patient={record}&{unseen}") == [], unseen
    assert await depositor.found(f"List?patient={record}&item={hidden}&_sort=_lastUpdated") == [one, bare]
    stranger = carnet.doctor(NURSE)
    assert await status(stranger, f"List/{one}") == 404
    change = [{"op": "remove", "path": "/entry/0"}]
    assert (await depositor.patch(f"List/{one}", change)).status_code == 200
    assert await status(holder, f"List/{one}") == 404
