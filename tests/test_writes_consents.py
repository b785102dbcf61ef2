"""Consents: given, taken back, changed, and who attests (policy.md section 5; api.md section 4)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.access import PROFESSION_SYSTEM
from app.auth import mint
from tests.acts import STRANGER, TREATING, a_record, an_ins, desk, grant, pharmacist, reason, sees, stranger
from tests.serving import (
    IDNPS,
    Caller,
    Carnet,
    Tree,
    actor,
    care_team,
    consent,
    deny,
    document,
    opposition,
    patient,
    permit,
    serving,
    transaction,
)
from tests.world import moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


COLLEAGUE = "810000000055"
DENTIST = "810000000066"


def made(carnet: Carnet, record: str, category: str, provision: Tree) -> Tree:
    return consent(record, category, provision, base=carnet.settings.codesystem_base)


def profession(code: str) -> tuple[Tree, Tree]:
    """A contained PractitionerRole that holds only a profession, and the actor that names it."""
    role = {
        "resourceType": "PractitionerRole",
        "id": "p",
        "code": [{"coding": [{"system": PROFESSION_SYSTEM, "code": code}]}],
    }
    return role, actor(reference="#p")


def of_profession(carnet: Carnet, record: str, category: str, code: str) -> Tree:
    role, named = profession(code)
    provision = {"type": "deny" if category == "block" else "permit", "actor": [named]}
    return made(carnet, record, category, provision) | {"contained": [role]}


async def with_document(carnet: Carnet) -> tuple[str, str]:
    record = await a_record(carnet)
    return record, await carnet.doctor(TREATING).make(document(record, type_="34133-9"))


async def test_an_authorisation_counts_for_the_next_request_and_until_it_ends(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record, one = await with_document(carnet)
    colleague = carnet.doctor(COLLEAGUE)
    assert not await sees(colleague, one)
    await grant(carnet.holder(record), record, actor(COLLEAGUE), end="2099-01-01")
    assert await sees(colleague, one)
    async with moved(module_database_urls.owner, "100 years"):
        # the token is of today: only the clock of the policy moved
        assert not await sees(colleague, one)


@pytest.mark.parametrize("status", ["inactive", "entered-in-error", "DELETE"])
async def test_an_authorisation_is_taken_back_by_the_holder_alone(carnet: Carnet, status: str) -> None:
    record, one = await with_document(carnet)
    holder, colleague, treating = carnet.holder(record), carnet.doctor(COLLEAGUE), carnet.doctor(TREATING)
    given = await grant(holder, record, actor(COLLEAGUE))
    tree = (await holder.get(f"Consent/{given}")).json()
    assert await sees(colleague, one)

    async def take(by: Caller) -> int:
        if status == "DELETE":
            return (await by.delete(f"Consent/{given}")).status_code
        return (await by.put(f"Consent/{given}", {**tree, "status": status})).status_code

    assert await take(treating) == await take(colleague) == 403
    assert await take(pharmacist(carnet)) in {404, 405}
    assert await sees(colleague, one)
    assert await take(holder) in {200, 204}
    assert not await sees(colleague, one)
    now = (await holder.get(f"Consent/{given}")).json()
    assert now["status"] == ("inactive" if status == "DELETE" else status)
    assert now["meta"]["versionId"] != tree["meta"]["versionId"]
    assert len((await holder.get(f"Consent/{given}/_history")).json()["entry"]) == 2


async def test_changing_the_actors_takes_from_one_and_gives_to_the_other(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    holder = carnet.holder(record)
    given = await grant(holder, record, actor(COLLEAGUE))
    tree = (await holder.get(f"Consent/{given}")).json()
    tree["provision"]["actor"] = [actor(DENTIST)]
    assert reason(await carnet.doctor(COLLEAGUE).put(f"Consent/{given}", tree)) == (403, "not-yours-to-do")
    assert (await holder.put(f"Consent/{given}", tree)).status_code == 200
    assert not await sees(carnet.doctor(COLLEAGUE), one)
    assert await sees(carnet.doctor(DENTIST), one)


async def test_a_structure_a_profession_and_a_team_are_authorised(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    holder = carnet.holder(record)
    await grant(holder, record, actor(structure="1750000042"))
    assert await sees(carnet.doctor("810000000101", structure="1750000042"), one)
    assert not await sees(carnet.doctor("810000000101", structure="1750000043"), one)
    named = {"member": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000000102"}}}
    team = await holder.make(care_team(record, "") | {"participant": [named]})
    member = carnet.doctor("810000000102", structure="1750000099")
    assert not await sees(member, one)
    await grant(holder, record, actor(reference=f"CareTeam/{team}"))
    assert await sees(member, one)
    await holder.make(of_profession(carnet, record, "authorisation", "10"))
    assert await sees(carnet.doctor("810000000103", structure="1750000043"), one)


async def test_by_attestation_a_professional_authorises_himself_or_a_colleague(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    doctor = stranger(carnet)
    given = await grant(doctor, record, actor("810000000002"))
    assert await sees(doctor, one)
    await grant(doctor, record, actor(COLLEAGUE))
    assert await sees(carnet.doctor(COLLEAGUE), one)
    holder = carnet.holder(record)
    (kept,) = [p for p in await provenances(holder, record) if p["target"][0]["reference"] == f"Consent/{given}"]
    (agent,) = kept["agent"]
    assert agent["type"]["coding"][0]["code"] == "attester"
    who = (await holder.get(agent["who"]["reference"])).json()
    assert {"system": IDNPS, "value": "810000000002"} in who["identifier"]
    assert agent["onBehalfOf"] == {"reference": f"Patient/{record}"}


async def provenances(holder: Caller, record: str) -> list[Tree]:
    ids = await holder.found(f"Provenance?target:Consent.patient=Patient/{record}")
    return [(await holder.get(f"Provenance/{one}")).json() for one in ids]


async def test_what_the_holder_says_himself_is_attested_by_nobody(carnet: Carnet) -> None:
    record = await a_record(carnet)
    before = len(await provenances(carnet.holder(record), record))
    assert before == 1
    await grant(carnet.holder(record), record, actor(COLLEAGUE))
    assert len(await provenances(carnet.holder(record), record)) == before


async def test_no_attestation_for_or_by_somebody_blocked(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    holder, doctor, colleague = carnet.holder(record), stranger(carnet), carnet.doctor(COLLEAGUE)
    await holder.make(made(carnet, record, "block", deny(actor(COLLEAGUE))))
    for_him = made(carnet, record, "authorisation", permit(actor(COLLEAGUE)))
    assert reason(await doctor.post("Consent", for_him)) == (422, "blocked")
    assert reason(await colleague.post("Consent", for_him)) == (403, "blocked")
    assert (await holder.post("Consent", for_him)).status_code == 201
    assert not await sees(colleague, one)


async def test_no_attestation_for_or_by_a_blocked_profession(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    holder, doctor = carnet.holder(record), stranger(carnet)
    dentist = carnet.professional(DENTIST, "40", structure="1750000040")
    await dentist.get(f"Patient/{record}")
    await holder.make(of_profession(carnet, record, "block", "40"))
    for_him = made(carnet, record, "authorisation", permit(actor(DENTIST)))
    assert reason(await dentist.post("Consent", for_him)) == (403, "blocked")
    # nothing says what he practises: what cannot be established denies
    assert reason(await doctor.post("Consent", for_him)) == (422, "blocked")
    whole = of_profession(carnet, record, "authorisation", "40")
    assert reason(await doctor.post("Consent", whole)) == (403, "attested-by-name")
    assert (
        await doctor.post("Consent", made(carnet, record, "authorisation", permit(actor("810000000002"))))
    ).status_code == 201
    assert (await holder.post("Consent", for_him)).status_code == 201
    assert not await sees(dentist, one) or await sees(doctor, one)


async def test_an_attestation_is_for_professionals_by_name(carnet: Carnet) -> None:
    record, _ = await with_document(carnet)
    holder = carnet.holder(record)
    named = {"member": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": COLLEAGUE}}}
    team = await holder.make(care_team(record, "") | {"participant": [named]})
    wide = [
        made(carnet, record, "authorisation", permit(actor(structure="1750000042"))),
        made(carnet, record, "authorisation", permit(actor(reference=f"CareTeam/{team}"))),
        made(carnet, record, "authorisation", permit(actor(COLLEAGUE), actor(structure="1750000042"))),
        of_profession(carnet, record, "authorisation", "21"),
    ]
    for tree in wide:
        assert reason(await carnet.doctor(TREATING).post("Consent", tree)) == (403, "attested-by-name")
        assert (await holder.post("Consent", tree)).status_code == 201


async def test_at_an_opening_too_an_attestation_names_professionals(carnet: Carnet) -> None:
    new = "urn:uuid:00000000-0000-4000-8000-000000000001"
    for by in (desk(carnet), stranger(carnet)):
        for provision, status in ((permit(actor(structure="1750000001")), 403), (permit(actor(COLLEAGUE)), 200)):
            entries = [
                patient(an_ins()),
                made(carnet, new, "opening", {}),
                made(carnet, new, "authorisation", provision),
            ]
            urls = [f"{new[:-1]}{n}" for n in range(1, 4)]
            answer = await by.post("", transaction(*zip(urls, entries, strict=True)))
            assert answer.status_code == status, answer.text


@pytest.mark.parametrize("category", ["authorisation", "block"])
async def test_what_the_holder_took_back_he_alone_gives_again(carnet: Carnet, category: str) -> None:
    record = await a_record(carnet)
    holder, treating = carnet.holder(record), carnet.doctor(TREATING)
    provision = (deny if category == "block" else permit)(actor(COLLEAGUE))
    given = await treating.make(made(carnet, record, category, provision))
    assert (await holder.delete(f"Consent/{given}")).status_code == 204
    tree = (await treating.get(f"Consent/{given}")).json() | {"status": "active"}
    assert reason(await treating.put(f"Consent/{given}", tree)) == (403, "not-yours-to-do")
    assert (await holder.put(f"Consent/{given}", tree)).status_code == 200
    assert (await treating.post("Consent", made(carnet, record, category, provision))).status_code == 201


async def test_full_access_is_given_by_the_holder_alone(carnet: Carnet) -> None:
    record = await a_record(carnet)
    one = await carnet.doctor(TREATING).make(document(record, label="MASQUE_PS"))
    full = made(carnet, record, "full-access", permit(actor(COLLEAGUE)))
    for caller in (stranger(carnet), carnet.doctor(TREATING), desk(carnet)):
        assert reason(await caller.post("Consent", full)) == (403, "not-yours-to-do")
    given = await carnet.holder(record).make(full)
    assert await sees(carnet.doctor(COLLEAGUE), one)
    assert reason(await carnet.doctor(COLLEAGUE).delete(f"Consent/{given}")) == (403, "not-yours-to-do")
    assert (await carnet.holder(record).delete(f"Consent/{given}")).status_code == 204
    assert not await sees(carnet.doctor(COLLEAGUE), one)


async def test_a_block_is_given_by_holder_or_treating_physician_and_lifted_by_the_holder(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    holder, treating, colleague = carnet.holder(record), carnet.doctor(TREATING), carnet.doctor(COLLEAGUE)
    await grant(holder, record, actor(COLLEAGUE))
    block = made(carnet, record, "block", deny(actor(COLLEAGUE)))
    assert reason(await stranger(carnet).post("Consent", block)) == (403, "not-yours-to-do")
    given = await treating.make(block)
    assert not await sees(colleague, one)
    assert reason(await treating.delete(f"Consent/{given}")) == (403, "not-yours-to-do")
    assert (await holder.delete(f"Consent/{given}")).status_code == 204
    assert await sees(colleague, one)


async def test_the_treating_physician_cannot_be_blocked(carnet: Carnet) -> None:
    record = await a_record(carnet)
    block = made(carnet, record, "block", deny(actor(TREATING)))
    assert reason(await carnet.holder(record).post("Consent", block)) == (422, "treating-physician-blocked")
    assert await carnet.holder(record).found(f"Consent?patient={record}&category=block") == []


async def test_a_consent_for_nobody_or_of_a_strange_meaning_is_refused(carnet: Carnet) -> None:
    record = await a_record(carnet)
    holder = carnet.holder(record)
    nobody = actor(COLLEAGUE)
    nobody["reference"] = {"identifier": {"system": "urn:oid:9.9.9", "value": "1"}}
    assert (await holder.post("Consent", made(carnet, record, "authorisation", permit(nobody)))).status_code == 422
    unknown = permit(actor(reference="Practitioner/nobody"))
    assert reason(await holder.post("Consent", made(carnet, record, "authorisation", unknown))) == (
        422,
        "unresolved-reference",
    )
    ends_first = permit(actor(COLLEAGUE), start="2026-05-01", end="2026-01-01")
    assert (await holder.post("Consent", made(carnet, record, "authorisation", ends_first))).status_code == 422
    inactive = made(carnet, record, "authorisation", permit(actor(COLLEAGUE))) | {"status": "inactive"}
    assert reason(await holder.post("Consent", inactive)) == (422, "consent-not-active")


async def test_a_consent_keeps_its_category(carnet: Carnet) -> None:
    record = await a_record(carnet)
    holder = carnet.holder(record)
    given = await grant(holder, record, actor(COLLEAGUE))
    tree = (await holder.get(f"Consent/{given}")).json()
    tree["category"][0]["coding"][0]["code"] = "full-access"
    assert reason(await holder.put(f"Consent/{given}", tree)) == (422, "category-settled")


async def test_software_insurer_and_desk_write_no_consent(carnet: Carnet) -> None:
    record = await a_record(carnet)
    for claims in (mint.software("ehr", "1750000001"), mint.insurer("1750000077"), mint.desk("1750000001")):
        for category, provision in (
            ("authorisation", permit(actor(COLLEAGUE))),
            ("block", deny(actor(COLLEAGUE))),
            ("emergency-opposition", opposition("BTG")),
        ):
            answer = await carnet.caller(claims).post("Consent", made(carnet, record, category, provision))
            assert reason(answer) == (403, "not-yours-to-do")


async def test_an_occupational_physician_is_authorised_by_name_only(carnet: Carnet) -> None:
    record, one = await with_document(carnet)
    physician = carnet.caller(mint.occupational_physician("810000000201", structure="1750000042"))
    await grant(carnet.holder(record), record, actor(structure="1750000042"))
    assert not await sees(physician, one)
    await grant(carnet.holder(record), record, actor("810000000201"))
    assert await sees(physician, one)


async def test_a_consent_names_a_document_that_its_reader_may_not_see(carnet: Carnet) -> None:
    record = await a_record(carnet)
    pending = await carnet.doctor(TREATING).make(document(record, label="INVISIBLE_PATIENT"))
    tree = made(carnet, record, "authorisation", permit(actor(COLLEAGUE)))
    tree["sourceReference"] = {"reference": f"DocumentReference/{pending}"}
    given = await carnet.doctor(TREATING).make(tree)
    assert "sourceReference" not in (await carnet.holder(record).get(f"Consent/{given}")).json()
    assert "sourceReference" in (await carnet.doctor(TREATING).get(f"Consent/{given}")).json()


async def test_what_is_written_in_a_secret_connection_is_not_the_representatives(carnet: Carnet) -> None:
    record = await a_record(carnet, birthDate="2015-03-05")
    secret = carnet.caller(mint.holder(record, secret=True))
    given = await secret.make(made(carnet, record, "authorisation", permit(actor(COLLEAGUE))))
    assert (await carnet.holder(record).get(f"Consent/{given}")).status_code == 200


async def test_block_and_attested_authorisation_at_once_leave_no_access(carnet: Carnet) -> None:
    for _ in range(4):
        record, one = await with_document(carnet)
        block = made(carnet, record, "block", deny(actor(COLLEAGUE)))
        attested = made(carnet, record, "authorisation", permit(actor(COLLEAGUE)))
        answers = await asyncio.gather(
            carnet.holder(record).post("Consent", block), stranger(carnet).post("Consent", attested),
            carnet.doctor(COLLEAGUE).post("Consent", attested),
        )  # fmt: skip
        assert answers[0].status_code == 201
        assert {answer.status_code for answer in answers[1:]} <= {201, 403, 422}
        assert not await sees(carnet.doctor(COLLEAGUE), one)


async def test_a_standing_that_was_rolled_back_is_not_remembered(carnet: Carnet) -> None:
    """A failed transaction that authorised somebody leaves him without access, whatever he asked in it."""
    record, one = await with_document(carnet)
    doctor = stranger(carnet)
    attested = made(carnet, record, "authorisation", permit(actor("810000000002")))
    bad = document(record, relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{one}"}}])
    bad["content"][0]["attachment"] = {"contentType": "text/plain", "url": "Binary/nobody"}
    urls = [f"urn:uuid:0000000{n}-0000-4000-8000-000000000000" for n in range(2)]
    answer = await doctor.post("", transaction((urls[0], attested), (urls[1], bad)))
    assert answer.status_code == 422
    await grant(carnet.holder(record), record, actor(structure="1750000777"))
    assert not await sees(doctor, one)


async def test_a_permission_that_names_no_end_gets_the_one_of_the_settings(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path, authorisation_days=30, full_access_days=365) as carnet:
        record = await a_record(carnet)
        holder, base = carnet.holder(record), carnet.settings.codesystem_base
        for category, days in (("authorisation", 30), ("full-access", 365)):
            made = await holder.make(consent(record, category, permit(actor(STRANGER)), base=base))
            end = (await holder.get(f"Consent/{made}")).json()["provision"]["period"]["end"]
            ahead = datetime.fromisoformat(end) - datetime.now(UTC)
            assert timedelta(days=days) - timedelta(minutes=5) < ahead <= timedelta(days=days)
        kept = permit(actor(STRANGER), end="2099-01-01")
        made = await holder.make(consent(record, "authorisation", kept, base=base))
        assert (await holder.get(f"Consent/{made}")).json()["provision"]["period"] == {"end": "2099-01-01"}
        barred = await holder.make(consent(record, "block", deny(actor("810000000088")), base=base))
        assert "period" not in (await holder.get(f"Consent/{barred}")).json()["provision"]
