"""How each type is written: what it needs before it is kept, which acts it is, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BrokenRule, Forbidden, NotAllowed
from app.policy.writes import Act
from app.records import deposits, lists, people, telling, wills
from app.records.directory import keys
from app.records.reading import not_found
from app.records.redaction import refer
from app.records.relations import subjects

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Record

    from app.records.answer import Written
    from app.records.draft import Draft
    from app.records.writing import Unit


@dataclass(frozen=True, slots=True)
class Kind:
    """The writes of one type. `whole` says of a draft whether one statement keeps it, without a transaction around."""

    create: Callable[[Unit, Draft], Awaitable[Written]]
    update: Callable[[Unit, Draft, Record, str], Awaitable[Written]]
    delete: Callable[[Unit, Record], Awaitable[Written]]
    whole: Callable[[Draft, str], bool] = lambda *_: False


def settled(resource_type: str) -> NotAllowed:
    """What never changes is answered 405."""
    return NotAllowed(f"a {resource_type} does not change", reason="element-settled", headers={"Allow": "GET, HEAD"})


async def _no_update(_: Unit, draft: Draft, __: Record, ___: str) -> Written:
    raise settled(draft.type)


async def _no_delete(_: Unit, row: Record) -> Written:
    raise NotAllowed("this is not deleted", reason="not-deleted", headers={"Allow": "GET, HEAD"}).about(row["record"])


async def _deposit(unit: Unit, draft: Draft) -> Written:
    """A Provenance, deposited like the documents it is of."""
    refer(draft)
    draft.becomes |= {"holder_type": True, "reimbursement": True, "becomes_hidden": unit.access.secret}
    moment = await unit.judge_new(draft, [Act.DEPOSIT])
    written = await unit.insert(draft, moment)
    if written is None:
        raise RuntimeError
    return written


async def _remove_deposit(unit: Unit, row: Record) -> Written:
    if row["depositor"] != unit.access.depositor:
        raise Forbidden("only its depositor deletes this", reason="not-yours-to-do").about(row["record"])
    return await unit.remove("List", row)


async def _ask(unit: Unit, draft: Draft) -> Written:
    """A rectification: asked by the holder, owned by the depositor of the document it is about."""
    await _parties(unit, draft)
    if draft.facts["requester"] != unit.access.subject:
        raise BrokenRule("the requester is who asks", reason="requester-mismatch", expression=("Task.requester",))
    if not draft.facts["owner"]:
        raise BrokenRule("a rectification has an owner", reason="owner-missing", expression=("Task.owner",))
    moment = await unit.judge_new(draft, [Act.ASK_RECTIFICATION])
    await telling.tell(unit.link, draft.record, telling.RECTIFICATION, draft.facts["owner"], moment)
    written = await unit.insert(draft, moment)
    if written is None:
        raise RuntimeError
    return written


async def _parties(unit: Unit, draft: Draft) -> None:
    refer(draft)
    for name in ("requester", "owner"):
        reference = draft.tree.get(name, {})
        kind, _, identifier = reference.get("reference", "").partition("/")
        prefix = {"Patient": "holder", "RelatedPerson": "related"}.get(kind)
        found = (
            [(f"{prefix}|{identifier}", "")] if prefix else await subjects(unit.link, reference) if reference else []
        )
        draft.facts[name] = found[0][0] if found else ""


async def _answer(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    await _parties(unit, draft)
    if any(draft.facts[name] != row[name] for name in ("requester", "owner")):
        raise BrokenRule("a rectification keeps its requester and its owner", reason="element-settled")
    moment = await unit.judge_row(draft, row, [Act.ANSWER_RECTIFICATION])
    draft.notice = telling.RECTIFICATION
    return await unit.replace(draft, row, moment, interaction)


async def _import(unit: Unit, draft: Draft) -> Written:
    """A directory resource, entered by the operator; one that is there already by an identifier gets a new version."""
    await unit.bench.alone(Act.IMPORT)
    row = await unit.office.directory.known(unit.link, draft.tree)
    if row is not None:
        draft.id = row["id"]
        return await _enter(unit, draft, row)
    names = keys(draft.type, draft.tree.get("identifier", []))
    if names:
        draft.id = await unit.office.directory.id_of(unit.link, draft.type, names[0])
    return await _enter(unit, draft, None)


async def reimport(unit: Unit, draft: Draft, if_match: str | None) -> Written:
    """A new version of a directory resource, by the operator; NotFound where there is none of that id."""
    await unit.bench.alone(Act.IMPORT)
    row = await unit.office.directory.row(unit.link, draft.type, draft.id)
    if row is None:
        raise not_found()
    unit.check_version(row, if_match)
    return await _enter(unit, draft, row)


async def _enter(unit: Unit, draft: Draft, row: Record | None) -> Written:
    stored = await unit.office.directory.enter(unit.link, draft.tree, draft.id, row)
    interaction, status = ("create", 201) if row is None else ("update", 200)
    unit.note(interaction, draft.type, draft.id, stored.version_id, "")
    return unit.written(stored, status, draft.warnings)


KINDS: dict[str, Kind] = {
    "Patient": Kind(people.create_patient, people.update_patient, _no_delete),
    "RelatedPerson": Kind(people.create_related, people.update_related, people.delete_related),
    "CareTeam": Kind(wills.create_team, wills.update_team, wills.delete_team),
    "Consent": Kind(wills.create_consent, wills.update_consent, wills.delete_consent),
    "DocumentReference": Kind(deposits.create, deposits.update, deposits.erase, deposits.is_whole),
    "Binary": Kind(deposits.create_binary, _no_update, _no_delete),
    "List": Kind(lists.deposit, lists.change, _remove_deposit),
    "Provenance": Kind(_deposit, _no_update, _no_delete),
    "Task": Kind(_ask, _answer, _no_delete),
    "Practitioner": Kind(_import, _no_update, _no_delete),
    "PractitionerRole": Kind(_import, _no_update, _no_delete),
    "Organization": Kind(_import, _no_update, _no_delete),
}
"""The writes of every type. A test refuses a type that is not here; AuditEvents are written by the trail alone."""
