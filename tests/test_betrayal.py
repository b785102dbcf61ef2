"""What twin worlds found: small differences by which something hidden betrayed itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.serving import Carnet, actor, document, permit, serving
from tests.world import DOCTOR, NURSE, OTHER, asked, journal, listing, opened, whats, why, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller

AWAITING = "INVISIBLE_PATIENT"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("betrayal")) as made:
        yield made


class Scene:
    """A record in which one document may be seen by its holder and another awaits its announcement."""

    def __init__(self, carnet: Carnet, record: str) -> None:
        self.record = record
        self.depositor = carnet.doctor(OTHER)
        self.doctor = carnet.doctor(DOCTOR)
        self.holder = carnet.holder(record)
        self.plain = self.kept = ""

    async def about(self, reader: Caller, place: str) -> list[str]:
        """What was done to a resource, as a reader's journal tells."""
        found = [e for e in await journal(reader, self.record) if any(w.startswith(place) for w in whats(e))]
        return [event["subtype"][0]["code"] for event in found]


@pytest.fixture
async def scene(carnet: Carnet) -> Scene:
    made = Scene(carnet, await opened(carnet, treating=DOCTOR))
    made.plain = await made.depositor.make(document(made.record))
    made.kept = await made.depositor.make(document(made.record, label=AWAITING))
    return made


async def test_an_act_on_a_list_that_is_seen_is_not_missing_in_the_journal(scene: Scene) -> None:
    both = await scene.depositor.make(listing(scene.record, scene.kept, scene.plain))
    alone = await scene.depositor.make(listing(scene.record, scene.kept))
    for one in (both, alone):
        assert (await scene.doctor.get(f"List/{one}")).status_code == 200
    assert await scene.about(scene.holder, f"List/{both}") == ["read", "create"]
    assert await scene.about(scene.holder, f"List/{alone}") == []
    assert scene.kept not in json.dumps(await journal(scene.holder, scene.record))
    assert await scene.about(scene.doctor, f"List/{alone}") == ["read", "create"]


async def test_a_list_that_was_never_seen_does_not_appear_when_it_is_deleted(scene: Scene) -> None:
    alone = await scene.depositor.make(listing(scene.record, scene.kept))
    both = await scene.depositor.make(listing(scene.record, scene.kept, scene.plain))
    for one in (both, alone):
        assert (await scene.doctor.get(f"List/{one}")).status_code == 200
        assert (await scene.depositor.delete(f"List/{one}")).status_code == 204
    assert await scene.about(scene.holder, f"List/{alone}") == []
    assert await scene.about(scene.holder, f"List/{both}") == ["delete", "read", "create"]


async def test_what_the_holder_asked_himself_stays_as_he_asked_it(scene: Scene) -> None:
    mark = [{"system": "https://example.org/paper", "value": "7"}]
    await scene.depositor.make(document(scene.record, label=AWAITING, identifier=mark))
    nowhere = f"{scene.record}.{'a' * 20}"
    for query in (f"_id={scene.kept}", f"_id={nowhere}", "identifier=https://example.org/paper%7C7"):
        await scene.holder.found(f"DocumentReference?patient={scene.record}&{query}")
    found = [asked(event) for event in await journal(scene.holder, scene.record)]
    for query in (f"_id={scene.kept}", f"_id={nowhere}", "identifier=https"):
        assert [one for one in found if query in one], query


async def test_a_list_is_there_for_an_entry_that_leads_out_of_the_record(carnet: Carnet, scene: Scene) -> None:
    elsewhere = {"item": {"reference": "https://example.org/Document/1"}}
    tree = listing(scene.record, scene.kept)
    one = await scene.depositor.make({**tree, "entry": [*tree["entry"], elsewhere]})
    shown = await scene.holder.get(f"List/{one}")
    assert shown.status_code == 200
    assert shown.json()["entry"] == [elsewhere]
    assert (await carnet.doctor("810000000041").get(f"List/{one}")).status_code == 404
    assert await scene.about(scene.holder, f"List/{one}") == ["read", "read", "create"]
    await scene.depositor.get(f"List/{one}")
    told = {why(event) for event in await journal(scene.holder, scene.record) if f"List/{one}" in str(whats(event))}
    assert "entries" not in told


async def test_a_patch_that_changes_nothing_is_answered_alike_whatever_is_left_out(
    carnet: Carnet, scene: Scene
) -> None:
    await will(scene.holder, scene.record, "authorisation", permit(actor(NURSE)))
    masked = await scene.depositor.make(document(scene.record, label="MASQUE_PS"))
    link = [{"code": "appends", "target": {"reference": f"DocumentReference/{masked}"}}]
    tree = {"resourceType": "DocumentReference", "relatesTo": link, **document(scene.record)}  # and not at the end
    linked = await scene.depositor.make(tree)
    nurse = carnet.professional(NURSE, "60")
    for one in (linked, scene.plain):
        answer = await nurse.patch(f"DocumentReference/{one}", [{"op": "test", "path": "/status", "value": "current"}])
        assert answer.status_code == 200, answer.text
        assert masked not in answer.text


async def test_what_an_include_brings_comes_in_the_order_of_its_ids(scene: Scene) -> None:
    for number in range(6):
        await scene.depositor.make(document(scene.record, label=AWAITING if number % 2 else ""))
    back = f"Patient?_id={scene.record}&_revinclude=DocumentReference:subject"
    entries = (await scene.holder.get(back)).json()["entry"]
    found = [one["resource"]["id"] for one in entries if one["search"]["mode"] == "include"]
    assert len(found) == 4
    assert found == sorted(found)


QUESTIONS = ("DocumentReference?patient={}", "Patient/{}/*", "List?patient={}", "Patient/{}/$everything")


@pytest.mark.parametrize("breaks", ["", "Inconscient, en danger immédiat"])
async def test_what_a_search_showed_is_not_told_by_why_it_did(carnet: Carnet, breaks: str) -> None:
    """The rule, the purpose and the decision of a search are the same with and without a document that awaits."""
    told = []
    for full in (True, False):
        record, depositor = await opened(carnet), carnet.doctor("810000000091", structure="1750000091")
        reader = carnet.doctor("810000000092", structure="1750000092") if breaks else depositor
        if breaks:
            stated = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": breaks}]}
            answer = await reader.post(f"Patient/{record}/$break-glass", stated)
            assert answer.status_code == 200, answer.text
        if full:
            kept = await depositor.make(document(record, label=AWAITING))
            await depositor.make(listing(record, kept))
        for question in QUESTIONS:
            assert (await reader.get(question.format(record))).status_code in {200, 404}
        found = []
        for event in await journal(carnet.holder(record), record):
            if event["action"] == "E":
                decision = await carnet.holder(record).get(f"AuditEvent/{event['id']}/$decision")
                tree = decision.json()
                said = [why(event), event["purposeOfEvent"], tree.get("outcomeDesc"), tree.get("purposeOfEvent")]
                found.append([event["subtype"], event["outcome"], decision.status_code, *said])
        told.append(found)
    assert told[0] == told[1]
    assert len(told[0]) >= len(QUESTIONS)


async def test_a_search_across_records_is_told_where_something_that_may_be_known_was_shown(carnet: Carnet) -> None:
    record, reader = await opened(carnet), carnet.doctor("810000000093", structure="1750000093")
    holder = carnet.holder(record)

    kept = await reader.make(document(record, label=AWAITING))
    for path in ("DocumentReference?_count=50", "DocumentReference/_history"):
        assert kept in (await reader.get(path)).text
    before = await journal(holder, record)
    assert {one["action"] for one in before} == {"C"}, "the opening alone"
    assert len([one for one in await journal(reader, record) if one["action"] != "C"]) == 2, "his own are his to read"
    await reader.make(document(record))
    await reader.found("DocumentReference?_count=50")
    [told] = [one for one in await journal(holder, record) if asked(one).startswith("DocumentReference")]
    assert kept not in json.dumps(told)
    assert "by-the-way" not in json.dumps(told)
