"""What the twin worlds hold: records, the callers of each, and what only the fuller world has beside.

Each record has its own callers; what the fuller world has more of in it is kept from each of them, and from everybody
else who asks. Nobody asks who sees it all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.auth import mint
from app.resources.guides import IS_ARCHIVED
from tests.serving import (
    LOINC,
    NORMAL,
    VISIBILITY,
    actor,
    care_team,
    consent,
    deny,
    opposition,
    patient,
    permit,
    transaction,
)
from tests.twin_people import (
    AGREED,
    AWAITING,
    BASE,
    BEYOND,
    BLOCKED,
    CLINIC,
    CONFIDANT,
    DEPOSITOR,
    HIDDEN,
    HOSPITAL,
    IN_SECRET,
    LIMITED,
    MASKED,
    NURSE,
    OCCUPATIONAL,
    OUTSIDE,
    OUTSIDER,
    PHARMACY,
    PHYSICIAN,
    PRACTICE,
    PROFESSIONALS,
    RECORDS,
    REFUSED,
    REIMBURSEMENT,
    SCOPE,
    SECOND,
    STRANGER,
    TEAMMATE,
    TRUSTED,
    concept,
    ins,
    paper,
    provenance,
    task,
)
from tests.twins import IN_RECORDS, Request, Twins
from tests.world import ROLE_CODE, group, listing, team

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.serving import Tree
    from tests.twins import Answer

PAPERS = 6
URNS = [f"urn:uuid:00000000-0000-4000-8000-0000000000{number:02d}" for number in range(20)]


@dataclass
class Worlds:
    """Both worlds on their way: the keys of their records, and what was made that tests need by name."""

    twins: Twins
    records: dict[str, str] = field(default_factory=dict)
    related: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """what only the fuller world has: ids by record and type, versions as `Type/id/_history/version` under `version`"""
    unknown: list[str] = field(default_factory=list)
    """records that only the fuller world has"""

    @property
    def base(self) -> str:
        """Canonical base of our code systems."""
        return self.twins.full.settings.codesystem_base

    async def same(self, by: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A step of both worlds."""
        await self.twins.move(1)
        full, lean = await self.twins.ask(by, Request.of(method, path, body, **headers))
        assert full.status < 300, full
        assert lean.status == full.status, (full, lean)
        return full

    async def more(self, by: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A step of the fuller world."""
        await self.twins.move(1)
        answer = await self.twins.more(by, Request.of(method, path, body, **headers))
        assert answer.status < 300, answer
        return answer

    async def varied(self, by: str, method: str, path: str, bodies: tuple[Any, Any], **headers: str) -> Answer:
        """A step of both worlds that says more in the fuller one."""
        await self.twins.move(1)
        requests = [Request.of(method, path, body, **headers) for body in bodies]
        full, lean = await self.twins.varied(by, requests[0], requests[1])
        assert full.status < 300, full
        assert (full.status, full.header(b"location")) == (lean.status, lean.header(b"location")), (full, lean)
        return full

    async def make(self, by: str, tree: Tree, lean: Tree | None = None) -> str:
        """Create a resource in both worlds; `lean` is what the leaner one gets instead."""
        return _id(await self.varied(by, "POST", tree["resourceType"], (tree, lean or tree)))

    async def add(self, by: str, tree: Tree) -> str:
        """Create a resource in the fuller world."""
        return _id(await self.more(by, "POST", tree["resourceType"], tree))

    def will(self, record: str, category: str, provision: Tree, **more: Any) -> Tree:
        """A Consent of a record."""
        return consent(record, category, provision, base=self.base, **more)


def _id(answer: Answer) -> str:
    return answer.header(b"location").split("/")[-3]


JSON_PATCH = "application/json-patch+json"
GRAVE = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "inconscient"}]}
"""Why the glass is broken."""


def labelled(*codes: str, archived: bool = False) -> list[Tree]:
    """A patch of the visibility of a document, and of its archive mark."""
    labels = [{"coding": [{"system": VISIBILITY, "code": code}]} for code in codes]
    value = [*labels, {"coding": [{"system": NORMAL, "code": "N"}]}]
    change: list[Tree] = [{"op": "replace", "path": "/securityLabel", "value": value}]
    mark = [{"url": IS_ARCHIVED, "valueBoolean": True}]
    return [*change, {"op": "add", "path": "/extension", "value": mark}] if archived else change


async def built(twins: Twins) -> Worlds:
    """Both worlds, as far as nobody has asked anything yet."""
    made = Worlds(twins)
    for name, person in PROFESSIONALS.items():
        twins.introduce(name, mint.professional(**{"structure": HOSPITAL, **person}))
    restricted = mint.professional(**PROFESSIONALS["by a restricted application"])
    twins.introduce("by a restricted application", {**restricted, "scope": SCOPE})
    twins.introduce("occupational physician", mint.occupational_physician(OCCUPATIONAL, structure="1750000017"))
    twins.introduce("desk agent", mint.desk(CLINIC))
    twins.introduce("insurer", mint.insurer("1750000080"))
    twins.introduce("software", mint.software("ehr", CLINIC))
    for name in PROFESSIONALS:  # everybody is in the directory of both worlds
        await made.same(name, "GET", "Organization?_count=0")
    await made.same("occupational physician", "GET", "Organization?_count=0")
    for number, name in enumerate(RECORDS):
        await _open(made, name, number)
    for number in range(2):
        made.unknown.append(await _opened(made, made.more, f"unknown {number}", 90 + number))
    for fill in FILLINGS:
        await fill(made)
    for number, key in enumerate(made.unknown):
        await _unknown(made, f"unknown {number}", key)
    await _uncited(made)
    await _gather(made)
    return made


async def _open(made: Worlds, name: str, number: int) -> None:
    key = made.records[name] = await _opened(made, made.same, name, number)
    if name in {"adult", "minor", "closet"}:
        made.twins.introduce(_person(name), mint.representative(made.related[name], key)) if name != "adult" else None
    if name == "adult":
        made.twins.introduce("holder", mint.holder(key))


def _person(name: str) -> str:
    return {"minor": "representative", "closet": "no representative any more"}[name]


async def _opened(made: Worlds, step: Callable[..., Any], name: str, number: int) -> str:
    """Open a record: its holder, his will, a treating physician, the people around."""
    child = name in {"minor", "closet"}
    period = {"period": {"start": "2026-01-01", "end": "2026-02-01"}} if name == "closet" else {}
    mother = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": URNS[0]},
        "relationship": [{"coding": [{"system": ROLE_CODE, "code": "MTH"}]}],
        "name": [{"family": "Pat-Mère", "given": ["Camille"]}],
    }
    role = {"role": actor("0")["role"], "reference": {"reference": URNS[2]}}
    physician = {"family": PHYSICIAN, "closet": "", "adult": "810000000004"}.get(name, "810000000004")
    entries = [
        (URNS[0], patient(ins(number), **({"birthDate": "2015-04-01"} if child else {}))),
        (URNS[1], consent(URNS[0], "opening", base=made.base)),
    ]
    if child:
        link = consent(URNS[0], "representation", {"type": "permit", "actor": [role], **period}, base=made.base)
        entries += [(URNS[2], mother), (URNS[3], link)]
    if physician:
        entries.append((URNS[4], care_team(URNS[0], physician, identifier=[{"system": BASE, "value": "team"}])))
    opposed = {"ward": ()}.get(name, ("BTG", "ETREAT"))
    if opposed and name != "closet":
        entries.append((URNS[5], consent(URNS[0], "emergency-opposition", opposition(*opposed), base=made.base)))
    answer = await step("a clerk", "POST", "", transaction(*entries))
    places = [one["response"]["location"].split("/")[1] for one in answer.tree()["entry"]]
    if child:
        made.related[name] = places[2]
    made.twins.introduce(f"holder of {name}", mint.holder(places[0]))
    return str(places[0])


@dataclass
class Shelf:
    """The documents of one record: those that both worlds have, and those of the fuller one."""

    name: str
    key: str
    plain: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def holder(self) -> str:
        """Who holds it."""
        return f"holder of {self.name}"


async def _filled(made: Worlds, name: str, hide: dict[str, Any], by: str = "a depositor") -> Shelf:
    """Documents in turn, one that may be seen and one that may not; lists and references across them."""
    shelf = Shelf(name, made.records[name])
    for number in range(PAPERS):
        shelf.plain.append(await made.make("a depositor", paper(shelf.key, number)))
        shelf.kept.append(await made.add(by, paper(shelf.key, 100 + number, **hide)))
    await _related(made, shelf, hide, by)
    await _listed(made, shelf)
    return shelf


async def _related(made: Worlds, shelf: Shelf, hide: dict[str, Any], by: str) -> None:
    """References both ways between what may be seen and what may not; a replaced document."""
    seen, kept = ({"reference": f"DocumentReference/{one}"} for one in (shelf.plain[0], shelf.kept[0]))
    link = [{"code": "transforms", "target": seen}]
    both = [{"code": "appends", "target": kept}, *link]
    full = paper(shelf.key, 20, relatesTo=both, context={"related": [kept, seen]})
    lean = paper(shelf.key, 20, relatesTo=link, context={"related": [seen]})
    shelf.plain.append(await made.make("a depositor", full, lean))
    full, lean = paper(shelf.key, 21, relatesTo=both[:1]), paper(shelf.key, 21)
    shelf.plain.append(await made.make("a depositor", full, lean))
    shelf.kept.append(await made.add(by, paper(shelf.key, 120, relatesTo=link, **hide)))
    replaced = [{"code": "replaces", "target": kept}]
    shelf.kept.append(await made.add(by, paper(shelf.key, 121, relatesTo=replaced, **hide)))


async def _listed(made: Worlds, shelf: Shelf) -> None:
    """Lists, Provenances of what may be seen, of what may not, and of both."""
    seen, kept = shelf.plain[:2], shelf.kept[:2]
    for number, (full, lean) in enumerate([(seen, seen), ([*kept, *seen], seen), ([seen[1], kept[0]], [seen[1]])]):
        mark = {"identifier": [{"system": f"{BASE}/list", "value": str(number)}], "code": concept("list", "lot")}
        trees = [{**listing(shelf.key, *some), **mark} for some in (full, lean)]
        await made.make("a depositor", trees[0], trees[1])
    await made.make("a depositor", provenance(seen, [seen[0]]))
    await made.make("a depositor", provenance([kept[0], *seen], kept), provenance(seen, []))
    elsewhere = {"item": {"reference": f"{BASE}/Document/1"}}
    both = [{**one, "entry": [*one["entry"], elsewhere]} for one in (listing(shelf.key, kept[0]), listing(shelf.key))]
    await made.make("a depositor", both[0], both[1])
    gone = await made.add("a depositor", listing(shelf.key, kept[0]))
    await made.more("a depositor", "GET", f"List/{gone}")
    await made.more("a depositor", "DELETE", f"List/{gone}")
    mark = {"identifier": [{"system": f"{BASE}/list", "value": "1"}], "code": concept("list", "secret")}
    await made.add("a depositor", {**listing(shelf.key, *kept), **mark})
    await made.add("a depositor", provenance(kept, []))


async def _looked_at(made: Worlds, shelf: Shelf, by: str) -> None:
    """Somebody who sees it all reads and searches: what he did alone, and what he did in both worlds."""
    for one in shelf.kept[:3]:
        await made.more(by, "GET", f"DocumentReference/{one}")
    await made.more(by, "GET", f"DocumentReference/{shelf.kept[0]}/_history")
    await made.same(by, "GET", f"DocumentReference?patient={shelf.key}&_count=50")
    await made.same(by, "GET", f"List?patient={shelf.key}&_include=List:item")
    await made.same(by, "GET", f"DocumentReference/{shelf.plain[6]}")


async def _veiled(made: Worlds, shelf: Shelf) -> None:
    """A document that was masked for a while in the fuller world: one version more in its history."""
    one = await made.make("a depositor", paper(shelf.key, 30))
    await made.more(shelf.holder, "PATCH", f"DocumentReference/{one}", labelled(MASKED), content_type=JSON_PATCH)
    path = f"DocumentReference/{one}"
    await made.same(shelf.holder, "PATCH", path, labelled(archived=True), content_type=JSON_PATCH)
    shelf.plain.append(one)


async def _withdrawn(made: Worlds, shelf: Shelf) -> None:
    """Documents that were withdrawn, by their depositor and by the holder."""
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    one = await made.add("a depositor", paper(shelf.key, 140))
    await made.more("a depositor", "PATCH", f"DocumentReference/{one}", change, content_type=JSON_PATCH)
    other = await made.add("a depositor", paper(shelf.key, 141))
    await made.more(shelf.holder, "DELETE", f"DocumentReference/{other}")


async def _wills(made: Worlds, shelf: Shelf) -> None:
    """Consents that name others, and a rectification between others."""
    for category, provision in (
        ("authorisation", permit(actor(OUTSIDER))),
        ("authorisation", permit(actor(structure="1750000090"))),
        ("full-access", permit(actor(OUTSIDER), start="2026-01-01", end="2027-01-01")),
        ("block", deny(actor("810000000091"))),
    ):
        await made.add(shelf.holder, made.will(shelf.key, category, provision))
    await made.add(shelf.holder, task(shelf.key, shelf.plain[0] if shelf.plain else shelf.kept[0]))
    await made.add(shelf.holder, task(shelf.key, shelf.kept[0]))


async def _grants(made: Worlds, name: str, *provisions: tuple[str, Tree]) -> None:
    """What the holder of a record lets people do, in both worlds."""
    for category, provision in provisions:
        await made.make(f"holder of {name}", made.will(made.records[name], category, provision))


async def _adult(made: Worlds) -> None:
    """A holder, and what awaits its announcement."""
    shelf = await _filled(made, "adult", {"label": AWAITING})
    await _looked_at(made, shelf, "a physician")
    await _looked_at(made, shelf, "a depositor")
    asked = await made.make("holder", task(shelf.key, shelf.plain[0]))
    base = {**task(shelf.key, shelf.plain[0]), "id": asked, "status": "accepted"}
    full = {**base, "basedOn": [{"reference": f"DocumentReference/{shelf.kept[0]}"}]}
    await made.varied("a depositor", "PUT", f"Task/{asked}", (full, base))
    provision = permit(actor(DEPOSITOR))
    will = made.will(shelf.key, "authorisation", provision)
    source = {"sourceReference": {"reference": f"DocumentReference/{shelf.kept[1]}"}}
    await made.make("a depositor", {**will, **source}, will)


async def _minor(made: Worlds) -> None:
    """A representative, and what is hidden from her or was done in a secret connection."""
    await _grants(made, "minor", ("authorisation", permit(actor(REFUSED))))
    shelf = await _filled(made, "minor", {"label": HIDDEN})
    await _looked_at(made, shelf, "a physician")
    for number in range(2):
        await made.add("in secret", paper(shelf.key, 150 + number, label=HIDDEN))
        await made.add("a depositor", paper(shelf.key, 152 + number, label=AWAITING))
    await made.add("in secret", listing(shelf.key, *shelf.kept[:1]))
    await made.add("in secret", made.will(shelf.key, "authorisation", permit(actor(DEPOSITOR))))
    await made.more("in secret", "GET", f"DocumentReference?patient={shelf.key}")
    await made.more("in secret", "GET", f"DocumentReference/{shelf.plain[0]}")
    await _agreed(made, shelf)


async def _agreed(made: Worlds, shelf: Shelf) -> None:
    """What a minor agreed on in a secret connection of his, and took back."""
    for name in IN_SECRET:  # what a worker remembers of them is from before
        await made.same(name, "GET", f"DocumentReference?patient={shelf.key}")
    me = "minor in secret"
    made.twins.introduce(me, mint.holder(shelf.key, secret=True))
    for category, provision in (
        ("authorisation", permit(actor(AGREED))),
        ("full-access", permit(actor(CONFIDANT))),
        ("authorisation", permit(actor(structure="1750000103"))),
        ("block", deny(actor(REFUSED))),
        ("block", deny(actor(OUTSIDER))),
    ):
        await made.add(me, made.will(shelf.key, category, provision))
    ended = await made.add(me, made.will(shelf.key, "authorisation", permit(actor(SECOND))))
    await made.more(me, "DELETE", f"Consent/{ended}")
    await made.add(me, task(shelf.key, shelf.plain[0]))
    await made.more(me, "GET", f"DocumentReference?patient={shelf.key}")
    await made.add("authorised in secret", listing(shelf.key, *shelf.kept[:1]))


async def _family(made: Worlds) -> None:
    """A treating physician: he reads every act, so that what was withdrawn differs by what it said."""
    key = made.records["family"]
    for number in range(PAPERS):
        await made.make("a depositor", paper(key, number, label=MASKED if number % 2 else ""))
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    for number in range(4):
        one = await made.make("a depositor", paper(key, 140 + number), paper(key, 144 - number, description="autre"))
        by, method = ("a depositor", "PATCH") if number % 2 else ("holder of family", "DELETE")
        body, more = (change, {"content_type": JSON_PATCH}) if number % 2 else (None, {})
        await made.same(by, method, f"DocumentReference/{one}", body, **more)


async def _ward(made: Worlds) -> None:
    """Professionals who are authorised in each way, a regulator, a window; what is masked."""
    key = made.records["ward"]
    members = await made.make("holder of ward", team(key, TEAMMATE))
    await _grants(
        made,
        "ward",
        ("authorisation", permit(actor(structure=PHARMACY))),
        ("authorisation", permit(actor(reference=f"CareTeam/{members}"), start="2026-01-01", end="2026-12-31")),
        ("authorisation", permit(actor(OCCUPATIONAL))),
    )
    for element, code in (("code", "50"), ("specialty", "SM05")):
        system = {} if element == "code" else {"system": SPECIALTIES}
        provision = {"type": "permit", "actor": [{"role": actor("0")["role"], "reference": {"reference": "#group"}}]}
        role = group(code, element=element, **system)
        await made.make("holder of ward", made.will(key, "authorisation", provision, contained=[role]))
    shelf = await _filled(made, "ward", {"label": MASKED})
    await made.same("with a window", "POST", f"Patient/{key}/$break-glass", GRAVE)
    await made.make("depositor", paper(key, 40, label=MASKED))
    await made.make("depositor", paper(key, 41))
    await _around(made, shelf)


SPECIALTIES = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"


async def _around(made: Worlds, shelf: Shelf) -> None:
    """Everything else that a professional does not see: versions, withdrawn documents, others' wills and acts."""
    await _veiled(made, shelf)
    await _withdrawn(made, shelf)
    await _wills(made, shelf)
    await _looked_at(made, shelf, "a physician")
    context = {"X-Security-Context": f"Patient/{shelf.key}"}
    await made.more("a depositor", "POST", "Binary", None, content_type="application/pdf", **context)


async def _bedside(made: Worlds) -> None:
    """A nurse: what is masked, and what the matrix does not give her profession."""
    key = made.records["bedside"]
    await _grants(made, "bedside", ("authorisation", permit(actor(NURSE))))
    shelf = await _filled(made, "bedside", {"label": MASKED})
    for number in range(2):
        outside = {"type": {"coding": [{"system": "http://loinc.org", "code": OUTSIDE}]}}
        shelf.kept.append(await made.add("a second", {**paper(key, 160 + number), **outside}))
    will = made.will(key, "authorisation", permit(actor(NURSE)))
    source = {"sourceReference": {"reference": f"DocumentReference/{shelf.kept[0]}"}}
    await made.make(shelf.holder, {**will, **source}, will)
    await _around(made, shelf)


async def _trusted(made: Worlds) -> None:
    """Full access: what was withdrawn, wills that name others, their acts and contents."""
    await _grants(made, "trusted", ("full-access", permit(actor(TRUSTED))))
    shelf = Shelf("trusted", made.records["trusted"])
    for number in range(PAPERS):
        shelf.plain.append(await made.make("a depositor", paper(shelf.key, number, label=MASKED if number % 2 else "")))
    await _withdrawn(made, shelf)
    shelf.kept = shelf.plain[:1]
    await _wills(made, shelf)
    await made.more("a physician", "GET", f"DocumentReference?patient={shelf.key}")


async def _closet(made: Worlds) -> None:
    """A record of which its callers see nothing but what they deposited themselves."""
    key = made.records["closet"]
    shelf = Shelf("closet", key)
    await made.make("unauthorised", paper(key, 40))
    await made.make("blocked", paper(key, 41))
    await made.make("profession blocked", paper(key, 42))
    await made.make("software", paper(key, 43))
    remb = {"type": {"coding": [{"system": REIMBURSEMENT, "code": "REMB"}]}}
    await made.make("insurer", {**paper(key, 44), **remb})
    await made.same("window opposed", "POST", f"Patient/{key}/$break-glass", GRAVE)
    await _grants(
        made,
        "closet",
        ("emergency-opposition", opposition("BTG", "ETREAT")),
        ("block", deny(actor(BLOCKED))),
        ("authorisation", permit(actor(structure=PRACTICE))),
        ("authorisation", permit(actor(STRANGER), start="2026-01-01", end="2026-02-01")),
    )
    provision = {"type": "deny", "actor": [{"role": actor("0")["role"], "reference": {"reference": "#group"}}]}
    await made.make(shelf.holder, made.will(key, "block", provision, contained=[group("70")]))
    await _stocked(made, shelf)
    await _wills(made, shelf)


async def _stocked(made: Worlds, shelf: Shelf) -> None:
    """Everything that a record may hold, in the fuller world alone."""
    for number in range(PAPERS):
        shelf.kept.append(await made.add("a depositor", paper(shelf.key, number)))
    await made.add("a depositor", {**listing(shelf.key, *shelf.kept), "code": concept("list", "lot")})
    await made.add("a depositor", provenance(shelf.kept[:2], []))
    await made.add(shelf.holder, team(shelf.key, OUTSIDER))
    await made.more("a depositor", "GET", f"DocumentReference/{shelf.kept[0]}")
    friend = {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{shelf.key}"},
              "relationship": [{"coding": [{"system": ROLE_CODE, "code": "FRND"}]}]}  # fmt: skip
    await made.add(shelf.holder, friend)


async def _shut(made: Worlds) -> None:
    """A closed record, for somebody who was authorised there."""
    await _grants(made, "shut", ("authorisation", permit(actor("810000000065"))))
    shelf = Shelf("shut", made.records["shut"])
    await made.make("of a closed record", paper(shelf.key, 40))
    await _stocked(made, shelf)
    reason = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "wish"}]}
    await made.same(shelf.holder, "POST", f"Patient/{shelf.key}/$close", reason)


async def _cabinet(made: Worlds) -> None:
    """A doctor who would see more than the application that asks for him may reach."""
    key = made.records["cabinet"]
    await _grants(made, "cabinet", ("authorisation", permit(actor(LIMITED))))
    shelf = await _filled(made, "cabinet", {"type": {"coding": [{"system": LOINC, "code": BEYOND}]}})
    block = made.will(key, "block", deny(actor("810000000092")))
    await made.add(shelf.holder, block)
    await made.add("a depositor", {**listing(key, *shelf.plain[:2]), "status": "retired"})
    shelf.kept.append(await made.add("a second", paper(key, 160, label=MASKED)))
    await _around(made, shelf)


async def _unknown(made: Worlds, name: str, key: str) -> None:
    """A record that only the fuller world has."""
    await _stocked(made, Shelf(name, key))


async def _uncited(made: Worlds) -> None:
    """Contents in no record that no document cites."""
    for by in ("a depositor", "a second"):
        await made.more(by, "POST", "Binary", None, content_type="application/pdf")


FILLINGS = (_adult, _minor, _family, _ward, _bedside, _trusted, _closet, _shut, _cabinet)


async def _gather(made: Worlds) -> None:
    """Ids of everything that only the fuller world has."""
    for kind in IN_RECORDS:
        for record, identifier in await made.twins.only(kind):
            made.hidden.setdefault(record, {}).setdefault(kind, []).append(identifier)
    for kind, identifier, version in await made.twins.only_versions():
        place = f"{kind}/{identifier}/_history/{version}"
        made.hidden.setdefault(identifier.partition(".")[0], {}).setdefault("version", []).append(place)
