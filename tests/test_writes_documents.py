"""Documents: deposit, mask, announce, hide, archive, replace, withdraw, erase (policy.md section 5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from app.resources.guides import IS_ARCHIVED, IS_DELETED
from tests.acts import (
    ELSEWHERE,
    HOSPITAL,
    STRANGER,
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
    Carnet,
    Tree,
    actor,
    consent,
    deny,
    document,
    serving,
)
from tests.world import moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

HOLDER_TYPE = "DOCPAT01"
MINOR = "2015-03-05"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def by_holder(record: str, **more: Any) -> Tree:
    system = "urn:oid:1.2.250.1.213.1.1.4.12"
    tree = document(record, **more)
    tree["type"] = {"coding": [{"system": system, "code": HOLDER_TYPE}]}
    return tree


async def block(carnet: Carnet, record: str, idnps: str) -> None:
    base = carnet.settings.codesystem_base
    await carnet.holder(record).make(consent(record, "block", deny(actor(idnps)), base=base))


async def test_who_may_deposit_and_who_may_not(carnet: Carnet) -> None:
    record = await a_record(carnet)
    for caller in (stranger(carnet), pharmacist(carnet), software(carnet), desk(carnet)):
        answer = await caller.post("DocumentReference", document(record))
        assert answer.status_code == 201, answer.text
    occupational = carnet.caller(mint.occupational_physician("810000000044", structure=HOSPITAL))
    assert (await occupational.post("DocumentReference", document(record))).status_code == 201
    insurer = carnet.caller(mint.insurer("1750000077"))
    assert reason(await insurer.post("DocumentReference", document(record))) == (403, "reimbursement-only")
    alone = carnet.caller(mint.software("nobody"))
    assert reason(await alone.post("DocumentReference", document(record))) == (403, "not-yours-to-do")
    holder = carnet.holder(record)
    assert reason(await holder.post("DocumentReference", document(record))) == (403, "holder-type")


async def test_a_deposit_without_authorisation_is_seen_by_its_depositor(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    made = await doctor.make(document(record))
    assert await sees(doctor, made)
    assert await doctor.found(f"DocumentReference?patient={record}") == [made]
    assert not await sees(pharmacist(carnet), made)


async def test_software_is_answered_without_a_body_and_reads_nothing(carnet: Carnet) -> None:
    record, client = await a_record(carnet), software(carnet)
    answer = await client.post("DocumentReference", document(record), headers={"Prefer": "return=representation"})
    assert (answer.status_code, answer.content) == (201, b"")
    made = answer.headers["location"].split("/")[-3]
    assert not await sees(client, made)
    masked = await client.patch(f"DocumentReference/{made}", relabel("MASQUE_PS"))
    assert (masked.status_code, masked.content) == (200, b"")
    other = software(carnet, client="other")
    assert (await other.patch(f"DocumentReference/{made}", relabel(""))).status_code == 200
    assert (await software(carnet, ELSEWHERE).patch(f"DocumentReference/{made}", relabel(""))).status_code == 404
    doctor = carnet.doctor("810000000088")
    assert (await doctor.patch(f"DocumentReference/{made}", relabel(""))).status_code == 404


async def test_the_author_is_the_caller_or_of_his_structure(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)
    other = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000000777"}}
    mine = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000000002"}}
    refused = await doctor.post("DocumentReference", document(record, author=[other]))
    assert reason(refused) == (422, "author-mismatch")
    await doctor.make(document(record, author=[mine]))
    role: Tree = {"resourceType": "PractitionerRole", "id": "r", "practitioner": other,
        "organization": {"type": "Organization", "identifier": {"system": IDNST, "value": ELSEWHERE}}}  # fmt: skip
    inside = {"contained": [role], "author": [{"reference": "#r"}]}
    await doctor.make(document(record, **inside))
    role["organization"]["identifier"]["value"] = HOSPITAL
    refused = await doctor.post("DocumentReference", document(record, **inside))
    assert reason(refused) == (422, "author-mismatch")
    refused = await software(carnet, ELSEWHERE).post("DocumentReference", document(record, **inside))
    assert reason(refused) == (422, "author-mismatch")
    await software(carnet, ELSEWHERE).post("DocumentReference", document(record, author=[other]))


async def test_the_custodian_is_the_acting_structure(carnet: Carnet) -> None:
    record, doctor = await a_record(carnet), stranger(carnet)

    def kept_by(structure: str) -> Tree:
        return {"type": "Organization", "identifier": {"system": IDNST, "value": structure}}

    await doctor.make(document(record, custodian=kept_by(ELSEWHERE)))
    refused = await doctor.post("DocumentReference", document(record, custodian=kept_by(HOSPITAL)))
    assert reason(refused) == (422, "custodian-mismatch")


async def test_a_mask_is_set_by_four_and_lifted_by_fewer(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    reader = pharmacist(carnet)
    await grant(holder, record, actor("810000000003"))
    made = await depositor.make(document(record, type_="34133-9"))
    place = f"DocumentReference/{made}"
    await grant(holder, record, actor("810000000055"))
    other = carnet.doctor("810000000055")
    assert reason(await other.patch(place, relabel("MASQUE_PS"))) == (403, "not-yours-to-do")
    for masker, may in ((holder, False), (treating, False), (depositor, True)):
        before = await sees(other, made)
        assert before
        assert (await masker.patch(place, relabel("MASQUE_PS"))).status_code == 200
        assert not await sees(other, made)
        assert (await treating.get(place)).status_code == 200
        assert reason(await treating.patch(place, relabel(""))) == (403, "not-yours-to-do")
        lifted = await depositor.patch(place, relabel(""))
        assert (lifted.status_code == 200) is may, lifted.text
        assert (await holder.patch(place, relabel(""))).status_code == 200
    assert not await sees(reader, "nobody.nothing")


async def test_a_replacement_keeps_the_holders_mask(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder = carnet.holder(record)
    first = await depositor.make(document(record))
    await holder.patch(f"DocumentReference/{first}", relabel("MASQUE_PS"))
    second = await depositor.make(document(record, relatesTo=replaces(first)))
    now = (await holder.get(f"DocumentReference/{second}")).json()
    assert now["securityLabel"][0]["coding"][0]["code"] == "MASQUE_PS"
    refused = await depositor.patch(f"DocumentReference/{second}", relabel(""))
    assert reason(refused) == (403, "not-yours-to-do")
    assert (await holder.get(f"DocumentReference/{first}")).json()["status"] == "superseded"


def replaces(identifier: str) -> list[Tree]:
    return [{"code": "replaces", "target": {"reference": f"DocumentReference/{identifier}"}}]


async def test_the_old_version_takes_the_mask_of_the_new_one(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    await grant(carnet.holder(record), record, actor("810000000055"))
    other = carnet.doctor("810000000055")
    first = await depositor.make(document(record))
    assert await sees(other, first)
    second = await depositor.make(document(record, label="MASQUE_PS", relatesTo=replaces(first)))
    assert not await sees(other, second)
    assert not await sees(other, first)


async def test_only_the_depositor_replaces(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    first = await depositor.make(document(record))
    treating = carnet.doctor(TREATING)
    refused = await treating.post("DocumentReference", document(record, relatesTo=replaces(first)))
    assert reason(refused) == (403, "not-yours-to-do")
    unseen = await pharmacist(carnet).post("DocumentReference", document(record, relatesTo=replaces(first)))
    nobody = await pharmacist(carnet).post("DocumentReference", document(record, relatesTo=replaces(f"{record}.none")))
    assert reason(unseen) == reason(nobody) == (422, "unresolved-reference")


async def test_what_the_holder_sees_is_not_replaced_by_what_awaits_announcement(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    first = await depositor.make(document(record))
    refused = await depositor.post(
        "DocumentReference", document(record, label="INVISIBLE_PATIENT", relatesTo=replaces(first))
    )
    assert reason(refused) == (422, "announcement-replaces")
    pending = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    await depositor.make(document(record, label="INVISIBLE_PATIENT", relatesTo=replaces(pending)))


async def test_masked_and_awaiting_announcement_together_is_refused(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    both = [{"coding": [{"system": VISIBILITY, "code": code}]} for code in ("MASQUE_PS", "INVISIBLE_PATIENT")]
    refused = await depositor.post("DocumentReference", document(record) | {"securityLabel": both})
    assert reason(refused) == (422, "visibility-cumulation")
    pending = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    mask = [{"op": "add", "path": "/securityLabel/-", "value": both[0]}]
    assert reason(await depositor.patch(f"DocumentReference/{pending}", mask)) == (422, "visibility-cumulation")


async def test_an_announcement_hides_from_the_holder_until_it_is_made(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    for announcer in (depositor, treating):
        made = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
        place = f"DocumentReference/{made}"
        assert not await sees(holder, made)
        assert await sees(treating, made)
        assert (await holder.patch(place, relabel(""))).status_code == 404
        assert (await announcer.patch(place, relabel(""))).status_code == 200
        assert await sees(holder, made)
        assert "extension" not in (await holder.get(place)).json()


async def test_an_announcement_ends_by_time_and_its_label_means_nothing_then(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder = carnet.holder(record)
    made = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    async with moved(module_database_urls.owner, "32 days"):
        assert await sees(holder, made)
        tree = (await holder.get(f"DocumentReference/{made}")).json()
        assert tree["securityLabel"][0]["coding"][0]["code"] == "INVISIBLE_PATIENT"
        answer = await holder.patch(f"DocumentReference/{made}", relabel("MASQUE_PS"))
        assert answer.status_code == 200, answer.text
    assert not await sees(holder, "x.y")


async def test_an_announcement_is_set_later_only_while_the_holder_has_not_opened_it(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    made = await depositor.make(document(record))
    assert reason(await treating.patch(f"DocumentReference/{made}", relabel("INVISIBLE_PATIENT")))[0] == 403
    assert (await depositor.patch(f"DocumentReference/{made}", relabel("INVISIBLE_PATIENT"))).status_code == 200
    assert not await sees(holder, made)
    other = await depositor.make(document(record))
    assert await sees(holder, other)
    refused = await depositor.patch(f"DocumentReference/{other}", relabel("INVISIBLE_PATIENT"))
    assert reason(refused) == (422, "seen-by-holder")


async def test_the_end_of_an_announcement_is_written_by_the_server_alone(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    url = f"{carnet.settings.codesystem_base}/StructureDefinition/announcement-end"
    forged = {"extension": [{"url": url, "valueDateTime": "2026-01-01T00:00:00Z"}]}
    made = await depositor.make(document(record, label="INVISIBLE_PATIENT", **forged))
    assert not await sees(carnet.holder(record), made)
    place = f"DocumentReference/{made}"
    patch = [{"op": "replace", "path": "/extension/0/valueDateTime", "value": "2026-01-01T00:00:00Z"}]
    assert reason(await depositor.patch(place, patch)) == (422, "element-settled")
    tree = (await depositor.get(place)).json()
    assert len(tree["extension"]) == 1
    assert tree["extension"][0]["valueDateTime"] > "2026-11"
    plain = await depositor.make(document(record, **forged))
    assert "extension" not in (await depositor.get(f"DocumentReference/{plain}")).json()


async def test_hiding_from_representatives_is_for_minors(carnet: Carnet) -> None:
    adult, minor = await a_record(carnet), await a_record(carnet, birthDate=MINOR)
    depositor = stranger(carnet)
    refused = await depositor.post("DocumentReference", document(adult, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    assert reason(refused) == (422, "not-a-minor")
    made = await depositor.make(document(minor))
    place = f"DocumentReference/{made}"
    treating, holder = carnet.doctor(TREATING), carnet.holder(minor)
    assert reason(await treating.patch(place, relabel("INVISIBLE_REPRESENTANTS_LEGAUX"))) == (403, "not-yours-to-do")
    for who in (depositor, holder):
        assert (await who.patch(place, relabel("INVISIBLE_REPRESENTANTS_LEGAUX"))).status_code == 200
        assert (await who.patch(place, relabel(""))).status_code == 200


async def test_in_a_secret_connection_only_hidden_documents_are_deposited(carnet: Carnet) -> None:
    minor = await a_record(carnet, birthDate=MINOR)
    secret = stranger(carnet, secret=True)
    assert reason(await secret.post("DocumentReference", document(minor))) == (422, "secret-connection")
    made = await secret.make(document(minor, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    assert reason(await secret.patch(f"DocumentReference/{made}", relabel(""))) == (422, "secret-connection")


async def test_archive_by_depositor_and_holder(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = await depositor.make(document(record))
    mark = [{"op": "add", "path": f"/extension[url:'{IS_ARCHIVED}']", "value": True}]
    place = f"DocumentReference/{made}"
    assert reason(await carnet.doctor(TREATING).patch(place, mark)) == (403, "not-yours-to-do")
    assert (await carnet.holder(record).patch(place, mark)).status_code == 200
    assert (await depositor.patch(place, [{**mark[0], "op": "replace", "value": False}])).status_code == 200


async def test_other_elements_are_settled_at_deposit(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = await depositor.make(document(record, description="one"))
    place = f"DocumentReference/{made}"
    patched = await depositor.patch(place, [{"op": "replace", "path": "/description", "value": "two"}])
    assert patched.status_code == 405
    assert "PUT" in patched.headers["allow"]
    tree = (await depositor.get(place)).json()
    assert (await depositor.put(place, {**tree, "description": "two"})).status_code == 200
    refused = await depositor.put(place, {**tree, "date": "2026-01-01T00:00:00Z"})
    assert reason(refused) == (422, "element-settled")
    assert refused.json()["issue"][0]["expression"] == ["DocumentReference.date"]
    treating = carnet.doctor(TREATING)
    assert reason(await treating.put(place, {**tree, "description": "three"})) == (403, "not-yours-to-do")


@pytest.mark.parametrize("way", ["entered-in-error", "deleted"])
async def test_a_withdrawn_document_takes_what_it_replaced_with_it(carnet: Carnet, way: str) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    treating = carnet.doctor(TREATING)
    related = await depositor.make(document(record))
    first = await depositor.make(document(record))
    more = [*replaces(first), {"code": "appends", "target": {"reference": f"DocumentReference/{related}"}}]
    second = await depositor.make(document(record, relatesTo=more))
    third = await depositor.make(document(record, relatesTo=replaces(second)))
    operations = restate("entered-in-error")
    if way == "deleted":
        mark = {"op": "add", "path": "/extension", "value": [{"url": IS_DELETED, "valueBoolean": True}]}
        operations = [*restate("superseded"), mark]
    assert reason(await treating.patch(f"DocumentReference/{third}", operations)) == (403, "not-yours-to-do")
    assert (await depositor.patch(f"DocumentReference/{third}", operations)).status_code == 200
    for one in (first, second, third):
        assert not await sees(treating, one)
        assert await sees(depositor, one)
    assert await sees(treating, related)
    refused = await depositor.patch(f"DocumentReference/{third}", restate("current"))
    assert reason(refused) == (422, "withdrawn")


async def test_the_holders_delete_removes_it_from_every_view_but_the_depositors(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    made = await depositor.make(document(record))
    place = f"DocumentReference/{made}"
    for who in (treating, depositor):
        assert reason(await who.delete(place)) == (403, "not-yours-to-do")
    assert (await pharmacist(carnet).delete(place)).status_code == 404
    assert (await holder.delete(place)).status_code == 204
    assert not await sees(holder, made)
    assert not await sees(treating, made)
    assert await sees(depositor, made)
    tree = (await depositor.get(place)).json()
    refused = await depositor.put(place, {**tree, "description": "again"})
    assert reason(refused) == (422, "withdrawn")
    assert (await depositor.put(place, tree)).status_code == 200
    assert not await sees(treating, made)
    assert not await sees(holder, made)


async def test_the_holders_own_deposit_is_erased(carnet: Carnet) -> None:
    record = await a_record(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    made = await holder.make(by_holder(record))
    url = (await treating.get(f"DocumentReference/{made}")).json()["content"][0]["attachment"]["url"]
    assert (await treating.get(url)).status_code == 200
    assert (await holder.delete(f"DocumentReference/{made}")).status_code == 204
    assert (await holder.get(f"DocumentReference/{made}")).status_code in {404, 410}
    assert (await treating.get(url)).status_code == 404


async def test_with_holder_deletion_own_he_deletes_no_others(module_database_urls: Urls, tmp_path: Path) -> None:
    async with serving(module_database_urls, tmp_path, holder_deletion="own") as carnet:
        record = await a_record(carnet)
        made = await stranger(carnet).make(document(record))
        refused = await carnet.holder(record).delete(f"DocumentReference/{made}")
        assert reason(refused) == (403, "not-yours-to-erase")


async def test_a_blocked_depositor_withdraws_and_announces_by_id_and_nothing_else(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    pending = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    plain = await depositor.make(document(record))
    await block(carnet, record, "810000000002")
    assert not await sees(depositor, plain)
    for operations in (relabel("MASQUE_PS"), [{"op": "test", "path": "/status", "value": "current"}],
        [{"op": "test", "path": "/status", "value": "superseded"}], [{"op": "remove", "path": "/date"}]):  # fmt: skip
        answer = await depositor.patch(f"DocumentReference/{plain}", operations)
        assert reason(answer) == (404, "not-found")
    assert (await depositor.delete(f"DocumentReference/{plain}")).status_code == 404
    refused = await depositor.post("DocumentReference", document(record, relatesTo=replaces(plain)))
    assert reason(refused) == (422, "unresolved-reference")
    prefer = {"Prefer": "return=representation"}
    answer = await depositor.patch(f"DocumentReference/{pending}", relabel(""), headers=prefer)
    assert (answer.status_code, answer.content) == (200, b"")
    answer = await depositor.patch(f"DocumentReference/{plain}", restate("entered-in-error"), headers=prefer)
    assert (answer.status_code, answer.content) == (200, b"")
    assert await sees(carnet.holder(record), pending)
    assert not await sees(carnet.holder(record), plain)


async def test_a_reference_that_the_caller_does_not_see_survives_his_change_and_tells_nothing(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder = carnet.holder(record)
    hidden = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    link = [{"code": "appends", "target": {"reference": f"DocumentReference/{hidden}"}}]
    made = await depositor.make(document(record, relatesTo=link))
    place = f"DocumentReference/{made}"
    tree = (await holder.get(place)).json()
    assert "relatesTo" not in tree
    probe = [{"op": "test", "path": "/relatesTo/0/code", "value": "appends"}]
    assert (await holder.patch(place, probe)).status_code == 422
    masked = {**tree, "securityLabel": [{"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}]}
    answer = await holder.put(place, masked, headers={"Prefer": "return=representation"})
    assert answer.status_code == 200, answer.text
    assert hidden not in answer.text
    assert (await holder.patch(place, relabel(""))).status_code == 200
    assert (await depositor.get(place)).json()["relatesTo"] == link


async def test_fixed_order_of_answers(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = await depositor.make(document(record))
    place = f"DocumentReference/{made}"
    tree = (await depositor.get(place)).json()
    unseen = await pharmacist(carnet).put(place, tree)
    unknown = await pharmacist(carnet).put(f"DocumentReference/{record}.none", {**tree, "id": f"{record}.none"})
    assert unseen.status_code == unknown.status_code == 405
    assert unseen.headers["allow"] == unknown.headers["allow"]
    stale = {"If-Match": 'W/"x"'}
    assert (await pharmacist(carnet).patch(place, relabel(""), headers=stale)).status_code == 404
    assert (await depositor.patch(place, [*relabel("MASQUE_PS"), *relabel("")], headers=stale)).status_code == 412


async def test_nothing_is_deposited_in_a_closed_or_unopened_record(carnet: Carnet) -> None:
    doctor = carnet.doctor()
    identity = await doctor.make({"resourceType": "Patient", "identifier": [
        {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": an_ins()}]})  # fmt: skip
    assert reason(await doctor.post("DocumentReference", document(identity))) == (422, "record-not-open")
    record = await a_record(carnet)
    assert (await doctor.send("POST", f"Patient/{record}/$close")).status_code == 200
    assert reason(await doctor.post("DocumentReference", document(record))) == (422, "record-not-open")


async def test_close_and_deposit_at_once_leave_no_document_in_a_closed_record(carnet: Carnet) -> None:
    doctor, depositor = carnet.doctor(), stranger(carnet)
    for _ in range(4):
        record = await a_record(carnet)
        deposits = [depositor.post("DocumentReference", document(record)) for _ in range(4)]
        closed, *answers = await asyncio.gather(doctor.send("POST", f"Patient/{record}/$close"), *deposits)
        assert closed.status_code == 200
        assert {answer.status_code for answer in answers} <= {201, 422}
        assert (await depositor.post("DocumentReference", document(record))).status_code == 422
        made = sum(answer.status_code == 201 for answer in answers)
        assert (await doctor.send("POST", f"Patient/{record}/$reopen")).status_code == 200
        assert len(await depositor.found(f"DocumentReference?patient={record}")) == made


async def test_many_new_document_kinds_at_once_do_not_wait_for_each_other(carnet: Carnet) -> None:
    record = await a_record(carnet)
    depositor = stranger(carnet)
    types = [f"{10000 + n}-{n % 10}" for n in range(12)]
    known = [
        "11488-4",
        "34133-9",
        "57833-6",
        "18842-5",
        "60591-5",
        "11502-2",
        "18748-4",
        "47420-5",
        "11506-3",
        "57016-8",
    ]
    async with asyncio.timeout(120):
        answers = await asyncio.gather(
            *[depositor.post("DocumentReference", document(record, type_=one)) for one in known + types]
        )
    assert {answer.status_code for answer in answers} == {201}


async def test_an_announcement_is_not_set_after_its_month(carnet: Carnet, module_database_urls: Urls) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = await depositor.make(document(record))
    async with moved(module_database_urls.owner, "40 days"):
        refused = await depositor.patch(f"DocumentReference/{made}", relabel("INVISIBLE_PATIENT"))
    assert reason(refused) == (422, "announcement-over")


async def test_a_mask_says_nothing_in_words_of_its_own(carnet: Carnet) -> None:
    record = await a_record(carnet)
    holder, place = carnet.holder(record), f"DocumentReference/{await stranger(carnet).make(document(record))}"
    forged = [{"coding": [{"system": VISIBILITY, "code": "MASQUE_PS", "display": "Forged"}]}]
    change = [{"op": "replace", "path": "/securityLabel", "value": forged}]
    assert reason(await holder.patch(place, change)) == (403, "not-yours-to-do")
    mark = [{"url": IS_ARCHIVED, "valueBoolean": True}]
    assert (await holder.patch(place, [{"op": "add", "path": "/extension", "value": mark}])).status_code == 200


async def test_a_patch_of_what_is_not_seen_tests_nothing(carnet: Carnet) -> None:
    record, depositor, writer = await a_record(carnet), stranger(carnet), software(carnet)
    gone = {"op": "replace", "path": "/status", "value": "entered-in-error"}
    test = {"op": "test", "path": "/securityLabel/0/coding/0/code", "value": "N"}
    place = f"DocumentReference/{await writer.make(document(record))}"
    for probe in (test, {"op": "remove", "path": "/securityLabel/1"}, {**test, "op": "copy", "from": "/status"}):
        assert reason(await writer.patch(place, [probe, gone])) == (403, "patch-unseen")
    place = f"DocumentReference/{await depositor.make(document(record))}"
    await block(carnet, record, STRANGER)
    for probe in (test, *relabel("")):
        assert (await depositor.patch(place, [probe, gone])).status_code == 404
    assert (await depositor.patch(place, [gone])).status_code == 200
