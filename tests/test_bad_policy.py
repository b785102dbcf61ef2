"""What would change who may see what and is wrong: refused, and nothing of the record has moved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from app.access import PROFESSION_SYSTEM
from app.errors import Invalid
from app.policy.matrix import load
from app.storage.tables import TABLES
from tests.acts import TREATING, a_record, grant, sees
from tests.serving import (
    ACT_REASON,
    IDNPS,
    actor,
    care_team,
    consent,
    deny,
    document,
    opposition,
    permit,
    serving,
    transaction,
)
from tests.world import NURSE, group, opened_for_minor, team

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx import Response

    from app.storage.embedded import Urls
    from tests.serving import Carnet, Tree

COLLEAGUE, NOBODY = "810000000055", "810000000066"
REVERSED = {"start": "2026-05-01", "end": "2026-04-30"}


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


@pytest.fixture(scope="module")
async def link(module_database_urls: Urls) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    made = await asyncpg.connect(module_database_urls.owner)
    yield made
    await made.close()


Rows = dict[str, list[str]]
KEPT = ("record", "relation", "version", *(one.name for one in TABLES.values() if "record" in one.c))


@dataclass(frozen=True)
class Scene:
    """A record with an authorisation and a team, a document, and who may see it."""

    carnet: Carnet
    link: asyncpg.Connection[asyncpg.Record]
    record: str
    given: str
    team: str
    document: str

    async def rows(self) -> Rows:
        """Everything that is kept of the record, but the trail, which tells of the refusal."""
        found = {}
        for name in KEPT:
            key = "id" if name == "record" else "record"
            query = f'SELECT t::text FROM "{name}" t WHERE {key} = $1 ORDER BY 1'
            found[name] = [row[0] for row in await self.link.fetch(query, self.record)]
        return found

    async def sight(self) -> list[bool]:
        """Whether the treating physician, the authorised colleague and two others see the document."""
        callers = [self.carnet.doctor(one, structure="1750000042") for one in (TREATING, COLLEAGUE, NOBODY)]
        callers.append(self.carnet.professional(NURSE, "60", structure="1750000043"))
        return [await sees(caller, self.document) for caller in callers]

    def will(self, category: str, provision: Tree | None, **more: Any) -> Tree:
        return consent(self.record, category, provision, base=self.carnet.settings.codesystem_base, **more)


@pytest.fixture(scope="module")
async def scene(carnet: Carnet, link: asyncpg.Connection[asyncpg.Record]) -> Scene:
    record = await a_record(carnet)
    holder = carnet.holder(record)
    one = await carnet.doctor(TREATING).make(document(record))
    given = await grant(holder, record, actor(COLLEAGUE))
    made = await holder.make(team(record, NOBODY))
    return Scene(carnet, link, record, given, made, one)


def told(answer: Response) -> list[tuple[str, str]]:
    """Reason code (else issue code) and expression of each issue."""
    found = []
    for issue in answer.json()["issue"]:
        codings = issue.get("details", {}).get("coding", [])
        code = codings[0]["code"] if codings else issue["code"]
        found.append((code, (issue.get("expression") or [""])[0]))
    return found


Refusal = tuple[int, str, str]
"""Status, reason code, expression."""


def reference(target: str) -> Tree:
    return {"type": "permit", "actor": [actor(reference=target)]}


def logical(**identifier: str) -> Tree:
    return {"type": "permit", "actor": [{**actor(COLLEAGUE), "reference": {"identifier": identifier}}]}


ACTOR = "Consent.provision.actor[0].reference"
UNRESOLVED, UNKNOWN = (422, "unresolved-reference", ACTOR), (422, "consent-not-understood", ACTOR)
NOBODIES: dict[str, tuple[Tree, Refusal]] = {
    "a professional": (reference("Practitioner/nobody"), UNRESOLVED),
    "a structure": (reference("Organization/nobody"), UNRESOLVED),
    "a role": (reference("PractitionerRole/nobody"), UNRESOLVED),
    "a team": (reference("CareTeam/nobody"), UNRESOLVED),
    "nothing contained": (reference("#nobody"), UNKNOWN),
    "nothing in the transaction": (reference("urn:uuid:00000000-0000-4000-8000-0000000000ff"), UNRESOLVED),
    "another server's": (reference("https://elsewhere.example/fhir/Practitioner/1"), UNRESOLVED),
    "of an unknown system": (logical(system="urn:oid:9.9.9", value="1"), UNRESOLVED),
    "of no system": (logical(value=COLLEAGUE), UNRESOLVED),
    "without a value": (logical(system=IDNPS), UNRESOLVED),
    "a name alone": (permit({**actor(COLLEAGUE), "reference": {"display": "Durand"}}), UNKNOWN),
    "nothing": (permit({**actor(COLLEAGUE), "reference": {}}), (400, "structure", ACTOR)),
    "a document": (reference("DocumentReference/nobody"), UNKNOWN),
    "the second of two": (
        permit(actor(NOBODY), actor(reference="Practitioner/nobody")),
        (422, "unresolved-reference", "Consent.provision.actor[1].reference"),
    ),
}


async def refused(scene: Scene, tree: Tree) -> list[Response]:
    """The answers to a resource that is wrong: alone, in a transaction, and as a change of the one that is there."""
    holder = scene.carnet.holder(scene.record)
    kind, there = tree["resourceType"], {"Consent": scene.given, "CareTeam": scene.team}.get(tree["resourceType"], "")
    before, sight = await scene.rows(), await scene.sight()
    answers = [await holder.post(kind, tree)]
    answers.append(await holder.post("", transaction(("urn:uuid:00000000-0000-4000-8000-000000000001", tree))))
    if there:
        answers.append(await holder.put(f"{kind}/{there}", {**tree, "id": there}))
    assert await scene.rows() == before
    assert await scene.sight() == sight == [True, True, False, False]
    return answers


async def held_back(scene: Scene, tree: Tree, refusal: Refusal) -> None:
    """That it is refused alike in each way, with what is wrong, and that nothing has moved."""
    status, code, expression = refusal
    kind = tree["resourceType"]
    for number, answer in enumerate(await refused(scene, tree)):
        assert answer.status_code == status, answer.text
        place = expression.replace(kind, "Bundle.entry[0].resource", 1) if number == 1 else expression
        assert (code, place) in told(answer), answer.text


@pytest.mark.parametrize("name", NOBODIES)
async def test_an_actor_who_is_nobody(scene: Scene, name: str) -> None:
    provision, refusal = NOBODIES[name]
    await held_back(scene, scene.will("authorisation", provision), refusal)


async def test_an_actor_of_another_record(scene: Scene) -> None:
    other = await a_record(scene.carnet)
    theirs = await scene.carnet.holder(other).make(team(other, NOBODY))
    await held_back(scene, scene.will("authorisation", reference(f"CareTeam/{theirs}")), UNRESOLVED)


def strange(element: str, code: str = "consent-not-understood") -> Refusal:
    return 422, code, f"Consent.provision{element}"


YES, NO = permit(actor(NOBODY)), deny(actor(NOBODY))
BTG = opposition("BTG")
MIXED: dict[str, tuple[str, Tree | None, Refusal]] = {
    "an authorisation that denies": ("authorisation", NO, strange(".type")),
    "a full access that denies": ("full-access", NO, strange(".type")),
    "a block that permits": ("block", YES, strange(".type")),
    "an opposition that permits": ("emergency-opposition", {**BTG, "type": "permit"}, strange(".type")),
    "an opening that denies": ("opening", {"type": "deny"}, strange(".type")),
    "neither": ("authorisation", {"actor": YES["actor"]}, strange(".type")),
    "nothing": ("authorisation", None, strange("")),
    "a permit less a deny": ("authorisation", {**YES, "provision": [NO]}, strange(".provision")),
    "a deny less a permit": ("block", {**NO, "provision": [YES]}, strange(".provision")),
    "deeper": ("authorisation", {**YES, "provision": [{"provision": [{"provision": [NO]}]}]}, strange(".provision")),
    "an opening less somebody": ("opening", {"type": "permit", "provision": [NO]}, strange(".provision")),
    "an opposition for some": ("emergency-opposition", {**BTG, "actor": NO["actor"]}, strange(".actor")),
    "an opposition for a while": ("emergency-opposition", {**BTG, "period": {"end": "2099-01-01"}}, strange(".period")),
    "an opposition to nothing": ("emergency-opposition", {"type": "deny"}, strange(".purpose")),
    "an opposition to care": ("emergency-opposition", opposition("TREAT"), strange(".purpose[0]")),
    "one purpose known, one not": ("emergency-opposition", opposition("BTG", "TREAT"), strange(".purpose[1]")),
    "for a purpose": ("authorisation", {**YES, "purpose": BTG["purpose"]}, strange(".purpose")),
    "of some documents": (
        "authorisation",
        {**YES, "data": [{"meaning": "instance", "reference": {"reference": "DocumentReference/x"}}]},
        strange(".data"),
    ),
    "of a type": ("authorisation", {**YES, "code": [{"coding": [{"code": "x"}]}]}, strange(".code")),
    "of a class": ("authorisation", {**YES, "class": [{"code": "x"}]}, strange(".class")),
    "of labels": ("block", {**NO, "securityLabel": [{"code": "R"}]}, strange(".securityLabel")),
    "of old data": ("authorisation", {**YES, "dataPeriod": {"start": "2024"}}, strange(".dataPeriod")),
    "for some actions": ("authorisation", {**YES, "action": [{"coding": [{"code": "x"}]}]}, strange(".action")),
    "but something": (
        "authorisation",
        {**YES, "modifierExtension": [{"url": "https://x.example", "valueBoolean": True}]},
        strange(".modifierExtension"),
    ),
    "full access to a structure": (
        "full-access",
        permit(actor(structure="1750000042")),
        strange(".actor[0].reference"),
    ),
    "a block of a structure": ("block", deny(actor(structure="1750000042")), strange(".actor[0].reference")),
    "an actor who is none": ("authorisation", {"type": "permit"}, strange(".actor")),
    "an actor in another role": (
        "authorisation",
        permit({**actor(NOBODY), "role": {"coding": [{"system": ACT_REASON, "code": "CST"}]}}),
        strange(".actor[0].role"),
    ),
}


@pytest.mark.parametrize("name", MIXED)
async def test_a_consent_that_says_what_the_rules_do_not_know(scene: Scene, name: str) -> None:
    category, provision, refusal = MIXED[name]
    await held_back(scene, scene.will(category, provision), refusal)


async def test_a_consent_of_two_kinds_or_of_none(scene: Scene) -> None:
    place = (422, "consent-not-understood", "Consent.category")
    tree = scene.will("authorisation", YES)
    (first,) = tree["category"]
    second = scene.will("block", YES)["category"][0]
    for categories in ([first, second], [{"coding": [*first["coding"], *second["coding"]]}], [{"text": "block"}]):
        await held_back(scene, {**tree, "category": categories}, place)


async def test_a_group_that_is_more_than_one(scene: Scene) -> None:
    role = group("60")
    both = {**role, "code": [{"coding": [{"system": PROFESSION_SYSTEM, "code": one} for one in ("60", "21")]}]}
    more = {**role, "practitioner": {"identifier": {"system": IDNPS, "value": NOBODY}}}
    for one in (both, more, {"resourceType": "PractitionerRole", "id": "group", "active": True}):
        await held_back(scene, scene.will("authorisation", reference("#group"), contained=[one]), UNKNOWN)


PERIODS = [
    REVERSED,
    {"start": "2026-05-01", "end": "2026-04"},
    {"start": "2026", "end": "2025"},
    {"start": "2026-05-01T10:00:00Z", "end": "2026-05-01T11:59:59+02:00"},
    {"start": "2026-05-02T00:00:00+14:00", "end": "2026-04-30"},
]


@pytest.mark.parametrize("period", PERIODS, ids=lambda one: f"{one['start']} to {one['end']}")
@pytest.mark.parametrize("category", ["authorisation", "full-access", "block"])
async def test_a_will_that_ends_before_it_begins(scene: Scene, category: str, period: Tree) -> None:
    provision = {**(NO if category == "block" else YES), "period": period}
    await held_back(scene, scene.will(category, provision), (422, "invariant", "Consent.provision.period"))


@pytest.mark.parametrize("period", PERIODS, ids=lambda one: f"{one['start']} to {one['end']}")
async def test_a_member_who_leaves_before_he_comes(scene: Scene, period: Tree) -> None:
    tree = team(scene.record, COLLEAGUE, NOBODY)
    tree["participant"][1]["period"] = period
    await held_back(scene, tree, (422, "invariant", "CareTeam.participant[1].period"))
    whole = {**team(scene.record, NOBODY), "period": period}
    await held_back(scene, whole, (422, "invariant", "CareTeam.period"))
    treats = care_team(scene.record, NOBODY)
    treats["participant"][0]["period"] = period
    await held_back(scene, treats, (422, "invariant", "CareTeam.participant[0].period"))


@pytest.mark.parametrize("period", PERIODS, ids=lambda one: f"{one['start']} to {one['end']}")
async def test_somebody_close_who_goes_before_he_comes(scene: Scene, period: Tree) -> None:
    tree = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{scene.record}"},
        "name": [{"family": "Pat"}],
        "period": period,
    }
    await held_back(scene, tree, (422, "invariant", "RelatedPerson.period"))


@pytest.mark.parametrize("value", ["2026-02-30", "soon", "", "26-05-01", "2026-05-01T25:00:00Z"])
async def test_a_period_of_no_date(scene: Scene, value: str) -> None:
    for side in ("start", "end"):
        tree = scene.will("authorisation", {**YES, "period": {side: value}})
        for answer in await refused(scene, tree):
            assert answer.status_code == 400, answer.text


async def test_periods_that_never_meet_give_nothing(scene: Scene) -> None:
    """A member within his team's time and his own, a representative within his Consent's and his own: nobody, here."""
    record, mother = await opened_for_minor(scene.carnet)
    holder, document_ = scene.carnet.holder(record), document(record)
    one = await scene.carnet.doctor(TREATING).make(document_)
    apart = team(record, NOBODY) | {"period": {"end": "2020-01-01"}}
    apart["participant"][0]["period"] = {"start": "2025-01-01"}
    made = await holder.make(apart)
    base = scene.carnet.settings.codesystem_base
    await holder.make(consent(record, "authorisation", reference(f"CareTeam/{made}"), base=base))
    assert not await sees(scene.carnet.doctor(NOBODY), one)
    assert await sees(scene.carnet.representative(mother, record), one)


# The habilitation matrix


HEAD = "profession_system,profession,target_kind,target,read,basis,source"


def line(profession: str = "60", kind: str = "any", target: str = "*", read: str = "no", more: str = ",law,x") -> str:
    return f"{PROFESSION_SYSTEM},{profession},{kind},{target},{read}{more}"


FILES: dict[str, tuple[str, str]] = {
    "empty": ("", "lacks the columns profession_system, profession"),
    "a head alone": (HEAD, "no cell"),
    "blank lines": (f"{HEAD}\n\n\n", "no cell"),
    "no column `read`": (f"{HEAD.replace(',read', '')}\n{line()}", "lacks the columns read"),
    "other columns": ("profession,type,allowed\n60,*,no", "lacks the columns profession_system"),
    "a column twice": (f"{HEAD},read\n{line()},yes", "has twice the columns read"),
    "a column of its own": (f"{HEAD},unless\n{line()},emergency", "has unknown columns beside"),
    "an unknown type": (
        f"{HEAD}\n{line(kind='type', target='99999-9')}",
        "line 2 of the matrix names an unknown target",
    ),
    "an unknown class": (f"{HEAD}\n{line(kind='class', target='99')}", "line 2 of the matrix names an unknown target"),
    "an unknown kind": (f"{HEAD}\n{line(kind='title')}", "line 2 of the matrix names an unknown target"),
    "any of something": (f"{HEAD}\n{line(target='11488-4')}", "line 2 of the matrix names an unknown target"),
    "the same cell again": (f"{HEAD}\n{line()}\n{line(read='yes')}", "line 3 of the matrix repeats a cell"),
    "true": (f"{HEAD}\n{line(read='true')}", "line 2 of the matrix says neither yes nor no"),
    "1": (f"{HEAD}\n{line(read='1')}", "line 2 of the matrix says neither yes nor no"),
    "Yes": (f"{HEAD}\n{line(read='Yes')}", "line 2 of the matrix says neither yes nor no"),
    "no answer": (f"{HEAD}\n{line(read='')}", "line 2 of the matrix says neither yes nor no"),
    "no profession": (f"{HEAD}\n{line(profession='')}", "line 2 of the matrix names no profession"),
    "a line cut short": (f"{HEAD}\n{line(more='')}", "line 2 of the matrix is not complete"),
    "a line too long": (f"{HEAD}\n{line(more=',law,x,y')}", "line 2 of the matrix is not complete"),
    "the last line wrong": (
        f"{HEAD}\n{line()}\n{line(profession='21', read='?')}",
        "line 3 of the matrix says neither yes nor no",
    ),
    "a byte that no text holds": (f"{HEAD}\n{line(more=',law,' + chr(0))}", "line 2 of the matrix is not complete"),
    "a mark before the head": (f"{chr(0xFEFF)}{HEAD}\n{line()}", "lacks the columns profession_system"),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_matrix_that_is_wrong_leaves_the_one_in_force(scene: Scene, name: str) -> None:
    text, wrong = FILES[name]
    tables = ("matrix_cell", "matrix_version", "document_kind")

    async def kept() -> list[list[str]]:
        return [[row[0] for row in await scene.link.fetch(f"SELECT t::text FROM {one} t ORDER BY 1")] for one in tables]

    before, sight = await kept(), await scene.sight()
    with pytest.raises(Invalid, match=re.escape(wrong)):
        await load(scene.link, text)
    assert await kept() == before
    assert await scene.sight() == sight == [True, True, False, False]
