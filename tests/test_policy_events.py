"""Who reads which AuditEvents, and what they must not betray (policy.md section 4), over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import Carnet, actor, document, permit, serving
from tests.world import (
    DOCTOR,
    OTHER,
    asked,
    close,
    journal,
    moved,
    opened,
    opened_for_minor,
    whats,
    why,
    will,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("events")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture
def owner(module_database_urls: Urls) -> str:
    return module_database_urls.owner


async def status(caller: Caller, path: str) -> int:
    return (await caller.get(path)).status_code


async def test_journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(OTHER).make(document(record, label="MASQUE_PS"))
    nurse = carnet.professional("810000000062", "60")
    assert await status(nurse, f"DocumentReference/{one}") == 404
    holder = carnet.holder(record)
    event = (await journal(holder, record, f"entity=DocumentReference/{one}"))[0]
    assert (event["outcome"], why(event)) == ("8", "masked")
    treating = (await journal(carnet.doctor(DOCTOR), record, f"entity=DocumentReference/{one}"))[-2:]
    assert [why(e) for e in treating] == ["masked", ""]
    mine = await journal(nurse, record)
    assert [(e["outcome"], why(e)) for e in mine] == [("4", "not-found")]
    assert await nurse.found("AuditEvent?outcome=8") == []
    assert await status(nurse, f"AuditEvent/{mine[0]['id']}") == 200
    assert await status(carnet.doctor("810000000063"), f"AuditEvent/{mine[0]['id']}") == 404
    assert (await nurse.get(f"AuditEvent/{mine[0]['id']}")).json()["outcome"] == "4"
    assert (await holder.get(f"AuditEvent/{mine[0]['id']}")).json()["outcome"] == "8"
    assert await status(nurse, f"AuditEvent/{event['id']}") == 200  # the same one


async def test_own_acts_are_found_across_records(carnet: Carnet) -> None:
    first, second = await opened(carnet), await opened(carnet)
    doctor = carnet.doctor("810000000064")
    for record in (first, second):
        await doctor.make(document(record))
    events = (await doctor.get("AuditEvent?subtype=create&_count=50")).json()["entry"]
    seen = {w for e in events for w in whats(e["resource"])}
    assert {f"Patient/{first}", f"Patient/{second}"} <= seen
    for claims in (mint.desk("1750000008"), mint.software("robot", "1750000008")):
        assert await carnet.caller(claims).found(f"AuditEvent?patient={first}") == []


async def test_an_event_that_touched_no_record_is_its_actors_own(carnet: Carnet) -> None:
    doctor = carnet.doctor("810000000065")
    assert await status(doctor, "DocumentReference/nowhere.nothing") == 404
    events = await doctor.found("AuditEvent")
    assert events
    bare = [one for one in events if "." not in one]
    assert bare
    assert await status(doctor, f"AuditEvent/{bare[0]}") == 200
    assert await status(carnet.doctor("810000000066"), f"AuditEvent/{bare[0]}") == 404
    assert bare[0] not in await carnet.doctor("810000000066").found("AuditEvent?_count=200")


async def test_an_event_about_what_awaits_announcement_is_kept_from_the_holder_until_then(
    carnet: Carnet, owner: str
) -> None:
    record = await opened(carnet, treating=DOCTOR)
    depositor, holder = carnet.doctor(OTHER), carnet.holder(record)
    plain = await depositor.make(document(record))
    one = await depositor.make(document(record, label="INVISIBLE_PATIENT", content=b"<bad-news/>"))
    binary = (await depositor.get(f"DocumentReference/{one}")).json()["content"][0]["attachment"]["url"]
    assert await status(depositor, binary) == 200
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}") == 404
    assert await status(carnet.doctor("810000000071"), binary) == 404
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}/_history") == 404
    answer = await depositor.patch(f"DocumentReference/{one}", [{"op": "add", "path": "/docStatus", "value": "final"}])
    assert answer.status_code == 405
    assert set(await depositor.found(f"DocumentReference?patient={record}")) == {plain, one}
    assert await depositor.found(f"DocumentReference?patient={record}&_id={one}") == [one]
    assert await depositor.found(f"DocumentReference?patient={record}&location={binary}") == [one]
    kept = await journal(holder, record)
    assert [e for e in kept if one in str(e) or binary in str(e)] == []
    assert [asked(e) for e in kept if one in asked(e) or binary.rpartition("/")[2] in asked(e)] == []
    shown = [e for e in kept if f"DocumentReference/{plain}" in whats(e) and "DocumentReference?" in asked(e)]
    assert len(shown) == 1
    assert await journal(holder, record, f"entity=DocumentReference/{one}") == []
    treating = await journal(carnet.doctor(DOCTOR), record, f"entity=DocumentReference/{one}")
    assert len(treating) >= 4
    hidden = {e["id"] for e in treating if f"DocumentReference/{one}" in str(e["entity"])} - {e["id"] for e in kept}
    for event in hidden:
        assert await status(holder, f"AuditEvent/{event}") == 404
    async with moved(owner, "32 days"):
        later = await journal(holder, record, f"entity=DocumentReference/{one}")
        assert {e["id"] for e in later} >= {e["id"] for e in treating}


async def test_the_holder_s_own_refused_read_shows_alike_for_pending_and_absent(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record, label="INVISIBLE_PATIENT"))
    holder = carnet.holder(record)
    absent = f"{record}.abcdefghijkmnpqrstuv"
    for identifier in (one, absent):
        assert await status(holder, f"DocumentReference/{identifier}") == 404
    events = await journal(holder, record, "subtype=read")
    mine = [e for e in events if any(x in str(e) for x in (one, absent))]
    assert len(mine) == 2
    texts = [str({k: v for k, v in e.items() if k not in {"id", "meta", "recorded"}}) for e in mine]
    assert _bare(texts[0], one, absent) == _bare(texts[1], one, absent)


def _bare(text: str, *names: str) -> str:
    for name in names:
        text = text.replace(name, "ID")
    return re.sub(r"(jti:|value': ')[^']*", "", text)


async def test_representatives_hear_nothing_of_hidden_documents_and_secret_connections(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    reader, doctor = carnet.representative(mother, record), carnet.doctor(DOCTOR)
    one = await doctor.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    confidant = carnet.caller(mint.professional(OTHER, structure="1750000001", secret=True))
    two = await confidant.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    secret = carnet.caller(mint.holder(record, secret=True))
    assert await status(secret, f"DocumentReference/{two}") == 200
    assert await status(doctor, f"DocumentReference/{one}") == 200
    assert await status(carnet.doctor("810000000071"), f"DocumentReference/{one}") == 404
    assert set(await doctor.found(f"DocumentReference?patient={record}")) == {one, two}
    consent = await will(secret, record, "authorisation", permit(actor("810000000072")))
    assert await status(doctor, f"Consent/{consent}") == 200
    events = await journal(reader, record)
    told = [e for e in events if any(name in str(e) or name in asked(e) for name in (one, two, consent))]
    assert told == []
    assert [e for e in events if "810000000072" in str(e)] == []
    assert await reader.found(f"AuditEvent?patient={record}&entity=DocumentReference/{one}") == []
    whole = await journal(carnet.holder(record), record)
    for name in (one, two, consent):
        assert [e for e in whole if name in str(e)]


async def test_the_journal_of_a_closed_record_stays_with_holder_and_representative(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder, reader = carnet.holder(record), carnet.representative(mother, record)
    await close(holder, record)
    assert await journal(holder, record)
    assert await journal(reader, record)
    assert await journal(carnet.doctor(DOCTOR), record) == []


async def test_nobody_writes_an_event(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder = carnet.holder(record)
    event = (await journal(holder, record))[0]
    assert (await holder.post("AuditEvent", event)).status_code in {403, 405}
    assert (await holder.put(f"AuditEvent/{event['id']}", event)).status_code in {403, 405}
    assert (await holder.delete(f"AuditEvent/{event['id']}")).status_code in {403, 405}
