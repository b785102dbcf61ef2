"""Telling the holder (policy.md section 6): who hears of what, by which way, and what is never said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app import notices
from app.access import Access, Kind
from app.auth import mint
from app.notices import wording
from app.records import RequestFacts, contacts
from tests.acts import reason
from tests.post import Mailbox, Phones, empty, mailbox, office, phones
from tests.serving import IDNPS, actor, care_team, document, patient, serving
from tests.world import DOCTOR, NURSE, OTHER, close, label, moved, nir, opened, opened_for_minor, will, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.records.office import Office
    from app.storage.embedded import Urls
    from tests.serving import Caller, Carnet, Tree

SECURE_MAIL = "{}@medecin.mssante.fr"
NEW, FIRST = "Un document a été ajouté à votre dossier.", "pour la première fois"
OPENED = "Votre dossier de santé est ouvert"
_numbers = iter(range(10_000))


@dataclass
class Post:
    """A server, and where its messages arrive."""

    carnet: Carnet
    mail: Mailbox
    phones: Phones
    office: Office
    owner: str

    async def told(self, address: str) -> list[str]:
        """Subjects of what an address gets that is due now."""
        self.mail.mails.clear()
        await empty(self.office)
        return self.mail.subjects(address)


@pytest.fixture(scope="module")
async def post(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    data = tmp_path_factory.mktemp("carnet")
    async with mailbox() as mail:
        with phones() as sms:
            url = f"smtp://127.0.0.1:{mail.port}"
            ways = {"smtp_url": url, "mssante_url": url, "mssante_from": "carnet@medical.mssante.fr"}
            more = {"mail_from": "Carnet <notices@carnet.example>", "sms_url": sms.url, "sms_token": "secret"}
            async with (
                serving(module_database_urls, data, notices=False, **ways, **more) as carnet,
                office(carnet.settings) as made,
            ):
                yield Post(carnet, mail, sms, made, module_database_urls.owner)


def an_address() -> str:
    return f"holder{next(_numbers)}@mail.example"


def reached(email: str = "", mobile: str = "") -> Tree:
    """Ways to a person, as his resource gives them."""
    mails = [{"system": "email", "value": email}] if email else []
    return {"telecom": mails + ([{"system": "phone", "use": "mobile", "value": mobile}] if mobile else [])}


def given(**said: object) -> Tree:
    parts = [
        {"name": name, "valueString": one}
        for name, many in said.items()
        for one in (many if isinstance(many, list) else [many])
    ]
    return {"resourceType": "Parameters", "parameter": parts}


async def set_contact(by: Caller, record: str, **said: object) -> Tree:
    answer = await by.post(f"Patient/{record}/$contact", given(**said))
    assert answer.status_code == 200, answer.text
    tree: Tree = answer.json()
    return tree


async def enlist(post: Post, idnps: str) -> None:
    """Enter a professional with his secure address, as the operator does."""
    door = post.carnet.app.state.server.door.open(Access(Kind.OPERATOR, "software|operator"), RequestFacts())
    telecom = [
        {"system": "email", "value": f"{idnps}@private.example"},
        {"system": "email", "value": SECURE_MAIL.format(idnps)},
    ]
    identifier = [{"system": IDNPS, "value": idnps}]
    await door.create("Practitioner", {"resourceType": "Practitioner", "identifier": identifier, "telecom": telecom})


async def a_record(post: Post, **more: str) -> tuple[str, str]:
    """An open record whose holder gave an e-mail address, and was told of the opening; and the address."""
    address = an_address()
    record = await opened(post.carnet, **reached(address), **more)
    assert await post.told(address) == [OPENED]
    return record, address


# who hears of what


async def test_a_new_document_is_told_and_named_nowhere(post: Post) -> None:
    record, address = await a_record(post)
    await post.carnet.doctor().make(document(record, description="Cancer du sein", type_="11502-2"))
    assert await post.told(address) == ["Votre dossier de santé a été complété"]
    said = post.mail.to(address)[0]
    assert NEW in said
    for secret in ("Cancer", "Compte rendu", record, "810000000001", "Pat-Trois"):
        assert secret not in post.mail.mails[0].as_string()
    assert await post.told(address) == [], "once"


async def test_an_opening_is_told_to_who_did_not_make_it(post: Post) -> None:
    holder, mother = an_address(), an_address()
    await opened_for_minor(post.carnet, mother=reached(mother)["telecom"])
    assert await post.told(mother) == [OPENED]
    clerk = post.carnet.caller(mint.desk("1750000001"))
    identity = await clerk.make(patient(nir(), **reached(holder)))
    mine = post.carnet.holder(identity)
    await will(mine, identity, "opening", {"type": "permit"})
    assert await post.told(holder) == [], "nobody is told of his own opening"


async def test_several_at_once_are_one_message(post: Post) -> None:
    record, address = await a_record(post)
    for _ in range(3):
        await post.carnet.doctor().make(document(record))
    assert await post.told(address) == ["Votre dossier de santé a été complété"]
    assert "3 documents ont été ajoutés" in post.mail.to(address)[0]


async def test_nobody_is_told_of_his_own_act(post: Post) -> None:
    record, address = await a_record(post)
    await post.carnet.holder(record).make(document(record, type_="74465-6"))
    assert await post.told(address) == []


async def test_the_first_access_of_each_professional_is_told_once(post: Post) -> None:
    record, address = await a_record(post)
    holder, doctor, nurse = post.carnet.holder(record), post.carnet.doctor(OTHER), post.carnet.professional(NURSE, "60")
    there = await holder.make(document(record, type_="74465-6"))
    await will(holder, record, "authorisation", {"type": "permit", "actor": [actor(OTHER), actor(NURSE)]})
    assert (await doctor.get(f"DocumentReference/{there}")).status_code == 200
    assert await post.told(address) == ["Premier accès d'un professionnel à votre dossier"]
    assert FIRST in post.mail.to(address)[0]
    for _ in range(2):
        assert (await doctor.get(f"DocumentReference/{there}")).status_code == 200
        assert len(await doctor.found(f"DocumentReference?patient={record}")) == 1
    assert await post.told(address) == []
    assert len(await nurse.found(f"DocumentReference?patient={record}")) == 1
    assert await post.told(address) == ["Premier accès d'un professionnel à votre dossier"]


async def test_accesses_that_wait_are_one_notice_which_tells_of_the_one_that_may_be_known(post: Post) -> None:
    record, address = await a_record(post)
    doctor, nurse = post.carnet.doctor(OTHER), post.carnet.professional(NURSE, "60")
    secret, shown = [await doctor.make(document(record, label=one)) for one in ("INVISIBLE_PATIENT", "")]
    await will(post.carnet.holder(record), record, "authorisation", {"type": "permit", "actor": [actor(NURSE)]})
    await post.told(address)
    link = await asyncpg.connect(post.owner)

    async def waiting() -> int:
        found = "SELECT count(*) FROM notice WHERE record = $1 AND kind = 'first-access' AND \"only\" = ''"
        return int(await link.fetchval(found, record))

    try:
        await doctor.get(f"DocumentReference/{secret}")
        assert await waiting() == 1
        await asyncio.gather(*(doctor.get(f"DocumentReference/{one}") for one in [secret, shown] * 5))
        await doctor.found(f"DocumentReference?patient={record}")
        await doctor.get("DocumentReference?_count=50")
        assert await waiting() == 1, "one for each professional"
        await nurse.get(f"DocumentReference/{shown}")
        assert await waiting() == 2
        assert await post.told(address) == ["Premier accès d'un professionnel à votre dossier"]
        assert "2" in post.mail.to(address)[0]
        for _ in range(3):
            await doctor.get(f"DocumentReference/{shown}")
        assert await waiting() == 0, "he has heard"
    finally:
        await link.close()


async def test_every_access_is_told_to_who_wants_it(post: Post) -> None:
    record, address = await a_record(post)
    holder, doctor = post.carnet.holder(record), post.carnet.doctor(OTHER)
    there = await holder.make(document(record, type_="74465-6"))
    await will(holder, record, "authorisation", {"type": "permit", "actor": [actor(OTHER)]})
    await doctor.get(f"DocumentReference/{there}")
    await post.told(address)
    await set_contact(holder, record, email=address, choice=["access", "new-document"])
    for query in (f"DocumentReference/{there}", f"DocumentReference?patient={record}", "DocumentReference?_count=50"):
        assert (await doctor.get(query)).status_code == 200
        assert await post.told(address) == ["Votre dossier de santé a été consulté"], query
    await set_contact(holder, record, email=address)
    await doctor.get(f"DocumentReference/{there}")
    assert await post.told(address) == []


async def test_what_the_law_says_is_told_whatever_he_chose(post: Post) -> None:
    record, address = await a_record(post)
    holder, doctor = post.carnet.holder(record), post.carnet.doctor()
    await set_contact(holder, record, email=address, choice=["none"])
    await doctor.make(document(record))
    assert await post.told(address) == []
    await window(doctor, record)
    await will(doctor, record, "authorisation", {"type": "permit", "actor": [actor(DOCTOR)]})
    await close(doctor, record)
    await doctor.send("POST", f"Patient/{record}/$reopen")
    assert sorted(await post.told(address)) == [
        "Accès en urgence au dossier",
        "Les accès à votre dossier ont changé",
        "Votre dossier de santé est fermé",
        "Votre dossier de santé est rouvert",
    ]


async def test_the_holder_and_the_treating_physician_hear_of_emergencies(post: Post) -> None:
    address, treating = an_address(), "810000000501"
    secure = SECURE_MAIL.format(treating)
    await enlist(post, treating)
    record = await opened(post.carnet, treating=treating, **reached(address))
    there = await post.carnet.holder(record).make(document(record, type_="74465-6"))
    await post.told(address)
    await window(post.carnet.doctor(OTHER), record)
    assert await post.told(address) == ["Accès en urgence au dossier"]
    assert post.mail.subjects(secure) == ["Accès en urgence au dossier"]
    assert record in post.mail.to(secure)[0]
    assert record not in post.mail.to(address)[0]
    regulator = post.carnet.doctor("810000000015", structure="1750000015", purpose="ETREAT", regulator=True)
    for _ in range(3):
        assert (await regulator.get(f"DocumentReference/{there}")).status_code == 200
    assert await post.told(address) == ["Accès en urgence au dossier"]
    assert "régulateur" in post.mail.to(address)[0]
    assert post.mail.subjects(secure) == ["Accès en urgence au dossier"]
    await regulator.get(f"DocumentReference/{there}")
    assert await post.told(address) == [], "one call is many reads"


async def test_both_physicians_hear_when_the_treating_one_changes(post: Post) -> None:
    address, former, new = an_address(), "810000000502", "810000000503"
    for one in (former, new):
        await enlist(post, one)
    record = await opened(post.carnet, treating=former, **reached(address))
    await post.told(address)
    assert (await post.carnet.doctor(new).send("POST", f"Patient/{record}/$declare-treating-physician")).is_success
    assert await post.told(address) == ["Médecin traitant"]
    assert "n'êtes plus" in post.mail.to(SECURE_MAIL.format(former))[0]
    assert post.mail.subjects(SECURE_MAIL.format(new)) == ["Synthèse médicale"], "it was he who did it"
    holder = post.carnet.holder(record)
    team = (await holder.found(f"CareTeam?patient={record}&status=active"))[0]
    tree = care_team(record, former) | {"id": team}
    assert (await holder.put(f"CareTeam/{team}", tree)).status_code == 200
    assert await post.told(address) == []
    assert "déclaré" in "".join(post.mail.to(SECURE_MAIL.format(former)))
    assert "n'êtes plus" in post.mail.to(SECURE_MAIL.format(new))[0]


async def test_a_synthesis_is_asked_of_the_treating_physician_and_each_year_again(post: Post) -> None:
    treating, secure = "810000000504", SECURE_MAIL.format("810000000504")
    await enlist(post, treating)
    record = await opened(post.carnet, treating=treating)
    assert sorted(await post.told(secure)) == ["Médecin traitant", "Synthèse médicale"]
    await post.carnet.doctor(treating).make(document(record, type_="60591-5"))
    async with moved(post.owner, "364 days"):
        assert await post.told(secure) == []
    async with moved(post.owner, "366 days"):
        assert await post.told(secure) == ["Synthèse médicale"]
        assert await post.told(secure) == []
    await post.carnet.doctor(OTHER).send("POST", f"Patient/{record}/$declare-treating-physician")
    async with moved(post.owner, "800 days"):
        assert await post.told(secure) == ["Médecin traitant"], "he is it no longer"


async def test_who_has_to_rectify_is_asked_and_who_asked_is_answered(post: Post) -> None:
    depositor, (record, address) = "810000000505", await a_record(post)
    await enlist(post, depositor)
    by, holder = post.carnet.doctor(depositor), post.carnet.holder(record)
    there = await by.make(document(record))
    await post.told(address)
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{record}"},
        "focus": {"reference": f"DocumentReference/{there}"},
        "requester": {"reference": f"Patient/{record}"},
        "owner": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": depositor}},
    }
    asked = await holder.make(task)
    assert await post.told(SECURE_MAIL.format(depositor)) == ["Demande de rectification"]
    tree = (await by.get(f"Task/{asked}")).json() | {"status": "completed"}
    assert (await by.put(f"Task/{asked}", tree)).status_code == 200
    assert await post.told(address) == ["Demande de rectification"]


# what is never said


async def test_an_announcement_is_told_when_its_time_comes_and_no_earlier(post: Post) -> None:
    record, address = await a_record(post)
    doctor = post.carnet.doctor(OTHER)
    there = await doctor.make(document(record, label="INVISIBLE_PATIENT"))
    await doctor.get(f"DocumentReference/{there}")
    assert await post.told(address) == []
    async with moved(post.owner, "13 days 23 hours"):
        assert await post.told(address) == []
    async with moved(post.owner, "14 days 1 hour"):
        assert await post.told(address) == ["Votre dossier de santé a été mis à jour"]
        assert "consulter un professionnel" in post.mail.to(address)[0]
    async with moved(post.owner, "32 days"):
        assert sorted(await post.told(address)) == [
            "Premier accès d'un professionnel à votre dossier",  # what betrayed it had to wait as well
            "Votre dossier de santé a été mis à jour",
        ]
        assert "désormais visible" in "".join(post.mail.to(address))
        assert await post.told(address) == []


async def test_an_announcement_that_is_lifted_is_told_at_once_and_once(post: Post) -> None:
    record, address = await a_record(post)
    doctor = post.carnet.doctor(OTHER)
    there = await doctor.make(document(record, label="INVISIBLE_PATIENT"))
    await label(doctor, there)
    assert await post.told(address) == ["Votre dossier de santé a été mis à jour"]
    assert "désormais visible" in post.mail.to(address)[0]
    async with moved(post.owner, "32 days"):
        assert await post.told(address) == []


async def test_a_withdrawn_announcement_is_never_told(post: Post) -> None:
    record, address = await a_record(post)
    doctor = post.carnet.doctor(OTHER)
    there = await doctor.make(document(record, label="INVISIBLE_PATIENT"))
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    assert (await doctor.patch(f"DocumentReference/{there}", change)).status_code == 200
    for interval in ("15 days", "32 days"):
        async with moved(post.owner, interval):
            assert await post.told(address) == []


async def test_an_announcement_set_before_it_is_told_is_not(post: Post) -> None:
    record, address = await a_record(post)
    doctor = post.carnet.doctor(OTHER)
    there = await doctor.make(document(record))
    await label(doctor, there, "INVISIBLE_PATIENT")
    assert await post.told(address) == []


async def test_representatives_hear_nothing_of_what_is_hidden_from_them(post: Post) -> None:
    record, mother = await opened_for_minor(post.carnet)
    address, child = an_address(), an_address()
    await set_contact(post.carnet.representative(mother, record), record, email=address)
    await set_contact(post.carnet.holder(record), record, email=child)
    doctor = post.carnet.doctor(OTHER)
    hidden = await doctor.make(document(record, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    await doctor.get(f"DocumentReference/{hidden}")
    assert await post.told(address) == []
    assert sorted(await post.told(child)) == [], "he was told with the other"
    secret = post.carnet.caller(mint.holder(record, secret=True))
    await will(secret, record, "authorisation", {"type": "permit", "actor": [actor(NURSE)]})
    assert await post.told(address) == []
    shown = await doctor.make(document(record))
    await doctor.get(f"DocumentReference/{shown}")
    assert sorted(await post.told(address)) == [
        "Premier accès d'un professionnel à votre dossier",
        "Votre dossier de santé a été complété",
    ], "he hears of the first access that he may know of"


async def test_who_represents_no_more_is_told_no_more(post: Post) -> None:
    record, mother = await opened_for_minor(post.carnet)
    address = an_address()
    await set_contact(post.carnet.representative(mother, record), record, email=address)
    await post.carnet.doctor().make(document(record))
    async with moved(post.owner, "20 years"):
        assert await post.told(address) == []


class Twins:
    """Two minors' records in which the same happens, and in the first of them more, of which nobody there may know."""

    def __init__(self, post: Post, lives: list[tuple[str, str]]) -> None:
        self.post = post
        self.records = [record for record, _ in lives]
        self.people = [(f"child-of-{record}@twin.example", f"mother-of-{record}@twin.example") for record, _ in lives]
        self.shown: list[list[str]] = [[], []]
        self.kept: list[str] = []
        self.depositor, self.reader = post.carnet.doctor(OTHER), post.carnet.doctor(DOCTOR)

    async def same(self, act: str) -> None:
        for record, mine in zip(self.records, self.shown, strict=True):
            if act == "deposit":
                mine.append(await self.depositor.make(document(record)))
            elif act == "window":
                await window(self.reader, record)
            elif mine:
                await (self.reader if act == "other reads" else self.depositor).get(f"DocumentReference/{mine[-1]}")

    async def more(self, act: str) -> None:
        if act == "deposit":
            tree = document(self.records[0], label="INVISIBLE_PATIENT")
            self.kept.append(await self.depositor.make(tree))
        for one in self.kept[-1:]:
            await (self.reader if act == "other reads" else self.depositor).get(f"DocumentReference/{one}")
            await self.depositor.get(f"DocumentReference?_id={one}")

    async def heard(self) -> int:
        """How many messages came, alike in both records."""
        self.post.mail.mails.clear()
        await empty(self.post.office)
        for mine, twin in zip(*self.people, strict=True):
            assert sorted(self.post.mail.to(mine)) == sorted(self.post.mail.to(twin))
        return len(self.post.mail.mails)


async def test_what_is_kept_from_somebody_changes_no_message_to_him(post: Post) -> None:
    draw, heard = Random(20_260_617), 0
    lives = [await opened_for_minor(post.carnet) for _ in range(2)]
    made = Twins(post, lives)
    for (record, mother), (child, parent) in zip(lives, made.people, strict=True):
        who = {child: post.carnet.holder(record), parent: post.carnet.representative(mother, record)}
        for address, caller in who.items():
            await set_contact(caller, record, email=address, choice=[*contacts.OPTIONAL])
    for _ in range(20):
        await made.more(draw.choice(("deposit", "reads", "other reads")))
        await made.same(draw.choice(("deposit", "reads", "other reads", "window")))
        heard += await made.heard() if draw.random() < 0.6 else 0
    assert heard > 12


# contacts


async def test_a_contact_is_its_owner_s_alone(post: Post) -> None:
    record, mother = await opened_for_minor(post.carnet)
    holder, hers = post.carnet.holder(record), post.carnet.representative(mother, record)
    await set_contact(holder, record, email="child@mail.example")
    await set_contact(hers, record, mobile="06 12 34 56 78", language="en")
    said = {
        one["name"]: one.get("valueString", one.get("valueCode"))
        for one in (await set_contact(hers, record))["parameter"]
    }
    assert said["mobile"] == "+33612345678"
    assert (said["way"], said["language"]) == ("sms", "en")
    for caller in (
        post.carnet.doctor(),
        post.carnet.caller(mint.desk("1750000001")),
        post.carnet.caller(mint.software("x")),
    ):
        assert reason(await caller.post(f"Patient/{record}/$contact", given(email="x@mail.example"))) == (
            403,
            "not-yours-to-do",
        )
    other = await opened(post.carnet)
    assert (await holder.send("POST", f"Patient/{other}/$contact")).status_code == 404
    await set_contact(holder, record, email="new@mail.example", language="en")
    await set_contact(holder, record, none="true")
    assert "parameter" not in await set_contact(holder, record)
    await empty(post.office)
    assert ["n'est plus celle" in text for text in post.mail.to("child@mail.example")][-1:] == [True]
    assert ["no longer the address" in text for text in post.mail.to("new@mail.example")][-1:] == [True]


@pytest.mark.parametrize("said", [
    {"email": "no address"}, {"email": "a@b.example\nBcc: c@d.example"}, {"email": "é@mail.example"}, {"mobile": "12"},
    {"mobile": "0112345678"}, {"way": "sms", "email": "a@mail.example"}, {"language": "fr"},
])  # fmt: skip
async def test_an_address_that_reaches_nobody_is_refused(post: Post, said: dict[str, str]) -> None:
    record, address = await a_record(post)
    assert reason(await post.carnet.holder(record).post(f"Patient/{record}/$contact", given(**said))) == (
        422,
        "contact",
    )
    assert (await set_contact(post.carnet.holder(record), record))["parameter"][0]["valueString"] == address


@pytest.mark.parametrize("said", [{"way": "pigeon"}, {"language": "xx"}, {"choice": "close"}, {"mail": "a@b.example"}])
async def test_a_contact_of_unknown_words_is_refused(post: Post, said: dict[str, str]) -> None:
    record, _ = await a_record(post)
    answer = await post.carnet.holder(record).post(f"Patient/{record}/$contact", given(**said))
    assert answer.status_code == 400


async def test_a_text_message_is_short_and_has_a_name_of_its_own(post: Post) -> None:
    record = await opened(post.carnet, **reached(mobile="06 11 22 33 44"))
    await post.carnet.doctor().make(document(record))
    await empty(post.office)
    said = post.phones.to("+33611223344")
    assert len(said) == 2
    assert max(map(len, said)) <= 160
    assert post.phones.asked[-1][1] == "Bearer secret"


async def test_addresses_stand_nowhere_in_the_database(post: Post) -> None:
    record, address = await a_record(post)
    async with post.office.database.link() as link:
        rows = await contacts.OF.rows(link, records=[record])
    assert address.encode() not in bytes(rows[0]["sealed"])
    found = await contacts.opened(post.office, rows[0])
    assert found is not None
    assert found.email == address


def test_both_languages_have_words_for_every_kind() -> None:
    assert wording.kinds("fr") == wording.kinds("en")


async def test_the_pace_is_kept_and_work_counts_as_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = [100.0], []

    async def rest(seconds: float) -> None:
        rests.append(round(seconds, 3))
        now[0] += max(seconds, 0.0)

    monkeypatch.setattr(notices, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(notices, "asyncio", SimpleNamespace(sleep=rest))
    pace = notices.Pace(1000)
    for work in (0.0, 0.04, 0.3, 0.0):
        now[0] += work
        await pace.keep(100)
    assert rests == [0.0, 0.06, 0.0, 0.1]
