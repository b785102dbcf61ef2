"""What a hostile second read of the explained and fenced policy found."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.auth import mint
from app.storage import session
from tests.acts import grant, reason
from tests.serving import IDNST, VISIBILITY, Carnet, Tree, actor, document, serving
from tests.told import relabelled, trial
from tests.world import DOCTOR, OTHER, asked, journal, moved, opened, opened_for_minor, why

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller

AWAITING, MASKED, HIDDEN = "INVISIBLE_PATIENT", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("hostile")) as made:
        yield made


def patching(one: str, *codes: str) -> Tree:
    """A transaction that adds labels to a document."""
    value = [{"coding": [{"system": VISIBILITY, "code": code}]} for code in codes]
    change = [{"op": "add", "path": "/securityLabel/0", "value": label} for label in value]
    data = base64.b64encode(json.dumps(change).encode()).decode()
    resource = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    entry = {"resource": resource, "request": {"method": "PATCH", "url": f"DocumentReference/{one}"}}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


async def told(reader: Caller, record: str) -> list[str]:
    """Reasons of the refusals that a journal tells."""
    return [why(event) for event in await journal(reader, record) if event["outcome"] != "0"]


async def test_a_refused_act_on_what_awaits_is_not_told_under_another_name(carnet: Carnet) -> None:
    """A trial and a transaction name no document in the trail: their refusals name it there."""
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    doctor, holder, guardian = carnet.doctor(DOCTOR), carnet.holder(record), carnet.representative(mother, record)
    kept = await doctor.make(document(record, label=AWAITING))
    place = f"Patient/{record}/$what-if"
    assert reason(await doctor.post(place, trial(relabelled(kept, MASKED, AWAITING)))) == (422, "visibility-cumulation")
    assert reason(await doctor.post("", patching(kept, MASKED))) == (422, "visibility-cumulation")
    for stranger in (guardian, holder, carnet.doctor("810000000444")):
        assert (await stranger.post("", patching(kept, MASKED))).status_code == 404
    assert (await guardian.post(place, trial(relabelled(kept, MASKED)))).status_code == 404
    assert await told(holder, record) == ["not-found"]  # his own
    assert await told(guardian, record) == ["not-found", "not-found"]
    assert set(await told(doctor, record)) == {"visibility-cumulation", "announcement-pending", "not-authorised"}


async def test_what_is_hidden_from_representatives_is_not_told_by_a_refusal(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    doctor, guardian = carnet.doctor(DOCTOR), carnet.representative(mother, record)
    hidden = await doctor.make(document(record, label=HIDDEN))
    stranger = carnet.doctor("810000000445")
    assert (await stranger.post("", patching(hidden, MASKED))).status_code == 404
    assert await told(guardian, record) == []
    assert await told(carnet.holder(record), record) == ["not-authorised"]


async def test_a_refused_deposit_does_not_say_that_the_next_one_awaits(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record = await opened(carnet, treating=DOCTOR)
    doctor, holder, depositor = carnet.doctor(DOCTOR), carnet.holder(record), carnet.doctor(OTHER)
    both = document(record, label=MASKED)
    both["securityLabel"].append({"coding": [{"system": VISIBILITY, "code": AWAITING}]})
    assert reason(await depositor.post("DocumentReference", both)) == (422, "visibility-cumulation")
    first = await depositor.make(document(record))
    replacing = [{"code": "replaces", "target": {"reference": f"DocumentReference/{first}"}}]
    second = document(record, label=AWAITING, relatesTo=replacing)
    assert reason(await depositor.post("DocumentReference", second)) == (422, "announcement-replaces")
    assert await told(holder, record) == []
    assert await told(doctor, record) == ["announcement-replaces", "visibility-cumulation"]
    async with moved(module_database_urls.owner, "32 days"):
        assert await told(holder, record) == ["announcement-replaces", "visibility-cumulation"]


@pytest.mark.parametrize("asks", ["holder", "doctor"])
async def test_a_query_does_not_tell_representatives_of_a_secret_consent(carnet: Carnet, asks: str) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    guardian = carnet.representative(mother, record)
    one = await grant(carnet.caller(mint.holder(record, secret=True)), record, actor(OTHER))
    asker = carnet.holder(record) if asks == "holder" else carnet.doctor(DOCTOR)
    await asker.get(f"Patient/{record}/$what-if?end=Consent/{one}")
    assert await asker.found(f"Consent?patient={record}&_id={one}") == [one]
    assert not [event for event in await journal(guardian, record) if one in asked(event) + json.dumps(event)]
    assert await guardian.found(f"AuditEvent?patient={record}&entity=Consent/{one}") == []
    if asks == "holder":
        assert [event for event in await journal(asker, record) if one in asked(event)]


async def test_the_owner_of_a_task_reads_what_it_was(carnet: Carnet) -> None:
    """By the structure he acts in, without any other relation to the record."""
    record = await opened(carnet, treating=DOCTOR)
    owner = {"type": "Organization", "identifier": {"system": IDNST, "value": "1750000077"}}
    holder, clerk = carnet.holder(record), carnet.doctor("810000000555", structure="1750000077")
    kept = await carnet.caller(mint.software("ehr", "1750000077")).post("DocumentReference", document(record))
    focus = "/".join(kept.headers["location"].split("/")[-4:-2])
    given = {"resourceType": "Task", "status": "requested", "intent": "order", "owner": owner}
    given |= {"for": {"reference": f"Patient/{record}"}, "requester": {"reference": f"Patient/{record}"}}
    task = await holder.make({**given, "focus": {"reference": focus}})
    first = (await clerk.get(f"Task/{task}")).json()["meta"]["versionId"]
    accept = [{"op": "replace", "path": "/status", "value": "accepted"}]
    assert (await clerk.patch(f"Task/{task}", accept)).status_code == 200
    for reader in (holder, clerk):
        assert len((await reader.get(f"Task/{task}/_history")).json()["entry"]) == 2
        assert (await reader.get(f"Task/{task}/_history/{first}")).json()["status"] == "requested"
    other = carnet.doctor("810000000556", structure="1750000078")
    assert (await other.get(f"Task/{task}/_history/{first}")).status_code == 404


LOSE = """
CREATE SEQUENCE public.lost;
GRANT USAGE ON SEQUENCE public.lost TO PUBLIC;
CREATE FUNCTION public.lose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('public.lost') = 1 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END IF;
    RETURN NEW;
END $$
"""
LOSING = "CREATE TRIGGER lose BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.lose()"


@asynccontextmanager
async def losing(owner: str) -> AsyncIterator[None]:
    """A while in which the first content that is inserted loses against another transaction."""
    link = await asyncpg.connect(owner)
    spread = await session.is_spread(owner)

    async def run(text: str, *tables: str) -> None:
        """Run it, `%s` in it a table; on each worker of a cluster, for each shard of the table."""
        if not spread:
            await link.execute(text.replace("%s", *tables or [""]))
            return
        way = "run_command_on_shards($2::text::regclass, $1)" if tables else "run_command_on_workers($1)"
        text = f"SET citus.enable_ddl_propagation TO off; {text}"
        done = await link.fetch(f"SELECT success, result FROM {way}", text, *tables)
        assert all(row["success"] for row in done), done

    await run(LOSE)
    await run(LOSING, "public.binary")
    try:
        yield
    finally:
        await run("DROP TRIGGER lose ON %s", "public.binary")
        await run("DROP FUNCTION public.lose; DROP SEQUENCE public.lost")
        await link.close()


async def test_a_content_outlives_the_attempt_that_lost(carnet: Carnet, module_database_urls: Urls) -> None:
    record = await opened(carnet, treating=DOCTOR)
    doctor = carnet.doctor(DOCTOR)
    headers = {"Content-Type": "text/plain", "X-Security-Context": f"Patient/{record}"}
    async with losing(module_database_urls.owner):
        kept = await doctor.send("POST", "Binary", content=b"un texte", headers=headers)
    assert kept.status_code == 201, kept.text
    place = "/".join(kept.headers["location"].split("/")[-4:-2])
    assert (await doctor.get(place, headers={"Accept": "text/plain"})).content == b"un texte"


WRONG: list[tuple[str, Tree]] = [
    ("who-can-see", {"name": "refused", "valueBoolean": [1]}),
    ("who-can-see", {"name": "refused", "valueBoolean": {}}),
    ("what-if", {"name": "end", "valueReference": {"reference": "Consent/RECORD.x\0"}}),
    ("explain", {"name": "actor", "valueString": "Practitioner/a\0b"}),
    ("explain", {"name": "actor", "valueIdentifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "8\0"}}),
    ("explain", {"name": "actor", "valueReference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1\0"}}}),
]


@pytest.mark.parametrize(("operation", "parameter"), WRONG)
async def test_a_parameter_that_can_be_none_is_the_callers_fault(
    carnet: Carnet, operation: str, parameter: Tree
) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    given = json.loads(json.dumps(parameter).replace("RECORD", record))
    answer = await carnet.holder(record).post(f"DocumentReference/{one}/${operation}", trial(given))
    assert answer.status_code == 400, answer.text
