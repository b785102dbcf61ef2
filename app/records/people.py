"""Identities: the Patient, and the people related to the holder (policy.md section 5)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, insert, select

from app.errors import BrokenRule, Forbidden, Invalid
from app.policy.rules import PATIENT_REDUCED
from app.policy.writes import Act
from app.records import care, contacts, death
from app.records.answer import Stored, Written
from app.records.judging import NOTHING
from app.records.naming import new_key
from app.records.redaction import CLOSING, reduce
from app.resources import ins, related_person
from app.resources.validation import parse
from app.settings import Opening
from app.storage.fence import Unjudged, named
from app.storage.rows import later
from app.storage.statement import Statement
from app.storage.tables import INSTANT, TABLES, record
from app.storage.ways import patient_way

if TYPE_CHECKING:
    from asyncpg import Record

    from app.records.draft import Draft
    from app.records.writing import Unit
    from app.resources.definition import Resource

PATIENT = TABLES["Patient"]
INS = bindparam("ins", type_=Text)
_FOUND = select(patient_way.c.record).where(patient_way.c.ins == INS)
SAME_INS = Statement(
    select(PATIENT.c.id, PATIENT.c.version_id, PATIENT.c.last_updated, PATIENT.c.body, record.c.status)
    .select_from(PATIENT.join(record, record.c.id == PATIENT.c.record))
    .where(named(identity=_FOUND.scalar_subquery()), PATIENT.c.ins == INS),
    Unjudged.IDENTITY,
)
ONE_AT_A_TIME = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(INS, 0))))
"""Two who open a record for the same INS at once: the second waits, and finds the first one's."""
CURRENT = Statement(
    select(*PATIENT.c).where(PATIENT.c.record == bindparam("record", type_=Text)).with_for_update(), Unjudged.LOCKED
)
TRAITS = ("name", "birthDate", "gender")
"""Identity traits of a qualified INS, with the INS itself and the place of birth."""
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"


@lru_cache(maxsize=64)
def _both(names: tuple[str, ...]) -> Statement:
    """Adds a Patient of these columns, and his record."""
    given = {name: bindparam(name, type_=PATIENT.c[name].type) for name in names}
    columns = {
        "id": given["id"],
        "status": bindparam("record_status", type_=Text),
        "opened_at": bindparam("record_opened_at", type_=INSTANT),
    }
    made = insert(record).values(columns).cte("made")
    return Statement(insert(PATIENT).values(given).add_cte(made).returning(PATIENT.c.id), Unjudged.ADDED)


class AlreadyThere(Exception):  # noqa: N818 - an answer, not a fault
    """The INS has a record already: the first one is the answer, and nothing else of the request is applied.

    `place` is that of the Patient among the entries of a transaction.
    """

    def __init__(self, written: Written) -> None:
        super().__init__()
        self.written = written
        self.place = 0


async def create_patient(unit: Unit, draft: Draft) -> Written:
    """A new identity, and its record as the setting `opening` says."""
    judged = await unit.bench.alone(Act.CREATE_IDENTITY)
    bounded = unit.access.limits and unit.access.ceiling("Patient", "c") is not None
    if unit.access.record or bounded:  # whether another INS is known is nothing that such a token tells
        raise Forbidden("the token reaches one record, or some, and no other identity", reason="insufficient-scope")
    number = await _identify(unit, draft)
    known = await identity(unit, number) if number else None
    unit.identities.pop(number or "", None)
    if known is not None:
        return _known(known)
    draft.id = draft.id or new_key()
    draft.record = draft.id
    settings = unit.office.settings
    identified = bool(number) or not settings.ins_required
    opens = settings.opening is Opening.AUTOMATIC and identified and not death.said(draft.tree)
    draft.tree["active"] = opens or draft.id in unit.opening
    _close_mark(draft.tree, None)
    moment = later(judged["now"])
    values = {"record_status": "open" if opens else "not-opened", "record_opened_at": moment if opens else None}
    unit.bench.change(draft.id)
    if opens:
        unit.bench.opened.add(draft.id)
    written = await unit.insert(draft, moment, _both, **values)
    if written is None:
        raise RuntimeError
    if death.said(draft.tree):
        await death.keep(unit, draft.id, draft.tree)
    if opens:
        await contacts.first(unit, draft.id)
        await care.begin(unit, draft.id)
    return written


async def identity(unit: Unit, number: str) -> Record | None:
    """The identity that has an INS; nobody else makes one of it until this transaction ends.

    Whoever may make none waits for nobody.
    """
    if number not in unit.identities:
        with suppress(Forbidden):
            await unit.bench.alone(Act.CREATE_IDENTITY)
            await ONE_AT_A_TIME.run(unit.link, ins=number)
        unit.identities[number] = await SAME_INS.row(unit.link, ins=number)
    return unit.identities[number]


def _known(row: Record) -> Written:
    """The identity that is there: 200 with the reduced Patient; one whose record was never opened may be opened now."""
    stored = Stored("Patient", row["id"], row["version_id"], row["last_updated"], reduce(row["body"]))
    location = f"Patient/{stored.id}/_history/{stored.version_id}"
    written = Written(stored, 200, location, stored.version_id, stored.last_updated)
    if row["status"] != "not-opened":
        raise AlreadyThere(written)
    return written


async def _identify(unit: Unit, draft: Draft) -> str | None:
    """The INS of a Patient; Invalid where its key is wrong, a warning where the setting says so."""
    number, issues = ins.check_ins(draft.tree.get("identifier", []), unit.office.settings.ins_key)
    errors = tuple(issue for issue in issues if issue.severity == "error")
    if errors:
        raise Invalid(errors[0].diagnostics, reason=errors[0].reason, issues=errors)
    draft.warnings += tuple(issues)
    draft.facts |= {"ins": number, "birth_date": _birth(draft.tree)}
    return number


def _birth(tree: Resource) -> date | None:
    try:
        return date.fromisoformat(tree.get("birthDate", ""))
    except ValueError:
        return None


async def update_patient(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A change of identity; traits of a qualified INS only by a professional or desk agent.

    Who sees no more than the identifier changes no more than the traits: what he was not shown stays.
    """
    before = parse(row["body"])
    if row["reason"] == PATIENT_REDUCED.name or not row["visible"]:
        draft.tree = _merged(before, draft.tree)
    number = await _identify(unit, draft)
    differs = number != row["ins"] or _traits(before) != _traits(draft.tree)
    acts = [Act.IDENTIFY, Act.CHANGE_TRAITS] if row["ins"] and differs else [Act.IDENTIFY]
    moment = await unit.judge_row(draft, row, acts)
    if number and number != row["ins"]:
        await ONE_AT_A_TIME.run(unit.link, ins=number)
        if await SAME_INS.row(unit.link, ins=number) is not None:
            raise BrokenRule("the INS cannot be given to this Patient", reason="ins-taken")
    draft.tree["active"] = before.get("active", False)
    _close_mark(draft.tree, next((one for one in before.get("extension", []) if one.get("url") == CLOSING), None))
    if death.said(draft.tree) != death.said(before):
        await death.keep(unit, draft.record, draft.tree)
    return await unit.replace(draft, row, moment, interaction)


def _traits(tree: Resource) -> list[object]:
    """Identity traits of a Patient, less the INS."""
    return [*(tree.get(name) for name in TRAITS), _extensions(tree, BIRTH_PLACE)]


def _extensions(tree: Resource, url: str) -> list[dict[str, Any]]:
    return [one for one in tree.get("extension", []) if one.get("url") == url]


def _merged(before: Resource, sent: Resource) -> Resource:
    """A Patient with the traits that somebody sent who sees him reduced; all else as it was."""
    tree: Resource = {**before, **{name: sent[name] for name in TRAITS if name in sent}}
    if "identifier" in sent:
        tree["identifier"] = _identifiers(before.get("identifier", []), sent["identifier"])
        if not tree["identifier"]:
            del tree["identifier"]
    places = _extensions(sent, BIRTH_PLACE)
    if places:
        tree["extension"] = [one for one in before.get("extension", []) if one.get("url") != BIRTH_PLACE] + places
    return tree


def _identifiers(before: list[dict[str, Any]], sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The INS of those sent, beside what the sender was not shown: identifiers of other systems, former INS."""
    held = {_token(one) for one in sent if ins.is_ins(one)}
    kept = [one for one in before if not ins.is_ins(one) or _token(one) in held]
    known = {_token(one) for one in kept}
    return kept + [one for one in sent if one.get("system") in ins.SYSTEMS and _token(one) not in known]


def _token(identifier: dict[str, Any]) -> tuple[object, object]:
    return identifier.get("system"), identifier.get("value")


def _close_mark(tree: Resource, closing: dict[str, Any] | None) -> None:
    """Set the closing extension, or take it away: only the server writes it."""
    others = [one for one in tree.get("extension", []) if one.get("url") != CLOSING]
    tree["extension"] = others + ([closing] if closing else [])
    if not tree["extension"]:
        del tree["extension"]


async def activate(unit: Unit, key: str, *, active: bool, closing: dict[str, Any] | None = None) -> None:
    """Make `Patient.active` and the closing extension say what the record is now (P4D TD0.2)."""
    made = unit.made.get(key)
    if made and parse(made["body"]).get("active") is active and closing is None:
        return
    row = await CURRENT.row(unit.link, record=key)
    if row is None:
        return
    tree = parse(row["body"])
    if tree.get("active") is active and closing is None:
        return
    tree["active"] = active
    _close_mark(tree, closing)
    await unit.rewrite("Patient", row, tree)


async def create_related(unit: Unit, draft: Draft) -> Written:
    """Somebody close to the holder; a representative only at opening, or by the operator."""
    moment = await unit.judge_new(draft, [_act(draft.tree)])
    written = await unit.insert(draft, moment)
    if written is None:
        raise RuntimeError
    return written


def _act(tree: Resource) -> Act:
    return Act.NAME_REPRESENTATIVE if related_person.representation(tree) else Act.RELATE


async def update_related(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A change of who is close to the holder; to or from a relation that represents is naming a representative."""
    acts = sorted({_act(draft.tree), _act(parse(row["body"]))})
    moment = await unit.judge_row(draft, row, acts)
    return await unit.replace(draft, row, moment, interaction)


async def delete_related(unit: Unit, row: Record) -> Written:
    """Take somebody out of the record; his representation ends with it."""
    await unit.bench.act(_act(parse(row["body"])), "RelatedPerson", row["record"], row["id"], NOTHING)
    return await unit.remove("RelatedPerson", row)
