"""The relations of a record, made anew from its Consents, care teams and representatives.

They are the only source (policy.md section 2): whatever writes one of them calls `derive` in its own transaction, which
replaces every row but the emergency windows and raises the record's policy version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Text, and_, any_, bindparam, delete, exists, func, insert, not_, or_, select, update

from app.access import person_key, structure_key
from app.errors import BrokenRule
from app.policy.facts import NOW, Relation, majority
from app.resources import care_team, consent, related_person
from app.resources.consent import Category, group_key
from app.resources.reference import contained, target_type
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.rows import FUTURE, PAST
from app.storage.statement import Statement
from app.storage.tables import TABLES, identity, record, relation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from app.resources.consent import ConsentRule
    from app.resources.definition import Resource
    from app.settings import Settings
    from app.storage.session import Link

KEYED = {"Practitioner": person_key, "Organization": structure_key}
"""Types whose identifiers are keys."""
KEY = bindparam("record", type_=Text)
ID = bindparam("id", type_=Text)
WINDOWS = relation.c.source.like("window/%")

CONSENTS = Statement(
    select(TABLES["Consent"].c.id, TABLES["Consent"].c.body).where(
        TABLES["Consent"].c.record == KEY, TABLES["Consent"].c.active
    ),
    Unjudged.FACT,
)
TEAMS = Statement(
    select(TABLES["CareTeam"].c.id, TABLES["CareTeam"].c.body).where(TABLES["CareTeam"].c.record == KEY), Unjudged.FACT
)
PEOPLE = Statement(
    select(TABLES["RelatedPerson"].c.id, TABLES["RelatedPerson"].c.body).where(TABLES["RelatedPerson"].c.record == KEY),
    Unjudged.FACT,
)
OF_AGE = Statement(
    select(majority(TABLES["Patient"].c.birth_date)).where(TABLES["Patient"].c.record == KEY), Unjudged.FACT
)
KEYS = Statement(select(identity.c.key).where(identity.c.id == ID))
ROLE = Statement(select(TABLES["PractitionerRole"].c.body).where(TABLES["PractitionerRole"].c.id == ID))
CLEAR = Statement(delete(relation).where(relation.c.record == KEY, not_(WINDOWS)))
ADD = Statement(insert(relation))
BUMP = Statement(update(record).where(record.c.id == KEY).values(policy_version=record.c.policy_version + 1))
CLOCK = Statement(select(NOW))


def _barred() -> Any:  # noqa: ANN401 - a select of one boolean
    block, known, practice = relation.alias(), identity.alias(), TABLES["PractitionerRole"].alias()
    his = and_(
        known.c.key == bindparam("subject", type_=Text),
        func.concat("Practitioner/", known.c.id) == func.any(practice.c.p_practitioner),
    )
    covers = [
        exists().where(
            his,
            func.split_part(block.c.subject, "|", 1) == kind,
            _rest(block.c.subject)
            == any_(tokens),  # `func.any` of a function would stand on the left, where SQL wants none
        )
        for kind, tokens in (("profession", practice.c.p_role), ("specialty", practice.c.p_specialty))
    ]
    group = or_(block.c.subject.like("profession|%"), block.c.subject.like("specialty|%"))
    unknown = and_(bindparam("colleague", type_=Boolean), group, not_(exists().where(his)))
    in_force = [
        block.c.record == KEY,
        block.c.kind == Relation.BLOCKED.value,
        block.c.starts <= NOW,
        block.c.ends > NOW,
    ]
    return select(exists().where(*in_force, or_(block.c.subject == bindparam("subject", type_=Text), *covers, unknown)))


def _rest(key: ColumnElement[str]) -> ColumnElement[str]:
    """A key without its kind."""
    return func.substr(key, func.strpos(key, "|") + 1)


BARRED = Statement(_barred())
"""Whether a block in force covers a subject: by its key, or by the profession or specialty that the directory says a
`colleague` practises. Where the directory says nothing of him, any blocked profession or specialty does: what cannot be
established denies."""

_blocked, _treating = relation.alias(), relation.alias()
BLOCKED_TREATING = Statement(
    select(
        exists().where(
            _blocked.c.record == KEY,
            _blocked.c.kind == Relation.BLOCKED.value,
            _blocked.c.ends > NOW,
            _treating.c.record == _blocked.c.record,
            _treating.c.kind == Relation.TREATING.value,
            _treating.c.subject == _blocked.c.subject,
        )
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """One relation: a row of the table, less its record."""

    source: str
    kind: Relation
    subject: str
    within: str = ""
    starts: datetime = PAST
    ends: datetime = FUTURE


async def derive(link: Link, key: str, settings: Settings) -> None:
    """Make the relations of a record anew; BrokenRule when they contradict each other.

    A second treating physician, or a treating physician whom a block names, cannot be.
    """
    rows = await _rows(link, key, settings)
    treating = {row.subject for row in rows if row.kind is Relation.TREATING}
    if len({row.source for row in rows if row.kind is Relation.TREATING}) > 1 or len(treating) > 1:
        raise BrokenRule("the record has a treating physician already", reason="second-treating-physician")
    await CLEAR.run(link, record=key)
    for row in rows:
        values = {"source": row.source, "kind": row.kind.value, "subject": row.subject, "within": row.within}
        await ADD.run(link, record=key, starts=row.starts, ends=row.ends, **values)
    if await BLOCKED_TREATING.value(link, record=key):
        raise BrokenRule("the treating physician cannot be blocked", reason="treating-physician-blocked")
    await BUMP.run(link, record=key)


async def _rows(link: Link, key: str, settings: Settings) -> list[Row]:
    now = await CLOCK.value(link)
    people = {row["id"]: parse(row["body"]) for row in await PEOPLE.rows(link, record=key)}
    of_age = await OF_AGE.value(link, record=key, majority_years=settings.majority_years)
    rows: set[Row] = set()
    for row in await CONSENTS.rows(link, record=key):
        tree = parse(row["body"])
        rule = consent.read(tree, settings.codesystem_base)
        source = f"Consent/{row['id']}"
        if rule.category is Category.REPRESENTATION:
            rows |= set(_representation(source, rule, people, of_age))
        else:
            rows |= {one async for one in _consent(link, source, rule, tree)}
    for row in await TEAMS.rows(link, record=key):
        rows |= {one async for one in _team(link, f"CareTeam/{row['id']}", parse(row["body"]))}
    past_treating = [row for row in rows if row.kind is Relation.TREATING and row.ends <= now]
    return [row for row in rows.difference(past_treating) if row.ends > row.starts]


KINDS = {
    Category.AUTHORISATION: Relation.AUTHORISED,
    Category.FULL_ACCESS: Relation.FULL_ACCESS,
    Category.BLOCK: Relation.BLOCKED,
}


async def _consent(link: Link, source: str, rule: ConsentRule, tree: Resource) -> AsyncIterator[Row]:
    starts, ends = rule.starts or PAST, rule.ends or FUTURE
    if rule.category is Category.EMERGENCY_OPPOSITION:
        for purpose in rule.purposes:
            yield Row(source, Relation.OPPOSED, purpose)
        return
    kind = KINDS.get(rule.category)
    if kind is None:
        return
    for actor in rule.actors:
        named = [(actor.group, "")] if actor.group else await subjects(link, actor.reference, tree)
        for subject, within in named:
            yield Row(source, kind, subject, "" if kind is Relation.BLOCKED else within, starts, ends)


def _representation(
    source: str, rule: ConsentRule, people: dict[str, Resource], of_age: datetime | None
) -> Iterator[Row]:
    """The representative while his relation to the holder represents: a parent until majority (policy.md section 5)."""
    for actor in rule.actors:
        identifier = str(actor.reference.get("reference", "")).removeprefix("RelatedPerson/")
        link = related_person.representation(people.get(identifier, {}))
        if link is None:
            continue
        limits = [one for one in (rule.ends, link.ends) if one]
        if not link.guardian:
            limits.append(of_age or PAST)
        yield Row(
            source,
            Relation.REPRESENTS,
            f"related|{identifier}",
            starts=max([one for one in (rule.starts, link.starts) if one], default=PAST),
            ends=min(limits, default=FUTURE),
        )


async def _team(link: Link, source: str, tree: Resource) -> AsyncIterator[Row]:
    """Members, with a row for each period of one who left and came back: a repeated one's number ends its source."""
    met: set[tuple[str, str]] = set()
    for number, member in enumerate(care_team.members(tree)):
        starts, ends = member.starts or PAST, member.ends or FUTURE
        for subject, within in await subjects(link, member.reference, tree):
            if not subject.startswith("person|"):
                continue
            again = f"/{number}" if (subject, within) in met else ""
            met.add((subject, within))
            yield Row(source + again, Relation.MEMBER, subject, within, starts, ends)
            if member.treating:
                yield Row(source, Relation.TREATING, subject, "", starts, ends)


async def subjects(link: Link, reference: dict[str, Any], tree: Resource | None = None) -> list[tuple[str, str]]:
    """Keys that a Reference names, each with the structure that it is limited to or "".

    A PractitionerRole of the directory names its professional within its structure; without a professional it names the
    structure, or the one profession or specialty that it holds. A logical reference names whoever has that identifier,
    and so does a contained resource of `tree`.
    """
    target = reference.get("reference")
    inner = contained(tree or {}, reference)
    if inner is not None:
        return await _inside(link, inner, tree or {})
    if not target:
        return _logical(target_type(reference), reference.get("identifier", {}))
    kind, _, identifier = str(target).partition("/")
    if kind == "CareTeam":
        return [(f"team|{identifier}", "")]
    if kind in {"Practitioner", "Organization"}:
        return [(row["key"], "") for row in await KEYS.rows(link, id=identifier)]
    if kind == "PractitionerRole":
        return await _role(link, identifier)
    return []


def _logical(kind: str, token: dict[str, Any]) -> list[tuple[str, str]]:
    """The professional or structure of an identifier; nobody, where the identifier does not tell which it is."""
    make = KEYED.get(kind)
    system, value = token.get("system"), token.get("value")
    return [(make(system, value), "")] if make and system and value else []


async def _inside(link: Link, inner: Resource, tree: Resource) -> list[tuple[str, str]]:
    kind = inner["resourceType"]
    if kind == "PractitionerRole":
        return await _parts(link, inner, tree)
    return [found for token in inner.get("identifier", []) for found in _logical(kind, token)]


async def _role(link: Link, identifier: str) -> list[tuple[str, str]]:
    body = await ROLE.value(link, id=identifier)
    return await _parts(link, parse(body), {}) if body is not None else []


async def _parts(link: Link, role: Resource, tree: Resource) -> list[tuple[str, str]]:
    structures = [key for key, _ in await subjects(link, role["organization"], tree)] if "organization" in role else []
    if "practitioner" in role:
        people = [key for key, _ in await subjects(link, role["practitioner"], tree)]
        return [(person, structure) for person in people for structure in (structures or [""])]
    if structures:
        return [(structure, "") for structure in structures]
    only: Resource = {name: role[name] for name in ("resourceType", "code", "specialty") if name in role}
    group = group_key(only)
    return [(group, "")] if group else []


async def refuse_blocked(link: Link, key: str, rule: ConsentRule, tree: Resource, attester: str) -> None:
    """Nobody whom a block covers is authorised by attestation (policy.md section 5).

    The attester's own profession is in his token, and was judged with the act.
    """
    for actor in rule.actors:
        for subject, _ in [(actor.group, "")] if actor.group else await subjects(link, actor.reference, tree):
            colleague = subject.startswith("person|") and subject != attester
            if await BARRED.value(link, record=key, subject=subject, colleague=colleague):
                raise BrokenRule("whom the holder blocked is not authorised by attestation", reason="blocked")
