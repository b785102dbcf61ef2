"""A transaction: every entry or none, in the order that FHIR gives them (http.html section 3.1.0.11.2).

Conditions are looked up and ids are given first, so that entries can point at each other whatever their order; a record
that the transaction itself makes is known by the id of its Patient. Reads come last and see what was written.
References, contents, other URLs and links of narratives that name an entry are rewritten.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from app.errors import BadValue, BrokenRule, NotFound, Refusal
from app.records import deposits
from app.records.answer import Written
from app.records.bounds import bounded
from app.records.directory import keys
from app.records.draft import new_id
from app.records.naming import new_key
from app.records.people import AlreadyThere, identity
from app.records.reading import no_such_place, not_found
from app.records.references import unresolved
from app.resources import DEFINITIONS, xds
from app.resources.consent import Category, categories
from app.resources.definition import Scope
from app.resources.ins import check_ins
from app.resources.list_ import is_submission_set
from app.resources.narrative import relinked
from app.resources.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.records import Records
    from app.records.answer import Entry
    from app.records.writing import Unit
    from app.resources.definition import Resource
    from app.resources.structure import Survey

ORDER = ("DELETE", "POST", "PUT", "PATCH")
RANK = {"Organization": 0, "Practitioner": 1, "PractitionerRole": 2, "Patient": 3, "RelatedPerson": 5, "CareTeam": 6,
        "Consent": 7, "DocumentReference": 8, "Binary": 9}  # fmt: skip
"""Types that others point at come first; an opening comes right after its Patient, submission sets after folders."""
JUDGED_ONCE = frozenset({"DocumentReference", "List", "Provenance"})
"""Types whose rules do not depend on where a `urn:uuid:` leads: judged when the entry is read, and not again."""
OPENING_RANK = 4
LAST_RANK = 10


@dataclass(slots=True)
class Step:
    """One entry on its way: its place in the request, its type, and the id that it has or gets.

    `makes` says that it makes a new resource: a POST, or a conditional PUT that nothing matches. `matched` is a POST
    whose condition found something.
    """

    place: int
    entry: Entry
    type: str
    id: str
    query: str
    makes: bool = False
    matched: bool = False
    survey: Survey | None = None
    answer: object = None

    @property
    def tree(self) -> Resource:
        """The resource of the entry."""
        return self.entry.tree or {}

    @property
    def name(self) -> str:
        """Address that it has or gets."""
        return f"{self.type}/{self.id}"

    @property
    def record(self) -> str:
        """The record that it is in; "" outside of any."""
        return self.id if self.type == "Patient" else self.id.partition(".")[0] if "." in self.id else ""


def placed(refusal: Refusal, place: int) -> Refusal:
    """The same refusal, saying which entry is at fault."""
    where = f"Bundle.entry[{place}]"

    def inside(expression: str) -> str:
        head, dot, rest = expression.partition(".")
        return f"{where}.resource.{rest if dot and head[:1].isupper() else expression}"

    refusal.issues = tuple(
        replace(one, expression=tuple(map(inside, one.expression)) or (where,), also=one.also or xds.name_of(one))
        for one in refusal.issues
    )
    return refusal


@contextmanager
def at(step: Step) -> Iterator[None]:
    """Whatever is refused in this block is refused of that entry."""
    try:
        yield
    except Refusal as refusal:
        raise placed(refusal, step.place) from None
    except AlreadyThere as known:
        known.place = step.place
        raise


async def run(records: Records, unit: Unit, entries: list[Entry]) -> list[object]:
    """Do every entry; the answers are in the order of the entries."""
    steps = [_step(place, entry) for place, entry in enumerate(entries)]
    for step in steps:
        with at(step):
            await _look_up(records, unit, step)
    _check_targets(steps)
    await _name(unit, steps)
    _check_lot(steps)
    await _link(unit, steps)
    base = unit.office.settings.codesystem_base
    opening = [step for step in steps if step.makes and _opens(step, base) and step.tree.get("status") == "active"]
    unit.opening = {step.record for step in opening}
    writes = [step for step in steps if step.entry.ask is None]
    for group in _groups(sorted(writes, key=lambda one: _rank(one, base))):
        answers = await _deposit(unit, group) if len(group) > 1 else [None]
        for step, written in zip(group, answers, strict=True):
            with at(step):
                step.answer = await _answered(records, unit, step, written or await _do(records, unit, step))
    await _ask(records, unit, [step for step in steps if step.entry.ask is not None])
    for step in steps:
        if step.answer is None:  # a Binary, kept with the document that cites it
            step.answer = unit.kept_binary(step.id)
    return [step.answer for step in steps if step.answer is not None]


def _step(place: int, entry: Entry) -> Step:
    path, _, query = entry.url.partition("?")
    if entry.ask is not None:
        return Step(place, entry, "", "", query)
    parts = path.strip("/").split("/")
    if parts[0] not in DEFINITIONS:
        raise BadValue("the url of an entry names a resource type", expression=(f"Bundle.entry[{place}].request.url",))
    return Step(place, entry, parts[0], parts[1] if len(parts) > 1 else "", query, makes=entry.method == "POST")


def _opens(step: Step, base: str) -> bool:
    return step.type == "Consent" and categories(step.tree, base) == [Category.OPENING]


def _rank(step: Step, base: str) -> tuple[int, int, int]:
    method = "POST" if step.makes else step.entry.method
    rank = OPENING_RANK if _opens(step, base) else RANK.get(step.type, LAST_RANK) + is_submission_set(step.tree)
    return ORDER.index(method), rank, step.place


async def _look_up(records: Records, unit: Unit, step: Step) -> None:
    """Judge the resource, and find what the condition of the entry means."""
    entry = step.entry
    if entry.tree is not None:
        step.survey = validate(DEFINITIONS[step.type], entry.tree, unit.office.settings.codesystem_base)
    if entry.method == "POST" and entry.if_none_exist:
        step.id = await records.one_match(unit, step.type, entry.if_none_exist)
        step.matched, step.makes = bool(step.id), not step.id
    elif entry.method not in ("POST", "GET") and not step.id:
        step.id = await records.one_match(unit, step.type, step.query)
        step.makes = entry.method == "PUT" and not step.id
        if entry.method == "PATCH" and not step.id:
            raise not_found()
        if step.id and entry.tree is not None and entry.tree.get("id", step.id) != step.id:
            raise BadValue("the id is not that of the match", expression=(f"{step.type}.id",))


def _check_targets(steps: list[Step]) -> None:
    """Nothing is changed twice, conditions included: which change counts could not be said."""
    changed: set[str] = set()
    for step in steps:
        if step.entry.method in ("PUT", "PATCH", "DELETE") and step.id:
            if step.name in changed:
                raise placed(BadValue("an entry before this one changes the same resource"), step.place)
            changed.add(step.name)


async def _name(unit: Unit, steps: list[Step]) -> None:
    """Give each new resource its id: first those that are in no record, then what is in the record of others."""
    made = {name: step for step in steps for name in _names(step)}
    ids: dict[str, str] = {}
    for step in steps:
        if step.makes and step.type == "Patient":
            step.id = await _patient_id(unit, step, ids)
        elif step.makes and DEFINITIONS[step.type].scope is Scope.DIRECTORY:
            step.id = await _directory_id(unit, step)
    for step in steps:
        if step.makes and not step.id and step.type != "Binary":
            with at(step):
                step.id = new_id(await _record(unit, step, made))
    for step in steps:
        if step.makes and step.type == "Binary":
            step.id = new_id(_citing(step, steps))


def _check_lot(steps: list[Step]) -> None:
    """Refuse a submission of documents of several persons, or of a content that no document is about (ITI-65)."""
    if not any(is_submission_set(step.tree) for step in steps):
        return
    made = {name: step for step in steps for name in _names(step)}
    for step in steps:
        if step.makes and step.type == "Binary" and not _citing(step, steps):
            message = "no document of the submission is about this content"
            raise placed(BrokenRule(message, reason="XDSMissingDocumentMetadata"), step.place)
        for one in step.survey.references if step.survey and step.type == "List" else []:
            target = made.get(str(one.node.get("reference", "")))
            if target is not None and {target.record, step.record} > {step.record}:
                message = "what a list holds is of its own person"
                fault = BrokenRule(message, reason="XDSPatientIdDoesNotMatch", expression=(one.expression,))
                raise placed(fault, step.place)


def _names(step: Step) -> list[str]:
    """What entries may call a resource that has its id from the server.

    Its full URL; and, as published examples do, the address by its own id, which leads nowhere on this server.
    """
    if step.entry.method not in ("POST", "PUT") or not (step.makes or step.matched or step.query):
        return []
    own = step.tree.get("id")
    return [name for name in (step.entry.full_url, f"{step.type}/{own}" if own else "") if name]


async def _patient_id(unit: Unit, step: Step, ids: dict[str, str]) -> str:
    """A new id, or that of the identity which is there already: other entries mean it (P4D TD1.1 on a known INS).

    `ids` are those of the INS that this transaction met.
    """
    number, _ = check_ins(step.tree.get("identifier", []), unit.office.settings.ins_key)
    if not number:
        return new_key()
    if number not in ids:
        row = await identity(unit, number)
        ids[number] = row["id"] if row else new_key()
    return ids[number]


async def _directory_id(unit: Unit, step: Step) -> str:
    """A new id, or that by which the directory knows whom the resource names."""
    directory = unit.office.directory
    row = await directory.known(unit.link, step.tree)
    if row is not None:
        return str(row["id"])
    names = keys(step.type, step.tree.get("identifier", []))
    return await directory.id_of(unit.link, step.type, names[0]) if names else new_key()


async def _record(unit: Unit, step: Step, made: dict[str, Step]) -> str:
    """The record that a new resource will be in: that of its compartment, or of what it points at."""
    definition = DEFINITIONS[step.type]
    found = step.survey.references if step.survey else []
    own = [one for one in found if definition.compartment and one.path == definition.compartment]
    for one in own or found:
        target = made.get(str(one.node.get("reference", "")))
        key = target.record if target else await unit.resolver.record_meant(step.tree, one)
        if key:
            return key
    raise unresolved(f"{step.type}.{definition.compartment or 'target'}")


def _citing(binary: Step, steps: list[Step]) -> str:
    """The record of the document of this transaction that cites a Binary, or ""."""
    names = _names(binary)
    for step in steps:
        if step.makes and step.type == "DocumentReference":
            cited = [one.node.get("url") for one in step.survey.attachments] if step.survey else []
            if any(url in names for url in cited):
                return step.record
    return ""


async def _link(unit: Unit, steps: list[Step]) -> None:
    """Rewrite what names an entry to the address that it gets."""
    unit.resolver.new |= {step.name for step in steps if step.makes}
    unit.binaries |= {s.id: s.tree for s in steps if s.makes and s.type == "Binary" and "." in s.id}
    names = {name: step.name for step in steps for name in _names(step)}
    for name in [name for name in names if ":" not in name]:
        kind, _, identifier = name.partition("/")
        if kind in DEFINITIONS and await unit.resolver.exists(kind, identifier):
            del names[name]  # it leads somewhere: that is what is meant
    for step in steps:
        for node, member in step.survey.links if step.survey else []:
            node[member] = names.get(node[member], node[member])
        for one in step.survey.attachments if step.survey else []:
            if one.node.get("url") in names:
                one.node["url"] = names[one.node["url"]]
        for one in step.survey.references if step.survey else []:
            if one.node.get("reference") in names:
                one.node["reference"] = names[one.node["reference"]]
        if "text" in step.tree and names:
            step.tree["text"]["div"] = relinked(step.tree["text"]["div"], names)


def _groups(steps: list[Step]) -> Iterator[list[Step]]:
    """The steps in their order; deposits one after the other that touch no other document are one group.

    They neither name a new document nor share a content: each may turn out to be there already.
    """
    new = {step.name for step in steps if step.makes and step.type == "DocumentReference"}
    cited = Counter(url for step in steps for url in _cited(step))

    def place(step: Step) -> int:
        named = {str(one.node.get("reference")) for one in step.survey.references} if step.survey else set()
        alone = all(cited[url] == 1 for url in _cited(step))
        together = step.name in new and alone and not step.tree.get("relatesTo") and named.isdisjoint(new)
        return -1 if together else step.place

    for _, group in groupby(steps, place):
        yield list(group)


def _cited(step: Step) -> set[str]:
    return {str(one.node["url"]) for one in step.survey.attachments if "url" in one.node} if step.survey else set()


async def _deposit(unit: Unit, steps: list[Step]) -> list[Written]:
    """Deposit documents together."""
    ready = []
    for step in steps:
        with at(step):
            ready.append(await deposits.prepare(unit, await unit.draft(step.tree, step.id, step.survey)))
    rows = await unit.insert_documents([(one.draft, one.moment) for one in ready])
    answers = []
    for step, deposit, row in zip(steps, ready, rows, strict=True):
        with at(step):
            answers.append(_told(unit, step, await deposits.conclude(unit, deposit, row)))
    return answers


async def _answered(records: Records, unit: Unit, step: Step, answer: object) -> object:
    """What the answer says of a write: its resource as its caller sees it, if it is asked for."""
    if not isinstance(answer, Written):
        return answer
    return await records.redacted(unit, answer) if step.entry.shown else replace(answer, stored=None)


async def _do(records: Records, unit: Unit, step: Step) -> object:
    entry = step.entry
    match entry.method:
        case "DELETE":
            if not step.id:
                return records.missed(unit, step.type, step.query)
            return await unit.delete(step.type, step.id, entry.if_match)
        case "PATCH":
            if entry.patch is None:
                raise RuntimeError
            return await unit.patch(step.type, step.id, entry.patch, entry.if_match)
    return await (_make(unit, step) if step.makes else _match(records, unit, step))


async def _ask(records: Records, unit: Unit, steps: list[Step]) -> None:
    """Put the questions, after the writes; all together have the time of one."""
    if steps:
        await unit.finish()
    async with bounded(unit.office):
        for step in steps:
            with at(step):
                step.answer = await step.entry.ask(records.inside(unit, step.query)) if step.entry.ask else None


async def _make(unit: Unit, step: Step) -> Written | None:
    """A new resource; None for a Binary that is kept with the document that cites it."""
    if step.type == "Binary" and any(step.id in those for those in (unit.binaries, unit.pending, unit.kept)):
        return None
    _follow(unit, step)
    judged = step.survey if step.type in JUDGED_ONCE else None
    return _told(unit, step, await unit.create(step.tree, step.id, judged))


def _told(unit: Unit, step: Step, written: Written) -> Written:
    """A deposit repeated after a lost answer is told what the first was told (api.md section 8)."""
    return replace(written, status=201) if step.id in unit.repeated else written


def _follow(unit: Unit, step: Step) -> None:
    """Point at the first deposit what points at one that was there already."""
    for one in step.survey.references if step.survey and unit.repeated else []:
        kind, _, identifier = str(one.node.get("reference", "")).partition("/")
        if identifier in unit.repeated:
            one.node["reference"] = f"{kind}/{unit.repeated[identifier]}"


async def _match(records: Records, unit: Unit, step: Step) -> Written:
    """A POST whose condition found something, or a PUT."""
    if step.matched:
        return await records.matched(unit, step.type, step.id)
    try:
        return await unit.update(step.type, step.id, {**step.tree, "id": step.id}, step.entry.if_match)
    except NotFound as unseen:
        raise no_such_place(unseen) from None
