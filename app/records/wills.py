"""The holder's will: Consents, care teams, the treating physician (policy.md section 5, api.md section 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, exists, select

from app.errors import BrokenRule, NotAllowed
from app.policy.facts import NOW, Relation, majority
from app.policy.guard import RECORD
from app.policy.writes import Act
from app.records import contacts, life, physician
from app.records.answer import Written
from app.records.attesting import OWN_WILL, attest
from app.records.judging import NOTHING
from app.records.physician import NOTICE
from app.records.redaction import refer
from app.records.relations import refuse_blocked, subjects
from app.resources import care_team, consent
from app.resources.consent import Category, ConsentRule
from app.resources.validation import parse
from app.settings import Opening
from app.storage.fence import Unjudged
from app.storage.rows import CLOCK, PAST, instant, later
from app.storage.statement import Statement
from app.storage.tables import TABLES, relation

if TYPE_CHECKING:
    from asyncpg import Record

    from app.records.draft import Draft
    from app.records.writing import Unit
    from app.resources.definition import Resource

GIVEN = {
    Category.OPENING: Act.OPEN,
    Category.AUTHORISATION: Act.AUTHORISE,
    Category.FULL_ACCESS: Act.GIVE_FULL_ACCESS,
    Category.BLOCK: Act.BLOCK,
    Category.EMERGENCY_OPPOSITION: Act.OPPOSE,
    Category.REPRESENTATION: Act.NAME_REPRESENTATIVE,
}
TAKEN_BACK = {
    Category.OPENING: Act.CLOSE,
    Category.AUTHORISATION: Act.END_AUTHORISATION,
    Category.FULL_ACCESS: Act.RESTORE,
    Category.BLOCK: Act.RESTORE,
    Category.EMERGENCY_OPPOSITION: Act.RESTORE,
    Category.REPRESENTATION: Act.NAME_REPRESENTATIVE,
}
"""The act that ends each kind of Consent."""
RIGHTS = "rights"
NOTICES = {
    Category.AUTHORISATION: RIGHTS,
    Category.FULL_ACCESS: RIGHTS,
    Category.BLOCK: RIGHTS,
    Category.EMERGENCY_OPPOSITION: RIGHTS,
}
"""What a change of each kind is told by; opening and closing are told as such."""

MINE = Statement(
    select(TABLES["Patient"].c.ins).where(TABLES["Patient"].c.record == bindparam("record", type_=Text)), Unjudged.FACT
)


async def create_consent(unit: Unit, draft: Draft) -> Written:
    """A Consent: opening, authorisation, full access, block, opposition or representation."""
    await _limit(unit, draft)
    rule = await _facts(unit, draft)
    objects = not rule.active and rule.category is Category.OPENING and _opened_by_itself(unit, draft.record)
    if not rule.active and not objects:
        raise BrokenRule("a Consent begins as active", reason="consent-not-active", expression=("Consent.status",))
    moment = await unit.judge_new(draft, [GIVEN[rule.category]])
    draft.notice = NOTICES.get(rule.category, "")
    if objects:
        await life.object_to(unit, draft.record)
    elif rule.category is Category.OPENING:
        draft.notice = life.OPENED
        await _open(unit, draft)
    elif rule.category is Category.AUTHORISATION:
        await _refuse_blocked(unit, draft, rule)
    elif rule.category is Category.REPRESENTATION:
        named = [str(actor.reference.get("reference", "")).removeprefix("RelatedPerson/") for actor in rule.actors]
        await contacts.first(unit, draft.record, *named)
    written = await unit.insert(draft, moment)
    if written is None:
        raise RuntimeError
    await attest(unit, draft, moment)
    return written


async def _limit(unit: Unit, draft: Draft) -> None:
    """A permission that names no end gets the one that the settings give its kind."""
    settings = unit.office.settings
    rule = consent.read(draft.tree, settings.codesystem_base)
    lengths = {Category.AUTHORISATION: settings.authorisation_days, Category.FULL_ACCESS: settings.full_access_days}
    days = lengths.get(rule.category, 0)
    if days and rule.ends is None:
        starts = max(rule.starts or PAST, await CLOCK.value(unit.link))
        draft.tree["provision"].setdefault("period", {})["end"] = instant(starts + timedelta(days=days))


def _opened_by_itself(unit: Unit, key: str) -> bool:
    """Whether this transaction made an identity whose record opens without a word (L.1111-14)."""
    return unit.office.settings.opening is Opening.AUTOMATIC and key in unit.bench.opened


async def _facts(unit: Unit, draft: Draft) -> ConsentRule:
    """Columns of a Consent that the policy reads; refuses an actor whom nobody is."""
    rule = consent.read(draft.tree, unit.office.settings.codesystem_base)
    if rule.starts and rule.ends and rule.starts >= rule.ends:
        path = ("Consent.provision.period",)
        raise BrokenRule("the period ends before it begins", reason="period-reversed", expression=path)
    refer(draft)
    names: list[str] = []
    by_name = True
    for index, actor in enumerate(rule.actors):
        if actor.group or rule.category is Category.REPRESENTATION:
            by_name = by_name and not actor.group
            continue
        found = [subject for subject, _ in await subjects(unit.link, actor.reference, draft.tree)]
        if not found:
            path = (f"Consent.provision.actor[{index}].reference",)
            raise BrokenRule("the actor has no identity to be known by", reason="unresolved-reference", expression=path)
        people = [subject for subject in found if subject.startswith("person|")]
        by_name = by_name and people == found
        names += people
    draft.becomes["beyond_persons"] = not by_name
    draft.facts |= {"category": rule.category.value, "active": rule.active, "names": names}
    return rule


async def _open(unit: Unit, draft: Draft) -> None:
    """Open the record of an identity (TD1.1)."""
    if _opened_by_itself(unit, draft.record):
        return
    status = (await unit.bench.standing(draft.record)).status
    if status == "closed":
        raise BrokenRule("a closed record is reopened by $reopen", reason="record-closed").about(draft.record)
    if status != "not-opened":
        raise BrokenRule("the record is open already", reason="record-open").about(draft.record)
    made = unit.made.get(draft.record)
    ins = made["ins"] if made else await MINE.value(unit.link, record=draft.record)
    if unit.office.settings.ins_required and ins is None:
        raise BrokenRule("a record is opened for a Patient with an INS", reason="ins-missing").about(draft.record)
    unit.bench.opened.add(draft.record)
    unit.begun.add(draft.record)
    await life.begin(unit, draft.record)


ALONE = Statement(
    select(TABLES["Patient"].c.id).where(
        TABLES["Patient"].c.record == RECORD,
        majority(TABLES["Patient"].c.birth_date) > NOW,
        ~exists().where(
            relation.c.record == TABLES["Patient"].c.record,
            relation.c.kind == Relation.REPRESENTS.value,
            relation.c.starts <= NOW,
            relation.c.ends > NOW,
        ),
    ),
    Unjudged.FACT,
)


async def refuse_alone(unit: Unit) -> None:
    """BrokenRule where this transaction opened the record of a minor whom nobody represents (L.1111-14)."""
    settings = unit.office.settings
    for key in sorted(unit.begun) if settings.minors_represented else ():
        if await ALONE.value(unit.link, record=key, majority_years=settings.majority_years) is not None:
            message = "the record of a minor opens with somebody who represents him"
            raise BrokenRule(message, reason="representative-missing").about(key)


async def _refuse_blocked(unit: Unit, draft: Draft, rule: ConsentRule) -> None:
    """An authorisation that another than the holder writes is an attestation: nobody blocked gets one."""
    if unit.access.kind not in OWN_WILL and unit.relations.blocks(draft.record):
        await refuse_blocked(unit.link, draft.record, rule, draft.tree, unit.access.subject)


async def update_consent(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A change of will: what it was is taken back, what it becomes is given.

    What was taken back before is given again only by who may take it back: to anybody else it is final.
    """
    rule = await _facts(unit, draft)
    before = consent.read(parse(row["body"]), unit.office.settings.codesystem_base)
    if rule.category is not before.category:
        path = ("Consent.category",)
        raise BrokenRule("a Consent keeps its category", reason="category-settled", expression=path)
    if rule.category is Category.OPENING:
        return await _update_opening(unit, draft, row, rule, interaction)
    acts = [TAKEN_BACK[rule.category], *([GIVEN[rule.category]] if rule.active else [])]
    moment = await unit.judge_row(draft, row, acts)
    if rule.active and rule.category is Category.AUTHORISATION:
        await _refuse_blocked(unit, draft, rule)
    draft.notice = NOTICES.get(rule.category, "")
    written = await unit.replace(draft, row, moment, interaction)
    await attest(unit, draft, moment)
    return written


async def _update_opening(unit: Unit, draft: Draft, row: Record, rule: ConsentRule, interaction: str) -> Written:
    """An opening that is made inactive closes the record (policy.md section 5, close)."""
    if rule.active:
        raise BrokenRule("the record is open already", reason="record-open").about(draft.record)
    moment = await unit.judge_row(draft, row, [Act.CLOSE])
    draft.notice = "closed"
    written = await unit.replace(draft, row, moment, interaction)
    await attest(unit, draft, moment)
    await life.close(unit, draft.record)
    return written


async def delete_consent(unit: Unit, row: Record) -> Written:
    """DELETE of a Consent is the same as making it inactive, never of an opening (api.md section 4)."""
    if row["category"] == Category.OPENING:
        raise NotAllowed("a record is closed by $close", reason="not-deleted", headers={"Allow": "GET, HEAD, PUT"})
    if not row["active"]:
        return unit.gone(row)
    tree = parse(row["body"])
    tree["status"] = "inactive"
    rule = consent.read(tree, unit.office.settings.codesystem_base)
    await unit.bench.act(TAKEN_BACK[rule.category], "Consent", row["record"], row["id"], NOTHING)
    version_id = await unit.rewrite("Consent", row, tree, {"active": False})
    told = NOTICES.get(rule.category, "")
    unit.note("delete", "Consent", row["id"], version_id, row["record"], secret=row["secret"], notice=told)
    return Written(None, 204, version_id=version_id)


async def create_team(unit: Unit, draft: Draft) -> Written:
    """A care team; one with a treating physician declares him."""
    acts = await _team_acts(unit, draft.tree)
    moment = await unit.judge_new(draft, acts)
    draft.notice = NOTICE if Act.NAME_TREATING in acts else ""
    written = await unit.insert(draft, moment)
    if written is None:
        raise RuntimeError
    if draft.notice:
        await physician.ask(unit, draft.record, moment)
    return written


async def _treating(unit: Unit, tree: Resource) -> list[object]:
    """Who is declared treating physician, from when until when; BrokenRule for somebody whom no token can name."""
    named: list[object] = []
    for one in care_team.treating(tree):
        people = [key for key, _ in await subjects(unit.link, one.reference, tree) if key.startswith("person|")]
        if len(people) != 1:
            message = "the treating physician is a professional with an identity to be known by"
            raise BrokenRule(message, reason="treating-physician", expression=("CareTeam.participant",))
        named.append((people[0], one.starts, one.ends))
    return named


async def _team_acts(unit: Unit, tree: Resource, before: Resource | None = None) -> list[Act]:
    """Naming the treating physician is one act, changing who is in the team another."""
    named = await _treating(unit, tree) != (await _treating(unit, before) if before else [])
    rest = [_others(one) for one in (tree, before or {})]
    changed = rest[0] != rest[1] if before else bool(rest[0])
    return [*([Act.NAME_TREATING] if named else []), *([Act.CHANGE_TEAM] if changed or not named else [])]


def _others(tree: Resource) -> list[object]:
    """Members of a team besides the treating physician, as they are named."""
    return [(one.reference, one.starts, one.ends) for one in care_team.members(tree) if not one.treating]


async def update_team(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A change of the care team."""
    acts = await _team_acts(unit, draft.tree, parse(row["body"]))
    moment = await unit.judge_row(draft, row, acts)
    if Act.NAME_TREATING in acts:
        draft.notice = NOTICE
        await physician.tell_former(unit, draft.record, moment)
    written = await unit.replace(draft, row, moment, interaction)
    if draft.notice:
        await physician.ask(unit, draft.record, moment)
    return written


async def delete_team(unit: Unit, row: Record) -> Written:
    """Take a care team away; whom it names as treating physician is it no longer."""
    before = parse(row["body"])
    treats = bool(care_team.treating(before))
    await unit.bench.act(
        Act.NAME_TREATING if treats else Act.CHANGE_TEAM, "CareTeam", row["record"], row["id"], NOTHING
    )
    if treats:
        await physician.tell_former(unit, row["record"], later(row["now"]))
    return await unit.remove("CareTeam", row, notice=NOTICE if treats else "")
