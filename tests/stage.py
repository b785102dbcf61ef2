"""Doing what a world tells: every act through the API, at its time, by whom it was.

The clock of the policy is a row that the superuser of the test database moves, so that it stands still while a world is
read. Two states that no request leads to, a record that was never opened and yet holds something, and a destroyed one,
are written into the record's row; everything else is a request.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import asyncpg

from app.auth import mint
from app.policy import matrix
from app.storage.tables import TABLES
from tests.examples import Sender
from tests.serving import (
    ACT_REASON,
    IDNPS,
    IDNST,
    NORMAL,
    VISIBILITY,
    Carnet,
    Tree,
    actor,
    care_team,
    consent,
    document,
    patient,
    transaction,
)  # fmt: skip
from tests.world import ROLE_CODE, group, listing, nir
from tests.worlds import (
    DAY,
    MATRIX,
    PEOPLE,
    REGULATOR,
    STRUCTURES,
    UNKNOWN_TYPE,
    Caller,
    Doc,
    Holder,
    Member,
    Office,
    Professional,
    Record,
    Relative,
    Representative,
    Span,
    Team,
    Will,
    World,
    moment,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests import serving

PERSONS = {name: f"81000000010{number}" for number, name in enumerate((*PEOPLE, REGULATOR, "archivist"))}
PLACES = {name: f"175000020{number}" for number, name in enumerate(STRUCTURES)}
PROFESSIONS = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
SPECIALTIES = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
PROTECTION = "https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique"
COMPLEMENTARY = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"
ARCHIVED = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
BEGINNING = -400 * DAY
CLERK = Professional("archivist", profession="60", structure="south")
ARCHIVIST = Professional("archivist")
"""Who sees everything, by full access, and lists it; nobody of a world's callers."""
CLOCK = (
    "CREATE TABLE carnet.clock AS SELECT timestamptz '2026-06-15T00:00:00Z' AS at",
    "GRANT SELECT ON carnet.clock TO PUBLIC",
    "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM carnet.clock'",
)
EMPTIED = (
    *(table.name for table in TABLES.values() if "record" in table.c),
    "record",
    "relation",
    "version",
    "audit_event",
)


@dataclass
class Built:
    """Where the server keeps what a record of a world tells: keys and ids by the places of the description."""

    key: str
    relatives: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    wills: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    list: str = ""
    consents: int = 0


class Stage:
    """A server under a clock of ours, on which one world after the other is played. `owner` is the superuser's link."""

    def __init__(self, carnet: Carnet, owner: asyncpg.Connection[asyncpg.Record]) -> None:
        self.carnet = carnet
        self.owner = owner
        self.roles: dict[str, str] = {}
        self.built: list[Built] = []
        self._tokens: dict[Professional | Office, serving.Caller] = {}

    @classmethod
    async def set(cls, carnet: Carnet, admin_url: str) -> Stage:
        """Put up the clock, the matrix, and a role of each person in each structure."""
        owner = await asyncpg.connect(admin_url)
        for statement in CLOCK:
            await owner.execute(statement)
        head = "profession_system,profession,target_kind,target,read,basis,source"
        lines = [f"{PROFESSIONS},{one},type,{code},yes,test,test" for one, codes in MATRIX.items() for code in codes]
        await matrix.load(owner, "\n".join([head, *lines]))
        stage = cls(carnet, owner)
        await stage._enter_roles()
        return stage

    async def _enter_roles(self) -> None:
        roles = [
            {
                "resourceType": "PractitionerRole",
                "id": f"{person}-{place}",
                "practitioner": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": PERSONS[person]}},
                "organization": {"type": "Organization", "identifier": {"system": IDNST, "value": PLACES[place]}},
            }
            for person in PEOPLE
            for place in STRUCTURES
        ]
        sender = Sender(self.carnet)
        await sender.enter(*roles)
        self.roles = {name.partition("/")[2].replace("-", " "): there for name, there in sender.addresses.items()}

    async def turn(self, at: int) -> None:
        """Set the clock."""
        await self.owner.execute("UPDATE carnet.clock SET at = $1", moment(at))

    async def clear(self) -> None:
        """Forget the world before."""
        for table in EMPTIED:
            await self.owner.execute(f'DELETE FROM "{table}"')
        self.built = []

    def caller(self, who: Caller) -> serving.Caller:
        """Somebody who asks, with his token."""
        match who:
            case Holder(record=place, secret=secret):
                return self.carnet.caller(mint.holder(self.built[place].key, secret=secret))
            case Representative(record=place, relative=relative):
                built = self.built[place]
                return self.carnet.representative(built.relatives[relative], built.key)
        if who not in self._tokens:
            self._tokens[who] = self.carnet.caller(_claims(who))
        return self._tokens[who]

    async def play(self, world: World) -> None:
        """Do everything that a world tells, and leave the clock at NOW."""
        await self.clear()
        for place, record in enumerate(world.records):
            await self.turn(BEGINNING)
            self.built.append(await self._open(record))
            await self._history(record, place)
        await self.turn(0)

    async def _open(self, record: Record) -> Built:
        base = self.carnet.settings.codesystem_base
        holder = _urn(0)
        entries = [(holder, patient(nir(), birthDate=record.born)), (_urn(1), consent(holder, "opening", base=base))]
        for number, relative in enumerate(record.relatives):
            entries.append((_urn(100 + number), _relative(holder, relative)))
            for one in relative.links:
                entries.append((_urn(200 + len(entries)), self._link(holder, _urn(100 + number), one)))
        if record.treating:
            member = care_team(holder, PERSONS[record.treating])["participant"][0] | _period(record.treating_span)
            entries.append((_urn(2), care_team(holder, "0") | {"participant": [member]}))
        entries += [(_urn(300 + number), self._team(holder, team)) for number, team in enumerate(record.teams)]
        made = await self._transaction(CLERK, entries)
        return Built(
            made[holder],
            [made[_urn(100 + number)] for number in range(len(record.relatives))],
            [made[_urn(300 + number)] for number in range(len(record.teams))],
            consents=1 + sum(len(one.links) for one in record.relatives),
        )

    async def _transaction(self, by: Caller, entries: list[tuple[str, Tree]]) -> dict[str, str]:
        """Ids by their full URLs."""
        answer = await self.caller(by).post("", transaction(*entries))
        assert answer.status_code == 200, answer.text
        places = [one["response"]["location"].split("/")[1] for one in answer.json()["entry"]]
        return dict(zip([url for url, _ in entries], places, strict=True))

    def _link(self, holder: str, relative: str, span: Span) -> Tree:
        provision = {"type": "permit", "actor": [actor(reference=relative)], **_period(span)}
        return consent(holder, "representation", provision, base=self.carnet.settings.codesystem_base)

    def _team(self, holder: str, team: Team) -> Tree:
        def one(member: Member) -> Tree:
            return {"member": self._actor(member.whom)["reference"], **_period(member.span)}

        return {
            "resourceType": "CareTeam",
            "status": "active",
            "subject": {"reference": holder},
            "participant": [one(member) for member in team.members],
            **_period(team.span),
        }

    def _actor(self, whom: str, teams: list[str] | None = None) -> Tree:
        """The actor that `person ann` and its like stand for; a group is contained as `#group`."""
        kind, _, name = whom.partition(" ")
        match kind:
            case "person":
                return actor(PERSONS[name])
            case "structure":
                return actor(structure=PLACES[name])
            case "role":
                return actor(reference=self.roles[name])
            case "team":
                return actor(reference=f"CareTeam/{(teams or [])[int(name)]}")
        return actor(reference="#group")

    async def _history(self, record: Record, place: int) -> None:
        """Everything that happened in a record since it was opened, in its order."""
        built, own = self.built[place], Holder(place)
        await self._transaction(own, [(_urn(0), self._will(built, Will("full-access", "person archivist")))])
        built.consents += 1
        built.documents = [""] * len(record.documents)
        deposits = [(doc.age, partial(self._deposit, place, n, doc)) for n, doc in enumerate(record.documents)]
        windows = [(one.age, partial(self._break, built, one.person)) for one in record.windows]
        events: list[tuple[int, Callable[[], Awaitable[None]]]] = [*deposits, *windows]
        for age, act in sorted(events, key=lambda one: -one[0]):
            await self.turn(-age)
            await act()
        await self.turn(-10)
        built.list = await self.caller(ARCHIVIST).make(listing(built.key, *built.documents))
        await self._change(record, place)
        await self._want(record, built, own)
        await self._settle(record, built, own)

    async def _deposit(self, place: int, number: int, doc: Doc) -> None:
        built = self.built[place]
        by = self.caller(doc.by)
        old = [f"DocumentReference/{built.documents[doc.replaces]}"] if doc.replaces is not None else []
        answer = await by.post(
            "DocumentReference", _document(built.key, doc, old), headers={"Prefer": "return=minimal"}
        )
        assert answer.status_code == 201, answer.text
        built.documents[number] = answer.headers["location"].split("/")[-3]

    async def _break(self, built: Built, person: str) -> None:
        reason = {"name": "reason", "valueString": "inconscient, urgence vitale"}
        given = {"resourceType": "Parameters", "parameter": [reason]}
        answer = await self.caller(Professional(person)).post(f"Patient/{built.key}/$break-glass", given)
        assert answer.status_code == 200, answer.text

    async def _change(self, record: Record, place: int) -> None:
        """What was done to documents after their deposit."""
        built = self.built[place]
        for doc, there in zip(record.documents, built.documents, strict=True):
            if doc.masked_later:
                await self._patch(doc.by, there, [_relabel(doc, masked=True)])
            if doc.told:
                await self._patch(doc.by, there, [_relabel(doc, masked=doc.masked or doc.masked_later, told=True)])
            if doc.unmasked:
                await self._patch(Holder(place), there, [_relabel(doc, masked=False)])
            if doc.archived:
                await self._patch(doc.by, there, [_archive(doc)])
        gone: set[int] = set()
        for number, doc in enumerate(record.documents):
            if doc.withdrawn and number not in gone:
                await self._withdraw(doc, built.documents[number], Holder(place))
                older: int | None = number
                while older is not None:
                    gone.add(older)
                    older = record.documents[older].replaces

    async def _patch(self, by: Caller, there: str, operations: list[Tree]) -> None:
        answer = await self.caller(by).patch(f"DocumentReference/{there}", operations)
        assert answer.status_code == 200, answer.text

    async def _withdraw(self, doc: Doc, there: str, holder: Holder) -> None:
        if doc.withdrawn == "depositor":
            await self._patch(doc.by, there, [{"op": "replace", "path": "/status", "value": "entered-in-error"}])
            return
        answer = await self.caller(holder).delete(f"DocumentReference/{there}")
        assert answer.status_code == 204, answer.text

    async def _want(self, record: Record, built: Built, own: Holder) -> None:
        """The holder's will, some of it taken back."""
        if not record.wills:
            return
        entries = [(_urn(number), self._will(built, will)) for number, will in enumerate(record.wills)]
        made = await self._transaction(own, entries)
        built.wills = [made[url] for url, _ in entries]
        for there, will in zip(built.wills, record.wills, strict=True):
            if will.ended:
                assert (await self.caller(own).delete(f"Consent/{there}")).status_code == 204

    def _will(self, built: Built, will: Will) -> Tree:
        base, kind = self.carnet.settings.codesystem_base, "deny" if will.kind == "block" else "permit"
        if will.kind == "emergency-opposition":
            purpose = [{"system": ACT_REASON, "code": will.whom}]
            return consent(built.key, will.kind, {"type": "deny", "purpose": purpose}, base=base)
        provision = {"type": kind, "actor": [self._actor(will.whom, built.teams)], **_period(will.span)}
        sort, _, code = will.whom.partition(" ")
        if sort not in {"profession", "specialty"}:
            return consent(built.key, will.kind, provision, base=base)
        system, element = (PROFESSIONS, "code") if sort == "profession" else (SPECIALTIES, "specialty")
        return consent(
            built.key, will.kind, provision, base=base, contained=[group(code, system=system, element=element)]
        )

    async def _settle(self, record: Record, built: Built, own: Holder) -> None:
        """The state of the record at last."""
        for act in {"closed": ["close"], "reopened": ["close", "reopen"]}.get(record.state, []):
            answer = await self.caller(own).send("POST", f"Patient/{built.key}/${act}")
            assert answer.status_code == 200, answer.text
        if record.state in {"not-opened", "destroyed"}:
            said = "UPDATE record SET status = $1, policy_version = policy_version + 1 WHERE id = $2"
            await self.owner.execute(said, record.state, built.key)

    async def ask(self, who: Caller, urls: list[str], name: str) -> list[tuple[int, Tree]]:
        """Status and body of each GET, all in one batch, which the trail knows by its name."""
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        tree = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        answer = await self.caller(who).post("", tree, headers={"X-Request-Id": name})
        assert answer.status_code == 200, answer.text
        return [(int(e["response"]["status"][:3]), e.get("resource", {})) for e in answer.json()["entry"]]

    async def reasons(self) -> dict[tuple[str, str, str], str]:
        """Reason code that the trail has, by the name of the batch, the interaction and the document's id."""
        rows = await self.owner.fetch(
            "SELECT request_id, interaction, resource_id, reason FROM audit_event"
            " WHERE resource_type = 'DocumentReference'"
        )
        found: dict[tuple[str, str, str], str] = defaultdict(str)
        for row in rows:
            found[row["request_id"], row["interaction"], row["resource_id"]] = row["reason"]
        return found


def _claims(who: Professional | Office) -> dict[str, object]:
    match who:
        case Office(kind="desk", structure=place):
            return mint.desk(PLACES[place])
        case Office(kind="insurer", structure=place):
            return mint.insurer(PLACES[place])
        case Office(structure=place):
            return mint.software("ehr", PLACES[place])
        case Professional(occupational=True):
            there = PLACES[who.structure]
            return mint.occupational_physician(PERSONS[who.person], structure=there, specialty=who.specialty)
    return mint.professional(
        PERSONS[who.person],
        profession=who.profession,
        specialty=who.specialty,
        structure=PLACES[who.structure],
        purpose=who.purpose,
        regulator=who.regulator,
    )


def _urn(number: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{number:012d}"


def _period(span: Span) -> Tree:
    edges = {"start": span.starts, "end": span.ends}
    said = {name: moment(at).strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in edges.items() if at is not None}
    return {"period": said} if said else {}


def _relative(holder: str, relative: Relative) -> Tree:
    system = PROTECTION if relative.code in {"TUTEUR", "MSVG"} else ROLE_CODE
    return {
        "resourceType": "RelatedPerson",
        "patient": {"reference": holder},
        "relationship": [{"coding": [{"system": system, "code": relative.code}]}],
        "name": [{"family": "Pat-Proche", "given": ["Camille"]}],
        **_period(relative.span),
    }


def _labels(doc: Doc, *, masked: bool, told: bool = False) -> list[Tree]:
    said = {
        "MASQUE_PS": masked,
        "INVISIBLE_PATIENT": doc.announced and not told,
        "INVISIBLE_REPRESENTANTS_LEGAUX": doc.hidden,
    }
    codes = [{"coding": [{"system": VISIBILITY, "code": code}]} for code, held in said.items() if held]
    return [*codes, {"coding": [{"system": NORMAL, "code": "N"}]}]


def _relabel(doc: Doc, *, masked: bool, told: bool = False) -> Tree:
    return {"op": "replace", "path": "/securityLabel", "value": _labels(doc, masked=masked, told=told)}


def _document(record: str, doc: Doc, replaced: list[str]) -> Tree:
    system = COMPLEMENTARY if doc.type == "REMB" else "http://loinc.org"
    attachment = {
        "contentType": "application/xml",
        "url": "https://archive.example/1",
    }  # kept there: no disk to wait for
    tree = document(record, type_=doc.type) | {
        "type": {"coding": [{"system": system, "code": doc.type}]},
        "securityLabel": _labels(doc, masked=doc.masked),
        "content": [{"attachment": attachment}],
    }
    if doc.type == UNKNOWN_TYPE:
        del tree["category"]
    if replaced:
        tree["relatesTo"] = [{"code": "replaces", "target": {"reference": one}} for one in replaced]
    return tree


def _archive(doc: Doc) -> Tree:
    mark = {"url": ARCHIVED, "valueBoolean": True}
    if doc.announced and not doc.told:  # the end of the announcement stands there already
        return {"op": "add", "path": "/extension/-", "value": mark}
    return {"op": "add", "path": "/extension", "value": [mark]}
