"""Each act by those who may not do it, and in a record that is not open (policy.md section 5); the excluded parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.access import Access, Kind
from app.auth import mint
from app.errors import BrokenRule
from app.records import RequestFacts
from app.resources.guides import IS_ARCHIVED
from tests.acts import (
    ELSEWHERE,
    HOSPITAL,
    PHARMACIST,
    TREATING,
    a_record,
    an_ins,
    desk,
    grant,
    pharmacist,
    reason,
    relabel,
    restate,
    sees,
    software,
    stranger,
)
from tests.serving import (
    IDNPS,
    IDNST,
    VISIBILITY,
    actor,
    care_team,
    consent,
    deny,
    document,
    opposition,
    patient,
    permit,
    serving,
)
from tests.world import journal, listing, opened_for_minor, team, why

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx import Response

    from app.storage.embedded import Urls
    from tests.serving import Caller, Carnet, Tree

MINOR = "2015-04-01"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"
REFUSED = (403, "not-yours-to-do")
COLLEAGUE = "810000000055"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def will(carnet: Carnet, record: str, category: str, provision: Tree | None = None) -> Tree:
    return consent(record, category, provision, base=carnet.settings.codesystem_base)


async def readers(carnet: Carnet, record: str) -> Caller:
    """A doctor who may read and no more: one whom the holder authorised."""
    await grant(carnet.holder(record), record, actor(COLLEAGUE))
    return carnet.doctor(COLLEAGUE)


def aunt(record: str) -> Tree:
    relation = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "AUNT"}]}
    return {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{record}"}, "relationship": [relation]}


def rectification(record: str, owner: Tree, requester: str = "") -> Tree:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "proposal",
        "for": {"reference": f"Patient/{record}"},
        "requester": {"reference": requester or f"Patient/{record}"},
        "owner": {"identifier": owner},
    }


async def why_refused(carnet: Carnet, record: str, place: str) -> str:
    """Why the last read of something was refused, as the holder's journal tells."""
    return why((await journal(carnet.holder(record), record, f"entity={place}"))[0])


async def sent(by: Caller, record: str = "") -> Response:
    """The answer to a content that no document cites, for a record or for none."""
    context = {"X-Security-Context": f"Patient/{record}"} if record else {}
    return await by.send("POST", "Binary", content=b"%PDF-", headers={"Content-Type": "application/pdf"} | context)


async def bytes_of(by: Caller, record: str = "") -> str:
    """Keep such a content; its place."""
    answer = await sent(by, record)
    assert answer.status_code == 201, answer.text
    return "/".join(answer.headers["location"].split("/")[-4:-2])


# Documents


async def test_the_holder_s_own_document_awaits_no_announcement(carnet: Carnet) -> None:
    record = await a_record(carnet)
    own = document(record, label="INVISIBLE_PATIENT")
    own["type"] = {"coding": [{"system": "urn:oid:1.2.250.1.213.1.1.4.12", "code": "EXPPAT_1"}]}
    answer = await carnet.holder(record).post("DocumentReference", own)
    assert reason(answer) == (422, "announcement-by-holder")


async def test_who_keeps_a_content_that_no_document_cites(carnet: Carnet) -> None:
    record = await a_record(carnet)
    for caller in (stranger(carnet), software(carnet), desk(carnet)):
        await bytes_of(caller)
        await bytes_of(caller, record)
    assert reason(await sent(carnet.caller(mint.software("nobody")))) == REFUSED
    assert reason(await sent(carnet.caller(mint.software("nobody")), record)) == REFUSED


async def test_nobody_else_announces(carnet: Carnet) -> None:
    record = await a_record(carnet)
    pending = await stranger(carnet).make(document(record, label="INVISIBLE_PATIENT"))
    reader = await readers(carnet, record)
    assert reason(await reader.patch(f"DocumentReference/{pending}", relabel(""))) == REFUSED
    assert (await carnet.doctor(TREATING).patch(f"DocumentReference/{pending}", relabel(""))).status_code == 200


async def test_nobody_else_shows_what_is_hidden(carnet: Carnet) -> None:
    record = await a_record(carnet, birthDate=MINOR)
    hidden = await stranger(carnet).make(document(record, label=HIDDEN))
    for caller in (await readers(carnet, record), carnet.doctor(TREATING)):
        assert reason(await caller.patch(f"DocumentReference/{hidden}", relabel(""))) == REFUSED
    assert (await carnet.holder(record).patch(f"DocumentReference/{hidden}", relabel(""))).status_code == 200


async def test_only_the_depositor_revises(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"DocumentReference/{await depositor.make(document(record, description='one'))}"
    tree = (await depositor.get(place)).json() | {"description": "two"}
    for caller in (await readers(carnet, record), carnet.holder(record), carnet.doctor(TREATING)):
        assert reason(await caller.put(place, tree)) == REFUSED
    assert (await depositor.put(place, tree)).status_code == 200


MARKED = [{"op": "add", "path": f"/extension[url:'{IS_ARCHIVED}']", "value": True}]


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ("", relabel("MASQUE_PS")),
        ("MASQUE_PS", relabel("")),
        ("", relabel("INVISIBLE_PATIENT")),
        ("", relabel(HIDDEN)),
        (HIDDEN, relabel("")),
        ("", restate("current")),
        ("", MARKED),
    ],
)
async def test_a_withdrawn_document_does_not_change_any_more(carnet: Carnet, before: str, change: list[Tree]) -> None:
    record, depositor = await a_record(carnet, birthDate=MINOR), stranger(carnet)
    place = f"DocumentReference/{await depositor.make(document(record, label=before))}"
    assert (await depositor.patch(place, restate("entered-in-error"))).status_code == 200
    assert reason(await depositor.patch(place, change)) == (422, "withdrawn")


async def test_a_withdrawn_document_is_neither_described_anew_nor_replaced(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"DocumentReference/{await depositor.make(document(record))}"
    assert (await depositor.patch(place, restate("entered-in-error"))).status_code == 200
    tree = (await depositor.get(place)).json()
    assert reason(await depositor.put(place, {**tree, "description": "two"})) == (422, "withdrawn")
    replacing = [{"code": "replaces", "target": {"reference": place}}]
    answer = await depositor.post("DocumentReference", document(record, relatesTo=replacing))
    assert reason(answer) == (422, "withdrawn")


async def test_what_is_masked_does_not_come_to_await_announcement_beside(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"DocumentReference/{await depositor.make(document(record, label='MASQUE_PS'))}"
    label = {"coding": [{"system": VISIBILITY, "code": "INVISIBLE_PATIENT"}]}
    add = [{"op": "add", "path": "/securityLabel/-", "value": label}]
    assert reason(await depositor.patch(place, add)) == (422, "visibility-cumulation")


async def test_an_adult_s_document_is_not_hidden_later(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"DocumentReference/{await depositor.make(document(record))}"
    assert reason(await depositor.patch(place, relabel(HIDDEN))) == (422, "not-a-minor")


# The record and the people around it


async def test_who_opens_the_record_of_an_identity(carnet: Carnet) -> None:
    key = await carnet.doctor().make(patient(an_ins()))
    opening = will(carnet, key, "opening")
    for caller in (software(carnet), carnet.caller(mint.insurer("1750000077"))):
        assert reason(await caller.post("Consent", opening))[0] in {403, 404, 422}
        assert (await carnet.doctor().get(f"Patient/{key}")).json()["active"] is False
    assert (await desk(carnet).post("Consent", opening)).status_code == 201


async def test_who_makes_an_identity(carnet: Carnet) -> None:
    for claims in (mint.software("ehr", HOSPITAL), mint.insurer("1750000077")):
        assert reason(await carnet.caller(claims).post("Patient", patient(an_ins()))) == REFUSED
    for caller in (desk(carnet), pharmacist(carnet), stranger(carnet)):
        assert (await caller.post("Patient", patient(an_ins()))).status_code == 201


async def test_who_closes_and_who_does_not(carnet: Carnet) -> None:
    record = await a_record(carnet)
    occupational = carnet.caller(mint.occupational_physician("810000000044", structure=HOSPITAL))
    for caller in (occupational, desk(carnet), software(carnet)):
        assert reason(await caller.send("POST", f"Patient/{record}/$close")) == REFUSED
    assert (await stranger(carnet).send("POST", f"Patient/{record}/$close")).status_code == 200


async def test_who_relates_somebody_to_the_holder(carnet: Carnet) -> None:
    record = await a_record(carnet)
    for caller in (stranger(carnet), await readers(carnet, record), desk(carnet), pharmacist(carnet)):
        assert reason(await caller.post("RelatedPerson", aunt(record))) == REFUSED
    for caller in (carnet.holder(record), carnet.doctor(TREATING)):
        assert (await caller.post("RelatedPerson", aunt(record))).status_code == 201


async def test_who_changes_the_care_team(carnet: Carnet) -> None:
    record = await a_record(carnet)
    for caller in (stranger(carnet), await readers(carnet, record), desk(carnet)):
        assert reason(await caller.post("CareTeam", team(record, COLLEAGUE))) == REFUSED
    for caller in (carnet.holder(record), carnet.doctor(TREATING)):
        assert (await caller.post("CareTeam", team(record, COLLEAGUE))).status_code == 201


async def test_who_asks_and_who_answers_a_rectification(carnet: Carnet) -> None:
    record = await a_record(carnet)
    owner = {"system": IDNPS, "value": TREATING}
    doctor = carnet.doctor(TREATING)
    mine = rectification(record, owner)
    mine["requester"] = {"identifier": owner}
    assert reason(await doctor.post("Task", mine)) == REFUSED
    place = f"Task/{await carnet.holder(record).make(rectification(record, owner))}"
    tree = (await doctor.get(place)).json()
    assert (await stranger(carnet).put(place, tree)).status_code == 405
    assert reason(await carnet.holder(record).put(place, {**tree, "status": "accepted"})) == REFUSED
    assert (await doctor.put(place, {**tree, "status": "accepted"})).status_code == 200


@pytest.mark.parametrize("kind", ["Patient", "RelatedPerson", "CareTeam", "treating", "Consent", "Task"])
async def test_in_a_closed_record_nothing_is_written(carnet: Carnet, kind: str) -> None:
    record = await a_record(carnet)
    holder = carnet.holder(record)
    owner = {"system": IDNPS, "value": TREATING}
    task = await holder.make(rectification(record, owner))
    assert (await carnet.doctor(TREATING).get(f"Task/{task}")).status_code == 200
    shown = (await holder.get(f"Patient/{record}")).json()
    assert (await holder.send("POST", f"Patient/{record}/$close")).status_code == 200
    assert (await carnet.doctor(TREATING).get(f"Task/{task}")).status_code == 404
    assert await why_refused(carnet, record, f"Task/{task}") == "record-not-open"
    trees: dict[str, list[Tree]] = {
        "RelatedPerson": [aunt(record)],
        "CareTeam": [team(record, COLLEAGUE)],
        "treating": [care_team(record, COLLEAGUE)],
        "Task": [rectification(record, owner)],
        "Consent": [
            will(carnet, record, "authorisation", permit(actor(COLLEAGUE))),
            will(carnet, record, "full-access", permit(actor(COLLEAGUE))),
            will(carnet, record, "block", deny(actor(COLLEAGUE))),
            will(carnet, record, "emergency-opposition", opposition("BTG")),
        ],
        "Patient": [],
    }
    for tree in trees[kind]:
        assert reason(await holder.post(tree["resourceType"], tree)) == (422, "record-not-open")
    if kind == "Patient":
        told = {**shown, "telecom": [{"system": "phone", "value": "0102030405"}]}
        assert reason(await holder.put(f"Patient/{record}", told)) == (422, "record-not-open")
        renamed = {**shown, "name": [{"family": "Autre"}]}
        assert reason(await desk(carnet).put(f"Patient/{record}", renamed)) == (422, "record-not-open")


async def test_in_a_closed_record_the_operator_names_no_representative(carnet: Carnet) -> None:
    record = await a_record(carnet, birthDate=MINOR)
    assert (await carnet.holder(record).send("POST", f"Patient/{record}/$close")).status_code == 200
    mother = aunt(record)
    mother["relationship"][0]["coding"][0]["code"] = "MTH"
    operator = Access(kind=Kind.OPERATOR, subject="software|operator")
    records = carnet.app.state.server.door.open(operator, RequestFacts())
    with pytest.raises(BrokenRule) as refused:
        await records.create("RelatedPerson", mother)
    assert refused.value.reason == "record-not-open"


# Whom the law shuts out of the content


async def test_the_excluded_read_no_consent(carnet: Carnet) -> None:
    record = await a_record(carnet)
    given = await grant(carnet.holder(record), record, actor(COLLEAGUE))
    for caller in (desk(carnet), software(carnet)):
        assert (await caller.get(f"Consent/{given}")).status_code == 404
        assert await why_refused(carnet, record, f"Consent/{given}") == "excluded-party"


async def test_a_representative_reads_what_the_holder_willed(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet)
    given = await grant(carnet.holder(record), record, actor(COLLEAGUE))
    assert (await carnet.representative(mother, record).get(f"Consent/{given}")).status_code == 200


async def test_a_list_made_in_a_secret_connection_is_kept_from_representatives(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet)
    plain = await stranger(carnet).make(document(record))
    secret = await stranger(carnet, secret=True).make(listing(record, plain))
    told = await stranger(carnet).make(listing(record, plain))
    represents = carnet.representative(mother, record)
    assert (await represents.get(f"List/{told}")).status_code == 200
    assert (await represents.get(f"List/{secret}")).status_code == 404


async def test_a_list_of_what_he_sees_no_more_stays_its_depositor_s(carnet: Carnet) -> None:
    record, other = await a_record(carnet), pharmacist(carnet)
    shown = await grant(carnet.holder(record), record, actor(PHARMACIST))
    one = await stranger(carnet).make(document(record))
    lot = await other.make(listing(record, one))
    assert (await carnet.holder(record).delete(f"Consent/{shown}")).status_code == 204
    assert not await sees(other, one)
    answer = await other.get(f"List/{lot}")
    assert (answer.status_code, one in answer.text) == (200, False)


async def test_the_excluded_read_no_journal_though_the_act_is_their_own(carnet: Carnet) -> None:
    record, clerk = await a_record(carnet), desk(carnet)
    assert (await clerk.get(f"Patient/{record}")).status_code == 200
    events = await journal(carnet.holder(record), record)
    assert HOSPITAL in str(events[0])
    for event in events:
        assert (await clerk.get(f"AuditEvent/{event['id']}")).status_code == 404
    assert await clerk.found(f"AuditEvent?patient={record}") == []


async def test_the_excluded_read_no_list_not_even_their_own(carnet: Carnet) -> None:
    record, client = await a_record(carnet), software(carnet)
    one = await client.make(document(record))
    lot = await client.make(listing(record, one))
    assert (await carnet.holder(record).get(f"List/{lot}")).status_code == 200
    assert (await client.get(f"List/{lot}")).status_code == 404
    assert await why_refused(carnet, record, f"List/{lot}") == "excluded-party"


async def test_the_excluded_read_no_rectification_though_their_structure_owns_it(carnet: Carnet) -> None:
    record = await a_record(carnet)
    task = await carnet.holder(record).make(rectification(record, {"system": IDNST, "value": HOSPITAL}))
    assert (await carnet.doctor("810000000077", structure=HOSPITAL).get(f"Task/{task}")).status_code == 200
    assert (await carnet.doctor("810000000077", structure=ELSEWHERE).get(f"Task/{task}")).status_code == 404
    for caller in (software(carnet), desk(carnet)):
        assert (await caller.get(f"Task/{task}")).status_code == 404
        assert await why_refused(carnet, record, f"Task/{task}") == "excluded-party"


async def test_the_excluded_read_no_content_not_even_their_own(carnet: Carnet) -> None:
    record, client = await a_record(carnet), software(carnet)
    place = await bytes_of(client, record)
    assert (await client.get(place, headers={"Accept": "application/pdf"})).status_code == 404
    assert await why_refused(carnet, record, place) == "excluded-party"
