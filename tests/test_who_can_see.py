"""`$who-can-see`: everybody who may read, as each really does with a token of his own; and nobody is betrayed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.auth import mint
from app.operator import at_the_door
from tests.acts import grant, reason, sees
from tests.neighbours import PEOPLE, PROFESSIONS, SPECIALTY, STRUCTURES, TREATING, professional, settle
from tests.serving import IDNPS, IDNST, Caller, Carnet, actor, consent, deny, document, opposition, permit, serving
from tests.told import Told, explained, person, readers
from tests.world import (
    DOCTOR,
    NURSE,
    OTHER,
    PHARMACIST,
    base,
    group,
    grouped,
    journal,
    opened,
    opened_for_minor,
    team,
    will,
    window,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.neighbours import Neighbours

SEEDS = range(8)
STRANGER = "810000001999"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def tokens(world: Neighbours, reader: Told) -> list[tuple[tuple[str, str, str], Caller]]:
    """Real callers who are that reader: as what each of them comes, and the caller."""
    carnet, name = world.carnet, reader.who
    kind, _, code = name.partition("|")
    alone = {
        "holder": world.holder,
        f"RelatedPerson/{world.mother}": carnet.representative(world.mother, world.record),
        "regulator": carnet.professional(STRANGER, "10", structure="", regulator=True, purpose="ETREAT"),
        TREATING: professional(carnet, TREATING, "10"),
        f"profession|{code}": professional(carnet, STRANGER, code),
    }
    if name in alone:
        return [((code, "", ""), alone[name])]
    if kind == "specialty":
        return [((p, code, ""), professional(carnet, STRANGER, p, code)) for p in PROFESSIONS]
    idnps, place = (STRANGER, name) if name in STRUCTURES else (name, "")
    asked = () if name == "emergency" else PROFESSIONS
    return [((p, "", place), professional(carnet, idnps, p, structure=place)) for p in asked]


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_reader_reads_as_told(carnet: Carnet, seed: int) -> None:
    world = await settle(carnet, seed)
    checked = 0
    for one in world.documents:
        told = await readers(world.treating, f"DocumentReference/{one}")
        assert {"holder", f"RelatedPerson/{world.mother}", TREATING, "emergency", "regulator"} <= told.keys()
        for reader in told.values():
            for way, caller in tokens(world, reader):
                assert reader.sees(*way) == await sees(caller, one), (reader, way)
                checked += 1
    assert checked > 40


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_reads_who_is_not_told(carnet: Carnet, seed: int) -> None:
    """Whoever of the neighbourhood really sees a document is told of: he himself, or a group that he is of."""
    world = await settle(carnet, seed)
    for one in world.documents:
        told = await readers(world.treating, f"DocumentReference/{one}", refused=False)
        for idnps in (*PEOPLE, STRANGER):
            for profession, place in (("10", ""), ("21", STRUCTURES[0]), ("60", STRUCTURES[1])):
                caller = professional(carnet, idnps, profession, structure=place)
                if await sees(caller, one):
                    names = {idnps, place, f"profession|{profession}"} & told.keys()
                    assert any(told[name].verdict != "deny" for name in names), (idnps, profession, place)


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_actor_is_explained_as_he_reads(carnet: Carnet, seed: int) -> None:
    """`$explain` of somebody who acts just so, and a read by just him."""
    world = await settle(carnet, seed)
    for idnps in PEOPLE:
        for profession, specialty, place in (
            ("10", SPECIALTY, STRUCTURES[0]),
            ("21", "", ""),
            ("60", "", STRUCTURES[1]),
        ):
            caller = professional(carnet, idnps, profession, specialty, place)
            narrowed = {"profession": profession, "specialty": specialty, "structure": place}
            narrowed = {name: value for name, value in narrowed.items() if value}
            await caller.get("Patient/nobody")
            for one in world.documents:
                said = await explained(world.treating, one, person(idnps), **narrowed)
                assert (said.verdict == "permit") == await sees(caller, one), (said, narrowed)


async def test_emergency_readers_read_as_told(carnet: Carnet) -> None:
    for number, purposes in enumerate(((), ("BTG",), ("ETREAT",))):
        record = await opened(carnet, treating=DOCTOR)
        plain = await carnet.doctor(DOCTOR).make(document(record))
        masked = await carnet.doctor(DOCTOR).make(document(record, label="MASQUE_PS"))
        glass = carnet.doctor(f"81000000190{number}", structure="")
        await window(glass, record)
        if purposes:
            await will(carnet.holder(record), record, "emergency-opposition", opposition(*purposes))
        regulator = carnet.professional(STRANGER, "10", structure="", regulator=True, purpose="ETREAT")
        for one in (plain, masked):
            told = await readers(carnet.holder(record), f"DocumentReference/{one}")
            assert told["emergency"].sees("10") == await sees(glass, one)
            assert told["regulator"].sees("10") == await sees(regulator, one)
            assert told[f"81000000190{number}"].sees("10") == await sees(glass, one)


async def test_the_record_as_a_whole(carnet: Carnet) -> None:
    """Each rule with its end and the resource that it comes from; who does not see only where that is asked."""
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    given = await grant(holder, record, actor(OTHER), end="2027-03-01")
    block = await will(holder, record, "block", deny(actor(NURSE)))
    members = await holder.make(team(record, PHARMACIST))
    through = await grant(holder, record, actor(reference=f"CareTeam/{members}"))
    await grant(holder, record, actor(structure="1750000071"), start="2028-01-01")
    told = await readers(holder, f"Patient/{record}", refused=False)
    assert {name: (one.verdict, one.rule) for name, one in told.items()} == {
        "holder": ("permit", "holder"),
        f"RelatedPerson/{mother}": ("permit", "representative"),
        DOCTOR: ("permit", "treating-physician"),
        OTHER: ("permit", "authorised"),
        PHARMACIST: ("permit", "authorised"),
        "1750000071": ("deny", "not-authorised"),
        "emergency": ("permit", "break-glass"),
        "regulator": ("permit", "regulation"),
    }
    assert (told[OTHER].until[:10], told[OTHER].then, told[OTHER].via) == ("2027-03-02", "deny", (f"Consent/{given}",))
    assert told[PHARMACIST].via == (f"CareTeam/{members}", f"Consent/{through}")
    assert (told["1750000071"].until[:10], told["1750000071"].then) == ("2028-01-01", "permit")
    assert told[f"RelatedPerson/{mother}"].until[:4] == "2033"
    assert NURSE not in told
    refused = (await readers(holder, f"Patient/{record}"))[NURSE]
    assert (refused.verdict, refused.rule, refused.via) == ("deny", "blocked", (f"Consent/{block}",))
    await grouped(holder, record, "authorisation", group("60"))
    told = await readers(holder, f"Patient/{record}", refused=False)
    assert (told["profession|60"].verdict, told["profession|60"].rule) == ("permit", "authorised")
    assert (told["1750000071"].verdict, told["1750000071"].ways) == ("depends", frozenset({("60", "", "1750000071")}))
    assert (told["emergency"].verdict, told["emergency"].rule) == ("permit", "break-glass")
    assert (told[OTHER].until[:10], told[OTHER].then) == ("2027-03-02", "depends")


async def practising(carnet: Carnet, idnps: str, place: str, profession: str) -> str:
    """Enter a professional's work in a structure in the directory; the address of his role."""
    name = [{"family": "Martin", "given": ["Camille"], "prefix": ["Dr"]}]
    people = {"resourceType": "Practitioner", "identifier": [{"system": IDNPS, "value": idnps}], "name": name}
    places = {"resourceType": "Organization", "identifier": [{"system": IDNST, "value": place}], "name": "Clinique"}
    async with at_the_door(carnet.settings) as records:
        who, where = [
            (await records.create(str(tree["resourceType"]), tree)).location.partition("/_history")[0]
            for tree in (people, places)
        ]
        role = {
            "resourceType": "PractitionerRole",
            "practitioner": {"reference": who},
            "organization": {"reference": where},
            "code": [{"coding": [{"system": PROFESSION_SYSTEM, "code": profession}]}],
            "specialty": [{"coding": [{"system": SPECIALTY_SYSTEM, "code": SPECIALTY}]}],
        }
        return (await records.create("PractitionerRole", role)).location.partition("/_history")[0]


async def test_the_directory_tells_how_a_professional_practises(carnet: Carnet) -> None:
    """A known profession is judged, and not each one: the answer does not depend on it any more."""
    record = await opened(carnet, treating=DOCTOR)
    holder, idnps = carnet.holder(record), "810000001888"
    plain = await carnet.doctor(DOCTOR).make(document(record, type_="80788-3"))
    await grant(holder, record, actor(idnps))
    assert (await readers(holder, f"DocumentReference/{plain}"))[idnps].verdict == "depends"
    await practising(carnet, idnps, "1750000081", "40")
    told = (await readers(holder, f"DocumentReference/{plain}"))[idnps]
    caller = professional(carnet, idnps, "40", SPECIALTY, "1750000081")
    assert (told.verdict == "permit") == await sees(caller, plain)
    assert told.verdict != "depends"
    assert "Dr Camille Martin" in (await holder.get(f"DocumentReference/{plain}/$who-can-see?refused=true")).text
    block = await grouped(holder, record, "block", group("40"), "deny")
    assert (await explained(holder, plain, person(idnps))).verdict == told.verdict  # named: a block of his profession
    await holder.delete(f"Consent/{block}")


async def test_within_a_structure(carnet: Carnet) -> None:
    """An authorisation that names a role of the directory holds in its structure alone."""
    record = await opened(carnet, treating=DOCTOR)
    holder, idnps, place = carnet.holder(record), "810000001889", STRUCTURES[0]
    one = await carnet.doctor(DOCTOR).make(document(record))
    role = await practising(carnet, idnps, place, "40")
    await grant(holder, record, actor(reference=role))
    told = (await readers(holder, f"DocumentReference/{one}"))[idnps]
    assert (told.verdict, told.rule) == ("permit", "authorised")
    for where in (place, STRUCTURES[1]):
        said = await explained(holder, one, person(idnps), profession="40", structure=where)
        assert (said.verdict == "permit") == await sees(professional(carnet, idnps, "40", structure=where), one)
        assert (said.verdict == "permit") == (where == place)
    assert (await explained(holder, one, role)).verdict == "permit"


def plain(text: str, *ids: str) -> str:
    """An answer without the ids of its record, to be compared with that of another one."""
    for number, one in enumerate(ids):
        text = text.replace(one, f"<{number}>")
    return re.sub(r"\.[a-z0-9]{20}", ".<id>", text)


QUESTIONS = ("$who-can-see?refused=true", "$what-if?label=MASQUE_PS")


async def test_a_representative_learns_nothing_of_a_secret_connection(carnet: Carnet) -> None:
    """With and without Consents that the holder made in secret, every answer to her is the same."""
    answers = []
    people = (OTHER, "810000001777", "810000001778")
    for idnps in people:
        await carnet.doctor(idnps).get("Patient/nobody")  # so that the directory knows him in both worlds
    for secret in (False, True):
        record, mother = await opened_for_minor(carnet, treating=DOCTOR)
        holder = carnet.holder(record)
        one = await carnet.doctor(DOCTOR).make(document(record))
        await grant(holder, record, actor(OTHER))
        if secret:
            hidden = carnet.caller(mint.holder(record, secret=True))
            await will(hidden, record, "block", deny(actor(OTHER)))
            await grant(hidden, record, actor("810000001777"))
            await will(hidden, record, "full-access", permit(actor("810000001778")))
            await grant(hidden, record, actor("810000001779"))
            assert not await sees(carnet.doctor(OTHER), one)
            assert await sees(carnet.doctor("810000001777"), one)
            known = await readers(holder, f"DocumentReference/{one}")
            assert known[OTHER].rule == "blocked"
            assert "810000001777" in known
        asker = carnet.representative(mother, record)
        said = [await asker.get(f"DocumentReference/{one}/{question}") for question in QUESTIONS]
        said += [await asker.get(f"Patient/{record}/$who-can-see?refused=true")]
        for idnps in (*people, "810000001779"):
            said.append(await asker.get(f"DocumentReference/{one}/$explain", params={"actor": person(idnps)}))
        answers.append([(answer.status_code, plain(answer.text, record)) for answer in said])
    assert [status for status, _ in answers[0]] == [200] * 6 + [422]
    assert answers[0] == answers[1]


async def test_the_holder_learns_nothing_of_what_awaits_its_announcement(carnet: Carnet) -> None:
    answers = []
    for pending in (False, True):
        record, mother = await opened_for_minor(carnet, treating=DOCTOR)
        one = await carnet.doctor(DOCTOR).make(document(record))
        await grant(carnet.holder(record), record, actor(OTHER))
        if pending:
            await carnet.doctor("810000001666").make(document(record, label="INVISIBLE_PATIENT"))
        tried = consent(record, "full-access", permit(actor(NURSE)), base=base(carnet))
        given = {"resourceType": "Parameters", "parameter": [{"name": "consent", "resource": tried}]}
        for asker in (carnet.holder(record), carnet.representative(mother, record)):
            said = [await asker.get(f"DocumentReference/{one}/{question}") for question in QUESTIONS]
            said += [await asker.get(f"Patient/{record}/$who-can-see?refused=true")]
            said += [await asker.post(f"Patient/{record}/$what-if", given)]
            answers.append([(answer.status_code, plain(answer.text, record, mother)) for answer in said])
    assert all(status == 200 for status, _ in answers[0])
    assert answers[:2] == answers[2:]


async def test_who_may_ask(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    plain_one = await carnet.doctor(DOCTOR).make(document(record))
    await grant(carnet.holder(record), record, actor(OTHER))
    places = (f"DocumentReference/{plain_one}", f"Patient/{record}")
    for asker in (carnet.holder(record), carnet.representative(mother, record), carnet.doctor(DOCTOR)):
        for place in places:
            assert (await asker.get(f"{place}/$who-can-see")).status_code == 200
    for place in places:
        assert reason(await carnet.doctor(OTHER).get(f"{place}/$who-can-see")) == (403, "not-yours-to-do")
    desk = carnet.caller(mint.desk("1750000001"))
    software = carnet.caller(mint.software("ehr", "1750000001"))
    for asker in (desk, software, carnet.doctor(STRANGER)):
        assert reason(await asker.get(f"{places[1]}/$who-can-see")) == (403, "not-yours-to-do")
        assert (await asker.get(f"{places[0]}/$who-can-see")).status_code == 404
    former = carnet.representative(f"{record}.nobody", record)
    assert [(await former.get(f"{place}/$who-can-see")).status_code for place in places] == [404, 404]


async def test_it_is_in_the_journal_once(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    before = len(await journal(carnet.holder(record), record))
    await readers(carnet.doctor(DOCTOR), f"DocumentReference/{one}")
    events = await journal(carnet.holder(record), record)
    subtypes = [coding["code"] for coding in events[0]["subtype"]]
    assert len(events) == before + 2  # the look at the journal, and the question
    assert "who-can-see" in subtypes
